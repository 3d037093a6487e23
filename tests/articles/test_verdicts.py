"""Curators' decisions as documents to learn from."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from articles import review
from articles.documents import keys_in_use, read_documents
from articles.verdicts import documents
from entities.models import SourceRecord
from tests.factories import make_article, make_mention, make_record, make_source

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
