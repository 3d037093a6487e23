"""``GET /api/v1/explain/``: why, why not, and what would change it, over REST."""

import pytest

from articles.catalogue import forget_catalogue
from entities.matching.types import Kind, Outcome
from tests.factories import make_article, make_mention, make_record, make_term

pytestmark = pytest.mark.django_db
EXPLAIN = "/api/v1/explain/"


@pytest.fixture
def scene():
    forget_catalogue()
    france = make_record("France", kind=Kind.STATE, prominence=1, aliases=[{"name": "French", "type": "adjective"}])
    chirac, macron = make_record("Jacques Chirac", prominence=1), make_record("Emmanuel Macron", prominence=1)
    make_term(chirac, "President", state=france, start="1995-05-17", end="2007-05-16")
    make_term(macron, "President", state=france, start="2017-05-14")
    article = make_article("The French president spoke in Lyon on Monday.", published_on="2019-03-01")
    mention = make_mention(article, "The French president", macron)
    return {"chirac": chirac, "macron": macron, "mention": mention}


def ask(client, mention, record):
    return client.get(
        EXPLAIN, {"mention": getattr(mention, "pk", mention), "record": getattr(record, "public_id", record)}
    )


def test_a_link_and_what_it_rests_on(client, scene):
    body = ask(client, scene["mention"], scene["macron"]).json()
    assert body["outcome"] == "linked"
    assert body["record"]["name"] == "Emmanuel Macron"
    assert body["speaks_for"]


def test_why_not_names_the_one_linked_instead_and_the_date_that_would_change_it(client, scene):
    body = ask(client, scene["mention"], scene["chirac"]).json()
    assert body["outcome"] == "nil"
    assert body["instead"]["name"] == "Emmanuel Macron"
    assert any("when Jacques Chirac was President of France" in change["condition"] for change in body["changes"])
    assert {change["outcome"] for change in body["changes"]} <= {"linked", "review"}


@pytest.mark.parametrize(
    ("mention", "record"), [("", "x"), ("abc", "x"), ("1" * 30, "x"), ("1", ""), ("1", "a\0b"), ("1", "x" * 40)]
)
def test_parameters_that_cannot_be_understood_are_refused(client, mention, record):
    answer = ask(client, mention, record)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_parameter"


def test_what_does_not_exist_is_not_found(client, scene):
    assert ask(client, 10**9, scene["macron"]).status_code == 404
    assert ask(client, scene["mention"], "zzzzzzzzzz").status_code == 404


def test_names_of_no_record_are_explained_to_curators_alone(client, django_user_model, scene):
    nobody = make_mention(scene["mention"].article, "Lyon", status=Outcome.NIL)
    assert ask(client, nobody, scene["macron"]).status_code == 404
    client.force_login(django_user_model.objects.create_superuser("desk"))
    assert ask(client, nobody, scene["macron"]).status_code == 200


def test_a_withdrawn_article_explains_nothing(client, scene):
    from django.utils import timezone

    scene["mention"].article.withdrawn_at = timezone.now()
    scene["mention"].article.save(update_fields=["withdrawn_at"])
    assert ask(client, scene["mention"], scene["macron"]).status_code == 404
