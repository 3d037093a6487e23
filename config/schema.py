"""What the OpenAPI description needs beyond what drf-spectacular finds by itself."""

from __future__ import annotations

from copy import deepcopy
from http import HTTPStatus

from django.core.validators import RegexValidator
from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from config.api import FIELDS, PARTIAL_DATE, Pages, SparseFields, ordering_parameter
from config.examples import ANSWERS, PARAMETERS, written
from config.fields import NOT_BLANK
from config.problems import CONTENT_TYPE

_PROBLEM = "#/components/schemas/Problem"
_JSON = "application/json"
#: Status → code of the example, and the words that describe the answer where the endpoint says nothing of its own.
_ERRORS = {
    "400": ("bad_parameter", "Something in the request cannot be understood."),
    "401": ("not_authenticated", "No token or session, or one that is not valid."),
    "403": ("permission_denied", "The role, or the token's scope, does not reach so far."),
    "404": ("not_found", "No such id was ever issued."),
    "406": ("not_acceptable", "`Accept` asks for what is not offered."),
    "409": ("conflict", "It contradicts what is there by now; nothing was changed."),
    "410": ("gone", "It was there, and was taken out of use for good."),
    "412": ("precondition_failed", "It was changed in the meantime: read it again."),
    "413": ("too_large", "The body is too large."),
    "415": ("unsupported_media_type", "The body is of a type that is not taken."),
    "422": ("idempotency_key_reused", "The Idempotency-Key was used for another request."),
    "428": ("precondition_required", "If-Match is missing."),
    "429": ("throttled", "Too many requests: see `Retry-After`."),
    "503": ("busy", "The database is busy: see `Retry-After`."),
}
_ALWAYS = ("400", "401", "403", "406", "429", "503")
_WITH_BODY = ("413", "415")


class TextsAreExact(OpenApiSerializerFieldExtension):
    """What ``config.fields.Text`` refuses, where nothing says more: NUL, and what is blank where it may not be."""

    target_class = "config.fields.Text"
    match_subclasses = True

    def map_serializer_field(self, auto_schema, direction):
        """The shape that drf-spectacular finds, with a pattern."""
        shape = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        if isinstance(shape.get("type"), list):
            # What may be null is told by drf-spectacular once more, of whatever an extension hands it.
            shape["type"] = next(one for one in shape["type"] if one != "null")
        is_shaped = any(isinstance(validator, RegexValidator) for validator in self.target.validators)
        if not is_shaped and not {"pattern", "enum", "format"} & shape.keys():
            # Where it may be blank, drf-spectacular adds the empty text as the other of two shapes.
            shape["pattern"] = r"^[^\u0000]+$" if self.target.allow_blank else NOT_BLANK
        return shape


class BodiesAreClosed(OpenApiSerializerExtension):
    """``config.fields.Closed``: what a body does not name, it may not hold."""

    target_class = "config.fields.Closed"
    match_subclasses = True

    def map_serializer(self, auto_schema, direction):
        """The shape that drf-spectacular finds, closed."""
        return auto_schema._map_serializer(self.target, direction, bypass_extensions=True) | {
            "additionalProperties": False
        }


class Description(AutoSchema):
    """Parameters that a view takes because of what it is made of."""

    def get_auth(self):
        """What is open while the pages are public needs nothing."""
        rule = getattr(self.view, "access", {}).get(self.method)
        return [*super().get_auth(), *([{}] if rule is not None and not rule.permission else [])]

    def get_override_parameters(self):
        """``fields`` of sparse views; ``page_size`` and ``ordering`` of lists."""
        found = list(super().get_override_parameters())
        if self.method != "GET":
            return found
        if isinstance(self.view, SparseFields):
            names = "|".join(self.view.get_serializer_class()().fields)
            shape = {"type": "string", "pattern": f"^( *({names}) *(, *({names}) *)*)?$"}
            example = ",".join([*self.view.get_serializer_class()().fields][1:3])
            found.append(
                OpenApiParameter(
                    "fields", shape, description=FIELDS.description, examples=[OpenApiExample("two", example)]
                )
            )
        pagination = getattr(self.view, "pagination_class", None)
        if self._is_list_view() and isinstance(pagination, type) and issubclass(pagination, Pages):
            found.append(
                OpenApiParameter(
                    "page_size",
                    {"type": "integer", "minimum": 1, "maximum": Pages.max_page_size},
                    description=f"{Pages.page_size} unless told, at most {Pages.max_page_size}.",
                )
            )
        if getattr(self.view, "orderings", None):
            found.append(ordering_parameter(self.view.orderings))
        return found


def errors_are_problems(result, generator, request, public):
    """Every operation names the errors that any may answer; every error is ``application/problem+json``."""
    for operations in result.get("paths", {}).values():
        for method, operation in operations.items():
            responses = operation["responses"]
            for status in (*_ALWAYS, *(_WITH_BODY if method not in ("get", "delete") else ())):
                responses.setdefault(status, {"description": _ERRORS[status][1]})
            for status, response in list(responses.items()):
                if status in _ERRORS:
                    responses[status] = _as_problem(status, response)
                elif status.startswith("2"):
                    response.setdefault("headers", {})["X-Request-ID"] = _header("Yours, or a new one.")
            for status in {"429", "503"} & responses.keys():
                responses[status]["headers"] = {"Retry-After": _header("Seconds.", "integer")}
            operation["responses"] = dict(sorted(responses.items()))
    result.setdefault("components", {}).setdefault("schemas", {}).setdefault("Problem", _problem_schema())
    return result


_DATES = ("on", "since", "until")
_CODES = {"kind", "type", "status", "verdict"}


def parameters_are_exact(result, generator, request, public):
    """What query parameters may hold, as it is checked: dates, text without NUL, and empty for absent filters; and that
    a file has to be sent, which drf-spectacular does not tell of bodies of several types."""
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            if "multipart/form-data" in operation.get("requestBody", {}).get("content", {}):
                operation["requestBody"]["required"] = True
            for parameter in operation.get("parameters", ()):
                if parameter["in"] != "query":
                    continue
                name, shape = parameter["name"], parameter["schema"]
                if name in _DATES:
                    shape["pattern"] = PARTIAL_DATE.regex.pattern.replace(r"\A", "^(").replace(r"\Z", ")?$")
                elif name in _CODES and "enum" in shape:
                    shape["enum"] = [*shape["enum"], ""]
                elif shape.get("type") == "string" and not {"enum", "pattern", "format"} & shape.keys():
                    shape["pattern"] = r"^[^\u0000]*$"
    return result


def _header(description: str, type_: str = "string") -> dict:
    return {"description": description, "schema": {"type": type_}}


def _as_problem(status: str, response: dict) -> dict:
    code, words = _ERRORS[status]
    example = {
        "type": "about:blank", "title": HTTPStatus(int(status)).phrase, "status": int(status), "code": code,
        "detail": response.get("description") or words, "request_id": "0f8b7c6d5e4f4a3b9c2d1e0f8a7b6c5d",
    }  # fmt: skip
    return {
        "description": response.get("description") or words,
        "content": {CONTENT_TYPE: {"schema": {"$ref": _PROBLEM}, "examples": {code: {"value": example}}}},
    }


def _problem_schema() -> dict:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "The shape of every error.",
        "properties": {
            "type": text, "title": text, "status": {"type": "integer"},
            "code": {"type": "string", "description": "Stable: programs may rely on it."}, "detail": text,
            "errors": {"type": "object", "additionalProperties": {}, "description": "By field."}, "request_id": text,
        },
        "required": ["type", "title", "status", "code", "detail"],
    }  # fmt: skip


def answers_have_examples(result, generator, request, public):
    """An example of what each operation answers, and of the parameters that are no plain words."""
    files = written()
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                id_ = operation["operationId"]
                example = ANSWERS.get(f"{id_} {status}", ANSWERS.get(id_))
                media = response.get("content", {}).get(_JSON)
                if status.startswith("2") and media is not None and example is not None and "examples" not in media:
                    media["examples"] = {"answer": {"value": deepcopy(example)}}
                for type_, examples in files.get(id_, {}).items() if status.startswith("2") else ():
                    found = {name: {"value": one} for name, one in examples.items()}
                    response.get("content", {}).get(type_, {})["examples"] = found
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in PARAMETERS and not {"example", "examples"} & parameter.keys():
                    parameter["example"] = PARAMETERS[parameter["name"]]
    return result


#: Objects of answers to ``fields=``: any field but the id may be left out.
SPARSE = (
    "FoundRecord", "RecordDetail", "Article", "ArticleDetail", "OwnedAlias", "OwnedTerm", "Merge", "FoundMention", "Link",
    "Pair", "Name", "Judgement",
)  # fmt: skip


def sparse_answers(result, generator, request, public):
    """Say of answers that ``fields=`` narrows that only the id is certain."""
    components = result.get("components", {}).get("schemas", {})
    for name in SPARSE:
        if name in components:
            components[name]["required"] = ["id"]
    return result
