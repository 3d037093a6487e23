"""Which record a name in somebody's table or programme means: what speaks for each candidate, and how likely each is.

    name, dates, states, ids of a query + candidates → findings → log-odds → probabilities that leave room for "none"

A look-up has no article around it, so nothing of ``features`` applies: only the names and what the asker says beside
them. The weights are log-odds set by hand; the name's own log-odds come from ``compare_names``, which is calibrated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from entities.matching.dates import ends_after, starts_by
from entities.matching.names import compare_names, explain_names
from entities.matching.normalize import name_key
from entities.matching.offices import offices
from entities.matching.types import SENSE_TYPES, AliasType, Kind

#: Names less alike than this are no answer, whatever else agrees; an id may still lead to the record.
SIMILAR_AT = 0.05
MAX_NAME_CHARS = 200
_CERTAIN = 0.995  # no name alone is surer: namesakes outside the catalogue exist
_UNIQUE_SCHEMES = frozenset({"wikidata", "iso2", "iso3"})

WEIGHTS = {
    "identifier": 9.0, "other_identifier": -7.0,
    "born_same_day": 4.0, "born_same_month": 2.5, "born_same_year": 1.5, "born_year_apart": -0.5, "born_other": -5.0,
    "ended_same": 1.5, "ended_other": -3.0,
    "existed": 0.2, "not_existing": -3.5,
    "state": 1.0, "other_state": -2.0,
    "office": 1.2, "other_office": -0.5,
    "fact_same": 0.8, "fact_other": -0.8,
    "weak_name": -1.0, "sense": -1.5,
}  # fmt: skip
#: Among namesakes the better known one is meant more often; never enough to outweigh a fact.
_PROMINENCE = {1: 0.8, 2: 0.4}


@dataclass(frozen=True, slots=True)
class NameQuery:
    """A name and what is known of the thing that bears it; whatever is empty is unknown.

    ``states`` are keys of records here; callers that have names or codes resolve them first.
    """

    name: str
    kinds: tuple[str, ...] = ()
    on: str = ""  # a day, or prefix, on which the thing existed
    valid_from: str = ""  # birth, founding, signature
    valid_to: str = ""
    states: tuple[str, ...] = ()  # ids, ISO codes or names, as given
    identifiers: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)  # office, subtype, or an attribute


@dataclass(frozen=True, slots=True)
class Facts:
    """What a look-up weighs of a record."""

    id: int
    public_id: str
    kind: str
    name: str
    description: str = ""
    valid_from: str = ""
    valid_to: str = ""
    signed: str = ""
    prominence: int | None = None
    subtype: str = ""
    states: frozenset[int] = frozenset()
    titles: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """How a candidate was come by: the closest of its names."""

    name: str
    type: str = ""
    is_weak: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A record that a name may mean. ``features`` are log-odds; ``margin`` is the lead over the next one, or below 0."""

    entity_id: int
    name: str
    kind: str
    probability: float
    reasons: list[str]
    features: dict[str, float]
    public_id: str = ""
    description: str = ""
    margin: float = 0.0


def rank(
    query: NameQuery,
    candidates: Iterable[tuple[Facts, Found | None]],
    states: frozenset[int] = frozenset(),
    *,
    limit: int = 10,
) -> list[Match]:
    """The candidates that may be meant, likeliest first; ties by name and key.

    One of them or none is meant: the probabilities of all, and of none, add up to 1.

    Args:
        candidates: each with the name that led to it, None for one that only an id led to.
        states: what ``query.states`` stand for.
    """
    weighed = []
    for facts, found in candidates:
        features, reasons = _weigh(query, facts, found, states)
        if features:
            weighed.append((sum(features.values()), facts, features, reasons))
    total = 1.0 + sum(math.exp(min(odds, 30.0)) for odds, *_ in weighed)
    weighed.sort(key=lambda one: (-one[0], one[1].name, one[1].id))
    chances = [math.exp(min(odds, 30.0)) / total for odds, *_ in weighed]
    matches = []
    for place, (_, facts, features, reasons) in enumerate(weighed[:limit]):
        others = max((chance for at, chance in enumerate(chances) if at != place), default=0.0)
        matches.append(
            Match(
                facts.id,
                facts.name,
                facts.kind,
                round(chances[place], 4),
                reasons,
                features,
                facts.public_id,
                facts.description,
                round(chances[place] - others, 4),
            )  # fmt: skip
        )
    return matches


def _weigh(
    query: NameQuery, facts: Facts, found: Found | None, states: frozenset[int]
) -> tuple[dict[str, float], list[str]]:
    features: dict[str, float] = {}
    reasons: list[str] = []

    def note(feature: str, words: str) -> None:
        features[feature] = WEIGHTS[feature]
        reasons.append(words)

    theirs: dict[str, set[str]] = {}
    for scheme, value in facts.identifiers:
        theirs.setdefault(scheme, set()).add(value.casefold())
    for scheme, value in query.identifiers.items():
        if value.casefold() in theirs.get(scheme, ()):
            note("identifier", f"same {scheme} id: {value}")
        elif scheme in theirs and scheme in _UNIQUE_SCHEMES:
            note("other_identifier", f"contradiction: its {scheme} id is {', '.join(sorted(theirs[scheme]))}")
    similarity = _name(query, facts, found, features, reasons)
    if similarity < SIMILAR_AT and "identifier" not in features:
        return {}, []
    if found is not None and found.is_weak:
        note("weak_name", f"“{found.name}” is a name of several")
    if found is not None and AliasType(found.type) in SENSE_TYPES:
        note("sense", f"“{found.name}” is a {found.type} for it, no name of it")
    _dates(query, facts, note)
    if states:
        if states & facts.states:
            note("state", "a state in common")
        elif facts.states:
            note("other_state", "no state in common")
    _properties(query.properties, facts, note)
    if facts.prominence in _PROMINENCE:
        features["prominence"] = _PROMINENCE[facts.prominence]
    return features, reasons


def _name(query: NameQuery, facts: Facts, found: Found | None, features: dict, reasons: list) -> float:
    """The names' own log-odds, of the closest name or the main one."""
    best, name = 0.0, facts.name
    for text in dict.fromkeys((found.name if found is not None else facts.name, facts.name)):
        similarity = 1.0 if name_key(text) == name_key(query.name) else compare_names(query.name, text, facts.kind)
        if similarity > best:
            best, name = similarity, text
    chance = min(max(best, 0.001), _CERTAIN)
    features["name"] = round(math.log(chance / (1 - chance)), 4)
    if best >= 1.0:
        reasons.append("the same name" if name == facts.name else f"also known as {name}")
    elif best >= SIMILAR_AT:
        reasons.append(f"similar to {name}: {explain_names(query.name, name, facts.kind).reason}")
    else:
        reasons.append("another name")
    return best


def _dates(query: NameQuery, facts: Facts, note) -> None:
    begins = facts.signed if facts.kind == Kind.AGREEMENT and facts.signed else facts.valid_from
    is_state = facts.kind == Kind.STATE  # whose start is often a change of regime
    if query.valid_from and begins:
        given, known = query.valid_from, begins
        length = min(len(given), len(known))
        if given[:length] == known[:length]:
            size = {4: "year", 7: "month", 10: "day"}.get(length, "year")
            note(f"born_same_{size}", f"begins {known}, as given")
        elif given[:4] == known[:4]:
            note("born_same_year", f"begins in the same year: {known}")
        elif abs(_year(given) - _year(known)) <= 1:
            note("born_year_apart", f"begins about a year off: {known}")
        elif not is_state:
            note("born_other", f"contradiction: begins {known}")
    if query.valid_to and facts.valid_to:
        if query.valid_to[:4] == facts.valid_to[:4]:
            note("ended_same", f"ends {facts.valid_to}, as given")
        else:
            note("ended_other", f"contradiction: ends {facts.valid_to}")
    if query.on and (facts.valid_from or facts.valid_to):
        begun = is_state or not facts.valid_from or starts_by(facts.valid_from, query.on)
        if begun and ends_after(facts.valid_to or None, query.on):
            note("existed", f"existed on {query.on}")
        else:
            note("not_existing", f"contradiction: did not exist on {query.on}")


def _year(date: str) -> int:
    return int(date[:4]) if date[:4].isascii() and date[:4].isdigit() else -9


def _properties(given: Mapping[str, str], facts: Facts, note) -> None:
    same, other = [], []
    for name, value in given.items():
        if name == "office":
            wanted, held = offices(value), frozenset().union(*(offices(title) for title in facts.titles))
            if not facts.titles:
                continue
            is_same = bool(wanted & held) or any(name_key(value) == name_key(title) for title in facts.titles)
            note(
                "office" if is_same else "other_office",
                f"{'held' if is_same else 'is not known to have held'}: {value}",
            )
            continue
        known = facts.subtype if name == "subtype" else facts.attributes.get(name)
        if not isinstance(known, str) or not known or not value:
            continue
        agrees = fuzz.token_set_ratio(name_key(known), name_key(value)) >= 85
        (same if agrees else other).append(f"{name.replace('_', ' ')}: {known}")
    if same:
        note("fact_same", f"agrees in {'; '.join(same)}")
    if other:
        note("fact_other", f"differs in {'; '.join(other)}")


def distinct_kinds(queries: Sequence[NameQuery]) -> dict[tuple[str, ...], list[int]]:
    """Places of the queries by the kinds they ask for, so that those alike are looked up together."""
    places: dict[tuple[str, ...], list[int]] = {}
    for place, query in enumerate(queries):
        places.setdefault(tuple(sorted(set(query.kinds))), []).append(place)
    return places
