"""Many curators at once, and a power cut in the middle: run in processes of their own, on a database of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def scratch_url(tmp_path, db):
    """An empty, migrated database of the kind that the suite runs on."""
    if connection.vendor == "sqlite":
        yield from _migrated(f"sqlite:///{tmp_path / 'scratch.sqlite3'}")
        return
    import psycopg

    settings = connection.settings_dict
    name = f"refdesk_scratch_{uuid.uuid4().hex[:12]}"
    access = {
        "host": settings["HOST"] or None, "port": settings["PORT"] or None, "user": settings["USER"] or None,
        "password": settings["PASSWORD"] or None,
    }  # fmt: skip
    with psycopg.connect(dbname="postgres", autocommit=True, **access) as maintenance:
        maintenance.execute(f'CREATE DATABASE "{name}"')
        try:
            who = f"{settings['USER']}:{settings['PASSWORD']}@" if settings["USER"] else ""
            place = settings["HOST"] or ""
            if place.startswith("/"):
                place = place.replace("/", "%2F")
            port = f":{settings['PORT']}" if settings["PORT"] else ""
            yield from _migrated(f"postgres://{who}{place}{port}/{name}")
        finally:
            maintenance.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _migrated(url: str):
    run(url, "manage.py", "migrate", "--verbosity", "0")
    yield url


def run(url: str, *arguments: str, timeout: int = 3000) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True,
        timeout=timeout, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def judge_race(report: dict, *, busy: int = 0) -> None:
    """``busy``: how often a curator may be asked to try again, because others hold the one lock that SQLite has."""
    assert [error for one in report["reports"] for error in one["errors"]] == []
    assert sum(one["busy"] for one in report["reports"]) <= busy
    assert report["breaches"] == {}
    assert report["merges"] == report["merged_events"] == sum(one["merged"] for one in report["reports"])
    assert report["restored_events"] == report["merges"]  # everything was taken back in the end
    assert report["same_bytes"]


def test_workers_that_merge_and_undo_at_once_leave_nothing_behind(scratch_url):
    report = json.loads(run(scratch_url, "-m", "tests.entities.workers", "race", "4", "15", "1"))
    judge_race(report)
    assert report["merges"] > 5


@pytest.mark.full
def test_eight_workers_with_five_hundred_merges_and_undos_each_leave_nothing_behind(scratch_url):
    report = json.loads(run(scratch_url, "-m", "tests.entities.workers", "race", "8", "500", "2"))
    judge_race(report, busy=10 if connection.vendor == "sqlite" else 0)
    assert report["merges"] > 500


def judge_kills(report: dict) -> None:
    assert report["between"] == []
    assert report["breaches"] == {}


def test_a_kill_in_the_middle_leaves_what_was_before(scratch_url):
    report = json.loads(run(scratch_url, "-m", "tests.entities.workers", "kill", "17"))
    judge_kills(report)
    assert report["killed"] >= 10


@pytest.mark.full
def test_a_kill_at_every_statement_leaves_what_was_before(scratch_url):
    report = json.loads(run(scratch_url, "-m", "tests.entities.workers", "kill", "1"))
    judge_kills(report)
    assert report["killed"] >= sum(report["statements"].values()) - len(report["statements"])
