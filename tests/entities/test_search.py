"""Search by name, and the reasons given."""

import pytest

from entities.candidates import CandidateIndex
from entities.matching.types import Kind
from entities.models import Alias, Identifier
from entities.search import MAX_QUERY_CHARS, search
from tests.factories import make_alias, make_record, make_term

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue():
    iran = make_record("Iran", kind=Kind.STATE, prominence=1)
    make_alias(iran, "ایران", type="native", lang="fa")
    make_alias(iran, "Iranian", type="demonym", lang="en")
    records = {
        "iran": iran,
        "iraq": make_record("Iraq", kind=Kind.STATE, prominence=1),
        "pezeshkian": make_record("Masoud Pezeshkian", prominence=1, valid_from="1954-09-29"),
        "jcpoa": make_record(
            "Joint Comprehensive Plan of Action", kind=Kind.AGREEMENT, aliases=[{"name": "JCPOA", "type": "acronym"}]
        ),
        "shah": make_record("Mohammad Reza Pahlavi", valid_from="1919", valid_to="1980-07-27"),
    }
    make_term(records["pezeshkian"], "President", state=iran, start="2024-07-28")
    make_term(records["shah"], "Shah", state=iran, start="1941", end="1979")
    CandidateIndex().index_aliases(list(Alias.objects.values_list("pk", flat=True)))
    return records


def names(hits):
    return [hit.entity.name for hit in hits]


def test_an_exact_name_comes_first_and_says_so(catalogue):
    hits = search("iran")
    assert names(hits)[0] == "Iran"
    assert hits[0].reason == "the name itself"
    assert hits[0].score == 1.0


@pytest.mark.parametrize(
    ("q", "name", "reason"),
    [
        ("JCPOA", "Joint Comprehensive Plan of Action", "acronym: JCPOA"),
        ("ایران", "Iran", "natively ایران"),
        ("Iranian", "Iran", "“Iranian” is a demonym for Iran"),
        ("Joint Compre", "Joint Comprehensive Plan of Action", "the name begins so"),
    ],
)
def test_other_names_senses_and_beginnings_are_found_with_their_reason(catalogue, q, name, reason):
    hit = search(q)[0]
    assert (hit.entity.name, hit.reason) == (name, reason)


@pytest.mark.parametrize("q", ["Masoud Pezeshkan", "Massoud Pezeshkian", "Pezeshkian", "pezeshkian masoud"])
def test_misspelt_partial_and_turned_names_are_found(catalogue, q):
    hits = search(q)
    assert names(hits)[0] == "Masoud Pezeshkian"
    assert "Masoud Pezeshkian" in hits[0].reason


def test_ids_find_their_record_and_merged_ones_the_survivor(catalogue):
    old = make_record("M. Pezeshkian", merged_into=catalogue["pezeshkian"])
    Identifier.objects.create(entity=catalogue["iran"], scheme="wikidata", value="Q794")
    assert names(search("q794")) == ["Iran"]
    assert search(catalogue["iran"].public_id)[0].reason == "id of the record"
    [hit] = search(old.public_id)
    assert (hit.entity, hit.reason) == (catalogue["pezeshkian"], "id of a merged record")


def test_kinds_narrow_the_search(catalogue):
    assert names(search("Iran", kinds=["person"])) == []
    assert "Iran" in names(search("Iran", kinds=["state"]))


def test_a_date_leaves_out_the_dead_and_adds_the_offices_held_then(catalogue):
    assert names(search("Mohammad Reza Pahlavi", on="2024-08-01")) == []
    [hit] = search("Mohammad Reza Pahlavi", on="1970")[:1]
    assert [term.title for term in hit.terms] == ["Shah"]
    [hit] = search("Masoud Pezeshkian", on="2024-08-01")[:1]
    assert [term.title for term in hit.terms] == ["President"]
    [hit] = search("Masoud Pezeshkian", on="2024-07-27")[:1]
    assert hit.terms == []


def test_names_of_a_merged_record_find_its_survivor_and_withdrawn_ones_nothing(catalogue):
    make_record("Kwyjibo Vux", merged_into=catalogue["iran"])
    Alias.objects.filter(name="JCPOA").update(withdrawn_at="2026-01-01T00:00:00Z")
    assert names(search("Kwyjibo Vux")) == ["Iran"]
    assert "Joint Comprehensive Plan of Action" not in names(search("JCPOA"))


@pytest.mark.parametrize("q", ["", "   ", "%%%", "'; DROP TABLE entities_entity; --", "x" * 5000, "\u202e\u200f", "🙂"])
def test_odd_queries_find_nothing_and_break_nothing(catalogue, q):
    assert isinstance(search(q), list)
    assert len(q[:MAX_QUERY_CHARS]) <= MAX_QUERY_CHARS


def test_queries_do_not_grow_with_the_number_of_hits(catalogue, django_assert_max_num_queries):
    search("Warm up the index")
    for number in range(100):
        make_record(f"Iranistan {number}", kind=Kind.STATE)
    with django_assert_max_num_queries(12):
        assert len(search("Iran", limit=100, on="2024")) > 50


def test_whole_words_at_the_beginning_of_well_known_names_come_first():
    make_record("Egypt", kind=Kind.STATE, aliases=[{"name": "United Arab Republic", "type": "former"}])
    for name in ("United States", "United Kingdom"):
        make_record(name, kind=Kind.STATE)
    make_record("Malaysian United Party", kind=Kind.ORGANIZATION)
    make_record("Uniteday Press", kind=Kind.ORGANIZATION)
    CandidateIndex().index_aliases(list(Alias.objects.values_list("pk", flat=True)))
    assert names(search("united")) == [
        "United States", "United Kingdom", "Egypt", "Uniteday Press", "Malaysian United Party"
    ]  # fmt: skip


def test_a_surname_finds_its_people_before_what_merely_holds_the_word():
    make_record("Melania Trump")
    make_record("The Trump Deal of Last May", kind=Kind.AGREEMENT)
    CandidateIndex().index_aliases(list(Alias.objects.values_list("pk", flat=True)))
    assert names(search("trump")) == ["Melania Trump", "The Trump Deal of Last May"]


@pytest.mark.parametrize("q", ["Путин", "путин", "Пу\u200bтин", "Pu\u00adtin", "\u200fPutin\u200e"])
def test_a_surname_in_another_script_is_a_part_of_the_name_and_hidden_characters_do_not_count(q):
    make_record("Vladimir Putin", prominence=1)
    CandidateIndex().index_aliases(list(Alias.objects.values_list("pk", flat=True)))
    [hit] = search(q)
    assert (hit.reason, hit.score) == ("part of the name Vladimir Putin", 0.82)


def test_a_name_with_hidden_characters_in_it_is_the_name():
    make_record("Владимир Путин")
    assert [hit.score for hit in search("Владимир\u2060 Пу\u200bтин", exact=True)] == [1.0]
