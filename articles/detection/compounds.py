"""Names made of names that the catalogue has, which are not meant: "Johnson & Johnson", "Israel Adesanya"."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache, partial

from articles.detection.gazetteer import Hit
from articles.detection.ner import NamedSpan
from articles.detection.text import is_title_case
from articles.detection.words import is_ordinary
from entities.matching.types import Kind, MentionType

_PART = r"[A-ZÀ-Þ][\w’'-]{1,30}"
_FIRM = re.compile(rf"{_PART}(?:, {_PART}){{0,2}},? & {_PART}(?: (?:Co|Sons|Company)\b\.?)?")
# States whose names are given names, too. From general knowledge.
_GIVEN_TOO = re.compile(rf"\b(?:Israel|Jordan|Chad|Georgia|India|Kenya)(?= (?P<name>{_PART}))")
_LOCATIVE = re.compile(r"\b(?:in|from|to|into|between|against|near|across|of)\s$", re.IGNORECASE)
_STATELY = re.compile(r"\bQueen(?= (?:Mother|Consort)\b)")


def without_parts(text: str, hits: list[Hit], tagged: Sequence[NamedSpan]) -> tuple[list[Hit], Sequence[NamedSpan]]:
    """The hits less those that only make up another name, and the tagged names with that name in their place."""
    firms = list(_FIRM.finditer(text)) if " & " in text else []
    people = list(_GIVEN_TOO.finditer(text))
    queens = [match.span() for match in _STATELY.finditer(text)]
    if not (firms or people or queens):
        return hits, tagged
    known = _Known(hits)
    compounds = [*_firms(text, firms, known), *_people(text, people, known)]
    covered = bytearray(len(text))
    for start, end in [*((one.start, one.end) for one in compounds), *queens]:
        covered[start:end] = b"\x01" * (end - start)
    kept = [hit for hit in hits if covered.find(1, hit.start, hit.end) < 0]
    others = [one for one in tagged if covered.find(1, one.start, one.end) < 0]
    return kept, sorted([*others, *compounds], key=lambda one: (one.start, -one.end))


class _Known:
    """Hits by their place: a hostile text has thousands of each pattern, and of hits."""

    def __init__(self, hits: list[Hit]):
        self._hits = sorted(hits, key=lambda hit: hit.start)
        self._longest = max((hit.end - hit.start for hit in hits), default=0)

    def beside(self, start: int, end: int) -> list[Hit]:
        """Those that share a character with ``[start, end)``."""
        first = bisect_left(self._hits, start - self._longest, key=lambda hit: hit.start)
        last = bisect_left(self._hits, end, lo=first, key=lambda hit: hit.start)
        return [hit for hit in self._hits[first:last] if start < hit.end]


def _firms(text: str, matches: list[re.Match], known: _Known) -> list[NamedSpan]:
    """Partners' names joined by "&". Two who are known by these names, and unlike, may be a headline's: "Trump & Xi"."""
    found = []
    for match in matches:
        start, end = match.span()
        inside = known.beside(start, end)
        if any(hit.start <= start and hit.end >= end for hit in inside):
            continue  # the catalogue has it
        words = [word.strip(",") for word in match.group().split() if word[0].isupper()]
        names = {text[hit.start : hit.end] for hit in inside if hit.start >= start and hit.end <= end}
        if len(set(words)) == len(words) and all(word in names for word in words):
            continue
        found.append(NamedSpan(start, end, MentionType.ORGANIZATION))
    return found


def _people(text: str, matches: list[re.Match], known: _Known) -> list[NamedSpan]:
    """Who has a state's name as a given name, and a family name that nobody in the catalogue has with it."""
    found = []
    in_title_case = cache(partial(is_title_case, text))
    for match in matches:
        start, second = match.start(), match.start("name")
        surname = _OWNED.sub("", match.group("name"))
        end = second + len(surname)
        if is_ordinary(surname) or surname.isupper() or _LOCATIVE.search(text, max(0, start - 9), start):
            continue  # "Israel Defense Forces", "in Israel Netanyahu said"
        if in_title_case(text.rfind("\n", 0, start) + 1):
            continue
        beside = known.beside(start, end)
        if any(hit.start < start or hit.end > second and hit.senses.kinds != _PERSONS for hit in beside):
            continue  # "Jordan TV", "Israel Hamas"
        if any(hit.start == start and hit.end >= end for hit in beside):
            continue  # the catalogue has this person
        found.append(NamedSpan(start, end, MentionType.PERSON))
    return found


_OWNED = re.compile(r"['’]s?$")
_PERSONS = frozenset({Kind.PERSON})
