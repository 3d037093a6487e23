"""Merges and the change feed over the API."""

import pytest
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from entities.api.changes import decode, encode
from entities.editing import create_record
from entities.models import Entity, Merge
from tests.factories import make_record

pytestmark = pytest.mark.django_db
MERGES = "/api/v1/merges/"
CHANGES = "/api/v1/changes/"


@pytest.fixture
def merger(django_user_model):
    user = django_user_model.objects.create_user("merger")
    user.groups.add(Group.objects.get(name="merger"))
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def pair():
    return make_record("Saeed Jalili"), make_record("Said Jalili")


def body(survivor, *absorbed, **more):
    return {"survivor": survivor.public_id, "absorbed": [one.public_id for one in absorbed], **more}


def post(client, address, data, **headers):
    return client.post(address, data, format="json", headers=headers)


class TestMerges:
    def test_a_preview_tells_and_changes_nothing(self, merger, pair):
        answer = post(merger, MERGES, body(*pair, dry_run=True))
        assert answer.status_code == 200
        assert answer.json()["impact"]["facts"]["alias"] == 1
        assert answer.json()["impact"]["redirects"] == 1
        assert answer.json()["contradictions"] == []
        assert not Merge.objects.exists()

    def test_a_merge_redirects_and_is_undone(self, merger, pair):
        survivor, absorbed = pair
        done = post(merger, MERGES, body(*pair, reason="same man"), **{"Idempotency-Key": "once"})
        assert done.status_code == 201
        [merge] = done.json()["merges"]
        assert (merge["absorbed"]["id"], merge["by"], merge["reason"]) == (absorbed.public_id, "merger", "same man")
        assert post(merger, MERGES, body(*pair, reason="same man"), **{"Idempotency-Key": "once"}).json() == done.json()
        moved = merger.get(f"/api/v1/records/{absorbed.public_id}/")
        assert (moved.status_code, moved.headers["Location"]) == (308, f"/api/v1/records/{survivor.public_id}/")
        for _ in range(2):
            undone = post(merger, f"{MERGES}{merge['id']}/undo/", {"reason": "two men"})
            assert undone.status_code == 200
            assert undone.json()["undone_by"] == "merger"
        assert merger.get(f"/api/v1/records/{absorbed.public_id}/").status_code == 200
        assert [row["id"] for row in merger.get(MERGES, {"undone": "true"}).json()["results"]] == [merge["id"]]
        assert merger.get(MERGES, {"undone": "false"}).json()["results"] == []

    def test_contradictions_need_an_override_and_a_reason(self, merger):
        older, younger = make_record("George Bush", valid_from="1924"), make_record("George Bush", valid_from="1946")
        answer = post(merger, MERGES, body(older, younger))
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert "1946" in answer.json()["detail"]
        assert post(merger, MERGES, body(older, younger, override=True)).status_code == 409
        assert post(merger, MERGES, body(older, younger, override=True, reason="typo")).status_code == 201

    def test_later_edits_are_named_before_an_undo(self, merger, pair):
        survivor, _ = pair
        merge = post(merger, MERGES, body(*pair)).json()["merges"][0]
        address = f"/api/v1/records/{survivor.public_id}/aliases/"
        assert post(merger, address, {"name": "Dr Jalili"}).status_code == 201
        answer = post(merger, f"{MERGES}{merge['id']}/undo/", {})
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert "Dr Jalili" in answer.json()["detail"]
        assert post(merger, f"{MERGES}{merge['id']}/undo/", {"choices": {}}).status_code == 200

    def test_a_record_is_not_merged_into_itself(self, merger, pair):
        for dry_run in (True, False):
            assert post(merger, MERGES, body(pair[0], pair[0], dry_run=dry_run)).status_code == 409

    @pytest.mark.parametrize("data", [{}, [], {"survivor": "x", "absorbed": []}, {"survivor": None, "absorbed": "abc"}])
    def test_odd_requests_are_invalid(self, merger, data):
        assert post(merger, MERGES, data).status_code == 400

    def test_a_merge_that_never_was_is_not_found(self, merger):
        assert merger.get(f"{MERGES}1/").status_code == 404
        assert post(merger, f"{MERGES}{10**30}/undo/", {}).status_code == 404


class TestChanges:
    def test_a_reader_is_told_everything_once_in_order(self, merger, admin_user):
        made = [create_record(Entity(kind="person", name=f"Person {n}"), admin_user) for n in range(3)]
        post(merger, MERGES, body(made[0], made[1]))
        seen, cursor, more = [], "", True
        while more:
            page = merger.get(CHANGES, {"page_size": 2, **({"cursor": cursor} if cursor else {})}).json()
            seen += [(change["type"], change["id"], change["now"]) for change in page["results"]]
            cursor, more = page["cursor"], page["has_more"]
        ids = [one.public_id for one in made]
        assert seen == [
            ("created", ids[0], ids[0]), ("created", ids[1], ids[0]), ("created", ids[2], ids[2]),
            ("merged", ids[0], ids[0]),
        ]  # fmt: skip
        assert merger.get(CHANGES, {"cursor": cursor}).json()["results"] == []
        assert len(merger.get(CHANGES, {"type": "merged"}).json()["results"]) == 1

    @pytest.mark.parametrize("cursor", ["x", "!!!", "YzE=x", "\0", "ü", encode(10**30), "LTE", "1" * 5000])
    def test_a_cursor_of_ones_own_making_is_refused(self, client, cursor):
        assert client.get(CHANGES, {"cursor": cursor}).status_code == 400

    def test_cursors_come_back_as_they_went(self):
        assert [decode(encode(number)) for number in (0, 1, 10**17)] == [0, 1, 10**17]
