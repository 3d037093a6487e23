"""The REST look-ups of records, their errors and their description."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from entities.matching.types import Kind
from entities.models import Entity, Identifier, Relation, Term
from tests.factories import make_alias, make_record, make_source, make_term

pytestmark = pytest.mark.django_db
LIST = "/api/v1/records/"


@pytest.fixture
def iran():
    state = make_record("Iran", kind=Kind.STATE, prominence=1, source=make_source("CIA", "Public domain"))
    Identifier.objects.create(entity=state, scheme="iso3", value="IRN")
    return state


@pytest.fixture
def pezeshkian(iran):
    person = make_record("Masoud Pezeshkian", valid_from="1954-09-29", summary="President of Iran since 2024")
    make_alias(person, "مسعود پزشکیان", type="native", lang="fa", source=make_source("Wikidata", "CC0-1.0"))
    make_term(person, "President", state=iran, start="2024-07-28", source=make_source("CIA", "Public domain"))
    return person


def ids(answer):
    return [row["id"] for row in answer.json()["results"]]


class TestList:
    def test_a_query_is_ranked_with_score_and_reason(self, client, iran, pezeshkian):
        answer = client.get(LIST, {"q": "iran"})
        [row] = answer.json()["results"][:1]
        assert row["id"] == iran.public_id
        assert (row["score"], row["reason"]) == (1.0, "the name itself")
        assert answer.json()["next"] is None

    def test_without_a_query_all_come_by_name_in_pages(self, client):
        for number in range(7):
            make_record(f"Record {number}")
        first = client.get(LIST, {"page_size": 4}).json()
        assert [row["name"] for row in first["results"]] == [f"Record {number}" for number in range(4)]
        assert first["results"][0]["score"] is None
        second = client.get(first["next"]).json()
        assert [row["name"] for row in second["results"]] == [f"Record {number}" for number in range(4, 7)]
        assert second["next"] is None
        assert second["previous"]

    def test_equal_names_are_neither_lost_nor_doubled_between_pages(self, client):
        made = {make_record("Same").public_id for _ in range(25)}
        seen, address = [], f"{LIST}?page_size=4"
        while address:
            page = client.get(address).json()
            seen += [row["id"] for row in page["results"]]
            address = page["next"]
        assert len(seen) == 25
        assert set(seen) == made

    def test_kind_state_subtype_and_prominence_narrow(self, client, iran, pezeshkian):
        group = make_record("Group", kind=Kind.ORGANIZATION, subtype="armed_group", prominence=3)
        Relation.objects.create(entity=group, type="state", target=iran)
        assert ids(client.get(LIST, {"kind": "person"})) == [pezeshkian.public_id]
        of_iran = {iran.public_id, pezeshkian.public_id, group.public_id}
        assert set(ids(client.get(LIST, {"state": "irn"}))) == of_iran
        assert set(ids(client.get(LIST, {"state": iran.public_id}))) == of_iran
        assert ids(client.get(LIST, {"state": "XXX"})) == []
        assert ids(client.get(LIST, {"subtype": "Armed_Group"})) == [group.public_id]
        assert ids(client.get(LIST, {"prominence": 1})) == [iran.public_id]
        assert ids(client.get(LIST, {"q": "Group", "kind": "person"})) == []

    def test_on_a_date_only_what_existed_with_the_offices_held_then(self, client, iran, pezeshkian):
        union = make_record("Soviet Union", kind=Kind.STATE, valid_from="1922-12-30", valid_to="1991-12-26")
        assert union.public_id not in ids(client.get(LIST, {"on": "2024"}))
        assert union.public_id in ids(client.get(LIST, {"on": "1991-12-26"}))
        assert union.public_id not in ids(client.get(LIST, {"on": "1991-12-27"}))
        assert pezeshkian.public_id not in ids(client.get(LIST, {"on": "1954-09-28"}))
        [row] = [
            row for row in client.get(LIST, {"on": "2024-08-01"}).json()["results"] if row["id"] == pezeshkian.public_id
        ]
        assert [(term["title"], term["state"]["name"]) for term in row["terms"]] == [("President", "Iran")]
        [row] = [
            row for row in client.get(LIST, {"on": "2024-07-01"}).json()["results"] if row["id"] == pezeshkian.public_id
        ]
        assert row["terms"] == []

    def test_merged_records_are_not_listed(self, client, iran):
        make_record("Persia", kind=Kind.STATE, merged_into=iran)
        assert ids(client.get(LIST)) == [iran.public_id]

    @pytest.mark.parametrize(
        "query",
        [
            {"kind": "planet"}, {"on": "soon"}, {"on": "2024-02-41"}, {"q": "x" * 201}, {"cursor": "not-a-cursor"},
            {"q": "a\0b"}, {"state": "a\0b"}, {"prominence": "9"}, {"prominence": "NaN"},
            {"match": "loose"}, {"ordering": "id"},
        ],
    )  # fmt: skip
    def test_odd_parameters_are_refused_as_problems(self, client, iran, query):
        answer = client.get(LIST, query)
        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == "application/problem+json"
        body = answer.json()
        assert body["code"] in ("invalid", "bad_parameter")
        assert body["status"] == 400

    def test_a_page_size_that_there_is_not_is_refused(self, client):
        for number in range(3):
            make_record(f"Record {number}")
        for size in ("201", "0", "-1", "x", "1e2", "9" * 5000, "\u0662"):
            answer = client.get(LIST, {"page_size": size})
            assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter"), size
        assert len(client.get(LIST, {"q": "Record", "page_size": "2"}).json()["results"]) == 2

    @pytest.mark.parametrize("query", [{}, {"on": "2024"}, {"q": "Person", "on": "2024"}, {"state": "IRN"}])
    @pytest.mark.parametrize("count", [10, 100])
    def test_queries_are_fixed(self, client, iran, query, count, django_assert_max_num_queries):
        client.get(LIST, {"q": "warm"})
        for number in range(count):
            make_term(make_record(f"Person {number}"), "Minister", state=iran, start="2020")
        with django_assert_max_num_queries(12):
            rows = client.get(LIST, query | {"page_size": 100}).json()["results"]
        assert len(rows) >= count


class TestDetail:
    def test_all_facts_come_with_their_sources(self, client, iran, pezeshkian):
        body = client.get(f"{LIST}{pezeshkian.public_id}/").json()
        assert body["description"] == "President of Iran since 2024"
        native = next(alias for alias in body["aliases"] if alias["lang"] == "fa")
        assert native["source"] == {"name": "Wikidata", "licence": "CC0-1.0", "url": ""}
        assert body["terms"][0]["state"] == {"id": iran.public_id, "kind": "state", "name": "Iran"}
        assert {source["name"] for source in body["sources"]} == {"CIA", "Wikidata"}
        assert body["merged_into"] is None

    def test_a_merged_id_answers_308_to_the_survivor(self, client, iran):
        old = make_record("Persia", kind=Kind.STATE, merged_into=iran)
        answer = client.get(f"{LIST}{old.public_id}/")
        assert answer.status_code == 308
        assert answer.headers["Location"] == f"{LIST}{iran.public_id}/"
        for format in ("jsonld", "nt", "ftm"):
            answer = client.get(f"{LIST}{old.public_id}/", {"redirect": "no", "format": format})
            assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
        left = client.get(f"{LIST}{old.public_id}/", {"redirect": "no"}).json()
        assert left["merged_into"]["id"] == iran.public_id
        assert client.get(f"{LIST}{iran.public_id}/").json()["merged_ids"] == [old.public_id]

    def test_an_unknown_id_is_a_problem_with_a_code(self, client):
        answer = client.get(f"{LIST}2222222222/")
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"

    def test_an_unchanged_record_is_not_sent_twice(self, client, iran):
        etag = client.get(f"{LIST}{iran.public_id}/").headers["ETag"]
        assert client.get(f"{LIST}{iran.public_id}/", headers={"If-None-Match": etag}).status_code == 304
        iran.name = "Islamic Republic of Iran"
        iran.save()
        assert client.get(f"{LIST}{iran.public_id}/", headers={"If-None-Match": etag}).status_code == 200

    @pytest.mark.parametrize("count", [10, 100])
    def test_queries_are_fixed(self, client, count, iran, django_assert_max_num_queries):
        person = make_record("Busy")
        for number in range(count):
            make_term(person, f"Office {number}", state=iran, source=make_source(f"Source {number}"))
            make_alias(person, f"Name {number}")
            Relation.objects.create(entity=person, type="state", target=make_record(kind=Kind.STATE))
        with django_assert_max_num_queries(10):
            assert len(client.get(f"{LIST}{person.public_id}/").json()["terms"]) == count


def test_writing_is_refused_without_a_user(client, iran):
    one = f"{LIST}{iran.public_id}/"
    for method, address, status in (
        (client.post, LIST, 401), (client.patch, one, 401), (client.put, LIST, 405), (client.delete, one, 405),
    ):  # fmt: skip
        assert method(address, content_type="application/json").status_code == status


def test_addresses_that_lead_nowhere_are_problems(client):
    answer = client.get("/api/v1/planets/")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_description_is_valid_and_complete(tmp_path):
    target = tmp_path / "schema.yml"
    call_command("spectacular", file=str(target), validate=True, fail_on_warn=True)
    schema = target.read_text(encoding="utf-8")
    for path in ("/api/v1/records/", "/api/v1/records/{public_id}/", "/api/v1/articles/", "/api/v1/link/"):
        assert f"{path}:" in schema


@pytest.mark.parametrize("name", ["api-docs", "api-redoc"])
def test_the_documentation_pages_load_nothing_from_outside(client, name):
    page = client.get(reverse(name))
    assert page.status_code == 200
    body = page.content.decode()
    assert 'src="http' not in body
    assert 'href="http' not in body
    assert "cdn." not in body


def test_look_ups_say_the_same_as_the_described_serializer(client, iran):
    from entities.serializers import FoundRecordSerializer, found_record

    entity = Entity.objects.get(pk=iran.pk)
    assert found_record(entity) == FoundRecordSerializer(entity).data


class TestExactly:
    def test_only_the_same_name_or_id_is_found(self, client, iran):
        make_record("Iranian Airways")
        for q in ("Iran", "IRAN ", iran.public_id):
            [found] = client.get(LIST, {"q": q, "match": "exact"}).json()["results"]
            assert found["id"] == iran.public_id
        assert client.get(LIST, {"q": "Iram", "match": "exact"}).json()["results"] == []

    def test_there_is_no_third_way(self, client):
        assert client.get(LIST, {"q": "Iran", "match": "x"}).json()["code"] == "bad_parameter"


@pytest.mark.django_db
def test_pages_go_on_where_more_rows_than_a_thousand_are_equal(client, iran):
    holder = make_record("Everybody")
    Term.objects.bulk_create(Term(entity=holder, title=f"Office {number:04}", state=iran) for number in range(1300))
    address, seen = reverse("api-terms") + "?page_size=200", []
    for _ in range(12):
        page = client.get(address).json()
        seen += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        address = page["next"]
    assert page["next"] is None
    assert len(seen) == len(set(seen)) == Term.objects.count()
