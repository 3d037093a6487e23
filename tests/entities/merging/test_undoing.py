"""Undo and redo: what comes back, what waits, where later edits go."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from entities import editing, judging
from entities.candidates import CandidateIndex
from entities.history import history_of, state_at
from entities.importing import import_files
from entities.invariants import inspect
from entities.merging import (
    MergeError,
    UndoNeedsChoices,
    merge,
    merge_many,
    plan_undo,
    plan_undo_together,
    redo,
    undo,
    undo_together,
)
from entities.models import Alias, DuplicateSuggestion, Entity, Event, Identifier, Judgement, Merge, SourceRecord
from tests.entities.dump import dump
from tests.entities.merging.making import identify, judge
from tests.factories import make_alias, make_record

pytestmark = pytest.mark.django_db


def test_merge_then_undo_leaves_every_byte_as_it_was(assads, merger):
    a, b, _ = assads
    c = make_record("Somebody else")
    judge(b, c, "different")
    DuplicateSuggestion.objects.create(a=a, b=b, probability=0.9)
    before = dump()
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger, fields={"name": b.pk})
    assert dump() != before
    undo(done, actor=merger)
    assert dump() == before


def test_undo_redo_undo_comes_back_to_the_same(assads, merger):
    a, b, _ = assads
    before = dump()
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger, fields={"description": a.pk})
    undo(done, actor=merger)
    again = redo(done, actor=merger)
    a.refresh_from_db()
    assert a.description == ""
    assert Entity.objects.resolve(b.public_id) == a
    undo(again, actor=merger)
    assert dump() == before
    with pytest.raises(MergeError, match="nothing to redo"):
        redo(merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger), actor=merger)


def test_undo_is_idempotent_and_leaves_one_event(assads, merger):
    a, b, _ = assads
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    undo(done, actor=merger)
    undo(done.pk, actor=merger)
    assert list(Event.objects.filter(other=b).values_list("type", flat=True)) == ["merged", "restored"]


def test_more_than_two_are_merged_at_once_and_taken_apart_again(merger):
    a, b, c, d = (make_record(f"Name {n}", description=f"text {n}", aliases=["Shared"]) for n in range(4))
    before = dump()
    done = merge_many(
        survivor_id=a.pk, absorbed_ids=[d.pk, b.pk, c.pk], actor=merger, fields={"description": c.pk, "name": d.pk}
    )
    a.refresh_from_db()
    assert (a.name, a.description) == ("Name 3", "text 2")
    assert a.aliases.in_use().filter(name="Shared").count() == 1
    assert {Entity.objects.resolve(one.public_id) for one in (b, c, d)} == {a}
    undo_together(done[0], actor=merger)
    assert dump() == before


def test_a_chain_is_undone_in_reverse_order_only_and_the_refusal_names_the_later_merge(merger):
    a, b, c = make_record("A"), make_record("B"), make_record("C")
    before = dump()
    first = merge(survivor_id=b.pk, absorbed_id=a.pk, actor=merger)
    second = merge(survivor_id=c.pk, absorbed_id=b.pk, actor=merger)
    with pytest.raises(MergeError, match=rf"‹B› was itself merged into ‹C› later \(merge {second.pk}, .*by merger"):
        undo(first, actor=merger)
    undo(second, actor=merger)
    a.refresh_from_db()
    assert a.merged_into_id == b.pk
    undo(first, actor=merger)
    assert dump() == before


def test_merges_into_one_record_come_apart_in_any_order_if_they_do_not_touch(merger):
    a, b, c = make_record("A"), make_record("B"), make_record("C")
    before = dump()
    first = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    second = merge(survivor_id=a.pk, absorbed_id=c.pk, actor=merger)
    undo(first, actor=merger)
    assert set(a.aliases.in_use().values_list("name", flat=True)) == {"A", "C"}
    undo(second, actor=merger)
    assert dump() == before


def test_a_merge_that_a_later_one_builds_upon_waits_for_it(merger):
    a, b, c = make_record("A"), make_record("B", aliases=["Shared"]), make_record("C", aliases=["Shared"])
    first = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    merge(survivor_id=a.pk, absorbed_id=c.pk, actor=merger)  # C's "Shared" was withdrawn for B's
    with pytest.raises(MergeError, match="‹C› was merged into ‹A› later"):
        undo(first, actor=merger)


def test_later_edits_are_listed_and_go_where_they_are_sent(merger):
    a, b = make_record("A", description="old"), make_record("B", aliases=["Bee"])
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    Entity.objects.filter(pk=a.pk).update(description="about B")
    Alias.objects.filter(name="Bee").update(is_weak=True)
    new, other = make_alias(a, "B. the Great"), make_alias(a, "A. the Small")
    with pytest.raises(UndoNeedsChoices) as raised:
        undo(done, actor=merger)
    keys = {edit.key for edit in raised.value.plan.edits}
    bee = Alias.objects.get(name="Bee")
    assert keys == {
        "field:description",
        f"entities.alias:{bee.pk}",
        f"entities.alias:{new.pk}",
        f"entities.alias:{other.pk}",
    }
    with pytest.raises(MergeError, match="no choice"):
        undo(done, actor=merger, choices={"field:description": "elsewhere"})
    undo(done, actor=merger, choices={"field:description": "absorbed", f"entities.alias:{new.pk}": "absorbed"})
    a.refresh_from_db()
    b.refresh_from_db()
    assert (a.description, b.description) == ("old", "about B")
    assert set(a.aliases.values_list("name", flat=True)) == {"A", "A. the Small"}
    assert set(b.aliases.values_list("name", flat=True)) == {"B", "Bee", "B. the Great"}


def test_a_later_edit_may_stay_or_be_dropped(merger):
    a, b = make_record("A"), make_record("B", description="of B", valid_from="1900", aliases=["Bee"])
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    Entity.objects.filter(pk=a.pk).update(description="newer", valid_from="1901")
    bee = Alias.objects.get(name="Bee")
    Alias.objects.filter(pk=bee.pk).update(withdrawn_at=timezone.now())
    undo(
        done, actor=merger,
        choices={"field:description": "survivor", "field:valid_from": "drop", f"entities.alias:{bee.pk}": "survivor"},
    )  # fmt: skip
    a.refresh_from_db()
    bee.refresh_from_db()
    assert (a.description, a.valid_from) == ("newer", "")
    assert bee.entity_id == a.pk


def test_a_contested_identifier_is_settled_by_the_merge_and_contested_again_after_its_undo(merger):
    a, b = make_record("A"), make_record("B")
    identify(a, "wikidata", "Q5")
    identify(b, "wikidata", "Q5", is_contested=True)
    before = dump()
    done = merge(survivor_id=b.pk, absorbed_id=a.pk, actor=merger)
    kept = Identifier.objects.in_use().get()
    assert (kept.entity_id, kept.is_contested) == (b.pk, False)
    undo(done, actor=merger)
    assert dump() == before


def test_an_identifier_that_was_claimed_meanwhile_comes_back_contested(merger):
    a, b, c = make_record("A"), make_record("B"), make_record("C")
    identify(a, "wikidata", "Q5", is_contested=True)
    theirs = identify(b, "wikidata", "Q5")
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    Identifier.objects.in_use().update(withdrawn_at=timezone.now())
    identify(c, "wikidata", "Q5")
    undo(done, actor=merger, choices={})
    theirs.refresh_from_db()
    assert (theirs.entity_id, theirs.withdrawn_at, theirs.is_contested) == (b.pk, None, True)


def test_the_plan_says_what_goes_back(assads, merger):
    a, b, _ = assads
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    plan = plan_undo(done)
    assert plan.is_exact
    assert plan.rows["alias"] == 3
    undo(done, actor=merger)
    assert plan_undo(Merge.objects.get()).refusal == "This merge was undone already."


def feed(tmp_path, **rows):
    """Import rows of one source, by key."""
    path = tmp_path / "feed.jsonl"
    base = {"kind": "person", "source": "Feed", "source_licence": "CC0-1.0"}
    path.write_text("".join(json.dumps({"key": key, **base, **row}) + "\n" for key, row in rows.items()))
    assert not import_files([path]).errors


def test_a_changed_row_withdraws_nothing_that_another_row_of_its_source_said(tmp_path):
    feed(tmp_path, a={"name": "Ann"}, b={"name": "Bea", "aliases": [{"name": "Beatrice"}]})
    a, b = (SourceRecord.objects.get(key=key).entity for key in "ab")
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=None)
    feed(tmp_path, a={"name": "Ann", "description": "changed"})
    assert set(a.aliases.in_use().values_list("name", flat=True)) == {"Ann", "Bea", "Beatrice"}
    feed(tmp_path, b={"name": "Bea", "description": "of b", "aliases": [{"name": "Trixie"}]})
    a.refresh_from_db()
    assert set(a.aliases.in_use().values_list("name", flat=True)) == {"Ann", "Bea", "Trixie"}
    assert a.description == "changed", "a row whose record was merged changes no field of the survivor"
    assert [edit.default for edit in plan_undo(done).edits if "Trixie" in edit.text] == ["absorbed"]


def test_a_record_whose_row_was_renamed_while_it_was_merged_is_found_by_its_own_name_afterwards(tmp_path):
    feed(tmp_path, a={"name": "Ann"}, b={"name": "Bea"})
    a, b = (SourceRecord.objects.get(key=key).entity for key in "ab")
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=None)
    feed(tmp_path, b={"name": "Beatrice"})
    assert not Alias.objects.in_use().filter(name="Bea").exists()
    undo(done, actor=None, choices={})
    b.refresh_from_db()
    assert b.name == "Bea"
    assert set(b.aliases.in_use().values_list("name", flat=True)) == {"Bea", "Beatrice"}
    assert b.pk in {one.entity_id for one in CandidateIndex().exact(["Bea"])["Bea"]}
    redo(done, actor=None)
    assert set(a.aliases.in_use().values_list("name", flat=True)) == {"Ann", "Bea", "Beatrice"}


def test_an_import_that_renames_a_record_back_makes_it_findable_by_that_name(tmp_path):
    for name in ("Ann", "Anna", "Ann"):
        feed(tmp_path, a={"name": name})
    record = SourceRecord.objects.get(key="a").entity
    assert record.name == "Ann"
    assert record.aliases.in_use().filter(name="Ann").exists()


def test_what_was_added_since_may_be_dropped_and_dropping_is_offered_last(merger):
    a, b, c = make_record("A"), make_record("B"), make_record("C")
    first = merge_many(survivor_id=a.pk, absorbed_ids=[b.pk, c.pk], actor=merger)[0]
    new = make_alias(a, "A mistake")
    Entity.objects.filter(pk=a.pk).update(valid_from="1950")
    edits = {edit.key: edit for edit in plan_undo_together(first).edits}
    assert [[value for value, _ in edit.options][-1] for edit in edits.values()] == ["drop", "drop"]
    assert edits["field:valid_from"].text.startswith("“Born” was set to “1950”")
    undo_together(first, actor=merger, choices=dict.fromkeys(edits, "drop"))
    new.refresh_from_db()
    assert (new.entity_id, new.withdrawn_at is None) == (a.pk, False)
    a.refresh_from_db()
    assert a.valid_from == ""


def test_where_later_changes_go_is_named_as_the_records_will_be_called(merger):
    a, b = make_record("Josaia Bainimarama"), make_record('Voreqe "Frank" Bainimarama')
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger, fields={"name": b.pk})
    make_alias(a, "Frank")
    done.refresh_from_db()
    (edit,) = plan_undo(done).edits
    assert [words for _, words in edit.options] == [
        "‹Josaia Bainimarama›", '‹Voreqe "Frank" Bainimarama›', "drop it",
    ]  # fmt: skip


def test_places_that_look_alike_by_name_are_told_apart(merger):
    a, b = make_record("Ion Iliescu", valid_from="1930"), make_record("Ion ILIESCU", description="A footballer")
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger, fields={"description": b.pk})
    make_alias(a, "Iliescu")
    (edit,) = plan_undo(Merge.objects.get(pk=done.pk)).edits
    assert [words for _, words in edit.options] == [
        f"‹Ion Iliescu› (person, 1930, {a.public_id})", f"‹Ion ILIESCU› (person, A footballer, {b.public_id})",
        "drop it",
    ]  # fmt: skip


def test_the_history_of_both_tells_where_an_undo_sent_what_was_written_since(merger):
    a, b = make_record("One", valid_from="1950"), make_record("Two", valid_from="1950")
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    merged = timezone.now()
    sent = editing.save_fact(Alias(entity=Entity.objects.get(pk=a.pk), name="Sent"), merger)
    dropped = editing.save_fact(Alias(entity=Entity.objects.get(pk=a.pk), name="Dropped"), merger)
    record = Entity.objects.get(pk=a.pk)
    record.description = "Of Two"
    editing.edit_record(record, merger)
    choices = {
        f"entities.alias:{sent.pk}": "absorbed", f"entities.alias:{dropped.pk}": "drop", "field:description": "absorbed",
    }  # fmt: skip
    undo(done, actor=merger, choices=choices)
    a.refresh_from_db()
    b.refresh_from_db()
    assert (a.description, b.description) == ("", "Of Two")
    (line,) = [line for line in history_of(a) if line.type == "restored"]
    assert line.moved == (
        "The name “Sent”, written since the merge, went to ‹Two›",
        "The description, written since the merge, went to ‹Two›",
        "The name “Dropped”, written since the merge, was dropped",
    )
    edited, line = history_of(b)[:2]
    assert line.moved[0] == "The name “Sent”, written since the merge, came from ‹One›"
    assert line.changes == (), "the fields of the other record are its own"
    assert edited.changes == (("description", "", "Of Two"),)
    assert state_at(b, merged).fields["description"] == ""
    assert "Sent" in {row["name"] for row in state_at(b, timezone.now()).aliases}
    replayed = [check for check in inspect(store=False) if check.name != "index_complete"]  # factories index nothing
    assert [check.examples for check in replayed if check.count] == []


def test_what_was_taken_down_since_is_not_told_by_the_history_of_an_undo(merger):
    a, b = make_record("One"), make_record("Two")
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    sent = editing.save_fact(Alias(entity=Entity.objects.get(pk=a.pk), name="Secret"), merger)
    undo(done, actor=merger, choices={f"entities.alias:{sent.pk}": "absorbed"})
    Alias.objects.filter(pk=sent.pk).delete()
    (line,) = [line for line in history_of(a) if line.type == "restored"]
    assert line.moved == ("A name, written since the merge, went to ‹Two›",)


def test_a_verdict_on_a_pair_that_was_judged_anew_since_stays_superseded(merger):
    one, two, other = (make_record(name) for name in ("Kept", "Absorbed", "Third"))
    older = judge(one, other, "same")
    judge(two, other, "different")
    done = merge(survivor_id=one.pk, absorbed_id=two.pk, actor=merger, override=True, reason="they are one")
    chief = User.objects.create_superuser("chief")
    latest = judging.judge(one.pk, other.pk, "unsure", actor=chief)
    undo(done.pk, actor=merger)
    assert [row.verdict for row in Judgement.objects.filter(a=one, b=other, superseded_at=None)] == ["unsure"]
    assert latest.superseded_at is None
    older.refresh_from_db()
    assert older.superseded_at is not None
    assert Judgement.objects.get(a=two, b=other).verdict == "different"
