"""What every importer yields."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from entities.matching.dates import PARTIAL_DATE
from entities.visible import VISIBLE

_DATE = re.compile(PARTIAL_DATE)


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was refused: where, and why in words."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class RowSkip:
    """A row that is no concern of ours, as most of a dump is: counted by reason, no error."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class AliasRow:
    name: str
    lang: str = ""
    type: str = ""
    is_weak: bool = False
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term of office; ``state`` and ``organization`` are references: a key, a code or free text."""

    title: str
    state: str = ""
    organization: str = ""
    start: str = ""
    end: str = ""
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class RelationRow:
    """A tie to another record, by reference; ``type`` as in ``entities.models.Relation.Type``."""

    type: str
    target: str
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One record as a file gives it, checked: absent text and dates are ``""``."""

    file: str
    line: int
    key: str
    kind: str
    name: str
    source: str = ""
    licence: str = ""
    aliases: tuple[AliasRow, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    terms: tuple[TermRow, ...] = ()
    relations: tuple[RelationRow, ...] = ()
    fields: dict[str, str | int | None] = field(default_factory=dict)  # of Entity
    attributes: dict[str, str] = field(default_factory=dict)
    id: str = ""  # the record's public id, in an export of ours
    curated: tuple[str, ...] = ()  # fields that a person set, in an export of ours
    unknown_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RedirectRow:
    """A merged record's key and the key of its survivor; its public id and name, in an export of ours."""

    file: str
    line: int
    key: str
    to: str
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class JudgementRow:
    """A verdict on two records, by key."""

    file: str
    line: int
    a: str
    b: str
    verdict: str
    by: str = ""
    at: str = ""
    reason: str = ""


def partial_date(value: object, what: str) -> str:
    """An ISO prefix as it is, null as ``""``.

    Raises:
        ValueError: for anything else.
    """
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError(f"{what} is no ISO date: {str(value)[:40]!r}")
    return value


def plain_text(value: object, what: str) -> str:
    """Text without spaces at its ends; ``""`` for text of which nothing shows.

    Raises:
        ValueError: for no text, and for characters that no database stores: NUL, half a surrogate pair.
    """
    if not isinstance(value, str):
        raise ValueError(f"{what} is no text")
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError(f"{what} holds characters that are no text")
    return value.strip() if VISIBLE.search(value) else ""


def without_copies(relations: Iterable[RelationRow]) -> tuple[RelationRow, ...]:
    """The ties, each once: of one type to one target from one day on."""
    found: dict[tuple[str, str, str], RelationRow] = {}
    for relation in relations:
        found.setdefault((relation.type, relation.target, relation.start), relation)
    return tuple(found.values())
