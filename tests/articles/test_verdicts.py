"""Curators' decisions as documents to learn from."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from articles import review
from articles.catalogue import forget_catalogue
from articles.documents import keys_in_use, read_documents
from articles.linking import link_articles
from articles.models import Link
from articles.verdicts import documents
from entities.candidates import rebuild
from entities.models import SourceRecord
from tests.factories import make_article, make_mention, make_record, make_source
from tests.scratch import run

pytestmark = pytest.mark.django_db


def known(name: str, key: str):
    record = make_record(name)
    SourceRecord.objects.create(source=make_source(), key=key, entity=record)
    return record


@pytest.fixture
def decided():
    """An article with a link by the engine, three decisions of a person, and an article that nobody looked at."""
    smith, jones = known("Smith", "test:smith"), known("Jones", "test:jones")
    article = make_article("Smith met Jones, Brown and Green.", published_on="2020-01-01", language="en")
    by = User.objects.create_user("anna")
    mentions = {word: make_mention(article, word, smith) for word in ("Smith", "Jones", "Brown", "Green")}
    review.link_to(mentions["Jones"], jones, by)
    review.mark_nil(mentions["Brown"], by)
    review.link_to(mentions["Green"], make_record("Green, made by hand"), by)
    make_mention(make_article("Smith slept."), "Smith", smith)
    return article


def test_what_people_decided_is_told_and_nothing_that_the_engine_said(decided):
    [document] = documents()
    assert document["partial"]
    assert (document["doc_id"], document["date"], document["text"]) == (decided.public_id, "2020-01-01", decided.text)
    told = {mention["surface"]: mention for mention in document["mentions"]}
    assert told["Smith"]["ignore"]
    assert told["Jones"]["record"] == "test:jones"
    assert told["Brown"]["nil"]
    assert told["Green"]["ignore"], "no source knows a key of it"
    assert all(decided.text[one["start"] : one["end"]] == one["surface"] for one in document["mentions"])


def test_the_file_is_one_that_learning_reads(decided, tmp_path):
    path = tmp_path / "verdicts.jsonl"
    call_command("export_verdicts", out=path)
    [document] = read_documents(path)
    assert json.loads(path.read_text(encoding="utf-8")) == document
    keys = keys_in_use()
    answers = [keys.of(mention) for mention in document["mentions"] if "ignore" not in mention]
    assert answers[0] == "test:jones"
    assert len(answers) == 2


def test_what_was_taken_down_is_left_out(decided):
    decided.withdrawn_at = timezone.now()
    decided.save()
    assert list(documents()) == []


def test_many_articles_cost_the_same_queries(django_assert_max_num_queries):
    record, by = known("Smith", "test:smith"), User.objects.create_user("anna")
    for _ in range(30):
        review.link_to(make_mention(make_article("Smith slept."), "Smith", record), record, by)
    with django_assert_max_num_queries(6):
        assert len(list(documents())) == 30


# --- The next article ------------------------------------------------------------------------------------------------
@pytest.fixture
def namesakes():
    """Two people of one name whom nothing in the text tells apart, and the engine's own view of the world."""
    forget_catalogue()
    one, two = (make_record("Quartus Zimbel", description=text) for text in ("A painter", "A minister"))
    rebuild()
    yield one, two
    forget_catalogue()


def linked_anew(number: int) -> Link:
    article = make_article(
        f"On day {number} the crowd cheered. Quartus Zimbel spoke for an hour.", language="en", linked_at=None,
        published_on="2020-02-02",
    )  # fmt: skip
    link_articles([article], use_ner=False)
    return Link.objects.live().get(mention__article=article, mention__surface="Quartus Zimbel")


def chance_of(link: Link, record) -> float:
    return link.mention.candidates.get(entity=record).probability


def test_a_decision_moves_the_next_articles_link_at_once_and_taking_it_back_moves_it_back(namesakes):
    one, two = namesakes
    by = User.objects.create_user("anna")
    before = linked_anew(1)
    assert before.status == "review"
    assert chance_of(before, one) == pytest.approx(chance_of(before, two), abs=0.02)
    done = review.link_to(before.mention, two, by)
    after = linked_anew(2)
    assert after.entity == two
    assert chance_of(after, two) > chance_of(before, two) + 0.1
    assert chance_of(after, one) < chance_of(after, two)
    review.take_back(done.links[0], by)
    again = linked_anew(3)
    assert chance_of(again, two) == pytest.approx(chance_of(before, two), abs=0.001)


def test_learning_takes_the_exported_verdicts(namesakes, tmp_path):
    """From the desk to new weights, as docs/curation.md says: export, learn."""
    one, two = namesakes
    by = User.objects.create_user("anna")
    for number, record in enumerate((one, two)):
        SourceRecord.objects.create(source=make_source(), key=f"test:{number}", entity=record)
    for number in range(6):
        review.link_to(linked_anew(number).mention, two, by)
    verdicts, records, weights = (tmp_path / name for name in ("verdicts.jsonl", "records.jsonl", "weights.json"))
    call_command("export_verdicts", out=verdicts)
    call_command("export_records", out=records)
    # In a process of its own: it reads the catalogue into a throwaway database.
    url = f"sqlite:///{tmp_path / 'learning.sqlite3'}"
    run(url, "manage.py", "learn", f"{verdicts}:{records}", "--out", str(weights), "--folds", "2")
    learnt = json.loads(weights.read_text(encoding="utf-8"))
    assert learnt["shared"]
