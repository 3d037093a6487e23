"""How facts, names and verdicts go from one record to another, each step written down in a journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import models
from django.db.models import Q
from django.utils import timezone

from entities.candidates import CandidateIndex
from entities.describing import descriptions
from entities.journal import Journal, label_of, locked
from entities.matching.normalize import name_key, script_of
from entities.matching.types import SENSE_TYPES
from entities.merging.facts import FACTS, any_of, key_of
from entities.models import (
    UNIQUE_SCHEMES,
    Alias,
    DuplicateSuggestion,
    Entity,
    Identifier,
    Judgement,
    Relation,
    SourceRecord,
)


def move_facts(journal: Journal, to: int, from_: int, now) -> None:
    """Every fact of one record, and every reference to it, to another; what it says already is withdrawn."""
    for model, references, key in FACTS:
        touched = locked(model.objects.filter(any_of(references, from_)))
        if not touched:
            continue
        pks = {row.pk for row in touched}
        owners = {row.entity_id for row in touched}
        standing = model.objects.in_use().filter(
            Q(entity=to) | (Q(entity__in=owners) & any_of(references, to)) if len(references) > 1 else Q(entity=to)
        )
        taken = {key_of(row, key, {}): row.pk for row in standing.order_by("pk") if row.pk not in pks}
        _repoint(journal, touched, references, key, {from_: to}, taken, now)
    rows = locked(SourceRecord.objects.filter(entity=from_))
    journal.change([row for row in rows if row.origin_id is None], entity_id=to, origin_id=from_)
    journal.change([row for row in rows if row.origin_id is not None], entity_id=to)


def _repoint(
    journal: Journal, touched: Sequence, references: Sequence[str], key: Sequence[str], renamed: Mapping[int, int],
    taken: dict[tuple, int], now,
) -> None:  # fmt: skip
    """Give facts their new record, in one statement for all that get the same; doubles are withdrawn on the way."""
    grouped: dict[tuple, list] = {}
    for row in touched:
        new = {name: renamed[getattr(row, name)] for name in references if getattr(row, name) in renamed}
        if "entity_id" in new and row.origin_id is None:
            new["origin_id"] = row.entity_id
        if row.withdrawn_at is None:
            place = key_of(row, key, renamed)
            is_loop = isinstance(row, Relation) and place[0] == place[2]
            if is_loop or place in taken:
                new["withdrawn_at"] = now.isoformat()
                if not is_loop:
                    journal.twins[f"{label_of(row)}:{row.pk}"] = taken[place]
            else:
                taken[place] = row.pk
        grouped.setdefault(tuple(sorted(new.items())), []).append(row)
    # Doubles leave first, so that no two rows ever say the same at once.
    for new, rows in sorted(grouped.items(), key=lambda pair: "withdrawn_at" not in dict(pair[0])):
        journal.change(rows, **dict(new))


def repoint_one(
    journal: Journal, touched: Sequence, reference: str, key: Sequence[str], from_: int, to: int,
    taken: dict[tuple, int], now,
) -> None:  # fmt: skip
    """As ``_repoint``, for one reference alone: in a split the others go on pointing at the source."""
    grouped: dict[tuple, list] = {}
    for row in touched:
        new = {reference: to}
        if reference == "entity_id" and row.origin_id is None:
            new["origin_id"] = from_
        if row.withdrawn_at is None:
            place = tuple(
                to if name == reference else value for name, value in zip(key, key_of(row, key, {}), strict=True)
            )
            is_loop = isinstance(row, Relation) and place[0] == place[2]
            if is_loop or place in taken:
                new["withdrawn_at"] = now.isoformat()
                if not is_loop:
                    journal.twins[f"{label_of(row)}:{row.pk}"] = taken[place]
            else:
                taken[place] = row.pk
        grouped.setdefault(tuple(sorted(new.items())), []).append(row)
    for new, rows in sorted(grouped.items(), key=lambda pair: "withdrawn_at" not in dict(pair[0])):
        journal.change(rows, **dict(new))


def settle_contests(journal: Journal, pk: int) -> None:
    """An identifier that only its other holder contested is contested no more."""
    contested = locked(Identifier.objects.in_use().filter(entity=pk, is_contested=True, scheme__in=UNIQUE_SCHEMES))
    for row in contested:
        others = Identifier.objects.in_use().filter(scheme=row.scheme, value=row.value).exclude(pk=row.pk)
        if not others.exists():
            journal.change([row], is_contested=False)


def keep_name(journal: Journal, record: Entity, name: str, origin_id: int) -> None:
    """A record that was known by a name goes on being found by it."""
    known = Alias.objects.filter(entity=record.pk, name=name).values_list("type", "withdrawn_at")
    # Withdrawn as a plain name: somebody said that it is none.
    if any(type_ not in SENSE_TYPES for type_, _ in known):
        return
    row = journal.add(
        Alias(entity_id=record.pk, origin_id=origin_id, name=name, key=name_key(name)[:500], script=script_of(name))
    )
    CandidateIndex().index_aliases([row.pk])


_SEVERITY = {Judgement.Verdict.DIFFERENT: 2, Judgement.Verdict.UNSURE: 1, Judgement.Verdict.SAME: 0}


def move_verdicts(journal: Journal, to: int, from_: int, now) -> None:
    """What was said of the absorbed record holds of the survivor; of two verdicts the more careful one stands."""
    rows = locked(Judgement.objects.filter(Q(a=from_) | Q(b=from_), superseded_at=None))
    others = {row.b_id if row.a_id == from_ else row.a_id for row in rows}
    live = set(Entity.objects.current().filter(pk__in=others).values_list("pk", flat=True))
    standing = _by_pair(Judgement.objects.filter(Q(a=to) | Q(b=to), superseded_at=None))
    for row in rows:
        other = row.b_id if row.a_id == from_ else row.a_id
        if other == to:
            if row.verdict == Judgement.Verdict.DIFFERENT:  # overridden, with a reason
                journal.change([row], superseded_at=now.isoformat())
            continue
        if other not in live:
            continue
        a, b = sorted((to, other))
        known = standing.get((a, b))
        if known is not None and _SEVERITY[known.verdict] >= _SEVERITY[row.verdict]:
            journal.change([row], superseded_at=now.isoformat())
            continue
        if known is not None:
            journal.change([known], superseded_at=now.isoformat())
        journal.change([row], a_id=a, b_id=b)
        standing[a, b] = row
    different = {pair for pair, row in standing.items() if row.verdict == Judgement.Verdict.DIFFERENT}
    suggested = locked(DuplicateSuggestion.objects.filter(Q(a=from_) | Q(b=from_), closed_at=None))
    taken = set(DuplicateSuggestion.objects.filter(Q(a=to) | Q(b=to)).values_list("a_id", "b_id"))
    for row in suggested:
        other = row.b_id if row.a_id == from_ else row.a_id
        pair = tuple(sorted((to, other)))
        if other == to or pair in taken or pair in different:
            journal.change([row], closed_at=now.isoformat())
        else:
            journal.change([row], a_id=pair[0], b_id=pair[1])
            taken.add(pair)


def _by_pair(rows: models.QuerySet) -> dict[tuple[int, int], Judgement]:
    return {(row.a_id, row.b_id): row for row in rows}


def written(records: Iterable[Entity], journal: Journal, *, describe: bool = True) -> None:
    """Raise the version of records; describe the live ones anew from their facts."""
    now = timezone.now()
    live = [record.pk for record in records if record.merged_into_id is None] if describe else []
    told = descriptions(live)
    for record in records:
        record.version += 1
        record.updated_at = now
        Entity.objects.filter(pk=record.pk).update(version=record.version, updated_at=now)
        if record.pk in told:
            journal.change([record], summary=told[record.pk])
