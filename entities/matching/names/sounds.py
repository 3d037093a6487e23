"""A word of any script → the consonants one hears, in seven broad classes: what spelling and romanisation leave of a name.

P (b p f v), T (d t th), K (g k q kh c), S (s z sh ch j ts), L (l r), M, N; W where a letter is a consonant in one reading
and a vowel in another (Hebrew vav, Arabic waw, Latin w). Vowels, h and y are left out: Arabic and Hebrew do not write
them, and Korean, Japanese and Chinese put them between consonants.
"""

from __future__ import annotations

import re
from functools import lru_cache

from entities.matching.romanize import romanize

# Semitic letters one by one: a romanisation has lost what they share with each other.
_ARABIC = {
    "ب": "P", "پ": "P", "ت": "T", "ٹ": "T", "ث": "S", "ج": "S", "چ": "S", "ح": "", "خ": "K", "د": "T", "ڈ": "T", "ذ": "S",
    "ر": "L", "ڑ": "L", "ز": "S", "ژ": "S", "س": "S", "ش": "S", "ص": "S", "ض": "T", "ط": "T", "ظ": "S", "ع": "", "غ": "K",
    "ف": "P", "ق": "K", "ک": "K", "ك": "K", "گ": "K", "ل": "L", "م": "M", "ن": "N", "ں": "N", "ه": "", "ة": "", "و": "W",
    "ی": "", "ي": "", "ى": "", "ے": "", "ا": "", "آ": "", "أ": "", "إ": "", "ء": "", "ئ": "", "ؤ": "W", "ڤ": "P",
}  # fmt: skip
_HEBREW = {
    "א": "", "ב": "P", "ג": "K", "ד": "T", "ה": "", "ו": "W", "ז": "S", "ח": "", "ט": "T", "י": "", "כ": "K", "ך": "K",
    "ל": "L", "מ": "M", "ם": "M", "נ": "N", "ן": "N", "ס": "S", "ע": "", "פ": "P", "ף": "P", "צ": "S", "ץ": "S", "ק": "K",
    "ר": "L", "ש": "S", "ת": "T",
}  # fmt: skip
_SEMITIC = str.maketrans({**_ARABIC, **_HEBREW})
_GERESH = re.compile("[גזצ]['׳’]")  # j, zh, ch
# How Latin spellings of many languages are heard; only where the name was written in Latin letters.
_SOFT = (
    (re.compile(r"^(?:kn|gn|pn)"), "N"), (re.compile(r"^wr"), "L"),
    (re.compile(r"tsch|tch|sch|ch|sh|cz|sz|zh|tz|ts|tj|dj|dzh"), "S"), (re.compile(r"ph"), "P"),
    (re.compile(r"gh(?=t|$)"), ""), (re.compile(r"th|dh"), "T"), (re.compile(r"kh|gh|ck|q"), "K"), (re.compile(r"x"), "KS"),
    (re.compile(r"c(?=[eiy])"), "S"), (re.compile(r"dg(?=e)|g(?=[eiy])"), "S"), (re.compile(r"ng"), "N"),
)  # fmt: skip
_READ = (
    (re.compile(r"zh|ch|sh|ts|tz|dz"), "S"), (re.compile(r"ph"), "P"), (re.compile(r"th|dh"), "T"),
    (re.compile(r"kh|gh"), "K"), (re.compile(r"x"), "S"), (re.compile(r"q"), "S"), (re.compile(r"ng"), "N"),
)  # fmt: skip
_LETTERS = str.maketrans(
    {"b": "P", "p": "P", "f": "P", "v": "P", "d": "T", "t": "T", "g": "K", "k": "K", "c": "K", "q": "K", "s": "S", "z": "S",
     "j": "S", "l": "L", "r": "L", "m": "M", "n": "N", "w": "W"}
)  # fmt: skip
_DOUBLE = re.compile(r"([A-Z])\1+")
_NOT_CLASS = re.compile(r"[^PTKSLMNW]")


@lru_cache(maxsize=200_000)
def sounds(word: str, script: str) -> tuple[str, str]:
    """The consonants of one word, once with W as a consonant and once as a vowel.

    ``sounds("Rufino", "Latin") == ("LPN", "LPN")``; ``sounds("רופינו", "Hebrew") == ("LPPNP", "LPN")``.
    """
    if script in ("Arabic", "Hebrew"):
        heard = _GERESH.sub("S", word).translate(_SEMITIC)
    else:
        heard = romanize(word).replace(" ", "")
        for pattern, letters in _SOFT if script == "Latin" else _READ:
            heard = pattern.sub(letters, heard)
        heard = heard.translate(_LETTERS)
    heard = _NOT_CLASS.sub("", heard)
    return _DOUBLE.sub(r"\1", heard.replace("W", "P")), _DOUBLE.sub(r"\1", heard.replace("W", ""))
