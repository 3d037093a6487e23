"""What the endpoints of the REST API share: pages, limits, the text of a date."""

from __future__ import annotations

import re

import django_filters
from django import forms
from django.core.validators import RegexValidator
from drf_spectacular.drainage import set_override
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

from config.fields import Closed
from config.problems import BadParameter, TooLarge
from entities.matching import dates

PARTIAL_DATE = RegexValidator(rf"\A{dates.PARTIAL_DATE}\Z", "A date looks like 2024, 2024-07 or 2024-07-29.")


_CURSOR = re.compile(r"[A-Za-z0-9+/]*={0,2}")


class Pages(CursorPagination):
    """Pages by cursor: ``next`` and ``previous`` lead on; the order ends with the key, so that it never wavers."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = "pk"
    # A cursor holds the first field of the order, and how many rows of the same value came before. DRF stops counting at
    # 1,000: a longer run of equals (articles of one day) would lead to the same page for ever.
    offset_cutoff = 10**9

    def get_ordering(self, request, queryset, view):
        """As asked for in ``ordering``, of what the view offers (``orderings``), else the usual order."""
        offered = getattr(view, "orderings", {})
        wanted = request.query_params.get("ordering")
        if not wanted or not offered:
            return super().get_ordering(request, queryset, view)
        if wanted not in offered:
            raise BadParameter(f"ordering may be {', '.join(offered)}.")
        return offered[wanted]

    def get_page_size(self, request):
        """As asked for; a size that there is not is refused, not rounded."""
        return page_size_of(request, self.page_size, self.max_page_size)

    def get_paginated_response_schema(self, schema):
        """Null is said as OpenAPI 3.1 says it."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "properties": {"next": link, "previous": link, "results": schema},
            "required": ["next", "previous", "results"],
        }

    def decode_cursor(self, request):
        """A cursor that cannot be read is the caller's mistake, not a missing page."""
        if not _CURSOR.fullmatch(request.query_params.get(self.cursor_query_param, "")):
            raise BadParameter("The cursor cannot be read; start again without one.")
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise BadParameter("The cursor cannot be read; start again without one.") from error
        if cursor is not None and "\0" in (cursor.position or ""):
            raise BadParameter("The cursor cannot be read; start again without one.")
        return cursor


def ordering_parameter(orderings: dict[str, tuple[str, ...]]) -> OpenApiParameter:
    """``ordering`` as the OpenAPI description has it."""
    return OpenApiParameter("ordering", str, enum=list(orderings), description="Ends with the key, so it never wavers.")


FIELDS = OpenApiParameter(
    "fields", str, description="Only these fields, separated by commas; `id` is always there: `fields=name,kind`."
)


class SparseFields:
    """A view whose reads take ``fields=``: only those keys of each object are answered."""

    _sparse: frozenset[str] | None = None

    def initial(self, request, *args, **kwargs):
        """Refuse fields that do not exist, before anything is read."""
        super().initial(request, *args, **kwargs)
        asked = request.query_params.get("fields")
        if request.method in ("GET", "HEAD") and asked:
            wanted = {name.strip() for name in asked.split(",")}
            known = self.get_serializer_class()().fields.keys()
            if unknown := wanted - known:
                shown = min(unknown)[:50]
                raise BadParameter(f"There is no field “{shown}”: {', '.join(known)}.")
            self._sparse = frozenset(wanted | {"id"})

    def finalize_response(self, request, response, *args, **kwargs):
        """Leave the other fields out."""
        if self._sparse is not None and response.status_code == 200 and isinstance(response.data, dict):
            if isinstance(response.data.get("results"), list):
                response.data["results"] = [self._kept(row) for row in response.data["results"]]
            else:
                response.data = self._kept(response.data)
        return super().finalize_response(request, response, *args, **kwargs)

    def _kept(self, row: dict) -> dict:
        return {name: value for name, value in row.items() if name in self._sparse}


MAX_BODY_BYTES = 1_000_000  # of a body that is no text to be linked, nor a file


def page_size_of(request, default: int, most: int) -> int:
    """``page_size`` as asked for.

    Raises:
        BadParameter: if it is no whole number from 1 to ``most``.
    """
    value = request.query_params.get("page_size")
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) < 9 and 1 <= int(value) <= most):
        raise BadParameter(f"page_size is a whole number from 1 to {most}.")
    return int(value)


class TextFilter(django_filters.CharFilter):
    """Text of a bounded length."""

    def __init__(self, *args, max_length: int, **kwargs):
        super().__init__(*args, max_length=max_length, **kwargs)
        set_override(self, "field", {"type": "string", "maxLength": max_length})


class WholeNumberField(forms.CharField):
    """Digits, and nothing that a number could be rounded from."""

    def __init__(self, *, least: int = 0, most: int = 2**62, **kwargs):
        super().__init__(**kwargs)
        self.least, self.most = least, most

    def to_python(self, value):
        """The number; None for an absent one."""
        text = super().to_python(value)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 20 and self.least <= int(text) <= self.most):
            raise forms.ValidationError(f"A whole number from {self.least} to {self.most} is wanted.")
        return int(text)


class WholeNumberFilter(django_filters.Filter):
    """A whole number within bounds."""

    field_class = WholeNumberField

    def __init__(self, *args, least: int = 0, most: int = 2**62, **kwargs):
        super().__init__(*args, least=least, most=most, **kwargs)
        set_override(self, "field", {"type": "integer", "minimum": least, "maximum": most})


class TrueOrFalseField(forms.CharField):
    """``true`` or ``false``; anything else is a mistake, where Django would overlook it."""

    def to_python(self, value):
        """The truth; None for an absent one."""
        text = super().to_python(value)
        if text and text not in ("true", "false"):
            raise forms.ValidationError("true or false is wanted.")
        return text == "true" if text else None


class TrueOrFalseFilter(django_filters.Filter):
    """``true`` or ``false``."""

    field_class = TrueOrFalseField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        set_override(self, "field", {"type": "boolean"})


def check_body_size(request, most: int) -> None:
    """Refuse a body by its stated length, before any of it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > most:
        raise TooLarge(f"The body may hold at most {most:,} bytes.")


def check_no_fields(request) -> None:
    """Refuse a body with fields where none is taken: no body, and an empty object, are as good as each other.

    Raises:
        TooLarge: by its stated length, before any of it is read.
        ValidationError: that names the fields.
    """
    check_body_size(request, MAX_BODY_BYTES)
    Closed(data=request.data).is_valid(raise_exception=True)
