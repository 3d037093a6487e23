"""The day an article was published: from its metadata, else from its text. Plain Python."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dateutil import parser as dateutil_parser

from entities.matching.dates import starts_by

EARLIEST, LATEST = 1800, 2100
_SEARCHED = 1_200  # characters from the top, and as many from the end, in which a text gives its date

_MONTHS = {
    # English, German, French, Spanish, Portuguese, Italian, Dutch, Russian (genitive), Arabic, Persian (Gregorian)
    "january": 1, "jan": 1, "januar": 1, "janvier": 1, "enero": 1, "janeiro": 1, "gennaio": 1, "januari": 1, "января": 1,
    "يناير": 1, "ژانویه": 1, "february": 2, "feb": 2, "februar": 2, "février": 2, "febrero": 2, "fevereiro": 2,
    "febbraio": 2, "februari": 2, "февраля": 2, "فبراير": 2, "فوریه": 2, "march": 3, "mar": 3, "märz": 3, "mars": 3,
    "marzo": 3, "março": 3, "maart": 3, "марта": 3, "مارس": 3, "april": 4, "apr": 4, "avril": 4, "abril": 4, "aprile": 4,
    "апреля": 4, "أبريل": 4, "ابريل": 4, "آوریل": 4, "may": 5, "mai": 5, "mayo": 5, "maio": 5, "maggio": 5, "mei": 5,
    "мая": 5, "مايو": 5, "مه": 5, "june": 6, "jun": 6, "juni": 6, "juin": 6, "junio": 6, "junho": 6, "giugno": 6,
    "июня": 6, "يونيو": 6, "ژوئن": 6, "july": 7, "jul": 7, "juli": 7, "juillet": 7, "julio": 7, "julho": 7, "luglio": 7,
    "июля": 7, "يوليو": 7, "ژوئیه": 7, "august": 8, "aug": 8, "août": 8, "agosto": 8, "augustus": 8, "августа": 8,
    "أغسطس": 8, "اوت": 8, "september": 9, "sept": 9, "sep": 9, "septembre": 9, "septiembre": 9, "setembro": 9,
    "settembre": 9, "сентября": 9, "سبتمبر": 9, "سپتامبر": 9, "october": 10, "oct": 10, "oktober": 10, "octobre": 10,
    "octubre": 10, "outubro": 10, "ottobre": 10, "октября": 10, "أكتوبر": 10, "اکتبر": 10, "november": 11, "nov": 11,
    "novembre": 11, "noviembre": 11, "novembro": 11, "ноября": 11, "نوفمبر": 11, "نوامبر": 11, "december": 12, "dec": 12,
    "dezember": 12, "décembre": 12, "diciembre": 12, "dezembro": 12, "dicembre": 12, "декабря": 12, "ديسمبر": 12,
    "دسامبر": 12,
}  # fmt: skip
_MONTH = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))
_PATTERNS = (
    re.compile(rf"\b(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:de\s+|of\s+)?(?P<month>{_MONTH})\.?,?\s+(?:de\s+|del\s+)?(?P<year>\d{{4}})\b",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})\b"),
    re.compile(r"\b(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})\b"),
    re.compile(r"(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日"),
    re.compile(r"(?P<year>\d{4})\s*년\s*(?P<month>\d{1,2})\s*월\s*(?P<day>\d{1,2})\s*일"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A day found in a text, and where: offsets of the words that give it."""

    iso: str
    start: int
    end: int


def parse_date(value: object) -> str:
    """A metadata date as an ISO day or prefix; ``""`` for null.

    ISO is taken as it is, RFC 822 and the like by dateutil; what needs guessing is refused.

    Raises:
        ValueError: for anything that is no date.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    text = str(value).strip()
    if re.fullmatch(r"\d{4}(?:-\d{2}(?:-\d{2})?)?", text):
        return _checked(text)
    moment = parse_moment(text)
    return moment.date().isoformat()


def parse_moment(text: str) -> datetime:
    """A metadata date with its time of day, aware; UTC where no zone is given.

    Raises:
        ValueError: for anything that is no full date.
    """
    if len(text) > 80 or not re.search(r"\d{4}|\d{2}", text):
        raise ValueError(f"is no date: {text[:40]!r}")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            # Two different defaults show which parts the text itself gives.
            one = dateutil_parser.parse(text, default=datetime(1904, 1, 1))
            two = dateutil_parser.parse(text, default=datetime(1908, 2, 2))
        except (ValueError, OverflowError) as error:
            raise ValueError(f"is no date: {text[:40]!r}") from error
        if one.date() != two.date():
            raise ValueError(f"is no full date: {text[:40]!r}") from None
        moment = one
    _checked(moment.date().isoformat())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def find_date(text: str, segments: Sequence[tuple[int, int, str]] = (), *, not_after: str = "") -> FoundDate | None:
    """The day a text says it is of: a line that holds little else, else a dateline, near the top or the end.

    A date in running prose is the date of an event and is not taken.
    """
    for low, high in ((0, _SEARCHED), (max(_SEARCHED, len(text) - _SEARCHED), len(text))):
        part = text[low:high]
        for pattern in _PATTERNS:
            for match in pattern.finditer(part):
                line_start = part.rfind("\n", 0, match.start()) + 1
                line_end = part.find("\n", match.end())
                line = part[line_start : line_end if line_end >= 0 else len(part)]
                rest = (line[: match.start() - line_start] + line[match.end() - line_start :]).strip()
                before = line[: match.start() - line_start].strip()
                alone = len(rest) <= 60 and not re.search(r"[a-zа-я]{3,}[.!?]\s", rest)
                dateline = (
                    len(before) <= 50
                    and (not before or before[-1] in ",(|–—-:" or before.isupper())
                    and (line_start == 0 or low == 0)
                    and line[match.end() - line_start :].lstrip()[:1] in (":", "–", "—", "-", "(", ")", "|")
                )
                if not (alone or dateline):
                    continue
                iso = _iso(match)
                if iso and (not not_after or starts_by(iso, not_after)):
                    return FoundDate(iso, low + match.start(), low + match.end())
    return None


def _iso(match: re.Match) -> str:
    month = match.group("month").lower()
    number = int(month) if month.isdigit() else _MONTHS[month]
    try:
        return _checked(datetime(int(match.group("year")), number, int(match.group("day"))).date().isoformat())
    except ValueError:
        return ""


def _checked(iso: str) -> str:
    if not EARLIEST <= int(iso[:4]) <= LATEST:
        raise ValueError(f"the year {iso[:4]} is out of range")
    return iso
