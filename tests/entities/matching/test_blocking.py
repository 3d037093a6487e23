"""The candidate index's core: features, segments, shortlists, closeness."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entities.benchmarks.generator import NameMaker, queries
from entities.matching import blocking
from entities.matching.blocking import BlockingIndex, Segment, Tail
from entities.matching.normalize import name_key


class MemoryStore(dict):
    """Posting lists in a dict."""

    def __init__(self):
        super().__init__()
        self.reads = 0

    def read(self, keys):
        self.reads += 1
        return {key: self[key] for key in keys if key in self}


def index_of(names, cuts=1, kinds=None):
    """The names under their places in the list, cut into so many segments."""
    store = MemoryStore()
    segments = []
    kinds = kinds or [0] * len(names)
    for number in range(cuts):
        places = range(number, len(names), cuts)
        segment, postings = blocking.build(
            number + 1,
            list(places),
            [kinds[place] for place in places],
            [blocking.fold(name_key(names[place])) for place in places],
        )
        store.update(postings)
        segments.append(segment)
    return BlockingIndex(segments, Tail()), store


def shortlist(index, store, text, **options):
    options.setdefault("keep", 10)
    return index.shortlist([blocking.features(name_key(text))], store, **options)[0]


NAMES = [
    "Angela Merkel",
    "Ángel Gurría",
    "Vladimir Putin",
    "European Union",
    "Merkel Angela Dorothea",
    "Wladimir Klitschko",
]


@pytest.mark.parametrize("cuts", [1, 2, 3])
@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("Angela Merkel", 0),
        ("Merkel, Angela", 0),
        ("Angla Merkel", 0),
        ("AngelaMerkel", 0),
        ("Vladimir Poutine", 2),
        ("Union européenne", 3),
        ("Vladimir Klitchko", 5),
    ],
)
def test_the_name_meant_comes_first(text, best, cuts):
    index, store = index_of(NAMES, cuts)
    assert shortlist(index, store, text).ids[0] == best


@pytest.mark.parametrize("text", ["", "  ", "—", "!!!", "\u200b"])
def test_text_without_letters_finds_nothing_and_reads_nothing(text):
    index, store = index_of(NAMES)
    assert len(shortlist(index, store, text).ids) == 0
    assert store.reads == 0


def test_names_without_letters_may_be_indexed():
    index, store = index_of(["—", "", "Kofi Annan"])
    assert shortlist(index, store, "Kofi Anan").ids.tolist() == [2]


def test_an_empty_index_answers_with_nothing():
    index, store = index_of([])
    assert len(shortlist(index, store, "Angela Merkel").ids) == 0
    assert not index.is_larger_than(0)


def test_only_the_kinds_asked_for_are_found():
    index, store = index_of(["Georgia", "Georgia"], kinds=[0, 1])
    assert shortlist(index, store, "Georgia", kinds=[1]).ids.tolist() == [1]
    assert set(shortlist(index, store, "Georgia").ids.tolist()) == {0, 1}
    assert len(shortlist(index, store, "Georgia", kinds=[7]).ids) == 0


def test_the_tail_is_found_beside_the_segments():
    index, store = index_of(NAMES)
    tail = Tail([(77, 1, blocking.make_features(name_key("Angela Merkle"))), (78, 1, blocking.make_features(""))])
    assert len(tail) == 1
    both = BlockingIndex(index._segments, tail)
    assert shortlist(both, store, "Angela Merkle").ids[0] == 77
    assert 77 not in shortlist(both, store, "Angela Merkle", kinds=[0]).ids
    assert shortlist(BlockingIndex((), tail), store, "Angela Merkle").ids.tolist() == [77]


def test_all_queries_are_read_at_one_go():
    index, store = index_of(NAMES, cuts=3)
    found = index.shortlist([blocking.features(name_key(name)) for name in NAMES], store, keep=3)
    assert [one.ids[0] for one in found] == list(range(len(NAMES)))
    assert store.reads == 1


def test_a_segment_survives_its_bytes(monkeypatch):
    monkeypatch.setattr(blocking, "_HEAVY", 20)
    names = [blocking.fold(name_key(name)) for _, name in NameMaker(5, surnames=200, places=200).names(2000)]
    segment, _ = blocking.build(9, [10 * at for at in range(2000)], [at % 3 for at in range(2000)], names)
    again = Segment.from_parts(9, segment.to_parts())
    for field in ("ids", "kinds", "signatures", "bits"):
        assert np.array_equal(getattr(segment, field), getattr(again, field))
    assert again.heavy == segment.heavy
    assert segment.heavy


def test_an_index_tells_its_size_in_names_and_bytes():
    index, store = index_of(NAMES, cuts=2)
    both = BlockingIndex(index._segments, Tail([(77, 1, blocking.make_features("kofi annan"))]))
    assert len(both) == len(NAMES) + 1
    assert both.is_larger_than(len(NAMES) - 1)
    assert not both.is_larger_than(len(NAMES))
    assert both.scratch_bytes == 0
    shortlist(both, store, "Kofi Annan")
    assert both.scratch_bytes == 5 * 3
    assert all(segment.nbytes >= 38 * len(segment) for segment in index._segments)


def test_every_feature_is_found_under_one_key_for_each_segment():
    index, store = index_of(NAMES, cuts=3)
    code = blocking.skeleton_code("merkel")
    keys = index.postings_of(code)
    assert [key >> blocking.FEATURE_BITS for key in keys] == [1, 2, 3]
    assert sum(len(store[key]) // 4 for key in keys if key in store) == 2


@given(st.lists(st.text(alphabet="abcdefghijk ", min_size=1, max_size=25), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_surface_form_and_a_name_have_the_same_signature(names):
    folded = [blocking.fold(name_key(name)) for name in names]
    segment, _ = blocking.build(1, range(len(names)), [0] * len(names), folded)
    for number, signature, bits in zip(segment.ids.tolist(), segment.signatures, segment.bits.tolist(), strict=True):
        query = blocking.make_features(folded[number])
        assert query.signature.tolist() == signature.tolist()
        assert query.bits == bits


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=5), st.lists(st.floats(0, 1.5), min_size=5))
@settings(max_examples=100, deadline=None)
def test_closeness_is_within_bounds_and_one_for_the_same_words(text, keys, estimates):
    query = blocking.make_features(text)
    scores = blocking.closeness(query, [*keys, text], [*estimates[: len(keys)], 0.9])
    assert all(0 <= score <= 1 for score in scores)
    assert scores[-1] == 1 or query.is_empty


def test_ids_beyond_32_bits_survive():
    segment, _ = blocking.build(1, [2**40, 7], [0, 0], ["kofi annan", "ban ki moon"])
    assert set(Segment.from_parts(1, segment.to_parts()).ids.tolist()) == {2**40, 7}


def test_postings_list_each_name_once_and_rise_in_key():
    _, rows = blocking.build(3, [1, 2], [0, 0], ["banana anan", "ana"])
    rows = list(rows)
    assert [key for key, _ in rows] == sorted({key for key, _ in rows})
    for key, data in rows:
        positions = np.frombuffer(data, dtype="<u4").tolist()
        assert key >> blocking.FEATURE_BITS == 3
        assert positions == sorted(set(positions))


def test_hostile_length_is_bounded():
    query = blocking.make_features("ab cd ef " * 100_000)
    assert len(query.folded) <= 600
    varied = blocking.make_features("".join(chr(97 + at * at % 26) for at in range(5000)))
    assert len(varied.codes) <= 120


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_folding_gives_ascii_words(text):
    folded = blocking.fold(text)
    assert folded == " ".join(folded.split())
    assert all(char.isascii() and (char.isalnum()) for char in folded.replace(" ", ""))


@given(st.lists(st.text(alphabet="abcdefgh ", min_size=3, max_size=20), min_size=1, max_size=20), st.data())
@settings(max_examples=60, deadline=None)
def test_a_name_finds_itself_before_any_other(names, data):
    index, store = index_of(names)
    text = data.draw(st.sampled_from(names))
    found = shortlist(index, store, text, keep=len(names))
    if not blocking.features(name_key(text)).is_empty:
        assert names.index(text) in found.ids
        assert found.estimates[0] == pytest.approx(1.0, abs=1e-6)
    assert (found.estimates >= 0).all()
    assert (found.estimates <= 1 + 1e-6).all()
    assert (np.diff(found.estimates) <= 0).all()


def test_scratch_space_is_clean_after_each_query():
    names = [name for _, name in NameMaker(5, surnames=200, places=200).names(3000)]
    index, store = index_of(names)
    before = shortlist(index, store, names[5]).ids.tolist()
    for name in random.Random(3).sample(names, 50):
        shortlist(index, store, name)
    assert shortlist(index, store, names[5]).ids.tolist() == before
    assert not index._idle[0].sums.any()


def test_cutting_into_segments_hardly_changes_the_answers():
    names = [name for _, name in NameMaker(6, surnames=400, places=400).names(4000)]
    whole, whole_store = index_of(names)
    cut, cut_store = index_of(names, cuts=5)
    asked = queries(names, 150, seed=8)
    same = [
        shortlist(whole, whole_store, query.text, keep=1).ids.tolist()
        == shortlist(cut, cut_store, query.text, keep=1).ids.tolist()
        for query in asked
    ]
    assert sum(same) >= 145


def test_recall_on_generated_queries():
    names = [name for _, name in NameMaker(1).names(20_000)]
    index, store = index_of(names)
    asked = queries(names, 400, seed=2)
    found = sum(query.target in shortlist(index, store, query.text, keep=50).ids for query in asked)
    assert found / len(asked) >= 0.985


def test_a_query_of_frequent_features_alone_is_answered_on_any_budget():
    index, store = index_of(["Maria Ana"] * 400 + ["Maria Anna"])
    assert len(shortlist(index, store, "Maria Ana", keep=5, budgets=(1,)).ids) == 5


def test_closeness_is_one_for_equal_names_in_any_order_and_bounded():
    query = blocking.features(name_key("Angela Merkel"))
    keys = [name_key(name) for name in ("Merkel Angela", "Angela Merkle", "Kofi Annan")]
    equal, near, far = blocking.closeness(query, keys, [1.0, 0.8, 0.0])
    assert equal == 1.0
    assert 0 <= far < 0.3 < near < 1
    assert blocking.closeness(query, [], []) == []


def test_a_sure_answer_reads_no_more_and_a_doubtful_one_reads_on():
    maker = NameMaker(3)
    names = [name for _, name in maker.names(8000)]
    index, store = index_of(names)
    assert shortlist(index, store, names[7], budgets=(50, 100_000)).ids[0] == 7
    assert store.reads == 1
    text = "Cooperation Mohammedson Maryamova Developing"
    doubtful = shortlist(index, store, text, budgets=(50, 100_000))
    assert store.reads == 3
    assert doubtful.ids.tolist() == shortlist(index, store, text, budgets=(100_000,)).ids.tolist()


def test_names_near_the_best_one_are_counted():
    listed = blocking.Shortlist(np.arange(4), np.array([0.84, 0.8, 0.55, 0.5], dtype=np.float32))
    assert listed.near() == 3
    certain = blocking.Shortlist(np.arange(4), np.array([0.95, 0.8, 0.77, 0.75], dtype=np.float32))
    assert certain.near() == 3
    assert blocking.Shortlist(np.arange(0), np.zeros(0, dtype=np.float32)).near() == 0


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(alphabet="abcdeо ", min_size=1, max_size=20), min_size=1, max_size=30), st.data())
def test_estimates_are_within_bounds_and_in_order(names, data):
    index, store = index_of(names)
    text = data.draw(st.sampled_from(names))
    for budgets in ((1,), (5, 1000)):
        found = shortlist(index, store, text, keep=20, budgets=budgets)
        assert len(set(found.ids.tolist())) == len(found.ids)
        assert np.all(found.estimates[:-1] >= found.estimates[1:])
        assert np.all((found.estimates >= 0) & (found.estimates <= 1.01))
