"""Which countries a text speaks of, by their English names, adjectives and peoples: what a bare name tells of itself.

Records often come without their state, but with a name that has it: "Christian Democratic Union of Germany", "Social
Democratic Party (Romania)". The words are in ``countries.txt``, general vocabulary by ISO 3166 code.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

WORDS_PATH = Path(__file__).with_name("countries.txt")
# "U.S.", "Guinea-Bissau", "Côte": a capitalised word, its marks included.
_WORD = re.compile(r"(?:[A-Z]\.){2,}|[A-ZÀ-ÖØ-Þ][\w’'-]*")


@lru_cache(maxsize=1)
def _phrases() -> dict[str, list[tuple[tuple[str, ...], frozenset[str]]]]:
    """First word → what may follow it, longest first, with the codes meant ("Congolese" is of two)."""
    meant: dict[str, set[str]] = {}
    for line in WORDS_PATH.read_text(encoding="utf-8").splitlines():
        code, _, words = line.partition(" | ")
        for word in words.split("; "):
            meant.setdefault(word.removeprefix("The ").removeprefix("the "), set()).add(code)
            if word[-1] in "inktlb" and " " not in word and "." not in word and not word.isupper():
                meant.setdefault(f"{word}s", set()).add(code)  # "Germans", "Serbs"
    found: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = {}
    for phrase, codes in meant.items():
        first, *rest = phrase.split()
        found.setdefault(first, []).append((tuple(rest), frozenset(codes)))
    for listed in found.values():
        listed.sort(key=lambda item: -len(item[0]))
    return found


def countries_in(text: str) -> Counter[str]:
    """ISO 3166 alpha-3 codes of the countries that a text names, with how often; "Northern Irish" is no country's."""
    phrases = _phrases()
    counts: Counter[str] = Counter()
    end = 0
    for match in _WORD.finditer(text):
        if match.start() < end:
            continue
        word = match.group()
        listed = phrases.get(word) or phrases.get(word.rstrip("’'").removesuffix("'s").removesuffix("’s"))
        if listed is None:
            continue
        for rest, codes in listed:
            phrase = " ".join(rest)
            if not rest or text.startswith(f" {phrase}", match.end()):
                counts.update(codes)
                end = match.end() + (len(phrase) + 1 if rest else 0)
                break
    return counts


@lru_cache(maxsize=100_000)
def countries_of_name(name: str) -> frozenset[str]:
    """The countries within a record's name or title."""
    return frozenset(countries_in(name))
