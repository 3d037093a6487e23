"""Records from Wikidata and FollowTheMoney: good rows, odd ones and broken ones, and what they become in the database."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path

import pytest

from entities.importers import IMPORTERS, ImportRow, RowError, RowSkip
from entities.importers.rows import AliasRow, RelationRow, TermRow
from entities.importing import import_files
from entities.models import Alias, Entity, Identifier, Relation, Term
from tests.factories import make_record

SAMPLES = Path(__file__).parent / "importers"
WIKIDATA, ENTITY_DATA, FTM = SAMPLES / "wikidata.json", SAMPLES / "entitydata.json", SAMPLES / "ftm.jsonl"


def rows(format: str, path: Path) -> list:
    importer = IMPORTERS[format]
    with open(path, encoding="utf-8") as first, open(path, encoding="utf-8") as second:
        return list(importer.read(second, path.name, importer.learn(first, None)))


def by_key(found: list) -> dict[str, ImportRow]:
    return {row.key: row for row in found if isinstance(row, ImportRow)}


def test_wikidata_items_become_rows_of_their_kind():
    found = by_key(rows("wikidata", WIKIDATA))
    assert {key: row.kind for key, row in found.items()} == {
        "Q794": "state", "Q9000003": "person", "Q9000004": "organization", "Q9000005": "agreement",
    }  # fmt: skip


def test_a_wikidata_person_has_terms_with_the_title_that_another_item_gives():
    person = by_key(rows("wikidata", WIKIDATA))["Q9000003"]
    assert person.terms == (TermRow("President of Iran", "Q794", "", "2013-08-03", "2021-08"),)
    assert person.relations == (RelationRow("state", "Q794"),)
    assert (person.fields["valid_from"], person.fields["valid_to"]) == ("1948-11-12", "2020")
    assert AliasRow("اردشیر نمونه", "fa") in person.aliases
    assert [alias.name for alias in person.aliases].count(
        "Ardeshir Example"
    ) == 0  # the same in German is no other name


def test_demonyms_of_wikidata_are_typed_senses():
    iran = by_key(rows("wikidata", WIKIDATA))["Q794"]
    assert AliasRow("Iranian", "en", "demonym") in iran.aliases
    assert ("iso3", "IRN") in iran.identifiers
    assert ("wikipedia", "Iran") in iran.identifiers


def test_a_subclass_counts_and_a_date_before_our_era_is_left_out():
    office = by_key(rows("wikidata", WIKIDATA))["Q9000004"]
    assert (office.name, office.fields["valid_from"]) == ("Bureau d'exemple", "")


def test_a_broken_line_of_a_dump_is_an_error_with_its_number_and_a_town_is_left_out():
    found = rows("wikidata", WIKIDATA)
    errors = [row for row in found if isinstance(row, RowError)]
    assert [(error.file, error.line) for error in errors] == [("wikidata.json", 9)]
    assert "no JSON" in errors[0].reason
    assert {row.reason for row in found if isinstance(row, RowSkip)} == {"of a class that is none of our kinds"}


def test_special_entity_data_over_many_lines_is_one_item():
    assert [row.key for row in rows("wikidata", ENTITY_DATA)] == ["Q794"]


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ({"time": "+1954-09-29T00:00:00Z", "precision": 11}, "1954-09-29"),
        ({"time": "+1954-09-00T00:00:00Z", "precision": 10}, "1954-09"),
        ({"time": "+1954-00-00T00:00:00Z", "precision": 9}, "1954"),
        ({"time": "+1950-00-00T00:00:00Z", "precision": 8}, ""),  # a decade is no date
        ({"time": "-0044-03-15T00:00:00Z", "precision": 11}, ""),
        ("unknown", ""),
    ],
)
def test_wikidata_dates_are_as_exact_as_they_are_known(value, day):
    from entities.importers.wikidata import _day

    assert _day(value) == day


def test_followthemoney_persons_have_the_offices_of_other_lines_and_of_nested_ones():
    found = by_key(rows("ftm", FTM))
    assert found["ex-person"].terms == (
        TermRow("Minister of Examples", "IRN", "", "2005-08", "2009"), TermRow("Adviser", "IRN"),
    )  # fmt: skip
    assert found["ex-nested"].terms == (TermRow("Ambassador", "FRA", "", "1988-01-02", ""),)
    assert found["ex-nested"].relations == (RelationRow("state", "SUN"),)


def test_followthemoney_names_keep_their_sort():
    found = by_key(rows("ftm", FTM))
    assert AliasRow("The Example", "", "", True) in found["ex-person"].aliases
    assert {(alias.name, alias.type) for alias in found["ex-org"].aliases} == {
        ("Sample Lines", "former"),
        ("ESL", "acronym"),
    }
    assert found["ex-person"].fields["valid_from"] == "1948"


def test_what_followthemoney_cannot_give_is_refused_or_left_out():
    found = rows("ftm", FTM)
    errors = {row.line: row.reason for row in found if isinstance(row, RowError)}
    assert set(errors) == {7, 8}
    assert "birthDate is no ISO date" in errors[7]
    assert {row.reason.split(",")[0] for row in found if isinstance(row, RowSkip)} == {
        "of schema Position", "of schema Occupancy", "of schema Vessel",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_wikidata_import_is_whole_and_a_second_one_changes_nothing():
    report = import_files([WIKIDATA], format="wikidata")
    assert (report.created, len(report.errors)) == (4, 1)
    person = Entity.objects.get(name="Ardeshir Example")
    iran = Entity.objects.get(name="Iran")
    assert Term.objects.get(entity=person).state == iran
    assert Relation.objects.get(entity=person, type="state").target == iran
    assert Relation.objects.get(entity__name="Treaty of Example", type="party").target == iran
    again = import_files([WIKIDATA], format="wikidata")
    assert (again.created, again.changed, again.unchanged) == (0, 0, 4)


@pytest.mark.django_db
def test_followthemoney_adds_to_the_record_that_has_the_same_wikidata_id():
    import_files([WIKIDATA], format="wikidata")
    report = import_files([FTM], format="ftm")
    assert (report.created, report.attached) == (2, 1)
    person = Entity.objects.get(name="Ardeshir Example")
    assert Alias.objects.filter(entity=person, name="A. Example").exists()
    assert set(Term.objects.filter(entity=person).values_list("title", flat=True)) == {
        "President of Iran", "Minister of Examples", "Adviser",
    }  # fmt: skip
    assert Identifier.objects.get(scheme="lei").entity.name == "Example Shipping LLC"


@pytest.mark.django_db
@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress)])
def test_a_compressed_dump_is_read_as_it_is(tmp_path, suffix, pack):
    path = tmp_path / f"dump.json.{suffix}"
    path.write_bytes(pack(WIKIDATA.read_bytes()))
    assert import_files([path], format="wikidata").created == 4


@pytest.mark.django_db
def test_an_import_that_was_broken_off_goes_on_where_it_was(tmp_path):
    path = tmp_path / "people.jsonl"
    path.write_text(
        "".join(json.dumps({"key": f"p{n}", "kind": "person", "name": f"Person {n}"}) + "\n" for n in range(9))
    )
    assert import_files([path], limit=4).created == 4
    assert import_files([path], skip=4).created == 5
    assert import_files([path]).unchanged == 9


@pytest.mark.django_db
def test_a_state_is_no_part_of_itself(tmp_path):
    path = tmp_path / "states.jsonl"
    rows = [
        {"key": "ru", "kind": "state", "name": "Russia", "states": ["RUS"], "identifiers": {"iso3": "RUS"}},
        {"key": "su", "kind": "state", "name": "Soviet Union", "states": ["SUN"]},
        {"key": "gl", "kind": "state", "name": "Greenland", "states": ["RUS", "GRL"], "identifiers": {"iso3": "GRL"}},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_files([path])
    assert list(Relation.objects.filter(type="state").values_list("entity__name", "target__name")) == [
        ("Greenland", "Russia")
    ]


@pytest.mark.parametrize("name", ["\u200b\u200b", "\u00ad", "\u3164 "])
def test_a_name_of_which_nothing_shows_is_a_missing_one(name):
    rows = (
        {"key": "a", "kind": "person", "name": name},
        {"key": "b", "kind": "person", "name": "B", "aliases": [name]},
    )
    found = list(IMPORTERS["refdesk"].read([json.dumps(row) for row in rows], "x.jsonl"))
    assert [(row.line, row.reason) for row in found] == [(1, "name is missing"), (2, "name is missing")]


def test_offices_and_ties_lead_to_records_of_their_kind(tmp_path, db):
    union, crown = make_record("Union", "organization"), make_record("The Crown", "agreement")
    for record, key in ((union, "Q458"), (crown, "Q1")):
        Identifier.objects.create(entity=record, origin=record, scheme="wikidata", value=key)
    row = {
        "key": "p", "kind": "person", "name": "Rudolf", "states": ["Q458"],
        "roles": [{"title": "President", "state": "Q458"}, {"title": "Keeper", "state": "Q1"}],
    }  # fmt: skip
    path = tmp_path / "people.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    report = import_files([path])
    assert not report.errors
    president, keeper = Term.objects.order_by("title").reverse()
    assert (president.state, president.state_text, president.organization) == (None, "", union)
    assert (keeper.state, keeper.state_text, keeper.organization) == (None, "Q1", None)
    assert Relation.objects.get().target is None
    assert report.warnings["office state: not of kind state"] == 2
    assert report.warnings["tie target: not of kind state"] == 1
