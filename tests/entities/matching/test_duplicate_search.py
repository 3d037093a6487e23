"""The search over many records: its parts, its processes, and that it finds what comparing every pair finds."""

from functools import partial
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entities.benchmarks.generator import records
from entities.matching import duplicate_search, duplicates
from entities.matching.duplicate_search import Catalogue, Profiles, search
from entities.matching.duplicates import Profile, Weights
from entities.matching.normalize import name_key


def made(size, seed=7, twice=0.3):
    """Generated records as profiles, and the thing that each is of."""
    rows = list(records(size, seed, things_twice=twice))
    profiles = [
        Profile(
            number, row.kind, tuple(dict.fromkeys(name_key(name) for name in (row.name, *row.aliases))), row.begins, "",
            name_key(row.place), name_key(row.occupation), row.gender,
            identifiers=(("wikidata", row.wikidata),) if row.wikidata else (),
        )
        for number, row in enumerate(rows, 1)
    ]  # fmt: skip
    return profiles, [0, *(row.thing for row in rows)]


def answer(found):
    return [(pair.a, pair.b, pair.probability, pair.reasons) for pair in found.all()], sorted(found.groups)


def test_profiles_come_back_as_they_went_in():
    rows, _ = made(50)
    rows.append(Profile(9_000_000_000, "state", (), states=frozenset({3, 4}), offices=frozenset({"mayor"})))
    kept = Profiles()
    for row in rows:
        kept.append(row)
    assert list(kept) == rows
    assert len(kept) == 51


def test_known_duplicates_are_found_and_homonyms_left_alone():
    rows, things = made(1500)
    found = list(search(rows).ids())
    right = sum(things[a] == things[b] for a, b in found)
    true = sum(things[a] == things[b] for a, b in combinations(range(1, 1501), 2))
    assert right / len(found) > 0.9
    assert right / true > 0.8


def test_several_processes_find_what_one_finds(monkeypatch):
    monkeypatch.setattr(duplicate_search, "_FEW", 100)
    monkeypatch.setattr(duplicate_search, "_NAMES_IN_PART", 40)
    monkeypatch.setattr(duplicate_search, "_PAIRS_IN_PART", 300)
    rows, _ = made(400)
    told = []
    assert answer(search(rows, processes=2, say=told.append)) == answer(search(rows))
    assert len(told) == 3


def test_the_order_of_the_records_changes_no_answer():
    rows, _ = made(300)
    assert answer(search(rows)) == answer(search(rows[::-1]))


def test_names_in_several_segments_are_found_as_in_one(monkeypatch):
    rows, _ = made(400)
    whole = {(pair.a, pair.b) for pair in search(rows).sure()}
    monkeypatch.setattr(duplicate_search, "_NAMES_AT_ONCE", 150)
    assert {(pair.a, pair.b) for pair in search(rows).sure()} == whole


def test_a_glance_drops_only_pairs_that_a_comparison_would_drop_too():
    rows, _ = made(300)
    catalogue = Catalogue(rows)
    every = np.array([a << 32 | b for a, b in combinations(range(len(rows)), 2)], dtype=np.int64)
    dropped = every[~catalogue._facts.may_be_one(every)]
    assert len(dropped) > 0.8 * len(every)
    weights = Weights.load()
    assert not any(weights.probability(catalogue.compare(pair)) >= duplicates.SAME_AT for pair in dropped.tolist())


@pytest.mark.parametrize(
    ("a", "b", "kept"),
    [
        (Profile(1, "person", ("jon smith",), "1949"), Profile(2, "person", ("jon smith",), "1970"), True),
        (Profile(1, "person", ("jon smith",), "1949"), Profile(2, "person", ("john smythe",), "1970"), False),
        (Profile(1, "person", ("jon smith",), "1949-02-03"), Profile(2, "person", ("x y",), "1949-02-03"), True),
        (Profile(1, "person", ("jon smith",), "1949-02-03"), Profile(2, "person", ("jo s",), "1969-02-03"), True),
        (Profile(1, "person", ("jon smith",)), Profile(2, "person", ("pavel novak",)), False),
        (Profile(1, "person", ("jon smith",), "1949"), Profile(2, "person", ("pavel novak",), "1949"), False),
        (Profile(1, "person", ("jon smith",), "1949"), Profile(2, "person", ("john smith",), "1949"), True),
        (Profile(1, "person", ("jon smith",), place="york"), Profile(2, "person", ("j s",), place="york"), True),
        (Profile(1, "person", ("q w e",)), Profile(2, "person", ("jo", "b", "c")), True),
        (Profile(1, "person", ()), Profile(2, "person", ()), False),
        (Profile(1, "person", ("jon",), "1949", identifiers=(("w", "1"),)),
         Profile(2, "person", ("ann",), "1970", identifiers=(("w", "2"),)), True),
    ],
)  # fmt: skip
def test_what_a_glance_keeps(a, b, kept):
    facts = Catalogue([a, b])._facts
    assert facts.may_be_one(np.array([1], dtype=np.int64)).tolist() == [kept]


def test_contradicting_years_of_one_name_are_shown_as_doubtful_or_not_at_all():
    pair = [
        Profile(1, "person", ("quorvex plimsander",), "1949", occupation="writer", place="york"),
        Profile(2, "person", ("quorvex plimsander",), "1970", occupation="writer", place="york"),
    ]
    crowd, _ = made(200)
    crowd = [Profile(10 + row.id, *(getattr(row, name) for name in duplicate_search._FIELDS[1:])) for row in crowd]
    found = [one for one in search([*pair, *crowd], review_at=0.0001).all() if (one.a, one.b) == (1, 2)]
    assert all("contradiction: born 1949 / 1970" in one.reasons for one in found)


def test_a_day_that_many_share_is_no_key_and_a_day_with_a_fact_is():
    strangers = [Profile(at, "person", (f"{chr(97 + at) * 5} {chr(122 - at) * 6}",), "1950-02-03") for at in range(20)]
    strangers[3] = Profile(3, "person", ("ddddd wwwwww",), "1950-02-03", place="york")
    strangers[9] = Profile(9, "person", ("jjjjj qqqqqq",), "1950-02-03", place="york")
    catalogue = Catalogue(strangers)
    catalogue.index_names()
    pairs = {(pair >> 32, pair & 0xFFFFFFFF) for pair in catalogue.pairs().tolist()}
    assert (3, 9) in pairs
    assert len(pairs) < 100


def test_a_pair_in_one_group_only_through_others_says_so():
    rows = [Profile(at, "person", ("quorvex plimsander",), "1950-02-03") for at in (1, 2, 3)]
    rows[2] = Profile(3, "person", ("quorvex plimsander", "zyx wvu"), "1950-02-03")
    crowd = [Profile(at, "person", (f"maria {'abcdefghij'[at % 10] * 4}son",), f"19{at}-01-02") for at in range(20, 60)]
    catalogue = Catalogue([*rows, *crowd])
    kept = np.array([0 << 32 | 1, 1 << 32 | 2], dtype=np.int64)
    found = duplicate_search.grouped(
        catalogue, kept, np.array([9.0, 9.0]), Weights({}), 0.5, 0.2, np.zeros(0, dtype=np.int64)
    )
    assert found.groups == [[1, 2, 3]]
    said = {(pair.a, pair.b): pair.reasons for pair in found.sure()}
    assert "one group through other records" not in said[1, 2]
    stricter = duplicate_search.grouped(
        catalogue, kept, np.array([9.0, 9.0]), Weights({"bias": -1.0}), 0.5, 0.2, np.zeros(0, dtype=np.int64)
    )
    said = {(pair.a, pair.b): pair.reasons for pair in stricter.sure()}
    assert "one group through other records" in said[1, 3]


def test_a_full_store_of_right_hand_profiles_is_emptied(monkeypatch):
    rows, _ = made(120)
    catalogue = Catalogue(rows)
    every = np.array([a << 32 | b for a, b in combinations(range(len(rows)), 2)], dtype=np.int64)
    before = catalogue.likely(Weights.load(), every)
    monkeypatch.setattr(duplicate_search, "_RIGHTS_KEPT", 5)
    after = catalogue.likely(Weights.load(), every)
    assert before[0].tolist() == after[0].tolist()
    assert before[1].tolist() == pytest.approx(after[1].tolist())


def test_one_process_is_used_where_there_is_no_fork(monkeypatch):
    monkeypatch.setattr(duplicate_search, "_FEW", 1)
    monkeypatch.setattr(duplicate_search.multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    rows, _ = made(60)
    with duplicate_search._workers(Catalogue(rows), 4) as run:
        assert run is map
    assert callable(partial(Catalogue.likely, None))


def test_a_name_without_a_word_leads_to_nobody():
    rows = [Profile(1, "person", ("…",), "1950"), Profile(2, "person", ("…",), "1950")]
    assert list(search(rows).ids()) == []


def test_pairs_that_weights_are_fitted_to_are_those_that_are_compared():
    rows, things = made(300)
    pairs = Catalogue(rows).promising().tolist()
    same = {(a, b) for a, b in combinations(range(300), 2) if things[a + 1] == things[b + 1]}
    compared = {(pair >> 32, pair & 0xFFFFFFFF) for pair in pairs}
    assert len(compared) == len(pairs)
    assert len(same & compared) >= 0.9 * len(same)


WORDS = st.sampled_from(["anna", "ana", "petrov", "petrova", "smith", "smyth", "bank", "lee", "jr"])
PROFILES = st.lists(
    st.builds(
        lambda names, born, place, identifier: (tuple(names), born, place, identifier),
        st.lists(st.lists(WORDS, min_size=1, max_size=3).map(" ".join), max_size=3),
        st.sampled_from(["", "1950", "1950-02-03", "1951-02-03", "unknown", "1856-86-18"]),
        st.sampled_from(["", "york"]),
        st.sampled_from([(), (("wikidata", "Q1"),), (("wikidata", "Q2"),)]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=60)
@given(PROFILES, st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda pair: pair[0] < pair[1])))
def test_pairs_are_different_records_come_once_and_never_those_judged_different(rows, different):
    profiles = [
        Profile(at, "person", names, born, place=place, identifiers=identifier)
        for at, (names, born, place, identifier) in enumerate(rows)
    ]
    found = list(search(profiles, different=frozenset(different)).all())
    pairs = [(pair.a, pair.b) for pair in found]
    assert len(set(pairs)) == len(pairs)
    assert all(a < b for a, b in pairs)
    assert not different & set(pairs)
    assert all(0 <= pair.probability <= 1 and pair.reasons for pair in found)
