"""Evidence by feature → a probability in [0, 1] for each candidate, with its explanation.

The model is a conditional logit with "none of these" as one more choice, whose log-odds are fixed at 0: the
probabilities of all candidates of a mention and of NIL sum to one, so that rivals weaken each other by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from entities.matching.features import COMPANY, Traits, features_for, traits
from entities.matching.profiles import Profile
from entities.matching.types import CandidateView, Evidence, MentionView, Scored


def gather(
    mention: MentionView,
    candidate: CandidateView,
    *,
    mention_traits: Traits | None = None,
    known: Mapping[str, Evidence] | None = None,
) -> dict[str, Evidence]:
    """All evidence about one candidate, by feature name; features with nothing to say are absent.

    Args:
        mention_traits: ``traits(mention)``, where the caller has them already.
        known: what was gathered before the article's company was known: only what that changes is asked again.
    """
    found = {name: evidence for name, evidence in known.items() if name not in COMPANY} if known else {}
    asked = features_for(candidate, mention_traits or traits(mention), of_company=known is not None)
    for name, feature in asked:
        evidence = feature(mention, candidate)
        if evidence is not None:
            found[name] = evidence
    return found


def log_odds(evidence: Mapping[str, Evidence], profile: Profile) -> float:
    """The weighted sum of the evidence: 0 is as likely as NIL."""
    weights, total = profile.weights, profile.bias
    for name, found in evidence.items():
        if name in weights:
            total += weights[name] * found.value
    return total


def probabilities(odds: Sequence[float]) -> list[float]:
    """Log-odds against NIL → probabilities, which with NIL's sum to 1."""
    if not odds:
        return []
    top = max(0.0, *odds)
    powers = [math.exp(value - top) for value in odds]
    total = sum(powers) + math.exp(-top)
    return [power / total for power in powers]


def score(
    mention: MentionView,
    candidates: Iterable[CandidateView],
    profiles: Mapping[str, Profile],
    *,
    known: Mapping[int, Mapping[str, Evidence]] | None = None,
) -> list[Scored]:
    """Every candidate of a mention, the likeliest first.

    Args:
        known: evidence by record id from when the mention's company was not known yet.
    """
    mention_traits = traits(mention)
    weighed = []
    for candidate in candidates:
        record = candidate.record
        evidence = gather(
            mention, candidate, mention_traits=mention_traits, known=known.get(record.id) if known else None
        )
        weighed.append((record.id, evidence, log_odds(evidence, profiles[record.kind])))
    return rank(weighed)


def rank(weighed: Sequence[tuple[int, dict[str, Evidence], float]]) -> list[Scored]:
    """``(record id, evidence, log-odds)`` → scores, the likeliest first; ties by id, so that runs agree."""
    scored = [
        Scored(record_id, probability, evidence)
        for (record_id, evidence, _), probability in zip(weighed, probabilities([w[2] for w in weighed]), strict=True)
    ]
    if len(scored) > 1:
        scored.sort(key=lambda one: (-one.probability, one.record_id))
    return scored


def strongest(
    evidence: Mapping[str, Evidence], profile: Profile, *, most: int = 5
) -> list[tuple[str, Evidence, float]]:
    """The pieces of evidence that moved the score most: ``(feature, evidence, log-odds)``, for and against mixed."""
    weights = profile.weights
    weighed = []
    for name, found in evidence.items():
        added = weights.get(name, 0.0) * found.value
        if added >= 0.15 or added <= -0.15:
            weighed.append((name, found, added))
    weighed.sort(key=lambda item: -abs(item[2]))
    return weighed[:most]
