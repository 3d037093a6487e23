"""``POST /api/v1/match/``: names with facts to ranked records."""

from __future__ import annotations

import pytest

from entities.lookup import match_names, records_named
from entities.matching.lookup import NameQuery
from entities.matching.types import Kind
from entities.models import Alias, Identifier, Relation
from tests.factories import make_alias, make_record, make_term

pytestmark = pytest.mark.django_db
MATCH = "/api/v1/match/"


def indexed():
    from entities.candidates import CandidateIndex

    CandidateIndex().index_aliases(list(Alias.objects.values_list("pk", flat=True)))


@pytest.fixture
def usa():
    state = make_record("United States", kind=Kind.STATE, prominence=1)
    Identifier.objects.create(entity=state, scheme="iso3", value="USA")
    make_alias(state, "Washington", type="metonym")
    return state


@pytest.fixture
def bushes(usa):
    found = []
    for name, born, start, end in (
        ("George H. W. Bush", "1924-06-12", "1989-01-20", "1993-01-20"),
        ("George W. Bush", "1946-07-06", "2001-01-20", "2009-01-20"),
    ):
        record = make_record(name, aliases=["George Bush"], valid_from=born, prominence=1)
        make_term(record, "President", state=usa, start=start, end=end)
        Relation.objects.create(entity=record, origin=record, type="state", target=usa)
        found.append(record)
    indexed()
    return found


def post(client, *queries, **more):
    return client.post(MATCH, {"queries": list(queries), **more}, content_type="application/json")


def results(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


class TestMatching:
    def test_namesakes_share_what_there_is_and_neither_is_a_match(self, client, bushes):
        [result] = results(post(client, {"name": "George Bush"}))
        first, second = result["matches"][:2]
        assert first["probability"] == pytest.approx(second["probability"], abs=0.02)
        assert not first["is_match"]
        assert not second["is_match"]

    def test_a_date_and_an_office_tell_namesakes_apart(self, client, bushes):
        [result] = results(post(client, {"name": "George Bush", "on": "1990-08-02", "office": "president"}))
        assert result["matches"][0]["record"]["id"] == bushes[0].public_id
        assert result["matches"][0]["margin"] > 0.2
        assert "was President of United States 1989" in " ".join(result["matches"][0]["reasons"])

    def test_a_year_of_birth_tells_namesakes_apart(self, client, bushes):
        [result] = results(post(client, {"name": "George Bush", "start": "1946"}))
        assert result["matches"][0]["record"]["id"] == bushes[1].public_id
        assert result["matches"][0]["is_match"]
        assert result["matches"][1]["features"]["other_year"] == 1.0

    def test_an_identifier_outweighs_the_name(self, client, bushes):
        Identifier.objects.create(entity=bushes[1], scheme="wikidata", value="Q207")
        Identifier.objects.create(entity=bushes[0], scheme="wikidata", value="Q23505")
        [result] = results(post(client, {"name": "George H. W. Bush", "identifiers": {"wikidata": "Q207"}}))
        assert result["matches"][0]["record"]["id"] == bushes[1].public_id

    @pytest.mark.parametrize("reference", ["USA", "United States", "usa"])
    def test_states_are_given_by_code_name_or_id(self, usa, bushes, reference):
        assert records_named([reference])[reference] == {usa.pk}
        assert records_named([usa.public_id])[usa.public_id] == {usa.pk}

    def test_an_id_leads_to_its_record_and_a_merged_one_to_the_survivor(self, client, bushes):
        bushes[0].merged_into = bushes[1]
        bushes[0].save(update_fields=["merged_into"])
        [result] = results(post(client, {"name": bushes[0].public_id}))
        assert result["matches"][0]["record"]["id"] == bushes[1].public_id
        assert result["matches"][0]["is_match"]

    def test_what_stands_for_a_state_is_less_than_its_name(self, client, usa):
        indexed()
        by_name, by_metonym = results(post(client, {"name": "United States"}, {"name": "Washington"}))
        assert by_name["matches"][0]["probability"] > by_metonym["matches"][0]["probability"]
        assert "metonym" in by_metonym["matches"][0]["reasons"][0]

    def test_kinds_are_kept_to(self, client, usa, bushes):
        [result] = results(post(client, {"name": "George Bush", "kinds": ["organization"]}))
        assert result["matches"] == []

    def test_a_name_within_a_longer_one_is_behind_the_very_name(self, client):
        short = make_record("Hezbollah", kind=Kind.ORGANIZATION)
        make_record("Kata'ib Hezbollah", kind=Kind.ORGANIZATION)
        indexed()
        [result] = results(post(client, {"name": "Hezbollah"}))
        assert result["matches"][0]["record"]["id"] == short.public_id
        assert "part of the name" in result["matches"][1]["reasons"][0]

    def test_queries_do_not_grow_with_the_batch(self, bushes):
        queries = [NameQuery("George Bush", on="1990"), *(NameQuery(f"George Bush {n}", on="1990") for n in range(40))]
        match_names(queries[:1])
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as one:
            match_names(queries[:2])
        with CaptureQueriesContext(connection) as many:
            match_names(queries)
        assert len(many) <= len(one)

    def test_probabilities_of_one_query_never_exceed_one(self, bushes):
        for matches in match_names([NameQuery("George Bush"), NameQuery("Bush"), NameQuery("G. Bush", office="king")]):
            assert sum(match.probability for match in matches) <= 1.001
            assert sum(match.is_match for match in matches) <= 1


class TestErrors:
    def test_a_bad_query_gets_its_own_errors_and_the_rest_are_answered(self, client, bushes):
        bad, good = results(post(client, {"name": "x", "on": "yesterday"}, {"name": "George Bush"}))
        assert (bad["status"], good["status"]) == (400, 200)
        assert "on" in bad["errors"]
        assert good["matches"]

    @pytest.mark.parametrize(
        "query",
        [
            {"name": ""}, {"name": "a\0b"}, {"name": "x" * 501}, {"name": "\ud800"}, {"name": ["a"]}, "a name", None, 7,
            {"name": "x", "kinds": ["dragon"]}, {"name": "x", "states": "USA"}, {"name": "x", "identifiers": {"a\0": "b"}},
            {"name": "x", "identifiers": {str(n): "b" for n in range(21)}}, {"name": "x", "states": ["a\0b"]},
        ],
    )  # fmt: skip
    def test_what_cannot_be_understood_is_told_by_query(self, client, query):
        [result] = results(post(client, query))
        assert result["status"] == 400
        assert result["errors"]

    @pytest.mark.parametrize(
        "body", [{}, {"queries": []}, {"queries": {}}, [], {"queries": [{"name": "x"}], "limit": 0}]
    )
    def test_a_request_without_queries_is_refused_as_a_whole(self, client, body):
        answer = client.post(MATCH, body, content_type="application/json")
        assert answer.status_code == 400
        assert answer.json()["code"] == "invalid"

    def test_too_many_queries_are_refused(self, client):
        answer = post(client, *({"name": "x"} for _ in range(501)))
        assert answer.status_code == 413
        assert answer.json()["code"] == "too_large"
