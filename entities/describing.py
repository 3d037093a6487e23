"""The generated descriptions of records, from their facts as they are stored."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from entities.models import Entity
from entities.records import load_views
from entities.summaries import summarize


def descriptions(ids: Iterable[int]) -> dict[int, str]:
    """What the facts of records say now, by id, with one query more than ``load_views``; unknown ids are absent."""
    views = load_views(ids)
    referred = {id_ for view in views.values() for id_ in (*view.states, *view.parties)}
    names = dict(Entity.objects.filter(pk__in=referred).values_list("pk", "name"))
    return {pk: summarize(view, names) for pk, view in views.items()}


def describe(ids: Iterable[int]) -> None:
    """Write the generated descriptions of records anew."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), 1000):
        told = descriptions(ordered[start : start + 1000])
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE entities_entity SET summary = %s WHERE id = %s", [(text, pk) for pk, text in told.items()]
            )
