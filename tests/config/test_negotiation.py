"""Formats by ``?format=`` and ``Accept``."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/api/v1/export/records/", "/api/v1/export/articles/", "/api/v1/records/"])
def test_a_format_that_is_not_offered_is_a_bad_parameter(admin_client, address):
    answer = admin_client.get(address, {"format": "docx"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")
    assert answer.json()["detail"].startswith("format may be ")


def test_a_method_that_is_not_taken_is_405_whatever_the_format(admin_client):
    assert admin_client.put("/api/v1/export/records/?format=docx").status_code == 405


def test_entities_in_lines_do_not_call_themselves_one_json_value(admin_client):
    answer = admin_client.get("/api/v1/export/records/?format=ftm")
    assert answer.headers["Content-Type"].startswith("application/json+ftm")
