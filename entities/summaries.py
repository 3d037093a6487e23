"""The generated one-line description of a record: facts in words, nothing copied."""

from __future__ import annotations

from collections.abc import Mapping

from entities.matching.dates import in_words, partial_date
from entities.matching.offices import offices
from entities.matching.types import Kind, RecordView, Term

MAX_SUMMARY = 300
# Of several offices the one that readers know a person by.
_RANK = (
    "president", "prime minister", "monarch", "supreme leader", "pope", "head of state", "head of government",
    "secretary-general", "commission president", "president-elect", "foreign minister", "crown prince",
    "vice president", "defence minister", "director-general",
)  # fmt: skip


def summarize(record: RecordView, names: Mapping[int, str]) -> str:
    """A line such as "President of Iran since 2024" or "agreement between Iran and Russia, signed 17 January 2025".

    Args:
        record: the facts.
        names: of the states and organizations that the record refers to, by id.
    """
    told = {
        Kind.PERSON: _person, Kind.STATE: _state, Kind.ORGANIZATION: _organization, Kind.AGREEMENT: _agreement,
    }[record.kind](record, names)  # fmt: skip
    return told[:MAX_SUMMARY]


def _person(record: RecordView, names: Mapping[int, str]) -> str:
    life = f" ({record.valid_from[:4]}–{record.valid_to[:4]})" if record.valid_from and record.valid_to else ""
    if not record.terms:
        states = [names[state] for state in record.states if state in names]
        return (f"person, {', '.join(states[:2])}" if states else "person") + life
    term = min(record.terms, key=_importance)
    title = term.title
    if term.at and term.at.lower() not in title.lower() and not title.lower().startswith("ambassador"):
        title = f"{title} of {_the(term.at)}"
    if term.end or record.valid_to:
        span = in_words(term.start, term.end)
        return f"former {title[:1].lower() + title[1:] if title.split()[0] in _LOWERED else title}" + (
            f" ({span})" if span else ""
        )
    if term.as_of and not term.end:
        return f"{title} (as of {term.as_of[:4]})"
    return f"{title} since {term.start[:4]}" if term.start else title


_LOWERED = frozenset({"Minister", "Member", "Party", "Deputy"})


def _importance(term: Term) -> tuple[int, int, str]:
    named = offices(term.title)
    rank = min((_RANK.index(office) for office in named if office in _RANK), default=len(_RANK))
    is_open = 0 if not term.end else 1
    latest = "".join(chr(255 - ord(char)) for char in term.start or "")
    return (rank if rank < 4 else 4 + is_open, rank, latest)


_WITH_ARTICLE = ("United", "Netherlands", "Philippines", "Bahamas", "Maldives", "Democratic Republic", "Soviet Union",
                 "European", "Comoros", "Gambia", "Republic of", "Central African")  # fmt: skip


def _the(place: str) -> str:
    return f"the {place}" if place.startswith(_WITH_ARTICLE) else place


def _state(record: RecordView, names: Mapping[int, str]) -> str:
    what = record.subtype or "state"
    if record.valid_to:
        span = in_words(record.valid_from, record.valid_to)
        return f"former state{f' ({span})' if span else ''}" if "former" not in what else f"{what} ({span})"
    return what


def _organization(record: RecordView, names: Mapping[int, str]) -> str:
    what = record.subtype or "organization"
    states = [names[state] for state in record.states if state in names]
    told = f"{what}, {', '.join(states[:3])}" if states else what
    span = in_words(record.valid_from, record.valid_to)
    return f"{told} ({span})" if span else told


def _agreement(record: RecordView, names: Mapping[int, str]) -> str:
    parties = [_the(names[party]) for party in record.parties if party in names]
    what = f"{record.subtype} agreement" if record.subtype and "agreement" not in record.subtype else "agreement"
    if len(parties) == 2:
        what = f"{what} between {parties[0]} and {parties[1]}"
    elif 2 < len(parties) <= 6:
        what = f"{what} between {', '.join(parties[:-1])} and {parties[-1]}"
    elif parties:
        what = f"{what} of {parties[0] if len(parties) == 1 else f'{len(parties)} parties'}"
    return f"{what}, signed {partial_date(record.signed)}" if record.signed else what
