"""Which record is kept, and which value of a field."""

from __future__ import annotations

import pytest

from entities.merging import merge, propose_fields, propose_survivor
from tests.factories import make_record

pytestmark = pytest.mark.django_db


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


def test_the_better_known_record_is_proposed_then_the_older(merger):
    a, b, c = make_record(prominence=2), make_record(prominence=1), make_record(prominence=2)
    assert propose_survivor(a, b) == b
    assert propose_survivor(c, a) == a


def test_a_persons_word_is_proposed_over_an_imports(merger):
    a, b = make_record(description="imported"), make_record(description="written", curated_fields=["description"])
    assert propose_fields(a, b)["description"] == b.pk
