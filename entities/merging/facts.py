"""The facts of a record: what they point at, what makes two say the same, and whether one was edited since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import models
from django.db.models import Max, Q

from entities.journal import AT_ONCE, fingerprint, label_of
from entities.models import Alias, Identifier, Relation, SourceRecord, Term

#: The references of each sort of fact to records, and what makes two facts of a sort say the same.
FACTS: tuple[tuple[type[models.Model], tuple[str, ...], tuple[str, ...]], ...] = (
    (Alias, ("entity_id",), ("entity_id", "name", "lang", "type")),
    (Identifier, ("entity_id",), ("entity_id", "scheme", "value")),
    (
        Term,
        ("entity_id", "state_id", "organization_id"),
        ("entity_id", "title", "state_id", "state_text", "organization_id", "organization_text", "start", "end"),
    ),
    (Relation, ("entity_id", "target_id"), ("entity_id", "type", "target_id", "target_text", "start")),
)
BY_LABEL = {label_of(model): (model, references, key) for model, references, key in FACTS}
#: Left out of fingerprints: what merges and splits themselves change.
MOVED = ("entity_id", "origin_id", "withdrawn_at", "state_id", "organization_id", "target_id", "is_contested")


def any_of(references: Sequence[str], pk: int) -> Q:
    """Rows of which one of these references is to a record."""
    condition = Q()
    for name in references:
        condition |= Q(**{name: pk})
    return condition


def key_of(row, names: Sequence[str], renamed: Mapping[int, int]) -> tuple:
    """What a fact says, as it would be with its references ``renamed``: two of a sort with one key are doubles."""
    return tuple(
        renamed.get(value, value) if name.endswith("_id") else value
        for name, value in ((name, getattr(row, name)) for name in names)
    )


def rows_in_order(model: type[models.Model], pks: Iterable[int]) -> Iterable[models.Model]:
    """Rows by key, as many at once as a statement takes."""
    ordered = sorted(pks)
    for start in range(0, len(ordered), AT_ONCE):
        yield from model.objects.filter(pk__in=ordered[start : start + AT_ONCE]).order_by("pk")


def fingerprints(changes: Iterable[dict]) -> dict[str, str]:
    """What each moved fact says, to tell later whether it was edited."""
    wanted: dict[str, set[int]] = {}
    for change in changes:
        if change["model"] in BY_LABEL and change["new"] and "entity_id" in change["new"]:
            wanted.setdefault(change["model"], set()).update(change["pks"])
    return {
        f"{label}:{row.pk}": fingerprint(row, MOVED)
        for label, pks in wanted.items()
        for row in rows_in_order(BY_LABEL[label][0], pks)
    }


def last_rows() -> dict[str, int]:
    """The highest key of each table of facts: whatever has a higher one came later."""
    return {
        label_of(model): model.objects.aggregate(last=Max("pk"))["last"] or 0
        for model in (*(model for model, _, _ in FACTS), SourceRecord)
    }
