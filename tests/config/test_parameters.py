"""What an operation does not take is refused: parameters of the address, fields of a body."""

import pytest
from rest_framework.test import APIClient

from articles.models import ImportJob
from entities.matching.types import Kind
from entities.models import Entity, Judgement
from tests.factories import make_alias, make_article, make_mention, make_record, make_term

RECORDS = "/api/v1/records/"


@pytest.fixture
def root(admin_user):
    client = APIClient()
    client.force_login(admin_user)
    return client


@pytest.mark.django_db
class TestParameters:
    @pytest.mark.parametrize(
        "address",
        [
            "records/?query=Iran", "records/?q=Iran&Kind=state", "changes/?since=2024", "articles/?outlet=Wire",
            "judgements/?state=person", "takedowns/?record=x", "imports/?state=failed", "export/records/?q=Iran",
        ],
    )  # fmt: skip
    def test_one_that_a_list_does_not_take_is_refused_by_name_with_those_that_it_takes(self, root, address):
        answer = root.get(f"/api/v1/{address}")
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")
        detail, unknown = answer.json()["detail"], address.split("?")[1].split("&")[-1].split("=")[0]
        assert detail.startswith(f"There is no parameter “{unknown}”: ")
        assert "format" in detail

    @pytest.mark.parametrize(
        "address",
        [
            "records/?kind=planet", "aliases/?type=nick", "judgements/?verdict=maybe", "mentions/?status=lost",
            "mentions/?type=XYZ", "links/?status=lost", "imports/?status=lost", "export/records/?kind=planet",
            "export/records/?format=docx", "review/duplicates/?kind=planet",
        ],
    )  # fmt: skip
    def test_a_choice_that_there_is_not_is_refused_as_well(self, root, address):
        answer = root.get(f"/api/v1/{address}")
        assert (answer.status_code, answer.json()["code"]) in ((400, "invalid"), (400, "bad_parameter"))

    def test_so_it_is_of_one_record_and_of_writes(self, root):
        address = f"{RECORDS}{make_record('Iran', kind=Kind.STATE).public_id}/"
        assert root.get(f"{address}?kind=state").status_code == 400
        assert root.head(f"{address}?kind=state").status_code == 400
        assert root.patch(f"{address}?fields=id", {}, format="json").status_code == 400
        assert root.post(f"{RECORDS}?dry_run=true", {"kind": "person", "name": "A"}, format="json").status_code == 400
        assert not Entity.objects.filter(name="A").exists()

    def test_whoever_may_not_is_told_that_first(self, client):
        assert client.get("/api/v1/merges/?whatever=1").status_code == 401

    @pytest.mark.parametrize(
        "query",
        ["format=json", "fields=name", "page_size=2", "ordering=-name", "on=2024", "cursor=", "match=", "ordering="],
    )
    def test_those_of_the_description_are_taken_and_empty_ones_count_as_absent(self, client, query):
        assert client.get(f"{RECORDS}?{query}").status_code == 200

    def test_a_redirect_of_a_merged_record_may_be_empty_as_well(self, client):
        record = make_record("Iran", kind=Kind.STATE)
        assert client.get(f"{RECORDS}{record.public_id}/?redirect=&fields=&format=").status_code == 200


@pytest.mark.django_db
class TestBodies:
    def test_a_field_that_there_is_not_is_refused_by_name_with_those_that_there_are(self, root):
        answer = root.post(RECORDS, {"kind": "person", "name": "A", "born": "1950", "id": "x"}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
        errors = answer.json()["errors"]
        assert errors.keys() == {"born", "id"}, "the id is not for the sender to choose"
        assert errors["born"][0].startswith("There is no such field: name, description, valid_from")
        assert not Entity.objects.exists()

    @pytest.mark.parametrize(
        ("address", "body"),
        [
            ("link/", {"text": "Iran.", "lang": "en"}),
            ("match/", {"queries": [{"name": "Iran"}], "top": 3}),
            ("merges/", {"survivor": "q8rnpz9h4j", "absorbed": ["h3kd82mvxw"], "dryrun": True}),
            ("takedowns/", {"record": "q8rnpz9h4j", "sort": "field", "field": "valid_from", "reason": "x", "why": ""}),
        ],
    )
    def test_so_it_is_of_every_body(self, root, address, body):
        answer = root.post(f"/api/v1/{address}", body, format="json")
        assert answer.status_code == 400
        assert list(body)[-1] in answer.json()["errors"]

    def test_a_query_of_a_batch_is_refused_alone(self, root):
        queries = [{"name": "Iran", "kind": "state"}, {"name": "Iran", "kinds": ["state"]}]
        results = root.post("/api/v1/match/", {"queries": queries}, format="json").json()["results"]
        assert [result["status"] for result in results] == [400, 200]
        assert list(results[0]["errors"]) == ["kind"]

    def test_so_it_is_where_no_body_is_taken(self, root):
        record = make_record("Iran", kind=Kind.STATE)
        other = make_record("Persia", kind=Kind.STATE)
        mention = make_mention(make_article("Iran."), "Iran", record)
        job = ImportJob.objects.create(path="wire.jsonl")
        verdict = Judgement.objects.create(a=record, b=other, verdict="unsure")
        alias, term = make_alias(record, "IR"), make_term(make_record("Masoud Pezeshkian"), "President")
        posts = (
            f"imports/{job.pk}/cancel/", f"imports/{job.pk}/resume/", f"judgements/{verdict.pk}/undo/",
            f"links/{mention.links.get().pk}/undo/",
        )  # fmt: skip
        asked = [(root.post, one) for one in posts]
        asked += [(root.delete, f"aliases/{alias.pk}/"), (root.delete, f"terms/{term.pk}/")]
        for send, address in asked:
            answer = send(f"/api/v1/{address}", {"reason": "x"}, format="json", HTTP_IF_MATCH="*")
            assert answer.status_code == 400, address
            assert answer.json()["errors"] == {"reason": ["There is no such field: none is taken here."]}
        for address in (posts[0], posts[2]):
            answer = root.post(f"/api/v1/{address}", {}, format="json", HTTP_IDEMPOTENCY_KEY="x")
            assert answer.status_code == 200, "an empty object has no field"
        assert root.delete(f"/api/v1/aliases/{alias.pk}/", HTTP_IF_MATCH="*").status_code == 204

    def test_what_was_read_may_be_sent_back_changed(self, root):
        record = make_record("Iran", kind=Kind.STATE)
        address = f"{RECORDS}{record.public_id}/"
        read = root.get(address)
        body = {**read.json(), "capital": "Tehran", "kind": "person", "version": 99}
        answer = root.patch(address, body, format="json", HTTP_IF_MATCH=read.headers["ETag"])
        assert answer.status_code == 200, answer.json()
        assert (answer.json()["capital"], answer.json()["kind"], answer.json()["version"]) == ("Tehran", "state", 2)
        again = root.patch(address, {"capitol": "Tehran"}, format="json", HTTP_IF_MATCH="*")
        assert list(again.json()["errors"]) == ["capitol"]

    def test_so_may_a_term(self, root):
        term = make_term(make_record("Masoud Pezeshkian"), "President", start="2024-07-28")
        address = f"/api/v1/terms/{term.pk}/"
        body = {**root.get(address).json(), "end": "2028-07-28"}
        assert root.patch(address, body, format="json", HTTP_IF_MATCH="*").json()["end"] == "2028-07-28"
