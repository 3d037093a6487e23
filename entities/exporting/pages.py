"""Records in pages, by id: what keeps an export's memory the same whatever its length."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from entities.models import Entity

PAGE = 500


def pages(records: QuerySet[Entity]) -> Iterator[list[Entity]]:
    """Records with all that a page about them shows, in the order of their ids; a fixed number of queries a page."""
    last = ""
    while ids := list(
        records.filter(public_id__gt=last).order_by("public_id").values_list("public_id", flat=True).distinct()[:PAGE]
    ):
        yield list(Entity.objects.filter(public_id__in=ids).for_display().order_by("public_id"))
        last = ids[-1]
