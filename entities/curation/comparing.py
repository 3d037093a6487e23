"""What a curator sees of records before they become one: each field side by side, and what they will have together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field

from entities import merging
from entities.journal import value_of
from entities.matching.types import Kind
from entities.models import Alias, Entity, Identifier, Relation, Term
from entities.reading import BOUNDS, description_of, language_name, span_in_words, value_in_words

SHOWN = 200  # facts of one sort shown; the rest is counted
_FAR_MORE = 3  # times as many facts
_LABELS = {"in_force": "In force since", "source_id": "Source of the record", "subtype": "Type or status",
           "prominence": "Prominence (1 is best known, 3 least)"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One record's value of a field."""

    pk: int
    text: str
    is_winner: bool
    is_proposed: bool
    is_curated: bool  # a person set it
    made: str = ""  # what stands in its place while it is empty


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of all records; ``differs`` when a winner is to be chosen."""

    name: str
    label: str
    cells: tuple[Cell, ...]
    differs: bool


@dataclass(slots=True)
class UnionFact:
    """A fact that the merged record will have, and which records say it."""

    text: str
    detail: str
    owners: list[int]
    sources: list[str]


@dataclass(slots=True)
class UnionGroup:
    """Facts of one sort; ``own`` of them only one record has."""

    label: str
    facts: list[UnionFact] = field(default_factory=list)
    more: int = 0

    @property
    def shared(self) -> int:
        """Facts that more than one record has already."""
        return sum(len(fact.owners) > 1 for fact in self.facts)


@dataclass(slots=True)
class Comparison:
    """Everything that the merge page shows of the records themselves."""

    survivor: Entity
    records: list[Entity]  # the survivor first
    rows: list[FieldRow]
    groups: list[UnionGroup]
    contradictions: list[str]
    doubts: list[str]  # what speaks against it and stops nothing
    impact: merging.Impact

    @property
    def absorbed(self) -> list[Entity]:
        """All but the survivor."""
        return self.records[1:]


def propose(records: Sequence[Entity], came_from: int = 0) -> tuple[Entity, str]:
    """The record whose id is kept unless the curator says otherwise, and why.

    Args:
        came_from: key of the record whose page the curator came from: that one, unless another says far more.
    """
    best = records[0]
    for other in records[1:]:
        best = merging.propose_survivor(best, other)
    here = next((record for record in records if record.pk == came_from), None)
    if here is not None:
        if best is here or _facts(best) <= _FAR_MORE * _facts(here):
            return here, "you came from it"
        return best, "it says far more than the one you came from"
    grades = {record.prominence or 9 for record in records}
    return best, "it is the better known one" if len(grades) > 1 else "it is the oldest one"


def _facts(record: Entity) -> int:
    return sum(len(rows.all()) for rows in (record.aliases, record.identifiers, record.terms, record.relations))


def proposed_winners(survivor: Entity, absorbed: Iterable[Entity]) -> dict[str, int]:
    """For each field in which any record differs from the survivor, the key of the record whose value would be kept.

    As ``merge_many`` goes about it: one record after the other, each against what the survivor has got by then.
    """
    standing = copy(survivor)
    standing.attributes = dict(survivor.attributes)
    standing.curated_fields = list(survivor.curated_fields)
    winners: dict[str, int] = {}
    for record in sorted(absorbed, key=lambda one: one.pk):
        for name, winner in merging.propose_fields(standing, record).items():
            winners.setdefault(name, survivor.pk)
            if winner == record.pk:
                winners[name] = record.pk
                _set(standing, name, value_of(record, name))
                base = name.partition(".")[0]
                if base in record.curated_fields and base not in standing.curated_fields:
                    standing.curated_fields.append(base)
    return winners


def _set(record: Entity, name: str, value) -> None:
    base, _, part = name.partition(".")
    if part:
        record.attributes[part] = value
    else:
        setattr(record, name, value)


def compare(records: Sequence[Entity], survivor: Entity, chosen: Mapping[str, int]) -> Comparison:
    """Records, loaded ``for_display``, side by side; a fixed number of queries for any number of their facts."""
    ordered = [survivor, *sorted((one for one in records if one.pk != survivor.pk), key=lambda one: one.pk)]
    proposal = proposed_winners(survivor, ordered[1:])
    names = [name for name in merging.FIELDS if any(value_of(one, name) not in ("", None) for one in ordered)]
    names += [f"attributes.{key}" for key in sorted({key for one in ordered for key in one.attributes})]
    rows = []
    for name in names:
        winner = chosen.get(name) if name in proposal and chosen.get(name) in {one.pk for one in ordered} else None
        winner = winner or proposal.get(name, survivor.pk)
        cells = tuple(
            Cell(
                one.pk, _shown(one, name), one.pk == winner, one.pk == proposal.get(name),
                name.partition(".")[0] in one.curated_fields,
                about(one) if name == "description" and not one.description else "",
            )
            for one in ordered
        )  # fmt: skip
        rows.append(FieldRow(name, _label(survivor, name), cells, name in proposal))
    against = [text for one in ordered[1:] for text in merging.contradictions(survivor, one)]
    doubts = [text for one in ordered[1:] for text in merging.doubts(survivor, one)]
    return Comparison(
        survivor, ordered, rows, _groups(ordered), list(dict.fromkeys(against)), doubts,
        merging.impact(survivor, ordered[1:]),
    )  # fmt: skip


def _label(record: Entity, name: str) -> str:
    if name in ("valid_from", "valid_to"):
        return BOUNDS[Kind(record.kind)][name == "valid_to"]
    word = name.removeprefix("attributes.").replace("_", " ")
    return _LABELS.get(name, word[:1].upper() + word[1:])


def _shown(record: Entity, name: str) -> str:
    if name == "source_id":
        return str(record.source or "")
    return value_in_words(name, value_of(record, name))


def _groups(records: Sequence[Entity]) -> list[UnionGroup]:
    """What the records will have together: what several say stands once."""
    ids = {record.pk: records[0].pk for record in records}
    sorts = (("Names", "aliases"), ("Identifiers", "identifiers"), ("Offices", "terms"), ("Ties", "relations"))
    groups = []
    for label, attribute in sorts:
        found: dict[tuple, UnionFact] = {}
        for record in records:
            for row in getattr(record, attribute).all():
                key = _same(row, ids)
                if key is None:
                    continue
                known = found.setdefault(key, UnionFact(*fact_in_words(row), [], []))
                if record.pk not in known.owners:
                    known.owners.append(record.pk)
                if row.source is not None and row.source.name not in known.sources:
                    known.sources.append(row.source.name)
        if found:
            facts = sorted(found.values(), key=lambda fact: (len(fact.owners), fact.owners[0] != records[0].pk))
            groups.append(UnionGroup(label, facts[:SHOWN], max(0, len(facts) - SHOWN)))
    return groups


def _same(row, ids: Mapping[int, int]) -> tuple | None:
    """What makes two facts say the same once the records are one; None for a tie between them, which falls away."""
    if isinstance(row, Alias):
        return row.name, row.lang, row.type
    if isinstance(row, Identifier):
        return row.scheme, row.value
    if isinstance(row, Term):
        state, organization = ids.get(row.state_id, row.state_id), ids.get(row.organization_id, row.organization_id)
        return row.title, state, row.state_text, organization, row.organization_text, row.start, row.end
    target = ids.get(row.target_id, row.target_id)
    return None if row.target_id in ids else (row.type, target, row.target_text, row.start)


def fact_in_words(row) -> tuple[str, str]:
    """A fact as text and detail; its references are loaded."""
    if isinstance(row, Alias):
        details = [row.get_type_display() if row.type else "", language_name(row.lang) if row.lang else ""]
        details.append("weak" if row.is_weak else "")
        return row.name, ", ".join(part for part in details if part)
    if isinstance(row, Identifier):
        return row.value, row.scheme + (", contested" if row.is_contested else "")
    if isinstance(row, Term):
        where = str(row.organization or row.state or row.organization_text or row.state_text or "")
        return row.title + (f", {where}" if where else ""), span_in_words(row.start, row.end, row.as_of)
    if isinstance(row, Relation):
        what = str(row.target.name if row.target_id else row.target_text)
        return f"{row.get_type_display()} {what}", span_in_words(row.start, row.end)
    return str(row), ""


def about(record: Entity) -> str:
    """One line of what a record is."""
    return description_of(record)[:200]
