"""An article that was taken down is gone, and does not come back under its own address or another."""

import json

import pytest
from django.core.exceptions import PermissionDenied

from articles import near_duplicates, takedown
from articles.importing import Options, import_articles
from articles.models import Article, ArticleRevision, ArticleTakedown, Link, Mention, NilGroup
from entities import takedown as records_takedown
from entities.models import Alias
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db

STORY = (
    "The quiet harbour town of Brightwater woke on Tuesday to find its famous clock tower painted entirely in violet. "
    "Police said that witnesses had seen three men with ladders leaving the square shortly after four in the morning, "
    "and that a brush with the initials of the deputy treasurer had been found beside the fountain. The mayor promised "
    "an inquiry and asked residents to remain calm while the restorers examine the damage done to the old stones."
)
OTHER = (
    "Farmers in the northern valleys expect the earliest harvest in forty years after a warm and unusually dry spring. "
    "Cooperatives have begun to hire seasonal workers, while insurers warn that late frosts could still cost a third of "
    "the fruit. Prices at the wholesale market fell for the second week in a row, traders at the exchange reported."
)


def load(tmp_path, *rows):
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return import_articles([path], Options(use_ner=False))


def row(text=STORY, **more):
    return {"url": "https://news.example/a", "title": "Violet tower", "text": text, "source": "Gazette", **more}


@pytest.fixture
def gone(tmp_path, admin_user):
    load(tmp_path, row(external_id="4711"))
    article = Article.objects.get()
    takedown.take_down([article], actor=admin_user, reason="court order about Violet tower")
    return Article.objects.get()


def test_nothing_is_left_but_the_tombstone(gone, admin_user):
    values = json.dumps(Article.objects.values().get(), default=str)
    for text in ("Violet", "violet", "news.example", "Gazette", "4711"):
        assert text not in values
    assert gone.withdrawn_at is not None
    assert not Mention.objects.exists()
    done = ArticleTakedown.objects.get()
    assert done.actor == admin_user
    assert done.reason == "court order about [taken down]"


@pytest.mark.parametrize(
    "again",
    [
        row(),
        row(url="http://www.news.example/a/?utm_source=x"),
        row(url="https://mirror.example/b"),
        row(url="https://mirror.example/b", text=STORY.upper().replace(",", " –")),
        row(url="https://mirror.example/c", text=STORY + " Corrected at noon."),
        row(url="https://mirror.example/d", text="something new", external_id="4711"),
        row(url="https://news.example/a", text="quite another text under the same address"),
    ],
    ids=["same", "same address, tracked", "other address", "other marks", "a sentence more", "same id", "new text"],
)
def test_it_does_not_come_back(gone, tmp_path, again):
    summary = load(tmp_path, again)
    assert Article.objects.visible().count() == 0
    assert (summary.new, summary.known) == (0, 1)
    assert summary.warnings == ["articles left out that were taken down"]
    assert Article.objects.get().text == ""


def test_another_story_comes(gone, tmp_path):
    assert load(tmp_path, row(OTHER, url="https://news.example/other")).new == 1


def test_a_known_article_does_not_change_into_what_was_taken_down(gone, tmp_path):
    load(tmp_path, row(OTHER, url="https://news.example/other"))
    summary = load(tmp_path, row(STORY, url="https://news.example/other"))
    assert (summary.changed, summary.known) == (0, 1)
    assert Article.objects.visible().get().text == OTHER


def test_earlier_texts_go_with_it(tmp_path, admin_user):
    load(tmp_path, row())
    load(tmp_path, row(OTHER))
    assert ArticleRevision.objects.count() == 1
    takedown.take_down(Article.objects.all(), actor=admin_user, reason="order")
    assert not ArticleRevision.objects.exists()


def test_what_says_nearly_the_same_is_found_and_taken_down_along_with_it(tmp_path, admin_user):
    load(
        tmp_path,
        row(),
        row(url="https://mirror.example/x", text=STORY + " Updated."),
        row(OTHER, url="https://o.example"),
    )
    first = Article.objects.order_by("pk").first()
    similar = takedown.similar_articles(first)
    assert [article.url for article in similar] == ["https://mirror.example/x"]
    takedown.take_down([first, *similar], actor=admin_user, reason="order")
    assert [article.text for article in Article.objects.visible()] == [OTHER]


def test_lifted_it_comes_again_under_its_old_id(gone, tmp_path, admin_user):
    takedown.lift(ArticleTakedown.objects.get(), actor=admin_user, reason="overturned")
    assert Article.objects.visible().count() == 0
    assert load(tmp_path, row()).changed == 1
    back = Article.objects.visible().get()
    assert (back.public_id, back.text, back.url) == (gone.public_id, STORY, "https://news.example/a")


def test_an_article_that_was_only_hidden_can_be_taken_down_and_stays_away_meanwhile(tmp_path, admin_user):
    load(tmp_path, row())
    Article.objects.update(withdrawn_at="2026-01-01T00:00:00Z")
    load(tmp_path, row(OTHER))
    assert Article.objects.get().text == STORY
    assert takedown.take_down(Article.objects.all(), actor=admin_user, reason="order")
    assert Article.objects.get().text == ""
    assert not takedown.take_down(Article.objects.all(), actor=admin_user, reason="order")


def test_unknown_names_of_the_text_alone_go_and_others_are_counted_anew(admin_user):
    one, two = make_article("Zed Zorn spoke. Otto Vale sang."), make_article("Otto Vale left.")
    zed = NilGroup.objects.create(key="zed zorn", name="Zed Zorn", kind="person", mention_count=1, article_count=1)
    otto = NilGroup.objects.create(key="otto vale", name="Otto Vale", kind="person", mention_count=2, article_count=2)
    make_mention(one, "Zed Zorn", nil_group=zed)
    make_mention(one, "Otto Vale", nil_group=otto)
    make_mention(two, "Otto Vale", nil_group=otto)
    takedown.take_down([one], actor=admin_user, reason="order")
    assert not NilGroup.objects.filter(name="Zed Zorn").exists()
    otto.refresh_from_db()
    assert (otto.mention_count, otto.article_count) == (1, 1)


def test_evidence_does_not_name_what_was_taken_down_of_a_record(admin_user):
    record = make_record("Ada Ravensworth", aliases=["Zebulon Quackenbush"])
    article = make_article("Ada Ravensworth spoke.")
    make_mention(
        article, "Ada Ravensworth", record, reason="the name is Zebulon Quackenbush",
        evidence=[["name", 1.0, "like Zebulon Quackenbush"], ["date", 0.5, "in office"]], candidates=[record],
    )  # fmt: skip
    alias = Alias.objects.get(name="Zebulon Quackenbush")
    records_takedown.take_down_fact(alias, actor=admin_user, reason="private")
    link = Link.objects.get()
    assert link.evidence == [["date", 0.5, "in office"]]
    assert "Zebulon" not in link.reason


def test_mentions_of_a_record_that_was_taken_down_mean_no_record(admin_user):
    record = make_record("Ada Ravensworth")
    make_mention(
        make_article("Ada Ravensworth spoke."), "Ada Ravensworth", record, candidates=[record], actor=admin_user
    )
    records_takedown.suppress(record, actor=admin_user, reason="asked")
    link = Link.objects.get()
    assert (link.entity, link.status, link.evidence) == (None, "nil", [])


def test_who_may_not_take_down_is_refused_and_a_reason_is_asked_for(admin_user, django_user_model):
    article = make_article()
    with pytest.raises(PermissionDenied):
        takedown.take_down([article], actor=django_user_model.objects.create_user("x"), reason="order")
    with pytest.raises(takedown.TakedownError, match="Say why"):
        takedown.take_down([article], actor=admin_user, reason=" ")


def test_sketches_estimate_the_resemblance_of_texts():
    one, near, far = (near_duplicates.shingles(text) for text in (STORY, STORY + " Corrected at noon.", OTHER))
    sketch = near_duplicates.sketch(one)
    assert len(sketch) == near_duplicates.SKETCH
    for other in (one, near, far):
        estimate = near_duplicates.sketch_resemblance(sketch, near_duplicates.sketch(other))
        assert abs(estimate - near_duplicates.resemblance(one, other)) < 0.12
    assert near_duplicates.sketch_resemblance([], []) == 0.0
