"""Links that wait for a new decision of the engine."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from articles import review
from articles.catalogue import forget_catalogue
from articles.linking import engine_version
from articles.models import Article, Link, SurfacePrior
from articles.relinking import decide_again
from entities.candidates import rebuild
from entities.invariants import inspect
from entities.merging import merge, undo
from tests.factories import make_article, make_mention, make_record, make_term

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_catalogue():
    """Each test has a catalogue of its own."""
    forget_catalogue()
    yield
    forget_catalogue()


@pytest.fixture
def story():
    """Two articles that name a minister in full, linked to the wrong record by the engine, once by a person."""
    right = make_record("Zebulon Quartermain", prominence=1)
    make_term(right, "Foreign Minister", start="2010", end="2030")
    wrong = make_record("Agnes Whittlesea")
    rebuild()
    mentions = []
    for number in range(2):
        text = f"Foreign minister Zebulon Quartermain arrived on day {number}. Nobody met him."
        article = make_article(text, published_on="2020-05-05", language="en", engine_version="")
        mentions.append(make_mention(article, "Zebulon Quartermain", wrong))
    review.link_to(mentions[1], wrong, User.objects.create_user("chief"))
    return right, wrong, mentions


def run(*args: str) -> str:
    out = StringIO()
    call_command("relink", *args, stdout=out)
    return out.getvalue()


def test_what_waits_is_decided_anew_and_peoples_links_stay(story):
    right, wrong, mentions = story
    assert "2 articles wait" in run("--dry-run")
    assert "2 articles, 1 links changed" in run()
    live = Link.objects.live()
    assert live.get(mention=mentions[0]).entity == right
    assert live.get(mention=mentions[1]).entity == wrong
    assert "0 articles wait" in run("--dry-run")
    assert "0 articles, 0 links changed" in run()


def test_articles_of_other_weights_are_taken_when_asked_for(story):
    Article.objects.update(engine_version="an older one")
    assert "0 articles wait" in run("--dry-run")
    assert "1 articles, " in run("--old", "--limit", "1")
    assert Article.objects.filter(engine_version=engine_version()).count() == 1


def test_of_many_articles_those_beyond_the_first_are_left_waiting(story):
    _, _, mentions = story
    Article.objects.update(engine_version=engine_version())
    decide_again([mention.pk for mention in mentions], at_once=1)
    assert "1 articles wait" in run("--dry-run")


def test_the_queue_is_ordered_anew_by_how_many_wait_alike():
    record = make_record()
    for surface in ("Smith", "Smith", "Jones"):
        make_mention(make_article(f"Then {surface} came."), surface, record, status="review", probability=0.5)
    out = StringIO()
    call_command("refresh_queue", "--dry-run", stdout=out)
    assert "0 moved; waiting: 3 links" in out.getvalue()
    call_command("refresh_queue", stdout=out)
    assert "3 moved" in out.getvalue()
    first = Link.objects.filter(status="review").order_by("-priority", "pk").first()
    assert first.mention.surface == "Smith"


def test_what_a_merged_record_taught_stays_when_another_one_leaves():
    survivor, first, second = (make_record(f"Smith {number}") for number in range(3))
    SurfacePrior.objects.create(key="smith", entity=first, accepted=2)
    SurfacePrior.objects.create(key="smith", entity=second, accepted=3, refused=1)
    one = merge(survivor_id=survivor.pk, absorbed_id=first.pk, actor=None)  # its count becomes the survivor's
    merge(survivor_id=survivor.pk, absorbed_id=second.pk, actor=None)  # and takes this one's up
    undo(one.pk, actor=None, choices={})
    told = {row.entity_id: (row.accepted, row.refused) for row in SurfacePrior.objects.filter(key="smith")}
    assert told[survivor.pk] == (3, 1)
    assert first.pk in told
    assert not [one.name for one in inspect(store=False) if one.count and one.name == "learning_kept"]
