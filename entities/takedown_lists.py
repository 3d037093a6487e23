"""Takedowns of records as a list without content: kept beside backups, and applied after one is restored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.dateparse import parse_datetime

from entities import takedown
from entities.archive import user_of
from entities.models import Entity, Takedown


@dataclass(slots=True)
class Applied:
    """What bringing a list in did."""

    new: int = 0
    known: int = 0
    errors: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{self.new} takedowns applied, {self.known} known already, {len(self.errors)} refused"]
        return "\n".join([*lines, *(f"  {error}" for error in self.errors[:50])])


def rows() -> Iterator[dict]:
    """Standing takedowns, the oldest first."""
    standing = Takedown.objects.filter(lifted_at=None).select_related("entity", "actor").order_by("pk")
    for one in standing.iterator(chunk_size=500):
        yield {
            "takedown": "record", "record": one.entity.public_id, "kind": one.entity.kind, "sort": one.sort,
            "field": one.field, "salt": one.salt, "digests": one.digests, "is_correction": one.is_correction,
            "reason": one.reason, "by": one.actor.get_username() if one.actor else None,
            "made_at": one.made_at.isoformat(),
        }  # fmt: skip


@transaction.atomic
def apply(row: dict, users: dict[str, int]) -> bool:
    """Take down again what a row names; False if it stands already.

    A record that is not here is remembered as one that was taken down, so that an import does not bring it.

    Raises:
        KeyError, TypeError, ValueError: if the row is none of ours.
    """
    digests, sort = sorted(str(one) for one in row["digests"]), Takedown.Sort(row["sort"])
    made_at = parse_datetime(row["made_at"])
    if not isinstance(made_at, datetime) or made_at.tzinfo is None:
        raise ValueError("made_at is no moment")
    if Takedown.objects.filter(salt=str(row["salt"]), digests=digests, sort=sort, lifted_at=None).exists():
        return False
    entity = Entity.objects.select_related("merged_into").filter(public_id=row["record"]).first()
    if entity is None:
        entity = Entity.objects.create(
            public_id=str(row["record"])[:16], kind=row["kind"], name=takedown.PLACE_OF_A_NAME, suppressed_at=made_at
        )
    live = entity.merged_into or entity
    stored = Takedown.objects.create(
        entity=live, sort=sort, field=str(row["field"])[:120], salt=str(row["salt"])[:64], digests=digests,
        is_correction=bool(row["is_correction"]), reason=str(row["reason"])[:2000] or "taken down",
        actor_id=user_of(row["by"], users) if row.get("by") else None,
    )  # fmt: skip
    Takedown.objects.filter(pk=stored.pk).update(made_at=made_at)
    takedown.apply_again(stored)
    return True


def parsed(lines: Iterable[str]) -> Iterator[tuple[int, dict | str]]:
    """Numbered rows of a list, or why a line is none."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, f"no JSON: {error}"
            continue
        is_ours = isinstance(value, dict) and value.get("takedown") in ("record", "article")
        yield number, value if is_ours else "is no takedown"
