"""The queue, its claims and verdicts; proposals of new records; links that follow merges and splits; roles."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from articles import proposals, queue, review
from articles.models import Link, NilGroup, SurfacePrior
from articles.proposals import ProposalError
from articles.queue import Filters, Queue
from entities.candidates import rebuild
from entities.judging import JudgeError, judge, take_back_verdict
from entities.merging import UndoNeedsChoices, impact, merge, split, undo, undo_split
from entities.models import DuplicateSuggestion, Entity, Event, Judgement, Relation
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db


def in_role(name: str) -> User:
    user = User.objects.create_user(f"a {name}")
    user.groups.add(Group.objects.get(name=name))
    return user


@pytest.fixture
def curator() -> User:
    return in_role("curator")


@pytest.fixture
def merger() -> User:
    return in_role("merger")


# --- Roles -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("viewer", ["articles.view_link", "entities.view_entity"], ["articles.change_link", "entities.change_alias"]),
        ("curator", ["articles.change_link", "entities.judge_entity"], ["entities.merge_entity", "auth.add_user"]),
        ("merger", ["entities.merge_entity", "entities.judge_entity"], ["auth.add_user", "articles.add_importjob"]),
        ("importer", ["articles.add_importjob", "articles.add_article"], ["entities.merge_entity"]),
        ("admin", ["auth.add_user", "entities.merge_entity", "articles.delete_article"], []),
    ],
)
def test_a_role_may_what_its_name_says_and_no_more(role, may, may_not):
    user = in_role(role)
    assert [one for one in may if not user.has_perm(one)] == []
    assert [one for one in may_not if user.has_perm(one)] == []


# --- The queue -------------------------------------------------------------------------------------------------------
def doubt(surface: str, entity: Entity | None, *, probability: float, priority: float = 0.5, **article) -> Link:
    made = make_article(f"Then {surface} came.", **article)
    return make_mention(
        made, surface, entity, status="review", probability=probability, priority=priority
    ).links.get()  # fmt: skip


def test_what_is_worth_most_comes_first_and_nobody_else_gets_it(curator, merger):
    record = make_record("Smith")
    low = doubt("Smith", record, probability=0.9, priority=0.2)
    high = doubt("Jones", record, probability=0.5, priority=1.0)
    assert queue.claim_next(Queue.LINKS, curator) == high
    assert queue.claim_next(Queue.LINKS, merger) == low
    assert queue.claim_next(Queue.LINKS, User.objects.create_user("third")) is None
    assert queue.claim_next(Queue.LINKS, curator) == high  # one's own claim is no obstacle
    assert queue.claim_next(Queue.LINKS, curator, skip=[high.pk]) is None
    queue.release(low, curator)
    assert queue.claim(Queue.LINKS, low.pk, curator) is None
    queue.release(low, merger)
    assert queue.claim(Queue.LINKS, low.pk, curator) == low
    assert queue.release_all(curator) == 2


def test_a_claim_runs_out(curator, merger):
    link = doubt("Smith", make_record(), probability=0.5)
    queue.claim_next(Queue.LINKS, curator)
    Link.objects.update(claimed_until=timezone.now() - timezone.timedelta(seconds=1))
    assert queue.claim_next(Queue.LINKS, merger) == link


def test_the_queue_is_filtered_by_kind_state_outlet_language_and_age(curator):
    state = make_record("Stateland", "state")
    person, body = make_record("P"), make_record("O", "organization")
    Relation.objects.create(entity=person, origin=person, type="state", target=state)
    one = doubt("P", person, probability=0.5, source="The Times", language="en")
    two = doubt("O", body, probability=0.5, source="Le Monde", language="fr")
    Link.objects.filter(pk=two.pk).update(made_at=timezone.now() - timezone.timedelta(days=9))

    def found(**filters) -> list[Link]:
        return list(queue.waiting(Queue.LINKS, Filters(**filters)))

    assert found(kind="person") == found(state=state.pk) == found(outlet="The Times") == found(language="en") == [one]
    assert found(max_age_days=3) == [one]
    assert found(kind="organization") == [two]
    assert queue.counts() == {Queue.LINKS: 2, Queue.DUPLICATES: 0, Queue.PROPOSALS: 0}


def test_all_queues_are_claimed_alike(curator):
    a, b = make_record(), make_record()
    pair = DuplicateSuggestion.objects.create(a=a, b=b, probability=0.8, priority=1)
    group = NilGroup.objects.create(key="x", name="X", kind="person", mention_count=2, article_count=1)
    assert queue.claim_next(Queue.DUPLICATES, curator) == pair
    assert queue.claim_next(Queue.PROPOSALS, curator) == group
    assert queue.upcoming(Queue.PROPOSALS, curator, skip=[group.pk]) == []


def test_always_reaches_every_open_mention_of_the_same_words(curator):
    record, other = make_record("Smith"), make_record("Smith the Younger")
    links = [doubt("Smith", other, probability=0.5) for _ in range(3)]
    doubt("Jones", other, probability=0.5)
    assert queue.same_surface(links[0]).count() == 3
    assert queue.same_article(links[0]).count() == 1
    decided = review.link_to(links[0].mention, record, curator, scope=review.Scope.ALWAYS)
    assert len(decided.links) == 3
    assert Link.objects.to_records().filter(entity=record, actor=curator).count() == 3
    assert queue.waiting(Queue.LINKS).count() == 1


def test_a_doubt_about_many_mentions_is_worth_more(curator):
    record = make_record()
    many = [doubt("Smith", record, probability=0.6, priority=0) for _ in range(4)]
    one = doubt("Jones", record, probability=0.6, priority=0)
    sure = doubt("Brown", record, probability=0.95, priority=0)
    assert queue.refresh_priorities() == 6
    order = list(queue.waiting(Queue.LINKS))
    assert set(order[:4]) == set(many)
    assert order[4:] == [one, sure]
    assert queue.refresh_priorities() == 0


def test_a_decision_is_taken_back_and_nothing_was_learnt_from_it(curator):
    record, other = make_record("Smith"), make_record("Smythe")
    link = doubt("Smith", other, probability=0.5)
    decided = review.link_to(link.mention, record, curator).links[0]
    again = review.take_back(decided, curator)
    assert (again.status, again.entity, again.actor) == ("review", other, None)
    assert not SurfacePrior.objects.filter(accepted__gt=0).exists()
    assert not SurfacePrior.objects.filter(refused__gt=0).exists()
    with pytest.raises(review.ReviewError):
        review.take_back(decided, curator)


# --- Verdicts --------------------------------------------------------------------------------------------------------
def test_a_verdict_closes_the_suggestion_and_the_newest_one_stands(curator):
    a, b = make_record(), make_record()
    pair = DuplicateSuggestion.objects.create(a=a, b=b, probability=0.8)
    first = judge(b.pk, a.pk, "unsure", actor=curator)
    assert judge(a.pk, b.pk, "unsure", actor=curator) == first
    second = judge(a.pk, b.pk, "different", actor=curator, reason="two men")
    pair.refresh_from_db()
    assert pair.closed_at is not None
    assert Judgement.objects.get(superseded_at=None) == second
    assert Event.objects.filter(type="judged").count() == 2
    take_back_verdict(second, actor=curator)
    assert Judgement.objects.get(superseded_at=None) == first
    take_back_verdict(Judgement.objects.get(pk=first.pk), actor=curator)
    pair.refresh_from_db()
    assert pair.closed_at is None
    with pytest.raises(JudgeError):
        take_back_verdict(first, actor=curator)


def test_a_verdict_on_merged_records_is_one_on_their_survivors(curator, merger):
    a, b, c = make_record(), make_record(), make_record()
    merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    done = judge(b.pk, c.pk, "different", actor=curator)
    assert (done.a_id, done.b_id) == (a.pk, c.pk)
    with pytest.raises(JudgeError, match="merged in the meantime"):
        judge(a.pk, b.pk, "same", actor=curator)
    with pytest.raises(JudgeError):
        judge(a.pk, c.pk, "perhaps", actor=curator)
    with pytest.raises(PermissionDenied):
        judge(a.pk, c.pk, "same", actor=in_role("viewer"))


# --- Links follow ----------------------------------------------------------------------------------------------------
@pytest.fixture
def told():
    """Two records, each linked in an article; a third mention by a person."""
    a, b = make_record("A. One"), make_record("B. Two")
    first = make_mention(make_article("A. One spoke."), "A. One", a)
    second = make_mention(make_article("B. Two spoke."), "B. Two", b, candidates=[b, a])
    third = make_mention(make_article("B. Two again."), "B. Two", b, actor=User.objects.create_user("somebody"))
    SurfacePrior.objects.create(key="b two", entity=b, accepted=2)
    SurfacePrior.objects.create(key="one", entity=a, accepted=1)
    SurfacePrior.objects.create(key="one", entity=b, refused=4)
    return a, b, first, second, third


def owners(*mentions) -> list[int]:
    return [mention.links.live().get().entity_id for mention in mentions]


def test_a_merge_points_live_links_at_the_survivor_and_its_undo_sends_each_back(told, merger):
    a, b, *mentions = told
    assert impact(a, [b]).mentions == 2
    assert impact(a, [b]).articles == 2
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    assert owners(*mentions) == [a.pk] * 3
    assert SurfacePrior.objects.get(key="b two").entity_id == a.pk
    assert SurfacePrior.objects.get(key="one", entity=a).refused == 4
    undo(done, actor=merger)
    assert owners(*mentions) == [a.pk, b.pk, b.pk]
    assert SurfacePrior.objects.get(key="b two").entity_id == b.pk
    assert SurfacePrior.objects.get(key="one", entity=a).refused == 0


def test_what_people_linked_since_is_asked_about_and_sent_where_they_say(told, merger):
    a, b, _, second, _ = told
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    review.link_to(second, a, merger)
    late = make_mention(make_article("The One spoke."), "The One", None)
    review.link_to(late, a, merger)
    with pytest.raises(UndoNeedsChoices) as raised:
        undo(done, actor=merger)
    edits = {edit.key: edit.default for edit in raised.value.plan.edits}
    assert edits == {"links:absorbed:b two": "absorbed", "links:survivor:the one": "survivor"}
    undo(done, actor=merger, choices={"links:survivor:the one": "absorbed"})
    assert owners(second, late) == [b.pk, b.pk]


def test_a_split_takes_the_chosen_mentions_by_the_curators_hand(told, merger):
    a, _, first, *_ = told
    before = Link.objects.live().get(mention=first)
    done = split(source_id=a.pk, name="A. One the Elder", rows={"mentions": [first.pk]}, actor=merger)
    link = first.links.live().get()
    assert (link.entity_id, link.actor_id) == (done.target_id, merger.pk)
    undo_split(done, actor=merger)
    link.refresh_from_db()
    assert (link.entity_id, link.actor_id, link.reason) == (a.pk, None, before.reason)


# --- Proposals -------------------------------------------------------------------------------------------------------
@pytest.fixture
def unknown():
    """A name in three articles of two outlets, with company."""
    friend = make_record("Known Friend")
    group = NilGroup.objects.create(key="jane doe", name="Jane Doe", kind="person", mention_count=4, article_count=3)
    for number, source in enumerate(("The Times", "The Times", "Le Monde")):
        article = make_article(
            "It rained. Then Jane Doe met Known Friend. Ms Doe left.", source=source, published_on=f"202{number}-01-01"
        )
        make_mention(article, "Jane Doe", None, nil_group=group)
        if number == 0:
            make_mention(article, "Doe", None, nil_group=group, after=40)
        make_mention(article, "Known Friend", friend)
    return group, friend


def test_a_proposal_shows_what_is_known_of_a_name(unknown):
    group, friend = unknown
    near = make_record("Jane Does")
    shown = proposals.describe(group)
    assert shown.outlets == [("The Times", 2), ("Le Monde", 1)]
    assert (shown.first_seen, shown.last_seen) == ("2020-01-01", "2022-01-01")
    assert shown.company == [(friend, 3)]
    assert dict(shown.surfaces) == {"Jane Doe": 3, "Doe": 1}
    sentence = shown.sentences[0]
    assert (sentence.before, sentence.surface, sentence.after) == ("Then ", "Jane Doe", " met Known Friend.")
    assert near.pk  # found only once its names are indexed


def test_the_sentence_of_an_unknown_name_is_whole_and_no_abbreviation_cuts_it():
    group = NilGroup.objects.create(key="goma", name="Goma", kind="person")
    said = "Then Sadako Ogata, the head of the U.N. High Commissioner for Refugees, who had come at last, " * 2
    make_mention(make_article(f"It rained. {said}left Goma."), "Goma", None, nil_group=group)
    [sentence] = proposals.describe(group).sentences
    assert sentence.before == f"{said}left "


def test_an_accepted_proposal_is_a_record_with_every_mention_linked(unknown, curator):
    group, _ = unknown
    mentions = list(group.mentions.all())
    entity = proposals.accept(group, actor=curator, fields={"valid_from": "1970"})
    assert (entity.kind, entity.name, entity.valid_from) == ("person", "Jane Doe", "1970")
    assert set(entity.aliases.values_list("name", flat=True)) == {"Jane Doe"}
    assert set(owners(*mentions)) == {entity.pk}
    group.refresh_from_db()
    assert (group.status, group.entity, group.mention_count) == ("accepted", entity, 0)
    with pytest.raises(ProposalError, match="already"):
        proposals.accept(group, actor=curator)


def test_a_mention_that_means_another_is_left_out_and_stays_unknown(unknown, curator):
    group, friend = unknown
    first, *others = group.mentions.order_by("pk")
    with pytest.raises(ProposalError, match="Every mention"):
        proposals.accept(group, actor=curator, leave_out=[first.pk, *(one.pk for one in others)])
    entity = proposals.accept_into(group, friend, actor=curator, leave_out=[first.pk])
    assert set(owners(*others)) == {entity.pk}
    link = first.links.live().get()
    assert (link.status, link.actor) == ("nil", curator)  # by a person: the engine does not link it later
    group.refresh_from_db()
    assert (group.status, group.mention_count, group.article_count) == ("accepted", 1, 1)


def test_names_of_one_thing_are_accepted_together_and_may_be_a_known_record(unknown, curator):
    group, friend = unknown
    other = NilGroup.objects.create(key="j doe", name="J. Doe", kind="person", mention_count=1, article_count=1)
    mention = make_mention(make_article("J. Doe came."), "J. Doe", None, nil_group=other)
    assert proposals.describe(group).alike == [other]
    proposals.accept_into(group, friend, actor=curator, also=[other])
    assert mention.links.live().get().entity == friend
    assert set(friend.aliases.values_list("name", flat=True)) == {"Known Friend", "Jane Doe", "J. Doe"}


def test_a_rejection_is_remembered_and_can_be_taken_back(unknown, curator):
    group, _ = unknown
    proposals.reject(group, actor=curator, reason="a pen name")
    assert list(proposals.open_groups()) == []
    assert queue.counts()[Queue.PROPOSALS] == 0
    proposals.reopen(group, actor=curator)
    assert list(proposals.open_groups(kind="person")) == [group]
    with pytest.raises(PermissionDenied):
        proposals.reject(group, actor=in_role("viewer"))


def test_the_cost_of_a_proposal_does_not_grow(unknown, django_assert_max_num_queries):
    group, _ = unknown
    for number in range(20):
        make_mention(make_article(f"Jane Doe {number}"), "Jane Doe", None, nil_group=group)
    with django_assert_max_num_queries(14):
        proposals.describe(group)


def test_records_are_near_by_their_whole_names(curator):
    group = NilGroup.objects.create(key="jim jordan", name="Jim Jordan", kind="person", mention_count=2)
    article = make_article("Then Jim Jordan came. Jordan left.")
    make_mention(article, "Jim Jordan", None, nil_group=group)
    make_mention(article, "Jordan", None, nil_group=group, after=20)
    make_record("Jordan", kind="state")
    make_record("Bardella", aliases=["Jordan Bardella"])
    near = make_record("Jim Jordann")
    rebuild()
    assert [candidate.entity_id for candidate in proposals.describe(group).near] == [near.pk]
