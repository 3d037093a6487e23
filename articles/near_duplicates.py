"""The same story from two outlets, found by shared word triples (MinHash, banded). Plain Python.

A. Broder, "On the resemblance and containment of documents" (1997): the share of equal minima under random hash functions
estimates the Jaccard resemblance of the sets of shingles. Texts that share a band of two minima are compared in full.
"""

from __future__ import annotations

import re
import zlib

import numpy as np

HASHES, BAND = 16, 2
RESEMBLANCE = 0.5  # from which two texts count as one story
_WORD = re.compile(r"\w+")
_PRIME = (1 << 31) - 1
_GENERATOR = np.random.default_rng(20240229)
_A = _GENERATOR.integers(1, _PRIME, HASHES, dtype=np.int64)
_B = _GENERATOR.integers(0, _PRIME, HASHES, dtype=np.int64)
SKETCH = 128  # minima of a sketch: the share of equal ones is off by 0.035 at a resemblance of 0.8 (standard error)
_SKETCH_A = _GENERATOR.integers(1, _PRIME, SKETCH, dtype=np.int64)
_SKETCH_B = _GENERATOR.integers(0, _PRIME, SKETCH, dtype=np.int64)


def shingles(text: str) -> frozenset[int]:
    """The text's word triples, hashed; words alone count, not case or marks."""
    words = _WORD.findall(text.lower())
    return frozenset(zlib.crc32(" ".join(words[n : n + 3]).encode()) for n in range(len(words) - 2))


def bands(grams: frozenset[int]) -> list[int]:
    """Eight keys below 2**62; two texts that resemble each other by 0.6 share one with probability 0.97."""
    if len(grams) < 20:
        return []  # too short to tell a story by
    values = np.fromiter(grams, dtype=np.int64, count=len(grams)) % _PRIME
    minima = ((values[:, None] * _A[None, :] + _B[None, :]) % _PRIME).min(axis=0)
    return [
        (int(minima[n]) * 1_000_003 + int(minima[n + 1]) * 8 + n // BAND) % (1 << 62) for n in range(0, HASHES, BAND)
    ]


def resemblance(one: frozenset[int], other: frozenset[int]) -> float:
    """Jaccard resemblance in [0, 1]."""
    return len(one & other) / len(one | other) if one or other else 0.0


def sketch(grams: frozenset[int]) -> list[int]:
    """128 minima that stand for a text that is no longer kept; of a short one none, as of ``bands``."""
    if len(grams) < 20:
        return []
    values = np.fromiter(grams, dtype=np.int64, count=len(grams)) % _PRIME
    return ((values[:, None] * _SKETCH_A[None, :] + _SKETCH_B[None, :]) % _PRIME).min(axis=0).tolist()


def sketch_resemblance(one: list[int], other: list[int]) -> float:
    """The resemblance of two texts as far as their sketches tell it, in [0, 1]."""
    if not one or len(one) != len(other):
        return 0.0
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
