"""The reconciliation service, as OpenRefine and its kin use it."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from entities import takedown
from entities.candidates import CandidateIndex
from entities.matching.types import Kind
from entities.models import Alias, Identifier, Relation
from entities.reconciliation.queries import read_v02, read_v1
from tests.factories import make_alias, make_record, make_term

pytestmark = pytest.mark.django_db
ROOT = "/reconcile/"


@pytest.fixture
def iran():
    state = make_record("Iran", kind=Kind.STATE, prominence=1, valid_from="1501")
    Identifier.objects.create(entity=state, scheme="iso3", value="IRN")
    make_alias(state, "Tehran", type="metonym")
    return state


@pytest.fixture
def pezeshkian(iran):
    person = make_record(
        "Masoud Pezeshkian", valid_from="1954-09-29", summary="President of Iran since 2024", prominence=1
    )
    make_alias(person, "مسعود پزشکیان", lang="fa")
    make_term(person, "President", state=iran, start="2024-07-28")
    Relation.objects.create(entity=person, origin=person, type="state", target=iran)
    Identifier.objects.create(entity=person, scheme="wikidata", value="Q1234567")
    return person


@pytest.fixture
def kims(iran):
    found = [make_record("Kim Yong Nam", valid_from="1928"), make_record("Kim Yong Nam", valid_from="1960")]
    CandidateIndex().index_aliases(list(Alias.objects.values_list("pk", flat=True)))
    return found


@pytest.fixture(autouse=True)
def indexed(request):
    if {"pezeshkian", "iran"} & set(request.fixturenames):
        for name in ("iran", "pezeshkian"):
            if name in request.fixturenames:
                request.getfixturevalue(name)
        CandidateIndex().index_aliases(list(Alias.objects.values_list("pk", flat=True)))


def ask(client, queries):
    answer = client.post(ROOT, {"queries": json.dumps(queries)})
    assert answer.status_code == 200, answer.content
    return answer.json()


def check_candidates(result):
    """What the 0.2 schema of results asks for, and what the service promises beyond it."""
    scores = [one["score"] for one in result]
    assert scores == sorted(scores, reverse=True)
    assert sum(one["match"] for one in result) <= 1
    for one in result:
        assert set(one) == {"id", "name", "description", "type", "score", "match", "features"}
        assert isinstance(one["id"], str)
        assert isinstance(one["name"], str)
        assert isinstance(one["description"], str)
        assert isinstance(one["match"], bool)
        assert 0 <= one["score"] <= 100
        assert one["type"]
        assert all(set(kind) == {"id", "name"} for kind in one["type"])
        assert all(isinstance(feature["value"], int | float | bool) for feature in one["features"])


def test_the_manifest_says_all_that_version_02_requires(client):
    manifest = client.get(ROOT).json()
    assert "0.2" in manifest["versions"]
    for required in ("name", "identifierSpace", "schemaSpace"):
        assert isinstance(manifest[required], str)
    assert "{{id}}" in manifest["view"]["url"]
    assert "{{id}}" in manifest["preview"]["url"]
    assert {"width", "height"} <= set(manifest["preview"])
    assert set(manifest["suggest"]) == {"entity", "type", "property"}
    assert {setting["name"] for setting in manifest["extend"]["property_settings"]} == {"limit"}
    assert all({"id", "name"} == set(kind) for kind in manifest["defaultTypes"])


@pytest.mark.parametrize(
    "address", ["/reconcile", "/reconcile/", "/reconcile/v1", "/reconcile/v1/", "/reconcile/suggest/type"]
)
def test_any_origin_may_read_every_endpoint(client, address):
    assert client.get(address)["Access-Control-Allow-Origin"] == "*"
    preflight = client.options(address)
    assert preflight["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight["Access-Control-Allow-Methods"]


class TestOpenRefine:
    """What OpenRefine does when a user pastes the address and reconciles a column."""

    def test_adding_the_service_guessing_types_reconciling_and_extending(self, client, iran, pezeshkian):
        # 1. The manifest, over JSONP and CORS.
        script = client.get(ROOT, {"callback": "jQuery123_456"})
        assert script["Content-Type"].startswith("application/javascript")
        body = re.fullmatch(r"/\*\*/jQuery123_456\((.*)\);", script.content.decode())
        manifest = json.loads(body.group(1))

        # 2. Types are guessed from a sample without any type.
        sample = {
            f"q{n}": {"query": name, "limit": 3} for n, name in enumerate(["Masud Pezeshkyan", "Iran", "Nobody At All"])
        }
        guessed = ask(client, sample)
        assert set(guessed) == set(sample)
        for key in sample:
            check_candidates(guessed[key]["result"])
        assert guessed["q0"]["result"][0]["type"] == [{"id": "person", "name": "Person"}]
        assert guessed["q1"]["result"][0]["type"] == [{"id": "state", "name": "State"}]

        # 3. The column, with another column as a property.
        query = {
            "query": "Pezeshkian", "type": "person", "type_strict": "should", "limit": 5,
            "properties": [{"pid": "state", "v": {"id": iran.public_id, "name": "Iran"}}, {"pid": "office", "v": "president"}],
        }  # fmt: skip
        [best, *_] = ask(client, {"q0": query})["q0"]["result"]
        assert best["id"] == pezeshkian.public_id
        assert {"state", "office"} <= {feature["id"] for feature in best["features"]}

        # 4. A cell is set by hand: suggestions as letters are typed, the preview in a frame.
        suggest = manifest["suggest"]["entity"]
        address = suggest["service_url"] + suggest["service_path"]
        typed = client.get(address.replace("http://testserver", ""), {"prefix": "masoud pez"}).json()["result"]
        assert typed[0]["id"] == pezeshkian.public_id
        preview = client.get(f"/reconcile/preview/{pezeshkian.public_id}/")
        assert "Masoud Pezeshkian" in preview.content.decode()
        assert "X-Frame-Options" not in preview
        assert "frame-ancestors *" in preview["Content-Security-Policy"]

        # 5. New columns.
        extend = manifest["extend"]["propose_properties"]
        proposed = client.get(
            extend["service_path"].replace("/properties", "/reconcile/properties"), {"type": "person"}
        ).json()
        wanted = [{"id": one["id"]} for one in proposed["properties"]]
        request = {"ids": [pezeshkian.public_id, "zzzzzzzzzz"], "properties": wanted}
        extension = client.post(ROOT, {"extend": json.dumps(request)}).json()
        assert [one["id"] for one in extension["meta"]] == [one["id"] for one in wanted]
        row = extension["rows"][pezeshkian.public_id]
        assert row["state"] == [{"id": iran.public_id, "name": "Iran", "description": ""}]
        assert row["start"] == [{"str": "1954-09-29"}]
        assert (
            row["office"] == [{"str": "President of Iran since 2024-07-28"}] or "President" in row["office"][0]["str"]
        )
        assert row["wikidata"] == [{"str": "Q1234567"}]
        assert all(values == [] for values in extension["rows"]["zzzzzzzzzz"].values())


class TestMatching:
    def test_the_very_name_matches_and_namesakes_do_not(self, client, pezeshkian, kims):
        answer = ask(client, {"a": {"query": "Masoud Pezeshkian"}, "b": {"query": "Kim Yong Nam"}})
        assert answer["a"]["result"][0]["match"]
        assert not any(one["match"] for one in answer["b"]["result"])
        check_candidates(answer["b"]["result"])

    def test_a_year_tells_namesakes_apart(self, client, kims):
        query = {"query": "Kim Yong Nam", "properties": [{"pid": "start", "v": "1928-02-04T00:00:00Z"}]}
        [best, *_] = ask(client, {"a": query})["a"]["result"]
        assert best["id"] == kims[0].public_id
        assert best["match"]

    def test_an_id_alone_finds_its_record(self, client, pezeshkian):
        queries = {
            "wikidata": {"properties": [{"pid": "wikidata", "v": "Q1234567"}]},
            "own": {"query": pezeshkian.public_id},
            "foreign": {"query": "Q1234567"},
        }
        for result in ask(client, queries).values():
            assert result["result"][0]["id"] == pezeshkian.public_id
            assert result["result"][0]["match"]

    def test_queries_may_come_by_get_and_singly(self, client, pezeshkian):
        many = client.get(ROOT, {"queries": json.dumps({"q": {"query": "Masoud Pezeshkian"}})}).json()
        assert many["q"]["result"][0]["id"] == pezeshkian.public_id
        one = client.get(ROOT, {"query": "Masoud Pezeshkian"}).json()
        assert one["result"][0]["id"] == pezeshkian.public_id

    def test_a_list_of_types_is_kept_to(self, client, iran, pezeshkian):
        answer = ask(client, {"q": {"query": "Iran", "type": ["organization", "agreement"]}})
        assert answer["q"]["result"] == []

    def test_a_merged_id_is_followed(self, client, kims):
        kims[1].merged_into = kims[0]
        kims[1].save(update_fields=["merged_into"])
        request = {"ids": [kims[1].public_id], "properties": [{"id": "start"}]}
        rows = client.post(ROOT, {"extend": json.dumps(request)}).json()["rows"]
        assert rows == {kims[1].public_id: {"start": [{"str": "1928"}]}}
        assert client.get(f"/reconcile/preview/{kims[1].public_id}/").status_code == 308

    def test_a_limit_bounds_the_values_of_an_extension(self, client, pezeshkian):
        make_alias(pezeshkian, "Masud Pezeshkian")
        request = {"ids": [pezeshkian.public_id], "properties": [{"id": "alias", "settings": {"limit": "1"}}]}
        assert (
            len(client.post(ROOT, {"extend": json.dumps(request)}).json()["rows"][pezeshkian.public_id]["alias"]) == 1
        )

    def test_a_batch_of_fifty_costs_as_many_queries_as_one_of_two(self, client, pezeshkian):
        def count(size):
            queries = {
                f"q{n}": {"query": f"Masoud Pezeshkian {n}", "properties": [{"pid": "state", "v": "IRN"}]}
                for n in range(size)
            }
            with CaptureQueriesContext(connection) as captured:
                ask(client, queries)
            return len(captured)

        count(1)
        assert count(50) <= count(2)


class TestHostile:
    @pytest.mark.parametrize("queries", ["{", "[]", "7", '"x"', "[" * 100_000])
    def test_a_batch_that_is_none_is_refused(self, client, queries):
        answer = client.post(ROOT, {"queries": queries})
        assert answer.status_code == 400
        assert answer.json()["code"] == "bad_parameter"

    @pytest.mark.parametrize(
        "query",
        [None, 7, [], {}, {"query": None}, {"query": "a\0b"}, {"query": "\ud800"}, {"query": "x" * 10**5}, {"query": ["a"]},
         {"query": "x", "limit": -1}, {"query": "x", "limit": "many"}, {"query": "x", "limit": 10**30}, {"query": "x", "type": 7},
         {"query": "x", "properties": 7}, {"query": "x", "properties": [7, {"pid": 7}, {"pid": "start", "v": {"id": []}}]},
         {"query": "x", "properties": [{"pid": "start", "v": True}, {"pid": "on", "v": [1, None]}]}],
    )  # fmt: skip
    def test_a_query_that_cannot_be_read_holds_up_none_of_the_others(self, client, pezeshkian, query):
        answer = ask(client, {"bad": query, "good": {"query": "Masoud Pezeshkian"}})
        assert isinstance(answer["bad"]["result"], list)
        assert answer["good"]["result"][0]["id"] == pezeshkian.public_id

    def test_too_large_a_batch_is_refused(self, client):
        answer = client.post(ROOT, {"queries": json.dumps({str(n): {"query": "x"} for n in range(501)})})
        assert answer.status_code == 413

    @pytest.mark.parametrize("callback", ["alert(1)", "a;b", "<script>", "a b", "a.", "é"])
    def test_a_callback_is_a_name_and_nothing_else(self, client, callback):
        answer = client.get(ROOT, {"callback": callback})
        assert answer.status_code == 400
        assert "javascript" not in answer["Content-Type"]

    def test_names_are_escaped_in_the_preview(self, client):
        record = make_record("<script>alert(1)</script>")
        assert "<script>alert" not in client.get(f"/reconcile/preview/{record.public_id}/").content.decode()

    @pytest.mark.parametrize("extend", ["{}", "[]", '{"ids": 7, "properties": []}', '{"ids": [], "properties": [7]}'])
    def test_an_extension_that_is_none_is_refused(self, client, extend):
        assert client.post(ROOT, {"extend": extend}).status_code == 400

    @pytest.mark.parametrize("ids", [[None], [7], [["q8rnpz9h4j"]]])
    def test_an_id_that_is_no_text_is_refused(self, client, ids):
        extend = {"ids": ids, "properties": []}
        assert client.post(ROOT, {"extend": json.dumps(extend)}).status_code == 400
        assert client.post("/reconcile/v1/extend", extend, content_type="application/json").status_code == 400

    def test_nothing_has_a_property_that_is_not_known(self, client, pezeshkian):
        id_ = pezeshkian.public_id
        asked = json.dumps({"ids": [id_], "properties": [{"id": "start"}, {"id": "shoe_size"}]})
        answer = client.post(ROOT, {"extend": asked}).json()
        assert answer["meta"][1] == {"id": "shoe_size", "name": "shoe_size"}
        assert answer["rows"] == {id_: {"start": [{"str": "1954-09-29"}], "shoe_size": []}}

    @pytest.mark.parametrize(
        "more", [{"type": "planet"}, {"type": ["planet"]}, {"type": 7}, {"limit": 0}, {"limit": -1}, {"limit": "many"}]
    )
    def test_what_asks_for_nothing_is_answered_with_nothing(self, client, pezeshkian, more):
        answer = ask(client, {"bad": {"query": "Masoud Pezeshkian"} | more, "good": {"query": "Masoud Pezeshkian"}})
        assert answer["bad"]["result"] == []
        assert len(answer["good"]["result"]) == 1

    @pytest.mark.parametrize("type_", ["", None, [], [""], {"id": ""}, ["planet", "person"]])
    def test_a_type_that_is_left_open_or_known_among_others_narrows_to_nothing_less(self, client, pezeshkian, type_):
        assert len(ask(client, {"q": {"query": "Masoud Pezeshkian", "type": type_}})["q"]["result"]) == 1

    def test_a_limit_may_be_a_whole_number_with_a_point(self, client, pezeshkian):
        answer = ask(client, {"q": {"query": "Masoud Pezeshkian", "limit": 5.0}, "bad": {"query": "x", "limit": 1.5}})
        assert len(answer["q"]["result"]) == 1
        assert answer["bad"]["result"] == []

    def test_a_post_without_a_question_is_refused(self, client):
        assert client.post(ROOT, {}).status_code == 400
        assert client.post(ROOT, "{}", content_type="application/json").status_code == 400

    @pytest.mark.parametrize(
        ("types", "found"), [(["person"], 1), (["state"], 0), (["planet"], 0), (["state", "person"], 1), ([""], 1)]
    )
    def test_suggestions_keep_to_the_types(self, client, pezeshkian, types, found):
        for root in ("/reconcile/", "/reconcile/v1/"):
            answer = client.get(f"{root}suggest/entity", {"prefix": "Masoud", "type": types})
            assert len(answer.json()["result"]) == found

    def test_what_was_taken_down_is_gone(self, client, admin_user, pezeshkian):
        id_ = pezeshkian.public_id
        takedown.suppress(pezeshkian, actor=admin_user, reason="asked")
        for address in (f"/reconcile/preview/{id_}/", f"/reconcile/v1/preview?id={id_}"):
            answer = client.get(address)
            assert (answer.status_code, answer.json()["code"]) == (410, "gone")
        assert client.get("/reconcile/suggest/entity", {"prefix": id_}).json() == {"result": []}
        assert ask(client, {"q": {"query": id_}}) == {"q": {"result": []}}
        asked = json.dumps({"ids": [id_], "properties": [{"id": "start"}, {"id": "kind"}]})
        assert client.post(ROOT, {"extend": asked}).json()["rows"] == {id_: {"start": [], "kind": []}}

    def test_no_cookie_counts(self, client, admin_user, settings):
        settings.PUBLIC_PAGES = False
        client.force_login(admin_user)
        assert client.get(ROOT).status_code in (401, 403)


class TestDraft:
    """Version 1.0-draft, at an address of its own."""

    def post(self, client, queries):
        return client.post("/reconcile/v1/match", {"queries": queries}, content_type="application/json")

    def test_the_manifest_is_of_that_version_alone(self, client):
        manifest = client.get("/reconcile/v1/").json()
        assert manifest["versions"] == ["1.0-draft"]
        assert manifest["suggest"] == {"entity": True, "type": True, "property": True}
        assert "{id}" in manifest["view"]["url"]
        assert "{{id}}" not in manifest["view"]["url"]
        assert "identifierSpace" not in manifest

    def test_conditions_on_name_and_property(self, client, pezeshkian):
        query = {
            "type": "person",
            "conditions": [
                {"matchType": "name", "propertyValue": "Pezeshkian"},
                {"matchType": "property", "propertyId": "state", "propertyValue": {"id": "IRN"}},
            ],
        }
        [result] = self.post(client, [query]).json()["results"]
        check_candidates(result["candidates"])
        assert result["candidates"][0]["id"] == pezeshkian.public_id
        assert all("name" in feature for feature in result["candidates"][0]["features"])

    @pytest.mark.parametrize(
        "query",
        [None, {}, {"conditions": []}, {"conditions": [{"matchType": "name"}]},
         {"conditions": [{"matchType": "x", "propertyValue": "y"}]},
         {"conditions": [{"matchType": "property", "propertyValue": "y"}]},
         {"conditions": [{"matchType": "name", "propertyValue": "y"}], "limit": 0}],
    )  # fmt: skip
    def test_a_query_that_cannot_be_understood_is_told_so_in_its_place(self, client, pezeshkian, query):
        good = {"conditions": [{"matchType": "name", "propertyValue": "Masoud Pezeshkian"}]}
        first, bad, last = self.post(client, [good, query, good]).json()["results"]
        assert first == last
        assert (first.keys(), first["candidates"][0]["id"]) == ({"candidates"}, pezeshkian.public_id)
        assert (bad["candidates"], len(bad["error"]) > 10) == ([], True)

    def test_an_unknown_type_finds_nothing(self, client, pezeshkian):
        query = {"type": "planet", "conditions": [{"matchType": "name", "propertyValue": "Masoud Pezeshkian"}]}
        assert self.post(client, [query]).json()["results"] == [{"candidates": []}]

    @pytest.mark.parametrize("body", ["{}", "[{}", "null", '{"queries": {}}'])
    def test_a_batch_that_is_none_is_refused(self, client, body):
        assert client.post("/reconcile/v1/match", body, content_type="application/json").status_code == 400

    def test_extension_rows_are_a_list(self, client, pezeshkian):
        request = {"ids": [pezeshkian.public_id], "properties": [{"id": "start"}]}
        body = client.post("/reconcile/v1/extend", request, content_type="application/json").json()
        assert body["rows"] == [
            {"id": pezeshkian.public_id, "properties": [{"id": "start", "values": [{"str": "1954-09-29"}]}]}
        ]


def test_both_versions_read_alike():
    old = read_v02({"query": "Iran", "type": ["state"], "limit": "3", "properties": [{"pid": "on", "v": "2020"}]})
    new = read_v1(
        {
            "type": "state", "limit": 3,
            "conditions": [
                {"matchType": "name", "propertyValue": "Iran"},
                {"matchType": "property", "propertyId": "on", "propertyValue": "2020"},
            ],
        }
    )  # fmt: skip
    assert old == new
