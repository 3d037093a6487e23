"""Merges: what moves, what is refused, what is said of it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from entities.merging import MergeError, merge, merge_many, split, undo
from entities.models import Alias, DuplicateSuggestion, Entity, Event, Judgement, Term
from entities.signals import entity_merged
from tests.entities.dump import dump
from tests.entities.merging.making import judge, relate
from tests.factories import make_record, make_term

pytestmark = pytest.mark.django_db


def test_a_merge_moves_every_fact_and_withdraws_what_the_survivor_says_already(assads, merger):
    a, b, _ = assads
    merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    a.refresh_from_db()
    names = list(a.aliases.in_use().values_list("name", flat=True))
    assert sorted(names) == sorted(["Bashar al-Assad", "Assad", "Bashar Assad", "Bashar al-Asad", "بشار الأسد"])
    assert a.terms.in_use().count() == 2
    assert a.relations.in_use().count() == 1
    assert a.identifiers.in_use().get().value == "Q44329"
    assert not Alias.objects.filter(entity=b).exists()
    assert not Term.objects.filter(entity=b).exists()
    assert a.source_records.get().origin_id == b.pk
    assert a.aliases.get(name="بشار الأسد").origin_id == b.pk


def test_the_absorbed_id_answers_with_the_survivor_for_ever(assads, merger):
    a, b, _ = assads
    merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    assert Entity.objects.resolve(b.public_id) == a
    c = make_record("Assad of Syria")
    merge(survivor_id=c.pk, absorbed_id=a.pk, actor=merger)
    b.refresh_from_db()
    assert b.merged_into_id == c.pk  # flat: one step
    assert Entity.objects.resolve(b.public_id) == Entity.objects.resolve(a.public_id) == c


def test_what_refers_to_the_absorbed_record_refers_to_the_survivor(merger):
    old, new = make_record("Burma", "state"), make_record("Myanmar", "state")
    ne_win = make_record("Ne Win")
    term = make_term(ne_win, "Prime Minister", state=old, start="1958")
    asean = make_record("ASEAN", "organization")
    member = relate(asean, "member", old)
    double = relate(asean, "member", new, start="1997")
    twin = relate(asean, "member", old, start="1997")
    done = merge(survivor_id=new.pk, absorbed_id=old.pk, actor=merger)
    for row in (term, member, double, twin):
        row.refresh_from_db()
    assert term.state_id == member.target_id == twin.target_id == new.pk
    assert twin.withdrawn_at is not None
    assert double.withdrawn_at is None
    undo(done, actor=merger)
    for row in (term, member, twin):
        row.refresh_from_db()
    assert term.state_id == member.target_id == twin.target_id == old.pk
    assert twin.withdrawn_at is None


def test_merged_or_unknown_records_are_refused_with_a_sentence(merger):
    a, b, c = make_record("A"), make_record("B"), make_record("C")
    merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    with pytest.raises(MergeError, match="‹B› was merged into ‹A›"):
        merge(survivor_id=c.pk, absorbed_id=b.pk, actor=merger)
    with pytest.raises(MergeError, match="‹B› was merged into ‹A›"):
        merge(survivor_id=b.pk, absorbed_id=c.pk, actor=merger)
    with pytest.raises(MergeError, match="itself"):
        merge(survivor_id=a.pk, absorbed_id=a.pk, actor=merger)
    with pytest.raises(MergeError, match="does not exist"):
        merge(survivor_id=a.pk, absorbed_id=10**9, actor=merger)
    with pytest.raises(MergeError, match="must come from"):
        merge(survivor_id=a.pk, absorbed_id=c.pk, actor=merger, fields={"name": b.pk})
    with pytest.raises(MergeError, match="does not choose"):
        merge(survivor_id=a.pk, absorbed_id=c.pk, actor=merger, fields={"merged_into": c.pk})


def test_merging_needs_its_own_permission(assads):
    a, b, _ = assads
    nobody = User.objects.create_user("nobody")
    with pytest.raises(PermissionDenied):
        merge(survivor_id=a.pk, absorbed_id=b.pk, actor=nobody)
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=None)
    with pytest.raises(PermissionDenied):
        undo(done, actor=nobody)
    with pytest.raises(PermissionDenied):
        split(source_id=a.pk, name="New", actor=nobody)


def test_several_merges_are_all_or_none(merger):
    a, b, c = make_record("A", valid_from="1950"), make_record("B"), make_record("C", valid_from="1960")
    before = dump()
    with pytest.raises(MergeError, match="born"):
        merge_many(survivor_id=a.pk, absorbed_ids=[b.pk, c.pk], actor=merger)
    assert dump() == before
    assert not Event.objects.exists()


def test_the_more_careful_of_two_verdicts_stands_after_a_merge(merger):
    a, b, c, d = (make_record() for _ in range(4))
    judge(a, c, "same")
    judge(b, c, "different")
    judge(a, d, "unsure")
    judge(b, d, "same")
    before = dump()
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    live = {row.b_id: row.verdict for row in Judgement.objects.filter(a=a, superseded_at=None)}
    assert live == {c.pk: "different", d.pk: "unsure"}
    undo(done, actor=merger)
    assert dump() == before


def test_suggestions_follow_the_survivor_and_the_pair_itself_is_closed(merger):
    a, b, c = make_record(), make_record(), make_record()
    pair = DuplicateSuggestion.objects.create(a=a, b=b, probability=0.9)
    other = DuplicateSuggestion.objects.create(a=b, b=c, probability=0.7)
    merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    pair.refresh_from_db()
    other.refresh_from_db()
    assert pair.closed_at is not None
    assert (other.a_id, other.b_id, other.closed_at) == (a.pk, c.pk, None)


def test_a_merge_leaves_an_event_with_what_it_changed(assads, merger):
    a, b, _ = assads
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger, reason="one man")
    event = Event.objects.get()
    assert (event.type, event.entity_id, event.other_id, event.reason) == ("merged", a.pk, b.pk, "one man")
    assert event.before["valid_from"] == "1965"
    assert event.after["merge"] == done.pk
    assert event.after["valid_from"] == "1965-09-11"


def test_versions_rise_with_every_write(assads, merger):
    a, b, _ = assads
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    undo(done, actor=merger)
    a.refresh_from_db()
    b.refresh_from_db()
    assert (a.version, b.version) == (3, 3)


def test_other_apps_hear_of_a_merge_and_of_its_undo_once_they_are_stored(
    assads, merger, django_capture_on_commit_callbacks
):
    a, b, _ = assads
    heard = []

    def listen(sender, merge, **_):
        heard.append((merge.pk, merge.undone_at is not None))

    entity_merged.connect(listen)
    try:
        with django_capture_on_commit_callbacks() as callbacks:
            done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
            assert not heard
        for tell in callbacks:
            tell()
        with django_capture_on_commit_callbacks(execute=True):
            undo(done, actor=merger)
    finally:
        entity_merged.disconnect(listen)
    assert heard == [(done.pk, False), (done.pk, True)]
