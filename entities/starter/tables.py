"""The hand-written tables of ``supplement/``: plain text, one fact a line, parsed into records' parts.

Lines are ``field | field | …``; blank lines and lines that begin with ``#`` are skipped. Aliases are written
``[MARK=][lang:]text[?][ @from..to]`` and separated by ``;``: a question mark makes the alias weak, the dates say when
the name was in use. README.md lists the marks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

#: Mark of an alias → its type in the record format; no mark: see ``parse_alias``.
MARKS = {
    "O": "official", "S": "short", "A": "acronym", "F": "former", "N": "native", "T": "transliteration",
    "K": "nickname", "M": "metonym", "D": "demonym", "J": "adjective", "H": "title",
}  # fmt: skip

_MARK = re.compile(r"([A-Z])=(.*)", re.DOTALL)
_LANG = re.compile(r"([a-z]{2,3}(?:-[A-Z][a-z]{3})?):(.+)", re.DOTALL)
_SPAN = re.compile(r"(.*?)\s*@(\d[\d-]*)?\.\.(\d[\d-]*)?$", re.DOTALL)
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?\Z")


class TableError(ValueError):
    """A line that cannot be read; the message names its file and line."""


def rows(path: Path, fields: int) -> Iterator[tuple[str, list[str]]]:
    """Yield ``(place, fields)`` for each line of a table, short lines filled with empty fields.

    Raises:
        TableError: if a line has more than ``fields`` fields.
    """
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        place = f"{path.name}:{number}"
        values = [value.strip() for value in re.split(r"\s*\|(?:\s+|$)", line)]
        if len(values) > fields and any(values[fields:]):
            raise TableError(f"{place}: {len(values)} fields, expected at most {fields}")
        yield place, (values + [""] * fields)[:fields]


def is_latin(text: str) -> bool:
    """True when every letter of the text is a Latin one."""
    return all(unicodedata.name(char, "").startswith("LATIN") for char in text if char.isalpha())


def parse_alias(item: str, *, default_type: str | None = None, lang: str | None = "en") -> dict:
    """One alias in the record format. Without a mark a name in another script is native, any other ``default_type``."""
    type_ = default_type
    marked = _MARK.match(item)
    if marked:
        type_, item = MARKS[marked.group(1)], marked.group(2)
    alias: dict = {}
    spanned = _SPAN.match(item)
    if spanned:
        item = spanned.group(1)
        alias["valid_from"], alias["valid_to"] = check_date(spanned.group(2)), check_date(spanned.group(3))
    tongue = _LANG.match(item)
    if tongue:
        lang, item = tongue.group(1), tongue.group(2)
    weak = item.endswith("?")
    item = item.rstrip("?").strip()
    if not marked and not is_latin(item):
        type_ = "native"
        lang = lang if tongue else None
    elif tongue and not marked:
        type_ = None
    alias = {"name": item, "lang": lang, "type": type_, **alias}
    if weak:
        alias["quality"] = "weak"
    return {key: value for key, value in alias.items() if value}


def parse_aliases(text: str, **kwargs) -> list[dict]:
    """The aliases of a field, in order."""
    return [parse_alias(item.strip(), **kwargs) for item in text.split(";") if item.strip()]


def check_date(text: str | None) -> str | None:
    """The ISO prefix itself, or None for an empty one.

    Raises:
        TableError: if the text is no ISO prefix.
    """
    if not text:
        return None
    if not _DATE.match(text):
        raise TableError(f"not a date: {text!r}")
    return text


def parse_span(text: str) -> tuple[str | None, str | None]:
    """``"1990..1995-05"`` → its two ends; a lone date is a start."""
    start, _, end = text.partition("..")
    return check_date(start.strip()), check_date(end.strip())


def slug(text: str) -> str:
    """A readable key part: ASCII letters and digits joined by hyphens."""
    text = text.translate(_SPECIAL)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", text.replace("'", "")))


_SPECIAL = str.maketrans({
    "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "Æ": "Ae",
    "œ": "oe", "ı": "i", "ə": "e", "Ə": "E", "’": "'", "‘": "'", "ʻ": "'", "ʼ": "'", "`": "'",
})  # fmt: skip


@lru_cache(maxsize=200_000)
def plain(text: str) -> str:
    """A name for comparison: lower case, no diacritics, no punctuation."""
    return slug(text).replace("-", " ")
