"""What coming back takes besides the old values: names that are found again, ids that others claimed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from entities.candidates import CandidateIndex
from entities.journal import Journal
from entities.matching.types import SENSE_TYPES
from entities.merging.moving import keep_name
from entities.models import UNIQUE_SCHEMES, Alias, Entity, Identifier, Judgement


def still_unique(row: models.Model, values: dict) -> dict:
    """What comes back as far as it can stand beside what was entered since.

    An identifier that another record holds by now comes back as contested; a verdict on a pair that a person judged anew
    since stays superseded.
    """
    if isinstance(row, Identifier) and values.get("withdrawn_at", "") is None and row.scheme in UNIQUE_SCHEMES:
        holders = Identifier.objects.in_use().filter(scheme=row.scheme, value=row.value, is_contested=False)
        if not row.is_contested and holders.exclude(pk=row.pk).exists():
            return {**values, "is_contested": True}
    if isinstance(row, Judgement) and values.get("superseded_at", "") is None:
        pair = {name: values.get(name, getattr(row, name)) for name in ("a_id", "b_id")}
        if Judgement.objects.filter(superseded_at=None, **pair).exclude(pk=row.pk).exists():
            return {name: value for name, value in values.items() if not name.startswith("superseded")}
    return values


def reindex(journal: Journal) -> None:
    """Make names findable again that came back into use."""
    CandidateIndex().index_aliases([
        pk
        for change in journal.changes
        if change["model"] == "entities.alias" and change["new"] and change["new"].get("withdrawn_at", "") is None
        for pk in change["pks"]
    ])  # fmt: skip


def find_by_own_name(journal: Journal, record: Entity) -> None:
    """A record that stands by itself again is found by its own name, even where a source took that back meanwhile."""
    known = [row for row in Alias.objects.filter(entity=record.pk, name=record.name) if row.type not in SENSE_TYPES]
    if not known:
        keep_name(journal, record, record.name, origin_id=record.pk)
    elif all(row.withdrawn_at for row in known):
        latest = max(known, key=lambda row: (row.withdrawn_at, row.pk))
        journal.change([latest], withdrawn_at=None)
        CandidateIndex().index_aliases([latest.pk])


def descriptions_are_back(changes: Iterable[dict], back: Iterable[dict]) -> bool:
    """Whether taking changes back brought the generated descriptions back as well."""

    def described(some: Iterable[dict]) -> set[int]:
        return {pk for one in some if one["new"] and "summary" in one["new"] for pk in one["pks"]}

    return described(changes) <= described(back)
