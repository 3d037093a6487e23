"""Request ids and log lines."""

import json
import logging
import re

import pytest

from config.logs import JsonLines, WithRequestId

pytestmark = pytest.mark.django_db


def test_a_sane_request_id_is_kept_and_told_in_problems(client):
    answer = client.get("/api/v1/records/aaaaaaaaaa/", headers={"X-Request-ID": "job-42.step_7"})
    assert answer.headers["X-Request-ID"] == "job-42.step_7"
    assert answer.json()["request_id"] == "job-42.step_7"


@pytest.mark.parametrize(
    "given", ["", "short", "with space in it", "x" * 129, "new\u00e9line-12345", "../../etc/passwd"]
)
def test_any_other_is_replaced(client, given):
    answer = client.get("/api/v1/records/", headers={"X-Request-ID": given})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])


def test_requests_are_logged_with_their_id(client, caplog):
    with caplog.at_level(logging.INFO, logger="refdesk.requests"):
        client.get("/api/v1/records/?q=Iran")
    [line] = [record for record in caplog.records if record.name == "refdesk.requests"]
    assert (line.method, line.path, line.status) == ("GET", "/api/v1/records/", 200)


def test_a_json_line_is_one_object_on_one_line_whatever_the_message():
    record = logging.makeLogRecord({"msg": "two\nlines %s", "args": ("\u2028",), "name": "x", "seconds": 0.1})
    assert WithRequestId().filter(record)
    told = JsonLines().format(record)
    assert told.isascii()
    assert "\n" not in told
    assert json.loads(told) | {"time": ""} == {
        "time": "", "level": "Level None", "logger": "x", "message": "two\nlines \u2028", "request_id": "-", "seconds": 0.1
    }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    ["[" * 100_000, '{"a":' * 50 + "1" + "}" * 50, "9" * 5000, "NaN", "\ufeff"],
)
def test_json_that_nobody_means_is_malformed_not_an_error(client, body):
    answer = client.post("/api/v1/link/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
