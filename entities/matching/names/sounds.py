"""A word of any script → what one hears: broad consonants, finer consonants, and all of it with its vowels.

*Broad*: P (b p f v), T (d t th), K (g k q kh c), S (s z sh ch j ts), L (l r), M, N. Vowels, h and y are left out: Arabic and
Hebrew do not write them, and Korean, Japanese and Chinese put them between consonants. A letter that is a consonant in one
reading and a vowel in another (Hebrew vav, Arabic waw, Latin w) gives two.

*Fine*: B P V F D T G K Z S, C (sh ch j zh ts), L, R, M, N and the vowels a e i o u, less what the script at hand does not
tell apart (``_MERGED``): Katakana writes l and r alike, Hebrew p and f.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Heard(NamedTuple):
    """How a word sounds: broad consonants (one or two readings), fine consonants, fine consonants and vowels."""

    broad: tuple[str, ...]
    consonants: str
    full: str


#: What a script tells of a sound; a model of words is learnt for each.
GROUPS = ("alphabet", "indic", "abjad", "kana", "hangul", "han")
_GROUP = {
    "Arabic": "abjad", "Hebrew": "abjad", "Katakana": "kana", "Hiragana": "kana", "Hangul": "hangul", "Han": "han",
    **dict.fromkeys(
        "Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Thai Lao Tibetan Myanmar Khmer"
        .split(), "indic",
    ),
}  # fmt: skip


def group_of(one: str, other: str) -> str:
    """The group of two scripts that tells less of a sound: ``group_of("Latin", "Hebrew") == "abjad"``."""
    return max((_GROUP.get(one, "alphabet"), _GROUP.get(other, "alphabet")), key=GROUPS.index)


# Semitic letters one by one (broad, fine): a romanisation has lost what they share with each other.
_ARABIC = {
    "ب": "Pp", "پ": "Pp", "ت": "Tt", "ٹ": "Tt", "ث": "Ss", "ج": "Sj", "چ": "Sj", "ح": "  ", "خ": "Kk", "د": "Td",
    "ڈ": "Td", "ذ": "Sz", "ر": "Lr", "ڑ": "Lr", "ز": "Sz", "ژ": "Sj", "س": "Ss", "ش": "Sj", "ص": "Ss", "ض": "Td", "ط": "Tt",
    "ظ": "Sz", "ع": "  ", "غ": "Kk", "ف": "Pf", "ق": "Kk", "ک": "Kk", "ك": "Kk", "گ": "Kk", "ل": "Ll", "م": "Mm", "ن": "Nn",
    "ں": "Nn", "ه": "  ", "ھ": "  ", "ہ": "  ", "ة": " a", "و": "Wu", "ی": " i", "ي": " i", "ى": " a", "ے": " i", "ا": " a",
    "آ": " a",
    "أ": " a", "إ": " i", "ء": "  ", "ئ": " i", "ؤ": "Wu", "ڤ": "Pv", "ځ": "Ss", "څ": "Ss", "ړ": "Lr", "ښ": "Sj", "ډ": "Td",
    "ۆ": " u", "ێ": " i",
}  # fmt: skip
_HEBREW = {
    "א": " a", "ב": "Pp", "ג": "Kk", "ד": "Td", "ה": "  ", "ו": "Wu", "ז": "Sz", "ח": "  ", "ט": "Tt", "י": " i", "כ": "Kk",
    "ך": "Kk", "ל": "Ll", "מ": "Mm", "ם": "Mm", "נ": "Nn", "ן": "Nn", "ס": "Ss", "ע": "  ", "פ": "Pp", "ף": "Pf", "צ": "Sj",
    "ץ": "Sj", "ק": "Kk", "ר": "Lr", "ש": "Ss", "ת": "Tt",
}  # fmt: skip
_SEMITIC = {**_ARABIC, **_HEBREW}
_BROAD_OF = str.maketrans({letter: pair[0].strip() for letter, pair in _SEMITIC.items()})
_FINE_OF = str.maketrans({letter: pair[1].strip() for letter, pair in _SEMITIC.items()})
_GERESH = re.compile("[גזצ]['׳’]")  # j, zh, ch
# How Latin spellings of many languages are heard; only where the name was written in Latin letters.
_SOFT = (
    (re.compile(r"^(?:kn|gn|pn)"), "n"), (re.compile(r"^wr"), "r"), (re.compile(r"^ps"), "s"), (re.compile(r"^x"), "s"),
    (re.compile(r"tsch|tch|sch|shch|ch|sh|cz|sz|zh|tz|ts|tj|dj|dzh|cs|gy|tx"), "j"), (re.compile(r"ph"), "f"),
    (re.compile(r"(?<=u)gh(?=t|$)|(?<=i)gh(?=t|$)"), ""), (re.compile(r"th|dh"), "t"), (re.compile(r"kh|gh|ck|q"), "k"),
    (re.compile(r"x"), "ks"), (re.compile(r"c(?=[eiy])"), "s"), (re.compile(r"dg(?=e)|g(?=[eiy])"), "j"),
    (re.compile(r"eau|au(?=x$)|aux$"), "o"), (re.compile(r"oo|ou"), "u"), (re.compile(r"ee|ea"), "i"),
    (re.compile(r"gu(?=[ei])"), "k"),
    (re.compile(r"ng"), "n"),
)  # fmt: skip
_HARD_G = (re.compile(r"(?:dg(?=e)|g(?=[eiy]))"), "k")
_READ = (
    (re.compile(r"zh|ch|sh|ts|tz|dz|shch"), "j"), (re.compile(r"ph"), "f"), (re.compile(r"th|dh"), "t"),
    (re.compile(r"kh|gh"), "k"), (re.compile(r"x|q"), "j"), (re.compile(r"ng"), "n"),
)  # fmt: skip
_BROAD = str.maketrans(
    {"b": "P", "p": "P", "f": "P", "v": "P", "d": "T", "t": "T", "g": "K", "k": "K", "c": "K", "q": "K", "s": "S", "z": "S",
     "j": "S", "l": "L", "r": "L", "m": "M", "n": "N", "w": "W"}
)  # fmt: skip
_FINE = str.maketrans(
    {"b": "B", "p": "P", "f": "F", "v": "V", "w": "V", "d": "D", "t": "T", "g": "G", "k": "K", "c": "K", "q": "K", "s": "S",
     "z": "Z", "j": "C", "l": "L", "r": "R", "m": "M", "n": "N", "y": "i", "h": "."}
)  # fmt: skip
_MERGED = {
    "alphabet": str.maketrans({"V": "F"}),
    "indic": str.maketrans({"V": "F", "F": "P", "Z": "S", "e": "i", "o": "u"}),
    "abjad": str.maketrans({"V": "F", "F": "P", "B": "P", "G": "K", "e": "i", "o": "u"}),
    "kana": str.maketrans({"R": "L", "V": "B", "F": "P"}),
    "hangul": str.maketrans({"R": "L", "V": "P", "F": "P", "B": "P", "D": "T", "G": "K", "Z": "C", "e": "i", "o": "u"}),
    "han": str.maketrans({"R": "L", "V": "F", "B": "P", "D": "T", "G": "K", "Z": "S", "e": "i", "o": "u"}),
    # Not a group of scripts: two spellings in Latin letters.
    "spelling": str.maketrans({"V": "F", "B": "P", "D": "T", "G": "K", "Z": "S", "e": "i", "o": "u"}),
}
_DOUBLE = re.compile(r"(.)\1+")
_NOT_BROAD = re.compile(r"[^PTKSLMNW]")
_NOT_FINE = re.compile(r"[^PBVFTDKGSZCLRMNaeiou]")
_VOWELS = re.compile(r"[aeiou]")


@lru_cache(maxsize=200_000)
def heard(word: str, script: str, group: str, semitic: str = "") -> Heard:
    """How one romanised word sounds to a reader of a group of scripts.

    Args:
        script: what the word was written in; only "Latin" has spellings that need softening.
        semitic: the word as printed, if in Arabic or Hebrew letters.

    ``heard("rufino", "Latin", "abjad").broad == ("LPN", "LPN")``; of "רופינו" it is ``("LPPNP", "LPN")``.
    """
    if semitic:
        printed = _GERESH.sub("ש", semitic)
        broad = printed.translate(_BROAD_OF)
        fine = printed.translate(_FINE_OF)
    else:
        spoken = word
        for pattern, letters in _SOFT if script == "Latin" else _READ:
            spoken = pattern.sub(letters, spoken)
        broad = fine = spoken
    broad = broad.translate(_BROAD)
    full = fine.translate(_FINE).translate(_MERGED[group])
    if not semitic:
        # "mm" is one m; the two m of "Mahmud" are two. Arabic and Hebrew write no letter twice for one sound.
        broad, full = _DOUBLE.sub(r"\1", broad), _DOUBLE.sub(r"\1", full)
    full = _NOT_FINE.sub("", full)
    as_consonant, as_vowel = _NOT_BROAD.sub("", broad.replace("W", "P")), _NOT_BROAD.sub("", broad.replace("W", ""))
    broads = (as_consonant,) if as_consonant == as_vowel else (as_consonant, as_vowel)
    return Heard(broads, _VOWELS.sub("", full), full)
