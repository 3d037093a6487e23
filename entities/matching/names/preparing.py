"""A name → what is compared of it: its words with their weights, and on demand how it is read and heard."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from entities.matching.names.frequencies import telling
from entities.matching.names.readings import readings
from entities.matching.names.sounds import Heard, heard
from entities.matching.names.tables import AGREEMENT_WORDS, SUFFIXES, TITLES
from entities.matching.names.territories import country_of, territory_of
from entities.matching.names.vocabulary import CONCEPT_OF, LEGAL_FORMS, SMALL
from entities.matching.names.words import (
    arabic,
    is_particle,
    korean,
    looks_arabic,
    looks_korean,
    pinyin_of,
    printed_words,
)
from entities.matching.normalize import MAX_NAME, name_key, script_of
from entities.matching.romanize import romanize

_MAX_PARTS = 16
_KINDS = {"org": "organization", "other": "", None: ""}


class Part(NamedTuple):
    """One word of a name: romanised, how much it tells, and what it is ("number", "place", "small" or nothing of note)."""

    text: str
    weight: float
    sort: str = ""


class Reading(NamedTuple):
    """A name as it is read aloud: how each word sounds, what it weighs, and how the whole sounds in either order."""

    words: tuple[tuple[str, Heard, float], ...]
    whole: tuple[Heard, ...]


class PreparedName:
    """A name ready to be compared many times. Readings are made when a name in another script is met."""

    __slots__ = (
        "acronyms", "arabic", "forms", "initial_words", "joined", "key", "kind", "korean", "name", "numbers", "parts", "script",
        "syllabic", "territory", "variants", "weight", "_readings",
    )  # fmt: skip

    def __init__(self, name: str, kind: str | None, *, whole: bool = True) -> None:
        name = name[:MAX_NAME]
        self.name = name
        self.kind = kind = _KINDS.get(kind, str(kind))
        self.key = name_key(name)
        self.script = script_of(name)
        words, self.acronyms = printed_words(name, kind, self.key)
        # Each character of Han and Hangul is a syllable, and a name: one that differs makes another name.
        self.syllabic = self.script in ("Han", "Hangul") and " " not in self.key and len(self.key) <= 4
        if self.syllabic:
            words = ["".join(romanize(char).split()) or char for char in self.key]
        words = words[:_MAX_PARTS]
        made = [_part(word, kind) for word in words]
        if kind == "person":
            made = _less_told(_without_titles(made))
        forms = [LEGAL_FORMS[word] for word in words if word in LEGAL_FORMS] if kind != "person" else []
        self.forms = frozenset(forms) - {"co"}  # any company may say "company"
        self.parts = tuple(part for part in made if part.weight > 0) or tuple(
            Part(part.text, 1.0, part.sort) for part in made
        )
        self.weight = sum([part.weight for part in self.parts])
        self.joined = "".join([part.text for part in self.parts])
        self.numbers = frozenset([part.text for part in self.parts if part.sort == "number"])
        self.initial_words = tuple(words)
        self.korean = (
            kind == "person" and self.script in ("Latin", "Hangul") and looks_korean([p.text for p in self.parts])
        )
        self.arabic = kind == "person" and (looks_arabic(words) or bool(_ARTICLE.search(self.key)))
        # Only where it decides: a state's own name, or a name of unknown kind that may be one.
        self.territory = (
            territory_of(self.key, _all_words(name)) if kind == "state" or not kind and len(words) <= 12 else ""
        )
        self.variants = _variants(name, kind, words) if whole else ()
        self._readings: dict[tuple[str, bool], tuple[Reading, ...]] = {}

    def read_for(self, group: str, *, turned: bool = False) -> tuple[Reading, ...]:
        """The name's readings as a group of scripts hears them (``sounds.GROUPS``).

        Args:
            turned: whether the whole is wanted with its last word first and its first word last, too.
        """
        found = self._readings.get((group, turned))
        if found is None:
            found = tuple(_read(self, words, group, turned) for words in _spoken(self, group))
            self._readings[group, turned] = found
        return found


_ARTICLE = re.compile(r"\b(al|bin|ibn|bint)\b")
_APART = re.compile(r"[;()\[\]]|\b[af]\.?k\.?a\.?\b", re.IGNORECASE)


def _variants(name: str, kind: str, words: list[str]) -> tuple[PreparedName, ...]:
    """The names that one string lists (in brackets in another script, or parted by semicolons), or may be spelt as."""
    if kind == "person" and name.isascii() and 2 <= len(words) <= 4:
        modern = pinyin_of(words)
        if modern:
            return (PreparedName(name, kind, whole=False), PreparedName(modern, kind, whole=False))
    if ";" not in name and (name.isascii() or "(" not in name):
        return ()
    listed = [one.strip() for one in _APART.split(name) if len(name_key(one)) > 3]
    scripts = {script_of(one) for one in listed} - {""}
    if len(listed) < 2 or ";" not in name and len(scripts) < 2:
        return ()
    return tuple(PreparedName(one, kind, whole=False) for one in dict.fromkeys(listed[:8]))


def _without_titles(made: list[Part]) -> list[Part]:
    """Titles weigh nothing before a name and at its end; between names they are names ("Mahmood Sultan Bashir")."""
    last = len(made) - 1
    leading = True
    out = []
    for at, part in enumerate(made):
        is_title = part.text in TITLES
        leading = leading and is_title
        plain = is_title and not leading and at < last and part.text not in SUFFIXES
        out.append(Part(part.text, max(0.45, telling(part.text, "person"))) if plain else part)
    return out


_MUHAMMAD = frozenset(
    "muhammad mohammad mohammed mohamed muhammed mohd muhd mohamad muhamad mochamad mochammad muhamed".split()
)


def _less_told(made: list[Part]) -> list[Part]:
    """A name that stands there twice (a grandfather's), and "Muhammad" among several, are what other papers leave out."""
    if len(made) < 3:
        return made
    seen: set[str] = set()
    out = []
    telling_words = sum(part.weight >= 0.4 for part in made)
    for part in made:
        word = "muhammad" if part.text in _MUHAMMAD else part.text
        if part.weight >= 0.4 and len(word) > 1 and (word in seen or word == "muhammad" and telling_words > 2):
            part = Part(part.text, LESS, part.sort)
        seen.add(word)
        out.append(part)
    return out


LESS = 0.15


def _all_words(name: str) -> list[str]:
    return list(readings(name)[0]) if name and script_of(name) in ("Katakana", "Hiragana") else _romanized(name)


def _romanized(name: str) -> list[str]:
    return printed_words(name, "state")[0]


@lru_cache(maxsize=200_000)
def _part(word: str, kind: str) -> Part:
    if kind == "person":
        if word in TITLES:
            return Part(word, 0.0)
        if is_particle(word):
            return Part(word, 0.15, "small")
        return Part(word, 0.45) if len(word) == 1 else Part(word, max(0.45, telling(word, "person")))
    if word in SMALL:
        return Part(word, 0.05, "small")
    if word.isdigit():
        return Part(word, 1.0, "number")
    if kind == "agreement":
        return Part(word, 0.35 if word in AGREEMENT_WORDS else 1.0)
    if word in LEGAL_FORMS:
        return Part(word, 0.12 if kind else 0.5)  # where the kind is unknown it tells that a company is meant
    sort = "place" if country_of(word) or word in _DIRECTIONS or CONCEPT_OF.get(word) in _DIRECTIONS else ""
    return Part(word, telling(word, "organization"), sort)


_DIRECTIONS = frozenset(
    "north south east west america american africa african asia asian europe european usa uk".split()
)


def _spoken(name: PreparedName, group: str) -> list[list[tuple[str, str]]]:
    """The readings as lists of (romanised word, the word as printed if in Arabic or Hebrew letters)."""
    if name.script in ("Arabic", "Hebrew"):
        words = semitic_words(name.key) if name.kind in ("person", "") else name.key.split()
        return [[(word, word) for word in words[:_MAX_PARTS]]]
    if name.script == "Latin":
        plain = [part.text for part in name.parts]
        spoken = [plain, [korean(word) for word in plain]] if name.korean and group in ("hangul", "han") else [plain]
        return [[(word, "") for word in words] for words in spoken]
    found = []
    for reading in readings(name.name) or ((name.key,),):
        words = arabic(list(reading)) if name.kind == "person" else list(reading)
        found.append([(word, "") for word in words[:_MAX_PARTS]])
    return found


def _read(name: PreparedName, words: list[tuple[str, str]], group: str, turned: bool) -> Reading:
    made = []
    for word, printed in words:
        sound = heard(word, name.script, group, printed)
        if printed:
            weight = 0.15 if word in _SEMITIC_SMALL else 1.0
        elif name.kind == "person" and (word in TITLES or is_particle(word)):
            weight = 0.15
        else:
            weight = _part(word, name.kind).weight if name.script == "Latin" else 1.0
        made.append((word, sound, weight if len(sound.full) > 1 else min(weight, 0.45)))
    sounds = [sound for _, sound, _ in made]
    whole = [_together(sounds)]
    if turned and name.kind != "organization" and len(sounds) > 1:
        whole.append(_together(sounds[-1:] + sounds[:-1]))
        if len(sounds) > 2:
            whole.append(_together(sounds[1:] + sounds[:1]))
    return Reading(tuple(made), tuple(whole))


def _together(sounds: list[Heard]) -> Heard:
    as_consonants = "".join([sound.broad[0] for sound in sounds])
    as_vowels = "".join([sound.broad[-1] for sound in sounds])
    return Heard(
        (as_consonants,) if as_consonants == as_vowels else (as_consonants, as_vowels),
        "".join([sound.consonants for sound in sounds]),
        "".join([sound.full for sound in sounds]),
    )


_SEMITIC_SMALL = frozenset("בן בת אבו אל א فون دي دا ال بن ابن بنت ولد اولد آل".split())
_SEMITIC_SON = frozenset("بن ابن بنت".split())
_SEMITIC_ABU = frozenset("ابو ابی ابا אבו".split())


def semitic_words(key: str) -> list[str]:
    """The words of a name in Arabic or Hebrew letters, compounds made one and articles cut off, as ``words.arabic`` does."""
    out: list[str] = []
    words = key.split()
    at = 0
    while at < len(words):
        word = words[at]
        following = words[at + 1] if at + 1 < len(words) else ""
        if following and (word in ("عبد", "עבד") or word in _SEMITIC_ABU):
            if following in ("אל", "א", "ال") and at + 2 < len(words):
                at += 1
                following = words[at + 1]
            out.append(word + _without_article(following))
            at += 2
            continue
        if out and word in ("الدین", "الله", "اللہ", "دین", "דין", "אללה"):
            out[-1] += word.removeprefix("ال")
        elif word in _SEMITIC_SON and following and out or word in ("אל", "א", "ال") and following:
            pass
        else:
            out.append(_without_article(word))
        at += 1
    return out


def _without_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


@lru_cache(maxsize=200_000)
def prepare(name: str, kind: str | None = None) -> PreparedName:
    """A name's words, weighed; names over 500 characters are cut."""
    return PreparedName(name, kind)
