"""Types and properties that clients reconcile against and extend their tables by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from entities.matching.dates import in_words
from entities.matching.types import AliasType, Kind, RecordView

TYPE_NAMES = {
    Kind.PERSON: "Person", Kind.STATE: "State", Kind.ORGANIZATION: "Organization", Kind.AGREEMENT: "Agreement",
}  # fmt: skip
_ALL = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Ref:
    """A cell that names another record."""

    record_id: int


#: What a cell may hold: text, or another record.
Cell = str | Ref


@dataclass(frozen=True, slots=True)
class Property:
    """One property: what it is called, whom it is of, and the values a record has of it."""

    id: str
    name: str
    kinds: frozenset[Kind]
    values: Callable[[RecordView], Iterator[Cell]]
    is_reference: bool = False  # its values are records
    is_evidence: bool = False  # a query may give it, and candidates are weighed by it


def _one(getter: Callable[[RecordView], str | None]) -> Callable[[RecordView], Iterator[Cell]]:
    def values(record: RecordView) -> Iterator[Cell]:
        value = getter(record)
        if value:
            yield value

    return values


def _identifier(scheme: str) -> Callable[[RecordView], Iterator[Cell]]:
    def values(record: RecordView) -> Iterator[Cell]:
        yield from (value for name, value in record.identifiers if name == scheme)

    return values


def _references(getter: Callable[[RecordView], tuple[int, ...]]) -> Callable[[RecordView], Iterator[Cell]]:
    def values(record: RecordView) -> Iterator[Cell]:
        yield from (Ref(id_) for id_ in getter(record))

    return values


def _aliases(record: RecordView) -> Iterator[Cell]:
    yield from dict.fromkeys(name.text for name in record.names if not name.is_sense and name.text != record.name)


def _senses(record: RecordView) -> Iterator[Cell]:
    yield from dict.fromkeys(name.text for name in record.names if name.type is AliasType.METONYM)


def _offices(record: RecordView) -> Iterator[Cell]:
    for term in sorted(record.terms, key=lambda term: term.start or "", reverse=True):
        place = f" of {term.at}" if term.at and term.at not in term.title else ""
        yield f"{term.title}{place} {in_words(term.start, term.end)}".strip()


_IDENTIFIERS = {
    "wikidata": "Wikidata id",
    "wikipedia": "Wikipedia title",
    "iso2": "ISO 3166 alpha-2",
    "iso3": "ISO 3166 alpha-3",
}

PROPERTIES: Mapping[str, Property] = {
    one.id: one
    for one in (
        Property("description", "Description", _ALL, _one(lambda record: record.description)),
        Property("kind", "Type", _ALL, _one(lambda record: TYPE_NAMES[record.kind])),
        Property("alias", "Other name", _ALL, _aliases),
        Property("start", "Born, founded or signed", _ALL, _one(lambda r: r.valid_from or r.signed), is_evidence=True),
        Property("end", "Died, dissolved or ended", _ALL, _one(lambda record: record.valid_to), is_evidence=True),
        Property("on", "Existed, or held the office, on", _ALL, _one(lambda record: None), is_evidence=True),
        Property("state", "State", _ALL - {Kind.STATE}, _references(lambda r: r.states), True, True),
        Property("office", "Office held", frozenset({Kind.PERSON}), _offices, is_evidence=True),
        Property("subtype", "Sort", _ALL - {Kind.PERSON}, _one(lambda record: record.subtype)),
        Property("party", "Party to the agreement", frozenset({Kind.AGREEMENT}), _references(lambda r: r.parties), True),
        Property("member", "Member", frozenset({Kind.ORGANIZATION}), _references(lambda r: r.members), True),
        Property("successor", "Successor", frozenset({Kind.STATE, Kind.AGREEMENT}), _references(lambda r: r.successors), True),
        Property("metonym", "Place that stands for it", frozenset({Kind.STATE}), _senses),
        *(
            Property(scheme, name, _ALL if "wiki" in scheme else frozenset({Kind.STATE}), _identifier(scheme), False, True)
            for scheme, name in _IDENTIFIERS.items()
        ),
    )
}  # fmt: skip
IDENTIFIER_SCHEMES = frozenset(_IDENTIFIERS)


def types_like(prefix: str) -> list[Kind]:
    """Types whose id or name begins with some letters; all for none."""
    wanted = prefix.strip().casefold()
    return [kind for kind in Kind if kind.value.startswith(wanted) or TYPE_NAMES[kind].casefold().startswith(wanted)]


def properties_like(prefix: str = "", kind: str = "") -> list[Property]:
    """Properties whose id or name has a word that begins with some letters, of one type or of all."""
    wanted = prefix.strip().casefold()
    return [
        one
        for one in PROPERTIES.values()
        if (not kind or kind not in set(Kind) or Kind(kind) in one.kinds)
        and (one.id.startswith(wanted) or any(word.startswith(wanted) for word in one.name.casefold().split()))
    ]
