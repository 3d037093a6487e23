"""A record in other formats than JSON and HTML, by ``Accept`` or ``?format=``: on its page and in the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from drf_spectacular.types import OpenApiTypes

from config.parsing import EscapingJSONRenderer
from entities.exporting import followthemoney, linked_data
from entities.models import Entity


@dataclass(frozen=True, slots=True)
class Negotiated:
    """A format: its media type, how a record (loaded for display) is written, and its shape in the description."""

    media_type: str
    write: Callable[[Entity, str], str]
    schema: object


def _ftm(entity: Entity, base: str) -> str:
    states = {one.target_id for one in entity.relations.all() if one.target_id}
    codes = followthemoney.country_codes(
        states | {term.state_id for term in entity.terms.all() if term.state_id} | {entity.pk}
    )
    found = [proxy.as_dict() for proxy in followthemoney.proxies_of(entity, base, codes)]
    return json.dumps(found, ensure_ascii=False)


#: By the name that ``?format=`` takes.
NEGOTIATED = {
    "jsonld": Negotiated(
        "application/ld+json",
        lambda entity, base: json.dumps(linked_data.one_document(entity, base), ensure_ascii=False), OpenApiTypes.OBJECT,
    ),
    "nt": Negotiated(
        "application/n-triples",
        lambda entity, base: "".join(
            linked_data.triples_of(linked_data.node_of(entity, base), entity.public_id)
        ),
        OpenApiTypes.STR,
    ),
    "ftm": Negotiated(
        "application/vnd.followthemoney+json", _ftm, {"type": "array", "items": {"type": "object"}}
    ),
}  # fmt: skip


class WrittenRenderer(EscapingJSONRenderer):
    """Hands on what is written already; an error is JSON all the same."""

    def render(self, data, accepted_media_type=None, renderer_context=None):
        """Bytes as they are."""
        return data if isinstance(data, bytes) else super().render(data, accepted_media_type, renderer_context)


def renderer_of(format: str, media_type: str) -> type[WrittenRenderer]:
    """A renderer class for a format."""
    return type(f"{format.title()}Renderer", (WrittenRenderer,), {"format": format, "media_type": media_type})


RENDERERS = {name: renderer_of(name, one.media_type) for name, one in NEGOTIATED.items()}


def as_data(request: HttpRequest, entity: Entity) -> HttpResponse | None:
    """The record as data, where the reader of its page prefers that; None for the page itself."""
    format = request.GET.get("format", "")
    if format not in NEGOTIATED:
        types = {one.media_type: name for name, one in NEGOTIATED.items()}
        preferred = request.get_preferred_type(["text/html", *types]) if request.headers.get("Accept") else None
        format = types.get(preferred or "", "")
    if not format:
        return None
    base = request.build_absolute_uri("/").rstrip("/")
    answer = HttpResponse(NEGOTIATED[format].write(entity, base), content_type=NEGOTIATED[format].media_type)
    patch_vary_headers(answer, ["Accept"])
    return answer
