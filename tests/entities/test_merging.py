"""Merge, undo, redo, split: what moves, what is refused, what comes back."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from entities import merging
from entities.candidates import CandidateIndex
from entities.importing import import_files
from entities.merging import (
    MergeError,
    UndoNeedsChoices,
    contradictions,
    impact,
    merge,
    merge_many,
    plan_undo,
    propose_fields,
    propose_survivor,
    redo,
    redo_split,
    split,
    undo,
    undo_split,
    undo_together,
)
from entities.models import (
    Alias,
    DuplicateSuggestion,
    Entity,
    Event,
    Identifier,
    Judgement,
    Merge,
    Relation,
    SourceRecord,
    Term,
)
from tests.entities.dump import dump
from tests.factories import make_alias, make_record, make_term

pytestmark = pytest.mark.django_db


def make_merger(name: str = "merger") -> User:
    user = User.objects.create_user(name)
    user.user_permissions.add(Permission.objects.get(codename="merge_entity"))
    return user


@pytest.fixture
def merger() -> User:
    return make_merger()


def identify(entity: Entity, scheme: str, value: str, **more) -> Identifier:
    return Identifier.objects.create(entity=entity, origin=entity, scheme=scheme, value=value, **more)


def relate(entity: Entity, type_: str, target: Entity, **more) -> Relation:
    return Relation.objects.create(entity=entity, origin=entity, type=type_, target=target, **more)


def judge(a: Entity, b: Entity, verdict: str, actor=None) -> Judgement:
    first, second = sorted((a, b), key=lambda record: record.pk)
    return Judgement.objects.create(a=first, b=second, verdict=verdict, actor=actor)


@pytest.fixture
def assads():
    """Two records of one person, with facts that agree, differ and refer to a third."""
    syria = make_record("Syria", "state")
    a = make_record("Bashar al-Assad", valid_from="1965", aliases=["Assad", "Bashar Assad"], prominence=2)
    b = make_record(
        "Bashar al-Asad", valid_from="1965-09-11", aliases=["Assad", {"name": "بشار الأسد", "lang": "ar"}],
        description="Former president", prominence=1, attributes={"gender": "male"},
    )  # fmt: skip
    make_term(a, "President", state=syria, start="2000", end="2024")
    make_term(b, "President", state=syria, start="2000", end="2024")
    make_term(b, "Party leader", start="2000")
    identify(b, "wikidata", "Q44329")
    relate(a, "state", syria)
    relate(b, "state", syria)
    SourceRecord.objects.create(source_name="file", key="b", entity=b, origin=b, content_hash="x")
    return a, b, syria


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


def test_a_merge_fills_what_is_empty_and_prefers_the_more_precise_day(assads, merger):
    a, b, _ = assads
    merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    a.refresh_from_db()
    assert (a.name, a.valid_from, a.description, a.prominence) == (
        "Bashar al-Assad", "1965-09-11", "Former president", 1,
    )  # fmt: skip
    assert a.attributes == {"gender": "male"}


def test_the_curator_chooses_a_fields_winner_and_no_import_changes_it_any_more(assads, merger):
    a, b, _ = assads
    merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger, fields={"name": b.pk, "valid_from": a.pk})
    a.refresh_from_db()
    assert (a.name, a.valid_from) == ("Bashar al-Asad", "1965")
    assert {"name", "valid_from"} <= set(a.curated_fields)
    assert a.aliases.in_use().filter(name="Bashar al-Assad").exists()


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


@pytest.mark.parametrize(
    ("one", "other", "sentence"),
    [
        ({"kind": "person"}, {"kind": "organization"}, "of kind"),
        ({"valid_from": "1949-10-02"}, {"valid_from": "1970"}, "born in 1949"),
        ({"valid_to": "1991"}, {"valid_to": "2003-01"}, "died in 1991"),
    ],
)
def test_contradictions_block_a_merge_until_somebody_says_why(one, other, sentence, merger):
    a, b = make_record("A Name", **one), make_record("A Name", **other)
    with pytest.raises(MergeError, match=sentence):
        merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    with pytest.raises(MergeError, match="Say why"):
        merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger, override=True, reason=" ")
    assert not Merge.objects.exists()
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger, override=True, reason="the book is wrong")
    assert sentence in done.inverse["in_spite_of"][0]


def test_two_wikidata_ids_block_a_merge(merger):
    a, b = make_record(), make_record()
    identify(a, "wikidata", "Q1")
    identify(b, "wikidata", "Q2")
    assert contradictions(a, b) == ["Their wikidata ids differ: Q1 and Q2."]
    with pytest.raises(MergeError, match="Q1 and Q2"):
        merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)


def test_a_verdict_of_different_blocks_a_merge_also_after_others_were_merged(merger):
    a, b, c = make_record(), make_record(), make_record()
    judge(a, b, "different", merger)
    with pytest.raises(MergeError, match="merger said on"):
        merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    merge(survivor_id=c.pk, absorbed_id=b.pk, actor=merger)
    with pytest.raises(MergeError, match="different"):
        merge(survivor_id=a.pk, absorbed_id=c.pk, actor=merger)
    merge(survivor_id=a.pk, absorbed_id=c.pk, actor=merger, override=True, reason="proved by the register")
    assert not Judgement.objects.filter(verdict="different", superseded_at=None).exists()


def test_a_record_that_follows_the_other_is_not_the_same(merger):
    ussr, russia = make_record("Soviet Union", "state"), make_record("Russia", "state")
    relate(ussr, "successor", russia)
    with pytest.raises(MergeError, match="was followed by"):
        merge(survivor_id=russia.pk, absorbed_id=ussr.pk, actor=merger)
    merge(survivor_id=russia.pk, absorbed_id=ussr.pk, actor=merger, override=True, reason="test")
    assert not Relation.objects.in_use().exists()  # nothing follows itself


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


def test_several_merges_are_all_or_none(merger):
    a, b, c = make_record("A", valid_from="1950"), make_record("B"), make_record("C", valid_from="1960")
    before = dump()
    with pytest.raises(MergeError, match="born"):
        merge_many(survivor_id=a.pk, absorbed_ids=[b.pk, c.pk], actor=merger)
    assert dump() == before
    assert not Event.objects.exists()


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


def test_the_better_known_record_is_proposed_then_the_older(merger):
    a, b, c = make_record(prominence=2), make_record(prominence=1), make_record(prominence=2)
    assert propose_survivor(a, b) == b
    assert propose_survivor(c, a) == a


def test_a_persons_word_is_proposed_over_an_imports(merger):
    a, b = make_record(description="imported"), make_record(description="written", curated_fields=["description"])
    assert propose_fields(a, b)["description"] == b.pk


def test_the_impact_is_known_before(assads):
    a, b, _ = assads
    told = impact(a, [b])
    assert told.facts == {"alias": 3, "identifier": 1, "term of office": 2, "relation": 1}
    assert told.redirects == 1


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


# --- Split -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def conflated():
    """One record that holds two people."""
    record = make_record("John Smith", aliases=["J. Smith", "John Smith of Texas"])
    make_term(record, "Senator", start="1990")
    make_term(record, "Minister", start="1800")
    identify(record, "viaf", "77")
    return record


def parts(record: Entity) -> dict[str, list[int]]:
    return {
        "aliases": [record.aliases.get(name="John Smith of Texas").pk],
        "terms": [record.terms.get(title="Senator").pk],
        "identifiers": [record.identifiers.get().pk],
    }


def test_a_split_makes_a_record_of_what_was_chosen_and_remembers_different(conflated, merger):
    done = split(
        source_id=conflated.pk, name="John Smith", fields={"valid_from": "1950"}, rows=parts(conflated), actor=merger
    )
    new = done.target
    assert set(new.aliases.values_list("name", flat=True)) == {"John Smith", "John Smith of Texas"}
    assert new.terms.get().title == "Senator"
    assert (new.kind, new.valid_from) == ("person", "1950")
    assert conflated.terms.get().title == "Minister"
    with pytest.raises(MergeError, match="different"):
        merge(survivor_id=conflated.pk, absorbed_id=new.pk, actor=merger)
    assert list(Event.objects.order_by("pk").values_list("type", flat=True)) == ["created", "split"]


def test_a_split_into_a_new_record_is_undone_and_its_id_goes_on_answering(conflated, merger):
    before = dump()
    done = split(source_id=conflated.pk, name="John Smith", rows=parts(conflated), actor=merger)
    public_id = done.target.public_id
    undo_split(done, actor=merger)
    assert Entity.objects.resolve(public_id) == conflated
    assert dump(without=[done.target_id]) == before  # but for the redirect, all is as it was


def test_what_was_added_to_a_split_off_record_goes_home_with_it(conflated, merger):
    done = split(source_id=conflated.pk, name="John Smith", rows=parts(conflated), actor=merger)
    make_alias(done.target, "Smith of Austin")
    undo_split(done, actor=merger)
    assert conflated.aliases.in_use().filter(name="Smith of Austin").exists()
    assert not Alias.objects.filter(entity=done.target).exists()


def test_a_split_into_another_record_and_back_leaves_every_byte_as_it_was(conflated, merger):
    other = make_record("Jack Smith", aliases=["John Smith of Texas"])
    before = dump()
    done = split(source_id=conflated.pk, target_id=other.pk, rows=parts(conflated), actor=merger)
    assert other.aliases.in_use().filter(name="John Smith of Texas").count() == 1
    undo_split(done, actor=merger)
    undo_split(done, actor=merger)
    assert dump() == before


def test_a_split_is_redone_and_undone_again(conflated, merger):
    done = split(source_id=conflated.pk, name="John Smith", rows=parts(conflated), actor=merger)
    apart = dump()
    undo_split(done, actor=merger)
    together = dump()
    redo_split(done, actor=merger)
    assert dump() == apart
    undo_split(done, actor=merger)
    assert dump() == together
    with pytest.raises(MergeError, match="no undone split"):
        redo_split(redo_split(done, actor=merger), actor=merger)


def test_a_redirect_can_go_with_a_split(merger):
    a, b = make_record("A"), make_record("B", aliases=["Bee"])
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    names = list(a.aliases.filter(name__startswith="B").values_list("pk", flat=True))
    new = split(source_id=a.pk, name="B again", rows={"redirects": [b.pk], "aliases": names}, actor=merger)
    assert Entity.objects.resolve(b.public_id) == new.target
    with pytest.raises(MergeError, match=r"sent to ‹B again› later \(split"):
        undo(done, actor=merger)
    undo_split(new, actor=merger)
    undo(done, actor=merger)
    assert set(b.aliases.in_use().values_list("name", flat=True)) == {"B", "Bee"}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"name": ""}, "Give the new record a name"),
        ({"name": "X", "rows": {"aliases": [10**9]}}, "are not"),
        ({"name": "X", "fields": {"merged_into": 1}}, "does not set"),
        ({"name": "X", "fields": {"valid_from": "19"}}, "cannot be stored"),
    ],
)
def test_a_split_that_makes_no_sense_is_refused(conflated, merger, more, sentence):
    before = dump()
    with pytest.raises(MergeError, match=sentence):
        split(source_id=conflated.pk, actor=merger, **more)
    assert dump() == before


def test_the_records_own_name_stays(conflated, merger):
    own = conflated.aliases.get(name="John Smith")
    with pytest.raises(MergeError, match="own name"):
        split(source_id=conflated.pk, name="New", rows={"aliases": [own.pk]}, actor=merger)


def test_the_plan_says_what_goes_back(assads, merger):
    a, b, _ = assads
    done = merge(survivor_id=a.pk, absorbed_id=b.pk, actor=merger)
    plan = plan_undo(done)
    assert plan.is_exact
    assert plan.rows["alias"] == 3
    undo(done, actor=merger)
    assert plan_undo(Merge.objects.get()).refusal == "This merge was undone already."


# --- Imports after a merge -------------------------------------------------------------------------------------------
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


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({}, ""),
        ({"alias": 1}, "1 alias"),
        ({"alias": 3, "mention": 14, "record": 2}, "2 records, 14 mentions and 3 aliases"),
        ({"record": 1, "term of office": 2, "relation": 0}, "1 record and 2 terms of office"),
        ({"mention": 1234, "relation": 1, "runner-up": 2},
         "1,234 mentions, 1 tie to another record and 2 second choices of mentions"),
        ({"cup": 2, "record": 1}, "1 record and 2 cups"),
    ],
)  # fmt: skip
def test_counts_are_told_as_a_curator_says_them(rows, words):
    assert merging.counts_in_words(rows) == words


def test_every_sort_of_row_has_words_of_its_own():
    assert set(merging._SORT_WORDS.values()) == set(merging._COUNTED)
