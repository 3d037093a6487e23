"""Adjectives of states in other languages than English, with all their endings: "französischen", "российского".

Read from ``adjectives.txt``, which says how each language is written there. A state is known by its English name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from articles.detection.text import fold
from entities.matching.types import Name

TABLE_PATH = Path(__file__).with_name("adjectives.txt")

_ENDINGS = {
    "de": ("", "e", "en", "er", "es", "em"),
    "ru": ("ий", "ая", "ое", "ие", "ого", "ому", "им", "ом", "ой", "ую", "их", "ими"),
    "uk": ("ий", "а", "е", "і", "ого", "ому", "им", "ої", "ій", "у", "ою", "их", "ими"),
    "pl": ("i", "a", "ie", "iego", "iemu", "im", "iej", "ą", "ich", "imi", "y", "ego", "emu", "ym", "ej", "ych", "ymi"),
    "cs": ("ý", "á", "é", "ého", "ému", "ým", "ém", "ou", "ých", "ými", "í"),
    "ar": ("", "ة", "ين", "ون", "تين"),
}
#: Forms that are another word in English.
_ENGLISH = frozenset({"china", "chinas", "indiana", "india", "cubans", "mali", "palestina", "philippine", "marina"})
_SAME_IN_ENGLISH_CASE = frozenset({"de", "fr", "ru", "uk", "pl", "cs"})


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[str, ...]]:
    """Folded English name → every form, both as in running text and with a capital where that is safe."""
    found = {}
    for line in TABLE_PATH.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        name, *languages = line.split(" | ")
        forms: dict[str, None] = {}
        for listed in languages:
            language, *words = listed.split()
            for word in words:
                forms.update(dict.fromkeys(_inflected(word, language)))
        found[fold(name).strip()] = tuple(forms)
    return found


def _inflected(word: str, language: str) -> Iterator[str]:
    if word[:1].isupper():
        yield word
        return
    if language in _ENDINGS:
        forms = [word + ending for ending in _ENDINGS[language]]
    elif language == "fr":
        forms = [word] if word[-1] in "sx" else [word, f"{word}s"]
    elif language == "it":
        forms = [word, word[:-1] + {"o": "i", "a": "e", "e": "i"}.get(word[-1], word[-1])]
    else:
        forms = [word, word + ("s" if word[-1] in "aeoiíãu" else "es")]
        if word.endswith("ês") or word.endswith("és"):
            forms[1] = word[:-2] + "eses"
    for form in forms:
        if form in _ENGLISH:
            continue
        yield form
        if language in _SAME_IN_ENGLISH_CASE:
            yield form[0].upper() + form[1:]


def adjectives_of(names: Iterable[Name]) -> tuple[str, ...]:
    """Every form of the adjectives of the state that goes by one of these names; empty for one not in the table."""
    table = _table()
    for name in names:
        if not name.is_sense and not name.weak:
            forms = table.get(fold(name.text).strip())
            if forms is not None:
                return forms
    return ()
