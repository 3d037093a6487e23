"""How likely two names are one: a value in [0, 1], 0.70 means "same".

Names are compared by their words, in any order: each word finds its best counterpart, by spelling, by meaning or (across
scripts) by sound; what is left on one side only is an omission, what is left on both is a contradiction. The evidence
(``evidence.py``) is weighed by a logistic model (``weights.json``, fitted by ``learn_names``).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from operator import mul
from pathlib import Path

from entities.matching.names.evidence import ACROSS, FEATURES, WORD_FEATURES, align, vector, vector_across
from entities.matching.names.preparing import Part, PreparedName, prepare

SAME = 0.70
WEIGHTS_PATH = Path(__file__).with_name("weights.json")
_MOST = 0.98  # no evidence of a name is proof
_SAME_TERRITORY, _OTHER_TERRITORY = 0.97, 0.03


@dataclass(frozen=True, slots=True)
class NameComparison:
    """How likely two names are one, and what speaks for and against it."""

    value: float
    reason: str


@dataclass(frozen=True, slots=True)
class Models:
    """The weights: of pairs by model, the constant and then one for each feature; of words by group of scripts."""

    pairs: dict[str, tuple[float, ...]]
    words: dict[str, tuple[float, ...]]


def compare_names(a: str, b: str, kind: str | None = None) -> float:
    """How likely two names of one kind are one thing's, by the names alone; symmetric, in [0, 1].

    Args:
        kind: ``person``, ``state``, ``organization``, ``agreement`` (or ``org``), None if unknown.
    """
    return compare_prepared(prepare(a, kind), prepare(b, kind))


def explain_names(a: str, b: str, kind: str | None = None) -> NameComparison:
    """The comparison with its reason in words."""
    one, other = prepare(a, kind), prepare(b, kind)
    value = compare_prepared(one, other)
    if one.key == other.key:
        return NameComparison(value, "the names are equal")
    if one.territory and one.territory == other.territory:
        return NameComparison(value, f"both are names of the territory {one.territory}")
    if are_across(one, other):
        return NameComparison(value, _heard_reason(one, other))
    pairs, left, right = align(one, other)
    told = [f"{p.text} ~ {q.text}" if p.text != q.text else p.text for p, q, _ in pairs]
    reason = f"shared: {', '.join(told)}" if told else "nothing is shared"
    if left and right:
        reason += f"; contradicting: {' '.join(p.text for p in left)} / {' '.join(p.text for p in right)}"
    elif left or right:
        reason += f"; only on one side: {' '.join(p.text for p in left or right)}"
    return NameComparison(value, reason)


def _heard_reason(one: PreparedName, other: PreparedName) -> str:
    found = vector_across(one, other, model().words)
    if found is None:
        return "nothing sounds alike"
    evidence = dict(zip(ACROSS, found, strict=True))
    return f"read aloud, {evidence['whole']:.0%} of the sounds and {evidence['cover']:.0%} of the shorter name agree"


def compare_prepared(p: PreparedName, q: PreparedName, models: Models | None = None) -> float:
    """How likely two prepared names are one thing's."""
    if q.key < p.key:  # one order for each pair: exactly symmetric
        p, q = q, p
    if not p.key or not q.key:
        return 0.0
    if p.variants or q.variants:
        return max(compare_prepared(one, other, models) for one in p.variants or (p,) for other in q.variants or (q,))
    if p.territory and q.territory and "state" in (p.kind, q.kind):
        return _SAME_TERRITORY if p.territory == q.territory else _OTHER_TERRITORY
    # Equal names of rare words are one thing's more surely than "Li Na" and "Li Na"; no other pair is surer than they.
    most = min(_MOST, 0.88 + 0.1 * min(1.0, max(0.0, min(p.weight, q.weight) - 0.5) / 2.5))
    if p.key == q.key:
        return round(most, 4)
    models = models or model()
    name, found = evidence_of(p, q, models.words)
    if found is None:
        return 0.0
    weights = models.pairs[name]
    odds = weights[0] + sum(map(mul, weights[1:], found))
    return round(min(most, 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))), 4)


def evidence_of(
    p: PreparedName, q: PreparedName, words: dict[str, tuple[float, ...]]
) -> tuple[str, tuple[float, ...] | None]:
    """Which model judges a pair, and the evidence in the order of its features; None if nothing is shared."""
    if are_across(p, q):
        return "across", vector_across(p, q, words)
    kind = p.kind or q.kind
    return kind if kind in ("person", "organization") else "other", vector(p, q)


def are_across(p: PreparedName, q: PreparedName) -> bool:
    """Whether two names are in two scripts, so that only sounds can be compared."""
    return p.script != q.script and p.script != "" and q.script != ""


@lru_cache(maxsize=1)
def model() -> Models:
    """The shipped weights."""
    return models_of(json.loads(WEIGHTS_PATH.read_text(encoding="utf-8")))


def models_of(data: dict) -> Models:
    """The weights of a file that ``learn_names`` wrote, in the order of the features."""
    return Models(
        {
            name: (
                given["constant"],
                *(given["weights"][feature] for feature in (ACROSS if name == "across" else FEATURES)),
            )
            for name, given in data["pairs"].items()
        },
        {
            group: (given["constant"], *(given["weights"][feature] for feature in WORD_FEATURES))
            for group, given in data["words"].items()
        },
    )


__all__ = [
    "SAME",
    "WEIGHTS_PATH",
    "Models",
    "NameComparison",
    "Part",
    "PreparedName",
    "compare_names",
    "compare_prepared",
    "evidence_of",
    "explain_names",
    "model",
    "models_of",
    "prepare",
]
