"""People's decisions about mentions: history kept, one live link, counts that later links learn from."""

import threading

import pytest
from django.db import connection

from articles import review
from articles.models import Link, NilGroup, SurfacePrior
from articles.review import ReviewError, Scope
from entities.matching.types import Outcome
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(django_user_model):
    return django_user_model.objects.create_user("anna")


@pytest.fixture
def bush():
    return make_record("George W. Bush")


@pytest.fixture
def father():
    return make_record("George H. W. Bush")


@pytest.fixture
def article():
    return make_article("George Bush spoke. Bush left. Bush came back.")


def live(mention):
    [link] = mention.links.filter(superseded_at=None)
    return link


def prior(key, entity):
    row = SurfacePrior.objects.filter(key=key, entity=entity).first()
    return (row.accepted, row.refused) if row else (0, 0)


def test_confirming_makes_the_link_a_persons_and_keeps_the_engines(article, bush, anna):
    mention = make_mention(article, "George Bush", bush, status=Outcome.REVIEW, probability=0.6)
    review.accept(live(mention), anna, "clear from the date")
    link = live(mention)
    assert (link.entity, link.status, link.actor, link.probability) == (bush, Outcome.LINK, anna, 1.0)
    assert link.note == "clear from the date"
    assert mention.links.count() == 2
    assert prior("george bush", bush) == (1, 0)


def test_linking_to_another_record_counts_for_it_and_against_the_old_one(article, bush, father, anna):
    mention = make_mention(article, "George Bush", bush)
    review.link_to(mention, father, anna)
    assert live(mention).entity == father
    assert prior("george bush", father) == (1, 0)
    assert prior("george bush", bush) == (0, 1)


def test_a_merged_record_stands_for_its_survivor(article, bush, anna):
    old = make_record("G. W. Bush", merged_into=bush)
    mention = make_mention(article, "George Bush")
    review.link_to(mention, old, anna)
    assert live(mention).entity == bush


def test_refusing_leaves_no_record_and_groups_the_name(article, bush, anna):
    mention = make_mention(article, "George Bush", bush)
    review.reject(mention, anna, "a footballer")
    link = live(mention)
    assert (link.entity, link.status, link.note) == (None, Outcome.NIL, "a footballer")
    assert prior("george bush", bush) == (0, 1)
    mention.refresh_from_db()
    group = mention.nil_group
    assert (group.key, group.kind, group.mention_count, group.article_count) == ("george bush", "person", 1, 1)


def test_a_linked_mention_leaves_its_group_of_unknown_names(article, bush, anna):
    group = NilGroup.objects.create(
        key="george bush", kind="person", name="George Bush", mention_count=1, article_count=1
    )
    mention = make_mention(article, "George Bush", nil_group=group)
    review.link_to(mention, bush, anna)
    group.refresh_from_db()
    mention.refresh_from_db()
    assert mention.nil_group is None
    assert (group.mention_count, group.article_count) == (0, 0)


def test_no_record_is_meant(article, anna):
    mention = make_mention(article, "George Bush")
    review.mark_nil(mention, anna)
    assert (live(mention).entity, live(mention).actor) == (None, anna)


def test_a_chain_is_decided_together_and_each_surface_counts_once(article, bush, father, anna):
    first = make_mention(article, "George Bush", bush, chain=5)
    second = make_mention(article, "Bush", bush, after=18, chain=5)
    third = make_mention(article, "Bush", bush, after=25, chain=5)
    elsewhere = make_mention(make_article("Bush"), "Bush", bush, chain=5)
    decided = review.link_to(first, father, anna, scope=Scope.CHAIN)
    assert {live(mention).entity for mention in (first, second, third)} == {father}
    assert live(elsewhere).entity == bush, "a chain is of one article"
    assert (len(decided.links), decided.left_alone) == (3, 0)
    assert prior("bush", father) == (1, 0)
    assert prior("bush", bush) == (0, 1)


def test_what_a_person_said_of_another_mention_of_the_chain_stays(article, bush, father, anna):
    first = make_mention(article, "George Bush", bush, chain=5)
    second = make_mention(article, "Bush", bush, after=18, chain=5)
    review.link_to(second, father, anna)
    decided = review.accept(live(first), anna, scope=Scope.CHAIN)
    assert live(second).entity == father
    assert decided.left_alone == 1


def test_changing_ones_mind_takes_the_earlier_vote_back(article, bush, father, anna):
    mention = make_mention(article, "George Bush")
    review.link_to(mention, father, anna)
    review.link_to(mention, bush, anna)
    assert prior("george bush", father) == (0, 1)
    assert prior("george bush", bush) == (1, 0)


def test_confirming_twice_counts_once(article, bush, anna):
    mention = make_mention(article, "George Bush", bush)
    review.accept(live(mention), anna)
    review.accept(live(mention), anna)
    assert prior("george bush", bush) == (1, 0)


def test_descriptions_teach_nothing_about_names(article, bush, anna):
    article = make_article("The president spoke.")
    mention = make_mention(article, "The president", bush, type="ROLE", detector="role")
    review.accept(live(mention), anna)
    assert not SurfacePrior.objects.exists()


def test_a_link_that_no_longer_stands_cannot_be_confirmed(article, bush, father, anna):
    mention = make_mention(article, "George Bush", bush)
    seen = live(mention)
    review.link_to(mention, father, anna)
    with pytest.raises(ReviewError, match="in the meantime"):
        review.accept(seen, anna)
    assert live(mention).entity == father


@pytest.mark.parametrize("action", [review.mark_nil, review.reject])
def test_a_decision_needs_a_person(article, bush, action):
    mention = make_mention(article, "George Bush", bush)
    with pytest.raises(ReviewError):
        action(mention, None)


def test_there_must_be_something_to_confirm_or_to_refuse(article, anna):
    mention = make_mention(article, "George Bush")
    with pytest.raises(ReviewError):
        review.accept(live(mention), anna)
    with pytest.raises(ReviewError):
        review.reject(mention, anna)


def test_a_mention_that_is_gone_is_told(article, bush, anna):
    mention = make_mention(article, "George Bush", bush)
    kept = type(mention).objects.get(pk=mention.pk)
    mention.delete()
    with pytest.raises(ReviewError, match="gone"):
        review.mark_nil(kept, anna)


def test_queries_do_not_grow_with_the_chain(article, bush, father, anna, django_assert_max_num_queries):
    text = "Bush " * 60
    article = make_article(text)
    mentions = [make_mention(article, "Bush", bush, after=5 * number, chain=9) for number in range(60)]
    with django_assert_max_num_queries(25):
        review.link_to(mentions[0], father, anna, scope=Scope.CHAIN)
    assert Link.objects.live().filter(entity=father).count() == 60


@pytest.mark.django_db(transaction=True)
def test_decisions_at_the_same_time_leave_one_live_link_and_count_each(django_user_model):
    """Every thread wants another record for every mention; whoever comes last is believed, and nothing is lost."""
    users = [django_user_model.objects.create_user(f"user{number}") for number in range(4)]
    records = [make_record(f"Bush {number}") for number in range(4)]
    article = make_article("Bush " * 6)
    mentions = [make_mention(article, "Bush", after=5 * number, chain=3) for number in range(6)]
    errors = []

    def decide(number):
        try:
            for mention in mentions[number % 2 :: 2]:
                review.link_to(mention, records[number], users[number])
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert all(mention.links.filter(superseded_at=None).count() == 1 for mention in mentions)
    assert all(mention.links.count() == 3 for mention in mentions), "the engine's, and one of each of two people"
    wins = Link.objects.live().count()
    assert sum(SurfacePrior.objects.values_list("accepted", flat=True)) == wins


def test_a_surname_joins_the_unknown_full_name_that_it_goes_back_to(django_user_model):
    anna, record = django_user_model.objects.create_user("anna"), make_record()
    article = make_article("Then Jane Doe came. Doe left.")
    _, short = (
        make_mention(article, surface, record, chain=4, after=after)
        for surface, after in (("Jane Doe", 0), ("Doe", 15))
    )
    review.mark_nil(short, anna, scope=Scope.CHAIN)
    assert list(NilGroup.objects.values_list("name", "mention_count")) == [("Jane Doe", 2)]
    linked = review.link_to(short, record, anna)
    review.take_back(linked.links[0], anna)
    assert list(NilGroup.objects.values_list("name", "mention_count")) == [("Jane Doe", 2)]
