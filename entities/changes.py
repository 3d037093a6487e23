"""The change feed: which ids were made, merged, split and restored, in order, for programs that keep copies of them.

A reader keeps the cursor of the last page and comes back with it; nothing is ever missed or told twice. The cursor is
the number of the last event. On PostgreSQL, where a lower number may be committed after a higher one, the newest events
are told only when nobody is in the middle of writing one, or when they are a minute old.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from entities.models import Event

TYPES = (Event.Type.CREATED, Event.Type.MERGED, Event.Type.RESTORED, Event.Type.SPLIT, Event.Type.TAKEN_DOWN)
MAX_LIMIT = 1_000
_SETTLED_AFTER = timedelta(seconds=60)  # no transaction that writes an event is open for longer


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the feed.

    ``created``: ``id`` is new. ``merged``: ``other`` was absorbed and redirects to ``id``. ``restored``: ``other`` is a
    record of its own again. ``split``: part of ``id`` went to ``other``. ``taken_down``: something of ``id``, or all of
    it, went for good: copies of it are to be read anew.
    """

    cursor: int
    type: str
    id: str
    other: str | None
    at: datetime
    now: str  # the id that answers for ``other``, or else for ``id``, today


@dataclass(frozen=True, slots=True)
class Page:
    """Changes after a cursor; ``cursor`` is what to come back with, ``has_more`` tells to do so at once."""

    changes: list[Change]
    cursor: int
    has_more: bool


def changes_since(cursor: int = 0, *, limit: int = 200, types: Iterable[str] | None = None) -> Page:
    """The next changes, in the order they happened, in one query (two on PostgreSQL).

    Args:
        cursor: of the last page; 0 begins with the first change ever.
        limit: at most 1,000.
        types: of ``TYPES``; None means all.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    wanted = [type_ for type_ in TYPES if types is None or type_ in set(types)]
    with transaction.atomic():
        rows = Event.objects.filter(pk__gt=cursor, type__in=wanted)
        if not _nobody_writes():
            rows = rows.filter(happened_at__lt=timezone.now() - _SETTLED_AFTER)
        found = list(
            rows.select_related("entity__merged_into", "other__merged_into")
            .defer("before", "after")
            .order_by("pk")[: limit + 1]
        )
    changes = [_change(event) for event in found[:limit]]
    return Page(changes, changes[-1].cursor if changes else cursor, len(found) > limit)


def _change(event: Event) -> Change:
    subject = event.other if event.other_id is not None else event.entity
    answering = subject.merged_into or subject
    return Change(
        event.pk, event.type, event.entity.public_id, event.other.public_id if event.other else None,
        event.happened_at, answering.public_id,
    )  # fmt: skip


def _nobody_writes() -> bool:
    """Whether every event that has a number is committed; holds writers off until the transaction ends."""
    if connection.vendor != "postgresql":
        return True
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE entities_event IN SHARE MODE NOWAIT")
    except OperationalError:
        return False
    return True
