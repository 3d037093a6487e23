"""Everything the database knows, as one file: rows as they are, keys and history included, for an empty database.

JSON Lines: a head, a line for each row, table by table and by key, and a foot with the number of rows and their digest,
which tells a whole file from a torn one. People are named by their user name; who is not there becomes an account that
nobody can log in to. What is derived (the candidate index) is made anew; sessions, tokens, jobs and claims are left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction
from django.utils.dateparse import parse_datetime

from entities.candidates import rebuild
from entities.models import (
    Alias,
    Dismissal,
    DuplicateSuggestion,
    Entity,
    Erasure,
    Event,
    Identifier,
    Judgement,
    Merge,
    Relation,
    Source,
    SourceRecord,
    Split,
    Takedown,
    Term,
)

VERSION = 1
TABLES: tuple[type[models.Model], ...] = (
    Source, Entity, Alias, Identifier, Term, Relation, SourceRecord, Judgement, DuplicateSuggestion, Dismissal,
    Merge, Split, Erasure, Event, Takedown,
)  # fmt: skip
_LEFT_OUT = frozenset({"claimed_by", "claimed_until", "job", "nonce", "leased_by", "leased_until"})
_AT_ONCE = 500
MAX_LINE = 200_000_000  # a merge of records with very many facts has a journal as long


class ArchiveError(Exception):
    """A file that is no whole archive, or a database that it cannot be brought into: which line, and why."""


def _columns(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.concrete_fields if field.name not in _LEFT_OUT]


def _is_user(field: models.Field) -> bool:
    return field.is_relation and field.related_model is get_user_model()


# --- Out -------------------------------------------------------------------------------------------------------------
def write(tables: Sequence[type[models.Model]]) -> Iterator[str]:
    """The archive line by line, all of one moment."""
    with transaction.atomic():
        if connection.vendor == "postgresql" and len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        digest, counts = hashlib.sha256(), {}
        yield _line({"archive": "refdesk", "version": VERSION})
        names = dict(get_user_model()._default_manager.values_list("pk", get_user_model().USERNAME_FIELD))
        for model in tables:
            label = model._meta.label_lower
            counts[label] = 0
            for values in _rows(model, names):
                line = _line({"table": label, "row": values})
                digest.update(line.encode())
                counts[label] += 1
                yield line
        yield _line({"rows": counts, "sha256": digest.hexdigest()})


def _line(value: dict) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def _rows(model: type[models.Model], names: dict[int, str]) -> Iterator[dict]:
    columns = _columns(model)
    last = 0
    while page := list(model._base_manager.filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        for row in page:
            values = {}
            for field in columns:
                value = getattr(row, field.attname)
                if _is_user(field):
                    value = names.get(value)
                values[field.attname] = value.isoformat() if isinstance(value, datetime) else value
            yield values
        last = page[-1].pk


# --- In --------------------------------------------------------------------------------------------------------------
def read(lines: Iterable[str], tables: Sequence[type[models.Model]]) -> dict[str, int]:
    """Bring an archive into an empty database, all of it or nothing; the number of rows by table.

    Raises:
        ArchiveError: if the file is torn or no archive, or the database is not empty.
    """
    for model in tables:
        if model._base_manager.exists():
            raise ArchiveError(
                f"The database holds {model._meta.verbose_name_plural} already: an archive goes into an empty one."
            )
    try:
        with transaction.atomic():
            counts = _read(iter(lines), {model._meta.label_lower: model for model in tables})
            with connection.cursor() as cursor:
                for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
                    cursor.execute(statement)
            connection.check_constraints()
    except DatabaseError as error:
        raise ArchiveError(f"The rows contradict each other; nothing was stored ({error}).") from error
    rebuild()
    return counts


def _read(lines: Iterator[str], tables: dict[str, type[models.Model]]) -> dict[str, int]:
    head = _parsed(next(lines, ""), 1)
    if head.get("archive") != "refdesk":
        raise ArchiveError("line 1: this is no Refdesk archive.")
    if head.get("version") != VERSION:
        raise ArchiveError(f"line 1: version {head.get('version')!r} of archives is not known here.")
    digest, counts = hashlib.sha256(), dict.fromkeys(tables, 0)
    users: dict[str, int] = {}
    merged: list[tuple[int, int]] = []
    number, foot = 1, None
    while batch := list(islice(lines, _AT_ONCE)):
        rows: dict[str, list[models.Model]] = {}
        for line in batch:
            number += 1
            value = _parsed(line, number)
            if foot is not None:
                raise ArchiveError(f"line {number}: there is something after the end.")
            if "sha256" in value:
                foot = value
                continue
            label = value.get("table")
            if label not in tables or not isinstance(value.get("row"), dict):
                raise ArchiveError(f"line {number}: {str(label)[:60]!r} is no table of an archive.")
            digest.update(line.encode("utf-8", "surrogatepass"))
            row = _row(tables[label], value["row"], users, number)
            if isinstance(row, Entity) and row.merged_into_id is not None:
                # Facts of past owners come first: to a merged record the database itself lets nobody add.
                merged.append((row.pk, row.merged_into_id))
                row.merged_into_id = None
            rows.setdefault(label, []).append(row)
            counts[label] += 1
        for label, found in rows.items():
            model = tables[label]
            # As they are: no time of today is put in.
            model._base_manager._insert(found, fields=model._meta.concrete_fields, using=connection.alias, raw=True)
    if foot is None:
        raise ArchiveError(f"line {number}: the file ends before its end; it was torn.")
    if foot["sha256"] != digest.hexdigest() or {k: v for k, v in counts.items() if v} != {
        k: v for k, v in foot.get("rows", {}).items() if v
    }:
        raise ArchiveError("The rows are not those that were written: the file was changed or torn.")
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE entities_entity SET merged_into_id = %s WHERE id = %s", [(into, pk) for pk, into in merged]
        )
    return counts


def _parsed(line: str, number: int) -> dict:
    if len(line) > MAX_LINE:
        raise ArchiveError(f"line {number}: longer than {MAX_LINE} characters.")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"line {number}: no JSON: {error}") from error
    if not isinstance(value, dict):
        raise ArchiveError(f"line {number}: no JSON object.")
    return value


def _row(model: type[models.Model], values: dict, users: dict[str, int], number: int) -> models.Model:
    row = model()
    try:
        for name, value in values.items():
            field = model._meta.get_field(name)
            if field.name in _LEFT_OUT:
                continue
            if value is not None and _is_user(field):
                value = user_of(str(value), users)
            elif value is not None and isinstance(field, models.DateTimeField):
                value = parse_datetime(value)
            elif not isinstance(field, models.JSONField):
                value = (field.target_field if field.is_relation else field).to_python(value)
            setattr(row, field.attname, value)
    except (FieldDoesNotExist, ValidationError, ValueError, TypeError) as error:
        raise ArchiveError(f"line {number}: {error}") from error
    if row.pk is None:
        raise ArchiveError(f"line {number}: a row without its key.")
    return row


def user_of(name: str, users: dict[str, int]) -> int:
    """An account of this name; one that is made for it cannot log in."""
    if name not in users:
        model = get_user_model()
        user = model._default_manager.filter(**{model.USERNAME_FIELD: name}).first()
        if user is None:
            user = model(**{model.USERNAME_FIELD: name}, is_active=False)
            user.set_unusable_password()
            user.save()
        users[name] = user.pk
    return users[name]
