"""Splits: what goes, what is refused, what comes back."""

from __future__ import annotations

import pytest

from entities.merging import MergeError, merge, redo_split, split, undo, undo_split
from entities.models import Alias, Entity, Event
from tests.entities.dump import dump
from tests.entities.merging.making import identify
from tests.factories import make_alias, make_record, make_term

pytestmark = pytest.mark.django_db


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
