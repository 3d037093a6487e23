"""Partial ISO dates: ``"1954"``, ``"1954-07"``, ``"1954-07-29"``, compared by what they leave open."""

from __future__ import annotations

from functools import lru_cache

#: A partial date, of a day that there is (29 February of any year), as a regular expression without anchors.
PARTIAL_DATE = (
    r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]|02-(?:0[1-9]|[12][0-9])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])))?"
)
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


def starts_by(start: str | None, day: str) -> bool:
    """True unless a partial date is known to begin after ``day``."""
    return not start or start[: len(day)] <= day[: len(start)]


def ends_after(end: str | None, day: str) -> bool:
    """True unless a partial date is known to end before ``day``."""
    return not end or end[: len(day)] >= day[: len(end)]


def covers(start: str | None, end: str | None, day: str) -> bool:
    """True if ``[start, end]`` may hold ``day``; absent bounds are open."""
    return starts_by(start, day) and ends_after(end, day)


def years_between(earlier: str, later: str) -> float:
    """Years from one partial date to another, by month where both give one."""
    return _years(later) - _years(earlier)


@lru_cache(maxsize=50_000)
def _years(date: str) -> float:
    months = int(date[5:7]) - 1 if len(date) >= 7 else 6
    return int(date[:4]) + months / 12


def in_words(start: str | None, end: str | None) -> str:
    """``"2013–2021"``, ``"since 2024"``, ``"until 1991"`` or ``""``."""
    if start and end:
        return start[:4] if start[:4] == end[:4] else f"{start[:4]}–{end[:4]}"
    if start:
        return f"since {start[:4]}"
    return f"until {end[:4]}" if end else ""


def partial_date(iso: str | None) -> str:
    """An ISO prefix in words: ``"29 September 1954"``, ``"July 1954"``, ``"1954"``; what is no date stays as it is."""
    if not iso:
        return ""
    year, _, rest = iso.partition("-")
    month, _, day = rest.partition("-")
    if not month:
        return year
    if not (month.isdigit() and 1 <= int(month) <= 12):
        return iso
    name = _MONTHS[int(month) - 1]
    return f"{int(day)} {name} {year}" if day.isdigit() else f"{name} {year}"
