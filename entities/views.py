"""The search page and the REST look-ups of records. A record's page shows articles, too: see ``articles.views``."""

from __future__ import annotations

import re

from django.db import transaction
from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page, require_safe
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.exceptions import NotAcceptable
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response

from config.access import READ, Rule, public_page
from config.api import (
    MAX_BODY_BYTES,
    Pages,
    SparseFields,
    check_body_size,
    page_size_of,
)
from config.idempotency import PARAMETER as IDEMPOTENCY_KEY
from config.idempotency import idempotent
from config.models import Scope
from config.preconditions import IF_MATCH, check_match, require_match, tagged
from config.problems import BadParameter, Gone, ProblemSerializer
from entities import reading
from entities.api.negotiation import NEGOTIATED, RENDERERS
from entities.api.redirects import survivor_of
from entities.api.writing import (
    CHANGE_ERRORS,
    POST_ERRORS,
    RecordCreateSerializer,
    RecordWriteSerializer,
    refusals_told,
)
from entities.editing import create_record, edit_record
from entities.filters import RecordFilter
from entities.matching.dates import PARTIAL_DATE
from entities.matching.types import Kind
from entities.models import Entity
from entities.search import MAX_QUERY_CHARS, MAX_RESULTS, search
from entities.serializers import FoundRecordSerializer, RecordDetailSerializer, found_record, terms_on

_RESULTS = 30
DATE = re.compile(PARTIAL_DATE)


@public_page
@require_safe
def home(request):
    """The search box, and what was found."""
    q = request.GET.get("q", "").replace("\0", "").strip()[:MAX_QUERY_CHARS]
    kind = request.GET.get("kind", "")
    kinds = [kind] if kind in set(Kind) else []
    on = request.GET.get("on", "").strip()
    bad_date = bool(on) and not DATE.fullmatch(on)
    hits = search(q, kinds=kinds, on="" if bad_date else on, limit=_RESULTS) if q else []
    context = {
        "q": q, "kind": kinds[0] if kinds else "", "on": on, "bad_date": bad_date, "hits": hits,
        "kinds": [(one.value, reading.KIND_PLURALS[one]) for one in Kind],
    }  # fmt: skip
    if not q:
        context["counts"] = _counts()
    return render(request, "entities/search.html", context, status=400 if bad_date else 200)


def _counts() -> list[tuple[str, str, int]]:
    counted = Entity.objects.counts_by_kind()
    return [(kind.value, reading.KIND_PLURALS[kind], counted[kind.value]) for kind in Kind if kind.value in counted]


def survivor_or_404(request, public_id: str, view: str) -> tuple[Entity | None, HttpResponse | None]:
    """The record of an id, with its facts; or, for a merged one, the redirect to where it lives on."""
    entity = get_object_or_404(Entity.objects.for_display(), public_id=public_id)
    if entity.is_current:
        return entity, None
    survivor = entity.merged_into or entity
    if survivor.suppressed_at is not None:
        return None, gone_page(request, survivor.suppressed_at)
    kept = f"?format={request.GET['format']}" if request.GET.get("format") in NEGOTIATED else ""
    moved = HttpResponsePermanentRedirect(reverse(view, args=[survivor.public_id]) + kept)
    moved.headers["Cache-Control"] = "no-cache"  # a merge can be taken back
    return None, moved


def gone_page(request, when) -> HttpResponse:
    """What stands at the address of something that was taken down: that it was, and on which day."""
    return render(request, "410.html", {"when": when}, status=410)


class RecordPages(Pages):
    """Records by name."""

    ordering = ("name", "pk")


ORDERINGS = {
    "name": ("name", "pk"), "-name": ("-name", "-pk"), "updated_at": ("updated_at", "pk"),
    "-updated_at": ("-updated_at", "-pk"),
}  # fmt: skip


_NOT_FOUND = OpenApiResponse(ProblemSerializer, description="No such id was ever issued.")
_REFUSED = OpenApiResponse(ProblemSerializer, description="A parameter cannot be understood.")


@extend_schema_view(
    get=extend_schema(
        operation_id="records_list",
        summary="Look up records",
        description=(
            "With `q` the records that the name may mean, best first, each with `score` and `reason`: exact names, "
            "names that begin so, parts of names, misspelt names, in any script. Such an answer is one page of at "
            "most `page_size`. Without `q` all records by name, in pages."
        ),
        parameters=[
            OpenApiParameter(
                "q", {"type": "string", "maxLength": MAX_QUERY_CHARS},
                description=f"A name of at most {MAX_QUERY_CHARS} characters, or an id, or a Wikidata id.",
                examples=[OpenApiExample("misspelt", value="Pezeshkan")],
            ),
            OpenApiParameter(
                "match", str, enum=["fuzzy", "exact"],
                description="With `q`. `exact`: ids, and names that are the same but for case, accents and punctuation.",
            ),
        ],
        responses={200: FoundRecordSerializer(many=True), 400: _REFUSED},
        tags=["records"],
    )
)  # fmt: skip
class RecordList(SparseFields, ListAPIView):
    """``GET /api/v1/records/``."""

    access = {"GET": READ, "POST": Rule(Scope.WRITE, "entities.add_entity")}
    serializer_class = FoundRecordSerializer
    pagination_class = RecordPages
    filterset_class = RecordFilter
    orderings = ORDERINGS
    queryset = Entity.objects.current()

    def list(self, request, *args, **kwargs):
        """A ranked page for ``q``, else a page of all."""
        asked = request.query_params
        q, match = asked.get("q", "").strip(), asked.get("match") or "fuzzy"
        if "\0" in q:
            raise BadParameter("q holds a NUL character.")
        if len(q) > MAX_QUERY_CHARS:
            raise BadParameter(f"q may hold at most {MAX_QUERY_CHARS} characters.")
        if q and asked.get("cursor"):
            raise BadParameter("With q there is one page: no cursor leads on.")
        if match not in ("fuzzy", "exact"):
            raise BadParameter("match is fuzzy or exact.")
        given = {name for name in RecordFilter.base_filters if asked.get(name)}
        kind = asked.get("kind", "")
        # A look-up by name alone needs no filters, whose forms cost as much as the look-up.
        records = None
        if not q or given - {"kind"} or (kind and kind not in set(Kind)):
            records = self.filter_queryset(self.get_queryset())
        on = asked.get("on", "").strip()
        if q:
            hits = search(
                q, kinds=[kind] if kind else (), on=on, within=records, exact=match == "exact",
                limit=min(MAX_RESULTS, page_size_of(request, Pages.page_size, Pages.max_page_size)),
            )  # fmt: skip
            rows = [found_record(hit.entity, score=hit.score, reason=hit.reason, terms=hit.terms) for hit in hits]
            return Response({"next": None, "previous": None, "results": rows})
        page = self.paginate_queryset(records)
        terms = terms_on(page, on) if on else {}
        return self.get_paginated_response([found_record(entity, terms=terms.get(entity.pk, ())) for entity in page])

    @extend_schema(
        operation_id="records_create", summary="Make a record", tags=["records"], parameters=[IDEMPOTENCY_KEY],
        request=RecordCreateSerializer, responses={201: RecordDetailSerializer, **POST_ERRORS},
        examples=[
            OpenApiExample(
                "a person", value={"kind": "person", "name": "Masoud Pezeshkian", "valid_from": "1954-09-29"},
                request_only=True,
            )
        ],
    )  # fmt: skip
    @idempotent
    def post(self, request):
        """Store it with its name as its first alias; its fields are a person's, whom no import overrules."""
        asked = RecordCreateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = dict(asked.validated_data)
        reason = data.pop("reason")
        with refusals_told():
            entity = create_record(Entity(**data), request.user, reason)
        entity = Entity.objects.for_display().get(pk=entity.pk)
        return Response(
            RecordDetailSerializer(entity).data, status=201,
            headers={"Location": reverse("api-record", args=[entity.public_id]), "ETag": f'"{entity.version}"'},
        )  # fmt: skip


@method_decorator(conditional_page, name="dispatch")
@extend_schema_view(
    get=extend_schema(
        operation_id="records_retrieve",
        summary="One record with all its facts",
        description=(
            "Every fact with its source and licence. A merged id answers 308 to the record it lives on in; with "
            "`redirect=no` it shows what is left of it, as JSON alone, with `merged_into`. Answers carry an ETag. By "
            "`Accept`, or `format`, also as JSON-LD (schema.org), N-Triples or FollowTheMoney."
        ),
        parameters=[
            OpenApiParameter("redirect", str, enum=["yes", "no"], description="`no`: show a merged record itself."),
        ],
        responses={
            (200, "application/json"): RecordDetailSerializer,
            **{(200, one.media_type): one.schema for one in NEGOTIATED.values()},
            308: OpenApiResponse(description="Merged: the address of the surviving record is in `Location`."),
            404: _NOT_FOUND,
            410: OpenApiResponse(ProblemSerializer, description="The record was taken down."),
        },
        tags=["records"],
    )
)
class RecordDetail(SparseFields, RetrieveAPIView):
    """``GET /api/v1/records/{public_id}/``."""

    access = {"GET": READ, "PATCH": Rule(Scope.WRITE, "entities.change_entity")}
    serializer_class = RecordDetailSerializer
    queryset = Entity.objects.for_display()
    lookup_field = "public_id"

    @property
    def default_response_headers(self):
        """What an answer is depends on ``Accept``."""
        return {**super().default_response_headers, "Vary": "Accept"}

    def get_renderers(self):
        """Reads come in several formats, answers to writes as JSON."""
        if self.request is not None and self.request.method not in ("GET", "HEAD", "OPTIONS"):
            return super().get_renderers()
        return [*super().get_renderers(), *(renderer() for renderer in RENDERERS.values())]

    def retrieve(self, request, *args, **kwargs):
        """The record, or the way to where it lives on."""
        entity = self.get_object()
        wanted = request.query_params.get("redirect") or "yes"
        if wanted not in ("yes", "no"):
            raise BadParameter("redirect is yes or no.")
        format = request.accepted_renderer.format
        survivor = entity.merged_into or entity
        if survivor.suppressed_at is not None:
            raise Gone(f"This record was taken down on {survivor.suppressed_at:%Y-%m-%d}.")
        if wanted == "yes":
            moved = survivor_of(entity, request, "api-record")
            if moved is not None:
                if format != "json":
                    moved.data = b""
                return moved
        elif format != "json" and not entity.is_current:
            raise NotAcceptable("What is left of a merged record is shown as JSON alone.")
        if format != "json":
            base = request.build_absolute_uri("/").rstrip("/")
            return tagged(Response(NEGOTIATED[format].write(entity, base).encode()), entity.version)
        return tagged(Response(self.get_serializer(entity).data), entity.version)

    @extend_schema(
        operation_id="records_update", summary="Change a record's fields", tags=["records"], parameters=[IF_MATCH],
        description="What is sent is set, the rest stays. A merged record is not changed: 409 names the survivor.",
        request=RecordWriteSerializer(partial=True), responses={200: RecordDetailSerializer, **CHANGE_ERRORS},
        examples=[
            OpenApiExample("a death", value={"valid_to": "2026-01-02", "reason": "obituary"}, request_only=True)
        ],
    )  # fmt: skip
    def patch(self, request, public_id):
        """Set the fields that were sent."""
        check_body_size(request, MAX_BODY_BYTES)
        require_match(request)
        with transaction.atomic(), refusals_told():
            entity = get_object_or_404(Entity.objects.select_for_update(), public_id=public_id)
            check_match(request, entity.version)
            asked = RecordWriteSerializer(entity, data=request.data, partial=True)
            asked.is_valid(raise_exception=True)
            data = dict(asked.validated_data)
            reason = data.pop("reason", "")
            for name, value in data.items():
                setattr(entity, name, value)
            edit_record(entity, request.user, reason)
            entity = self.get_queryset().get(pk=entity.pk)
        return tagged(Response(RecordDetailSerializer(entity).data), entity.version)
