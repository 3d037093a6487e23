"""Names made of names that the catalogue has, which are not meant: "Johnson & Johnson", "Israel Adesanya"."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    compounds = [*_firms(text, hits), *_people(text, hits)]
    queens = [match.start() for match in _STATELY.finditer(text)]
    if not compounds and not queens:
        return hits, tagged
    spans = [(one.start, one.end) for one in compounds] + [(start, start + len("Queen")) for start in queens]
    kept = [hit for hit in hits if not any(hit.start < end and start < hit.end for start, end in spans)]
    others = [one for one in tagged if not any(one.start < end and start < one.end for start, end in spans)]
    return kept, sorted([*others, *compounds], key=lambda one: (one.start, -one.end))


def _firms(text: str, hits: list[Hit]) -> list[NamedSpan]:
    """Partners' names joined by "&". Two who are known by these names, and unlike, may be a headline's: "Trump & Xi"."""
    found = []
    for match in _FIRM.finditer(text) if " & " in text else ():
        start, end = match.span()
        inside = [hit for hit in hits if hit.start < end and start < hit.end]
        if any(hit.start <= start and hit.end >= end for hit in inside):
            continue  # the catalogue has it
        words = [word.strip(",") for word in match.group().split() if word[0].isupper()]
        known = {text[hit.start : hit.end] for hit in inside if hit.start >= start and hit.end <= end}
        if len(set(words)) == len(words) and all(word in known for word in words):
            continue
        found.append(NamedSpan(start, end, MentionType.ORGANIZATION))
    return found


def _people(text: str, hits: list[Hit]) -> list[NamedSpan]:
    """Who has a state's name as a given name, and a family name that nobody in the catalogue has with it."""
    found = []
    for match in _GIVEN_TOO.finditer(text):
        start, second = match.start(), match.start("name")
        surname = _OWNED.sub("", match.group("name"))
        end = second + len(surname)
        if is_ordinary(surname) or surname.isupper() or _LOCATIVE.search(text, max(0, start - 9), start):
            continue  # "Israel Defense Forces", "in Israel Netanyahu said"
        if is_title_case(text, text.rfind("\n", 0, start) + 1):
            continue
        beside = [hit for hit in hits if hit.start < end and start < hit.end]
        if any(hit.start < start or hit.end > second and hit.senses.kinds != _PERSONS for hit in beside):
            continue  # "Jordan TV", "Israel Hamas"
        if any(hit.start == start and hit.end >= end for hit in beside):
            continue  # the catalogue has this person
        found.append(NamedSpan(start, end, MentionType.PERSON))
    return found


_OWNED = re.compile(r"['’]s?$")
_PERSONS = frozenset({Kind.PERSON})
