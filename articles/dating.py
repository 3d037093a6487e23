"""The day an article was published: from its metadata, else from its text. Plain Python."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

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
# Languages whose months CLDR names for us, beside those above; not Croatian, whose listopad is October, not November.
_MORE_LANGUAGES = (
    "pl uk be tr az el sv da nb fi cs sk sl hu ro bg sr mk lt lv et he hi bn ta id ca eu hy ka kk uz sw".split()
)
_SOLAR_HIJRI = {
    "فروردین": 1, "اردیبهشت": 2, "خرداد": 3, "تیر": 4, "مرداد": 5, "شهریور": 6, "مهر": 7, "آبان": 8, "آذر": 9, "دی": 10,
    "بهمن": 11, "اسفند": 12,
}  # fmt: skip
# A month is looked up among the words that stand where one would: some hundred alternatives would be tried everywhere.
_WORD = r"[^\s\d.,:;()|/،-]{2,16}"
_PATTERNS = (
    re.compile(rf"(?<!\w)(?P<month>{_WORD})\.?\s{{1,3}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,3}}(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|º|ª|η|ης)?\s{{1,3}}(?:de\s|of\s|d['’]\s?)?(?P<month>{_WORD})\.?[,،]?\s{{1,3}}(?:de\s|del\s)?(?P<year>\d{{4}})\b",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)"),
    re.compile(r"\b(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})\b"),
    re.compile(r"(?P<year>\d{4})\s{0,3}年\s{0,3}(?P<month>\d{1,2})\s{0,3}月\s{0,3}(?P<day>\d{1,2})\s{0,3}日"),
    re.compile(r"(?P<year>\d{4})\s{0,3}년\s{0,3}(?P<month>\d{1,2})\s{0,3}월\s{0,3}(?P<day>\d{1,2})\s{0,3}일"),
    re.compile(r"\b(?P<day>\d{1,2})\s{1,3}tháng\s{1,3}(?P<month>\d{1,2})(?:\s{1,3}năm|,)?\s{1,3}(?P<year>\d{4})\b", re.IGNORECASE),
    # Hungarian, Basque, Lithuanian: the year first.
    re.compile(rf"\b(?P<year>\d{{4}})\.?(?:eko|\s{{1,2}}m\.)?\s{{1,3}}(?P<month>{_WORD})\s{{1,3}}(?P<day>\d{{1,2}})\b"),
)  # fmt: skip
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
_IN_URL = (
    re.compile(
        r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<sep>[/_.-])(?P<month>\d{1,2}|[a-z]{3})(?P=sep)(?P<day>\d{1,2})(?!\d)"
    ),
    re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)[/-](?P<month>[01]?\d)/(?!\d{1,2}(?:/|$))"),
)


@functools.cache
def _months() -> dict[str, int]:
    """Names of months, lower case, in many languages; a name that means two months is left out."""
    from babel import Locale

    found: dict[str, int | None] = {}
    for language in _MORE_LANGUAGES:
        months = Locale(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[context][width].items():
                    word = name.lower().strip(".׳॰ ").removeprefix("de ").removeprefix("d’")
                    if len(word) > 1 and not word[0].isdigit() and found.setdefault(word, number) != number:
                        found[word] = None
    return {word: number for word, number in found.items() if number is not None} | _MONTHS


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A day found in a text, and where: offsets of the words that give it."""

    iso: str
    start: int
    end: int


def parse_date(value: object, *, day_first: bool | None = None) -> str:
    """A metadata date as an ISO day or prefix; ``""`` for null.

    ISO is taken as it is, RFC 822 and the like by dateutil, months by their names in many languages; what needs guessing
    is refused.

    Args:
        day_first: how ``03/05/2024`` is read; None refuses it, as it may be two days.

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
    return parse_moment(text, day_first=day_first).date().isoformat()


def parse_moment(text: str, *, day_first: bool | None = None) -> datetime:
    """A metadata date with its time of day, aware; UTC where no zone is given.

    Raises:
        ValueError: for anything that is no full date, or may be two days (see ``parse_date``).
    """
    text = text.strip()
    if len(text) > 80 or not re.search(r"\d{4}|\d{2}", text):
        raise ValueError(f"is no date: {text[:40]!r}")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _loosely(text, day_first)
    _checked(moment.date().isoformat())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _loosely(text: str, day_first: bool | None) -> datetime:
    numbers = re.match(r"(\d{1,2})([/.-])\s?(\d{1,2})\2\s?(\d{4})(?!\d)", text)
    if numbers:
        one, separator, other, year = int(numbers[1]), numbers[2], int(numbers[3]), numbers[4]
        if day_first is None and separator == "/" and one <= 12 and other <= 12 and one != other:
            raise ValueError(f"may be two days, the day or the month first: {text[:40]!r}")
        # Dots and hyphens part day, month and year; slashes part them both ways.
        is_day_first = (
            day_first if day_first is not None and (one <= 12 and other <= 12) else separator != "/" or one > 12
        )
        day, month = (one, other) if is_day_first else (other, one)
        try:
            text = date(int(year), month, day).isoformat() + " " + text[numbers.end() :]
        except ValueError as error:
            raise ValueError(f"is no date: {text[:40]!r}") from error
    try:
        # Two different defaults show which parts the text itself gives.
        one = dateutil_parser.parse(text, default=datetime(1904, 1, 1))
        two = dateutil_parser.parse(text, default=datetime(1908, 2, 2))
    except Exception as error:  # dateutil fails on odd input with whatever comes to hand
        named = date_in_text(text)
        if not named:
            raise ValueError(f"is no date: {text[:40]!r}") from error
        return datetime.fromisoformat(named)
    if one.date() != two.date():
        raise ValueError(f"is no full date: {text[:40]!r}") from None
    return one


def date_in_text(text: str) -> str:
    """The first day that a short text gives in full, as ISO; ``""`` if none, or if it may be two days."""
    found = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text[:500]):
            if iso := _iso(match):
                found.append((match.start(), iso))
                break
    for match in _SLASHED.finditer(text[:500]):
        one, other = int(match[1]), int(match[2])
        if one > 12 or other > 12 or one == other:
            day, month = (one, other) if one > 12 else (other, one)
            try:
                found.append((match.start(), _checked(date(int(match[3]), month, day).isoformat())))
            except ValueError:
                continue
    return min(found, default=(0, ""))[1]


def date_in_url(url: str) -> str:
    """The day, or else month, that an address gives in its path, as ISO; ``""`` if none."""
    path = re.sub(r"^[a-z]+://[^/]*", "", url[:2000].lower()).partition("?")[0]
    for pattern in _IN_URL:
        for match in pattern.finditer(path):
            parts = match.groupdict()
            month = parts["month"] if parts["month"].isdigit() else str(_MONTHS.get(parts["month"], 0))
            try:
                day = date(int(parts["year"]), int(month), int(parts.get("day") or 1)).isoformat()
            except ValueError:
                continue
            return day if parts.get("day") else day[:7]
    return ""


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
    name = match.group("month").lower().rstrip(".'’")
    year, day = int(match.group("year")), int(match.group("day"))
    try:
        if name in _SOLAR_HIJRI and 1200 <= year <= 1500:
            return _checked(_from_solar_hijri(year, _SOLAR_HIJRI[name], day).isoformat())
        if not name.isdigit() and name not in _MONTHS and name not in _months():
            return ""
        month = int(name) if name.isdigit() else _months()[name]
        return _checked(date(year, month, day).isoformat())
    except ValueError:
        return ""


def _from_solar_hijri(year: int, month: int, day: int) -> date:
    """The Gregorian day of a Persian one, by the cycle of 33 years with 8 leap years, right for 1206 to 1498."""
    if not (1 <= day <= 31 and (month <= 6 or day <= 30)):
        raise ValueError("is no day of the Persian calendar")
    before = 365 * (year - 1) + 8 * ((year - 1) // 33) + ((year - 1) % 33 + 3) // 4
    return date(622, 3, 21) + timedelta(before + (31 * (month - 1) if month < 7 else 30 * (month - 7) + 186) + day - 1)


def _checked(iso: str) -> str:
    if not EARLIEST <= int(iso[:4]) <= LATEST:
        raise ValueError(f"the year {iso[:4]} is out of range")
    return iso
