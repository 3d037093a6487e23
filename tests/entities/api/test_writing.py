"""Writing over the API: records, names, terms; ETags and idempotency keys."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from rest_framework.test import APIClient

from config.models import IdempotentRequest
from entities.matching.types import Kind
from entities.models import Alias, Entity, Event, Term
from tests.factories import make_alias, make_record, make_term

pytestmark = pytest.mark.django_db
RECORDS = "/api/v1/records/"
_MINUTES_11, _HOURS_25 = timedelta(minutes=11), timedelta(hours=25)


@pytest.fixture
def curator(django_user_model):
    user = django_user_model.objects.create_user("curator")
    user.groups.add(Group.objects.get(name="curator"))
    client = APIClient()
    client.force_login(user)
    return client


def post(client, address, body, key=None):
    # Escaped: the client's own rendering cannot send half a character.
    body = json.dumps(body)
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(address, body, content_type="application/json", headers=headers)


def patch(client, address, body, etag=None):
    etag = etag or client.get(address).headers["ETag"]
    return client.patch(address, body, format="json", headers={"If-Match": etag})


class TestRecords:
    def test_a_record_is_made_with_its_name_and_an_event(self, curator):
        answer = post(
            curator, RECORDS, {"kind": "person", "name": "New Person", "valid_from": "1960", "reason": "seen"}
        )
        assert answer.status_code == 201
        entity = Entity.objects.get()
        assert answer.headers["Location"] == f"{RECORDS}{entity.public_id}/"
        assert answer.json()["aliases"][0]["name"] == "New Person"
        assert (entity.valid_from, entity.curated_fields) == ("1960", ["name", "valid_from"])
        event = Event.objects.get()
        assert (event.type, event.actor.username, event.reason) == ("created", "curator", "seen")

    @pytest.mark.parametrize(
        "body",
        [
            {}, [], "x", None, {"kind": "planet", "name": "x"}, {"kind": "person", "name": ""},
            {"kind": "person", "name": "a\0b"}, {"kind": "person", "name": "\ud800"}, {"kind": "person", "name": "x" * 501},
            {"kind": "person", "name": "x", "valid_from": "1960-13"}, {"kind": "person", "name": "x", "capital": "Y"},
            {"kind": "person", "name": "x", "signed": "1990"}, {"kind": "person", "name": "x", "prominence": 10**400},
            {"kind": "person", "name": "x", "valid_from": "1990", "valid_to": "1980"},
            {"kind": "\ud800", "name": "x"}, {"kind": "person", "name": "x", "attributes": {"\ud800": ["b"]}},
            {"kind": "person", "name": "x", "attributes": {"a\0": "b"}},
            {"kind": "person", "name": "x", "attributes": {"a": ["b"]}}, {"kind": "person", "name": ["x"]},
            {"kind": "person", "name": "x", "attributes": {str(n): "" for n in range(51)}},
        ],
    )  # fmt: skip
    def test_what_makes_no_record_is_invalid(self, curator, body):
        answer = post(curator, RECORDS, body)
        assert answer.status_code == 400
        assert answer.json()["code"] in ("invalid", "malformed")
        assert not Entity.objects.exists()

    def test_a_change_sets_what_was_sent_and_becomes_a_persons(self, curator):
        record = make_record("Old Name", description="stays")
        answer = patch(curator, f"{RECORDS}{record.public_id}/", {"name": "New Name", "attributes": {"gender": "f"}})
        assert answer.status_code == 200
        record.refresh_from_db()
        assert (record.name, record.description, record.attributes) == ("New Name", "stays", {"gender": "f"})
        assert record.curated_fields == ["attributes", "name"]
        assert {alias["name"] for alias in answer.json()["aliases"]} == {"Old Name", "New Name"}
        assert answer.headers["ETag"].startswith(f'"{record.version}-')

    def test_a_change_needs_the_etag_of_what_stands(self, curator):
        record = make_record("Name")
        address = f"{RECORDS}{record.public_id}/"
        answer = curator.patch(address, {"name": "x"}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")
        etag = curator.get(address).headers["ETag"]
        assert patch(curator, address, {"description": "first"}, etag).status_code == 200
        answer = patch(curator, address, {"description": "second"}, etag)
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
        record.refresh_from_db()
        assert record.description == "first"

    @pytest.mark.parametrize("etag", ['"99"', "nonsense", '"', "W/", '"x-1"', ",,,", '"' + "9" * 50 + '"'])
    def test_odd_etags_match_nothing(self, curator, etag):
        record = make_record("Name")
        assert patch(curator, f"{RECORDS}{record.public_id}/", {"name": "x"}, etag).status_code == 412

    def test_any_shape_of_the_answer_gives_an_etag_to_change_by(self, curator):
        record = make_record("Name")
        address = f"{RECORDS}{record.public_id}/"
        narrow = curator.get(address, {"fields": "name"})
        assert narrow.headers["ETag"] != curator.get(address).headers["ETag"]
        assert patch(curator, address, {"name": "x"}, narrow.headers["ETag"]).status_code == 200

    def test_a_merged_record_is_not_changed(self, curator):
        survivor = make_record("Survivor")
        gone = make_record("Gone", merged_into=survivor)
        answer = patch(curator, f"{RECORDS}{gone.public_id}/", {"name": "x"}, "*")
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")

    def test_a_record_of_one_kind_takes_no_field_of_another(self, curator):
        record = make_record("Name")
        answer = patch(curator, f"{RECORDS}{record.public_id}/", {"capital": "Paris"})
        assert answer.json()["errors"] == {"capital": ["Only a state has a capital."]}

    def test_a_span_that_a_change_turns_round_is_refused(self, curator):
        record = make_record("Name", valid_from="1990")
        answer = patch(curator, f"{RECORDS}{record.public_id}/", {"valid_to": "1980"})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["valid_to"])


class TestNames:
    def test_a_name_is_added_found_and_withdrawn_for_good(self, curator):
        record = make_record("Vladimir Putin")
        address = f"{RECORDS}{record.public_id}/aliases/"
        made = post(curator, address, {"name": "Владимир Путин", "lang": "ru", "type": "native", "quality": "weak"})
        assert made.status_code == 201
        assert made.json()["script"] == "Cyrillic"
        assert made.json()["record"]["id"] == record.public_id
        found = curator.get("/api/v1/aliases/", {"name": "владимир путин"}).json()["results"]
        assert [row["id"] for row in found] == [made.json()["id"]]
        one = made.headers["Location"]
        assert curator.delete(one).status_code == 428
        assert curator.delete(one, headers={"If-Match": curator.get(one).headers["ETag"]}).status_code == 204
        assert curator.get(one).status_code == 410
        assert Alias.objects.get(pk=made.json()["id"]).withdrawn_at is not None

    def test_a_name_that_is_there_is_a_conflict(self, curator):
        record = make_record("Vladimir Putin")
        answer = post(curator, f"{RECORDS}{record.public_id}/aliases/", {"name": "Vladimir Putin"})
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")

    def test_the_records_own_name_stays(self, curator):
        record = make_record("Vladimir Putin")
        answer = curator.delete(f"/api/v1/aliases/{record.aliases.get().pk}/", headers={"If-Match": "*"})
        assert answer.status_code == 409
        assert "rename" in answer.json()["detail"]

    def test_nothing_is_added_to_a_record_that_is_not_there(self, curator):
        assert post(curator, f"{RECORDS}aaaaaaaaaa/aliases/", {"name": "x"}).status_code == 404
        assert curator.get(f"{RECORDS}aaaaaaaaaa/aliases/").status_code == 404

    def test_lists_narrow_and_cost_a_fixed_number_of_queries(self, curator, django_assert_max_num_queries):
        for number in range(30):
            make_alias(make_record(f"Person {number}"), f"Other {number}", lang="fr")
        with django_assert_max_num_queries(6):
            rows = curator.get("/api/v1/aliases/", {"lang": "fr", "page_size": 100}).json()["results"]
        assert len(rows) == 30


@pytest.mark.parametrize("name", ["\u200b", "\u200e\u202e", " \u00ad ", "\u3164", "\u2800\ufeff", "\U000e0041"])
def test_a_name_of_which_nothing_shows_is_a_blank_one(curator, name):
    record = make_record("Iran", kind=Kind.STATE)
    for address, body in (
        (RECORDS, {"kind": "person", "name": name}), (f"{RECORDS}{record.public_id}/aliases/", {"name": name}),
    ):  # fmt: skip
        answer = post(curator, address, body)
        assert (answer.status_code, answer.json()["errors"]) == (400, {"name": ["This field may not be blank."]})
    for model in (Entity, Alias):
        with pytest.raises(ValidationError, match="no character that shows"):
            model._meta.get_field("name").clean(name, None)


class TestTerms:
    @pytest.fixture
    def iran(self):
        return make_record("Iran", kind=Kind.STATE)

    def test_who_held_the_office_on_a_date(self, client, iran):
        for name, start, end in (("Raisi", "2021-08-03", "2024-05-19"), ("Pezeshkian", "2024-07-28", "")):
            make_term(make_record(name), "President", state=iran, start=start, end=end)
        query = {"on": "2024-01-01", "state": iran.public_id, "title": "president"}
        [row] = client.get("/api/v1/terms/", query).json()["results"]
        assert row["record"]["name"] == "Raisi"
        assert client.get("/api/v1/terms/", {**query, "on": "2024-06-15"}).json()["results"] == []
        assert client.get("/api/v1/terms/", {"on": "then"}).status_code == 400

    def test_a_term_is_added_and_changed(self, curator, iran):
        person = make_record("Masoud Pezeshkian")
        body = {"title": "President", "state": iran.public_id, "start": "2024-07-28"}
        made = post(curator, f"{RECORDS}{person.public_id}/terms/", body)
        assert made.status_code == 201
        assert made.json()["state"]["name"] == "Iran"
        answer = patch(curator, made.headers["Location"], {"end": "2028-07-28", "state": None})
        assert (answer.status_code, answer.json()["end"], answer.json()["state"]) == (200, "2028-07-28", None)
        answer = patch(curator, made.headers["Location"], {"end": "2020"})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["end"])
        gone = curator.delete(made.headers["Location"], headers={"If-Match": "*"})
        assert gone.status_code == 204
        assert Term.objects.get().withdrawn_at is not None

    @pytest.mark.parametrize("state", ["aaaaaaaaaa", "a\0", "", {}, [], 7, "\ud800", "person"])
    def test_what_is_no_state_is_refused(self, curator, state):
        person = make_record("Somebody")
        state = person.public_id if state == "person" else state
        answer = post(curator, f"{RECORDS}{person.public_id}/terms/", {"title": "President", "state": state})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["state"])


class TestIdempotency:
    BODY = {"kind": "person", "name": "Only Once"}

    def test_the_same_request_is_done_once_and_answered_twice(self, curator):
        first = post(curator, RECORDS, self.BODY, "key-1")
        again = post(curator, RECORDS, self.BODY, "key-1")
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.headers["Location"] == first.headers["Location"]
        assert "Idempotency-Replayed" not in first.headers
        assert Entity.objects.count() == 1

    def test_another_request_under_the_key_is_refused(self, curator):
        post(curator, RECORDS, self.BODY, "key-1")
        answer = post(curator, RECORDS, {**self.BODY, "name": "Other"}, "key-1")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")

    def test_a_key_belongs_to_one_user(self, curator, admin_user):
        post(curator, RECORDS, self.BODY, "key-1")
        other = APIClient()
        other.force_login(admin_user)
        assert "Idempotency-Replayed" not in post(other, RECORDS, self.BODY, "key-1").headers
        assert Entity.objects.count() == 2

    def test_an_error_frees_the_key(self, curator):
        assert post(curator, RECORDS, {"kind": "person"}, "key-1").status_code == 400
        assert not IdempotentRequest.objects.exists()
        assert post(curator, RECORDS, self.BODY, "key-1").status_code == 201

    def test_while_the_first_is_being_answered_the_second_waits(self, curator, django_user_model):
        post(curator, RECORDS, self.BODY, "key-1")
        IdempotentRequest.objects.update(status=None)
        answer = post(curator, RECORDS, self.BODY, "key-1")
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_in_use")

    def test_what_a_dead_process_left_is_taken_over(self, curator):
        post(curator, RECORDS, self.BODY, "key-1")
        row = IdempotentRequest.objects.get()
        IdempotentRequest.objects.update(status=None, begun_at=row.begun_at - _MINUTES_11)
        assert post(curator, RECORDS, self.BODY, "key-1").status_code == 201
        assert IdempotentRequest.objects.get().status == 201

    def test_keys_are_forgotten_after_a_day(self, curator):
        post(curator, RECORDS, self.BODY, "key-1")
        row = IdempotentRequest.objects.get()
        IdempotentRequest.objects.update(begun_at=row.begun_at - _HOURS_25)
        assert "Idempotency-Replayed" not in post(curator, RECORDS, self.BODY, "key-1").headers
        assert Entity.objects.count() == 2

    @pytest.mark.parametrize("key", ["x" * 256, "tab\tbed", "ü"])
    def test_odd_keys_are_refused(self, curator, key):
        answer = post(curator, RECORDS, self.BODY, key)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")


class TestFieldsAndOrdering:
    def test_only_the_fields_asked_for_are_answered(self, client):
        record = make_record("Iran", kind=Kind.STATE)
        assert client.get(RECORDS, {"fields": "name"}).json()["results"] == [{"id": record.public_id, "name": "Iran"}]
        one = client.get(f"{RECORDS}{record.public_id}/", {"fields": "kind, version"}).json()
        assert one == {"id": record.public_id, "kind": "state", "version": 1}
        answer = client.get(RECORDS, {"fields": "name,password"})
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith("There is no field “password”: id, kind, name, ")
        assert "aliases" in client.get(f"{RECORDS}{record.public_id}/?fields=").json(), "empty: as if absent"

    @pytest.mark.parametrize(("ordering", "names"), [("name", ["A", "B", "C"]), ("-name", ["C", "B", "A"])])
    def test_an_order_of_those_offered(self, client, ordering, names):
        for name in ("B", "C", "A"):
            make_record(name)
        rows, address = [], f"{RECORDS}?ordering={ordering}&page_size=2"
        while address:
            page = client.get(address).json()
            rows += [row["name"] for row in page["results"]]
            address = page["next"]
        assert rows == names
        assert client.get(RECORDS, {"ordering": "password"}).status_code == 400
