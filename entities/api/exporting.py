"""``GET /api/v1/export/records/``: records in every format of ``entities.exporting``, streamed."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import GenericAPIView

from config.access import Rule
from config.models import Scope
from entities.api.negotiation import renderer_of
from entities.api.writing import READ_ERRORS
from entities.exporting import FORMATS
from entities.filters import RecordFilter
from entities.models import Entity


def shape_of(media_type: str) -> OpenApiTypes:
    """What an export of this type is: one JSON object, or text."""
    return OpenApiTypes.OBJECT if media_type == "application/ld+json" else OpenApiTypes.STR


def streamed(pieces, media_type: str, name: str) -> StreamingHttpResponse:
    """An answer that is sent as it is made."""
    answer = StreamingHttpResponse((piece.encode() for piece in pieces), content_type=f"{media_type}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Vary"] = "Accept"
    answer["X-Accel-Buffering"] = "no"
    return answer


def renderers_of(formats: Mapping) -> list:
    """For ``renderer_classes``: the formats by their names."""
    return [renderer_of(name, one.media_type) for name, one in formats.items()]


def answers_of(formats: Mapping) -> dict:
    """For ``responses``: an export in each of the formats, or what went wrong."""
    exports = {
        (200, media_type): OpenApiResponse(shape_of(media_type), description="The export, as long as it is.")
        for media_type in dict.fromkeys(one.media_type for one in formats.values())
    }
    return {**exports, **READ_ERRORS}


class Export(GenericAPIView):
    """What the filters leave of something, streamed."""

    pagination_class = None
    formats: Mapping
    name: str  # of the file

    def stream(self, request, *more) -> StreamingHttpResponse:
        """The answer, in the format asked for; ``more`` is for its writer."""
        format = self.formats[request.accepted_renderer.format]
        rows = self.filter_queryset(self.get_queryset())
        base = request.build_absolute_uri("/").rstrip("/")
        return streamed(format.write(rows, base, *more), format.media_type, f"{self.name}.{format.suffix}")


class ExportRecords(Export):
    """``/api/v1/export/records/``."""

    access = {"GET": Rule(Scope.READ, "entities.view_entity")}
    formats, name = FORMATS, "records"
    renderer_classes = renderers_of(FORMATS)
    filterset_class = RecordFilter
    queryset = Entity.objects.current()

    @extend_schema(
        operation_id="export_records", summary="Records in bulk, streamed", tags=["export"], filters=True,
        description=(
            "All records, or those that the filters leave, by `format` (or `Accept`): `refdesk` (JSON Lines; of the "
            "whole, redirects and verdicts come last), `csv` and the tables of facts, `ftm`, `jsonld`, `nt`. The "
            "columns are in docs/exporting.md."
        ),
        responses=answers_of(FORMATS),
    )  # fmt: skip
    def get(self, request):
        """Stream it."""
        filtered = RecordFilter(request.query_params, queryset=self.get_queryset(), request=request)
        is_whole = not any(request.query_params.get(name) for name in filtered.filters)
        return self.stream(request, is_whole)
