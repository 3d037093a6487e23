"""How likely two names are one: a value in [0, 1], 0.70 means "same".

Names are compared by their parts, in any order: each part finds its best counterpart, by spelling or (across scripts) by
consonants; what is left on one side only is an omission, what is left on both is a contradiction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from entities.matching.names.tables import (
    AGREEMENT_WORDS,
    GENERIC,
    LEGAL_FORMS,
    NICK_OF,
    PARTICLES,
    TITLES,
    territories,
)
from entities.matching.normalize import MAX_NAME, name_key, script_of
from entities.matching.romanize import romanize, skeleton

SAME = 0.70
_MAX_PARTS = 16


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a name: romanised, its consonants, and how much it tells."""

    text: str
    skeleton: str
    weight: float


@dataclass(frozen=True, slots=True)
class PreparedName:
    """A name ready to be compared many times."""

    key: str
    kind: str
    script: str
    parts: tuple[Part, ...]
    initials: str
    joined: str
    territory: str = ""


@dataclass(frozen=True, slots=True)
class NameComparison:
    """How likely two names are one, and what speaks for and against it."""

    value: float
    reason: str


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
    pairs, left, right = _align(one.parts, other.parts)
    told = [f"{p.text} ~ {q.text}" if p.text != q.text else p.text for p, q, _ in pairs]
    reason = f"shared: {', '.join(told)}" if told else "nothing is shared"
    if left and right:
        reason += f"; contradicting: {' '.join(p.text for p in left)} / {' '.join(p.text for p in right)}"
    elif left or right:
        reason += f"; only on one side: {' '.join(p.text for p in left or right)}"
    return NameComparison(value, reason)


@lru_cache(maxsize=200_000)
def prepare(name: str, kind: str | None = None) -> PreparedName:
    """A name's parts, weighed; names over 500 characters are cut."""
    name = name[:MAX_NAME]
    kind = {"org": "organization", None: ""}.get(kind, str(kind))
    key = name_key(name)
    latin = romanize(name)
    words = latin.split()[:_MAX_PARTS]
    script = script_of(name)
    parts = tuple(Part(word, skeleton(word), weight) for word in words if (weight := _weight(word, kind)) > 0) or tuple(
        Part(word, skeleton(word), 1.0) for word in words
    )
    bare = [word for word in words if word not in LEGAL_FORMS]
    return PreparedName(
        key, kind, script, parts, _initials(bare), "".join(part.text for part in parts),
        territories().get(latin, "") if kind in ("state", "") and len(words) <= 8 else "",
    )  # fmt: skip


def _weight(word: str, kind: str) -> float:
    if kind == "person":
        if word in TITLES:
            return 0.0
        return 0.25 if word in PARTICLES else 0.5 if len(word) == 1 else 1.0
    if kind == "organization":
        if word in LEGAL_FORMS:
            return 0.12
        return 0.45 if word in GENERIC else 1.0
    if kind == "agreement":
        return 0.35 if word in AGREEMENT_WORDS else 1.0
    return 0.3 if word in PARTICLES or word in GENERIC else 1.0


def _initials(words: list[str]) -> str:
    return "".join(word[0] for word in words if word not in ("of", "the", "and", "for", "in", "de", "la", "on"))


def compare_prepared(p: PreparedName, q: PreparedName) -> float:
    """How likely two prepared names are one thing's."""
    if q.key < p.key:  # one order for each pair: exactly symmetric
        p, q = q, p
    if not p.parts or not q.parts:
        return 0.0
    if p.key == q.key:
        return round(0.90 + 0.08 * min(1.0, (len(p.parts) - 1) / 3), 4)
    if p.territory and q.territory and "state" in (p.kind, q.kind):
        return 0.96 if p.territory == q.territory else 0.03
    value = _parts_value(p, q)
    if p.kind in ("organization", "", "agreement"):
        value = max(value, _acronym_value(p, q))
    if len(p.joined) > 5 and len(q.joined) > 5:
        together = OSA.normalized_similarity(p.joined, q.joined)
        if together >= 0.9:
            value = max(value, 0.55 + 0.4 * together)
    return round(min(0.98, value), 4)


def _parts_value(p: PreparedName, q: PreparedName) -> float:
    across = p.script != q.script
    pairs, left, right = _align(p.parts, q.parts, across)
    matched = sum(min(one.weight, other.weight) * similarity for one, other, similarity in pairs)
    if not matched:
        return 0.0
    weight_p = sum(part.weight for part in p.parts)
    weight_q = sum(part.weight for part in q.parts)
    shorter, longer = sorted((weight_p, weight_q))
    cover = min(1.0, matched / shorter)
    share = min(1.0, matched / longer)
    against = min(sum(part.weight for part in left), sum(part.weight for part in right))
    # Fitted by eye on the shape of the development pairs: what contradicts weighs most, what is left out a little.
    odds = -6.2 + 6.6 * cover + 2.4 * share - 3.6 * against / shorter
    if len(pairs) == 1 and max(len(p.parts), len(q.parts)) > 1:
        odds -= 1.3 if p.kind == "person" else 0.6
    return 1 / (1 + math.exp(-odds))


def _acronym_value(p: PreparedName, q: PreparedName) -> float:
    short, long = (p, q) if len(p.joined) <= len(q.joined) else (q, p)
    if len(short.parts) == 1 and 2 <= len(short.joined) <= 8 and len(long.parts) >= 2:
        if short.joined == long.initials:
            return 0.80 if len(short.joined) > 2 else 0.6
        if short.joined == "".join(part.text[0] for part in long.parts):
            return 0.78
    return 0.0


def _align(
    ours: tuple[Part, ...], theirs: tuple[Part, ...], across: bool = False
) -> tuple[list[tuple[Part, Part, float]], list[Part], list[Part]]:
    """Pairs of counterparts, the surest first, and what is left on either side."""
    scored = []
    for i, one in enumerate(ours):
        for j, other in enumerate(theirs):
            similarity = _similarity(one, other, across)
            if similarity > 0:
                scored.append((-similarity, abs(i - j), i, j))
    scored.sort()
    used_i: set[int] = set()
    used_j: set[int] = set()
    pairs = []
    for negative, _, i, j in scored:
        if i not in used_i and j not in used_j:
            used_i.add(i)
            used_j.add(j)
            pairs.append((ours[i], theirs[j], -negative))
    left = [part for i, part in enumerate(ours) if i not in used_i]
    right = [part for j, part in enumerate(theirs) if j not in used_j]
    return pairs, left, right


def _similarity(one: Part, other: Part, across: bool) -> float:
    a, b = one.text, other.text
    if a == b:
        return 1.0
    if len(a) == 1 or len(b) == 1:
        return 0.7 if a[0] == b[0] else 0.0
    if NICK_OF.get(a, frozenset()) & NICK_OF.get(b, frozenset()):
        return 0.92
    shorter = min(len(a), len(b))
    best = 0.0
    if shorter >= 4:
        spelling = JaroWinkler.similarity(a, b)
        edits = OSA.distance(a, b)
        if edits <= max(1, shorter // 4) or spelling >= 0.92:
            best = spelling if edits <= max(1, (shorter + 1) // 3) else 0.0
    sound, tone = one.skeleton, other.skeleton
    # Within one script the letters must bear it out: "Bush" and "Habbash" have the same consonants.
    if len(sound) >= 2 and sound == tone and (across or JaroWinkler.similarity(a, b) >= 0.72):
        best = max(best, 0.9 if across or shorter >= 3 else 0.75)
    elif across and min(len(sound), len(tone)) >= 2:
        close = OSA.normalized_similarity(sound, tone)
        if close >= 0.66:
            best = max(best, 0.8 * close)
    return best


__all__ = ["SAME", "NameComparison", "PreparedName", "compare_names", "compare_prepared", "explain_names", "prepare"]
