"""What every test shares."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connections
from pytest_django.plugin import blocking_manager_key

from tests.scratch import ROOT, bare_url, migrated_url, scratch_url

__all__ = ["bare_url", "migrated_url", "scratch_url"]

#: Fixtures of a test that opens a database (pytest-django's, and those that give the address of one).
_OPENS_DATABASE = {"db", "transactional_db", "django_db_setup", "bare_url", "scratch_url"}
#: Files that take longest, begun first: what is handed out by the file must not end with one long one.
_LONGEST = (
    "articles/test_worker_kills.py", "articles/test_importing.py", "test_documents.py", "browser/test_desk_by_keyboard.py",
    "config/test_matrix.py", "browser/test_payloads.py", "browser/test_review.py", "browser/test_merging_pages.py",
    "entities/test_merging_properties.py", "articles/test_archive.py", "config/test_desk.py", "browser/test_pages.py",
    "entities/test_merging_races.py",
)  # fmt: skip


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """SQLite's test database is a file: in memory all threads, the live server's too, would share one connection."""
    for connection in connections.all():
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


def pytest_addoption(parser):
    parser.addoption(
        "--database-only", action="store_true", help="only tests that open a database: the others ran with another one"
    )


def pytest_collection_modifyitems(config, items):
    left_out = set()
    if config.getoption("--database-only"):
        left_out.update(one for one in items if not opens_database(one))
    if config.getoption("markexpr") == "not full":
        mark = "any_database" if config.getoption("--database-only") else "shared_database"
        if mark == "any_database" or connections["default"].vendor == "sqlite":
            left_out.update(one for one in items if one.get_closest_marker(mark) is not None)
    if left_out:
        config.hook.pytest_deselected(items=[one for one in items if one in left_out])
        items[:] = [one for one in items if one not in left_out]
    place = {ROOT / "tests" / path: number for number, path in enumerate(_LONGEST)}
    items.sort(key=lambda one: place.get(one.path, len(place)))


def opens_database(item) -> bool:
    return item.get_closest_marker("django_db") is not None or bool(_OPENS_DATABASE & set(item.fixturenames))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """A test with real transactions empties the database behind it: the roles that migrations made are made again."""
    yield
    marker = item.get_closest_marker("django_db")
    # After the last test of all there is no test database any more.
    if nextitem is not None and marker is not None and marker.kwargs.get("transaction"):
        from django.db import connection

        with item.config.stash[blocking_manager_key].unblock():
            import_module("articles.migrations.0003_roles").make_groups(apps, connection.schema_editor())
            import_module("config.migrations.0002_roles").grant(apps, connection.schema_editor())
            import_module("articles.migrations.0007_takedown_roles").grant(apps, connection.schema_editor())
