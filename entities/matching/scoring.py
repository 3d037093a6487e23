"""Evidence by feature → a probability in [0, 1] for each candidate, with its explanation.

The model is a conditional logit with "none of these" as one more choice, whose log-odds are fixed at 0: the
probabilities of all candidates of a mention and of NIL sum to one, so that rivals weaken each other by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from entities.matching.features import features_for
from entities.matching.profiles import Profile
from entities.matching.types import CandidateView, Evidence, MentionView, Scored


def gather(mention: MentionView, candidate: CandidateView) -> dict[str, Evidence]:
    """All evidence about one candidate, by feature name; features with nothing to say are absent."""
    found = {}
    for name, feature in features_for(candidate.record.kind, candidate.sense):
        evidence = feature(mention, candidate)
        if evidence is not None:
            found[name] = evidence
    return found


def log_odds(evidence: Mapping[str, Evidence], profile: Profile) -> float:
    """The weighted sum of the evidence: 0 is as likely as NIL."""
    weights = profile.weights
    return profile.bias + sum(weights.get(name, 0.0) * found.value for name, found in evidence.items())


def probabilities(odds: Sequence[float]) -> list[float]:
    """Log-odds against NIL → probabilities, which with NIL's sum to 1."""
    if not odds:
        return []
    top = max(0.0, *odds)
    powers = [math.exp(value - top) for value in odds]
    total = sum(powers) + math.exp(-top)
    return [power / total for power in powers]


def score(mention: MentionView, candidates: Iterable[CandidateView], profiles: Mapping[str, Profile]) -> list[Scored]:
    """Every candidate of a mention, the likeliest first."""
    gathered = [(candidate, gather(mention, candidate)) for candidate in candidates]
    return rank(
        [
            (candidate.record.id, evidence, log_odds(evidence, profiles[candidate.record.kind]))
            for candidate, evidence in gathered
        ]
    )


def rank(weighed: Sequence[tuple[int, dict[str, Evidence], float]]) -> list[Scored]:
    """``(record id, evidence, log-odds)`` → scores, the likeliest first; ties by id, so that runs agree."""
    scored = [
        Scored(record_id, probability, evidence)
        for (record_id, evidence, _), probability in zip(weighed, probabilities([w[2] for w in weighed]), strict=True)
    ]
    scored.sort(key=lambda one: (-one.probability, one.record_id))
    return scored


def strongest(
    evidence: Mapping[str, Evidence], profile: Profile, *, most: int = 5
) -> list[tuple[str, Evidence, float]]:
    """The pieces of evidence that moved the score most: ``(feature, evidence, log-odds)``, for and against mixed."""
    weighed = [(name, found, profile.weights.get(name, 0.0) * found.value) for name, found in evidence.items()]
    weighed = [item for item in weighed if abs(item[2]) >= 0.15]
    return sorted(weighed, key=lambda item: -abs(item[2]))[:most]
