"""What clients send, in either version of the protocol, → ``NameQuery``; what cannot be read is left out, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from entities.matching.lookup import NameQuery
from entities.matching.types import Kind
from entities.reconciliation.vocabulary import IDENTIFIER_SCHEMES
from entities.visible import without_hidden

MAX_QUERIES = 500
BATCH_SIZE = 50
MAX_CHARS = 500
MAX_LIMIT = 50
_DEFAULT_LIMIT = 10
_MAX_VALUES = 20
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """One query as read: the name, the types, values by property, and how many candidates are wanted."""

    name: str = ""
    kinds: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limit: int = _DEFAULT_LIMIT

    @property
    def states(self) -> tuple[str, ...]:
        """References to states, as given."""
        return self.values.get("state", ())

    def to_name_query(self, states: frozenset[int]) -> NameQuery:
        """As the matching core reads it."""
        first = {name: values[0] for name, values in self.values.items() if values}
        return NameQuery(
            name=self.name, kinds=self.kinds, states=states, office=first.get("office", ""),
            on=_date(first.get("on", "")), start=_date(first.get("start", "")), end=_date(first.get("end", "")),
            identifiers=tuple((scheme, first[scheme]) for scheme in sorted(IDENTIFIER_SCHEMES) if scheme in first),
        )  # fmt: skip


def clean(value: object, most: int = MAX_CHARS) -> str:
    """Text that is safe to look up: no NUL, no lone surrogate, bounded; anything else is ``""``."""
    if not isinstance(value, str):
        return ""
    return " ".join(without_hidden(value[:most]).replace("\0", " ").encode("utf-8", "ignore").decode().split())


def _date(text: str) -> str:
    """An ISO date or prefix from a value that begins with one: tables have date-times."""
    match = _DATE.match(text)
    return match.group() if match else ""


def read_v02(query: object) -> Asked:
    """A query of version 0.2: an object, or (as version 0.1 had it) the name alone."""
    if isinstance(query, str):
        return Asked(clean(query))
    if not isinstance(query, dict):
        return Asked()
    kinds, limit = kinds_of(query.get("type")), _limit(query.get("limit"))
    if kinds is None or limit is None:
        return Asked()
    properties = query.get("properties")
    values = {}
    for one in properties[:_MAX_VALUES] if isinstance(properties, list) else ():
        if isinstance(one, dict):
            pid = clean(one.get("pid") or one.get("p"))
            values[pid] = tuple(_values(one.get("v")))
    return Asked(clean(query.get("query")), kinds, values, limit)


def read_v1(query: object) -> Asked:
    """A query of the 1.0 draft: conditions on the name, the id and properties.

    Raises:
        ValueError: with a sentence, if a condition cannot be understood.
    """
    if not isinstance(query, dict) or not isinstance(query.get("conditions"), list) or not query["conditions"]:
        raise ValueError("A query is an object with at least one condition.")
    name, values = "", {}
    for condition in query["conditions"][:_MAX_VALUES]:
        if not isinstance(condition, dict) or "propertyValue" not in condition:
            raise ValueError("A condition is an object with a matchType and a propertyValue.")
        sort = condition.get("matchType")
        given = tuple(_values(condition["propertyValue"]))
        if sort in ("name", "id"):
            name = name if name and sort == "name" else (given[0] if given else name)
        elif sort == "property":
            if not isinstance(condition.get("propertyId"), str):
                raise ValueError("A condition on a property names it in propertyId.")
            values[clean(condition["propertyId"])] = given
        else:
            raise ValueError("matchType is name, id or property.")
    kinds, limit = kinds_of(query.get("type")), _limit(query.get("limit"))
    if limit is None:
        raise ValueError("limit is a whole number from 1.")
    return Asked() if kinds is None else Asked(name, kinds, values, limit)


def kinds_of(given: object) -> tuple[str, ...] | None:
    """The types asked for that there are; none if none is asked for; None if none of those asked for is one."""
    listed = given if isinstance(given, list) else [given]
    named = [one.get("id") if isinstance(one, dict) else one for one in listed[:_MAX_VALUES]]
    named = [one for one in named if one is not None and one != ""]
    if not named:
        return ()
    return tuple(dict.fromkeys(kind for one in named if (kind := clean(one).casefold()) in set(Kind))) or None


def _values(given: object) -> Iterator[str]:
    listed: Sequence[object] = given if isinstance(given, list) else [given]
    for one in listed[:_MAX_VALUES]:
        if isinstance(one, dict):
            one = one.get("id") or one.get("name")
        if isinstance(one, bool | int | float):
            one = str(one)
        if text := clean(one):
            yield text


def _limit(given: object) -> int | None:
    """How many candidates are wanted, ``MAX_LIMIT`` at most; None for what is no whole number from 1."""
    if given is None or given == "":
        return _DEFAULT_LIMIT
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 9:
        given = int(given)
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        return None
    return min(given, MAX_LIMIT)
