"""Which record a name with a few facts means, outside of any text: probability, reasons, features.

The name gives the log-odds to begin with (``compare_names`` is calibrated); each fact that is asked for and known moves
them. Candidates of one query compete with each other and with "none of these", so that namesakes share what there is.
The weights are set by hand: no file here has look-ups with facts to learn them from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from entities.matching.dates import covers, in_words
from entities.matching.names import compare_names
from entities.matching.normalize import name_key
from entities.matching.offices import fits, offices
from entities.matching.scoring import probabilities
from entities.matching.types import SENSE_TYPES, AliasType, Kind, RecordView

#: A candidate is *the* match from this probability and with this lead on; below it there is only a ranking.
MATCH_AT, MATCH_MARGIN = 0.7, 0.2

_FLOOR, _CEILING = 0.01, 0.995  # no name alone is proof
_SLOPE = 1.6  # a dozen names that are a little alike must not outweigh "none of these" together
_EQUAL = 1.5  # log-odds for the very name: what merely contains it is another thing more often than not
_PART_OF_PERSON, _PART_OF_OTHER = 0.8, 0.72  # likeness of "Merkel" and of "Hezbollah" to a longer name
_SENSE_NAME = 0.75  # a word that stands for a record ("Kremlin") is less than its name
_WEAK_NAME = 0.85
_WEIGHTS = {
    "identifier": 7.0, "other_identifier": -6.0, "date": 2.5, "year": 1.8, "other_year": -4.0, "existed": 0.5,
    "not_then": -3.0, "state": 1.2, "other_state": -1.5, "office": 1.5, "other_office": -1.0, "prominence": 0.3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NameQuery:
    """A name and what else is known of whom or what it means; absent facts are empty.

    ``name`` may be an id of this catalogue or a Wikidata id. Dates are ISO prefixes. ``states`` are record ids.
    """

    name: str
    kinds: tuple[str, ...] = ()  # only these; none means all
    on: str = ""  # a day on which it existed, and held the office
    start: str = ""  # born, founded, signed
    end: str = ""  # died, dissolved, ended
    states: frozenset[int] = frozenset()
    office: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()

    @property
    def has_facts(self) -> bool:
        """True if anything but the name and the kind is given."""
        return bool(self.on or self.start or self.end or self.states or self.office or self.identifiers)


@dataclass(frozen=True, slots=True)
class Named:
    """A record that a query's name may lead to, by its closest alias."""

    record: RecordView
    alias: str
    alias_type: str = ""
    is_weak: bool = False
    by_id: bool = False  # the query's name is an id of it


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A record with the probability that the query means it, and why."""

    record_id: int
    probability: float
    margin: float  # lead over the best other candidate; below 0 it is behind
    matched_name: str
    reasons: tuple[str, ...]
    features: dict[str, float] = field(default_factory=dict)

    @property
    def is_match(self) -> bool:
        """Likely enough, and far enough ahead, to be taken without a person. True of one candidate at most."""
        return self.probability >= MATCH_AT and self.margin >= MATCH_MARGIN


def name_likeness(query: str, named: Named) -> float:
    """How surely a name is one of the record's, in [0, 1]."""
    if named.by_id:
        return 1.0
    likeness = compare_names(query, named.alias, named.record.kind)
    if _is_part(query, named.alias):
        if named.record.kind is Kind.PERSON:
            likeness = max(likeness, _PART_OF_PERSON)
        else:
            likeness = min(likeness, _PART_OF_OTHER)
    if AliasType(named.alias_type) in SENSE_TYPES:
        return likeness * _SENSE_NAME
    return likeness * (_WEAK_NAME if named.is_weak else 1.0)


def _is_part(query: str, alias: str) -> bool:
    """Whether the query is some whole words of the alias, and not all of them."""
    ours, theirs = set(name_key(query).split()), set(name_key(alias).split())
    return bool(ours) and ours < theirs


def rank_candidates(query: NameQuery, candidates: Iterable[Named]) -> list[NameMatch]:
    """Every candidate of one query, the likeliest first; ties by record id, so that runs agree."""
    weighed = [(named, *_weigh(query, named)) for named in candidates]
    chances = probabilities([odds for _, odds, _, _ in weighed])
    order = sorted(range(len(weighed)), key=lambda n: (-chances[n], weighed[n][0].record.id))
    best = [chances[n] for n in order[:2]]
    found = []
    for place, n in enumerate(order):
        named, _, features, reasons = weighed[n]
        rival = (best[1] if len(best) > 1 else 0.0) if place == 0 else best[0]
        found.append(
            NameMatch(
                named.record.id,
                round(chances[n], 4),
                round(chances[n] - rival, 4),
                named.alias,
                tuple(reasons),
                features,
            )
        )
    return found


def _weigh(query: NameQuery, named: Named) -> tuple[float, dict[str, float], list[str]]:
    likeness = name_likeness(query.name, named)
    bounded = min(_CEILING, max(_FLOOR, likeness))
    features = {"name": round(likeness, 4)}
    reasons = [_name_in_words(query.name, named, likeness)]
    odds = _SLOPE * math.log(bounded / (1 - bounded))
    if name_key(query.name) == name_key(named.alias) and AliasType(named.alias_type) not in SENSE_TYPES:
        features["equal"] = 1.0
        odds += _EQUAL
    if named.by_id:
        odds += _WEIGHTS["identifier"]
    for name, value, words in _facts(query, named.record):
        features[name] = value
        odds += _WEIGHTS[name] * value
        if words:
            reasons.append(words)
    return odds, features, reasons


def _name_in_words(query: str, named: Named, likeness: float) -> str:
    record = named.record
    if named.by_id:
        return "its id"
    if AliasType(named.alias_type) in SENSE_TYPES:
        return f"“{named.alias}” is a {AliasType(named.alias_type)} for {record.name}"
    weak = ", a name shared by many" if named.is_weak else ""
    if query.casefold() == named.alias.casefold():
        return f"{'the name itself' if named.alias == record.name else f'also called {named.alias}'}{weak}"
    if _is_part(query, named.alias):
        return f"part of the name {named.alias}{weak}"
    return f"{likeness:.0%} like the name {named.alias}{weak}"


def _facts(query: NameQuery, record: RecordView) -> list[tuple[str, float, str]]:
    """``(feature, value, words)`` for each fact that is asked for and known."""
    found: list[tuple[str, float, str]] = []
    ours = dict(record.identifiers)
    for scheme, value in query.identifiers:
        if scheme in ours:
            same = ours[scheme].casefold() == value.casefold()
            words = f"its {scheme} id is {ours[scheme]}"
            found.append(("identifier" if same else "other_identifier", 1.0, words))
    for asked, known, verb in (
        (query.start, record.valid_from or record.signed, "began"),
        (query.end, record.valid_to, "ended"),
    ):
        if asked and known:
            found.append(_dates(asked, known, verb))
    if query.on and (record.valid_from or record.valid_to):
        fits_day = covers(record.valid_from, record.valid_to, query.on)
        span = in_words(record.valid_from, record.valid_to)
        found.append(("existed" if fits_day else "not_then", 1.0, f"existed {span}" if span else ""))
    if query.states:
        own = {*record.states, *record.parties, *(term.state for term in record.terms if term.state), record.id}
        if own & query.states:
            found.append(("state", 1.0, "of that state"))
        elif own - {record.id}:
            found.append(("other_state", 1.0, "of another state"))
    if query.office and record.terms:
        found.append(_office(query, record))
    if record.prominence:
        found.append(("prominence", (3 - record.prominence) / 2, ""))
    return found


def _dates(asked: str, known: str, verb: str) -> tuple[str, float, str]:
    if asked[:4] != known[:4]:
        near = abs(int(asked[:4]) - int(known[:4])) <= 1 if asked[:4].isdigit() and known[:4].isdigit() else False
        return ("other_year", 0.3 if near else 1.0, f"{verb} in {known[:4]}")
    whole = len(asked) >= 10 and asked == known
    return ("date" if whole else "year", 1.0, f"{verb} {'on' if whole else 'in'} {known if whole else known[:4]}")


def _office(query: NameQuery, record: RecordView) -> tuple[str, float, str]:
    wanted = offices(query.office)
    best, words = 0.0, ""
    for term in record.terms:
        fit = fits(wanted, offices(term.title)) if wanted else float(query.office.casefold() in term.title.casefold())
        if fit and query.on and not covers(term.start, term.end, query.on):
            fit *= 0.4
        if fit > best:
            best, words = (
                fit,
                f"was {term.title}{f' of {term.at}' if term.at else ''} {in_words(term.start, term.end)}".strip(),
            )
    return ("office", best, words) if best else ("other_office", 1.0, "is not known in that office")


def best_names(candidates: Sequence[Named], query: str, most: int) -> list[Named]:
    """The candidates whose names are likest, before any fact is looked at."""
    return sorted(candidates, key=lambda named: (-name_likeness(query, named), named.record.id))[:most]
