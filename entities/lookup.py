"""Look-ups of names with facts against the whole catalogue: what ``POST /match/`` and the reconciliation API answer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Q

from entities.candidates import Candidate, CandidateIndex
from entities.matching.lookup import Named, NameMatch, NameQuery, best_names, rank_candidates
from entities.matching.types import Kind, RecordView
from entities.models import Entity, Identifier
from entities.records import load_views

MAX_NAME_CHARS = 500
_RETRIEVED = 24  # candidates of a query whose names are compared
_WEIGHED = 12  # of those, the likest, which facts are looked at; more if more are asked for
_PUBLIC_ID = re.compile(r"[2-9a-z]{10}")
_WIKIDATA = re.compile(r"[qQ][1-9][0-9]{0,12}")


def match_names(queries: Sequence[NameQuery], limit: int = 10) -> list[list[NameMatch]]:
    """The records that each query may mean, the likeliest first, at most ``limit`` of each.

    Batches share work: the number of database queries grows with the number of different ``kinds`` and with every 64
    names, not with each query. A merged record's id leads to its survivor.
    """
    found = _by_name(queries, max(_RETRIEVED, 2 * limit))
    ids = _by_id(queries)
    elsewhere = _by_identifier(queries)
    by_id = {entity for listed in ids.values() for entity in listed}
    by_id |= {entity for listed in elsewhere.values() for entity in listed}
    with_facts = {
        candidate.entity_id
        for query, candidates in zip(queries, found, strict=True)
        if query.has_facts
        for candidate in candidates
    }
    views = load_views(with_facts | by_id)
    views |= _bare_views({one.entity_id for candidates in found for one in candidates if one.entity_id not in views})
    answers = []
    for query, candidates in zip(queries, found, strict=True):
        named = [
            Named(views[one.entity_id], one.name, one.type, one.is_weak)
            for one in candidates
            if one.entity_id in views and one.entity_id not in ids.get(query.name, ())
        ]
        named = best_names(named, query.name, max(_WEIGHED, limit))
        named += [Named(views[id_], views[id_].name, by_id=True) for id_ in ids.get(query.name, ()) if id_ in views]
        known = {one.record.id for one in named}
        told = {entity for pair in query.identifiers for entity in elsewhere.get(pair, ())} - known
        named += [Named(views[id_], views[id_].name) for id_ in sorted(told) if id_ in views]
        if query.kinds:
            named = [one for one in named if one.record.kind in query.kinds]
        answers.append(rank_candidates(query, named)[:limit])
    return answers


def _by_name(queries: Sequence[NameQuery], retrieved: int) -> list[list[Candidate]]:
    """Candidates of each query, in its place; queries for the same kinds are looked up together."""
    by_kinds: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for position, query in enumerate(queries):
        by_kinds[tuple(sorted(set(query.kinds)))].append(position)
    found: list[list[Candidate]] = [[] for _ in queries]
    index = CandidateIndex()
    for kinds, positions in by_kinds.items():
        names = list(dict.fromkeys(queries[n].name for n in positions if queries[n].name))
        answers = index.lookup(names, limit=retrieved, kinds=list(kinds) or None)
        for n in positions:
            found[n] = answers.get(queries[n].name, [])
    return found


def _by_id(queries: Sequence[NameQuery]) -> dict[str, list[int]]:
    """Names that are ids → the live records they stand for; two queries at most."""
    public = {query.name for query in queries if _PUBLIC_ID.fullmatch(query.name)}
    wikidata = {query.name for query in queries if _WIKIDATA.fullmatch(query.name)}
    found: dict[str, list[int]] = defaultdict(list)
    if public:
        rows = Entity.objects.filter(public_id__in=public).answering()
        for public_id, pk, survivor in rows.values_list("public_id", "pk", "merged_into_id"):
            found[public_id].append(survivor or pk)
    if wikidata:
        rows = Identifier.objects.in_use().filter(
            scheme="wikidata", value__in={name.upper() for name in wikidata}, entity__merged_into=None
        )
        by_value = defaultdict(list)
        for value, entity in rows.values_list("value", "entity_id"):
            by_value[value].append(entity)
        for name in wikidata:
            found[name].extend(by_value.get(name.upper(), ()))
    return found


def _by_identifier(queries: Sequence[NameQuery]) -> dict[tuple[str, str], list[int]]:
    """Ids elsewhere → the live records that have them, whatever they are called; one query."""
    wanted = {pair for query in queries for pair in query.identifiers}
    if not wanted:
        return {}
    rows = Identifier.objects.in_use().filter(
        scheme__in={scheme for scheme, _ in wanted}, value__in={value for _, value in wanted}, entity__merged_into=None
    )
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for scheme, value, entity in rows.values_list("scheme", "value", "entity_id"):
        if (scheme, value) in wanted:
            found[scheme, value].append(entity)
    return found


def _bare_views(ids: Collection[int]) -> Mapping[int, RecordView]:
    """Records with their own fields alone, in one query: enough where nothing but the name is asked."""
    rows = Entity.objects.filter(pk__in=ids).values_list("pk", "public_id", "kind", "name", "prominence")
    return {
        pk: RecordView(pk, Kind(kind), name, public_id, prominence=rating) for pk, public_id, kind, name, rating in rows
    }


def records_named(texts: Collection[str]) -> dict[str, frozenset[int]]:
    """References as programs give them (our id, ISO code, Wikidata id, or the exact name) → states and organizations.

    What nothing answers to is there with an empty set.
    """
    wanted = {text: text.strip() for text in texts}
    values = set(wanted.values())
    upper = {value.upper() for value in values}
    found: dict[str, set[int]] = {text: set() for text in texts}
    live = Entity.objects.filter(public_id__in=values).values_list("public_id", "pk", "merged_into_id")
    by_public = {public_id: survivor or pk for public_id, pk, survivor in live}
    codes: dict[str, set[int]] = defaultdict(set)
    rows = Identifier.objects.in_use().filter(
        Q(scheme__in=("iso2", "iso3"), value__in=upper) | Q(scheme="wikidata", value__in=upper),
        entity__merged_into=None,
    )
    for value, entity in rows.values_list("value", "entity_id"):
        codes[value.upper()].add(entity)
    unknown = [value for value in values if value not in by_public and value.upper() not in codes]
    exact = CandidateIndex().exact(unknown, kinds=[Kind.STATE, Kind.ORGANIZATION]) if unknown else {}
    for text, value in wanted.items():
        if value in by_public:
            found[text].add(by_public[value])
        elif value.upper() in codes:
            found[text] |= codes[value.upper()]
        else:
            found[text] |= {candidate.entity_id for candidate in exact.get(value, ())}
    return {text: frozenset(ids) for text, ids in found.items()}
