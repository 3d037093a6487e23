"""Names of states in every language that CLDR has: which one a name is, or holds."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.localedata import locale_identifiers

from entities.matching.normalize import name_key, script_of
from entities.matching.romanize import romanize

_STEM = 4  # letters that a declined name and its dictionary form must share at least
_UNSPACED = ("Han", "Katakana", "Hangul", "Thai", "Lao", "Khmer", "Myanmar")
# What official names say beside the place, begun in many languages: of two states that share a name it tells one.
_DEMOCRATIC = (
    "democra",
    "demokr",
    "demokra",
    "dimuqrat",
    "dimukrat",
    "minzhu",
    "minju",
    "минжу",
    "dcongo",
    "dr",
    "rd",
    "rdc",
    "drc",
    "xchdr",
)
_PEOPLE = (
    "people",
    "popul",
    "popol",
    "narod",
    "lidov",
    "ludov",
    "rahva",
    "nep",
    "kansan",
    "inmin",
    "renmin",
    "volks",
    "folke",
    "halk",
    "khalq",
    "shaabi",
)
_TWINS = {"KP": ("KR", "KP"), "KR": ("KR", "KP"), "CD": ("CG", "CD"), "CG": ("CG", "CD")}  # (plain, democratic)


@lru_cache(maxsize=1)
def territories() -> dict[str, str]:
    """Name (its key, and romanised) → code, from CLDR in every language that Babel has; ambiguous names are left out."""
    found: dict[str, str] = {}
    doubtful = set()
    for identifier in locale_identifiers():
        if "_" in identifier and identifier not in ("zh_Hant", "sr_Latn", "pt_PT", "uz_Cyrl"):
            continue
        for code, name in Locale.parse(identifier).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "QO", "XA", "XB"):
                for key in {name_key(name), romanize(name)}:
                    if found.setdefault(key, code) != code:
                        doubtful.add(key)
    for key in doubtful:
        del found[key]
    return found


@lru_cache(maxsize=1)
def _stems() -> dict[str, str]:
    """The beginnings of one-word names → code, where one state's names alone begin so."""
    found: dict[str, str] = {}
    for key, code in territories().items():
        if " " in key or not key.isalpha():
            continue
        for size in range(_STEM if not key.isascii() else _STEM + 1, len(key) + 1):
            stem = key[:size]
            if len(key) - size > 4:
                continue
            found[stem] = code if found.get(stem, code) == code else ""
    return {stem: code for stem, code in found.items() if code}


@lru_cache(maxsize=1)
def _unspaced() -> tuple[str, ...]:
    names = (name for name in territories() if script_of(name) in _UNSPACED and len(name) > 1)
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


def territory_of(key: str, words: list[str]) -> str:
    """The code of the one state that a name is or holds ("République du Burundi"); empty if none or several.

    Args:
        key: the name's normal form.
        words: its romanised words.
    """
    code = _territory_of(key, words)
    if code in _TWINS:
        plain, democratic = _TWINS[code]
        said = any(word.startswith(_DEMOCRATIC) for word in words) or any(char in key for char in ("民主", "민주"))
        republic = len(words) > 2 or len(key) > 4
        if said:
            return democratic
        if republic and code == democratic and not (key in territories() or " ".join(words) in territories()):
            return plain
    return code


def _territory_of(key: str, words: list[str]) -> str:
    known = territories()
    found = known.get(key) or known.get(" ".join(words))
    if found:
        return found
    printed = key.split()
    for size in range(min(5, max(len(words), len(printed))), 0, -1):
        codes = set()
        for listed in (words, printed):
            for start in range(len(listed) - size + 1):
                code = known.get(" ".join(listed[start : start + size]))
                if code and (size > 1 or len(listed[start]) > 3 or not listed[start].isascii()):
                    codes.add(code)
        if codes:
            return codes.pop() if len(codes) == 1 else ""
    if len(printed) == 1 and not key.isascii():
        for name in _unspaced():  # the longest first
            if name in key:
                return known[name]
    stems = _stems()
    codes = set()
    for listed in {tuple(words), tuple(printed)}:
        for word in listed:
            for size in range(len(word), _STEM - 1, -1):
                code = stems.get(word[:size])
                if code and len(word) - size <= 4:
                    codes.add(code)
                    break
    return codes.pop() if len(codes) == 1 else ""


@lru_cache(maxsize=50_000)
def country_of(word: str) -> str:
    """The code of the state that one romanised word names or is derived from: "iran", "iranian", "rossiya"; or empty."""
    found = territories().get(word, "")
    if not found and len(word) > _STEM + 1:
        stems = _stems()
        for size in range(len(word), _STEM, -1):
            found = stems.get(word[:size], "")
            if found:
                return found if len(word) - size <= 4 else ""
    return found
