"""The weights of the name comparison, fitted to pairs that are known to be one or two: a logistic model for each sort of pair.

Evidence keeps its sign (what is shared can never count against, what contradicts never for), so that the value falls as
noise is added to a name.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from babel import Locale

from entities.matching.names import FEATURES, model_of, prepare, vector

PRO = frozenset(
    {
        "cover",
        "share",
        "matched_parts",
        "joined",
        "heard",
        "acronym",
        "same_start",
        "exact_parts",
        "cover_and_heard",
        "near_miss",
        "heard_at_length",
    }
)
CONTRA = frozenset(
    {"contradicted", "left_out", "one_part_only", "short", "contradiction", "weakest", "extra_part", "misprinted"}
)


def cases_of(
    pairs: Iterable[tuple[str, str, str | None, bool, float]],
) -> dict[str, list[tuple[tuple[float, ...], bool, float]]]:
    """By model, ``(vector, match, weight)`` of pairs ``(a, b, kind, match, weight)``; pairs that need no model are left out."""
    found = defaultdict(list)
    for a, b, kind, match, weight in pairs:
        one, other = prepare(a, kind), prepare(b, kind)
        if one.key == other.key or one.territory and other.territory and "state" in (one.kind, other.kind):
            continue
        values = vector(one, other)
        if values is not None:
            found[model_of(one, other)].append((values, match, weight))
    return found


Pair = tuple[str, str, str | None, bool, float]
_LANGUAGES = "ru uk bg el hy ka th hi bn ta te ko ja zh he ar fa am km my kn ml si gu mr".split()
_EACH = 45  # territories of a language


def pairs_of_records(
    records: Iterable[tuple[str, Sequence[str]]], kind: str, *, most: int = 2500, seed: int = 1
) -> list[Pair]:
    """Pairs that a catalogue knows: a record's name and another of its names; that name and a record that shares a word.

    Args:
        records: ``(name, other names)``.
        most: records' pairs taken, at random.
    """
    chance = random.Random(seed)
    by_word: dict[str, list[str]] = defaultdict(list)
    same: list[tuple[str, str]] = []
    for name, others in records:
        key = prepare(name, kind).key
        for part in prepare(name, kind).parts:
            by_word[part.text].append(name)
        same.extend((name, other) for other in others if prepare(other, kind).key != key)
    chance.shuffle(same)
    found: list[Pair] = []
    for name, other in same[:most]:
        found.append((name, other, kind, True, 0.5))
        shared = [part.text for part in prepare(other, kind).parts if len(by_word.get(part.text, ())) > 1]
        if shared:
            namesake = chance.choice(by_word[chance.choice(shared)])
            if namesake != name:
                found.append((namesake, other, kind, False, 0.5))
    return found


def pairs_of_territories(*, seed: int = 1) -> list[Pair]:
    """Names across scripts that CLDR spells out: those that one hears alike ("Azerbaijan", "აზერბაიჯანი"), and strangers."""
    chance = random.Random(seed)
    english = Locale.parse("en").territories
    found: list[Pair] = []
    for language in _LANGUAGES:
        named = Locale.parse(language).territories
        codes = [
            code
            for code in named
            if len(code) == 2
            and code in english
            and " " not in english[code]
            and prepare(named[code]).script != "Latin"
        ]
        for code in chance.sample(codes, min(_EACH, len(codes))):
            one, other = prepare(english[code], "person"), prepare(named[code], "person")
            values = vector(one, other)
            if values is not None and values[FEATURES.index("heard")] >= 0.4:  # the others are translations
                found.append((english[code], named[code], "person", True, 0.5))
            stranger = chance.choice(codes)
            if stranger != code:
                found.append((english[stranger], named[code], "person", False, 0.5))
    return found


def fit(
    cases: Mapping[str, Sequence[tuple[tuple[float, ...], bool, float]]],
    *,
    lean: float = 1.5,
    pull: float = 0.5,
    steps: int = 1500,
) -> dict[str, dict]:
    """Weights by model.

    Args:
        lean: how much more a pair that is one counts: moves what is as likely as not towards 0.70.
        pull: strength with which weights are drawn to zero, in pairs.
    """
    low = np.array([-np.inf] + [0.0 if name in PRO else -np.inf for name in FEATURES])
    high = np.array([np.inf] + [0.0 if name in CONTRA else np.inf for name in FEATURES])
    made = {}
    for name, listed in sorted(cases.items()):
        rows = np.array([(1.0, *values) for values, _, _ in listed])
        target = np.array([float(match) for _, match, _ in listed])
        weight = np.array([w * (lean if match else 1.0) for _, match, w in listed])
        weights = np.zeros(rows.shape[1])
        moment, square = np.zeros_like(weights), np.zeros_like(weights)
        for step in range(1, steps + 1):
            error = (1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30))) - target) * weight
            gradient = rows.T @ error + pull * np.r_[0.0, weights[1:]]
            moment += 0.1 * (gradient - moment)
            square += 0.001 * (gradient * gradient - square)
            rate = 0.1 * (1 - step / (steps + 1)) + 0.003
            weights -= rate * (moment / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
            weights = np.clip(weights, low, high)
        made[name] = {
            "constant": round(float(weights[0]), 3),
            "weights": {feature: round(float(value), 3) for feature, value in zip(FEATURES, weights[1:], strict=True)},
            "pairs": len(listed),
        }
    return made
