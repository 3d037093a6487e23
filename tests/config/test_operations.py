"""Health, readiness, metrics, and settings fit for production."""

import os
import re
import secrets
import subprocess
import sys

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connection

from config import problems
from entities.candidates import rebuild
from entities.index_models import IndexChange, IndexSegment
from tests.factories import make_article, make_mention, make_record
from tests.scratch import ROOT

TOKEN = "a-token-for-the-scraper"


@pytest.fixture
def scrape(client, settings, db):
    from django.core.cache import cache

    cache.delete("metrics")
    settings.METRICS_TOKEN = TOKEN

    def get(token=TOKEN):
        return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})

    return get


class TestMetrics:
    def test_they_are_there_only_where_a_token_is_set(self, client, db):
        assert client.get("/metrics").status_code == 404

    @pytest.mark.parametrize("token", ["", "other", "tökén", TOKEN + "x"])
    def test_another_token_opens_nothing(self, scrape, token):
        answer = scrape(token.encode().decode("latin-1"))
        assert answer.status_code == 401
        assert b"refdesk" not in answer.content

    def test_requests_are_counted_by_view_and_never_by_address(self, client, scrape):
        client.get("/api/v1/records/?q=Iran")
        client.get("/api/v1/records/zzzzzzzzzz/")
        client.generic("BREW", "/healthz")
        told = scrape().content.decode()
        assert 'refdesk_requests_total{method="GET",status="200",view="api-records"}' in told
        assert 'refdesk_requests_total{method="GET",status="404",view="api-record"}' in told
        assert 'refdesk_request_seconds_bucket{le="0.15",view="api-records"}' in told
        assert 'method="other"' in told
        assert "zzzzzzzzzz" not in told

    def test_what_waits_and_what_was_decided_is_told(self, scrape):
        record = make_record("Iran", kind="state")
        article = make_article("Iran. Iran. Iran.", linked_at=None)
        make_mention(article, "Iran", record)
        make_mention(article, "Iran", record, status="review", after=5)
        told = scrape().content.decode()
        for line in (
            'refdesk_records{kind="state"} 1.0', "refdesk_articles_unlinked 1.0", 'refdesk_queue{queue="links"} 1.0',
            'refdesk_decisions{by="engine",status="linked"} 1.0', 'refdesk_decisions{by="people",status="linked"} 0.0',
        ):  # fmt: skip
            assert line in told


class TestReadiness:
    def test_it_is_ready_when_names_can_be_looked_up(self, client, db):
        assert client.get("/readyz").json() == {
            "status": "ok", "checks": {"database": "ok", "index": "ok", "migrations": "ok"}
        }  # fmt: skip
        make_record("Iran")
        IndexSegment.objects.all().delete()
        IndexChange.objects.all().delete()
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "rebuild_index" in answer.json()["checks"]["index"]
        rebuild()
        assert client.get("/readyz").status_code == 200


def test_djangos_checks_are_silent_under_production_settings(tmp_path):
    environment = {
        **os.environ, "DEBUG": "0", "SECRET_KEY": secrets.token_urlsafe(50), "ALLOWED_HOSTS": "refdesk.example.org",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}",
    }  # fmt: skip
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # set by browser tests of the same process
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stderr


def test_every_setting_is_listed_with_what_it_means():
    known = set(re.findall(r"""env\.\w+\(\s*"([A-Z_]+)\"""", (ROOT / "config" / "settings.py").read_text()))
    listed = (ROOT / ".env.example").read_text()
    assert known == set(re.findall(r"^#?([A-Z_]+)=", listed, re.MULTILINE))


class TestABusyDatabase:
    @pytest.fixture
    def locked(self, db):
        """Somebody else writes, and does not come to an end."""
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL has many writers")
        User.objects.create_user("curator", password="pass-word-1", is_staff=True)
        other = connection.copy()
        other.cursor().execute("BEGIN IMMEDIATE")
        other.cursor().execute("UPDATE auth_user SET first_name = 'x'")
        yield
        other.cursor().execute("ROLLBACK")
        other.close()

    @pytest.mark.django_db(transaction=True)
    def test_a_login_is_told_to_wait(self, client, locked):
        answer = client.post("/admin/login/", {"username": "curator", "password": "pass-word-1"})
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert "Refdesk is busy" in answer.content.decode()

    def test_a_session_that_cannot_be_stored_is_no_fault(self, client, db, monkeypatch):
        def locked(*args, **kwargs):
            raise OperationalError("database is locked")

        client.raise_request_exception = False
        User.objects.create_user("curator", password="pass-word-1", is_staff=True)
        client.login(username="curator", password="pass-word-1")
        monkeypatch.setattr(SessionStore, "save", locked)
        answer = client.post("/admin/login/?next=/admin/", {"username": "curator", "password": "pass-word-1"})
        assert answer.status_code == 503
        monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_response", locked)
        assert client.get("/healthz").status_code == 503
        answer = client.get("/api/v1/records/")
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")

    def test_the_api_answers_with_a_problem(self):
        answer = problems.handle(OperationalError("database is locked"), {})
        assert (answer.status_code, answer.data["code"], answer.headers["Retry-After"]) == (503, "busy", "5")
        assert problems.handle(OperationalError("no such table"), {}) is None

    def test_another_error_is_still_one(self, client, db, monkeypatch):
        def broken(*args, **kwargs):
            raise OperationalError("no such table")

        client.raise_request_exception = False
        monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_response", broken)
        answer = client.get("/healthz")
        assert answer.status_code == 500
        assert "Something broke" in answer.content.decode()


def test_browsers_find_the_icon(client):
    assert client.get("/favicon.ico")["Location"] == "/static/refdesk/icon.svg"
