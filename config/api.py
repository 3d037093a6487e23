"""What the endpoints of the REST API share: pages, limits, the text of a date."""

from __future__ import annotations

from django.core.validators import RegexValidator
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

from config.problems import BadParameter, TooLarge

PARTIAL_DATE = RegexValidator(
    r"\A\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?\Z", "A date looks like 2024, 2024-07 or 2024-07-29."
)


class Pages(CursorPagination):
    """Pages by cursor: ``next`` and ``previous`` lead on; the order ends with the key, so that it never wavers."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = "pk"

    def decode_cursor(self, request):
        """A cursor that cannot be read is the caller's mistake, not a missing page."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise BadParameter("The cursor cannot be read; start again without one.") from error
        if cursor is not None and "\0" in (cursor.position or ""):
            raise BadParameter("The cursor cannot be read; start again without one.")
        return cursor


def page_size_of(request, default: int, most: int) -> int:
    """``page_size`` as asked for, within bounds; what is no number counts as absent."""
    value = request.query_params.get("page_size", "")
    return min(most, max(1, int(value))) if value.isascii() and value.isdigit() and len(value) < 9 else default


def check_body_size(request, most: int) -> None:
    """Refuse a body by its stated length, before any of it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > most:
        raise TooLarge(f"The body may hold at most {most:,} bytes.")
