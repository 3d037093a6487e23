"""Names with facts to ranked records, outside of any text; no database."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entities.matching.lookup import (
    MATCH_AT,
    MATCH_MARGIN,
    Named,
    NameQuery,
    best_names,
    name_likeness,
    rank_candidates,
)
from entities.matching.types import Kind, Name, RecordView, Term

USA, IRAN = 1, 2
ELDER = RecordView(
    10, Kind.PERSON, "George H. W. Bush", names=(Name("George Bush"),), states=(USA,), valid_from="1924-06-12",
    valid_to="2018-11-30", prominence=1, identifiers=(("wikidata", "Q23505"),),
    terms=(Term("President", state=USA, start="1989-01-20", end="1993-01-20", at="United States"), Term("Director")),
)  # fmt: skip
YOUNGER = RecordView(
    11, Kind.PERSON, "George W. Bush", names=(Name("George Bush"),), states=(USA,), valid_from="1946-07-06", prominence=1,
    identifiers=(("wikidata", "Q207"),),
    terms=(Term("President", state=USA, start="2001-01-20", end="2009-01-20"),),
)  # fmt: skip
KREMLIN = RecordView(12, Kind.STATE, "Russia", valid_from="1991-12-25")
PACT = RecordView(13, Kind.AGREEMENT, "Moscow Treaty", signed="2002-05-24", parties=(USA, 12), valid_from=None)
UNKNOWN = RecordView(14, Kind.ORGANIZATION, "Bush Foundation")


def named(record, alias=None, **fields):
    return Named(record, alias or record.name, **fields)


BUSHES = [named(ELDER, "George Bush"), named(YOUNGER, "George Bush")]


def first(query, candidates=BUSHES):
    return rank_candidates(query, candidates)[0]


def test_a_name_that_two_bear_is_nobodys_until_a_fact_tells():
    best = first(NameQuery("George Bush"))
    assert not best.is_match
    assert best.margin < MATCH_MARGIN


@pytest.mark.parametrize(
    ("facts", "record", "said"),
    [
        ({"start": "1946"}, YOUNGER, "began in 1946"),
        ({"start": "1924-06-12"}, ELDER, "began on 1924-06-12"),
        ({"end": "2018"}, ELDER, "ended in 2018"),
        ({"on": "1930"}, ELDER, "existed 1924–2018"),
        ({"office": "President", "on": "1990-08-02"}, ELDER, "was President of United States 1989–1993"),
        ({"office": "President", "on": "2003-03-20"}, YOUNGER, "was President 2001–2009"),
        ({"identifiers": (("wikidata", "q207"),)}, YOUNGER, "its wikidata id is Q207"),
        ({"office": "director"}, ELDER, "was Director"),
    ],
)
def test_a_fact_tells_two_of_one_name_apart(facts, record, said):
    query = NameQuery("George Bush", **facts)
    assert query.has_facts
    best = first(query)
    assert best.record_id == record.id
    assert said in best.reasons


@pytest.mark.parametrize(
    ("facts", "feature"),
    [
        ({"start": "1925"}, "other_year"), ({"start": "soon"}, "other_year"), ({"on": "2020"}, "not_then"),
        ({"identifiers": (("wikidata", "Q1"),)}, "other_identifier"), ({"states": frozenset({IRAN})}, "other_state"),
        ({"office": "Astronaut"}, "other_office"),
    ],
)  # fmt: skip
def test_a_fact_that_contradicts_counts_against(facts, feature):
    plain = first(NameQuery("George H. W. Bush"), [named(ELDER)])
    told = first(NameQuery("George H. W. Bush", **facts), [named(ELDER)])
    assert feature in told.features
    assert told.probability < plain.probability


def test_a_year_next_to_the_right_one_counts_less_against_than_another():
    near, far = (first(NameQuery("George H. W. Bush", start=year), [named(ELDER)]) for year in ("1925", "1950"))
    assert near.probability > far.probability


def test_facts_that_nobody_asked_for_or_knows_say_nothing():
    query = NameQuery(
        "Bush Foundation", states=frozenset({USA}), identifiers=(("gnd", "1"),), office="Chair", end="1990"
    )
    assert set(first(query, [named(UNKNOWN)]).features) == {"name", "equal"}
    assert not NameQuery("Bush").has_facts


def test_a_state_itself_and_the_parties_of_an_agreement_are_of_that_state():
    assert "state" in first(NameQuery("Russia", states=frozenset({12})), [named(KREMLIN)]).features
    assert "state" in first(NameQuery("Moscow Treaty", states=frozenset({USA})), [named(PACT)]).features
    assert first(NameQuery("Moscow Treaty", start="2002-05-24"), [named(PACT)]).reasons[1] == "began on 2002-05-24"


def test_what_an_id_names_is_the_record_whatever_it_is_called():
    best = first(NameQuery("Q207"), [named(YOUNGER, by_id=True)])
    assert best.is_match
    assert best.reasons[0] == "its id"
    assert name_likeness("Q207", named(YOUNGER, by_id=True)) == 1.0


@pytest.mark.parametrize(
    ("query", "candidate", "words"),
    [
        ("Kremlin", named(KREMLIN, "Kremlin", alias_type="metonym"), "“Kremlin” is a metonym for Russia"),
        ("george bush", BUSHES[0], "also called George Bush"),
        ("George W. Bush", named(YOUNGER), "the name itself"),
        ("Bush", named(YOUNGER, is_weak=True), "part of the name George W. Bush, a name shared by many"),
        ("Georg Busch", BUSHES[0], "% like the name George Bush"),
    ],
)
def test_the_name_in_words(query, candidate, words):
    assert words in first(NameQuery(query), [candidate]).reasons[0]


def test_a_part_of_a_name_is_more_of_a_person_than_of_an_organization():
    person, body = name_likeness("Bush", named(YOUNGER)), name_likeness("Bush", named(UNKNOWN))
    assert person > body
    assert name_likeness("Bush", named(YOUNGER, is_weak=True)) < person


def test_facts_alone_rank_without_a_name():
    best = first(NameQuery("", start="1946-07-06"))
    assert best.record_id == YOUNGER.id
    assert "name" not in best.features


def test_the_likest_names_come_first_and_ties_by_id():
    candidates = [named(UNKNOWN), *reversed(BUSHES)]
    assert [one.record.id for one in best_names(candidates, "George Bush", 2)] == [10, 11]
    assert rank_candidates(NameQuery("x"), []) == []


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "start": st.sampled_from(["1924", "1946-07-06", "1800", "x"]), "end": st.sampled_from(["2018", "1999"]),
        "on": st.sampled_from(["1990", "2005-01-01"]), "states": st.sampled_from([frozenset({USA}), frozenset({IRAN})]),
        "office": st.sampled_from(["President", "Foreign Minister", "Zzz"]),
    },
)  # fmt: skip


@settings(deadline=None)
@given(
    st.sampled_from(["George Bush", "Bush", "George", "Tehran", "ブッシュ"]),
    FACTS,
    st.permutations([*BUSHES, named(UNKNOWN)]),
)
def test_chances_are_shared_and_do_not_depend_on_the_order(name, facts, candidates):
    found = rank_candidates(NameQuery(name, **facts), candidates)
    assert found == rank_candidates(NameQuery(name, **facts), sorted(candidates, key=lambda one: one.record.id))
    assert sum(one.probability for one in found) <= 1.001
    assert sum(one.is_match for one in found) <= 1
    assert all(one.probability >= MATCH_AT for one in found if one.is_match)
    assert [one.probability for one in found] == sorted((one.probability for one in found), reverse=True)
