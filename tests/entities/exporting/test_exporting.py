"""Every format is valid by its own rules, says what the record says, and reads the records in pages."""

import csv
import io
import json
import re

import pytest
import rdflib
from django.core.management import CommandError, call_command
from rdflib import Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import RDF, XSD

from entities import merging
from entities.exporting import FORMATS, followthemoney, linked_data, tables
from entities.exporting.pages import PAGE
from entities.importing import import_files
from entities.matching.types import Kind
from entities.models import Entity, Identifier, Relation
from tests.factories import make_record, make_source, make_term

pytestmark = pytest.mark.django_db
BASE = "https://desk.example"
SCHEMA = rdflib.Namespace("https://schema.org/")


@pytest.fixture
def desk(admin_user):
    """A person, two states, a ministry, a party, a treaty: everything that formats treat apart."""
    source = make_source("Wikidata", "CC0-1.0")
    iran = make_record("Iran", kind=Kind.STATE, subtype="sovereign", capital="Tehran", source=source)
    Identifier.objects.create(entity=iran, scheme="iso3", value="IRN", source=source)
    persia = make_record("Persia", kind=Kind.STATE, valid_to="1935-03")
    ministry = make_record("Ministry of Foreign Affairs", kind=Kind.ORGANIZATION, subtype="ministry", valid_from="1821")
    party = make_record("Moderation Party", kind=Kind.ORGANIZATION)
    person = make_record(
        'Ada "Line\nbreak" Ravensworth', valid_from="1954-09-29", source=source, aliases=[
            {"name": "آدا ریونزورث", "lang": "fa", "type": "native", "source": source},
            {"name": "Ada R.", "is_weak": True}, {"name": "Ada Old", "type": "former", "lang": "not a tag!"},
        ],
        attributes={"gender": "female", "birth_place": "Winterthur", "website": "https://ada.example/<x>"},
    )  # fmt: skip
    Identifier.objects.create(entity=person, scheme="wikidata", value="Q42", source=source)
    Identifier.objects.create(entity=person, scheme="gnd", value="118540238", source=source)
    make_term(person, "Foreign Minister", state=iran, organization=ministry, start="2013-08", end="2021", source=source)
    make_term(person, "Envoy", organization_text="Court of Ruritania", as_of="1990")
    treaty = make_record(
        "Treaty of Testing", kind=Kind.AGREEMENT, subtype="treaty", signed="2015-07-14", in_force="2016"
    )
    for entity, type_, target, more in (
        (person, "state", iran, {}), (person, "party", party, {"start": "1980"}), (treaty, "party", iran, {}),
        (ministry, "state", iran, {}), (ministry, "parent", iran, {}), (persia, "successor", iran, {}),
        (party, "member", person, {"start": "1980", "end": "1999-12-31"}), (treaty, "predecessor", ministry, {}),
    ):  # fmt: skip
        Relation.objects.create(entity=entity, origin=entity, type=type_, target=target, source=source, **more)
    Relation.objects.create(entity=ministry, origin=ministry, type="member", target_text="Nobody Known")
    old = make_record("Ada the Older")
    merging.merge(survivor_id=person.pk, absorbed_id=old.pk, actor=admin_user)
    return {"person": person, "iran": iran, "ministry": ministry, "treaty": treaty, "party": party, "old": old}


def text_of(format: str, records=None) -> str:
    records = Entity.objects.current() if records is None else records
    return "".join(FORMATS[format].write(records, BASE, True))


# --- FollowTheMoney: the published model, as far as it is used --------------------------------------------------------
# https://github.com/alephdata/followthemoney/tree/main/followthemoney/schema (MIT): schema → parents, required, properties.
MODEL = {
    "Thing": ((), ("name",), "name:name summary:text notes:text country:country alias:name previousName:name weakAlias:name "
              "sourceUrl:url publisher:string wikipediaUrl:url wikidataId:identifier topics:topic modifiedAt:date"),
    "LegalEntity": (("Thing",), (), "website:url incorporationDate:date dissolutionDate:date classification:string "
                    "idNumber:identifier parent:entity@LegalEntity"),
    "Person": (("LegalEntity",), ("name",), "birthDate:date deathDate:date birthPlace:string nationality:country "
               "gender:gender position:string"),
    "Organization": (("LegalEntity",), ("name",), ""),
    "PublicBody": (("Organization",), ("name",), ""),
    "Interval": ((), (), "startDate:date endDate:date date:date summary:text sourceUrl:url modifiedAt:date publisher:string"),
    "Event": (("Interval", "Thing"), ("name",), "involved:entity@LegalEntity"),
    "Position": (("Thing",), ("name",), "organization:entity@Organization"),
    "Occupancy": (("Interval",), ("holder", "post"), "holder:entity@Person post:entity@Position status:string"),
    "Interest": (("Interval",), (), "role:string status:string"),
    "Membership": (("Interest",), ("member", "organization"),
                   "member:entity@LegalEntity organization:entity@Organization"),
    "Succession": (("Interest",), ("predecessor", "successor"),
                   "predecessor:entity@LegalEntity successor:entity@LegalEntity"),
    "UnknownLink": (("Interest",), ("subject", "object"), "subject:entity@Thing object:entity@Thing"),
}  # fmt: skip
DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def properties_of(schema: str) -> dict[str, str]:
    parents, _, own = MODEL[schema]
    found = dict(pair.split(":") for pair in own.split())
    for parent in parents:
        found = {**properties_of(parent), **found}
    return found


def is_a(schema: str, wanted: str) -> bool:
    return schema == wanted or any(is_a(parent, wanted) for parent in MODEL[schema][0])


def check_ftm(entities: list[dict]) -> None:
    """Each entity is valid by the model: known properties, typed values, required ones there, ends of the right schema."""
    by_id = {entity["id"]: entity for entity in entities}
    for entity in entities:
        known = properties_of(entity["schema"])
        for required in MODEL[entity["schema"]][1]:
            assert entity["properties"].get(required), (entity["schema"], required)
        for name, values in entity["properties"].items():
            assert name in known, (entity["schema"], name)
            kind, _, range_ = known[name].partition("@")
            assert values
            for value in values:
                assert isinstance(value, str)
                assert value.strip() == value != ""
                if kind == "date":
                    assert DATE.fullmatch(value), (name, value)
                elif kind == "country":
                    assert re.fullmatch(r"[a-z]{2,4}", value)
                elif kind == "url":
                    assert re.match(r"https?://", value)
                elif kind == "gender":
                    assert value in ("male", "female", "other")
                elif kind == "entity" and value in by_id:
                    assert is_a(by_id[value]["schema"], range_), (entity["schema"], name, by_id[value]["schema"])
        assert entity["caption"]
        assert entity["datasets"] == sorted(entity["datasets"])
        said = {(name, value) for name, values in entity["properties"].items() for value in values}
        assert {(one["prop"], one["value"]) for one in entity["statements"]} == said
        for one in entity["statements"]:
            assert set(one) == {
                "id", "entity_id", "canonical_id", "schema", "prop", "prop_type", "value", "dataset", "lang",
                "original_value", "external", "first_seen", "last_seen", "origin",
            }  # fmt: skip
            assert one["prop_type"] == known[one["prop"]].partition("@")[0]
            assert one["dataset"] in entity["datasets"]
            assert one["entity_id"] == entity["id"]


def ftm(records=None) -> list[dict]:
    return [json.loads(line) for line in text_of("ftm", records).splitlines()]


def test_followthemoney_is_valid_by_the_published_model(desk):
    entities = ftm()
    check_ftm(entities)
    assert {entity["schema"] for entity in entities} == {
        "Person", "PublicBody", "Organization", "Event", "Position", "Occupancy", "Membership", "Succession",
        "UnknownLink",
    }  # fmt: skip


def test_followthemoney_says_what_the_record_says(desk):
    entities = ftm()
    by_id = {entity["id"]: entity for entity in entities}
    ids = {name: followthemoney.id_of(record.public_id) for name, record in desk.items()}
    ada = by_id[ids["person"]]
    assert ada["properties"]["birthDate"] == ["1954-09-29"]
    assert ada["properties"]["nationality"] == ["ir"]
    assert ada["properties"]["gender"] == ["female"]
    assert ada["properties"]["weakAlias"] == ["Ada R."]
    assert ada["properties"]["previousName"] == ["Ada Old"]
    assert ada["referents"] == [ids["old"]]
    [birth] = [one for one in ada["statements"] if one["prop"] == "birthDate"]
    assert birth["dataset"] == "wikidata"
    held = [e["properties"] for e in entities if e["schema"] == "Occupancy" and e["properties"].get("startDate")]
    assert [(one["startDate"], one["endDate"], one["holder"]) for one in held] == [
        (["2013-08"], ["2021"], [ids["person"]])
    ]
    post = by_id[held[0]["post"][0]]["properties"]
    assert (post["country"], post["organization"]) == (["ir"], [ids["ministry"]])
    treaty = by_id[ids["treaty"]]
    assert treaty["properties"]["involved"] == [ids["iran"]]
    assert treaty["properties"]["date"] == ["2015-07-14"]
    assert by_id[ids["ministry"]]["properties"]["parent"] == [ids["iran"]]
    assert by_id[ids["iran"]]["properties"]["topics"] == ["gov.national"]


def test_followthemoney_comes_in_again(desk, tmp_path):
    path = tmp_path / "out.ftm.json"
    path.write_text(text_of("ftm"), encoding="utf-8")
    report = import_files([path], format="ftm")
    assert not report.errors
    assert report.created + report.attached == 5  # the states, and people and bodies; agreements are events there


# --- Linked data ------------------------------------------------------------------------------------------------------
def test_json_ld_and_n_triples_are_the_same_graph(desk):
    one = rdflib.Graph().parse(data=text_of("jsonld"), format="json-ld")
    other = rdflib.Graph().parse(data=text_of("nt"), format="nt")
    assert len(one) > 60
    assert isomorphic(one, other)


def test_linked_data_says_what_the_record_says(desk):
    graph = rdflib.Graph().parse(data=text_of("nt"), format="nt")
    ada, iran = (URIRef(f"{BASE}/records/{desk[name].public_id}/") for name in ("person", "iran"))
    assert graph.value(ada, RDF.type) == SCHEMA.Person
    assert graph.value(iran, RDF.type) == SCHEMA.Country
    assert graph.value(ada, SCHEMA.birthDate) == Literal("1954-09-29", datatype=XSD.date)
    assert graph.value(ada, SCHEMA.nationality) == iran
    assert Literal("آدا ریونزورث", lang="fa") in set(graph.objects(ada, SCHEMA.alternateName))
    assert Literal("Ada Old") in set(graph.objects(ada, SCHEMA.alternateName))
    assert set(graph.objects(ada, SCHEMA.sameAs)) == {
        URIRef("https://www.wikidata.org/wiki/Q42"), URIRef("https://d-nb.info/gnd/118540238"),
        URIRef(f"{BASE}/records/{desk['old'].public_id}/"),
    }  # fmt: skip
    [role] = [one for one in graph.objects(ada, SCHEMA.hasOccupation) if graph.value(one, SCHEMA.startDate)]
    assert graph.value(role, SCHEMA.startDate) == Literal("2013-08", datatype=XSD.gYearMonth)
    assert graph.value(role, SCHEMA.endDate) == Literal("2021", datatype=XSD.gYear)
    assert graph.value(graph.value(role, SCHEMA.hasOccupation), SCHEMA.occupationLocation) == iran
    places = {graph.value(one, SCHEMA.memberOf) for one in graph.objects(ada, SCHEMA.memberOf)}
    assert URIRef(f"{BASE}/records/{desk['ministry'].public_id}/") in places
    treaty = URIRef(f"{BASE}/records/{desk['treaty'].public_id}/")
    assert graph.value(treaty, RDF.type) == SCHEMA.Legislation
    assert graph.value(treaty, SCHEMA.legislationJurisdiction) == iran


@pytest.mark.parametrize("text", ['quote " and \\ back', "line\nfeed\r\ttab", "زبان 漢字 \U0001f600", "\x01\x7f", ""])
def test_literals_are_read_back_as_they_were(text):
    line = f"<a:b> <a:c> {linked_data.literal(text)} .\n"
    [(_, _, found)] = rdflib.Graph().parse(data=line, format="nt")
    assert str(found) == text


@pytest.mark.parametrize("text", ["https://x.example/<a>", 'https://x.example/"{}|^`\\', "https://x.example/a b\nc"])
def test_hostile_addresses_stay_one_address(text):
    [(_, _, found)] = rdflib.Graph().parse(data=f"<a:b> <a:c> {linked_data.iri(text)} .\n", format="nt")
    assert isinstance(found, URIRef)
    assert str(found).startswith("https://x.example/")


# --- Tables -----------------------------------------------------------------------------------------------------------
PAYLOADS = [
    before + start + rest
    for before in ("", " ", "  ", '"', "'", "\u00a0", '" ', "“")
    for start in "=+-@\t\r"
    for rest in ("1+1", "cmd|' /C calc'!A0", 'HYPERLINK("https://evil.example")')
]


def test_formulas_are_neutral_in_every_cell():
    assert len(PAYLOADS) > 50
    for payload in PAYLOADS:
        [cell] = next(iter(csv.reader(io.StringIO("".join(tables.csv_lines([payload], []))))))
        assert cell == "'" + payload, payload


@pytest.mark.parametrize("text", ["Ada", "a=b", "1-2", "", "'quoted'", "é", "مسعود"])
def test_other_text_is_left_as_it_is(text):
    assert tables.safe_cell(text) == text


def test_columns_are_those_that_the_documentation_names(desk):
    from pathlib import Path

    documented = Path("docs/exporting.md").read_text(encoding="utf-8")
    for name, (header, _) in tables.TABLES.items():
        assert f"`{' '.join(header)}`" in " ".join(documented.split()), name


def test_tables_hold_the_facts_with_their_sources(desk):
    rows = list(csv.DictReader(io.StringIO(text_of("csv-terms"))))
    assert {row["title"] for row in rows} == {"Foreign Minister", "Envoy"}
    minister = next(row for row in rows if row["title"] == "Foreign Minister")
    assert (minister["state_name"], minister["start"], minister["source_licence"]) == ("Iran", "2013-08", "CC0-1.0")
    [ada] = [row for row in csv.DictReader(io.StringIO(text_of("csv"))) if row["valid_from"] == "1954-09-29"]
    assert ada["name"] == desk["person"].name
    assert "wikidata:Q42" in ada["identifiers"].split(tables.SEPARATOR)


# --- All of them ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("format", FORMATS)
def test_an_export_costs_the_same_number_of_queries_a_page(format, desk, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        text_of(format)


def test_records_come_in_pages_each_once(monkeypatch, desk):
    from entities.exporting import pages

    assert PAGE == 500
    monkeypatch.setattr(pages, "PAGE", 2)
    found = [entity.public_id for page in pages.pages(Entity.objects.current()) for entity in page]
    assert found == sorted(Entity.objects.current().values_list("public_id", flat=True))
    assert max(len(page) for page in pages.pages(Entity.objects.current())) == 2


@pytest.mark.parametrize("format", FORMATS)
def test_what_was_merged_or_taken_down_is_no_record_of_an_export(format, desk, admin_user):
    from entities import takedown

    takedown.suppress(desk["ministry"], actor=admin_user, reason="order")
    told = text_of(format)
    assert desk["ministry"].public_id not in told
    assert "Ministry of Foreign" not in told


def test_the_command_takes_the_filters_of_the_lists(desk, tmp_path):
    out = tmp_path / "states.jsonl"
    call_command("export_records", "--kind", "state", "--kind", "agreement", out=out)
    kinds = {json.loads(line)["kind"] for line in out.read_text().splitlines()}
    assert kinds == {"state", "agreement"}
    with pytest.raises(CommandError, match="--on 12"):
        call_command("export_records", "--on", "12")


# --- There and back ---------------------------------------------------------------------------------------------------
def test_refdesk_lines_come_in_again_as_the_same_records_under_the_same_ids(desk, tmp_path, admin_user):
    from entities.judging import judge
    from tests.emptying import empty

    judge(desk["iran"].pk, desk["ministry"].pk, "different", actor=admin_user, reason="part of it")
    first = tmp_path / "first.jsonl"
    call_command("export_records", out=first)
    empty()
    report = import_files([first])
    assert not report.errors
    second = tmp_path / "second.jsonl"
    call_command("export_records", out=second)
    assert second.read_bytes() == first.read_bytes()
    assert Entity.objects.resolve(desk["old"].public_id).public_id == desk["person"].public_id


def test_an_export_brought_into_the_database_that_it_came_from_changes_nothing(desk, tmp_path):
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    call_command("export_records", out=first)
    report = import_files([first])
    assert report.created == 0
    call_command("export_records", out=second)
    without_keys = [
        [{**json.loads(line), "key": ""} for line in path.read_text().splitlines()] for path in (first, second)
    ]
    assert [row["id"] for row in without_keys[0] if "id" in row] == [
        row["id"] for row in without_keys[1] if "id" in row
    ]
    assert [row.get("aliases") for row in without_keys[0]] == [row.get("aliases") for row in without_keys[1]]
