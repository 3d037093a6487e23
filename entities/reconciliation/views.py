"""The endpoints: 0.2 at ``/reconcile/``, the 1.0 draft at ``/reconcile/v1/``; both readable from any origin."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

from csp.decorators import csp_replace
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.clickjacking import xframe_options_exempt
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from config.access import MayRead
from config.api import check_body_size
from config.authentication import BearerToken
from config.parsing import BoundedJSONParser
from config.problems import BadParameter, Gone, TooLarge
from config.throttling import PerScope
from entities import reading
from entities.matching.types import Kind
from entities.models import Entity
from entities.reconciliation import services
from entities.reconciliation.queries import BATCH_SIZE, MAX_QUERIES, Asked, clean, kinds_of, read_v02, read_v1
from entities.reconciliation.services import Found
from entities.reconciliation.vocabulary import TYPE_NAMES, properties_like, types_like

_MAX_BYTES = 5_000_000
_PREVIEW = {"width": 430, "height": 200}
_CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,100}(?:\.[A-Za-z_$][\w$]{0,100}){0,5}", re.ASCII)
_SUGGESTED = 10


def _type(kind: str) -> dict:
    return {"id": str(kind), "name": TYPE_NAMES[Kind(kind)]}


class ReconciliationView(APIView):
    """What all endpoints share: any origin may read them, nobody's cookies count, answers may be JSONP."""

    authentication_classes = [BearerToken]  # no cookies: a page of another origin must never act for its reader
    permission_classes = [MayRead]
    parser_classes = [BoundedJSONParser, FormParser, MultiPartParser]
    throttle_classes = [*APIView.throttle_classes, PerScope]
    throttle_scope = "match"

    def initial(self, request, *args, **kwargs):
        """Refuse a body by its stated length, before any of it is read."""
        check_body_size(request, _MAX_BYTES)
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request, response, *args, **kwargs):
        """Any origin may read; a callback wraps the answer."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        if request.method == "OPTIONS":
            response["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
            response["Access-Control-Allow-Headers"] = "Content-Type, Accept, Accept-Language, Authorization"
            response["Access-Control-Max-Age"] = "86400"
        callback = request.GET.get("callback", "")
        if callback and request.method == "GET" and response.status_code == 200 and isinstance(response, Response):
            if not _CALLBACK.fullmatch(callback):
                return self._refused("callback: a JavaScript name is wanted.")
            # The comment keeps the answer from being read as anything that begins with the callback's letters.
            script = HttpResponse(
                f"/**/{callback}({json.dumps(response.data)});", content_type="application/javascript; charset=utf-8"
            )
            script["X-Content-Type-Options"] = "nosniff"
            script["Access-Control-Allow-Origin"] = "*"
            return script
        return response

    def _refused(self, detail: str) -> HttpResponse:
        answer = HttpResponse(
            json.dumps({"type": "about:blank", "title": "Bad Request", "status": 400, "code": "bad_parameter", "detail": detail}),
            status=400, content_type="application/problem+json",
        )  # fmt: skip
        answer["Access-Control-Allow-Origin"] = "*"
        return answer


def _json(text: object, what: str):
    """A form field that holds JSON.

    Raises:
        BadParameter: if it does not.
    """
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise BadParameter(f"{what}: that is no JSON.") from error


def _page(request) -> tuple[str, int, int]:
    """What was typed, and which part of the answer is wanted."""
    number = request.query_params.get("cursor") or request.query_params.get("offset") or "0"
    limit = request.query_params.get("limit") or ""
    first = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    wanted = int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 6 else _SUGGESTED
    return clean(request.query_params.get("prefix", ""), 200), min(first, 100), max(1, min(wanted, 50))


def _candidate(found: Found) -> dict:
    return {
        "id": found.entity.public_id,
        "name": found.entity.name,
        "description": reading.description_of(found.entity) or "",
        "type": [_type(found.entity.kind)],
        "score": found.score,
        "match": found.match.is_match,
        "features": [{"id": name, "value": value} for name, value in found.match.features.items()],
    }


@extend_schema(exclude=True)
class Service(ReconciliationView):
    """``/reconcile/``: manifest, queries and data extension of version 0.2."""

    def get(self, request):
        """The manifest; or, with ``queries``, ``query`` or ``extend``, an answer to them."""
        return self._answer(request.query_params) or Response(_manifest(request))

    def post(self, request):
        """An answer to ``queries``, ``query`` or ``extend``."""
        fields = request.data if hasattr(request.data, "get") else {}
        answer = self._answer(fields)
        if answer is None:
            raise BadParameter("queries, query or extend is wanted.")
        return answer

    def _answer(self, fields) -> Response | None:
        if fields.get("queries") is not None:
            return self._queries(fields["queries"])
        if fields.get("query") is not None:
            return self._query(fields["query"])
        if fields.get("extend") is not None:
            return self._extend(fields["extend"])
        return None

    def _queries(self, given) -> Response:
        queries = _json(given, "queries") if isinstance(given, str) else given
        if not isinstance(queries, dict):
            raise BadParameter("queries: an object of queries by key is wanted.")
        if len(queries) > MAX_QUERIES:
            raise TooLarge(f"A batch may hold at most {MAX_QUERIES} queries.")
        answers = services.reconcile([read_v02(query) for query in queries.values()])
        return Response(
            {key: {"result": [_candidate(one) for one in found]} for key, found in zip(queries, answers, strict=True)}
        )

    def _query(self, given) -> Response:
        """A single query, as version 0.1 had it: a name, or an object."""
        query = _json(given, "query") if isinstance(given, str) and given.lstrip().startswith("{") else given
        [found] = services.reconcile([read_v02(query)])
        return Response({"result": [_candidate(one) for one in found]})

    def _extend(self, given) -> Response:
        wanted = _json(given, "extend") if isinstance(given, str) else given
        ids, properties = _extension_of(wanted)
        found = services.extend(ids, properties)
        meta = [
            {"id": one.id, "name": one.name} | ({"type": _type(Kind.STATE)} if one.id == "state" else {})
            for one in found.properties
        ]
        return Response({"meta": meta, "rows": found.rows})


def _extension_of(wanted: object) -> tuple[list[str], list[tuple[str, dict]]]:
    if (
        not isinstance(wanted, dict)
        or not isinstance(wanted.get("ids"), list)
        or not isinstance(wanted.get("properties"), list)
    ):
        raise BadParameter("extend: an object with ids and properties is wanted.")
    if len(wanted["ids"]) > services.MAX_EXTENDED or len(wanted["properties"]) > services.MAX_PROPERTIES:
        raise TooLarge(f"At most {services.MAX_EXTENDED} ids and {services.MAX_PROPERTIES} properties at a time.")
    properties = []
    for one in wanted["properties"]:
        if not isinstance(one, dict) or not isinstance(one.get("id"), str):
            raise BadParameter("extend: a property is an object with an id.")
        settings = one.get("settings")
        properties.append((clean(one["id"], 100), settings if isinstance(settings, dict) else {}))
    if not all(isinstance(id_, str) for id_ in wanted["ids"]):
        raise BadParameter("extend: an id is a text.")
    return [clean(id_, 100) for id_ in wanted["ids"]], properties


def _manifest(request) -> dict:
    root = request.build_absolute_uri("/reconcile").rstrip("/")
    site = request.build_absolute_uri("/").rstrip("/")
    suggest = {
        what: {"service_url": root, "service_path": f"/suggest/{what}"} for what in ("entity", "type", "property")
    }
    return {
        "versions": ["0.1", "0.2"],
        "name": "Refdesk",
        "identifierSpace": f"{site}/records/",
        "schemaSpace": f"{site}/reconcile/",
        "documentation": f"{site}/api/docs/",
        "defaultTypes": [_type(kind) for kind in Kind],
        "view": {"url": f"{site}/records/{{{{id}}}}/"},
        "preview": {"url": f"{root}/preview/{{{{id}}}}/", **_PREVIEW},
        "suggest": suggest,
        "extend": {
            "propose_properties": {"service_url": root, "service_path": "/properties"},
            "property_settings": [
                {
                    "name": "limit", "label": "Limit", "type": "number", "default": 0,
                    "help_text": "How many values of a record at most; 0 for all.",
                }
            ],
        },
        "batchSize": BATCH_SIZE,
    }  # fmt: skip


@extend_schema(exclude=True)
class Suggest(ReconciliationView):
    """``/reconcile/suggest/{entity,type,property}`` of both versions."""

    def get(self, request, what):
        """What the letters typed so far may become."""
        prefix, first, limit = _page(request)
        kinds = kinds_of(request.query_params.getlist("type"))
        return Response({"result": _suggestions(what, prefix, first, limit, kinds)})


def _suggestions(what: str, prefix: str, first: int, limit: int, kinds: tuple[str, ...] | None) -> list[dict]:
    if what == "entity":
        if kinds is None:
            return []
        return [
            {
                "id": entity.public_id, "name": entity.name, "description": reading.description_of(entity) or "",
                "notable": [_type(entity.kind)],
            }
            for entity in services.suggest_entities(prefix, first, limit, kinds)
        ]  # fmt: skip
    if what == "type":
        return [_type(kind) for kind in types_like(prefix)][first : first + limit]
    return [{"id": one.id, "name": one.name} for one in properties_like(prefix)][first : first + limit]


@extend_schema(exclude=True)
class Properties(ReconciliationView):
    """``/reconcile/properties``: which columns a table of a type can be extended by."""

    def get(self, request):
        """Every property of the type."""
        kind = clean(request.query_params.get("type", ""), 100)
        limit = request.query_params.get("limit", "")
        wanted = int(limit) if limit.isascii() and limit.isdigit() and 0 < len(limit) < 6 else None
        # "on" only asks; no record has a value of it.
        listed = [{"id": one.id, "name": one.name} for one in properties_like(kind=kind) if one.id != "on"]
        body = {"properties": listed[: wanted or None]}
        if kind:
            body["type"] = kind
        if wanted:
            body["limit"] = wanted
        return Response(body)


@method_decorator(xframe_options_exempt, name="dispatch")
@method_decorator(csp_replace({"frame-ancestors": ["*"]}), name="dispatch")
@extend_schema(exclude=True)
class Preview(ReconciliationView):
    """``/reconcile/preview/{id}/``: a record in a few lines, to be shown in a frame of another site."""

    def get(self, request, public_id=""):
        """The page; a merged record's is its survivor's."""
        public_id = public_id or clean(unquote(request.query_params.get("id", "")), 100)
        entity = get_object_or_404(Entity.objects.for_display(), public_id=public_id)
        survivor = entity.merged_into or entity
        if survivor.suppressed_at is not None:
            raise Gone("This record was taken down.")
        if not entity.is_current:
            moved = redirect("reconcile-preview", public_id=survivor.public_id, permanent=True, preserve_request=True)
            moved["Cache-Control"] = "no-cache"  # a merge can be taken back
            return moved
        names = [alias.name for alias in entity.aliases.all() if alias.type != "metonym" and alias.name != entity.name]
        offices = [
            " ".join(
                filter(
                    None,
                    (
                        row.title,
                        f"({row.where})" if row.where else "",
                        reading.span_in_words(row.start, row.end, row.as_of),
                    ),
                )
            )
            for row in reading.term_rows(entity.terms.all())[:3]
        ]
        context = {
            "entity": entity,
            "address": request.build_absolute_uri(entity.get_absolute_url()),
            "description": reading.description_of(entity),
            "span": reading.span_in_words(entity.valid_from, entity.valid_to),
            "offices": offices,
            "aliases": list(dict.fromkeys(names))[:8],
        }
        return render(request._request, "entities/preview.html", context)


# --- The 1.0 draft ----------------------------------------------------------------------------------------------------
@extend_schema(exclude=True)
class DraftManifest(ReconciliationView):
    """``/reconcile/v1/``."""

    def get(self, request):
        """What the service can do."""
        site = request.build_absolute_uri("/").rstrip("/")
        return Response(
            {
                "versions": ["1.0-draft"],
                "name": "Refdesk",
                "documentation": f"{site}/api/docs/",
                "defaultTypes": [_type(kind) for kind in Kind],
                "view": {"url": f"{site}/records/{{id}}/"},
                "preview": _PREVIEW,
                "suggest": {"entity": True, "type": True, "property": True},
                "extend": {
                    "proposeProperties": True,
                    "propertySettings": [
                        {
                            "id": "limit", "name": "Limit", "type": "number", "default": 0,
                            "helpText": "How many values of a record at most; 0 for all.",
                        }
                    ],
                },
                "batchSize": BATCH_SIZE,
                "standardizedScore": True,
                "lang": "en",
                "dir": "ltr",
            }
        )  # fmt: skip


@extend_schema(exclude=True)
class DraftMatch(ReconciliationView):
    """``/reconcile/v1/match``."""

    parser_classes = [BoundedJSONParser]

    def post(self, request):
        """Candidates for each query, in their order."""
        data = request.data
        queries = data.get("queries") if isinstance(data, dict) else data  # the prose of the draft says: an array
        if not isinstance(queries, list):
            raise BadParameter("queries: a list is wanted.")
        if len(queries) > MAX_QUERIES:
            raise TooLarge(f"A batch may hold at most {MAX_QUERIES} queries.")
        asked, errors = [], {}
        for number, query in enumerate(queries):
            try:
                asked.append(read_v1(query))
            except ValueError as error:
                asked.append(Asked())
                errors[number] = {"error": str(error)}  # a key of our own, for which the draft leaves room
        answers = services.reconcile(asked)
        results = [{"candidates": [_draft_candidate(one) for one in found]} for found in answers]
        return Response({"results": [result | errors.get(number, {}) for number, result in enumerate(results)]})


def _draft_candidate(found: Found) -> dict:
    candidate = _candidate(found)
    candidate["features"] = [feature | {"name": _feature_name(feature["id"])} for feature in candidate["features"]]
    return candidate


def _feature_name(id_: str) -> str:
    return id_.replace("_", " ").capitalize()


@extend_schema(exclude=True)
class DraftExtend(ReconciliationView):
    """``/reconcile/v1/extend``."""

    parser_classes = [BoundedJSONParser]

    def post(self, request):
        """Values of properties, a row for each id."""
        ids, properties = _extension_of(request.data)
        found = services.extend(ids, properties)
        return Response(
            {
                "meta": [{"id": one.id, "name": one.name} for one in found.properties],
                "rows": [
                    {
                        "id": id_,
                        "properties": [{"id": name, "values": values} for name, values in found.rows[id_].items()],
                    }
                    for id_ in dict.fromkeys(ids)
                ],
            }
        )
