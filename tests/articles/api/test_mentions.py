"""Mentions, links and decisions over the API."""

import pytest
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from articles.models import Link, Mention
from entities.matching.types import Kind
from entities.models import Entity
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db


def client_of(django_user_model, role):
    user = django_user_model.objects.create_user(role)
    user.groups.add(Group.objects.get(name=role))
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def curator(django_user_model):
    return client_of(django_user_model, "curator")


@pytest.fixture
def scene():
    bush = make_record("George Bush")
    iran = make_record("Iran", kind=Kind.STATE)
    article = make_article("Bush spoke of Iran. A stranger listened.", published_on="1990-08-02", source="Wire")
    return {
        "bush": bush, "iran": iran, "article": article,
        "doubtful": make_mention(article, "Bush", bush, status="review", probability=0.6, candidates=[bush]),
        "sure": make_mention(article, "Iran", iran, type="GPE"),
        "unknown": make_mention(article, "stranger"),
    }  # fmt: skip


def decide(client, mention, body, **headers):
    address = f"/api/v1/mentions/{mention.pk}/"
    tag = client.get(address).headers["ETag"]
    return client.post(f"{address}decision/", body, format="json", headers={"If-Match": tag, **headers})


def test_the_public_sees_mentions_that_mean_a_record_and_curators_all(client, curator, scene):
    assert {row["surface"] for row in client.get("/api/v1/mentions/").json()["results"]} == {"Bush", "Iran"}
    assert {row["surface"] for row in curator.get("/api/v1/mentions/").json()["results"]} == {
        "Bush",
        "Iran",
        "stranger",
    }
    assert client.get(f"/api/v1/mentions/{scene['unknown'].pk}/").status_code == 404
    assert curator.get(f"/api/v1/mentions/{scene['unknown'].pk}/").status_code == 200


@pytest.mark.parametrize(
    ("query", "surfaces"),
    [({"status": "review"}, {"Bush"}), ({"type": "GPE"}, {"Iran"}), ({"surface": "Iran"}, {"Iran"}),
     ({"since": "1990-08"}, {"Bush", "Iran"}), ({"until": "1990-07"}, set()), ({"record": "aaaaaaaaaa"}, set())],
)  # fmt: skip
def test_mentions_are_narrowed(client, scene, query, surfaces):
    assert {row["surface"] for row in client.get("/api/v1/mentions/", query).json()["results"]} == surfaces


def test_a_merged_id_finds_the_mentions_of_its_survivor(client, scene):
    old = make_record("G. Bush", merged_into=scene["bush"])
    [row] = client.get("/api/v1/mentions/", {"record": old.public_id}).json()["results"]
    assert (row["surface"], row["article"]["id"]) == ("Bush", scene["article"].public_id)


def test_a_page_of_mentions_costs_a_fixed_number_of_queries(client, scene, django_assert_max_num_queries):
    for _ in range(20):
        article = make_article("Iran again.")
        make_mention(article, "Iran", scene["iran"])
    with django_assert_max_num_queries(4):
        assert len(client.get("/api/v1/mentions/").json()["results"]) == 22


def test_a_withdrawn_articles_mentions_are_not_shown(client, curator, scene):
    from django.utils import timezone

    type(scene["article"]).objects.update(withdrawn_at=timezone.now())
    assert client.get("/api/v1/mentions/").json()["results"] == []
    assert curator.get(f"/api/v1/mentions/{scene['sure'].pk}/").status_code == 404
    assert curator.get("/api/v1/links/").json()["results"] == []


class TestDeciding:
    def test_a_decision_supersedes_the_engines_and_names_the_person(self, curator, scene):
        answer = decide(curator, scene["doubtful"], {"action": "accept", "reason": "from context"})
        assert answer.status_code == 201
        [link] = answer.json()["links"]
        assert (link["status"], link["by"], link["note"]) == ("linked", "curator", "from context")
        history = curator.get("/api/v1/links/", {"mention": scene["doubtful"].pk}).json()["results"]
        assert [(row["status"], row["superseded_at"] is None) for row in history] == [
            ("linked", True),
            ("review", False),
        ]

    def test_it_is_refused_over_a_decision_that_was_not_seen(self, curator, scene):
        address = f"/api/v1/mentions/{scene['doubtful'].pk}/decision/"
        assert curator.post(address, {"action": "none"}, format="json").status_code == 428
        decide(curator, scene["doubtful"], {"action": "accept"})
        late = curator.post(address, {"action": "none"}, format="json", headers={"If-Match": '"1"'})
        assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")

    def test_it_links_to_the_survivor_of_a_merged_record(self, curator, scene):
        old = make_record("G. Bush", merged_into=scene["bush"])
        answer = decide(curator, scene["unknown"], {"action": "link", "record": old.public_id})
        assert answer.json()["links"][0]["record"]["id"] == scene["bush"].public_id

    def test_it_makes_a_record(self, curator, scene):
        new = {"kind": "person", "name": "The Stranger"}
        answer = decide(curator, scene["unknown"], {"action": "create", "new_record": new})
        assert answer.json()["links"][0]["record"]["name"] == "The Stranger"
        assert Entity.objects.filter(name="The Stranger").count() == 1

    @pytest.mark.parametrize(
        "body", [{}, {"action": "link"}, {"action": "create"}, {"action": "x"}, {"action": "none", "scope": "x"}]
    )
    def test_what_lacks_something_is_invalid_and_changes_nothing(self, curator, scene, body):
        before = list(Link.objects.values_list("pk", "superseded_at"))
        assert decide(curator, scene["doubtful"], body).status_code == 400
        assert list(Link.objects.values_list("pk", "superseded_at")) == before

    def test_what_contradicts_is_a_conflict(self, curator, scene):
        assert decide(curator, scene["unknown"], {"action": "reject"}).status_code == 409
        assert decide(curator, scene["unknown"], {"action": "accept"}).status_code == 409

    def test_it_is_done_once_for_one_key(self, curator, scene):
        address = f"/api/v1/mentions/{scene['doubtful'].pk}/"
        tag = curator.get(address).headers["ETag"]
        headers = {"If-Match": tag, "Idempotency-Key": "k1"}
        first, second = (
            curator.post(f"{address}decision/", {"action": "none"}, format="json", headers=headers) for _ in range(2)
        )
        assert first.json() == second.json()
        assert Link.objects.filter(mention=scene["doubtful"]).count() == 2

    def test_it_is_taken_back_once(self, curator, scene):
        link = decide(curator, scene["doubtful"], {"action": "none"}).json()["links"][0]
        again = curator.post(f"/api/v1/links/{link['id']}/undo/")
        assert (again.status_code, again.json()["status"]) == (201, "review")
        assert curator.post(f"/api/v1/links/{link['id']}/undo/").status_code == 409

    def test_a_wide_decision_tells_how_far_it_went(self, curator, scene):
        other = make_article("Bush again.")
        make_mention(other, "Bush", scene["bush"], status="review")
        answer = decide(curator, scene["doubtful"], {"action": "accept", "scope": "always"}).json()
        assert len(answer["links"]) == 2
        assert answer["links"][0]["mention"] == scene["doubtful"].pk
        assert Mention.objects.filter(links__superseded_at=None, links__status="linked").count() == 3
