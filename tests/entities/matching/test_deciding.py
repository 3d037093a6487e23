"""Decisions, profiles, learning and the names of offices."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entities.matching.decision import decide
from entities.matching.features import FEATURES
from entities.matching.learning import CONTRA, PARTS, PRIOR, PRO, Case, ablations, fit, folds, log_loss
from entities.matching.offices import fits, offices
from entities.matching.profiles import WEIGHTS_PATH, load_profiles
from entities.matching.types import Evidence, Kind, Outcome


@pytest.mark.parametrize(
    ("ranking", "outcome"),
    [
        ([], Outcome.NIL),
        ([(1, 0.95), (2, 0.40)], Outcome.LINK),
        ([(1, 0.95), (2, 0.94)], Outcome.REVIEW),  # two Georgias: a near tie is a person's to break
        ([(1, 0.6)], Outcome.REVIEW),
        ([(1, 0.3)], Outcome.NIL),
    ],
)
def test_decide(ranking, outcome):
    assert decide(ranking, link_at=0.9, review_at=0.5, margin=0.1)[0] is outcome


def test_review_cannot_lie_above_link():
    with pytest.raises(ValueError, match="above link_at"):
        decide([], link_at=0.4, review_at=0.5, margin=0.1)


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.5))
def test_a_likelier_best_candidate_is_never_decided_worse(low, high, rival):
    order = [Outcome.NIL, Outcome.REVIEW, Outcome.LINK]
    low, high = sorted((low, high))
    rank = [decide([(1, p), (2, min(rival, p))], link_at=0.6, review_at=0.2, margin=0.1)[0] for p in (low, high)]
    assert order.index(rank[0]) <= order.index(rank[1])


def test_shipped_weights_know_every_feature_and_every_kind():
    data = json.loads(WEIGHTS_PATH.read_text(encoding="utf-8"))
    assert set(data["shared"]) == set(FEATURES)
    assert set(load_profiles()) == {*map(str, Kind), "role", "described"}


@pytest.mark.parametrize("kind", list(Kind))
def test_shipped_weights_keep_their_signs(kind):
    weights = load_profiles()[str(kind)].weights
    assert all(weights[name] >= -1e-6 for name in PRO)
    assert all(weights[name] <= 1e-6 for name in CONTRA)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data["profiles"].pop("role"), "no profile role"),
        (lambda data: data["shared"].update(rivals="much"), "no number"),
    ],
)
def test_a_broken_weights_file_is_named(tmp_path, change, message):
    data = json.loads(WEIGHTS_PATH.read_text(encoding="utf-8"))
    if message == "no number":
        data["profiles"]["role"]["weights"]["office"] = "much"
    else:
        change(data)
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_profiles(path)


def case(right, group="a", weight=1.0, **values):
    return Case(((Kind.PERSON, {name: Evidence(value, "") for name, value in values.items()}),), right, weight, group)


def test_learning_lowers_the_loss_and_keeps_the_signs():
    cases = [case(0, str(n), main_name=1.0, prominence=0.9) for n in range(30)]
    cases += [case(-1, str(n), main_name=1.0, rivals=1.0) for n in range(30)]
    learnt = fit(cases, PRIOR, steps=200)
    assert log_loss(cases, learnt) < log_loss(cases, PRIOR)
    assert all(learnt.of(kind)[name] >= -1e-6 for name in PRO for kind in Kind)
    assert all(learnt.of(kind)[name] <= 1e-6 for name in CONTRA for kind in Kind)


def test_what_speaks_for_a_record_is_not_learnt_to_speak_against_it():
    learnt = fit([case(-1, str(n), its_state=1.0) for n in range(50)], PRIOR, steps=200)
    assert learnt.of(Kind.PERSON)["its_state"] >= 0


def test_nothing_is_learnt_from_nothing():
    with pytest.raises(ValueError, match="no cases"):
        fit([], PRIOR)
    assert log_loss([], PRIOR) == 0.0


def test_leaving_out_what_tells_records_apart_costs_and_what_says_nothing_does_not(monkeypatch):
    monkeypatch.setattr("entities.matching.learning.FEATURE_NAMES", ("surname", "office_fits", "outlet"))
    monkeypatch.setattr("entities.matching.learning.PARTS", {"titles": ("office_fits",)})
    cases = [case(0, f"yes {number}", surname=1.0, office_fits=1.0) for number in range(12)]
    cases += [case(-1, f"no {number}", surname=1.0) for number in range(12)]
    few = [case(0, "one", surname=1.0, office_fits=1.0)]
    found = {one.without: one.by_gold for one in ablations({"many": cases, "few": few, "none": []}, PRIOR, count=3)}
    assert list(found) == ["nothing", "titles", "surname", "office_fits", "outlet"]
    assert all(set(by_gold) == {"many", "few"} for by_gold in found.values())
    loss, right = found["nothing"]["many"]
    assert right == 1.0
    assert found["outlet"]["many"] == (loss, right)
    assert found["titles"] == found["office_fits"]
    assert found["titles"]["many"][0] > loss + 0.1
    assert found["titles"]["many"][1] <= 0.5  # all alike: at least half of them are wrong


def test_the_parts_hold_known_features_each_once():
    named = [feature for features in PARTS.values() for feature in features]
    assert set(named) <= set(FEATURES)
    assert len(named) == len(set(named))


def test_a_document_is_never_in_train_and_test_at_once():
    cases = [case(0, str(number % 7)) for number in range(40)]
    parts = folds(cases, 3)
    assert sum(len(test) for _, test in parts) == len(cases)
    for train, test in parts:
        assert not {one.group for one in train} & {one.group for one in test}


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("Minister of Foreign Affairs", {"foreign minister"}), ("foreign minister", {"foreign minister"}),
        ("top diplomat", {"foreign minister"}), ("Vice President", {"vice president"}),
        ("Deputy Prime Minister", {"deputy prime minister"}),
        ("President of the European Commission", {"commission president"}), ("Minister of Sport", {"sport minister"}),
        ("tourism minister", {"tourism minister"}), ("King", {"monarch"}), ("Präsident", {"president"}),
        ("премьер-министр", {"prime minister"}), ("chancellor of the exchequer", {"finance minister"}), ("baker", set()),
        ("minister", set()),
        ("Speaker of the House", {"speaker"}), ("opposition leader", {"opposition leader"}),
    ],
)  # fmt: skip
def test_titles_name_offices(title, named):
    assert offices(title) == named


def test_how_well_a_described_office_fits_a_held_one():
    assert fits(frozenset({"president"}), frozenset({"president", "party leader"})) == 1.0
    assert fits(frozenset({"leader"}), frozenset({"prime minister"})) == 0.7
    assert fits(frozenset({"head of state"}), frozenset({"monarch"})) == 0.9
    assert fits(frozenset({"foreign minister"}), frozenset({"president"})) == 0.0
