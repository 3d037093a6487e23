"""Names in other cases than the one a catalogue has them in: "Путиным", "Frankreichs", "Ukrainie".

Each rule takes an ending off and gives what the nominative may end in; what comes out counts only if the catalogue has
it. General grammar of Russian, Ukrainian, Bulgarian, Serbian, Polish, Czech, Slovak and German.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product

from articles.detection.gazetteer import NO_SENSES, Gazetteer, Hit, Senses

_CYRILLIC = (
    ("ого", "ий ый ой ое"), ("его", "ий ее"), ("ому", "ий ый ой ое"), ("ему", "ий"), ("ым", "ый ий +"), ("им", "ий +"),
    ("ых", "ые ый"), ("их", "ие ий"), ("ую", "ая"), ("ою", "а"), ("ією", "ія"), ("ией", "ия"), ("ой", "а ая ый"),
    ("ей", "я ь"),
    ("ею", "я"), ("ії", "ія"), ("ии", "ия"), ("ию", "ия"), ("ію", "ія"), ("ої", "а"), ("ій", "а"), ("ї", "я"),
    ("ами", "ы а и"), ("ах", "ы а и"), ("ам", "ы а и"), ("ов", "ы"), ("ий", "ия ие"), ("их", "ие"), ("ів", "и"),
    ("ові", "+"), ("еві", "ь й"),
    ("ом", "+"), ("ем", "+ ь й"), ("ём", "ь й"), ("єм", "й"), ("ы", "а"), ("и", "а я ь"), ("і", "а я +"), ("у", "+ а"),
    ("ю", "я ь й"), ("я", "ь й"), ("е", "+ а я"), ("а", "+"), 
)  # fmt: skip
_LATIN_SLAVIC = (
    ("skiego", "ski"), ("ckiego", "cki"), ("skiemu", "ski"), ("ckiemu", "cki"), ("skim", "ski"), ("ckim", "cki"),
    ("ého", "ý"), ("ému", "ý"), ("ým", "ý"), ("ej", "a"), ("iej", "a"), ("ji", "ja"), ("ii", "ia ie"), ("iach", "ie"),
    ("ach", "y"), ("owi", "+"), ("ovi", "+"), ("iem", "+ ie"), ("em", "+ o"), ("ie", "+ a"), ("ou", "a"), ("ě", "a o"),
    ("y", "a"), ("i", "a e ia"), ("ę", "a"), ("ą", "a"), ("u", "+ o a"), ("a", "+"), ("e", "a"),
)  # fmt: skip
_GERMAN = (("s", "+"), ("es", "+"))
_RULES = {
    **dict.fromkeys(("ru", "uk", "bg", "sr", "be", "mk"), _CYRILLIC),
    **dict.fromkeys(("pl", "cs", "sk"), _LATIN_SLAVIC),
    "de": _GERMAN,
}
# Names of countries in the plural, whose cases follow no rule above.
_PLURALS = {
    "niemiec": "Niemcy", "niemczech": "Niemcy", "niemcom": "Niemcy", "niemcami": "Niemcy", "chin": "Chiny", "chinach": "Chiny",
    "chinom": "Chiny", "włoch": "Włochy", "włoszech": "Włochy", "węgier": "Węgry", "węgrzech": "Węgry", "stanów": "Stany",
    "stanach": "Stany", "zjednoczonych": "Zjednoczone", "штатов": "Штаты", "штатам": "Штаты", "штатах": "Штаты",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_LONGEST_RUN = 3
_MOST_FORMS = 48


@lru_cache(maxsize=20_000)
def nominatives(word: str, language: str) -> tuple[str, ...]:
    """What a word may be in the nominative, itself first; ``("Путиным", "ru")`` → ``("Путиным", "Путиный", "Путин", …)``."""
    found = [word]
    plural = _PLURALS.get(word.lower())
    if plural:
        found.append(plural)
    for ending, restored in _RULES.get(language, ()):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word[: -len(ending)]
            found.extend(stem + ("" if new == "+" else new) for new in restored.split())
    return tuple(dict.fromkeys(found))


def inflected_hits(text: str, hits: Sequence[Hit], gazetteers: Sequence[Gazetteer], language: str) -> list[Hit]:
    """What the catalogue knows in another case than the text prints; what was found already is left alone."""
    if language not in _RULES:
        return []
    taken = bytearray(len(text))
    for hit in hits:
        taken[hit.start : hit.end] = b"\x01" * (hit.end - hit.start)
    words = [(match.start(), match.end()) for match in _WORD.finditer(text)]
    found = []
    position = 0
    while position < len(words):
        start = words[position][0]
        step = 1
        if text[start].isupper() and not (taken[start] and language == "de"):
            for length in _runs(text, words, position):
                end = words[position + length - 1][1]
                if all(taken[start:end]):
                    continue
                senses = _known(text, words[position : position + length], gazetteers, language)
                if senses:
                    found.append(Hit(start, end, senses))
                    step = length
                    break
        position += step
    return found


def _runs(text: str, words: Sequence[tuple[int, int]], position: int) -> Iterator[int]:
    """Lengths of the runs of words with single spaces between that begin here, the longest first."""
    longest = 1
    while longest < _LONGEST_RUN and position + longest < len(words):
        if text[words[position + longest - 1][1] : words[position + longest][0]] != " ":
            break
        longest += 1
    yield from range(longest, 0, -1)


def _known(text: str, run: Sequence[tuple[int, int]], gazetteers: Sequence[Gazetteer], language: str) -> Senses:
    options = [nominatives(text[start:end], language) for start, end in run]
    for number, words in enumerate(product(*options)):
        if number >= _MOST_FORMS:
            break
        if number == 0:
            continue  # as printed: the scan has seen it
        name = " ".join(words)
        for gazetteer in gazetteers:
            senses = gazetteer.lookup(name)
            if senses:
                return senses
    return NO_SENSES
