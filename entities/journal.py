"""Row changes written down as they are made, so that they can be taken back exactly.

A change is plain JSON: ``{"model": "entities.alias", "pks": [3], "old": {"entity_id": 2}, "new": {"entity_id": 1}}``:
these rows had the old values and got the new ones. ``"old": null`` is a row that was made, ``"new": null`` one that was
taken away again. Part of a JSON field is named with a dot: ``"attributes.gender"``, ``"curated_fields.name"``.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.apps import apps
from django.db import models

#: Keys in one statement: SQLite takes 32,766 since 3.32, PostgreSQL has no such limit.
AT_ONCE = 10_000

#: Rows are locked model by model in this order and by key within one, so that two writers never wait in a circle.
LOCK_ORDER = (
    "entities.entity", "entities.alias", "entities.identifier", "entities.term", "entities.relation",
    "entities.sourcerecord", "entities.judgement", "entities.duplicatesuggestion", "entities.merge", "entities.split",
    "articles.mention", "articles.link", "articles.candidate", "articles.surfaceprior", "articles.nilgroup",
)  # fmt: skip


def label_of(row_or_model) -> str:
    """``"entities.alias"``."""
    return row_or_model._meta.label_lower


def _json(value):
    return value.isoformat() if isinstance(value, datetime) else value


def value_of(row: models.Model, name: str):
    """A field's value, or a part's (``"attributes.gender"``; of a list: whether it holds the item), as JSON."""
    base, _, part = name.partition(".")
    value = getattr(row, base)
    if part:
        return value.get(part) if isinstance(value, dict) else part in value
    return _json(value)


def _set(row: models.Model, name: str, value) -> str:
    """Set a field or a part of one from JSON; the field's name."""
    base, _, part = name.partition(".")
    if not part:
        setattr(row, base, row._meta.get_field(base).to_python(value))
        return base
    whole = getattr(row, base)
    if isinstance(whole, dict):
        whole = {key: old for key, old in whole.items() if key != part}
        if value is not None:
            whole[part] = value
    else:
        whole = [item for item in whole if item != part] + ([part] if value else [])
    setattr(row, base, whole)
    return base


def snapshot(row: models.Model) -> dict:
    """All stored values of a row but its key."""
    return {f.attname: _json(getattr(row, f.attname)) for f in row._meta.concrete_fields if not f.primary_key}


def fingerprint(row: models.Model, leave_out: Sequence[str] = ("entity_id", "origin_id", "withdrawn_at")) -> str:
    """A short digest of what a fact says: tells whether it was edited since."""
    content = {name: value for name, value in snapshot(row).items() if name not in leave_out}
    return hashlib.blake2s(json.dumps(content, sort_keys=True, default=str).encode(), digest_size=6).hexdigest()


def locked(rows: models.QuerySet) -> list:
    """The rows of a query, locked in key order until the transaction ends."""
    return list(rows.select_for_update(of=("self",)).order_by("pk"))


def locked_by_pk(model: type[models.Model], pks: Iterable[int]) -> dict[int, models.Model]:
    """Rows by key, locked in key order."""
    ordered = sorted(set(pks))
    found = {}
    for start in range(0, len(ordered), AT_ONCE):
        for row in locked(model._default_manager.filter(pk__in=ordered[start : start + AT_ONCE])):
            found[row.pk] = row
    return found


def _update(model: type[models.Model], pks: Sequence[int], values: dict) -> None:
    parsed = {name: model._meta.get_field(name).to_python(value) for name, value in values.items()}
    for start in range(0, len(pks), AT_ONCE):
        model._default_manager.filter(pk__in=pks[start : start + AT_ONCE]).update(**parsed)


@dataclass(slots=True)
class Journal:
    """Makes changes and writes them down, in order."""

    changes: list[dict] = field(default_factory=list)
    #: Withdrawn as a double of: ``"entities.alias:12"`` → the key of the row that stays in use.
    twins: dict[str, int] = field(default_factory=dict)

    def change(self, rows: Iterable[models.Model], **new) -> None:
        """Give rows the same new values (JSON; by attname); rows that have them already are left out."""
        grouped: dict[str, tuple[dict, list]] = {}
        model = None
        for row in rows:
            model = type(row)
            old = {name: value_of(row, name) for name in new}
            if old != new:
                grouped.setdefault(json.dumps(old, sort_keys=True, default=str), (old, []))[1].append(row)
        if model is None:
            return
        for old, changed in grouped.values():
            self.changes.append(
                {"model": label_of(model), "pks": [row.pk for row in changed], "old": old, "new": dict(new)}
            )
        changed = [row for _, group in grouped.values() for row in group]
        for row in changed:
            for name, value in new.items():
                _set(row, name, value)
        _update(model, [row.pk for row in changed], new)

    def change_parts(self, row: models.Model, new: dict) -> None:
        """Give one row new values, parts of JSON fields among them."""
        old = {name: value_of(row, name) for name in new}
        new = {name: value for name, value in new.items() if value != old[name]}
        if not new:
            return
        self.changes.append(
            {"model": label_of(row), "pks": [row.pk], "old": {name: old[name] for name in new}, "new": new}
        )
        fields = {_set(row, name, value) for name, value in new.items()}
        type(row)._default_manager.filter(pk=row.pk).update(**{name: getattr(row, name) for name in fields})

    def add(self, row: models.Model) -> models.Model:
        """Store a new row."""
        row.save(force_insert=True)
        row.refresh_from_db()
        self.changes.append({"model": label_of(row), "pks": [row.pk], "old": None, "new": snapshot(row)})
        return row

    def take_away(self, row: models.Model) -> None:
        """Remove a row that a journal made: it never stood for anything but that operation."""
        self.changes.append({"model": label_of(row), "pks": [row.pk], "old": snapshot(row), "new": None})
        type(row)._default_manager.filter(pk=row.pk).delete()

    def put_back(self, model: type[models.Model], pk: int, values: dict) -> None:
        """Store a row again that was taken away, under its old key."""
        row = model(pk=pk, **{n: model._meta.get_field(n).to_python(value) for n, value in values.items()})
        row.save(force_insert=True)
        # auto_now_add would put in today.
        _update(model, [pk], values)
        self.changes.append({"model": label_of(model), "pks": [pk], "old": None, "new": values})


def rows_of(changes: Iterable[dict]) -> dict[str, set[int]]:
    """The keys of all rows that changes touch, by model."""
    found: dict[str, set[int]] = defaultdict(set)
    for change in changes:
        found[change["model"]].update(change["pks"])
    return found


def places_of(changes: Iterable[dict]) -> set[tuple[str, int, str]]:
    """Everything that changes touch, as ``(model, key, field)``; the field of a whole row is ``""``."""
    found = set()
    for change in changes:
        names = [""] if change["old"] is None or change["new"] is None else change["new"]
        found.update((change["model"], pk, name) for pk in change["pks"] for name in names)
    return found


def lock_rows(changes: Iterable[dict]) -> dict[str, dict[int, models.Model]]:
    """Every row that changes touch and that still exists, locked in the one order."""
    wanted = rows_of(changes)
    order = sorted(wanted, key=lambda label: (LOCK_ORDER.index(label) if label in LOCK_ORDER else 99, label))
    return {label: locked_by_pk(apps.get_model(label), wanted[label]) for label in order}


def take_back(
    changes: Sequence[dict],
    rows: dict[str, dict[int, models.Model]],
    journal: Journal,
    *,
    keep: Callable[[str, int, str], bool] = lambda label, pk, name: False,
    adjust: Callable[[models.Model, dict], dict] = lambda row, values: values,
) -> None:
    """Undo changes, the last first, as far as the rows are still as the changes left them.

    Args:
        rows: from ``lock_rows``.
        journal: where the taking back is written down in turn.
        keep: places to leave as they are.
        adjust: may alter the values about to be restored, where the old ones can no longer stand.
    """
    for change in reversed(changes):
        label, old, new = change["model"], change["old"], change["new"]
        model = apps.get_model(label)
        found = rows[label]
        if new is None:
            for pk in change["pks"]:
                if pk not in found:
                    journal.put_back(model, pk, old)
            continue
        if old is None:
            for pk in change["pks"]:
                row = found.get(pk)
                if row is not None and snapshot(row) == new and not keep(label, pk, ""):
                    journal.take_away(row)
                    del found[pk]
            continue
        restored: dict[str, tuple[dict, list]] = {}
        for pk in change["pks"]:
            row = found.get(pk)
            if row is None:
                continue
            values = {
                name: value
                for name, value in old.items()
                if value_of(row, name) == new[name] and not keep(label, pk, name)
            }
            values = adjust(row, values)
            if values:
                restored.setdefault(json.dumps(values, sort_keys=True, default=str), (values, []))[1].append(row)
        for values, group in restored.values():
            if any("." in name or isinstance(value, dict | list) for name, value in values.items()):
                for row in group:
                    journal.change_parts(row, values)
            else:
                journal.change(group, **values)
