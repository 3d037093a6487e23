"""What each piece of evidence is worth, per kind, and where the thresholds lie.

Weights are log-odds against NIL: a candidate whose evidence adds up to 0 is as likely as "none of these". They are read
from ``weights.json``, a versioned file written by ``manage.py learn`` (see docs/matching.md); the file says what it was
fitted on and how it did on documents it had not seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from entities.matching.types import Kind

WEIGHTS_PATH = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class Profile:
    """How candidates of one kind are weighed and decided."""

    bias: float
    weights: Mapping[str, float]
    link_at: float = 0.62
    review_at: float = 0.25
    margin: float = 0.2
    version: str = field(default="", compare=False)


@lru_cache(maxsize=4)
def load_profiles(path: Path = WEIGHTS_PATH) -> dict[str, Profile]:
    """Profiles by name: the kinds, and ``role`` and ``described`` for persons and agreements that are described.

    Raises:
        ValueError: if the file lacks a profile or names a weight that is no number.
    """
    data = json.loads(path.read_text(encoding="utf-8"))
    profiles = {}
    for name in (*Kind, "role", "described"):
        given = data["profiles"].get(str(name))
        if given is None:
            raise ValueError(f"{path.name} has no profile {name}")
        weights = dict(given.get("weights", {}))
        if name in set(Kind):  # a kind's own weights are corrections of the shared ones
            weights = {feature: value + weights.get(feature, 0.0) for feature, value in data["shared"].items()}
        if not all(isinstance(weight, int | float) for weight in weights.values()):
            raise ValueError(f"{path.name}: a weight of {name} is no number")
        profiles[str(name)] = Profile(
            bias=given["bias"],
            weights=weights,
            link_at=given.get("link_at", data["link_at"]),
            review_at=given.get("review_at", data["review_at"]),
            margin=given.get("margin", data["margin"]),
            version=data["version"],
        )
    return profiles
