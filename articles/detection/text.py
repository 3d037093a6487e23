"""Text made comparable without losing its offsets: ``fold(text)`` has exactly one character for each of ``text``."""

from __future__ import annotations

import re
import unicodedata

# Letters that NFKD leaves whole; the neighbouring plain letter is what keyboards and wires print instead.
_PLAIN = {
    "ß": "s", "æ": "a", "œ": "o", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "t", "ı": "i", "ħ": "h", "ŧ": "t",
    "ə": "e", "ё": "е", "й": "й", "ґ": "г", "ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "أ": "ا", "إ": "ا", "آ": "ا",
    "ٱ": "ا", "ؤ": "و", "ئ": "ی",
}  # fmt: skip


class _Folding(dict):
    """``str.translate`` table that works each character out once."""

    def __missing__(self, codepoint: int) -> str:
        char = chr(codepoint)
        lower = char.lower()[:1] or char
        if lower in _PLAIN:
            folded = _PLAIN[lower]
        elif lower.isalnum():
            base = unicodedata.normalize("NFKD", lower)[0]
            # Decomposing Hangul or й would yield another letter, not the same one without its accent.
            folded = base if base.isalnum() and unicodedata.name(base, "").split(" ")[0] == "LATIN" else lower
            folded = _PLAIN.get(folded, folded)
        elif unicodedata.category(char) == "Mn" and codepoint > 0x036F:
            folded = char  # vowel signs of Indic scripts, harakat: part of the word
        else:
            folded = " "
        self[codepoint] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Lower case, Latin letters without diacritics, everything that is no letter or digit a space; same length."""
    return text.translate(_FOLDING)


def lower(text: str) -> str:
    """Lower case of the same length: what few letters would become two of stay as they are.

    Patterns search lower-case text several times faster than they search text of either case.
    """
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := char.lower()) == 1 else char for char in text)


_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]"
)
_HANGUL = re.compile("[\uac00-\ud7af]")
_PREFIXING = re.compile("[\u0590-\u06ff]")


def padded(key: str) -> str:
    """A folded name with the boundaries its script prints: a space stands where a word must begin or end.

    Han, Kana, Thai, Lao, Khmer and Burmese print no spaces; Hangul hangs particles on the end of a name; Arabic and
    Hebrew write "and", "in", "to" as letters before it.
    """
    if _UNSPACED.search(key):
        return key
    if _HANGUL.search(key):
        return f" {key}"
    if _PREFIXING.search(key):
        return f"{key} "
    return f" {key} "


# White space after the mark and its closing quotes, or with a line's end in it. The space comes first, so that nothing
# but spaces is looked at.
_SPACED_END = r"\s(?:(?<=[.!?…]\s)\s*|(?<=[.!?…][\"”’»)\]]\s)\s*|(?<!\s\s)(?:(?<=\n)\s*|\s*\n\s*))"
_SENTENCE_END = re.compile(_SPACED_END)
# Scripts that print no spaces have marks of their own.
_WIDE_MARK = re.compile("[。！？]")
_SENTENCE_END_WIDE = re.compile(rf"{_SPACED_END}|(?<=[。！？])\s*|(?<=[。！？][」』”])\s*")
# A full stop after these ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Maj|Sgt|Capt|Adm|Sen|Rep|Gov|Rev|Hon|St|Jr|Sr|vs|No|Inc|Ltd|Co|Corp"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)|\b\w(?:\.\w)*)\.$"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """``[start, end)`` of each sentence, in order; together they cover everything but the space between."""
    spans, start = [], 0
    ends = _SENTENCE_END_WIDE if _WIDE_MARK.search(text) else _SENTENCE_END
    for match in ends.finditer(text):
        cut = match.start()
        if cut < start:
            continue
        if match.group() and "\n" not in match.group() and _ABBREVIATION.search(text, max(start, cut - 12), cut):
            continue
        if text[start:cut].strip():
            spans.append((start, cut))
        start = match.end()
    if text[start:].strip():
        spans.append((start, len(text)))
    return spans


def is_shouted(text: str) -> bool:
    """True if every cased letter is a capital, as in a dateline or a headline in capitals."""
    return text.isupper()


def is_title_case(text: str, start: int) -> bool:
    """Whether the line that begins here is a headline with capitals, where one beside a name says nothing."""
    end = text.find("\n", start)
    words = re.findall(r"[^\W\d_]{4,}", text[start : end if end >= 0 else len(text)])
    return len(words) < 25 and sum(word[0].isupper() for word in words) > 0.7 * len(words)
