"""What resolution asks of a catalogue, and how a record's names become gazetteer entries."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from articles.detection.agreements import TYPE_WORDS
from articles.detection.gazetteer import Entry, Gazetteer
from articles.detection.text import fold
from entities.matching.offices import offices
from entities.matching.types import Kind, RecordView, Term


@dataclass(frozen=True, slots=True)
class Holder:
    """A person and one office held."""

    person_id: int
    term: Term
    offices: frozenset[str]


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


# Family names that stand first in names of China, Korea, Vietnam and their neighbours. From general knowledge.
_FAMILY_FIRST = frozenset(
    "ai an bae bai ban bao cai cao chae chan chang chen cheng cheong cho choe choi chon chow chu chun chung cui dai deng "
    "ding dong du duan fan fang feng fu gao ge geng gong gu guo ha han hao he ho hong hou hu huang hung hwang hyun im "
    "jang jeon jeong ji jia jiang jin jo joo jung kang kim ko kong koo kwak kwon lai lam lau lee lei leung li liang liao "
    "lim lin ling liu long lu luo ma mao meng min mo moon nam ng ngo nguyen ni noh oh pak pan park peng pham phan qian "
    "qin qiu qu ra ren rhee ri roh ryu seo shao shen shi shim shin sin so son song su suh sun tan tang tao thein tian to "
    "tran truong tsai tu vo vu wan wang wei wen won wong woo wu xi xia xiao xie xu xue yan yang yao ye yee yi yim yin yoo "
    "yoon you yu yuan yun zeng zhai zhang zhao zheng zhong zhou zhu zou".split()
)
_PARTICLES = frozenset(
    "al el bin ben ibn bint von van der den de da di del della dos das du la le st abu ould ter ten zu af y do".split()
)
_WORDS = re.compile(r"[^\s\-‐–]+(?:[-‐–][^\s]+)?")
_PARENTHESIS = re.compile(r"\s*\([^)]*\)")
_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})


def surnames(name: str) -> list[str]:
    """The forms in which the press shortens a person's name: the family name, with and without its particles.

    ``"Ursula von der Leyen"`` → ``["Leyen", "von der Leyen"]``; ``"Xi Jinping"`` → ``["Xi"]``.
    """
    parts = [part.strip(",") for part in _PARENTHESIS.sub("", name).split()]
    while parts and parts[-1].lower() in _SUFFIXES:
        parts.pop()
    if len(parts) < 2 or not any(char.isalpha() for char in parts[-1]):
        return []
    first = fold(parts[0]).strip()
    given = parts[1:]
    if first in _FAMILY_FIRST and (
        (len(given) == 1 and ("-" in given[0] or fold(given[0]).strip() not in _FAMILY_FIRST and _is_syllables(given[0])))
        or (len(given) == 2 and all(_is_syllables(part) for part in given))
    ):
        return [parts[0]]
    position = len(parts) - 1
    found = [parts[position]]
    prefix, _, rest = parts[position].partition("-")
    if rest and prefix.lower() in _PARTICLES:
        found.append(rest)
    start = position
    while start > 1 and parts[start - 1].lower().strip(".'’") in _PARTICLES:
        start -= 1
    if start < position:
        found.append(" ".join(parts[start:]))
    elif len(parts) >= 4 and parts[-2][:1].isupper() and not parts[-2].endswith("."):
        found.append(" ".join(parts[-2:]))
    return [form for form in dict.fromkeys(found) if len(fold(form).strip()) > 1]


_SYLLABLES = re.compile(r"(?:(?:zh|ch|sh|ts|ky|hy|my|by|py|ry|ny|kk|pp|tt|[bcdfghjklmnpqrstwxyz])?[aeiouy]{1,3}(?:ng|n|r|k|l|m|p|t|h)?){1,3}")


def _is_syllables(word: str) -> bool:
    """True for what could be a Chinese or Korean given name in Latin letters."""
    return len(word) <= 10 and _SYLLABLES.fullmatch(fold(word).strip().replace(" ", "")) is not None


def entries(record: RecordView, *, derive_surnames: bool = True) -> Iterator[Entry]:
    """Every way in which a text may name a record."""
    prominence = record.prominence or 0
    seen = set()
    for number, name in enumerate(record.names or ()):
        text = _PARENTHESIS.sub("", name.text) if number == 0 else name.text
        sense = "main" if number == 0 and not name.is_sense else name.type.value
        if (text, sense) not in seen and text:
            seen.add((text, sense))
            yield Entry(record.id, record.kind, text, sense, name.weak, prominence)
    if record.kind is Kind.PERSON and derive_surnames:
        whole = {fold(name.text).strip() for name in record.names}
        forms = {}
        for name in record.names:
            if not name.weak and not name.is_sense and name.type.value != "nickname":
                for form in surnames(name.text):
                    forms.setdefault(fold(form).strip(), form)
        for key, form in forms.items():
            if key not in whole:
                yield Entry(record.id, record.kind, form, "surname", True, prominence)


_STOP = frozenset(
    "the of on and for in to between a an de la du des et sur with concerning regarding relating its from by".split()
)


class AgreementIndex:
    """Agreements by party, year and telling word."""

    def __init__(self, records: Iterable[RecordView]):
        self.records: dict[int, RecordView] = {record.id: record for record in records}
        self.words: dict[int, frozenset[str]] = {}
        self.types: dict[int, frozenset[str]] = {}
        self.by_word: dict[str, list[int]] = defaultdict(list)
        self.by_party: dict[int, list[int]] = defaultdict(list)
        counts: Counter[str] = Counter()
        for record in self.records.values():
            words, types = set(), set()
            for name in record.names:
                for word in fold(name.text).split():
                    if word in TYPE_WORDS:
                        types.add(TYPE_WORDS[word])
                    elif word not in _STOP and len(word) > 1 and not word.isdigit():
                        words.add(word)
            words.update(word for word in fold(record.subtype).split() if len(word) > 2)
            self.words[record.id] = frozenset(words)
            self.types[record.id] = frozenset(types)
            counts.update(words)
            for word in words:
                self.by_word[word].append(record.id)
            for party in record.parties:
                self.by_party[party].append(record.id)
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
        self.gazetteers = [
            Gazetteer(entry for record in self._records.values() for entry in entries(record))
        ]
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
        holder = Holder(record.id, term, offices(term.title))
        if term.state:
            yield holder, term.state
        if term.organization:
            yield holder, term.organization
