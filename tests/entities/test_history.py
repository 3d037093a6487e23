"""What happened, in words; what was, on a past day; what programs are told; what looks like a wrong merge."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from entities.archive import TABLES, write
from entities.changes import changes_since
from entities.editing import create_record, edit_record, save_fact, withdraw_fact
from entities.erasing import ErasingError, erase_events
from entities.history import history_of, lines_of, state_at
from entities.invariants import inspect
from entities.judging import judge, take_back_verdict
from entities.merging import merge, redo, split, undo, undo_split
from entities.models import Alias, Dismissal, Entity, Erasure, Identifier, Judgement, Relation, Term
from entities.radar import RadarError, dismiss, suspects, take_back_dismissal
from entities.takedown import suppress, take_down_field
from tests.factories import make_alias, make_article, make_mention, make_record, make_term

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief() -> User:
    return User.objects.create_superuser("chief")


def names(state) -> set[str]:
    return {alias["name"] for alias in state.aliases}


def test_every_past_moment_of_a_record_can_be_seen_again(chief):
    a = create_record(Entity(kind="person", name="A"), chief)
    made = timezone.now()
    a.description = "first"
    edit_record(a, chief)
    bee = save_fact(Alias(entity=a, name="Bee"), chief)
    described = timezone.now()
    b = create_record(Entity(kind="person", name="B", valid_from="1950", attributes={"gender": "male"}), chief)
    make_term(b, "Minister", start="1990")
    before_merge = timezone.now()
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=chief, fields={"name": b.pk})
    merged = timezone.now()
    undo(done, actor=chief)
    undone = timezone.now()
    a.refresh_from_db()
    a.name = "A the Second"
    edit_record(a, chief)
    withdraw_fact(Alias.objects.get(pk=bee.pk), chief)
    split(source_id=a.pk, name="C", rows={"aliases": [Alias.objects.get(name="A").pk]}, actor=chief)
    a.refresh_from_db()
    b.refresh_from_db()

    assert not state_at(a, a.created_at - timezone.timedelta(seconds=1)).existed
    assert names(state_at(a, made)) == {"A"}
    assert state_at(a, made).fields["description"] == ""
    assert names(state_at(a, described)) == {"A", "Bee"}
    assert state_at(a, before_merge).fields["description"] == "first"
    then = state_at(a, merged)
    assert names(then) == {"A", "Bee", "B"}
    assert (then.fields["name"], then.fields["valid_from"], then.fields["attributes"]) == (
        "B", "1950", {"gender": "male"},
    )  # fmt: skip
    assert [term["title"] for term in then.terms] == ["Minister"]
    absorbed = state_at(b, merged)
    assert (absorbed.merged_into, absorbed.aliases) == (a.pk, [])
    again = state_at(b, undone)
    assert (again.merged_into, names(again)) == (None, {"B"})
    assert names(state_at(a, undone)) == {"A", "Bee"}
    assert state_at(a, undone).fields["attributes"] == {}
    assert names(state_at(a, timezone.now())) == {"A the Second"}


def test_an_edited_fact_is_seen_as_it_was(chief):
    a = create_record(Entity(kind="person", name="A"), chief)
    alias = save_fact(Alias(entity=a, name="Bea", lang="en"), chief)
    before = timezone.now()
    alias.name = "Bee"
    save_fact(alias, chief)
    assert names(state_at(a, before)) == {"A", "Bea"}


def test_history_tells_everything_in_words_also_of_what_was_merged_in(chief):
    a = create_record(Entity(kind="person", name="A"), chief, reason="known from the papers")
    b = create_record(Entity(kind="person", name="B"), chief)
    b.description = "new"
    edit_record(b, chief)
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=chief, reason="one man")
    told = [line.what for line in history_of(a)]
    assert told == [
        "‹B› was merged into this record", "‹B› was edited: the description was set", "‹B› was made",
        "This record was made",
    ]  # fmt: skip
    assert history_of(a)[0].why == "one man"
    assert history_of(a)[0].merge_id == done.pk
    assert history_of(b)[0].what == "This record was merged into ‹A›"
    undo(done, actor=chief)
    assert history_of(b)[0].what == "This record was taken out of ‹A› again: the merge was undone"


def test_a_history_costs_the_same_however_long_it_is(chief, django_assert_num_queries):
    a = make_record("A")
    for n in range(5):
        merge(survivor_id=a.pk, absorbed_id=make_record(f"B {n}").pk, actor=chief)
    with django_assert_num_queries(2):
        assert len(history_of(a)) == 5


def test_programs_hear_of_every_id_in_order_and_once(chief):
    a, b = (create_record(Entity(kind="person", name=name), chief) for name in "AB")
    a.description = "not told"
    edit_record(a, chief)
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=chief)
    undo(done, actor=chief)
    off = split(source_id=a.pk, name="C", actor=chief)
    undo_split(off, actor=chief)
    redo(done, actor=chief)
    told, cursor = [], 0
    while True:
        page = changes_since(cursor, limit=3)
        told += page.changes
        cursor = page.cursor
        if not page.has_more:
            break
    c = off.target
    assert [(one.type, one.id, one.other) for one in told] == [
        ("created", a.public_id, None),
        ("created", b.public_id, None),
        ("merged", a.public_id, b.public_id),
        ("restored", a.public_id, b.public_id),
        ("created", c.public_id, None),
        ("split", a.public_id, c.public_id),
        ("merged", a.public_id, c.public_id),
        ("merged", a.public_id, b.public_id),
    ]
    assert {one.now for one in told} == {a.public_id}
    assert changes_since(cursor).changes == []
    assert {one.type for one in changes_since(0, types=["merged"]).changes} == {"merged"}


# --- Radar -----------------------------------------------------------------------------------------------------------
def signs(entity: Entity) -> set[str]:
    return {sign.sort for one in suspects(ids=[entity.pk]) for sign in one.signs}


def test_nobody_is_president_of_two_states_at_once():
    one, two = make_record("One", "state"), make_record("Two", "state")
    wrong, right, same = make_record("Wrong"), make_record("Right"), make_record("Same")
    make_term(wrong, "President", state=one, start="1990", end="2000")
    make_term(wrong, "Prime Minister", state=two, start="1995-03", end="1998")
    make_term(right, "Prime Minister", state=one, start="1990", end="1995")
    make_term(right, "President", state=two, start="1995", end="2000")
    make_term(same, "Prime Minister", state=one, start="1990", end="1999")
    make_term(same, "Foreign Minister", state=one, start="1992", end="1995")
    assert [one_.entity for one_ in suspects()] == [wrong]
    assert signs(wrong) == {"offices"}


def test_two_births_an_office_before_birth_and_two_ids_are_seen(chief):
    a, b = make_record("A", valid_from="1950"), make_record("A", valid_from="1871")
    make_term(b, "Minister", start="1900")
    for record, value in ((a, "Q1"), (b, "Q2")):
        Identifier.objects.create(entity=record, origin=record, scheme="wikidata", value=value)
    merge(survivor_id=a.pk, absorbed_id=b.pk, actor=chief, override=True, reason="by mistake")
    assert signs(a) == {"birth", "life", "ids"}
    assert suspects()[0].weight > 0.9


def test_a_verdict_inside_one_record_is_seen(chief):
    a, b = make_record(), make_record()
    merge(survivor_id=a.pk, absorbed_id=b.pk, actor=chief)
    Judgement.objects.create(a=a, b=b, verdict="different")
    assert signs(a) == {"verdict"}


def test_a_person_in_the_news_of_two_ages_is_seen():
    old, steady = make_record("Old Name"), make_record("Steady Name")
    for day in ("1912-01-01", "1913-05-01", "1998-02-02", "1999-03-03"):
        make_mention(make_article("Old Name came.", published_on=day), "Old Name", old)
    for day in ("1990-01-01", "1991-05-01", "2008-02-02", "2009-03-03"):
        make_mention(make_article("Steady Name came.", published_on=day), "Steady Name", steady)
    assert signs(old) == {"decades"}
    assert signs(steady) == set()


def test_the_radar_costs_the_same_however_many_records_there_are(django_assert_max_num_queries):
    state = make_record("One", "state")
    for n in range(10):
        record = make_record(f"Person {n}", valid_from="1950")
        make_alias(record, f"P{n}")
        make_term(record, "Minister", state=state, start="1900")
        Relation.objects.create(entity=record, origin=record, type="state", target=state)
    with django_assert_max_num_queries(8):
        assert len(suspects()) == 10


def contradicted(name: str = "Wrong") -> Entity:
    record = make_record(name, valid_from="1950")
    make_term(record, "Minister", state=make_record("One", "state"), start="1900")
    return record


def test_what_a_person_found_to_be_one_is_listed_again_only_for_something_new(chief):
    record = contradicted()
    done = dismiss(record, actor=chief, reason="the office is his grandfather's")
    assert suspects() == []
    assert [one.dismissal for one in suspects(dismissed=True)] == [done]
    for value in ("Q1", "Q2"):
        Identifier.objects.create(entity=record, origin=record, scheme="wikidata", value=value)
    assert signs(record) == {"life", "ids"}, "two ids are new"
    again = dismiss(record, actor=chief)
    assert Dismissal.objects.get(superseded_at=None) == again
    take_back_dismissal(again, actor=chief)
    assert [one.entity for one in suspects()] == [record]
    with pytest.raises(RadarError, match="taken back already"):
        take_back_dismissal(again, actor=chief)
    assert [line.what for line in history_of(record)[:3]] == [
        "The word that this record is one was taken back",
        "This record was judged to be one, whatever speaks for two",
        "This record was judged to be one, whatever speaks for two",
    ]


def test_a_dismissal_tells_nothing_of_what_was_seen_and_is_kept_in_an_archive(chief):
    record = contradicted()
    done = dismiss(record, actor=chief, reason="Ruritania said so")
    assert "1950" not in str(done.signs)
    assert any('"entities.dismissal"' in line and "Ruritania" in line for line in write(TABLES))
    suppress(record, actor=chief, reason="order")
    done.refresh_from_db()
    assert (done.reason, done.signs) == ("", [])


def test_the_digests_of_what_was_seen_do_not_outlive_a_takedown(chief):
    record, absorbed = contradicted(), contradicted("Wrong, too")
    dismissals = [dismiss(one, actor=chief) for one in (record, absorbed)]
    bystander = dismiss(contradicted("Bystander"), actor=chief)
    merge(survivor_id=record.pk, absorbed_id=absorbed.pk, actor=chief)
    take_down_field(record, "valid_from", actor=chief, reason="order")
    for done in dismissals:
        done.refresh_from_db()
        assert done.signs == []
    bystander.refresh_from_db()
    assert bystander.signs


@pytest.mark.parametrize("is_merged", [True, False])
def test_the_word_about_a_record_that_is_gone_since_is_not_taken_back(chief, is_merged):
    record = contradicted()
    done = dismiss(record, actor=chief)
    if is_merged:
        merge(survivor_id=make_record("Right").pk, absorbed_id=record.pk, actor=chief)
    else:
        suppress(record, actor=chief, reason="order")
    with pytest.raises(RadarError, match="merged or taken down since"):
        take_back_dismissal(done, actor=chief)
    done.refresh_from_db()
    assert done.superseded_at is None


def test_the_radar_dismisses_nothing_that_it_does_not_list_nor_for_who_may_not_judge(chief):
    with pytest.raises(RadarError, match="does not list"):
        dismiss(make_record("Right"), actor=chief)
    with pytest.raises(PermissionDenied):
        dismiss(contradicted(), actor=User.objects.create_user("nobody"))
    assert not Dismissal.objects.exists()


# --- One event in words ----------------------------------------------------------------------------------------------
def told(about, **fields):
    base = {
        "pk": 1, "type": "edited", "entity": about, "entity_id": about.pk, "other": None, "other_id": None,
        "actor_id": None, "actor": None, "reason": "", "happened_at": None, "before": {}, "after": {},
    }  # fmt: skip
    return lines_of([SimpleNamespace(**(base | fields))], about)[0]


@pytest.mark.parametrize(
    ("kind", "said"),
    [("person", "“Born” was set, “Died” was changed"), ("organization", "“Founded” was set, “Dissolved” was changed")],
)
def test_dates_are_told_in_the_words_of_the_kind(kind, said):
    line = told(
        Entity(pk=1, name="Persia", kind=kind), before={"valid_to": "1990"},
        after={"valid_from": "1950", "valid_to": "1991"},
    )  # fmt: skip
    assert line.what == f"This record was edited: {said}"


def test_an_edit_is_told_with_what_stood_before():
    line = told(
        Entity(pk=1, name="Persia"), before={"name": "Perisa", "kind": "state"},
        after={"name": "Persia", "kind": "state"},
    )  # fmt: skip
    assert line.what == "This record was edited: the name was changed"
    assert line.who == "the program"
    assert line.changes == (("name", "Perisa", "Persia"),)


def test_a_merge_names_the_other_record():
    one, other = Entity(pk=1, name="Vladimir Putin"), Entity(pk=2, name="V. Putin")
    line = told(one, type="merged", other=other, other_id=2, actor_id=1, actor="anna", reason="same man")
    assert line.what == "‹V. Putin› was merged into this record"
    assert (line.who, line.why, line.other) == ("anna", "same man", other)


def test_long_values_are_cut():
    line = told(Entity(pk=1, name="A"), after={"attributes": {"note": "x" * 5000}})
    assert len(line.changes[0][2]) <= 200


# --- What may be erased ----------------------------------------------------------------------------------------------
def test_what_an_event_says_is_erased_and_that_it_happened_stays(chief):
    a = create_record(Entity(kind="person", name="A"), chief)
    made = timezone.now()
    for text in ("a secret", "a lie", "harmless"):
        a.description = text
        edit_record(a, chief, reason=f"to {text}")
    lie = a.events.get(after__description="a lie")
    done = erase_events([lie.pk], actor=chief, reason="court order 12")
    lie.refresh_from_db()
    assert (lie.before, lie.reason, lie.after) == ({}, "", {"erased": done.pk, "fields": ["description"]})
    assert (lie.actor, lie.entity) == (chief, a)
    assert not any(one.count for one in inspect(store=False) if one.name in ("fields_replay", "erasures_told"))
    line = history_of(a)[1]
    assert line.what == "This record was edited: the description; what it said was erased"
    assert line.changes == ()
    state = state_at(a, made)
    assert (state.fields["description"], state.erased) == ("", set()), "an earlier event tells what was before it"
    earliest = a.events.get(after__description="a secret")
    erase_events([earliest.pk, lie.pk], actor=chief, reason="court order 13")
    assert Erasure.objects.get(reason="court order 13").events == 1, "what was erased before is left as it is"
    state = state_at(a, made)
    assert (state.fields["description"], state.erased) == (None, {"description"})
    page = Client()
    page.force_login(chief)
    html = page.get(f"/admin/curation/history/{a.pk}/?on={timezone.localdate()}").content.decode()
    assert "to a lie" not in html
    assert "what it said was erased" in html


def test_an_erased_merge_is_still_undone_and_told_in_the_feed(chief):
    a, b = make_record("A", description="one"), make_record("B", description="two")
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=chief, fields={"description": b.pk}, reason="hearsay")
    erase_events([done.inverse["event"]], actor=chief, reason="court order 12")
    assert [change.type for change in changes_since(types=["merged"]).changes] == ["merged"]
    undo(done, actor=chief)
    a.refresh_from_db()
    assert a.description == "one"
    wanted = ("one_event_each", "journals_replay", "fields_replay", "merges_stand")
    assert not any(one.count for one in inspect(store=False) if one.name in wanted)


def test_erasing_needs_the_permission_and_a_ground(chief):
    a = create_record(Entity(kind="person", name="A"), chief)
    event = a.events.get()
    with pytest.raises(PermissionDenied):
        erase_events([event.pk], actor=User.objects.create_user("new"), reason="because")
    with pytest.raises(PermissionDenied):
        erase_events([event.pk], actor=None, reason="because")
    with pytest.raises(ErasingError, match="ground"):
        erase_events([event.pk], actor=chief, reason=" ")
    with pytest.raises(ErasingError, match="There is no event"):
        erase_events([event.pk, 999_999], actor=chief, reason="because")
    with pytest.raises(CommandError, match="No event is meant"):
        call_command("erase_events", actor="chief", reason="because")
    call_command("erase_events", record=a.public_id, actor="chief", reason="because", dry_run=True)
    event.refresh_from_db()
    assert event.after["name"] == "A"
    call_command("erase_events", record=a.public_id, actor="chief", reason="because")
    event.refresh_from_db()
    assert "name" not in event.after


def test_a_tombstone_without_an_erasure_is_a_breach(chief):
    a = create_record(Entity(kind="person", name="A"), chief)
    a.events.update(before={}, after={"erased": 77, "fields": []}, reason="")
    assert [one.name for one in inspect(store=False) if one.count and one.name == "erasures_told"]


def test_facts_and_verdicts_are_told_in_words(chief):
    a, b = make_record("A"), make_record("B")
    state = make_record("Ruritania", "state")
    save_fact(Term(entity=a, title="King", state=state, start="1870", end="1895"), chief)
    verdict = judge(a.pk, b.pk, "different", actor=chief)
    lines = history_of(a)
    assert lines[0].what == "A verdict: this record and ‹B› are two, not one"
    assert lines[1].changes == (("office", "", "King of Ruritania, 1870 – 1895"),)
    take_back_verdict(verdict, actor=chief)
    line = history_of(a)[0]
    assert (line.what, line.why) == ("Taken back: the verdict that this record and ‹B› are two, not one", "")
