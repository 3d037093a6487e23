"""How likely two names are one: a value in [0, 1], 0.70 means "same".

Names are compared by their parts, in any order: each part finds its best counterpart, by spelling or (across scripts) by
consonants; what is left on one side only is an omission, what is left on both is a contradiction.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from operator import mul
from pathlib import Path

from rapidfuzz.distance import OSA, JaroWinkler

from entities.matching.names.sounds import sounds
from entities.matching.names.tables import (
    AGREEMENT_WORDS,
    GENERIC,
    LEGAL_FORMS,
    NICK_OF,
    PARTICLES,
    TITLES,
    are_distinct,
    territories,
)
from entities.matching.normalize import MAX_NAME, name_key, script_of
from entities.matching.romanize import romanize, skeleton

SAME = 0.70
WEIGHTS_PATH = Path(__file__).with_name("weights.json")
_MAX_PARTS = 16


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a name: romanised, its consonants, how it sounds, and how much it tells."""

    text: str
    skeleton: str
    sounds: tuple[str, str]
    weight: float


@dataclass(frozen=True, slots=True)
class PreparedName:
    """A name ready to be compared many times."""

    key: str
    kind: str
    script: str
    parts: tuple[Part, ...]
    weight: float  # of all parts
    initials: tuple[str, ...]
    joined: str
    heard: tuple[str, ...]  # the sounds of the whole, and of the whole with its last word first
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
    kind = {"org": "organization", "other": "", None: ""}.get(kind, str(kind))
    key = name_key(name)
    script = script_of(name)
    words = romanize(name).split()[:_MAX_PARTS]
    printed = key.split()
    if len(printed) != len(words):
        printed = words  # Han is read in more words than it is printed in
    heard_as = script if printed is not words or script == "Latin" else ""
    made = [
        Part(word, skeleton(word), sounds(own, heard_as), _weight(word, kind))
        for word, own in zip(words, printed, strict=True)
    ]
    parts = tuple(part for part in made if part.weight > 0) or tuple(
        Part(part.text, part.skeleton, part.sounds, 1.0) for part in made
    )
    whole = [part.sounds for part in parts]
    turned = whole[-1:] + whole[:-1]
    heard = dict.fromkeys("".join(one[reading] for one in order) for order in (whole, turned) for reading in (0, 1))
    bare = [word for word in words if word not in LEGAL_FORMS]
    return PreparedName(
        key, kind, script, parts, sum(part.weight for part in parts), _initials(bare),
        "".join(part.text for part in parts), tuple(heard),
        _territory(key, words) if kind in ("state", "") and len(words) <= 12 else "",
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


_SMALL = frozenset("of the and for in de la on du des del et y für und der die das al el to a".split())


def _initials(words: list[str]) -> tuple[str, ...]:
    """The acronyms that a name's words would make: small words left out, or not."""
    big = [word for word in words if word not in _SMALL]
    return tuple(dict.fromkeys("".join(word[0] for word in chosen) for chosen in (big, words) if len(chosen) > 1))


def _territory(key: str, words: list[str]) -> str:
    """The code of the one state that a name holds a name of: "République du Burundi" holds "Burundi"."""
    known = territories()
    found = known.get(key) or known.get(" ".join(words))
    if found:
        return found
    printed = key.split()
    for size in range(min(5, max(len(words), len(printed))), 0, -1):
        codes = set()
        for listed in (words, printed):
            for start in range(len(listed) - size + 1):
                code = known.get(" ".join(listed[start : start + size]))
                if code and (size > 1 or len(listed[start]) > 3 or not listed[start].isascii()):
                    codes.add(code)
        if codes:
            return codes.pop() if len(codes) == 1 else ""
    if len(printed) == 1 and not key.isascii():
        # Written without spaces: the longest name within.
        held = {known[name] for name in _unspaced() if name in key}
        return held.pop() if len(held) == 1 else ""
    return ""


@lru_cache(maxsize=1)
def _unspaced() -> tuple[str, ...]:
    return tuple(
        name for name in territories() if script_of(name) in ("Han", "Katakana", "Hangul", "Thai") and len(name) > 1
    )


def compare_prepared(p: PreparedName, q: PreparedName) -> float:
    """How likely two prepared names are one thing's."""
    if q.key < p.key:  # one order for each pair: exactly symmetric
        p, q = q, p
    if not p.parts or not q.parts:
        return 0.0
    if p.territory and q.territory and "state" in (p.kind, q.kind):
        return 0.97 if p.territory == q.territory else 0.03
    if p.key == q.key:
        return round(0.90 + 0.08 * min(1.0, (len(p.parts) - 1) / 3), 4)
    found = vector(p, q)
    if found is None:
        return 0.0
    weights = model()[model_of(p, q)]
    odds = weights[0] + sum(map(mul, weights[1:], found))
    return round(min(0.98, 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))), 4)


def model_of(p: PreparedName, q: PreparedName) -> str:
    """Which weights judge a pair: by kind, and whether sounds alone can be compared."""
    if p.script != q.script:
        return "across"
    kind = p.kind or q.kind
    return kind if kind in ("person", "organization") else "other"


#: What is found in a pair, in the order of ``vector``.
FEATURES = (
    "cover", "share", "contradicted", "left_out", "one_part_only", "matched_parts", "joined", "heard", "acronym",
    "same_start", "exact_parts", "initial_parts", "cover_and_heard", "short", "contradiction", "near_miss", "weakest",
    "heard_at_length", "extra_part", "misprinted",
)  # fmt: skip


def vector(p: PreparedName, q: PreparedName) -> tuple[float, ...] | None:
    """What speaks for one thing and against it, each in [0, 1], as ``FEATURES`` names them; None if nothing is shared."""
    across = p.script != q.script
    pairs, left, right = _align(p.parts, q.parts, across)
    heard = max(
        (OSA.normalized_similarity(one, other) for one in p.heard for other in q.heard if one and other), default=0.0
    ) if across else 0.0  # fmt: skip
    acronym = 0.0 if across or p.kind == "person" else _acronym(p, q)
    joined = 0.0 if across else OSA.normalized_similarity(p.joined, q.joined, score_cutoff=0.5)
    if not pairs and not acronym and joined < 0.6 and heard < 0.5:
        return None
    matched = exact = initial = weakest = 0.0
    for one, other, similarity in pairs:
        matched += min(one.weight, other.weight) * similarity
        if one.weight + other.weight >= 1.5:
            weakest = max(weakest, 1 - similarity)
        exact += one.text == other.text and len(one.text) > 1
        initial += len(one.text) == 1 or len(other.text) == 1
    shorter, longer = sorted((p.weight, q.weight))
    cover = min(1.0, matched / shorter)
    left_weight, right_weight = sum(part.weight for part in left), sum(part.weight for part in right)
    against = min(left_weight, right_weight)
    if joined >= 0.93:
        # The same letters, otherwise spaced.
        cover, against, matched = max(cover, joined), 0.0, max(matched, joined * shorter)
    near = max(
        (
            JaroWinkler.similarity(one.text, other.text)
            for one in left
            for other in right
            if one.weight + other.weight > 1 and not are_distinct(one.text, other.text)
        ),
        default=0.0,
    ) if against and not across else 0.0  # fmt: skip
    misprinted = 0.0
    if not across and p.script not in ("Latin", "") and p.key != q.key:
        misprinted = 1 - OSA.normalized_similarity(p.key, q.key)
    fewest, most = sorted((len(p.parts), len(q.parts)))
    shortest = min(len(p.joined), len(q.joined)) if not across else min(len(p.heard[0]), len(q.heard[0])) * 2
    return (
        cover,
        min(1.0, matched / longer),
        min(1.0, against / shorter),
        abs(left_weight - right_weight) / (longer + 1),
        float(len(pairs) <= 1 and most > 1 and (fewest == 1 or against > 0)),
        min(1.0, len(pairs) / 4),
        joined,
        heard,
        acronym,
        float(p.parts[0].text[:1] == q.parts[0].text[:1] and not across),
        exact / max(1, most),
        min(1.0, initial / 2),
        cover * heard,
        max(0.0, 1 - shortest / 8),
        min(1.0, against),
        near if against else 0.0,
        weakest,
        heard * min(1.0, shortest / 14),
        min(1.0, abs(left_weight - right_weight)),
        misprinted,
    )


def _acronym(p: PreparedName, q: PreparedName) -> float:
    """How well one name is the other's acronym: 1 all initials, less for one that takes several letters of a word."""
    short, long = (p, q) if len(p.joined) <= len(q.joined) else (q, p)
    word = short.joined
    if len(short.parts) != 1 or not 2 <= len(word) <= 10 or len(long.parts) < 2:
        return 0.0
    if word in long.initials:
        return 1.0 if len(word) > 2 else 0.7
    words = [part.text for part in long.parts if part.text not in _SMALL]
    for start in range(
        min(3, len(words))
    ):  # "Iranian Shahid Hemmat Group": the country or a legal form may be left out
        if word == "".join(one[0] for one in words[start:])[: len(word)] and len(word) >= 3:
            return 0.8
    return 0.6 if len(word) >= 4 and _spells(word, words) else 0.0


def _spells(word: str, words: list[str]) -> bool:
    """Whether beginnings of the words, in order, spell a word: "interpol", "benelux"."""
    if not word:
        return True
    for number, one in enumerate(words[:6]):
        if number > 1:
            break
        size = 0
        while size < min(len(one), len(word)) and one[size] == word[size]:
            size += 1
        for taken in range(size, 0, -1):
            if _spells(word[taken:], words[number + 1 :]):
                return True
    return False


@lru_cache(maxsize=1)
def model() -> dict[str, tuple[float, ...]]:
    """The weights by model: the constant, then one for each of ``FEATURES`` (weights.json, made by ``learn_names``)."""
    data = json.loads(WEIGHTS_PATH.read_text(encoding="utf-8"))
    return {
        name: (given["constant"], *(given["weights"][feature] for feature in FEATURES)) for name, given in data.items()
    }


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
    if are_distinct(a, b):
        return 0.0
    shorter = min(len(a), len(b))
    best = 0.0
    if shorter >= 4:
        spelling = JaroWinkler.similarity(a, b)
        edits = OSA.distance(a, b)
        if edits <= max(1, shorter // 4) or spelling >= 0.92:
            best = spelling if edits <= max(1, (shorter + 1) // 3) else 0.0
    sound, tone = one.skeleton, other.skeleton
    if across:
        best = max(best, _heard_alike(one.sounds, other.sounds))
    # Within one script the letters must bear it out: "Bush" and "Habbash" have the same consonants.
    elif len(sound) >= 2 and sound == tone and JaroWinkler.similarity(a, b) >= 0.72:
        best = max(best, 0.9 if shorter >= 3 else 0.75)
    return best


def _heard_alike(ours: tuple[str, str], theirs: tuple[str, str]) -> float:
    """How alike two words sound, by the reading that fits best; what has one consonant proves little."""
    best = 0.0
    for one in dict.fromkeys(ours):
        for other in dict.fromkeys(theirs):
            fewest = min(len(one), len(other))
            if not fewest:
                continue
            alike = OSA.normalized_similarity(one, other)
            if fewest == 1:
                alike *= 0.6 if one == other else 0.0
            best = max(best, alike)
    return best if best >= 0.5 else 0.0


__all__ = [
    "SAME",
    "NameComparison",
    "PreparedName",
    "compare_names",
    "compare_prepared",
    "explain_names",
    "prepare",
    "vector",
]
