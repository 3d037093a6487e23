"""Names of world figures in nineteen scripts that no weight was learnt from."""

from collections import defaultdict
from pathlib import Path

import pytest

from entities.evaluation.metrics import pair_figures
from entities.evaluation.pairs import read_pairs
from entities.matching.names import SAME, compare_names

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture(scope="module")
def scored():
    found = defaultdict(list)
    for pair in read_pairs(GOLDEN / "names_test.jsonl"):
        found[pair.row["script"]].append((compare_names(pair.a, pair.b, pair.kind), pair.match))
    return found


@pytest.mark.parametrize("script", ["arabic", "armenian", "bengali", "cyrillic", "devanagari", "ethiopic", "georgian", "greek",
                                    "han", "hangul", "hebrew", "kana", "tamil", "thai"])  # fmt: skip
def test_names_are_told_apart_in_every_script(scored, script):
    values, labels = zip(*scored[script], strict=True)
    assert pair_figures(values, labels, SAME).f1 >= 0.85


def test_a_changed_given_name_is_hardly_ever_overlooked():
    pairs = [p for p in read_pairs(GOLDEN / "names_test.jsonl") if p.row.get("kind") == "given_name_changed"]
    assert sum(compare_names(p.a, p.b, p.kind) >= SAME for p in pairs) <= 0.06 * len(pairs)


def test_no_name_is_both_learnt_from_and_tested_on():
    train, test = ({p.a for p in read_pairs(GOLDEN / f"names_{split}.jsonl")} for split in ("train", "test"))
    assert not train & test
