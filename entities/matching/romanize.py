"""Any script → Latin letters, and a skeleton in which what romanisation loses is forgiven."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

from entities.matching.normalize import name_key, script_of

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]+")


@lru_cache(maxsize=100_000)
def romanize(text: str) -> str:
    """A name in lower-case Latin letters, words parted by spaces; Han is read as Mandarin without tones."""
    key = name_key(text)
    if key.isascii():
        return key
    if _HAN.search(key):
        from pypinyin import lazy_pinyin  # 7 MB of tables, loaded only where Han is met

        key = _HAN.sub(lambda match: " " + " ".join(lazy_pinyin(match.group())) + " ", key)
    return name_key(anyascii(key))


_DIGRAPHS = (
    (re.compile("tsch|tch|cz|ch|tj"), "C"), (re.compile("sch|sh|sz|zh|š|ž"), "S"), (re.compile("kh|gh"), "K"),
    (re.compile("ph"), "F"), (re.compile("th|dh"), "T"), (re.compile("ts|tz"), "S"), (re.compile("ck|q|x|c"), "k"),
    (re.compile("dj|j|g(?=[ei])"), "J"),
)  # fmt: skip
_CLASSES = str.maketrans(
    {"b": "P", "p": "P", "f": "F", "v": "F", "w": "F", "d": "T", "t": "T", "g": "K", "k": "K", "z": "S", "s": "S",
     "l": "L", "r": "R", "m": "M", "n": "N", "y": "", "h": "", "a": "", "e": "", "i": "", "o": "", "u": ""}
)  # fmt: skip
_DOUBLE = re.compile(r"(.)\1+")


@lru_cache(maxsize=200_000)
def skeleton(token: str) -> str:
    """A token's consonants in broad classes: ``"qaddafi"``, ``"gaddafi"``, ``"kadhafi"`` → ``"KTF"``.

    Vowels, h and y are left out, which Arabic and Hebrew do not write and romanisations disagree on.
    """
    text = romanize(token).replace(" ", "")
    for pattern, letter in _DIGRAPHS:
        text = pattern.sub(letter, text)
    return _DOUBLE.sub(r"\1", text.translate(_CLASSES).upper())


__all__ = ["romanize", "script_of", "skeleton"]
