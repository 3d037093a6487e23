"""Each piece of evidence on its own: what it speaks of, what it says, and when it is silent."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entities.matching.countries import countries_in, countries_of_name
from entities.matching.features import (
    FEATURES,
    countries_of,
    describe,
    distance,
    features_for,
    holds_office,
    keeps_company_with,
    own_states,
    traits,
)
from entities.matching.profiles import Profile, load_profiles
from entities.matching.scoring import gather, log_odds, probabilities, rank, score, strongest
from entities.matching.types import (
    AliasType,
    CandidateView,
    Evidence,
    Kind,
    MentionType,
    MentionView,
    Name,
    RecordView,
    Term,
)

GERMANY, FRANCE = 1, 2
CHANCELLOR = Term("Chancellor", state=GERMANY, start="2005-11-22", end="2021-12-08", at="Germany")
PARTY = RecordView(
    10, Kind.ORGANIZATION, "Social Democratic Party of Germany", names=(Name("Social Democratic Party of Germany"),)
)
GERMAN_PARTY = RecordView(13, Kind.ORGANIZATION, "Pirate Party of Germany", states=(GERMANY,))
ROMANIANS = RecordView(
    11, Kind.ORGANIZATION, "Social Democratic Party", identifiers=(("wikipedia", "Social Democratic Party (Romania)"),)
)
PERSON = RecordView(
    20, Kind.PERSON, "Angela Merkel", names=(Name("Angela Merkel"),), states=(GERMANY,), terms=(CHANCELLOR,),
    valid_from="1954-07-17", prominence=1,
)  # fmt: skip
STATION = RecordView(12, Kind.ORGANIZATION, "Deutsche Welle", names=(Name("Deutsche Welle"),))
STATE = RecordView(GERMANY, Kind.STATE, "Germany", names=(Name("Germany"),))
TREATY = RecordView(30, Kind.AGREEMENT, "Moscow Treaty", signed="2002-05-24", valid_from="2003-06-01", parties=(1, 2))


def found(feature, mention=None, candidate=None):
    return FEATURES[feature](mention or MentionView("x"), candidate or CandidateView(PARTY, "core"))


def mention(surface="x", **fields):
    return MentionView(surface, **fields)


def of(record, sense="main", **fields):
    return CandidateView(record, sense, **fields)


@pytest.mark.parametrize(
    ("feature", "senses"),
    [
        ("main_name", ["main"]), ("other_name", ["", "official", "native"]), ("acronym", ["acronym"]),
        ("nickname", ["nickname"]), ("former_name", ["former"]), ("adjectival", ["adjective", "demonym"]),
        ("metonym", ["metonym"]), ("surname", ["surname"]), ("initials", ["initials"]), ("core_name", ["core"]),
        ("name_part", ["part"]), ("similar_name", ["similar"]),
    ],
)  # fmt: skip
def test_a_name_is_evidence_by_the_way_it_leads_to_the_record(feature, senses):
    every = {"main", "", "official", "native", "acronym", "nickname", "former", "adjective", "demonym", "metonym", "surname",
             "initials", "core", "part", "similar"}  # fmt: skip
    assert {sense for sense in every if found(feature, mention("Name"), of(PARTY, sense))} == set(senses)


def test_a_similar_name_counts_from_where_the_index_begins_to_see_likeness():
    assert found("similar_name", candidate=of(PARTY, "similar", similarity=1.0)).value == pytest.approx(1.0)
    assert found("similar_name", candidate=of(PARTY, "similar", similarity=0.6)).value == 0.0


@pytest.mark.parametrize(
    ("feature", "mention_", "candidate", "speaks"),
    [
        ("named_in_full", mention(linked=frozenset({10})), of(PARTY, "core"), True),
        ("named_in_full", mention(linked=frozenset({10})), of(PARTY), False),
        ("named_too", mention(linked=frozenset({1})), of(STATE, "metonym"), True),
        ("named_too", mention(), of(STATE, "metonym"), False),
        ("rest_named", mention("Social Democrats", words=frozenset({"germany"})), of(PARTY, "core"), True),
        ("rest_named", mention("Social Democrats", words=frozenset({"france"})), of(PARTY, "core"), False),
        ("rest_absent", mention("Social Democrats", words=frozenset({"france"})), of(PARTY, "core"), True),
        ("rest_absent", mention("Social Democrats", words=frozenset({"germany"})), of(PARTY, "core"), False),
        ("rest_absent", mention("Social Democrats"), of(PARTY, "core"), False),
        ("rest_absent", mention("Social Democratic Party of Germany", words=frozenset({"x"})), of(PARTY), False),
        ("weak_name", mention(), of(PARTY, is_weak=True), True),
        ("weak_name", mention(), of(PARTY), False),
        ("rivals", mention(), of(PARTY, rivals=1), True),
        ("rivals", mention(), of(PARTY, rivals=7), True),
        ("rivals", mention(), of(PARTY), False),
        ("tagger_agrees", mention(tagger_type=MentionType.ORGANIZATION), of(PARTY), True),
        ("tagger_agrees", mention(tagger_type=MentionType.PERSON), of(PARTY), False),
        ("tagger_differs", mention(tagger_type=MentionType.PERSON), of(PARTY), True),
        ("tagger_differs", mention(tagger_type=MentionType.ORGANIZATION), of(PARTY), False),
        ("tagger_differs", mention(), of(PARTY), False),
        ("tagger_silent", mention(is_tagged=True), of(PARTY), True),
        ("tagger_silent", mention(), of(PARTY), False),
        ("no_tagger", mention(), of(PARTY), True),
        ("no_tagger", mention(is_tagged=True), of(PARTY), False),
        ("no_tagger", mention(is_common_word=True), of(PARTY), False),
        ("common_word", mention(is_common_word=True), of(PARTY), True),
        ("common_word", mention(), of(PARTY), False),
        ("shouted", mention(is_shouted=True), of(PARTY), True),
        ("shouted", mention(), of(PARTY), False),
        ("single_word", mention("Party"), of(PARTY), True),
        ("single_word", mention("Two words"), of(PARTY), False),
        ("repeated", mention(occurrences=4), of(PARTY), True),
        ("repeated", mention(), of(PARTY), False),
        ("full_name", mention(is_full_name=True), of(PERSON), True),
        ("full_name", mention(is_full_name=True), of(PERSON, "surname"), False),
        ("not_a_person", mention(offices=frozenset({"president"}), tagger_type=MentionType.PERSON), of(PARTY), True),
        ("not_a_person", mention(offices=frozenset({"president"})), of(PARTY), False),
        ("precedent", mention(), of(PARTY, accepted=3), True),
        ("precedent", mention(), of(PARTY), False),
        ("refusal", mention(), of(PARTY, refused=3), True),
        ("refusal", mention(), of(PARTY), False),
        ("prominence", mention(), of(PERSON), True),
        ("prominence", mention(), of(PARTY), False),
        ("inside_name", mention(inside=1.0), of(PARTY), True),
        ("inside_name", mention(), of(PARTY), False),
        ("plain_word", mention(is_ordinary=True), of(PARTY, "core"), True),
        ("plain_word", mention(is_ordinary=True), of(PARTY), False),
        ("outlet", mention(is_outlet=True), of(PARTY), True),
        ("outlet", mention(is_outlet=True), of(PARTY, "initials"), False),
        ("outlet", mention(is_outlet=True), of(STATION, "initials"), True),
        ("outlet", mention(), of(PARTY), False),
        ("club_setting", mention(is_sport=True), of(PARTY, "part"), True),
        ("club_setting", mention(is_sport=True), of(PARTY), False),
        ("town_of_club", mention(is_sport=True), of(STATE, has_namesake_club=True), True),
        ("town_of_club", mention(), of(STATE, has_namesake_club=True), False),
        ("country_fits", mention(countries={"DEU": 2, "FRA": 1}), of(PARTY), True),
        ("country_fits", mention(countries={"FRA": 1}), of(PARTY), False),
        ("country_fits", mention(countries={"FRA": 1}), of(PERSON), False),
        ("country_fits", mention(), of(PARTY), False),
        ("country_differs", mention(countries={"FRA": 1}), of(PARTY), True),
        ("country_differs", mention(countries={"DEU": 1}), of(PARTY), False),
        ("country_differs", mention("Social Democratic Party of Germany", countries={"FRA": 1}), of(PARTY), False),
        ("country_differs", mention(countries={"FRA": 1}), of(STATE), False),
        ("country_differs", mention(countries={"FRA": 1}, ties=frozenset({GERMANY})), of(GERMAN_PARTY), False),
        ("country_beside", mention(beside=frozenset({"DEU"})), of(PARTY), True),
        ("country_beside", mention(beside_states=frozenset({GERMANY})), of(PERSON), True),
        ("country_beside", mention(beside=frozenset({"FRA"})), of(PARTY), False),
        ("country_beside", mention(), of(PARTY), False),
        ("other_country_beside", mention(beside=frozenset({"FRA"})), of(PARTY), True),
        ("other_country_beside", mention(beside_states=frozenset({FRANCE})), of(PERSON), True),
        ("other_country_beside", mention(beside=frozenset({"DEU"})), of(PARTY), False),
        ("other_country_beside", mention(beside=frozenset({"FRA"})), of(RecordView(12, Kind.ORGANIZATION, "Shell")), False),
        ("qualified", mention(words=frozenset({"bucharest"})), of(ROMANIANS), True),
        ("qualified", mention(words=frozenset({"romania"})), of(ROMANIANS), False),
        ("qualified", mention(countries={"ROU": 1}), of(ROMANIANS), False),
        ("qualified", mention(), of(PARTY), False),
        ("qualifier_named", mention(words=frozenset({"romania"})), of(ROMANIANS), True),
        ("qualifier_named", mention(countries={"ROU": 1}), of(ROMANIANS), True),
        ("qualifier_named", mention(), of(ROMANIANS), False),
        ("qualifier_named", mention(), of(PARTY), False),
    ],
)  # fmt: skip
def test_evidence_speaks_only_of_what_it_is_about(feature, mention_, candidate, speaks):
    evidence = found(feature, mention_, candidate)
    assert (evidence is not None) == speaks
    if speaks:
        assert 0 <= evidence.value <= 1
        assert evidence.text


@pytest.mark.parametrize(
    ("feature", "day", "record", "value"),
    [
        ("out_of_time", "1940-01-01", PERSON, 1.0),  # not born
        ("out_of_time", "1960-01-01", PERSON, 0.8),  # a child
        ("out_of_time", "2000-01-01", PERSON, None),
        ("out_of_time", None, PERSON, None),
        ("out_of_time", "1800-01-01", STATE, None),
        ("out_of_time", "1990-01-01", replace(STATE, valid_from="1995"), None),
        ("out_of_time", "1990-01-01", replace(PARTY, valid_from="1995"), 1.0),
        ("out_of_time", "1990-01-01", TREATY, 1.0),
        ("out_of_time", "2002-06-01", TREATY, None),
        ("long_gone", "2000-01-01", replace(PERSON, valid_to="1990-01-01"), 0.45),
        ("long_gone", "2000-01-01", PERSON, None),
        ("long_gone", "1985-01-01", replace(PERSON, valid_to="1990-01-01"), None),
        ("in_office", "2010-01-01", PERSON, 1.0),
        ("in_office", "1990-01-01", PERSON, None),
        ("in_office", None, PERSON, None),
        ("in_office", "2010-01-01", replace(PERSON, terms=()), None),
        ("in_office", "2010-01-01", replace(PERSON, terms=(replace(CHANCELLOR, title="Mayor"),)), 0.6),
        ("out_of_office", "2010-01-01", PERSON, None),
        ("out_of_office", "2023-12-08", PERSON, 0.1),
        ("out_of_office", "1985-01-01", PERSON, 1.0),
        ("out_of_office", "2010-01-01", replace(PERSON, terms=(Term("Chancellor"),)), None),
    ],
)
def test_the_articles_date_counts(feature, day, record, value):
    evidence = found(feature, mention(date=day), of(record))
    assert (evidence and evidence.value) == (pytest.approx(value, abs=0.01) if value is not None else None)


def test_a_capital_or_an_adjective_leaves_a_state_that_is_gone():
    gone = replace(STATE, name="West Germany", valid_to="1990-10-03")
    assert found("long_gone", mention(date="1996-12-18"), of(gone, "metonym")).value == 1.0
    assert found("long_gone", mention(date="1996-12-18"), of(gone, "main")).value < 0.5


def test_a_name_is_out_of_use_outside_its_years():
    record = replace(STATE, names=(Name("Burma", AliasType.FORMER, valid_to="1989-06-18"), Name("Myanmar")))
    assert found("name_out_of_use", mention(date="2010-01-01"), of(record, "former", matched_name="Burma"))
    assert not found("name_out_of_use", mention(date="1980-01-01"), of(record, "former", matched_name="Burma"))
    assert not found("name_out_of_use", mention(date="2010-01-01"), of(record, "former", matched_name="Myanmar"))
    assert not found("name_out_of_use", mention(date="2010-01-01"), of(record, "former", matched_name="Birma"))
    assert not found("name_out_of_use", mention(), of(record, "former", matched_name="Burma"))


def test_a_name_borne_for_a_time_speaks_for_its_bearer_in_that_time():
    record = replace(
        STATE, names=(Name("Yugoslavia", AliasType.FORMER, valid_from="1992", valid_to="2003"), Name("Serbia"))
    )
    assert found("name_in_use", mention(date="1999-04-01"), of(record, "former", matched_name="Yugoslavia"))
    assert not found("name_in_use", mention(date="2010-01-01"), of(record, "former", matched_name="Yugoslavia"))
    assert not found("name_in_use", mention(date="1999-04-01"), of(record, "main", matched_name="Serbia"))
    assert not found("name_in_use", mention(date="1999-04-01"), of(record, "former", matched_name="Jugoslavia"))
    assert not found("name_in_use", mention(), of(record, "former", matched_name="Yugoslavia"))


@pytest.mark.parametrize(
    ("mention_", "value"),
    [
        (mention(offices=frozenset({"prime minister"}), date="2010-01-01"), 1.0),
        (mention(offices=frozenset({"prime minister"}), date="2023-01-01"), 0.55),
        (mention(offices=frozenset({"prime minister"}), date="1999-01-01"), 0.2),
        (mention(offices=frozenset({"prime minister"})), 1.0),
        (mention(offices=frozenset({"prime minister"}), date="2010-01-01", is_former=True), 0.3),
        (mention(offices=frozenset({"prime minister"}), date="2023-01-01", is_former=True), 1.0),
        (mention(offices=frozenset({"prime minister"}), date="2010-01-01", office_places=frozenset({FRANCE})), 0.3),
        (mention(offices=frozenset({"pope"}), date="2010-01-01"), None),
        (mention(date="2010-01-01"), None),
    ],
)
def test_a_title_fits_best_on_the_date_and_at_the_place(mention_, value):
    evidence = found("office_fits", mention_, of(PERSON))
    assert (evidence and evidence.value) == (pytest.approx(value) if value is not None else None)


def test_of_several_terms_the_best_fitting_counts():
    later = Term("Prime Minister", state=GERMANY, start="2030-01-01")
    both = replace(PERSON, terms=(CHANCELLOR, later))
    assert (
        found("office_fits", mention(offices=frozenset({"prime minister"}), date="2010-01-01"), of(both)).value == 1.0
    )


def test_an_encyclopedias_brackets_are_found_among_other_identifiers():
    record = replace(ROMANIANS, identifiers=(("wikidata", "Q1"), ("wikipedia", "Plain title")))
    assert countries_of(record) == frozenset()


def test_one_who_was_only_elected_is_no_former_president():
    elect = replace(PERSON, terms=(Term("Chancellor-elect", state=GERMANY, start="2005-10-01", end="2005-11-22"),))
    assert not found("office_fits", mention(offices=frozenset({"prime minister"}), is_former=True), of(elect))


def test_a_title_that_the_person_never_held_differs():
    assert found("office_differs", mention(offices=frozenset({"pope"})), of(PERSON))
    assert not found("office_differs", mention(offices=frozenset({"prime minister"})), of(PERSON))
    assert not found("office_differs", mention(offices=frozenset({"pope"})), of(replace(PERSON, terms=())))


def test_an_office_counts_where_the_article_is_set():
    there = mention(date="2010-01-01", states={GERMANY: 2})
    assert found("office_in_setting", there, of(PERSON))
    assert found("office_in_setting", mention(date="2010-01-01", linked=frozenset({5})),
                 of(replace(PERSON, terms=(replace(CHANCELLOR, organization=5),))))  # fmt: skip
    assert not found("office_in_setting", mention(date="2010-01-01", states={FRANCE: 2}), of(PERSON))
    assert not found("office_in_setting", mention(states={GERMANY: 2}), of(PERSON))
    assert not found("office_in_setting", there, of(PARTY))


def test_the_records_own_state_in_the_article_speaks_for_it_and_its_absence_against():
    assert found("its_state", mention(states={GERMANY: 1}), of(PERSON)).value == pytest.approx(0.55)
    assert found("its_state", mention(states={GERMANY: 9}), of(replace(PARTY, states=(GERMANY,)))).value == 1.0
    assert not found("its_state", mention(states={FRANCE: 1}), of(PERSON))
    # A text that names no country tells its own by its people.
    assert found("its_state", mention(ties=frozenset({GERMANY})), of(PERSON)).value == pytest.approx(0.55)
    assert not found("its_state", mention(states={FRANCE: 1}, ties=frozenset({GERMANY})), of(PERSON))
    assert found("no_state", mention(ties=frozenset({FRANCE})), of(PERSON))
    assert not found("no_state", mention(), of(PERSON))
    assert not found("its_state", mention(states={GERMANY: 1}), of(STATE))
    assert found("no_state", mention(states={FRANCE: 1}), of(PERSON))
    assert found("no_state", mention(states={FRANCE: 1}, date="2010-01-01"), of(PERSON)).value == 0.5  # a chancellor
    assert not found("no_state", mention(states={FRANCE: 1}, ties=frozenset({GERMANY})), of(PERSON))
    assert not found("no_state", mention(states={FRANCE: 1}), of(PERSON, heirs=frozenset({FRANCE})))
    assert not found("no_state", mention(states={FRANCE: 1}), of(PERSON, is_above_states=True))
    assert not found("no_state", mention(states={GERMANY: 1}), of(PERSON))
    assert not found("no_state", mention(states={FRANCE: 1}), of(PARTY))
    assert not found("no_state", mention(states={FRANCE: 1}), of(STATE))


def test_company_is_what_the_record_is_tied_to():
    assert found("company", mention(states={1: 1, 2: 1}), of(TREATY)).value == 1.0
    assert found("company", mention(states={1: 1}), of(TREATY)).value == 0.5
    assert not found("company", mention(states={7: 1}), of(TREATY))
    assert not found("company", mention(states={1: 1}), of(PARTY))


def test_people_and_towns_tell_namesake_states_apart():
    assert found("its_people", mention(ties=frozenset({GERMANY})), of(STATE, rivals=1))
    assert not found("its_people", mention(ties=frozenset({GERMANY})), of(STATE))


def test_the_year_beside_a_treaty_is_its_own_or_anothers():
    assert found("year_fits", mention(years=frozenset({"2002"})), of(TREATY))
    assert not found("year_fits", mention(years=frozenset({"1963"})), of(TREATY))
    assert found("year_differs", mention(years=frozenset({"1963"})), of(TREATY))
    assert not found("year_differs", mention(years=frozenset({"2003"})), of(TREATY))
    assert not found("year_differs", mention(), of(TREATY))


def test_of_namesakes_the_treaty_of_these_days_is_meant():
    assert found("freshly_made", mention(date="2002-05-25"), of(TREATY, rivals=1)).value > 0.95
    assert found("freshly_made", mention(date="2002-05-20"), of(TREATY, is_weak=True)).value > 0.95
    assert not found("freshly_made", mention(date="2005-05-25"), of(TREATY, rivals=1))
    assert not found("freshly_made", mention(date="2002-05-25"), of(TREATY))
    assert not found("freshly_made", mention(date="2002"), of(TREATY, rivals=1))
    assert not found("freshly_made", mention(date="2002-05-25"), of(replace(TREATY, signed=None), rivals=1))
    assert not found("freshly_made", mention(date="2002-05-25"), of(PARTY, rivals=1))


@pytest.mark.parametrize(
    ("term", "day", "years"),
    [
        (CHANCELLOR, "2010-01-01", 0.0),
        (CHANCELLOR, "2003-11-22", 2.0),
        (CHANCELLOR, "2023-12-08", 2.0),
        (Term("Chief", as_of="2022-01-01"), "2021-01-01", 0.0),
        (Term("Chief", as_of="2022-01-01"), "1990-01-01", 14.0),
        (Term("Chief", start="2015-01-01", as_of="2022-01-01"), "2024-07-01", 0.5),
        (Term("Chief"), "2010-01-01", 2.0),
    ],
)
def test_distance_between_a_term_and_a_day(term, day, years):
    assert distance(term, day) == pytest.approx(years, abs=0.02)


def test_an_office_is_described_with_its_place_once():
    assert describe(CHANCELLOR) == "Chancellor of Germany"
    assert describe(Term("President of France", at="France")) == "President of France"
    assert describe(Term("King")) == "King"


def test_states_of_a_record_are_its_own_and_those_of_its_offices():
    assert own_states(replace(PERSON, states=(FRANCE,))) == {GERMANY, FRANCE}


def test_countries_in_words():
    counts = countries_in(
        "Germany's Serbs met U.S. envoys in New Zealand; the Germans left. Guinea-Bissau, Côte d'Ivoire"
    )
    assert counts == {"DEU": 2, "SRB": 1, "USA": 1, "NZL": 1, "GNB": 1, "CIV": 1}
    assert countries_in("no country here, but China") == {"CHN": 1}
    assert countries_of_name("Democratic Party (United States)") == {"USA"}
    assert countries_of(ROMANIANS) == {"ROU"}


def test_features_are_asked_only_of_what_they_can_speak_of():
    asked = {name for name, _ in features_for(CandidateView(STATE, "metonym"), traits(mention()))}
    assert "metonym" in asked
    assert not asked & {"main_name", "full_name", "year_fits", "country_fits", "outlet"}
    assert not asked & {"long_gone", "its_people", "weak_name"}  # no date, no rivals, not weak


@pytest.mark.parametrize("record", [PARTY, ROMANIANS, PERSON, STATE, TREATY], ids=lambda record: record.name)
@pytest.mark.parametrize("sense", ["main", "", "metonym", "surname", "similar", "core"])
def test_features_that_are_not_asked_would_have_had_nothing_to_say(record, sense):
    for view in (mention(), mention(date="2010-01-01", linked=frozenset({2, 5}), states={1: 2}, is_sport=True)):
        candidate = CandidateView(record, sense)
        asked = {name for name, _ in features_for(candidate, traits(view))}
        silent = {name: feature for name, feature in FEATURES.items() if name not in asked}
        assert [name for name, feature in silent.items() if feature(view, candidate) is not None] == []


def test_what_is_worked_out_of_a_record_is_not_handed_on_to_a_changed_one():
    assert own_states(PERSON)
    assert not own_states(replace(PERSON, states=(), terms=()))


# --- Properties ------------------------------------------------------------------------------------------------------

kinds = st.sampled_from([PARTY, ROMANIANS, PERSON, STATE, TREATY])
senses = st.sampled_from(
    ["main", "", "acronym", "adjective", "metonym", "surname", "core", "part", "initials", "similar"]
)
candidates = st.builds(
    CandidateView, kinds, senses, st.floats(0, 1), st.just(""), st.booleans(), st.integers(0, 40), st.booleans(),
    st.integers(0, 9), st.integers(0, 9),
)  # fmt: skip
mentions = st.builds(
    MentionView,
    st.text(min_size=1, max_size=12),
    st.sampled_from(list(MentionType)),
    st.sampled_from([None, *MentionType]),
    st.booleans(),
    st.sampled_from([None, "1950", "1999-05", "2002-05-25", "2030-01-01"]),
    offices=st.sampled_from([frozenset(), frozenset({"president"}), frozenset({"prime minister"})]),
    is_former=st.booleans(),
    years=st.sampled_from([frozenset(), frozenset({"2002"}), frozenset({"1900"})]),
    states=st.dictionaries(st.integers(1, 4), st.integers(1, 20), max_size=3),
    linked=st.frozensets(st.integers(1, 30), max_size=3),
    words=st.frozensets(st.sampled_from(["germany", "romania", "party", "x"]), max_size=3),
    countries=st.dictionaries(st.sampled_from(["DEU", "ROU", "FRA"]), st.integers(1, 9), max_size=3),
    beside=st.frozensets(st.sampled_from(["DEU", "ROU"]), max_size=2),
    inside=st.floats(0, 1),
    occurrences=st.integers(1, 100),
)


@settings(deadline=None)
@given(mentions, candidates)
def test_features_that_are_not_asked_of_anything_would_have_had_nothing_to_say(mention_, candidate):
    asked = {name for name, _ in features_for(candidate, traits(mention_))}
    silent = {name: feature for name, feature in FEATURES.items() if name not in asked}
    assert [name for name, feature in silent.items() if feature(mention_, candidate) is not None] == []


@settings(deadline=None)
@given(mentions, mentions, candidates)
def test_only_company_that_a_record_keeps_changes_what_speaks_for_it(mention_, other, candidate):
    kept = keeps_company_with(candidate.record) | {candidate.record.id}
    states = {id_: count for id_, count in mention_.states.items() if id_ in kept}
    states |= {id_: count for id_, count in other.states.items() if id_ not in kept}
    linked = (mention_.linked & kept) | (other.linked - kept)
    if bool(states) == bool(mention_.states):
        changed = replace(mention_, states=states, linked=linked)
        assert gather(changed, candidate) == gather(mention_, candidate)


@settings(deadline=None)
@given(mentions, candidates)
def test_every_value_lies_between_0_and_1_and_is_told_in_words(mention_, candidate):
    for evidence in gather(mention_, candidate).values():
        assert 0 <= evidence.value <= 1
        assert evidence.text


@settings(deadline=None)
@given(mentions, st.lists(candidates, max_size=6))
def test_probabilities_of_candidates_and_of_none_sum_to_one(mention_, listed):
    ranking = score(mention_, listed, load_profiles())
    assert all(0 <= one.probability <= 1 for one in ranking)
    assert sum(one.probability for one in ranking) <= 1 + 1e-9
    assert [one.probability for one in ranking] == sorted((one.probability for one in ranking), reverse=True)


@settings(deadline=None)
@given(st.lists(st.floats(-30, 30), min_size=1, max_size=6), st.floats(0.01, 10), st.data())
def test_more_evidence_never_lowers_a_candidates_probability_nor_raises_its_rivals(odds, more, data):
    position = data.draw(st.integers(0, len(odds) - 1))
    raised = [value + (more if number == position else 0.0) for number, value in enumerate(odds)]
    before, after = probabilities(odds), probabilities(raised)
    for number in range(len(odds)):
        if number == position:
            assert after[number] >= before[number] - 1e-12
        else:
            assert after[number] <= before[number] + 1e-12


@settings(deadline=None)
@given(mentions, st.lists(candidates, min_size=2, max_size=5), st.randoms())
def test_the_order_of_the_candidates_does_not_matter(mention_, listed, random):
    shuffled = list(listed)
    random.shuffle(shuffled)
    profiles = load_profiles()
    one, two = score(mention_, listed, profiles), score(mention_, shuffled, profiles)
    assert sorted(round(s.probability, 9) for s in one) == sorted(round(s.probability, 9) for s in two)


def test_no_candidates_have_no_probabilities():
    assert probabilities([]) == []
    assert rank([]) == []


def test_whether_an_office_was_held_on_a_day_for_as_many_days_as_are_asked_for():
    person = replace(PERSON)
    held = [holds_office(person, f"{year}-06-01") for year in range(1990, 2035)]
    assert held == [2006 <= year <= 2021 for year in range(1990, 2035)]
    assert not holds_office(PARTY, "2010-01-01")


def test_what_stands_for_a_record_is_no_plain_name_of_it():
    assert [Name("x", type=one).is_sense for one in (AliasType.METONYM, AliasType.DEMONYM, AliasType.SHORT)] == [
        True,
        True,
        False,
    ]


def test_ties_are_broken_by_id():
    assert [one.record_id for one in rank([(9, {}, 0.0), (3, {}, 0.0)])] == [3, 9]


def test_the_strongest_evidence_is_told_first_and_the_faint_not_at_all():
    profile = Profile(bias=0.0, weights={"main_name": 3.0, "rivals": -2.0, "described": 0.1})
    evidence = {"described": Evidence(1.0, "c"), "rivals": Evidence(1.0, "b"), "main_name": Evidence(1.0, "a")}
    evidence["of_another_version"] = Evidence(1.0, "no weight, no say")
    assert [name for name, _, _ in strongest(evidence, profile)] == ["main_name", "rivals"]
    assert log_odds(evidence, profile) == pytest.approx(1.1)
