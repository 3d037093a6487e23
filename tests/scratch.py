"""Databases for processes of their own, which no test's transaction shields."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def migrated_url(tmp_path_factory, django_db_setup, django_db_blocker):
    """What ``scratch_url`` is a copy of: migrations take as long as many a test."""
    with django_db_blocker.unblock(), _database(tmp_path_factory.mktemp("migrated") / "migrated.sqlite3") as url:
        run(url, "manage.py", "migrate", "--verbosity", "0")
        yield url


@pytest.fixture
def scratch_url(tmp_path, db, migrated_url):
    """An empty, migrated database of the kind that the suite runs on."""
    with _database(tmp_path / "scratch.sqlite3", migrated_url) as url:
        yield url


@pytest.fixture
def bare_url(tmp_path, db):
    """A database of that kind without a table."""
    with _database(tmp_path / "bare.sqlite3") as url:
        yield url


@contextmanager
def _database(path: Path, copied: str = ""):
    """The address of a new database; ``copied`` is the address of another that it begins as."""
    if connection.vendor == "sqlite":
        if copied:
            shutil.copy(copied.removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}"
        return
    import psycopg

    settings = connection.settings_dict
    name = f"refdesk_scratch_{uuid.uuid4().hex[:12]}"
    access = {
        "host": settings["HOST"] or None, "port": settings["PORT"] or None, "user": settings["USER"] or None,
        "password": settings["PASSWORD"] or None,
    }  # fmt: skip
    with psycopg.connect(dbname="postgres", autocommit=True, **access) as maintenance:
        template = copied.rpartition("/")[2] or "template1"
        maintenance.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            who = f"{settings['USER']}:{settings['PASSWORD']}@" if settings["USER"] else ""
            place = settings["HOST"] or ""
            if place.startswith("/"):
                place = place.replace("/", "%2F")
            port = f":{settings['PORT']}" if settings["PORT"] else ""
            yield f"postgres://{who}{place}{port}/{name}"
        finally:
            maintenance.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def run(url: str, *arguments: str, timeout: int = 3000) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True,
        timeout=timeout, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
