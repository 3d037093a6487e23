"""Answers in plain data, shared by both versions of the protocol; a batch costs a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from entities.lookup import match_names, records_named
from entities.matching.lookup import NameMatch
from entities.models import Entity
from entities.reading import description_of
from entities.reconciliation.queries import Asked
from entities.reconciliation.vocabulary import PROPERTIES, Property, Ref
from entities.records import load_views
from entities.search import MAX_RESULTS, search

MAX_EXTENDED = 500
MAX_PROPERTIES = 40


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate with its record."""

    entity: Entity
    match: NameMatch

    @property
    def score(self) -> float:
        """0 to 100."""
        return round(100 * self.match.probability, 2)


def reconcile(asked: Sequence[Asked]) -> list[list[Found]]:
    """Candidates for each query, best first."""
    references = records_named({text for one in asked for text in one.states})
    queries = [one.to_name_query(frozenset().union(*(references[text] for text in one.states))) for one in asked]
    matched = match_names(queries, max((one.limit for one in asked), default=1))
    matched = [matches[: one.limit] for one, matches in zip(asked, matched, strict=True)]
    entities = Entity.objects.in_bulk({match.record_id for matches in matched for match in matches})
    return [[Found(entities[match.record_id], match) for match in matches] for matches in matched]


@dataclass(frozen=True, slots=True)
class Extension:
    """Values of properties for records: cells by public id as it was asked for, then by property."""

    properties: list[Property]
    rows: dict[str, dict[str, list[dict]]]


def extend(ids: Sequence[str], properties: Sequence[tuple[str, Mapping]]) -> Extension:
    """Values of properties for records; a merged id answers for its survivor, an unknown one with nothing.

    Args:
        ids: public ids.
        properties: ``(id, settings)``; the setting ``limit`` bounds the values, 0 means all. Nothing has one that is unknown.
    """
    wanted = [(PROPERTIES.get(id_) or _unknown(id_), settings) for id_, settings in properties]
    known = Entity.objects.filter(public_id__in=set(ids)).answering()
    rows = known.values_list("public_id", "pk", "merged_into_id")
    live = {public_id: survivor or pk for public_id, pk, survivor in rows}
    views = load_views(live.values())
    cells: dict[str, dict[str, list]] = {}
    for public_id in dict.fromkeys(ids):
        view = views.get(live.get(public_id, 0))
        cells[public_id] = {
            one.id: _bounded(list(one.values(view)), settings) if view is not None else [] for one, settings in wanted
        }
    references = {
        cell.record_id for row in cells.values() for values in row.values() for cell in values if isinstance(cell, Ref)
    }
    named = Entity.objects.in_bulk(references)
    return Extension(
        [one for one, _ in wanted],
        {
            public_id: {name: [_cell(cell, named) for cell in values] for name, values in row.items()}
            for public_id, row in cells.items()
        },
    )  # fmt: skip


def _unknown(id_: str) -> Property:
    return Property(id_, id_, frozenset(), lambda record: iter(()))


def _bounded(values: list, settings: Mapping) -> list:
    limit = settings.get("limit", 0) if isinstance(settings, Mapping) else 0
    limit = int(limit) if isinstance(limit, str) and limit.isascii() and limit.isdigit() and len(limit) < 9 else limit
    return values[:limit] if isinstance(limit, int) and not isinstance(limit, bool) and limit > 0 else values


def _cell(cell: str | Ref, named: Mapping[int, Entity]) -> dict:
    if isinstance(cell, Ref):
        entity = named[cell.record_id]
        return {"id": entity.public_id, "name": entity.name, "description": description_of(entity)}
    return {"str": cell}


def suggest_entities(prefix: str, first: int, limit: int, kinds: Sequence[str] = ()) -> list[Entity]:
    """Records for what somebody has typed so far: a name, its beginning, or an id."""
    if not prefix:
        return []
    hits = search(prefix, kinds=kinds, limit=min(MAX_RESULTS, first + limit))
    return [hit.entity for hit in hits[first : first + limit]]
