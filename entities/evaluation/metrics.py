"""Figures over scored pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class PairFigures:
    """AUC, precision, recall, F1, false-positive rate and expected calibration error of scored pairs."""

    pairs: int
    auc: float | None
    precision: float
    recall: float
    f1: float
    false_positive_rate: float | None
    calibration_error: float

    def as_dict(self) -> dict:
        return asdict(self)


def pair_figures(scores: Sequence[float], labels: Sequence[bool], threshold: float) -> PairFigures:
    """Figures for scores in [0, 1] against the truth.

    Raises:
        ValueError: if the two differ in length or are empty.
    """
    if len(scores) != len(labels) or not scores:
        raise ValueError("scores and labels must be as many, and at least one")
    right = sum(s >= threshold and y for s, y in zip(scores, labels, strict=True))
    wrong = sum(s >= threshold and not y for s, y in zip(scores, labels, strict=True))
    positives = sum(labels)
    negatives = len(labels) - positives
    precision = right / (right + wrong) if right + wrong else 0.0
    recall = right / positives if positives else 0.0
    return PairFigures(
        pairs=len(scores),
        auc=_auc(scores, labels) if positives and negatives else None,
        precision=round(precision, 4),
        recall=round(recall, 4),
        f1=round(2 * right / (2 * right + wrong + positives - right), 4) if right else 0.0,
        false_positive_rate=round(wrong / negatives, 4) if negatives else None,
        calibration_error=round(_calibration_error(scores, labels), 4),
    )


def _auc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Mann and Whitney's statistic: the chance that a true pair outscores a false one, ties counting half."""
    order = sorted(range(len(scores)), key=lambda n: scores[n])
    ranks = [0.0] * len(scores)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and scores[order[end + 1]] == scores[order[start]]:
            end += 1
        for position in range(start, end + 1):
            ranks[order[position]] = (start + end) / 2 + 1
        start = end + 1
    positives = sum(labels)
    total = sum(rank for rank, label in zip(ranks, labels, strict=True) if label)
    return round((total - positives * (positives + 1) / 2) / (positives * (len(labels) - positives)), 4)


def _calibration_error(scores: Sequence[float], labels: Sequence[bool], bins: int = 10) -> float:
    """Mean gap between score and share of true pairs, over ten equal bins, weighed by their size (Naeini et al. 2015)."""
    sums = [[0, 0.0, 0] for _ in range(bins)]
    for score, label in zip(scores, labels, strict=True):
        cell = sums[min(bins - 1, int(score * bins))]
        cell[0] += 1
        cell[1] += score
        cell[2] += label
    return sum(abs(total - true) for count, total, true in sums if count) / len(scores)
