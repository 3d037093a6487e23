"""A database emptied within a test, so that what was exported from it can come into it again."""

from __future__ import annotations

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection

from articles.catalogue import forget_catalogue
from entities import guards


def empty(*, users: bool = False) -> None:
    """Delete every row of records and articles; of people, too, if wanted."""
    models = [*apps.get_app_config("entities").get_models(), *apps.get_app_config("articles").get_models()]
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Events are never deleted there, so that tables are cut off; what constraints put off is checked before.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        else:
            guards.take_down()  # events are never deleted here either
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            guards.put_up()
    if users:
        get_user_model().objects.all().delete()
    forget_catalogue()
