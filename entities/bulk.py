"""Many rows at once, past the ORM: rows as tuples, ids reserved beforehand.

Django builds an object and a tree of expressions for every row of ``bulk_create``, and on SQLite a statement for every
hundred rows; for imports of a hundred thousand facts that is most of the time. Constraints hold all the same: they are
the database's. No signal is sent; callers say what they did themselves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

from django.db import connection, models


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[int]:
    """Insert rows and return their ids, in order.

    Args:
        columns: attribute names (``"entity_id"``, not ``"entity"``); columns left out must have a default in the database.
        rows: values in the order of ``columns``.

    Raises:
        IntegrityError: if a row breaks a constraint; none is stored then, if the caller has opened a transaction.
    """
    fields = [model._meta.get_field(name) for name in columns]
    prepared = [_preparation(field) for field in fields]
    values = [
        tuple(value if prepare is None else prepare(value) for value, prepare in zip(row, prepared, strict=True))
        for row in rows
    ]
    if not values:
        return []
    ids = reserve(model, len(values))
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(name) for name in ("id", *(field.column for field in fields)))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for id_, row in zip(ids, values, strict=True):
                    copy.write_row((id_, *row))
        else:
            marks = ", ".join(["%s"] * (len(fields) + 1))
            cursor.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",
                [(id_, *row) for id_, row in zip(ids, values, strict=True)],
            )
    return ids


def reserve(model: type[models.Model], count: int) -> list[int]:
    """Ids that no other writer will use; on SQLite only within the transaction that uses them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [id_ for (id_,) in cursor.fetchall()]
        # A writer holds the whole database (transactions begin IMMEDIATE), so that nobody else can take these.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        last = row[0] if row else 0
    return list(range(last + 1, last + 1 + count))


def _preparation(field: models.Field) -> Callable[[object], object] | None:
    if isinstance(field, models.JSONField):
        return lambda value: json.dumps(value, ensure_ascii=False)
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    return None
