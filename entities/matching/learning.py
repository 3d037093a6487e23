"""Weights from decided cases: a conditional logit with "none of these" as one more choice, fitted by gradient descent.

Each feature has one weight shared by all kinds and, where the cases ask for it, a correction for a kind; both are
drawn towards a prior (the hand-set weights), so that a feature that the cases say nothing about keeps its place.
Evidence for a record can never be learnt to count against it, nor the other way around (``PRO``, ``CONTRA``): a
catalogue that happens to know the states of its obscure persons alone must not teach that a known state is a bad sign.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from entities.matching.features import FEATURES
from entities.matching.types import Evidence, Kind

FEATURE_NAMES = tuple(FEATURES)
_KINDS = tuple(Kind)
#: Features that may only speak for a candidate, and only against it; what is in neither may do both.
PRO = frozenset(
    {"main_name", "other_name", "acronym", "nickname", "former_name", "adjectival", "metonym", "surname", "initials",
     "core_name", "full_name", "named_in_full", "rest_named", "named_too", "office_fits", "in_office", "office_in_setting",
     "its_state", "company", "its_people", "year_fits", "freshly_made", "tagger_agrees", "no_tagger", "precedent", "prominence",
     "country_fits", "country_beside", "qualifier_named", "outlet", "club_setting", "name_in_use"}
)  # fmt: skip
CONTRA = frozenset(
    {"weak_name", "rivals", "rest_absent", "office_differs", "out_of_office", "no_state", "year_differs", "tagger_differs",
     "tagger_silent", "common_word", "shouted", "not_a_person", "out_of_time", "long_gone", "name_out_of_use",
     "refusal", "country_differs", "other_country_beside", "qualified", "inside_name", "plain_word", "town_of_club"}
)  # fmt: skip


#: Features that say one thing together, for ``ablations``.
PARTS: dict[str, tuple[str, ...]] = {
    "the article's date": (
        "in_office", "out_of_office", "out_of_time", "long_gone", "name_out_of_use", "name_in_use", "freshly_made",
    ),
    "titles before the name": ("office_fits", "office_differs", "office_in_setting"),
    "the company it keeps": (
        "company", "its_state", "its_people", "no_state", "named_too", "country_fits", "country_differs", "country_beside",
        "other_country_beside",
    ),
    "words of the rest of the name": ("full_name", "named_in_full", "rest_named", "rest_absent", "qualified", "qualifier_named"),
    "rivals and weak names": ("rivals", "weak_name"),
    "what the tagger says": ("tagger_agrees", "tagger_differs", "tagger_silent", "no_tagger"),
    "ordinary words, capitals, longer names": (
        "common_word", "plain_word", "shouted", "single_word", "not_a_person", "inside_name", "repeated",
    ),
    "outlets and sport": ("outlet", "club_setting", "town_of_club"),
    "earlier decisions": ("precedent", "refusal"),
    "how well known, how well described": ("prominence", "described"),
}  # fmt: skip


#: What hardly ever happens must weigh, however few cases show it.
IMPOSSIBLE = {"out_of_time": -4.0}
TELLING = {"freshly_made": 2.0}


@dataclass(frozen=True, slots=True)
class Case:
    """One chain that was decided: its candidates' evidence, and which of them is right.

    ``right`` is the position of the right candidate, or -1 where none of them is. ``weight`` counts its mentions;
    ``group`` names the document, so that no document is in train and test at once.
    """

    candidates: tuple[tuple[Kind, Mapping[str, Evidence]], ...]
    right: int
    weight: float
    group: str


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds by feature, shared and per kind."""

    shared: dict[str, float]
    bias: dict[str, float]
    by_kind: dict[str, dict[str, float]]  # corrections added to the shared ones

    def of(self, kind: str) -> dict[str, float]:
        """The weights that count for one kind."""
        own = self.by_kind.get(kind, {})
        return {name: value + own.get(name, 0.0) for name, value in self.shared.items()}


#: What weights are drawn to: set by hand, from what a piece of evidence should be worth, before any case was seen.
PRIOR = Weights(
    shared={
        "main_name": 4.5, "other_name": 3.8, "acronym": 3.8, "nickname": 2.8, "former_name": 3.2, "adjectival": 3.8,
        "metonym": 3.0, "surname": 1.0, "initials": 0.8, "core_name": 2.0, "name_part": 0.2, "similar_name": 3.0,
        "weak_name": -1.8, "rivals": -1.5, "full_name": 1.0, "named_in_full": 1.5, "rest_named": 0.8, "rest_absent": -0.8,
        "named_too": 1.0, "office_fits": 3.0, "office_differs": -0.8, "in_office": 1.0, "out_of_office": -1.0,
        "office_in_setting": 0.8, "its_state": 0.8, "no_state": -0.7, "company": 0.6, "its_people": 1.5, "year_fits": 1.2,
        "year_differs": -2.0, "freshly_made": 2.0, "tagger_agrees": 0.9, "tagger_differs": -0.8, "tagger_silent": -0.8,
        "no_tagger": 0.5, "common_word": -1.8, "shouted": -0.5, "single_word": -0.3, "not_a_person": -2.5,
        "out_of_time": -5.0, "long_gone": -1.0, "name_out_of_use": -1.2, "name_in_use": 1.5, "precedent": 1.5, "refusal": -3.0,
        "country_fits": 0.8, "country_differs": -2.0, "country_beside": 1.5, "other_country_beside": -1.5,
        "qualified": -2.5, "qualifier_named": 0.8, "inside_name": -3.0, "plain_word": -1.0, "outlet": 2.5,
        "club_setting": 2.5, "town_of_club": -4.0, "prominence": 1.0, "described": 0.8,
    },
    bias={"person": -1.8, "state": -1.5, "organization": -1.8, "agreement": -1.5},
    by_kind={},
)  # fmt: skip


def fit(
    cases: Sequence[Case], prior: Weights, *, pull: float = 0.6, kind_pull: float = 3.0, steps: int = 900
) -> Weights:
    """Fit weights to decided cases.

    Args:
        cases: at least one.
        prior: what weights are drawn to, and start from.
        pull, kind_pull: strength of the draw, in cases: shared weights to the prior, corrections to zero.
        steps: of Adam, at a falling rate.

    Raises:
        ValueError: without cases.
    """
    if not cases:
        raise ValueError("no cases to learn from")
    columns = len(FEATURE_NAMES)
    rows, kinds, starts, right, weights = _tables(cases)
    groups = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    start_shared = np.array([prior.shared.get(name, 0.0) for name in FEATURE_NAMES])
    start_bias = np.array([prior.bias.get(kind, 0.0) for kind in _KINDS])
    start_own = np.array([[prior.by_kind.get(kind, {}).get(name, 0.0) for name in FEATURE_NAMES] for kind in _KINDS])
    shared, bias, own = start_shared.copy(), start_bias.copy(), start_own.copy()
    low = np.array([TELLING.get(name, 0.0 if name in PRO else -np.inf) for name in FEATURE_NAMES])
    high = np.array([IMPOSSIBLE.get(name, 0.0 if name in CONTRA else np.inf) for name in FEATURE_NAMES])
    places = [np.flatnonzero(kinds == k) for k in range(len(_KINDS))]
    tables = [
        np.ascontiguousarray(rows[place]) for place in places
    ]  # a kind's rows together: no table is copied in a step
    target = np.zeros(len(rows))
    for case, position in enumerate(right):
        if position >= 0:
            target[starts[case] + position] = 1.0
    odds = np.empty(len(rows))
    moments = [np.zeros_like(p) for p in (shared, bias, own)]
    squares = [np.zeros_like(p) for p in (shared, bias, own)]
    for step in range(1, steps + 1):
        for k, (place, table) in enumerate(zip(places, tables, strict=True)):
            odds[place] = table @ (shared + own[k]) + bias[k]
        error = (_choice(odds, starts, groups) - target) * weights[groups]
        slopes = np.array([error[place] @ table for place, table in zip(places, tables, strict=True)])
        gradients = (
            slopes.sum(axis=0) + pull * (shared - start_shared),
            np.array([error[place].sum() for place in places]) + pull * (bias - start_bias),
            slopes + kind_pull * own,
        )
        rate = 0.05 * (1 - step / (steps + 1)) + 0.002
        for parameter, gradient, moment, square in zip((shared, bias, own), gradients, moments, squares, strict=True):
            moment += 0.1 * (gradient - moment)
            square += 0.001 * (gradient * gradient - square)
            scale = np.sqrt(square / (1 - 0.999**step)) + 1e-8
            parameter -= rate * (moment / (1 - 0.9**step)) / scale
        np.clip(shared, low, high, out=shared)
        np.clip(own, low - shared, high - shared, out=own)  # the sum of both obeys the sign as well
    return Weights(
        shared={name: round(float(shared[c]), 3) for c, name in enumerate(FEATURE_NAMES)},
        bias={str(kind): round(float(bias[k]), 3) for k, kind in enumerate(_KINDS)},
        by_kind={
            str(kind): {FEATURE_NAMES[c]: round(float(own[k, c]), 3) for c in range(columns) if abs(own[k, c]) >= 0.05}
            for k, kind in enumerate(_KINDS)
        },
    )


def _tables(cases: Sequence[Case]):
    size = sum(len(case.candidates) for case in cases)
    rows = np.zeros((size, len(FEATURE_NAMES)))
    kinds = np.zeros(size, dtype=np.int64)
    starts = [0]
    column = {name: c for c, name in enumerate(FEATURE_NAMES)}
    row = 0
    for case in cases:
        for kind, evidence in case.candidates:
            kinds[row] = _KINDS.index(kind)
            for name, found in evidence.items():
                rows[row, column[name]] = found.value
            row += 1
        starts.append(row)
    right = [case.right for case in cases]
    return rows, kinds, np.array(starts), right, np.array([case.weight for case in cases])


def _choice(odds: np.ndarray, starts: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Each candidate's probability among those of its case and NIL."""
    top = np.maximum(np.maximum.reduceat(odds, starts[:-1]), 0.0)
    powers = np.exp(odds - top[groups])
    totals = np.add.reduceat(powers, starts[:-1]) + np.exp(-top)
    return powers / totals[groups]


def _odds(
    weights: Weights, by_kind: Mapping[Kind, Mapping[str, float]], kind: Kind, evidence: Mapping[str, Evidence]
) -> float:
    told = sum(by_kind[kind].get(name, 0.0) * found.value for name, found in evidence.items())
    return weights.bias.get(kind, 0.0) + told


def log_loss(cases: Sequence[Case], weights: Weights) -> float:
    """Mean negative log-probability of what is right, over mentions."""
    by_kind = {kind: weights.of(kind) for kind in _KINDS}
    loss = total = 0.0
    for case in cases:
        odds = [_odds(weights, by_kind, kind, evidence) for kind, evidence in case.candidates]
        top = max(0.0, *odds)
        norm = math.log(sum(math.exp(value - top) for value in odds) + math.exp(-top)) + top
        loss -= case.weight * ((odds[case.right] if case.right >= 0 else 0.0) - norm)
        total += case.weight
    return loss / total if total else 0.0


def share_right(cases: Sequence[Case], weights: Weights) -> float:
    """The share, by weight, of cases in which what is right (a candidate, or none of them) is the likeliest."""
    by_kind = {kind: weights.of(kind) for kind in _KINDS}
    right = total = 0.0
    for case in cases:
        odds = [_odds(weights, by_kind, kind, evidence) for kind, evidence in case.candidates]
        best = max(range(len(odds)), key=odds.__getitem__)
        right += case.weight * ((best if odds[best] > 0 else -1) == case.right)
        total += case.weight
    return right / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Ablated:
    """What held-out documents say where some features are left out; by gold: loss, and share decided right."""

    without: str
    by_gold: dict[str, tuple[float, float]]


def ablations(golds: Mapping[str, Sequence[Case]], prior: Weights, *, count: int = 3) -> Iterator[Ablated]:
    """Leave out nothing, each of ``PARTS``, each single feature; learn the weights anew each time, and measure.

    Args:
        golds: cases by the name of their gold; the weights are learnt from all, and measured on each.
        prior: as for ``fit``.
        count: parts of the documents, each held out once.
    """
    wanted = [("nothing", ()), *PARTS.items(), *((name, (name,)) for name in FEATURE_NAMES)]
    for label, features in wanted:
        left = [_without(case, features, gold) for gold, cases in golds.items() for case in cases]
        measured: dict[str, list[tuple[float, float, float]]] = {gold: [] for gold, cases in golds.items() if cases}
        for train, test in folds(left, count):
            learnt = fit(train, prior)
            for gold, found in measured.items():
                held = [case for case in test if case.group.startswith(f"{gold}/")]
                if held:
                    weight = sum(case.weight for case in held)
                    found.append((weight, log_loss(held, learnt), share_right(held, learnt)))
        by_gold = {}
        for gold, found in measured.items():
            total = sum(weight for weight, _, _ in found)
            loss, right = (sum(one[0] * one[column] for one in found) / total for column in (1, 2))
            by_gold[gold] = (loss, right)
        yield Ablated(label, by_gold)


def _without(case: Case, features: Collection[str], gold: str) -> Case:
    candidates = tuple(
        (kind, {name: found for name, found in evidence.items() if name not in features})
        for kind, evidence in case.candidates
    )
    return replace(case, candidates=candidates, group=f"{gold}/{case.group}")


def folds(cases: Sequence[Case], count: int, *, seed: int = 0) -> list[tuple[list[Case], list[Case]]]:
    """Train and test parts for cross-validation; the cases of one document stay together."""
    groups = sorted({case.group for case in cases})
    random.Random(seed).shuffle(groups)
    parts = []
    for number in range(count):
        held = set(groups[number::count])
        parts.append(([c for c in cases if c.group not in held], [c for c in cases if c.group in held]))
    return parts
