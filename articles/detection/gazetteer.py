"""Every name of the catalogue, found in a text in one pass (Aho-Corasick).

A pattern may stand for many records (two Congos) and for a record in many ways (a name, a demonym, a surname derived
from a full name): each such entry is a ``Sense``. Entries are kept in flat arrays, because a million small objects
would cost ten times the memory.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import itemgetter

import ahocorasick_rs

from articles.detection.text import fold, padded
from articles.detection.words import is_ordinary
from entities.matching.types import DERIVED_SENSES, AliasType, Kind, MentionType

#: How a pattern stands for a record. The alias types, and what we derive ourselves.
SENSE_NAMES = tuple(type_.value for type_ in AliasType) + ("main", "surname", "initials", "core", "part")
_SENSE_CODES = {name: code for code, name in enumerate(SENSE_NAMES)}
_KINDS = tuple(Kind)
_KIND_CODES = {kind: code for code, kind in enumerate(_KINDS)}

_CASE_ANY, _CASE_TITLE, _CASE_UPPER, _CASE_LOWER = 0, 1, 2, 3
_WEAK = 4
_AT_ONCE = 200_000  # patterns in one automaton


@dataclass(frozen=True, slots=True)
class Entry:
    """One way in which a name stands for a record, as given to the gazetteer."""

    record_id: int
    kind: Kind
    name: str
    sense: str  # one of SENSE_NAMES
    weak: bool = False
    prominence: int = 0  # 1 best known … 3; 0 unknown


@dataclass(frozen=True, slots=True)
class Sense:
    """One way in which a found surface form stands for a record."""

    record_id: int
    kind: Kind
    sense: str
    weak: bool = False
    prominence: int = 0


_TYPE_OF_KIND = {
    Kind.PERSON: MentionType.PERSON,
    Kind.STATE: MentionType.PLACE_POLITICAL,
    Kind.ORGANIZATION: MentionType.ORGANIZATION,
    Kind.AGREEMENT: MentionType.AGREEMENT,
}


@lru_cache(maxsize=4096)
def _shared(traits: frozenset) -> frozenset:
    """One set for all that are equal: few differ, and every name has several."""
    return traits


class Senses(tuple[Sense, ...]):
    """What a surface form may stand for; what every step asks of them is worked out once for each name."""

    @cached_property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of the records meant."""
        return _shared(frozenset(sense.kind for sense in self))

    @cached_property
    def own_kinds(self) -> frozenset[Kind]:
        """Those of the records that have the very name, or another one that is no derived form."""
        return _shared(frozenset(sense.kind for sense in self if sense.sense not in DERIVED_SENSES))

    @cached_property
    def is_place(self) -> bool:
        """Whether a state or an organization may be meant."""
        return not self.kinds.isdisjoint((Kind.STATE, Kind.ORGANIZATION))

    @cached_property
    def types(self) -> frozenset[MentionType]:
        """What a mention of them looks like."""
        return _shared(frozenset(
            MentionType.NATIONALITY if sense.sense in _PLURAL_TYPES else _TYPE_OF_KIND[sense.kind] for sense in self
        ))  # fmt: skip

    @cached_property
    def names(self) -> frozenset[str]:
        """The ways in which records are meant: alias types and derived forms."""
        return _shared(frozenset(sense.sense for sense in self))


NO_SENSES = Senses()


@dataclass(slots=True)
class Hit:
    """A surface form at ``[start, end)`` and what it may stand for."""

    start: int
    end: int
    senses: Senses


_PLURAL_TYPES = {AliasType.DEMONYM.value, AliasType.ADJECTIVE.value}
_DOTTED = re.compile(r"^(?:\w\.){2,}$")
_INNER_MARK = re.compile(r"[’'ʻʼ`.]")
# Articles that names are listed with and texts drop or write small.
_LEADING_ARTICLE = re.compile(r"^(?:the|le|la|les|el|los|las|der|die|das|il|o|os|as)\s+(?=\S)", re.IGNORECASE)


# What the press abbreviates at the head of a longer name: "U.N. Security Council".
_SHORTENED = {
    "United Nations ": ("UN ", "U.N. "),
    "European Union ": ("EU ",),
    "United States ": ("US ", "U.S. "),
    "International ": ("Int'l ",),
}


def variants(name: str, sense: str) -> Iterator[str]:
    """The spellings of one name that a text may print: dotted acronyms, without inner marks, plural demonyms."""
    yield name
    bare = _LEADING_ARTICLE.sub("", name)
    if bare != name and len(bare) > 3 and (name[:3].lower() == "the" or " " in bare):
        yield bare
    stripped = _INNER_MARK.sub("", bare)
    if stripped != bare:
        yield stripped
    letters = stripped.replace(" ", "")
    if 2 <= len(letters) <= 5 and letters.isalpha() and letters.isupper() and letters.isascii():
        yield ".".join(letters)
    if sense == "acronym" and len(letters) >= 5 and letters.isalpha() and letters.isupper() and letters.isascii():
        if not is_ordinary(letters):
            yield letters.capitalize()  # as many papers write what is spoken as a word: "Unmik", "Unicef"
    if (
        sense in _PLURAL_TYPES
        and bare[-1:].isascii()
        and bare[-1:].isalpha()
        and bare[:1].isupper()
        and bare[-1] not in "szx"
    ):
        yield bare + "s"
    if bare.startswith("ال") and " " in bare:
        yield bare[1:]  # "للأمم المتحدة": after "to" the article loses its first letter
    if " & " in bare:
        yield bare.replace(" & ", " and ")
    for long, shorts in _SHORTENED.items():
        if bare.startswith(long) and len(bare) > len(long) + 3:
            yield from (short + bare[len(long) :] for short in shorts)


# "And", "in", "to", "the" and their compounds, which Arabic, Persian and Hebrew write as letters before a name.
_CLITICS = frozenset(
    "و ف ب ل ك ال وال فال بال كال لل ولل وب ول وك فل فب س أ".split()
    + "ו ב ל מ ה ש כ וה וב ול ומ וש שה מה שב לה בה כש וכ".split()
)
_PREFIXING = re.compile("[\u0590-\u06ff]")
_LETTERS_BEFORE = re.compile("[\u0590-\u06ff]{1,4}$")


def _may_begin(text: str, start: int) -> bool:
    """Whether a name in Arabic or Hebrew letters begins here: after a space or after what is written to a name."""
    if not _PREFIXING.match(text, start):
        return True
    before = _LETTERS_BEFORE.search(text, max(0, start - 4), start)
    return before is None or before.group() in _CLITICS


class Gazetteer:
    """An immutable set of patterns; build a new one for a new catalogue, or lay a small one over a large one."""

    def __init__(self, entries: Iterable[Entry]):
        # Flat arrays and one string for each pattern: of a million names nothing else may live while this is built.
        numbers: dict[str, int] = {}
        pattern_of = array("q")
        self._records = array("q")
        self._kinds = array("B")
        self._senses = array("B")
        self._flags = array("B")
        for entry in entries:
            keys = {}
            for spelling in variants(entry.name, entry.sense):
                key = fold(spelling).strip()
                if key and (len(key) > 1 or not key.isascii()) and key not in keys:
                    keys[key] = spelling
            for key, spelling in keys.items():
                pattern_of.append(numbers.setdefault(padded(key), len(numbers)))
                self._records.append(entry.record_id)
                self._kinds.append(_KIND_CODES[entry.kind])
                self._senses.append(_SENSE_CODES[entry.sense])
                weak = _WEAK if entry.weak else 0
                self._flags.append(_case_rule(spelling, entry.sense) | weak | entry.prominence << 3)
        patterns = list(numbers)
        del numbers
        self.size = len(patterns)
        self._starts, self._entries = _grouped(pattern_of, self.size)
        self._lead = bytes(1 if pattern[0] == " " else 0 for pattern in patterns)
        self._trail = bytes(1 if pattern[-1] == " " else 0 for pattern in patterns)
        self._cache: dict[tuple[int, bool, bool], Senses] = {}
        # To make an automaton takes six times the memory that it has in the end; a text is read in a moment by each.
        self._automata = [
            (first, ahocorasick_rs.AhoCorasick(patterns[first : first + _AT_ONCE], store_patterns=False))
            for first in range(0, self.size, _AT_ONCE)
        ]

    def find(self, text: str, folded: str) -> list[Hit]:
        """Every hit whose letters' case fits, overlapping ones included, in text order.

        Args:
            text: as printed; ``folded``: ``fold(text)``, of the same length.
        """
        hits = []
        size = len(text)
        for number, start, end in self._matches(folded):
            start = start - 1 + self._lead[number]
            end = end - 1 - self._trail[number]
            if end > size or start < 0:
                continue
            if text[start] >= "\u0590":
                if not _may_begin(text, start):
                    continue
                if text.startswith("ال", start - 2):
                    start -= 2  # the article is written to the word
            senses = self._fitting(number, text[start:end])
            if senses:
                # "U.S" and its last full stop, unless that ends the sentence for good.
                if end < size and text[end] == "." and text[end - 2 : end - 1] == "." and end - start >= 3:
                    end += 1
                hits.append(Hit(start, end, senses))
        return hits

    def _matches(self, folded: str) -> list[tuple[int, int, int]]:
        """``(pattern, start, end)`` of every match in text order, in the text with a space on either side."""
        spaced = f" {folded} "  # lets a name stand at the very beginning and end
        found: list[tuple[int, int, int]] = []
        for first, automaton in self._automata:
            matches = automaton.find_matches_as_indexes(spaced, overlapping=True)
            found += [(first + number, start, end) for number, start, end in matches] if first else matches
        if len(self._automata) > 1:
            found.sort(key=_end_and_start)
        return found

    def lookup(self, name: str) -> Senses:
        """What a whole name may stand for, whatever its case."""
        hits = [hit for hit in self.find(name, fold(name)) if hit.start == 0 and hit.end >= len(name.rstrip("."))]
        return hits[0].senses if hits else NO_SENSES

    def _fitting(self, number: int, surface: str) -> Senses:
        first = surface[0]
        shouted = surface.isupper()
        cased = first.isupper() or not (first.islower() or first.isupper())
        state = (number, cased, shouted)
        found = self._cache.get(state)
        if found is None:
            senses = {}
            for position in range(self._starts[number], self._starts[number + 1]):
                entry = self._entries[position]
                flags = self._flags[entry]
                rule = flags & 3
                if (rule == _CASE_UPPER and not shouted) or (rule == _CASE_TITLE and not cased):
                    continue
                if rule == _CASE_LOWER and cased:
                    continue
                sense = Sense(
                    self._records[entry],
                    _KINDS[self._kinds[entry]],
                    SENSE_NAMES[self._senses[entry]],
                    bool(flags & _WEAK),
                    flags >> 3,
                )
                senses.setdefault((sense.record_id, sense.sense), sense)
            found = Senses(senses.values())
            if len(self._cache) < 200_000:
                self._cache[state] = found
        return found


_end_and_start = itemgetter(2, 1)


def _grouped(group_of: array, count: int) -> tuple[array, array]:
    """Places in ``group_of`` by group, in order: of group ``n`` those from ``starts[n]`` to ``starts[n + 1]``."""
    starts = array("q", bytes(8 * (count + 1)))
    for group in group_of:
        starts[group + 1] += 1
    for group in range(count):
        starts[group + 1] += starts[group]
    free = array("q", starts)
    places = array("q", bytes(8 * len(group_of)))
    for place, group in enumerate(group_of):
        places[free[group]] = place
        free[group] += 1
    return starts, places


def _case_rule(spelling: str, sense: str) -> int:
    """Acronyms must be printed in capitals, names with a capital, adjectives small; scripts without case may be anything."""
    letters = [char for char in spelling if char.isalpha()]
    if not letters or not any(char.isupper() or char.islower() for char in letters):
        return _CASE_ANY
    if len(letters) <= 5 and all(char.isupper() for char in letters) and letters[0].upper() != letters[0].lower():
        return _CASE_UPPER
    if sense == "initials":
        return _CASE_UPPER
    if letters[0].islower() and sense in _PLURAL_TYPES and " " not in spelling:
        return _CASE_LOWER  # "venezolano", "französische": adjectives of languages that write them small
    if letters[0].islower() and sense != "main":
        return _CASE_ANY if " " in spelling or "-" in spelling else _CASE_TITLE
    return _CASE_TITLE


def longest(hits: list[Hit]) -> list[Hit]:
    """The hits that no longer hit covers or crosses; of equals the earlier one."""
    if not hits:
        return []
    chosen: list[Hit] = []
    taken = bytearray(max(hit.end for hit in hits))
    for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start)):
        if taken.find(1, hit.start, hit.end) < 0:
            chosen.append(hit)
            taken[hit.start : hit.end] = b"\x01" * (hit.end - hit.start)
    chosen.sort(key=lambda hit: hit.start)
    return chosen
