"""A record in words."""

import pytest

from entities import reading
from entities.matching.types import Kind
from entities.models import Alias, Entity, Identifier, Relation
from tests.factories import make_alias, make_record, make_source, make_term


@pytest.mark.parametrize(
    ("start", "end", "as_of", "words"),
    [
        ("2013-08", "2021", "", "August 2013 – 2021"),
        ("2024", "", "", "since 2024"),
        ("2001", "", "2004-05", "since 2001 (as of May 2004)"),
        ("", "1991", "", "until 1991"),
        ("", "", "", ""),
    ],
)
def test_spans_in_words(start, end, as_of, words):
    assert reading.span_in_words(start, end, as_of) == words


@pytest.mark.parametrize(("code", "name"), [("fa", "Persian"), ("zh-Hant", "Chinese (Traditional)"), ("??", "??")])
def test_languages_by_name(code, name):
    assert reading.language_name(code) == name


@pytest.mark.parametrize(("code", "direction"), [("fa", "rtl"), ("ar-EG", "rtl"), ("en", "ltr"), ("", "ltr")])
def test_text_directions(code, direction):
    assert reading.text_direction(code) == direction


@pytest.mark.django_db
class TestRecords:
    def loaded(self, entity):
        return Entity.objects.for_display().get(pk=entity.pk)

    def test_identifiers_lead_to_their_pages_only_in_the_right_shape(self):
        entity = make_record("Iran", kind=Kind.STATE)
        for scheme, value in [("wikidata", "Q794"), ("wikipedia", "Islamic Republic/Iran?x=1"), ("iso3", "IRN")]:
            Identifier.objects.create(entity=entity, scheme=scheme, value=value)
        Identifier.objects.create(entity=make_record("Trap"), scheme="wikidata", value='Q1"><script>')
        items = {label: item.href for label, item in reading.identifier_items(self.loaded(entity))}
        assert items == {
            "Wikidata": "https://www.wikidata.org/wiki/Q794",
            "Wikipedia": "https://en.wikipedia.org/wiki/Islamic_Republic/Iran%3Fx%3D1",
            "ISO 3166 (3)": "",
        }
        trap = self.loaded(Entity.objects.get(name="Trap"))
        assert [item.href for _, item in reading.identifier_items(trap)] == [""]

    def test_native_names_stand_beside_the_main_one_and_senses_do_not(self):
        entity = make_record("Iran", kind=Kind.STATE)
        make_alias(entity, "ایران", type="native", lang="fa")
        make_alias(entity, "Iranian", type="demonym", lang="en")
        shown = self.loaded(entity)
        assert [alias.name for alias in reading.own_scripts(shown)] == ["ایران"]
        assert [(group.title, len(group.aliases)) for group in reading.senses(shown)] == [("Its people", 1)]
        assert {alias.name for group in reading.names_by_language(shown) for alias in group.aliases} == {
            "Iran",
            "ایران",
        }

    def test_withdrawn_facts_are_not_shown(self, django_user_model):
        entity = make_record("Iran", kind=Kind.STATE, aliases=["Persia"])
        Alias.objects.filter(name="Persia").update(withdrawn_at="2026-01-01T00:00:00Z")
        assert "Persia" not in str(reading.json_ld(self.loaded(entity), "https://example.org/x"))

    def test_facts_name_kind_specific_bounds_and_parties(self):
        treaty = make_record(
            "New START", kind=Kind.AGREEMENT, signed="2010-04-08", in_force="2011-02-05", valid_from="2011-02-05",
            valid_to="2026-02-05", subtype="arms_control",
        )  # fmt: skip
        russia = make_record("Russia", kind=Kind.STATE)
        Relation.objects.create(entity=treaty, type="party", target=russia)
        Relation.objects.create(entity=treaty, type="party", target_text="Ruritania")
        rows = {row.label: [item.text for item in row.items] for row in reading.fact_rows(self.loaded(treaty))}
        assert rows == {
            "Type": ["arms control"],
            "Signed": ["8 April 2010"],
            "In force since": ["5 February 2011"],
            "Valid until": ["5 February 2026"],
            "Parties": ["Ruritania", "Russia"],
        }

    def test_terms_stand_latest_first_with_their_place(self):
        person = make_record("Ann Example")
        state = make_record("Ruritania", kind=Kind.STATE)
        make_term(person, "Minister", state=state, start="2001", end="2004")
        make_term(person, "President", state=state, start="2010-05")
        rows = reading.term_rows(self.loaded(person).terms.all())
        assert [(row.title, row.where, row.is_open) for row in rows] == [
            ("President", "Ruritania", True), ("Minister", "Ruritania", False),
        ]  # fmt: skip

    def test_every_source_is_named_once(self):
        source = make_source("CIA World Factbook", "Public domain")
        entity = make_record("Iran", kind=Kind.STATE, source=source, aliases=[{"name": "Persia", "source": source}])
        make_alias(entity, "Iranian", type="demonym", source=make_source("CLDR", "Unicode-3.0"))
        assert [one.name for one in reading.sources_of(self.loaded(entity))] == ["CIA World Factbook", "CLDR"]
        assert [one.name for one in reading.known_sources(entity)] == ["CIA World Factbook", "CLDR"]
