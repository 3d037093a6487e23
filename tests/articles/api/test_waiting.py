"""What waits for people, over the API."""

import pytest

from articles.models import Link, NilGroup
from entities.models import DuplicateSuggestion, Entity, Judgement
from tests.articles.api.test_mentions import client_of
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/review/"


@pytest.fixture
def curator(django_user_model):
    return client_of(django_user_model, "curator")


@pytest.fixture
def doubtful():
    bush = make_record("George Bush")
    article = make_article("Bush spoke. Others listened.", source="Wire", language="en")
    mention = make_mention(article, "Bush", bush, status="review", probability=0.6, candidates=[bush], priority=2.0)
    return mention.links.get()


@pytest.fixture
def pair():
    a, b = make_record("Hussein of Jordan"), make_record("King Hussein")
    return DuplicateSuggestion.objects.create(a=a, b=b, probability=0.7, reasons=["the names are alike"], priority=1)


@pytest.fixture
def unknown():
    group = NilGroup.objects.create(key="jane roe", name="Jane Roe", kind="person", mention_count=2, article_count=2)
    for _ in range(2):
        make_mention(make_article("Jane Roe spoke."), "Jane Roe", nil_group=group)
    return group


class TestLinks:
    def test_they_are_listed_by_what_they_are_worth(self, curator, doubtful):
        more = make_mention(make_article("Bush."), "Bush", doubtful.entity, status="review", priority=3.0)
        rows = curator.get(f"{ROOT}links/").json()["results"]
        assert [row["id"] for row in rows] == [more.links.get().pk, doubtful.pk]

    @pytest.mark.parametrize(
        ("query", "count"),
        [({"kind": "person"}, 1), ({"kind": "state"}, 0), ({"source": "Wire"}, 1), ({"language": "fr"}, 0), ({"age": 1}, 1),
         ({"state": "aaaaaaaaaa"}, 0)],
    )  # fmt: skip
    def test_they_are_narrowed_as_on_the_page(self, curator, doubtful, query, count):
        assert len(curator.get(f"{ROOT}links/", query).json()["results"]) == count

    def test_one_comes_with_sentence_and_candidates(self, curator, doubtful):
        item = curator.get(f"{ROOT}links/{doubtful.pk}/").json()
        assert item["sentence"] == "Bush spoke."
        assert [one["record"]["name"] for one in item["candidates"]] == ["George Bush"]

    def test_the_faster_decision_stands(self, curator, doubtful):
        address = f"{ROOT}links/{doubtful.pk}/decision/"
        assert curator.post(address, {"action": "accept"}, format="json").status_code == 201
        late = curator.post(address, {"action": "none"}, format="json")
        assert (late.status_code, late.json()["code"]) == (409, "conflict")
        assert Link.objects.live().get(mention=doubtful.mention).status == "linked"
        assert curator.get(f"{ROOT}links/").json()["results"] == []


class TestUnsure:
    """A doubtful link about which nobody can tell."""

    def test_it_is_set_aside_listed_apart_taken_up_and_taken_back(self, curator, doubtful):
        body = {"action": "unsure", "reason": "father or son"}
        answer = curator.post(f"{ROOT}links/{doubtful.pk}/decision/", body, format="json")
        assert answer.status_code == 201
        [link] = answer.json()["links"]
        assert (link["status"], link["by"], link["note"]) == ("review", "curator", "father or son")
        assert link["record"]["name"] == "George Bush"
        assert curator.get(f"{ROOT}links/").json()["results"] == []
        [aside] = curator.get(f"{ROOT}links/", {"aside": "true"}).json()["results"]
        assert aside["id"] == link["id"]
        reviewed = {"status": "review", "by_person": "true", "live": "true"}
        assert [row["id"] for row in curator.get("/api/v1/links/", reviewed).json()["results"]] == [link["id"]]
        mention = curator.get(f"/api/v1/mentions/{link['mention']}/").json()
        assert (mention["status"], mention["by_person"]) == ("review", True)
        reopened = curator.post(f"{ROOT}links/{link['id']}/decision/", {"action": "reopen"}, format="json")
        [row] = reopened.json()["links"]
        assert (row["status"], row["by"]) == ("review", None)
        assert [one["id"] for one in curator.get(f"{ROOT}links/").json()["results"]] == [row["id"]]
        late = curator.post(f"{ROOT}links/{link['id']}/decision/", {"action": "reopen"}, format="json")
        assert late.status_code == 409
        never = curator.post(f"{ROOT}links/{row['id']}/decision/", {"action": "reopen"}, format="json")
        assert (never.status_code, never.json()["code"]) == (409, "conflict")

    def test_it_is_undone_as_any_decision(self, curator, doubtful):
        answer = curator.post(f"{ROOT}links/{doubtful.pk}/decision/", {"action": "unsure"}, format="json")
        link = answer.json()["links"][0]["id"]
        assert curator.post(f"/api/v1/links/{link}/undo/").status_code in (200, 201)
        assert len(curator.get(f"{ROOT}links/").json()["results"]) == 1

    def test_pairs_are_listed_apart_alike(self, curator, pair):
        curator.post(f"{ROOT}duplicates/{pair.pk}/decision/", {"verdict": "unsure"}, format="json")
        assert curator.get(f"{ROOT}duplicates/").json()["results"] == []
        assert [row["id"] for row in curator.get(f"{ROOT}duplicates/", {"aside": "true"}).json()["results"]] == [
            pair.pk
        ]


class TestPairs:
    def test_a_verdict_closes_the_suggestion_and_is_taken_back(self, curator, pair):
        [row] = curator.get(f"{ROOT}duplicates/").json()["results"]
        assert (row["id"], row["reasons"]) == (pair.pk, ["the names are alike"])
        answer = curator.post(
            f"{ROOT}duplicates/{pair.pk}/decision/", {"verdict": "different", "reason": "cousins"}, format="json"
        )
        assert (answer.status_code, answer.json()["by"]) == (201, "curator")
        assert curator.get(f"{ROOT}duplicates/").json()["results"] == []
        assert curator.get(f"{ROOT}duplicates/{pair.pk}/").json()["verdicts"][0]["verdict"] == "different"
        undone = curator.post(f"/api/v1/judgements/{answer.json()['id']}/undo/")
        assert undone.status_code == 200
        assert len(curator.get(f"{ROOT}duplicates/").json()["results"]) == 1
        assert curator.post(f"/api/v1/judgements/{answer.json()['id']}/undo/").status_code == 409

    def test_a_verdict_is_given_on_any_two_records(self, curator, pair):
        body = {"a": pair.b.public_id, "b": pair.a.public_id, "verdict": "same"}
        answer = curator.post("/api/v1/judgements/", body, format="json")
        assert answer.status_code == 201
        assert curator.get(answer.headers["Location"]).json()["verdict"] == "same"
        assert Judgement.objects.get().a == pair.a
        found = curator.get("/api/v1/judgements/", {"record": pair.a.public_id, "live": "true", "verdict": "same"})
        assert len(found.json()["results"]) == 1

    def test_no_record_is_its_own_twin(self, curator, pair):
        body = {"a": pair.a.public_id, "b": pair.a.public_id, "verdict": "same"}
        assert curator.post("/api/v1/judgements/", body, format="json").status_code == 409


class TestNames:
    def decide(self, client, group, **body):
        return client.post(f"{ROOT}names/{group.pk}/decision/", body, format="json")

    def test_one_comes_with_its_sentences(self, curator, unknown):
        [row] = curator.get(f"{ROOT}names/").json()["results"]
        assert (row["name"], row["article_count"]) == ("Jane Roe", 2)
        item = curator.get(f"{ROOT}names/{unknown.pk}/").json()
        assert item["surfaces"] == [{"text": "Jane Roe", "count": 2}]
        assert {passage["surface"] for passage in item["sentences"]} == {"Jane Roe"}

    def test_a_record_is_made_of_it_and_every_mention_linked(self, curator, unknown):
        answer = self.decide(curator, unknown, action="create")
        assert (answer.status_code, answer.json()["status"]) == (201, "accepted")
        assert Link.objects.to_records().filter(entity=Entity.objects.get(name="Jane Roe")).count() == 2
        assert self.decide(curator, unknown, action="create").status_code == 409

    def test_it_is_a_known_record(self, curator, unknown):
        known = make_record("Jane A. Roe")
        answer = self.decide(curator, unknown, action="choose", record=known.public_id)
        assert answer.json()["record"]["id"] == known.public_id

    def test_it_is_not_wanted_and_wanted_after_all(self, curator, unknown):
        assert self.decide(curator, unknown, action="reject").json()["status"] == "rejected"
        assert self.decide(curator, unknown, action="reopen").json()["status"] == "open"

    def test_making_a_record_needs_the_permission_for_it(self, django_user_model, unknown):
        from django.contrib.auth.models import Permission

        client = client_of(django_user_model, "viewer")
        user = django_user_model.objects.get(username="viewer")
        user.user_permissions.add(Permission.objects.get(codename="change_nilgroup"))
        assert self.decide(client, unknown, action="create").status_code == 403
        assert NilGroup.objects.get().status == NilGroup.Status.OPEN


def test_nothing_of_it_is_for_the_public(client, doubtful, pair, unknown):
    for address in ("links/", "duplicates/", "names/", f"links/{doubtful.pk}/", f"names/{unknown.pk}/"):
        assert client.get(ROOT + address).status_code == 401
