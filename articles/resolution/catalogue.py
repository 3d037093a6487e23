"""What resolution asks of a catalogue, and a catalogue held in memory."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from articles.detection.agreement_words import TYPE_WORDS
from articles.detection.gazetteer import Gazetteer
from articles.detection.text import fold
from articles.resolution.forms import entries
from entities.matching.offices import offices
from entities.matching.types import Kind, RecordView, Term


@dataclass(frozen=True, slots=True)
class Holder:
    """A person and one office held."""

    person_id: int
    term: Term
    offices: frozenset[str]
    is_elect: bool = False  # chosen, not yet in office: "President-elect"

    @classmethod
    def of(cls, person_id: int, term: Term) -> Holder:
        """The holder of a term."""
        return cls(person_id, term, offices(term.title), "elect" in term.title.lower())


class Holders(tuple[Holder, ...]):
    """Every holder of an office at one place; ``memo`` keeps what was worked out of them."""

    memo: dict

    def __new__(cls, holders: Iterable[Holder] = ()) -> Holders:
        made = super().__new__(cls, holders)
        made.memo = {}
        return made


@dataclass(frozen=True, slots=True)
class Similar:
    """A record whose name resembles a surface form; similarity of the names in [0, 1]."""

    record_id: int
    name: str
    similarity: float


class Catalogue(Protocol):
    """The reference database as one article needs it. Each call may cost a query, whatever the number of keys."""

    version: str

    @property
    def gazetteers(self) -> Sequence[Gazetteer]:
        """The main gazetteer, and a small one of what changed since."""

    @property
    def masked(self) -> frozenset[int]:
        """Records whose entries in the main gazetteer are out of date."""

    def views(self, ids: Collection[int]) -> Mapping[int, RecordView]:
        """Records by id; unknown ids are absent."""

    def holders(self, places: Collection[int]) -> Mapping[int, Sequence[Holder]]:
        """Who held an office at each state or organization, ever."""

    def similar(self, surfaces: Collection[str]) -> Mapping[str, Sequence[Similar]]:
        """Records with a name like each surface form, best first."""

    def precedents(self, keys: Collection[str]) -> Mapping[str, Mapping[int, tuple[int, int]]]:
        """By folded surface form and record: how often people accepted and refused it."""

    @property
    def agreements(self) -> AgreementIndex:
        """The agreements, findable by description."""


_STOP = frozenset(
    [
        "the",
        "of",
        "on",
        "and",
        "for",
        "in",
        "to",
        "between",
        "a",
        "an",
        "de",
        "la",
        "du",
        "des",
        "et",
        "sur",
        "with",
        "concerning",
        "regarding",
        "relating",
        "its",
        "from",
        "by",
    ]
)


def singular(word: str) -> str:
    """A plural without its ``s``: the landmine treaty is the one that bans landmines."""
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


class AgreementIndex:
    """Agreements by party, year and telling word."""

    def __init__(self, records: Iterable[RecordView]):
        self.records: dict[int, RecordView] = {record.id: record for record in records}
        self.words: dict[int, frozenset[str]] = {}
        self.types: dict[int, frozenset[str]] = {}
        self.parties: dict[int, frozenset[int]] = {}
        self.years: dict[int, frozenset[str]] = {}
        self.by_word: dict[str, list[int]] = defaultdict(list)
        self.by_party: dict[int, list[int]] = defaultdict(list)
        self.by_year: dict[int, list[int]] = defaultdict(list)
        counts: Counter[str] = Counter()
        for record in self.records.values():
            words, types = set(), set()
            for name in record.names:
                for word in fold(name.text).split():
                    if word in TYPE_WORDS:
                        types.add(TYPE_WORDS[word])
                    elif word not in _STOP and len(word) > 1 and not word.isdigit():
                        words.add(word)
                        words.add(singular(word))
            words.update(word for word in fold(record.subtype).split() if len(word) > 2)
            types.update(TYPE_WORDS[word] for word in fold(record.subtype).split() if word in TYPE_WORDS)
            self.words[record.id] = frozenset(words)
            self.types[record.id] = frozenset(types)
            self.parties[record.id] = frozenset(record.parties)
            self.years[record.id] = frozenset(day[:4] for day in (record.signed, record.valid_from) if day)
            counts.update(words)
            for word in words:
                self.by_word[word].append(record.id)
            for party in record.parties:
                self.by_party[party].append(record.id)
            for year in {day[:4] for day in (record.signed, record.valid_from) if day and day[:4].isdigit()}:
                self.by_year[int(year)].append(record.id)
        size = max(1, len(self.records))
        #: How much a word tells: 0 for one that every agreement has, 1 for one that only one has.
        self.rarity = {
            word: math.log(size / count) / math.log(size) if size > 1 else 1.0 for word, count in counts.items()
        }


class MemoryCatalogue:
    """A catalogue held in memory whole: for tests, and for collections small enough."""

    masked: frozenset[int] = frozenset()

    def __init__(
        self,
        records: Iterable[RecordView],
        *,
        version: str = "memory",
        similar=None,
        precedents: Mapping[str, Mapping[int, tuple[int, int]]] | None = None,
    ):
        self.version = version
        self._records = {record.id: record for record in records}
        self.gazetteers = [Gazetteer(entry for record in self._records.values() for entry in entries(record))]
        self._holders: dict[int, list[Holder]] = defaultdict(list)
        for record in self._records.values():
            for holder, place in holders_of(record):
                self._holders[place].append(holder)
        self.agreements = AgreementIndex(r for r in self._records.values() if r.kind is Kind.AGREEMENT)
        self._similar = similar
        self._precedents = precedents or {}

    def views(self, ids: Collection[int]) -> Mapping[int, RecordView]:
        return {id_: self._records[id_] for id_ in ids if id_ in self._records}

    def holders(self, places: Collection[int]) -> Mapping[int, Sequence[Holder]]:
        return {place: self._holders.get(place, ()) for place in places}

    def similar(self, surfaces: Collection[str]) -> Mapping[str, Sequence[Similar]]:
        return self._similar(surfaces) if self._similar else {}

    def precedents(self, keys: Collection[str]) -> Mapping[str, Mapping[int, tuple[int, int]]]:
        return {key: self._precedents[key] for key in keys if key in self._precedents}


def holders_of(record: RecordView) -> Iterator[tuple[Holder, int]]:
    """A person's terms as ``(holder, place id)``, once for the state and once for the organization."""
    for term in record.terms:
        holder = Holder.of(record.id, term)
        if term.state:
            yield holder, term.state
        if term.organization:
            yield holder, term.organization
