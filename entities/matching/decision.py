"""Ranked scores → LINK, REVIEW or NIL."""

from __future__ import annotations

from entities.matching.types import Outcome


def decide(
    ranking: list[tuple[int, float]], *, link_at: float, review_at: float, margin: float
) -> tuple[Outcome, int | None, float, float]:
    """Turn ranked candidates into an outcome.

    Args:
        ranking: ``(entity_id, probability)`` pairs, best first, probabilities in [0, 1].
        link_at, review_at: lowest probabilities that link without a person, and that reach a person at all.
        margin: lead over the runner-up needed to link; a near tie goes to review.

    Returns:
        The outcome, the best record (None if there is none), its probability and its lead over the runner-up.

    Raises:
        ValueError: if ``review_at > link_at``.
    """
    if review_at > link_at:
        raise ValueError(f"review_at {review_at} is above link_at {link_at}")
    if not ranking:
        return Outcome.NIL, None, 0.0, 0.0
    best, probability = ranking[0]
    lead = probability - (ranking[1][1] if len(ranking) > 1 else 0.0)
    if probability >= link_at and lead >= margin:
        return Outcome.LINK, best, probability, lead
    if probability >= review_at:
        return Outcome.REVIEW, best, probability, lead
    return Outcome.NIL, best, probability, lead
