"""Names without an article → the records they may mean: many at a time, in a fixed number of queries for a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from entities.candidates import CandidateIndex
from entities.matching.lookup import MAX_NAME_CHARS, Facts, Found, Match, NameQuery, distinct_kinds, rank
from entities.matching.normalize import name_key
from entities.matching.types import Kind
from entities.models import Alias, Entity, Identifier, Relation, Term

__all__ = ["MAX_BATCH", "Match", "NameQuery", "match_names"]

MAX_BATCH = 500
_CANDIDATES = 15  # looked at for each name, at least: rivals count even where few are wanted
_AT_ONCE = 5_000
_STATE_CODES = ("iso2", "iso3")


def match_names(queries: Sequence[NameQuery], limit: int = 10) -> list[list[Match]]:
    """For each query the records it may mean, likeliest first; [] where nothing is alike.

    Args:
        queries: names longer than ``MAX_NAME_CHARS`` are cut.
        limit: at most so many for each.
    """
    keep = max(_CANDIDATES, limit)
    found: list[dict[int, Found | None]] = [{} for _ in queries]
    index = CandidateIndex()
    for kinds, places in distinct_kinds(queries).items():
        surfaces = {place: queries[place].name[:MAX_NAME_CHARS] for place in places}
        wanted = list(dict.fromkeys(surface for surface in surfaces.values() if name_key(surface)))
        answers = index.lookup(wanted, limit=keep, kinds=kinds or None) if wanted else {}
        for place, surface in surfaces.items():
            for candidate in answers.get(surface, ()):
                found[place][candidate.entity_id] = Found(candidate.name, candidate.type, candidate.is_weak)
    _add_identified(queries, found)
    facts = _load({entity_id for one in found for entity_id in one}, queries)
    states = _states(queries)
    results = []
    for query, candidates in zip(queries, found, strict=True):
        known = [
            (facts[entity_id], how)
            for entity_id, how in candidates.items()
            if entity_id in facts and (not query.kinds or facts[entity_id].kind in query.kinds)
        ]
        meant = frozenset().union(*(states.get(text, frozenset()) for text in query.states))
        results.append(rank(query, known, meant, limit=limit))
    return results


def _add_identified(queries: Sequence[NameQuery], found: list[dict[int, Found | None]]) -> None:
    """Records that have an id that was given, whatever their names."""
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, query in enumerate(queries):
        for scheme, value in query.identifiers.items():
            places[scheme, value].append(place)
    if not places:
        return
    rows = Identifier.objects.in_use().filter(
        scheme__in={scheme for scheme, _ in places}, value__in={value for _, value in places}, entity__merged_into=None
    )
    for scheme, value, entity_id in rows.order_by("pk").values_list("scheme", "value", "entity_id"):
        for place in places.get((scheme, value), ()):
            found[place].setdefault(entity_id, None)


def _load(ids: Iterable[int], queries: Sequence[NameQuery]) -> dict[int, Facts]:
    """What is weighed of the records; facts that no query mentions are not read."""
    wants_states = any(query.states for query in queries)
    wants_ids = any(query.identifiers for query in queries)
    wants_titles = any("office" in query.properties for query in queries)
    wanted, loaded = sorted(ids), {}
    for start in range(0, len(wanted), _AT_ONCE):
        batch = wanted[start : start + _AT_ONCE]
        states, titles, identifiers = defaultdict(set), defaultdict(list), defaultdict(list)
        if wants_states:
            ties = Relation.objects.in_use().filter(entity__in=batch, type=Relation.Type.STATE, target__isnull=False)
            for entity_id, target in ties.values_list("entity_id", "target_id"):
                states[entity_id].add(target)
        if wants_states or wants_titles:
            terms = Term.objects.in_use().filter(entity__in=batch).order_by("pk")
            for entity_id, title, state in terms.values_list("entity_id", "title", "state_id"):
                titles[entity_id].append(title)
                if state is not None:
                    states[entity_id].add(state)
        if wants_ids:
            rows = Identifier.objects.in_use().filter(entity__in=batch).order_by("pk")
            for entity_id, scheme, value in rows.values_list("entity_id", "scheme", "value"):
                identifiers[entity_id].append((scheme, value))
        for entity in Entity.objects.current().filter(pk__in=batch):
            own = {entity.pk} if entity.kind == Kind.STATE else set()
            loaded[entity.pk] = Facts(
                entity.pk, entity.public_id, entity.kind, entity.name, entity.description or entity.summary,
                entity.valid_from, entity.valid_to, entity.signed, entity.prominence, entity.subtype,
                frozenset(states[entity.pk] | own), tuple(titles[entity.pk]), tuple(identifiers[entity.pk]),
                entity.attributes,
            )  # fmt: skip
    return loaded


def _states(queries: Sequence[NameQuery]) -> dict[str, frozenset[int]]:
    """What the texts given as states stand for: a public id, an ISO code, or a state's name."""
    texts = {text for query in queries for text in query.states}
    if not texts:
        return {}
    meant: dict[str, set[int]] = defaultdict(set)
    for public_id, pk, survivor in Entity.objects.filter(public_id__in=texts).values_list(
        "public_id", "pk", "merged_into_id"
    ):
        meant[public_id].add(survivor or pk)
    codes = defaultdict(list)
    keys = defaultdict(list)
    for text in texts:
        codes[text.upper()].append(text)
        keys[name_key(text)[:500]].append(text)
    rows = Identifier.objects.in_use().filter(scheme__in=_STATE_CODES, value__in=codes, entity__merged_into=None)
    for value, entity_id in rows.values_list("value", "entity_id"):
        for text in codes[value]:
            meant[text].add(entity_id)
    keys.pop("", None)
    names = Alias.objects.in_use().filter(key__in=keys, entity__kind=Kind.STATE, entity__merged_into=None)
    for key, entity_id in names.values_list("key", "entity_id"):
        for text in keys[key]:
            meant[text].add(entity_id)
    return {text: frozenset(ids) for text, ids in meant.items()}
