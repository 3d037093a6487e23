"""The verdict “unsure” on a doubtful link: it lasts, teaches nothing, and is asked about again when there is reason to."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles import queue, review
from articles.catalogue import forget_catalogue
from articles.importing import Options, import_articles
from articles.linking import link_articles
from articles.models import Article, ArticleRevision, Link, SurfacePrior
from articles.queue import Filters, Queue
from articles.relinking import relink
from articles.review import ReviewError, Scope
from articles.scorecard import scorecard
from articles.verdicts import documents
from entities.candidates import rebuild
from entities.judging import judge
from entities.merging import merge, plan_undo
from entities.models import DuplicateSuggestion, Judgement
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db
HOME = "/admin/curation/review/"
ASIDE = Filters(is_aside=True)


def in_role(name: str, who: str = "") -> User:
    user = User.objects.create_user(who or f"a {name}", is_staff=True)
    user.groups.add(Group.objects.get(name=name))
    return user


@pytest.fixture
def anna() -> User:
    return in_role("curator", "anna")


@pytest.fixture
def two():
    return make_record("Rudolf Rassendyll"), make_record("Rudolf V")


def doubt(one, other, **more) -> Link:
    article = make_article("It rained. Then Rudolf came to the square.", language="en")
    mention = make_mention(
        article, "Rudolf", one, status="review", probability=0.55, priority=0.9, candidates=[one, other], **more
    )
    return mention.links.get()


def live(link: Link) -> Link:
    return Link.objects.live().get(mention=link.mention_id)


def priors() -> list[tuple]:
    return list(SurfacePrior.objects.order_by("pk").values_list("key", "entity_id", "accepted", "refused"))


def test_it_keeps_the_mention_in_doubt_and_out_of_the_queue(two, anna):
    link = doubt(*two)
    review.mark_unsure(link.mention, anna, "both were there")
    after = live(link)
    assert (after.status, after.entity, after.probability) == ("review", two[0], 0.55)
    assert (after.actor, after.note, after.is_unsure) == (anna, "both were there", True)
    queue.refresh_priorities()
    assert list(queue.waiting(Queue.LINKS)) == []
    assert queue.counts()[Queue.LINKS] == 0
    assert list(queue.waiting(Queue.LINKS, ASIDE)) == [after]
    assert queue.claim(Queue.LINKS, after.pk, anna) is None, "nobody decides over a verdict that he has not seen"
    assert queue.claim(Queue.LINKS, after.pk, anna, is_aside=True) == after


def test_it_teaches_nothing_neither_when_it_is_given_nor_when_it_is_taken_back(two, anna):
    link = doubt(*two)
    done = review.mark_unsure(link.mention, anna)
    assert priors() == []
    again = review.take_back(done.links[0], anna)
    assert (again.status, again.actor, priors()) == ("review", None, [])
    assert list(queue.waiting(Queue.LINKS)) == [again]


def test_what_a_person_had_chosen_before_does_not_count_any_more_until_it_is_taken_back(two, anna):
    link = doubt(*two)
    review.link_to(link.mention, two[0], anna)
    assert priors() == [("rudolf", two[0].pk, 1, 0)]
    done = review.mark_unsure(link.mention, anna)
    assert priors() == [("rudolf", two[0].pk, 0, 0)]
    review.take_back(done.links[0], anna)
    assert priors() == [("rudolf", two[0].pk, 1, 0)]
    assert live(link).status == "linked"


def test_deciding_after_all_counts_as_if_there_had_been_no_doubt(two, anna):
    link = doubt(*two)
    review.mark_unsure(link.mention, anna)
    done = review.link_to(link.mention, two[0], anna)
    assert priors() == [("rudolf", two[0].pk, 1, 0)]
    review.take_back(done.links[0], anna)
    assert priors() == [("rudolf", two[0].pk, 0, 0)]
    assert live(link).is_unsure, "what stood before stands again"


def test_a_wider_verdict_reaches_as_far_as_any_other_and_is_left_alone_by_one(two, anna):
    links = [doubt(*two) for _ in range(3)]
    other = in_role("curator", "other")
    review.mark_unsure(links[0].mention, other)
    decided = review.mark_unsure(links[1].mention, anna, scope=Scope.ALWAYS)
    assert {link.mention_id for link in decided.links} == {links[1].mention_id, links[2].mention_id}
    assert live(links[0]).actor == other
    free = doubt(*two)
    review.link_to(free.mention, two[0], anna, scope=Scope.ALWAYS)
    assert [live(link).is_unsure for link in links] == [True, True, True]


def test_it_is_taken_up_again_by_anybody_and_that_is_undone(two, anna):
    link = doubt(*two)
    review.mark_unsure(link.mention, anna, "both were there")
    aside = live(link)
    other = in_role("curator", "other")
    waiting = review.take_up(aside, other)
    assert list(queue.waiting(Queue.LINKS)) == [waiting]
    assert (waiting.actor, waiting.reason, waiting.priority) == (None, "taken up again by other", 0.9)
    with pytest.raises(ReviewError, match="in the meantime"):
        review.take_up(aside, anna)
    [again] = review.take_back_all([waiting], other, taken_up=True)
    assert (again.actor, again.note, again.is_unsure) == (anna, "both were there", True)
    with pytest.raises(ReviewError, match="person"):
        review.take_up(again, None)


def test_many_at_once_cost_the_same_queries(two, anna):
    counts = []
    for number in (2, 12):
        links = [doubt(*two) for _ in range(number)]
        with CaptureQueriesContext(connection) as asked:
            review.mark_unsure(links[0].mention, anna, scope=Scope.ALWAYS)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- The engine ------------------------------------------------------------------------------------------------------
@pytest.fixture
def namesakes():
    """Two people of one name, and the engine's own view of the world."""
    forget_catalogue()
    pair = tuple(make_record("Quartus Zimbel", description=text) for text in ("A painter", "A minister"))
    rebuild()
    yield pair
    forget_catalogue()


TEXT = "The crowd cheered. Quartus Zimbel spoke for an hour. Then it rained."


def linked(text: str = TEXT) -> Article:
    article = make_article(
        text, language="en", linked_at=None, published_on="2020-02-02", url="https://paper.example/1"
    )
    link_articles([article], use_ner=False)
    return article


def aside_of(article: Article, actor: User) -> Link:
    link = Link.objects.live().get(mention__article=article, mention__surface="Quartus Zimbel")
    assert link.status == "review"
    return review.mark_unsure(link.mention, actor, "two of one name").links[0]


def test_no_suggestion_overwrites_it_however_often_the_article_is_linked(namesakes, anna):
    article = linked()
    aside = aside_of(article, anna)
    SurfacePrior.objects.create(key="quartus zimbel", entity=namesakes[1], accepted=50)
    link_articles([article], use_ner=False)
    assert relink(article.pk) == 0
    call_command("refresh_queue")
    assert live(aside) == aside
    assert list(queue.waiting(Queue.LINKS)) == []


def revise(article: Article, text: str) -> None:
    ArticleRevision.objects.create(article=article, number=article.revision, text=article.text)
    article.text, article.revision = text, article.revision + 1
    article.save()
    link_articles([article], use_ner=False)


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        (TEXT.replace("Then it rained.", "Then it snowed."), True),
        (TEXT.replace("spoke", "painted"), True),
        ("Late edition.  " + "It is cold. " * 30 + "\n" + TEXT + " " + "It was late. " * 30, True),
        (TEXT.replace(". ", ".\n\n"), False),  # only laid out otherwise
    ],
)
def test_it_is_asked_about_again_when_other_words_stand_around_it(namesakes, anna, text, is_asked):
    article = linked()
    aside = aside_of(article, anna)
    revise(article, text)
    again = live(aside)
    assert again.is_unsure is not is_asked
    if is_asked:
        assert again.reason == "set aside as unsure, but the text around it has changed since"
        assert list(queue.waiting(Queue.LINKS)) == [again]
        assert again.mention.links.count() == 3, "the verdict is kept as history"


def test_a_change_far_from_it_does_not_bring_it_back(namesakes, anna):
    far = " ".join(f"Sentence {number} says nothing." for number in range(40))
    article = linked(f"{TEXT} {far} The end.")
    aside = aside_of(article, anna)
    revise(article, f"{TEXT} {far} The very end.")
    assert live(aside) == aside
    revise(article, f"A new first line which moves all. {far} {TEXT} {far} The very end.")
    assert not live(aside).is_unsure


def test_another_record_that_comes_into_question_brings_it_back(namesakes, anna):
    article = linked()
    aside = aside_of(article, anna)
    third = make_record("Quartus Zimbel", description="A general")
    rebuild()
    forget_catalogue()
    assert relink(article.pk) == 1
    again = live(aside)
    assert again.reason == "set aside as unsure, but other records come into question since"
    assert again.mention.candidates.filter(entity=third).exists()
    assert list(queue.waiting(Queue.LINKS)) == [again]


def test_two_of_its_records_that_are_one_today_bring_it_back_and_merging_alone_does_not(namesakes, anna):
    article = linked()
    aside = aside_of(article, anna)
    merger = in_role("merger")
    done = merge(survivor_id=namesakes[0].pk, absorbed_id=namesakes[1].pk, actor=merger)
    assert live(aside).is_unsure
    assert plan_undo(done).edits == [], "nobody linked it to the survivor"
    forget_catalogue()
    assert relink(article.pk) == 1
    assert list(queue.waiting(Queue.LINKS)) == [live(aside)]


def test_importing_a_changed_article_asks_again(namesakes, anna, tmp_path):
    def bring(text: str) -> None:
        path = tmp_path / "articles.jsonl"
        path.write_text(
            json.dumps({"url": "https://paper.example/2", "text": text, "language": "en"}), encoding="utf-8"
        )
        import_articles([path], Options(use_ner=False))

    bring(TEXT)
    aside = aside_of(Article.objects.get(), anna)
    bring(TEXT.replace("for an hour", "for a day"))
    assert not live(aside).is_unsure
    assert list(queue.waiting(Queue.LINKS)) == [live(aside)]


# --- What is told of it ----------------------------------------------------------------------------------------------
def test_the_scorecard_does_not_count_it(two, anna):
    review.mark_unsure(doubt(*two).mention, anna)
    review.link_to(doubt(*two).mention, two[0], anna)
    assert scorecard().total.decided == 1


def test_it_is_exported_and_nothing_is_learnt_from_it(two, anna):
    review.mark_unsure(doubt(*two).mention, anna)
    [document] = documents()
    [mention] = document["mentions"]
    assert (mention["surface"], mention["ignore"], mention["unsure"]) == ("Rudolf", True, True)
    assert "nil" not in mention
    assert "record" not in mention


def test_the_article_says_who_could_not_tell_when_and_why(two, anna):
    link = doubt(*two)
    client = Client()
    client.force_login(anna)
    address = f"/admin/articles/article/{link.mention.article_id}/change/?mention={link.mention_id}"
    assert "Unsure, set aside" in client.get(address).content.decode()
    decide = f"/admin/articles/article/mention/{link.mention_id}/decide/"
    client.post(decide, {"action": "unsure", "link": link.pk, "note": "both <b>were</b> there"})
    page = client.get(address).content.decode()
    assert f"Set aside as unsure by anna on {live(link).made_at.day}" in page
    assert "both &lt;b&gt;were&lt;/b&gt; there" in page
    assert "Take up again" in page
    client.post(decide, {"action": "reopen", "link": live(link).pk})
    assert list(queue.waiting(Queue.LINKS)) == [live(link)]
    assert "set aside as unsure, by anna" in client.get(address).content.decode(), "among the earlier decisions"
    listed = client.get("/admin/articles/link/?standing=unsure")
    assert listed.context["cl"].result_count == 0


def test_the_list_of_links_has_them_apart(two, anna):
    link = doubt(*two)
    review.mark_unsure(link.mention, anna)
    client = Client()
    client.force_login(anna)
    for standing, count in (("unsure", 1), ("people", 0), ("", 1)):
        listed = client.get("/admin/articles/link/", {"standing": standing} if standing else {})
        assert listed.context["cl"].result_count == count, standing


# --- The page --------------------------------------------------------------------------------------------------------
def send(client: Client, address: str, **data) -> dict:
    answer = client.post(HOME + address, data, headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture
def desk(anna) -> Client:
    client = Client()
    client.force_login(anna)
    return client


def test_it_is_given_found_taken_up_and_taken_back_on_the_page(desk, two):
    link = doubt(*two)
    said = send(desk, f"links/{link.pk}/", action="unsure", note="both were there")["said"]
    assert said == "“Rudolf” set aside as unsure."
    assert "Nothing waits here" in desk.get(f"{HOME}links/").content.decode()
    page = desk.get(f"{HOME}links/?aside=1").content.decode()
    assert "Set aside as unsure by anna" in page
    assert "both were there" in page
    aside = live(link)
    refused = send(desk, f"links/{aside.pk}/", action="choose", entity=two[0].pk)
    assert not refused["ok"], "a form that did not show it as set aside decides nothing"
    assert "waits in the queue again" in send(desk, f"links/{aside.pk}/?aside=1", action="reopen", was_aside=1)["said"]
    back = send(desk, "links/undo/?aside=1")
    assert (back["said"], back["open"]) == ("“Rudolf” is set aside as unsure again.", live(link).pk)
    assert live(link).note == "both were there"
    assert "1</strong> set aside" in back["progress"]
    back = send(desk, "links/undo/")
    assert not back["ok"], "the verdict that the session remembers does not stand: another row of it does"


def test_a_link_that_was_set_aside_is_decided_after_all(desk, two):
    link = doubt(*two)
    send(desk, f"links/{link.pk}/", action="unsure")
    said = send(desk, f"links/{live(link).pk}/?aside=1", entity=two[1].pk, was_aside=1)["said"]
    assert said == "“Rudolf” linked to Rudolf V."
    assert send(desk, "links/undo/?aside=1")["ok"]
    assert live(link).is_unsure


def test_what_was_set_aside_is_counted_among_those_that_are_decided_with_it(desk, two):
    first, second = doubt(*two), doubt(*two)
    send(desk, f"links/{first.pk}/", action="unsure")
    page = desk.get(f"{HOME}links/?aside=1").content.decode()
    assert "(2 mentions)" in page
    said = send(desk, f"links/{live(first).pk}/", entity=two[0].pk, scope="always", was_aside=1)["said"]
    assert said == "“Rudolf”: 2 mentions linked to Rudolf Rassendyll."
    assert live(second).status == "linked"


def test_pairs_are_set_aside_and_taken_up_alike(desk, two, anna):
    pair = DuplicateSuggestion.objects.create(a=two[0], b=two[1], probability=0.6)
    assert "Set aside as unsure" in send(desk, f"duplicates/{pair.pk}/", action="unsure", note="no dates")["said"]
    assert "Nothing waits here" in desk.get(f"{HOME}duplicates/").content.decode()
    page = desk.get(f"{HOME}duplicates/?aside=1").content.decode()
    assert "Set aside as unsure by anna" in " ".join(page.split())
    assert "no dates" in page
    assert not send(desk, f"duplicates/{pair.pk}/", action="same")["ok"]
    assert (
        "wait in the queue again" in send(desk, f"duplicates/{pair.pk}/?aside=1", action="reopen", was_aside=1)["said"]
    )
    assert queue.counts()[Queue.DUPLICATES] == 1
    assert "set aside as unsure again" in send(desk, "duplicates/undo/")["said"]
    standing = Judgement.objects.get(superseded_at=None)
    assert (standing.verdict, standing.reason) == ("unsure", "no dates")
    assert send(desk, f"duplicates/{pair.pk}/?aside=1", action="same", was_aside=1)["ok"]
    assert Judgement.objects.get(superseded_at=None).verdict == "same"
    assert not send(desk, f"duplicates/{pair.pk}/?aside=1", action="reopen", was_aside=1)["ok"]


def test_a_verdict_that_stood_before_the_doubt_stands_again_when_the_pair_is_taken_up(desk, two, anna):
    pair = DuplicateSuggestion.objects.create(a=two[0], b=two[1], probability=0.6)
    judge(two[0].pk, two[1].pk, "different", actor=anna)
    judge(two[0].pk, two[1].pk, "unsure", actor=anna)
    said = send(desk, f"duplicates/{pair.pk}/?aside=1", action="reopen", was_aside=1)["said"]
    assert "the verdict before stands again" in said
    assert Judgement.objects.get(superseded_at=None).verdict == "different"


def test_a_viewer_sees_what_is_set_aside_and_changes_nothing(two, anna):
    aside = review.mark_unsure(doubt(*two).mention, anna).links[0]
    client = Client()
    client.force_login(in_role("viewer"))
    assert "Set aside as unsure by anna" in client.get(f"{HOME}links/?aside=1").content.decode()
    part = client.get(f"{HOME}links/{aside.pk}/", headers={"X-Requested-With": "XMLHttpRequest"}).content.decode()
    assert "Take up again" not in part
    assert client.post(f"{HOME}links/{aside.pk}/", {"action": "reopen", "was_aside": 1}).status_code == 403
