"""Agreement of curators with the engine, and the figures of the first page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.utils import timezone

from articles import review
from articles.charts import HEIGHT, parts_of
from articles.models import Article, Link
from articles.scorecard import Tally, _drift, pair_scores, scorecard
from config.dashboard import links_by_week
from entities.judging import judge, take_back_verdict
from entities.merging import merge
from entities.models import DuplicateSuggestion
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> User:
    return User.objects.create_superuser("chief")


def said(surface: str, entity, status: str, probability: float, **article) -> Link:
    """What the engine said of a mention."""
    made = make_article(f"Then {surface} came.", **article)
    return make_mention(made, surface, entity, status=status, probability=probability).links.get()


def test_agreement_is_counted_by_kind_language_and_script(curator):
    person, other, state = make_record("Smith"), make_record("Jones"), make_record("Iran", "state")
    review.accept(said("Smith", person, "review", 0.6, language="en"), curator)
    review.link_to(said("Smith", person, "linked", 0.9, language="en").mention, other, curator)
    review.accept(said("إيران", state, "review", 0.5, language="ar"), curator)
    review.mark_nil(said("Nobody", None, "nil", 0.1, language="en").mention, curator)
    card = scorecard()
    assert (card.total.decided, card.total.agreed) == (4, 3)
    assert {tally.label: (tally.decided, tally.agreed) for tally in card.kinds} == {
        "People": (2, 1), "States": (1, 1), "No record": (1, 1),
    }  # fmt: skip
    assert {tally.label: tally.share for tally in card.languages} == {"English": 2 / 3, "Arabic": 1.0}
    assert {tally.label: tally.decided for tally in card.scripts} == {"Latin": 3, "Arabic": 1}
    assert (card.total.linked, card.total.linked_agreed) == (1, 0)
    assert (card.total.doubted, card.total.doubted_agreed) == (2, 2)
    assert (card.total.none, card.total.none_agreed) == (1, 1)
    assert card.total.promised == pytest.approx(2 / 3)
    assert card.total.kept == pytest.approx(2 / 3)


def test_a_figure_leads_to_the_decisions_that_it_counts(curator, client):
    body, other = make_record("Red Guard", "organization"), make_record("Smith")
    review.accept(said("Red Guard", body, "review", 0.6), curator)
    review.mark_nil(said("Guard", body, "linked", 0.9).mention, curator)
    review.link_to(said("the Guard", body, "linked", 0.9).mention, other, curator)
    review.mark_nil(said("Nobody", body, "nil", 0.1).mention, curator)
    review.mark_nil(said("Somebody", None, "nil", 0.1).mention, curator)
    review.mark_unsure(said("Red", body, "review", 0.5).mention, curator)
    client.force_login(curator)
    asked = {tally.label: tally.decided for tally in scorecard().kinds}
    assert asked == {"Organizations": 2, "People": 1, "No record": 2}
    listed = {}
    for label, kind in (("Organizations", "organization"), ("People", "person"), ("No record", "")):
        page = client.get("/admin/curation/review/scorecard/decisions/", {"kind": kind})
        listed[label] = [(case.link.mention.surface, case.is_right) for case in page.context["cases"]]
    assert listed == {
        "Organizations": [("Guard", False), ("Red Guard", True)],
        "People": [("the Guard", False)],
        "No record": [("Somebody", True), ("Nobody", True)],
    }
    assert len(client.get("/admin/curation/review/scorecard/decisions/?kind=odd").context["cases"]) == 5


def test_decisions_are_listed_in_the_words_of_the_verdict(curator, client):
    body = make_record("Red Guard", "organization")
    review.mark_no_name(said("Red Guard", body, "review", 0.6).mention, curator)
    review.mark_nil(said("Guard", body, "linked", 0.9).mention, curator)
    unknown = said("Halden Institute", None, "nil", 0.1).mention
    review.link_to(unknown, make_record("Halden Institute", "organization"), curator)
    client.force_login(curator)
    html = client.get("/admin/curation/review/scorecard/decisions/").content.decode()
    assert [html.count(words) for words in ("<td>not a name", "<td>no record <", "<td>yes: it was unknown")] == [
        1,
        1,
        1,
    ]


def test_only_an_administrator_is_told_of_commands(curator, client):
    review.accept(said("Red Guard", make_record("Red Guard"), "review", 0.6), curator)
    plain = User.objects.create_user("plain", is_staff=True)
    plain.groups.add(Group.objects.get(name="curator"))
    for user, told in ((plain, False), (curator, True)):
        client.force_login(user)
        assert ("manage.py" in client.get("/admin/curation/review/scorecard/").content.decode()) is told


def test_what_was_not_in_the_catalogue_yet_could_not_be_named(curator):
    mention = said("Halden Institute", None, "nil", 0.1).mention
    review.link_to(mention, make_record("Halden Institute", "organization"), curator)
    assert (scorecard().total.none, scorecard().total.none_agreed) == (1, 1)
    old = make_record("Smith")
    review.link_to(said("Smyth", None, "nil", 0.1).mention, old, curator)
    assert (scorecard().total.none, scorecard().total.none_agreed) == (2, 1), "this one was there"


def test_a_decision_that_was_taken_back_or_replaced_does_not_count(curator):
    right, wrong = make_record(), make_record()
    first = review.link_to(said("Smith", wrong, "review", 0.5).mention, right, curator)
    review.take_back(first.links[0], curator)
    assert scorecard().total.decided == 0
    mention = said("Jones", right, "review", 0.5).mention
    review.mark_nil(mention, curator)
    review.link_to(mention, right, curator)
    assert (scorecard().total.decided, scorecard().total.agreed) == (1, 1)


def test_records_that_were_merged_since_count_as_one(curator):
    a, b = make_record("Smith"), make_record("John Smith")
    review.link_to(said("Smith", a, "review", 0.5).mention, b, curator)
    assert scorecard().total.agreed == 0
    merge(survivor_id=b.pk, absorbed_id=a.pk, actor=curator)
    assert scorecard().total.agreed == 1


def test_weeks_have_no_gaps_and_older_ones_are_left_out(curator):
    record = make_record()
    for weeks in (0, 3, 40):
        done = review.accept(said("Smith", record, "review", 0.5), curator).links[0]
        Link.objects.filter(pk=done.pk).update(made_at=timezone.now() - timedelta(weeks=weeks))
    card = scorecard(26)
    assert [week.decided for week in card.weeks] == [1, 0, 0, 1]
    assert scorecard(None).total.decided == 3


def test_suggested_pairs_are_compared_with_what_became_of_them(curator):
    def suggested(probability: float) -> DuplicateSuggestion:
        return DuplicateSuggestion.objects.create(a=make_record(), b=make_record(), probability=probability)

    same, different, unsure, merged, gone, again = (suggested(p) for p in (0.9, 0.6, 0.5, 0.8, 0.7, 0.3))
    for pair, verdict in ((same, "same"), (different, "different"), (unsure, "unsure"), (again, "same")):
        done = judge(pair.a_id, pair.b_id, verdict, actor=curator)
    take_back_verdict(done, actor=curator)
    merge(survivor_id=merged.b_id, absorbed_id=merged.a_id, actor=curator)
    DuplicateSuggestion.objects.filter(pk__in=[gone.pk, merged.pk]).update(closed_at=timezone.now())
    [tally] = pair_scores()
    assert (tally.label, tally.same, tally.different, tally.unsure) == ("People", 2, 1, 1)
    assert tally.promised == pytest.approx((0.9 + 0.6 + 0.8) / 3)
    assert tally.kept == pytest.approx(2 / 3)


def weeks_of(*counts: tuple[int, int]) -> list[Tally]:
    return [Tally(str(number), decided=decided, agreed=agreed) for number, (decided, agreed) in enumerate(counts)]


@pytest.mark.parametrize(
    ("weeks", "word"),
    [
        (weeks_of(*[(100, 90)] * 8, *[(100, 60)] * 4), "fell from 90 % to 60 %"),
        (weeks_of(*[(100, 60)] * 8, *[(100, 90)] * 4), "rose from 60 % to 90 %"),
        (weeks_of(*[(100, 90)] * 12), ""),
        (weeks_of(*[(3, 3)] * 8, *[(1, 0)] * 4), ""),  # four cases say nothing
        (weeks_of((10, 8), (10, 9), (5, 3), (5, 4), (5, 3), (5, 3)), ""),  # within the noise of so few
    ],
)
def test_drift_is_told_when_it_is_more_than_noise(weeks, word):
    sentences = list(_drift(weeks))
    assert bool(sentences) == bool(word)
    assert not word or word in sentences[0]


def test_drift_of_one_language_is_told_and_the_others_are_not(curator):
    record, other = make_record(), make_record()
    for weeks_ago in range(12):
        for number in range(12):
            for language in ("en", "fa"):
                link = said("Smith", record, "review", 0.6)
                Article.objects.filter(pk=link.mention.article_id).update(language=language)
                is_wrong = number % 6 == 0 or language == "fa" and weeks_ago < 4
                done = review.link_to(link.mention, other if is_wrong else record, curator)
                when = timezone.now() - timedelta(weeks=weeks_ago)
                Link.objects.filter(pk=done.links[0].pk).update(made_at=when)
    card = scorecard(26)
    told = {sentence.partition(":")[0] for sentence in card.drift if ":" in sentence}
    assert "Persian" in told
    assert "English" not in told
    lately = {tally.label: (tally.lately.agreed, tally.lately.decided) for tally in card.languages}
    assert lately == {"English": (40, 48), "Persian": (0, 48)}


def test_links_by_week_count_what_stands_and_its_share(curator):
    cache.clear()
    record = make_record()
    said("Smith", record, "linked", 0.9)
    said("Smith", record, "review", 0.5)
    old = said("Smith", record, "linked", 0.9)
    Link.objects.filter(pk=old.pk).update(made_at=timezone.now() - timedelta(weeks=2))
    ancient = said("Smith", record, "linked", 0.9)
    Link.objects.filter(pk=ancient.pk).update(made_at=timezone.now() - timedelta(weeks=50))
    weeks = links_by_week(4)
    assert [(linked, decided) for _, linked, decided in weeks] == [(0, 0), (1, 1), (0, 0), (1, 2)]


def test_bars_of_parts_stand_within_their_wholes():
    bars = parts_of([("a", 1, 4), ("b", 0, 0), ("c", 8, 8)])
    assert [(bar.height, bar.part_height) for bar in bars] == [(HEIGHT / 2, HEIGHT / 8), (0, 0), (HEIGHT, HEIGHT)]
    assert all(bar.y + bar.height == pytest.approx(HEIGHT, abs=0.2) for bar in bars)
    assert parts_of([("a", 0, 0)]) == []
