"""Records and their facts as tables: CSV (RFC 4180) whose columns stay, and whose cells no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from itertools import chain

from django.db.models import QuerySet

from entities import reading
from entities.exporting.pages import pages
from entities.models import Entity

# What spreadsheets begin a formula, or a call of another program, with (full-width forms included), after spaces and
# quotes that they pass over.
_FORMULA = frozenset("=+-@\t\r\n|%＝＋－＠")
_PASSED_OVER = " \u00a0\u3000\ufeff\u200b\"'‘’“”`"
SEPARATOR = " | "  # between the values of one cell


def safe_cell(value: object) -> object:
    """A value as a cell: text that would begin a formula gets a ``'`` before it (OWASP, “CSV Injection”)."""
    if not isinstance(value, str) or not value:
        return value
    if value[0] in _FORMULA or value.lstrip(_PASSED_OVER)[:1] in _FORMULA:
        return "'" + value
    return value


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Rows as lines of CSV, made safe."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    for row in chain([header], rows):
        writer.writerow([safe_cell("" if cell is None else cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _joined(values: Iterable[object]) -> str:
    return SEPARATOR.join(dict.fromkeys(str(value) for value in values if value not in (None, "")))


def _source(fact) -> tuple[str, str]:
    return (fact.source.name, fact.source.licence) if fact.source else ("", "")


def _place(entity: Entity | None, text: str) -> tuple[str, str]:
    return ("", text) if entity is None else (entity.public_id, entity.name)


def _records(entity: Entity, base: str) -> Iterator[list]:
    states = [
        one.target.name if one.target else one.target_text for one in entity.relations.all() if one.type == "state"
    ]
    terms = [
        f"{', '.join(filter(None, (row.title, row.where)))} ({row.start or '?'}/{row.end})"
        for row in reading.term_rows(entity.terms.all())
    ]
    sources = reading.sources_of(entity)
    yield [
        entity.public_id, entity.kind, entity.name, reading.description_of(entity), entity.subtype, entity.valid_from,
        entity.valid_to, entity.prominence, entity.capital, entity.signed, entity.in_force,
        _joined(f"{alias.lang}:{alias.name}" if alias.lang else alias.name for alias in entity.aliases.all()),
        _joined(f"{one.scheme}:{one.value}" for one in entity.identifiers.all()), _joined(states), _joined(terms),
        _joined(f"{name}: {value}" for name, value in sorted((entity.attributes or {}).items())),
        _joined(source.name for source in sources), _joined(source.licence for source in sources),
        f"{base}{entity.get_absolute_url()}", entity.updated_at.isoformat(),
    ]  # fmt: skip


def _aliases(entity: Entity, base: str) -> Iterator[list]:
    for alias in entity.aliases.all():
        yield [
            entity.public_id, entity.name, alias.name, alias.lang, alias.script, alias.type,
            "weak" if alias.is_weak else "normal", alias.valid_from, alias.valid_to, *_source(alias),
        ]  # fmt: skip


def _identifiers(entity: Entity, base: str) -> Iterator[list]:
    for one in entity.identifiers.all():
        yield [
            entity.public_id, entity.name, one.scheme, one.value, "yes" if one.is_contested else "no", *_source(one),
        ]  # fmt: skip


def _terms(entity: Entity, base: str) -> Iterator[list]:
    for term in entity.terms.all():
        yield [
            entity.public_id, entity.name, term.title, *_place(term.state, term.state_text),
            *_place(term.organization, term.organization_text), term.start, term.end, term.as_of, *_source(term),
        ]  # fmt: skip


def _relations(entity: Entity, base: str) -> Iterator[list]:
    for one in entity.relations.all():
        yield [
            entity.public_id, entity.name, one.type, *_place(one.target, one.target_text), one.start, one.end,
            *_source(one),
        ]  # fmt: skip


_SOURCE = ("source", "source_licence")
#: Columns are only ever added, at the end.
TABLES: dict[str, tuple[tuple[str, ...], Callable[[Entity, str], Iterator[list]]]] = {
    "records": (
        ("id", "kind", "name", "description", "subtype", "valid_from", "valid_to", "prominence", "capital", "signed",
         "in_force", "aliases", "identifiers", "states", "terms", "attributes", "sources", "licences", "url",
         "updated_at"),
        _records,
    ),
    "aliases": (
        ("record", "record_name", "name", "lang", "script", "type", "quality", "valid_from", "valid_to", *_SOURCE),
        _aliases,
    ),
    "identifiers": (("record", "record_name", "scheme", "value", "is_contested", *_SOURCE), _identifiers),
    "terms": (
        ("record", "record_name", "title", "state", "state_name", "organization", "organization_name", "start", "end",
         "as_of", *_SOURCE),
        _terms,
    ),
    "relations": (
        ("record", "record_name", "type", "target", "target_name", "start", "end", *_SOURCE), _relations,
    ),
}  # fmt: skip


def lines(table: str, records: QuerySet[Entity], base: str) -> Iterator[str]:
    """One of ``TABLES`` as CSV."""
    header, rows_of = TABLES[table]
    return csv_lines(header, (row for page in pages(records) for entity in page for row in rows_of(entity, base)))
