"""How the weights of name comparison are learnt."""

import json

import pytest

from entities.matching.names import WEIGHTS_PATH, compare_prepared, models_of, prepare
from entities.matching.names.evidence import ACROSS, FEATURES
from entities.matching.names.fitting import (
    cases_of,
    fit,
    fit_rows,
    fit_words,
    pairs_of_records,
    pairs_of_transcriptions,
)
from entities.matching.names.frequencies import count


def test_weights_keep_the_sign_of_their_evidence():
    rows = [((1.0, 1.0), True, 1.0), ((0.0, 1.0), True, 1.0), ((1.0, 0.0), False, 1.0), ((0.0, 0.0), False, 1.0)] * 5
    made = fit_rows(rows, {"helps": True, "harms": False}, lean=1.0)
    assert made["weights"]["harms"] == 0.0  # it goes with pairs that match, and may still not speak for them
    assert made["weights"]["helps"] >= 0.0
    assert made["pairs"] == 20


def test_what_tells_pairs_apart_gets_weight():
    rows = [((1.0,), True, 1.0), ((0.9,), True, 1.0), ((0.1,), False, 1.0), ((0.2,), False, 1.0)] * 10
    made = fit_rows(rows, {"alike": True}, lean=1.0)
    assert made["weights"]["alike"] > 2
    assert made["constant"] < 0


def test_the_shipped_weights_keep_their_signs():
    data = json.loads(WEIGHTS_PATH.read_text(encoding="utf-8"))
    for name, given in data["pairs"].items():
        for feature, speaks_for in (ACROSS if name == "across" else FEATURES).items():
            weight = given["weights"][feature]
            assert weight >= 0 if speaks_for else weight <= 0, (name, feature)


def test_pairs_that_need_no_model_are_no_cases():
    words = models_of(json.loads(WEIGHTS_PATH.read_text(encoding="utf-8"))).words
    pairs = [
        ("Germany", "Allemagne", "state", True, 1.0),
        ("Li Na", "li na", "person", True, 1.0),
        ("Obama", "Merkel", "person", False, 1.0),
        ("Jon Smith", "John Smith", "person", True, 1.0),
        ("Putin", "Путин", "person", True, 1.0),
    ]
    found = cases_of(pairs, words)
    assert {name: len(rows) for name, rows in found.items()} == {"person": 1, "across": 1}


def test_records_teach_what_is_one_and_what_is_a_namesake():
    records = [(f"Ahmed Nazarbek{number}", [f"A. Nazarbek{number}", f"Ahmed Nazarbek{number}"]) for number in range(20)]
    found = pairs_of_records(records, "person")
    assert ("Ahmed Nazarbek3", "A. Nazarbek3", "person", True, 0.5) in found
    assert any(a == "ahmed" and not match for a, b, kind, match, weight in found)  # borne by many: no one's name alone
    namesakes = pairs_of_records([("Blue Party", ["Blue Front"]), ("Blue League", [])], "organization")
    assert all(kind == "organization" for _, _, kind, _, _ in namesakes)


def test_places_that_cldr_spells_out_teach_every_script():
    tokens, wholes = pairs_of_transcriptions()
    assert len(tokens) > 2000
    assert {match for _, _, _, match, _ in wholes} == {True, False}
    words = fit_words([*tokens[:300], ("?", "Путин", "person", True, 1.0), ("Putin", "Путин", "person", False, 0.5)])
    assert words["alphabet"]["weights"]["full"] > 0
    weights = models_of({"pairs": {}, "words": words}).words
    learnt = models_of({"pairs": fit(cases_of(_in_groups(wholes, weights), weights)), "words": words})
    one, other = prepare("Vladimir Putin", "person"), prepare("Владимир Путин", "person")
    assert compare_prepared(one, other, learnt) > 0.7


def _in_groups(pairs, weights):
    from entities.matching.names.sounds import group_of
    from entities.matching.normalize import script_of

    return [pair for pair in pairs if group_of(script_of(pair[0]), script_of(pair[1])) in weights][:600]


def test_rare_words_are_not_counted():
    assert count([["mohammed"], ["muhammad"], ["mohamed"], ["mohammed", "x"], ["rare"]], "person").keys() == {"mMMT"}
    assert count([["bank", "rare"]] * 4 + [["banque"]], "organization") == {"bank": 5, "rare": 4}


def test_a_file_of_weights_that_lacks_a_feature_is_refused():
    with pytest.raises(KeyError):
        models_of({"pairs": {"person": {"constant": 0.0, "weights": {}}}, "words": {}})
