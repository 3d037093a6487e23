"""Text → comparison key: the one normal form in which names are stored, looked up and compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_NAME = 500

# Letters that Unicode does not decompose; what a typist without them writes instead.
_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h",
        "ŧ": "t", "ə": "e", "ё": "е", "ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا",
        "ـ": "", "\u200d": "",
    }
)  # fmt: skip
_MARK_INSIDE = re.compile(r"[’'ʻʼ`´‘.](?<=\w.)(?=[\w\s]|$)")
# Vowel signs and the like are part of the word they stand in, which ``\w`` does not say: "नरेन्द्र", "ประยุทธ์".
_MARKS = "".join(
    f"\\u{point:04x}" for point in range(0x0300, 0x10000) if unicodedata.category(chr(point)) in ("Mn", "Mc")
)
_BREAK = re.compile(rf"(?:[^\w{_MARKS}]|_)+")
_ASCII_BREAK = re.compile(r"[^a-z0-9]+")
# Ranges of letters to the script's name; enough to tell how a name is to be read.
_SCRIPTS = (
    (0x0041, 0x024F, "Latin"), (0x0370, 0x03FF, "Greek"), (0x0400, 0x052F, "Cyrillic"), (0x0530, 0x058F, "Armenian"),
    (0x0590, 0x05FF, "Hebrew"), (0x0600, 0x06FF, "Arabic"), (0x0750, 0x077F, "Arabic"), (0x0900, 0x097F, "Devanagari"),
    (0x0980, 0x09FF, "Bengali"), (0x0A00, 0x0A7F, "Gurmukhi"), (0x0A80, 0x0AFF, "Gujarati"), (0x0B00, 0x0B7F, "Oriya"),
    (0x0B80, 0x0BFF, "Tamil"), (0x0C00, 0x0C7F, "Telugu"), (0x0C80, 0x0CFF, "Kannada"), (0x0D00, 0x0D7F, "Malayalam"),
    (0x0D80, 0x0DFF, "Sinhala"), (0x0E00, 0x0E7F, "Thai"), (0x0E80, 0x0EFF, "Lao"), (0x0F00, 0x0FFF, "Tibetan"),
    (0x1000, 0x109F, "Myanmar"), (0x10A0, 0x10FF, "Georgian"), (0x1100, 0x11FF, "Hangul"), (0x1200, 0x139F, "Ethiopic"),
    (0x1780, 0x17FF, "Khmer"), (0x1E00, 0x1EFF, "Latin"), (0x1F00, 0x1FFF, "Greek"), (0x3040, 0x309F, "Hiragana"),
    (0x30A0, 0x30FF, "Katakana"), (0x3130, 0x318F, "Hangul"), (0x3400, 0x4DBF, "Han"), (0x4E00, 0x9FFF, "Han"),
    (0xAC00, 0xD7AF, "Hangul"), (0xF900, 0xFAFF, "Han"), (0xFB1D, 0xFB4F, "Hebrew"), (0xFB50, 0xFDFF, "Arabic"),
    (0xFE70, 0xFEFF, "Arabic"), (0x20000, 0x323AF, "Han"),
)  # fmt: skip


def name_key(text: str) -> str:
    """A name's normal form: lower case, Latin letters without diacritics, words parted by single spaces.

    Apostrophes and full stops inside words vanish ("Sana'a" = "Sanaa", "U.S." = "us"); other marks part words. Names
    longer than 500 characters are cut. The same on every machine: only Unicode's own tables are used.
    """
    return _key(text[:MAX_NAME])


# Marks of print, and what a typewriter has for them: none of the two is part of a word.
_TYPEWRITTEN = str.maketrans("“”’‘–—\u00a0", "\"\"''-- ")
_ASCII_WORD = re.compile("[a-z0-9]+")


def words_of(text: str) -> frozenset[str]:
    """The words of a whole text, as ``name_key`` has them."""
    tokens = set(text.translate(_TYPEWRITTEN).split())
    marked = {token for token in tokens if not token.isascii()}
    plain = " ".join(tokens - marked).lower()
    return frozenset(_ASCII_WORD.findall(_MARK_INSIDE.sub("", plain))).union(_key(" ".join(marked)).split())


def _key(text: str) -> str:
    if text.isascii():
        return _ASCII_BREAK.sub(" ", _MARK_INSIDE.sub("", text.lower())).strip()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    kept = "".join(char for char in decomposed if not ("\u0300" <= char <= "\u036f" or "\u064b" <= char <= "\u0652"))
    # Recompose, so that Hangul syllables and й stay one letter.
    lowered = unicodedata.normalize("NFC", kept)
    lowered = _MARK_INSIDE.sub("", lowered)
    return _BREAK.sub(" ", lowered).strip()


@lru_cache(maxsize=4096)
def _script_of_char(char: str) -> str:
    point = ord(char)
    for low, high, script in _SCRIPTS:
        if low <= point <= high:
            return script
    return ""


def script_of(text: str) -> str:
    """The script that most letters of a text belong to ("Latin", "Cyrillic", "Han" …); ``""`` without letters."""
    if text.isascii():
        return "Latin" if any(char.isalpha() for char in text) else ""
    counts: dict[str, int] = {}
    for char in text[:MAX_NAME]:
        if char.isalpha():
            script = _script_of_char(char)
            counts[script] = counts.get(script, 0) + 1
    counts.pop("", None)
    return max(counts, key=lambda script: (counts[script], script)) if counts else ""
