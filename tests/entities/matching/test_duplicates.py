"""Pairs of records: findings, probability, groups."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entities.matching import duplicates
from entities.matching.duplicate_search import Catalogue, search
from entities.matching.duplicates import Finding, Profile, Rarity, Weights, cluster, compare, fit
from entities.matching.normalize import name_key

# Names enough that "maria" is common here and "shoigu" is rare.
CROWD = [
    Profile(1000 + at, "person", (name_key(f"Maria {name}"),), born=f"{1900 + at}-03-0{at % 9 + 1}", place="lisbon")
    for at, name in enumerate("Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Jesus Sousa".split() * 6)
]
RARITY = Rarity([*CROWD, *(Profile(at, "organization", (f"bank of place{at}",)) for at in range(30))])


def person(id_, *names, **facts):
    return Profile(id_, facts.pop("kind", "person"), tuple(map(name_key, names)), **facts)


def probability(a, b):
    return Weights.load().probability(compare(a, b, RARITY))


@pytest.mark.parametrize(
    ("left", "right", "feature"),
    [
        ("1859-05-22", "1859-05-22", "born_same_day"),
        ("1859-05-22", "1859-05-25", "born_one_digit"),
        ("1859-05-12", "1859-12-05", "born_swapped"),
        ("1859-05-22", "1859-05", "born_same_month"),
        ("1859-05-22", "1859", "born_same_year"),
        ("1859-05", "1859-06-22", "born_same_year"),
        ("1860-01-01", "1860-01-01", "born_same_year"),
        ("1859-05-22", "1859-11-17", "born_same_year"),
        ("1859-05-22", "1839-05-28", "born_two_digits"),
        ("1859", "1860", "born_next_year"),
        ("1859", "1889", "born_year_digit"),
        ("1949", "1970", "born_other"),
        ("1856-86-18", "1856-06-18", "born_one_digit"),
        ("unknown", "1856", "born_other"),
    ],
)
def test_dates_are_compared_as_people_get_them_wrong(left, right, feature):
    finding = compare(person(1, "Ann Lee", born=left), person(2, "Ann Lee", born=right), RARITY)
    assert finding.values[feature] == 1.0
    swapped = compare(person(1, "Ann Lee", born=right), person(2, "Ann Lee", born=left), RARITY)
    assert swapped.values == finding.values


def test_a_missing_date_says_nothing():
    finding = compare(person(1, "Ann Lee"), person(2, "Ann Lee", born="1950"), RARITY)
    assert not any(name.startswith("born") for name in finding.values)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (person(1, "Sergei Shoigu", born="1955-05-21"), person(2, "Sergey Shoygu", born="1955-05-21")),
        (person(1, "Arthur Conan Doyle", born="1859-05-22"), person(2, "Arthur Doyle", born="1859-05-25")),
        (person(1, "Angela Merkel", identifiers=(("wikidata", "Q567"),)),
         person(2, "Merkel Angela", identifiers=(("wikidata", "Q567"),))),
    ],
)  # fmt: skip
def test_the_same_person(a, b):
    assert probability(a, b) > 0.7
    assert probability(b, a) == pytest.approx(probability(a, b), abs=1e-9)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (person(1, "Jon Smith", born="1949-02-03"), person(2, "Jon Smith", born="1970-11-28")),
        (person(1, "Maria Silva"), person(2, "Maria Santos")),
        (person(1, "Angela Merkel", identifiers=(("wikidata", "Q567"),)),
         person(2, "Angela Merkel", identifiers=(("wikidata", "Q9"),))),
        (person(1, "Iran", kind="state"), person(2, "Iraq", kind="state")),
        (person(1, "Bank of Austria", kind="organization"), person(2, "Bank of Australia", kind="organization")),
        (person(1, "Minsk Protocol 1", kind="agreement"), person(2, "Minsk Protocol 2", kind="agreement")),
        (person(1, "Georgia", kind="state"), person(2, "Georgia", kind="person")),
    ],
)  # fmt: skip
def test_not_the_same(a, b):
    assert probability(a, b) < 0.5


def test_rare_names_say_more_than_common_ones():
    common = compare(person(1, "Maria Silva"), person(2, "Maria Silva"), RARITY)
    rare = compare(person(1, "Quorvex Plimsander"), person(2, "Quorvex Plimsander"), RARITY)
    assert rare.values["name_equal_words"] > common.values["name_equal_words"]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("person", ["both born on 1950-02-03", "contradiction: died 1990 / 2010"]),
        ("organization", ["both founded on 1950-02-03", "contradiction: dissolved 1990 / 2010"]),
        ("agreement", ["both signed on 1950-02-03", "contradiction: ended 1990 / 2010"]),
        ("state", ["both begin on 1950-02-03", "contradiction: ends 1990 / 2010"]),
    ],
)
def test_dates_are_told_in_the_words_of_the_kind(kind, told):
    a, b = (Profile(pk, kind, ("smith",), born="1950-02-03", ended=end) for pk, end in ((1, "1990"), (2, "2010")))
    assert [reason for reason in compare(a, b, RARITY).reasons if "19" in reason] == told


def test_contradictions_are_shown_not_hidden():
    finding = compare(
        person(1, "Jon Smith", born="1949", states=frozenset({1}), gender="male", identifiers=(("wikidata", "Q1"),)),
        person(2, "Jon Smith", born="1970", states=frozenset({2}), gender="female", identifiers=(("wikidata", "Q2"),)),
        RARITY,
    )
    said = " | ".join(finding.reasons)
    for words in ("contradiction: born 1949 / 1970", "no state in common", "different gender", "ids Q1 / Q2"):
        assert words in said


def test_facts_in_common_are_shown():
    finding = compare(
        person(
            1, "Jon Smith", place="lisbon", occupation="writer", states=frozenset({1}), offices=frozenset({"mayor"})
        ),
        person(
            2, "Jon Smith", place="lisbon", occupation="painter", states=frozenset({1}), offices=frozenset({"mayor"})
        ),
        RARITY,
    )
    said = " | ".join(finding.reasons)
    for words in ("same place: lisbon", "different occupation", "a state in common", "same office: mayor"):
        assert words in said


def test_records_without_a_name_may_be_compared():
    assert 0 <= probability(person(1), person(2, "Ann Lee")) <= 1


def test_one_wrong_link_does_not_chain_two_groups():
    odds = {(1, 2): 5.0, (1, 3): 5.0, (2, 3): 5.0, (4, 5): 5.0, (4, 6): 5.0, (5, 6): 5.0}
    odds[3, 4] = 2.0
    odds.update({(a, b): -3.0 for a in (1, 2, 3) for b in (4, 5, 6) if (a, b) != (3, 4)})
    assert sorted(map(sorted, cluster(odds))) == [[1, 2, 3], [4, 5, 6]]


def test_a_group_holds_together_through_pairs_that_were_not_compared():
    assert cluster({(1, 2): 6.0, (2, 3): 6.0}) == [{1, 2, 3}]
    assert cluster({}) == []
    assert cluster({(1, 2): -1.0}) == []


def test_pairs_judged_different_never_come_back():
    twins = [
        person(1, "Quorvex Plimsander", born="1950-02-03"),
        person(2, "Quorvex Plimsander", born="1950-02-03"),
        person(3, "Quorvex Plimsander", born="1950-02-03"),
    ]
    assert len(search([*twins, *CROWD]).groups) == 1
    found = search([*twins, *CROWD], different=frozenset({(1, 2), (1, 999_999)}))
    pairs = {(pair.a, pair.b) for pair in found.all()}
    assert (1, 2) not in pairs
    assert not any({1, 2} <= set(group) for group in found.groups)


def test_two_wikidata_ids_keep_groups_apart():
    three = [
        person(1, "Quorvex Plimsander", born="1950-02-03", identifiers=(("wikidata", "Q1"),)),
        person(2, "Quorvex Plimsander", born="1950-02-03"),
        person(3, "Quorvex Plimsander", born="1950-02-03", identifiers=(("wikidata", "Q2"),)),
    ]
    assert not any({1, 3} <= set(group) for group in search([*three, *CROWD]).groups)


def test_finding_reports_each_pair_once_in_order_with_reasons():
    people = [person(7, "Quorvex Plimsander", born="1950-02-03"), person(3, "Quorvecs Plimsander", born="1950-02-03")]
    found = list(search([*people, *CROWD]).sure())
    assert [(pair.a, pair.b) for pair in found] == [(3, 7)]
    assert found[0].probability >= duplicates.SAME_AT
    assert any("both born on 1950-02-03" in reason for reason in found[0].reasons)
    assert list(search([]).all()) == []


def pairs_of(people):
    catalogue = Catalogue(people)
    catalogue.index_names()
    return {(pair >> 32, pair & 0xFFFFFFFF) for pair in catalogue.pairs().tolist()}


def test_candidate_pairs_come_from_names_identifiers_and_dates():
    people = [
        person(0, "Vladimir Putin"),
        person(1, "Wladimir Poutine"),
        person(2, "Elizabeth Windsor", identifiers=(("wikidata", "Q9682"),)),
        person(3, "Lilibet", identifiers=(("wikidata", "Q9682"),)),
        person(4, "Billie Meers", born="1850-11-24"),
        person(5, "William Jones", born="1850-11-24"),
    ]
    assert {(0, 1), (2, 3), (4, 5)} <= pairs_of(people)


def test_ends_of_life_and_offices_are_findings_too():
    left = person(1, "Ann Lee", ended="1950-02-03", offices=frozenset({"mayor", "judge"}))
    same = compare(left, person(2, "Ann Lee", ended="1950-02-03", offices=frozenset({"judge"})), RARITY)
    assert same.values["ended_same_day"] == same.values["offices_shared"] == 1.0
    assert {"both died on 1950-02-03", "same office: judge"} <= set(same.reasons)
    other = compare(left, person(3, "Ann Lee", ended="1969", offices=frozenset({"senator"})), RARITY)
    assert other.values["ended_other"] == other.values["offices_other"] == 1.0
    assert "contradiction: died 1950-02-03 / 1969" in other.reasons


NAMES = st.lists(st.sampled_from("ann anna lee le li o 1st 2nd ivan iwan ivanov jr".split()), max_size=4).map(" ".join)
PEOPLE = st.builds(
    lambda kind, name, born, ended, place, gender, states, offices, identifiers: Profile(
        0, kind, (name,) if name else (), born, ended, place, "", gender, states, offices, identifiers
    ),
    st.sampled_from(["person", "organization"]),
    NAMES,
    st.sampled_from(["", "1950", "1950-02", "1950-02-03", "1950-03-02", "1951", "1969-02-03", "unknown"]),
    st.sampled_from(["", "1990", "1990-02-03", "2001"]),
    st.sampled_from(["", "york", "new york", "lisbon"]),
    st.sampled_from(["", "f", "m"]),
    st.sampled_from([frozenset(), frozenset({1}), frozenset({1, 2}), frozenset({3})]),
    st.sampled_from([frozenset(), frozenset({"mayor"}), frozenset({"judge"})]),
    st.sampled_from([(), (("wikidata", "Q1"),), (("wikidata", "Q2"),)]),
)


@settings(deadline=None, max_examples=200)
@given(PEOPLE, PEOPLE)
def test_a_comparison_is_symmetric_and_within_bounds(a, b):
    finding = compare(a, b, RARITY)
    other = compare(b, a, RARITY)
    thing = {name for name in finding.values if name.startswith("thing_")}
    if a.kind == b.kind:
        assert finding.values == other.values
    else:
        assert {name: value for name, value in finding.values.items() if name not in thing} == {
            name: value for name, value in other.values.items() if not name.startswith("thing_")
        }
    assert all(0 <= value <= 2 for value in finding.values.values())
    assert 0 < Weights.load().probability(finding) < 1


@settings(deadline=None, max_examples=100)
@given(PEOPLE)
def test_a_record_compared_with_itself_shows_no_contradiction(a):
    finding = compare(a, a, RARITY)
    assert not any("contradiction" in reason for reason in finding.reasons if a.born != "unknown")
    assert not any(name.endswith(("_other", "_conflict", "_extra")) and value for name, value in finding.values.items())
    if a.names:
        assert finding.values["name_same"] == finding.values["name_whole"] == 1.0


def test_fitting_leaves_what_is_fixed_alone_and_halves_steps_that_lead_astray(monkeypatch):
    # Far from the prior of -7: Newton's first step would overshoot by thousands.
    findings = [{"bias": 1.0, "identifier_other": 5.0, "unbacked_conflict": 1.0}] * 1000 + [{"bias": 1.0}] * 10
    weights = fit(findings, [True] * 1000 + [False] * 10).by_feature
    assert 0 < weights["identifier_other"] < 20
    assert weights["unbacked_conflict"] == duplicates._PRIOR["unbacked_conflict"]
    monkeypatch.setattr(duplicates, "_STEPS", 1)
    assert fit(findings, [True] * 1000 + [False] * 10).by_feature["identifier_other"] != weights["identifier_other"]


def test_fitting_learns_and_keeps_the_prior_of_what_it_never_saw():
    findings = [{"bias": 1.0, "name_same": 1.0}] * 30 + [{"bias": 1.0, "name_same": 0.0}] * 30
    weights = fit(findings, [True] * 30 + [False] * 30)
    assert weights.probability(Finding(findings[0], ())) > 0.8
    assert weights.probability(Finding(findings[-1], ())) < 0.2
    assert weights.by_feature["identifier_other"] < -5
    with pytest.raises(ValueError, match="fitting needs"):
        fit(findings[:3], [True] * 3)
