"""How much a word of a name tells, by how many names hold it: counted in the starter catalogue by ``learn_names``."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from entities.matching.names.sounds import heard
from entities.matching.names.vocabulary import CONCEPT_OF, SORTS_OF_BODIES

PATH = Path(__file__).with_name("frequencies.json")
_SORT_OF_BODY = 0.55  # what a body is, at most: "Committee for Space Technology", "Department of Space Technology"
_LEAST = 4  # names that must hold a word for it to be counted


def sound_of(word: str) -> str:
    """The spelling that all spellings of a person's name share: "mohammed", "muhammad" → "mmd"."""
    return word[0] + heard(word, "Latin", "spelling").consonants


@lru_cache(maxsize=1)
def counts() -> dict[str, dict[str, int]]:
    """By kind, the number of names that hold a word, by its sound (persons) or its meaning (organizations)."""
    return json.loads(PATH.read_text(encoding="utf-8"))


def count(names: Iterable[Iterable[str]], kind: str) -> dict[str, int]:
    """What ``counts`` holds for a kind, from its names' words; rare words are left out."""
    found: Counter[str] = Counter()
    for words in names:
        found.update({_entry(word, kind) for word in words})
    return {entry: number for entry, number in sorted(found.items()) if number >= _LEAST and len(entry) > 1}


def _entry(word: str, kind: str) -> str:
    return sound_of(word) if kind == "person" else CONCEPT_OF.get(word, word)


@lru_cache(maxsize=200_000)
def telling(word: str, kind: str) -> float:
    """The weight of a word, in [0.3, 1]: a tenth less for each e-fold of the names that hold it."""
    entry = _entry(word, kind)
    least = max(0.3, 1.0 - 0.1 * math.log1p(counts().get(kind, {}).get(entry, 0)))
    return min(_SORT_OF_BODY, least) if kind == "organization" and entry in SORTS_OF_BODIES else least
