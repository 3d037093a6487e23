"""Many curators at once, and a power cut in the middle: run in processes of their own, on a database of their own."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from tests.scratch import run


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
