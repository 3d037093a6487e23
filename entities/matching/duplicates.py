"""Which records are one and the same: pairs to compare, what speaks for and against each, probability, clusters.

    profiles → candidate pairs → findings of each pair → probability → clusters, in which no wrong link drags others in

The weights in ``duplicate_weights.json`` were fitted to decided pairs by ``fit`` (see docs/candidates.md for the
figures); the findings are written so that a curator can read them. Nothing is hidden: what contradicts is a reason too.
"""

from __future__ import annotations

import heapq
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import Hamming, JaroWinkler

from entities.matching.romanize import romanize, skeleton

#: From here on a pair counts as one record.
SAME_AT = 0.5
_WEIGHTS_FILE = Path(__file__).with_name("duplicate_weights.json")
_MAX_TOKENS = 12
_COMPARED_KEPT = 200_000
_FIRM = 100  # times as strong a draw to the prior: what words of things say, of which gold has but misprints
_SMALL = 10_000  # records
_STEPS = 50  # of a fit, at most
_STEP_LEAST = 1e-6
CONTRADICTED = -8.0  # log-odds of two records in one heap with different unique ids: outweighs a typical link
NEVER = -1000.0  # of a pair that a person judged different


#: How the start and the end of a thing are said, by its kind; after "both".
_BOUNDS = {
    "person": ("born", "died"), "state": ("begin", "end"), "organization": ("founded", "dissolved"),
    "agreement": ("signed", "ended"),
}  # fmt: skip
_ONE_OF_THEM = {"begin": "begins", "end": "ends"}


@dataclass(frozen=True, slots=True)
class Profile:
    """A record as duplicate finding sees it; text is normalised (``name_key``), absent facts are empty."""

    id: int
    kind: str
    names: tuple[str, ...]  # plain names, the main one first
    born: str = ""  # or founded, signed: the start, as a date or its prefix; misprints such as "1859-86-18" may occur
    ended: str = ""
    place: str = ""
    occupation: str = ""
    gender: str = ""
    states: frozenset[int] = frozenset()
    offices: frozenset[str] = frozenset()
    identifiers: tuple[tuple[str, str], ...] = ()  # of schemes that are unique to a thing


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about a pair: numbers by feature, and sentences for curators."""

    values: dict[str, float]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, the probability that they are one, and why; ``a < b`` by id."""

    a: int
    b: int
    probability: float
    reasons: tuple[str, ...]


# --- Rarity -----------------------------------------------------------------------------------------------------------
class Rarity:
    """How rare words, places and occupations are in a catalogue: sharing "smith" says less than sharing "shoigu"."""

    def __init__(
        self, profiles: Iterable[Profile] = (), size: int = 0, counts: Mapping[str, int] | None = None
    ) -> None:
        """``profiles`` are all records, or a few of ``size``, of which ``counts`` tells how many have a word."""
        self._size_elsewhere = size
        self._elsewhere = counts or {}
        self._words: Counter[str] = Counter()
        self._facts: Counter[tuple[str, str]] = Counter()
        self._size = 0
        # Names repeat far more often than records: what was found about two of them is kept.
        self.compared: dict[tuple[str, str], tuple[dict[str, float], float, str]] = {}
        self.keep = _COMPARED_KEPT
        for profile in profiles:
            self.add(profile)

    def add(self, profile: Profile) -> None:
        """Count one more record."""
        self._size += 1
        self._words.update({word for name in profile.names for word in words_of(name)})
        for what in ("place", "occupation"):
            value = getattr(profile, what)
            if value:
                self._facts[what, value] += 1

    def of_size(self) -> float:
        """Natural logarithm of how many records there are, in tens: among more there are more chance likenesses.

        A small catalogue counts as one of 10,000: rarity within it says too little to be trusted further.
        """
        return math.log(max(self._size, self._size_elsewhere, _SMALL)) / 10

    def of_word(self, word: str) -> float:
        """Natural logarithm of how many records there are to each one with this word; about 1 to 10."""
        count = max(self._words.get(word, 0), self._elsewhere.get(word, 0))
        return math.log((max(self._size, self._size_elsewhere) + 20) / (count + 1))

    def of_fact(self, what: str, value: str) -> float:
        """The same for a place or an occupation."""
        return math.log((self._size + 20) / (self._facts.get((what, value), 0) + 1))


@lru_cache(maxsize=100_000)
def words_of(name: str) -> tuple[str, ...]:
    """A normalised name's words in Latin letters, in order."""
    text = name if name.isascii() else romanize(name)
    return tuple(text.split()[:_MAX_TOKENS])


# --- Findings ---------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=200_000)
def _same_word(left: str, right: str) -> float:
    """How surely two words are one, in [0, 1]: spelling, initials; below 0.8 they are different words."""
    if left == right:
        return 1.0
    if len(left) == 1 or len(right) == 1:
        return 0.8 if left[0] == right[0] else 0.0
    if left.isdigit() or right.isdigit():
        return 0.0
    similarity = JaroWinkler.similarity(left, right)
    shorter = min(len(left), len(right))
    if similarity >= (0.88 if shorter > 4 else 0.92):  # Iran is not Iraq, Jon is John
        return similarity
    return 0.88 if similarity >= 0.7 and shorter >= 4 and skeleton(left) == skeleton(right) else 0.0


def _compare_names(left: str, right: str, rarity: Rarity) -> tuple[dict[str, float], float, str]:
    """Findings on two names; their strength (for choosing the best pair of names), and the finding in words."""
    a, b = words_of(left), words_of(right)
    if (len(a), b) > (len(b), a):  # which of the two is left, and which right, shall make no difference
        a, b = b, a
    free = list(b)
    equal = like = conflict = 0.0
    shared = 0
    last_agrees = bool(a) and _same_word(a[-1], b[-1]) >= 0.88
    loose = []
    for word in a:
        if word in free:
            free.remove(word)
            if len(word) > 1:
                equal += rarity.of_word(word)
                shared += 1
            else:
                like += 0.5
        else:
            loose.append(word)
    for word in loose:
        best, certainty = None, 0.0
        for other in free:
            found = _same_word(word, other)
            if found > certainty:
                best, certainty = other, found
        if best is None:
            conflict += rarity.of_word(word) if len(word) > 1 else 1.0
            continue
        free.remove(best)
        if min(len(word), len(best)) == 1:
            like += 0.5
        else:
            like += certainty * min(rarity.of_word(word), rarity.of_word(best))
            shared += 1
    extra = sum(rarity.of_word(word) for word in free if len(word) > 1)
    numbers = {word for word in a if word.isdigit()} ^ {word for word in b if word.isdigit()}
    values = {
        "name_same": float(not loose and not free),
        "name_equal_words": min(equal, 20) / 10,
        "name_like_words": min(like, 20) / 10,
        "name_one_word": float(shared <= 1),
        "name_nothing": float(shared == 0),
        "name_conflict": min(conflict, 20) / 10,
        "name_extra": min(extra, 20) / 10,
        "name_last_word": float(last_agrees),
        "name_whole": max(fuzz.ratio(" ".join(a), " ".join(b)), fuzz.token_sort_ratio(left, right)) / 100,
        "generation_other": float(bool(_GENERATIONS.intersection(a) ^ _GENERATIONS.intersection(b))),
        "name_numbers": float(bool(numbers) and all(len(number) < 5 for number in numbers)),
    }
    strength = equal + 0.9 * like - conflict - 0.1 * extra
    if values["name_same"]:
        said = f"same name: {left}" if left == right else f"same words in their names: {left} / {right}"
    elif shared == 0:
        said = f"no common word in {left} / {right}"
    else:
        said = f"similar names: {left} / {right}"
    return values, strength, said


def _years(left: str, right: str) -> tuple[int, int] | None:
    if left[:4].isdigit() and right[:4].isdigit():
        return int(left[:4]), int(right[:4])
    return None


def _compare_dates(left: str, right: str, verb: str = "begin") -> tuple[str, str] | None:
    """``(feature, in words)`` for two starts of life; None where one is unknown.

    Args:
        verb: of a state "begin", of a person "born".
    """
    if not left or not right:
        return None
    if left == right:
        if len(left) < 10 or left.endswith("-01-01"):  # 1 January stands for an unknown day
            return "born_same_year", f"both {verb} in {left[:4]}"
        return "born_same_day", f"both {verb} on {left}"
    if len(left) == len(right) == 10:
        if left[:4] == right[:4] and left[5:7] == right[8:] and left[8:] == right[5:7]:
            return "born_swapped", f"day and month swapped: {left} / {right}"
        different = Hamming.distance(left, right)
        if different == 1:
            return "born_one_digit", f"dates differ by one digit: {left} / {right}"
        if left[:4] == right[:4]:
            return "born_same_year", f"same year, other day: {left} / {right}"
        if different == 2:
            return "born_two_digits", f"dates differ by two digits: {left} / {right}"
    elif left.startswith(right) or right.startswith(left):
        return "born_same_year" if min(
            len(left), len(right)
        ) == 4 else "born_same_month", f"dates agree: {left} / {right}"
    years = _years(left, right)
    if years and years[0] == years[1]:
        return "born_same_year", f"same year: {left} / {right}"
    if years and abs(years[0] - years[1]) <= 1:
        return "born_next_year", f"a year apart: {left} / {right}"
    if years and Hamming.distance(left[:4], right[:4]) == 1:
        return "born_year_digit", f"years differ by one digit: {left} / {right}"
    return "born_other", f"contradiction: {_ONE_OF_THEM.get(verb, verb)} {left} / {right}"


def compare(a: Profile, b: Profile, rarity: Rarity) -> Finding:
    """Everything that speaks for and against two records being one."""
    best = None
    for left in a.names[:6]:
        for right in b.names[:6]:
            found = rarity.compared.get((left, right))
            if found is None:
                if len(rarity.compared) >= rarity.keep:
                    rarity.compared.clear()
                found = rarity.compared[left, right] = _compare_names(left, right, rarity)
            if best is None or found[1] > best[1]:
                best = found
    values: dict[str, float] = {"bias": 1.0, "many_records": rarity.of_size()}
    reasons = []
    if best is None:
        values["name_missing"] = 1.0
    else:
        values.update(best[0])
        reasons.append(best[2])
    if a.kind != "person" and best is not None:
        values["thing_like_words"] = values["name_like_words"]
        values["thing_like_word"] = float(values["name_like_words"] > 0)
        values["thing_conflict"] = values["name_conflict"]
        values["thing_extra"] = values["name_extra"]
        values["thing_other_word"] = float(values["name_conflict"] > 0)
        values["thing_elsewhere"] = float(bool(a.states and b.states and not a.states & b.states))
    if a.kind != b.kind:
        values["kind_other"] = 1.0
        reasons.append(f"contradiction: a {a.kind} and a {b.kind}")
    begun, ended = _BOUNDS.get(a.kind, _BOUNDS["state"]) if a.kind == b.kind else _BOUNDS["state"]
    dates = _compare_dates(a.born, b.born, begun)
    if dates is not None:
        values[dates[0]] = 1.0
        reasons.append(dates[1])
    else:
        values["undated"] = 1.0
    if dates is None and values.get("name_conflict") and (not a.place or a.place != b.place):
        # Another surname, and nothing that outweighs it.
        values["unbacked_conflict"] = min(2 * values["name_conflict"], 1.0)
    ends = _compare_dates(a.ended, b.ended, ended)
    if ends is not None:
        values[ends[0].replace("born_", "ended_")] = 1.0
        reasons.append(ends[1])
    _compare_facts(a, b, rarity, values, reasons)
    _compare_sets(a, b, values, reasons)
    return Finding(values, tuple(reasons))


def _compare_facts(a: Profile, b: Profile, rarity: Rarity, values: dict[str, float], reasons: list[str]) -> None:
    for what in ("place", "occupation"):
        left, right = getattr(a, what), getattr(b, what)
        if not left or not right:
            continue
        if left == right:
            values[f"{what}_same"] = min(rarity.of_fact(what, left), 10) / 5
            reasons.append(f"same {what}: {left}")
        elif fuzz.token_set_ratio(left, right) >= 85:
            values[f"{what}_like"] = 1.0
            reasons.append(f"similar {what}: {left} / {right}")
        else:
            values[f"{what}_other"] = 1.0
            reasons.append(f"different {what}: {left} / {right}")
    if a.gender and b.gender:
        if a.gender == b.gender:
            values["gender_same"] = 1.0
        else:
            values["gender_other"] = 1.0
            reasons.append(f"different gender: {a.gender} / {b.gender}")


def _compare_sets(a: Profile, b: Profile, values: dict[str, float], reasons: list[str]) -> None:
    if a.states and b.states:
        if a.states & b.states:
            values["states_shared"] = 1.0
            reasons.append("a state in common")
        else:
            values["states_other"] = 1.0
            reasons.append("no state in common")
    if a.offices and b.offices:
        common = a.offices & b.offices
        values["offices_shared" if common else "offices_other"] = 1.0
        if common:
            reasons.append(f"same office: {min(common)}")
    theirs = dict(b.identifiers)
    for scheme, value in a.identifiers:
        if scheme in theirs:
            if theirs[scheme] == value:
                values["identifier_same"] = 1.0
                reasons.append(f"same {scheme} id: {value}")
            else:
                values["identifier_other"] = 1.0
                reasons.append(f"contradiction: {scheme} ids {value} / {theirs[scheme]}")


# --- Weights ----------------------------------------------------------------------------------------------------------
#: Set by hand, as no gold says anything of them: log-odds for what two catalogues of the same things share.
_PRIOR = {
    # Words of things are spelt with care: Austria is not Australia, and one more word is another ministry.
    "thing_like_words": -8.0, "thing_like_word": -6.0, "thing_conflict": -5.0, "thing_other_word": -4.0, "thing_extra": -3.0,
    "thing_elsewhere": -3.0, "generation_other": -5.0, "unbacked_conflict": -6.0,
    "identifier_same": 6.0, "identifier_other": -7.0, "kind_other": -6.0, "states_shared": 0.7, "states_other": -2.0,
    "offices_shared": 1.2, "offices_other": -0.2, "name_numbers": -3.0, "ended_same_day": 4.0, "ended_same_month": 3.0,
    "ended_same_year": 1.5, "ended_one_digit": 2.0, "ended_swapped": 2.0, "ended_two_digits": 0.0,
    "ended_next_year": -0.5, "ended_year_digit": -1.0, "ended_other": -3.0, "born_same_month": 2.5,
    "many_records": -8.0,
}  # fmt: skip


# Not fitted: the gold's garbled names would say that another surname hardly matters, which is no way to run a catalogue.
_FIXED = frozenset({"unbacked_conflict", "generation_other"})
_GENERATIONS = frozenset({"jr", "sr", "junior", "senior", "ii", "iii", "iv"})


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds by feature."""

    by_feature: Mapping[str, float]

    def log_odds(self, finding: Finding) -> float:
        """Log-odds that a pair is one record."""
        weights = self.by_feature
        return sum(weights.get(name, 0.0) * value for name, value in finding.values.items())

    def probability(self, finding: Finding) -> float:
        """Probability that a pair is one record."""
        return _chance(self.log_odds(finding))

    @classmethod
    def load(cls) -> Weights:
        """The weights that come with the project."""
        return _shipped()


@lru_cache(maxsize=1)
def _shipped() -> Weights:
    return Weights(json.loads(_WEIGHTS_FILE.read_text(encoding="utf-8"))["weights"])


def fit(
    findings: Sequence[Mapping[str, float]],
    same: Sequence[bool],
    *,
    counts: Sequence[float] | None = None,
    pull: float = 1.0,
) -> Weights:
    """Weights from decided pairs: logistic regression by Newton's method, drawn towards the prior.

    Args:
        findings: ``Finding.values`` of each pair.
        same: whether it is one record.
        counts: for how many pairs each stands; 1 unless given.
        pull: strength of the draw to the prior, in pairs. A feature that no pair has keeps its prior.

    Raises:
        ValueError: without pairs of both sorts.
    """
    if not any(same) or all(same):
        raise ValueError("fitting needs pairs that are one record and pairs that are not")
    names = sorted({name for values in findings for name in values} - _FIXED)
    column = {name: at for at, name in enumerate(names)}
    rows = np.zeros((len(findings), len(names)))
    for at, values in enumerate(findings):
        for name, value in values.items():
            if name in column:
                rows[at, column[name]] = value
    target = np.array(same, dtype=float)
    each = np.ones(len(findings)) if counts is None else np.array(counts, dtype=float)
    prior = np.array([_PRIOR.get(name, 0.0) for name in names])
    draw = np.array([pull * (_FIRM if name.startswith(("thing_", "name_numbers")) else 1) for name in names])
    weights = prior.copy()

    def loss(tried: np.ndarray) -> float:
        odds = rows @ tried
        return float(each @ (np.logaddexp(0, odds) - target * odds) + (draw * (tried - prior) ** 2).sum() / 2)

    now = loss(weights)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        gradient = rows.T @ (each * (chance - target)) + draw * (weights - prior)
        curvature = (rows * (each * chance * (1 - chance))[:, None]).T @ rows + np.diag(draw)
        step = np.linalg.solve(curvature, gradient)
        # Where all pairs are far from decided by the prior, a whole step leads astray: halve it while it does.
        while (then := loss(weights - step)) > now and np.abs(step).max() > _STEP_LEAST:
            step = step / 2
        weights, now = weights - step, then
        if np.abs(step).max() < _STEP_LEAST:
            break
    fitted = dict(_PRIOR)
    fitted.update((name, round(float(weight), 4)) for name, weight in zip(names, weights, strict=True))
    return Weights(fitted)


# --- Keys --------------------------------------------------------------------------------------------------
def keys_of(profile: Profile) -> Iterator[tuple[str, ...]]:
    """Keys such that records that share one are worth comparing, beyond what likeness of names finds."""
    for scheme, value in profile.identifiers:
        yield ("id", scheme, value)
    consonants = {skeleton(word) for name in profile.names[:4] for word in words_of(name) if len(word) > 2}
    consonants = {word for word in consonants if len(word) >= 2}
    if len(profile.born) == 10 and not profile.born.endswith("-01-01"):
        yield ("day", profile.born)
        for fact in (profile.place, profile.occupation, *consonants):
            if fact:
                yield ("day and fact", profile.born, fact)
    if profile.born:
        for word in consonants:
            yield ("year", profile.born[:4], word)
        # In a large catalogue a common name and a year each say nothing: together they do.
        if consonants:
            yield ("name and year", profile.born[:4], *sorted(consonants))
    if profile.place:
        for word in consonants:
            yield ("place", profile.place, word)
    for left, right in combinations(sorted(consonants)[:6], 2):
        yield ("words", left, right)


# --- Clusters ---------------------------------------------------------------------------------------------------------
def cluster(log_odds: Mapping[tuple[int, int], float], *, unseen: float = -0.5) -> list[set[int]]:
    """Records into groups of one thing each, by greedy joining of the groups that belong together most.

    Two groups join while the mean of the log-odds between their members is above zero; pairs that were not compared
    count as ``unseen``. One wrong link between two groups is outvoted by the pairs that say no: no chains.

    Returns:
        The groups of two and more.
    """
    between: dict[int, dict[int, tuple[float, int]]] = defaultdict(dict)
    members: dict[int, set[int]] = {}
    for (a, b), odds in log_odds.items():
        between[a][b] = between[b][a] = (odds, 1)
        members.setdefault(a, {a})
        members.setdefault(b, {b})

    def mean(left: int, right: int) -> float:
        total, count = between[left][right]
        pairs = len(members[left]) * len(members[right])
        return (total + unseen * (pairs - count)) / pairs

    queue = [(-odds, a, b) for (a, b), odds in log_odds.items() if odds > 0]
    heapq.heapify(queue)
    while queue:
        worth, left, right = heapq.heappop(queue)
        if left not in members or right not in members or right not in between[left]:
            continue
        now = mean(left, right)
        if now <= 0:
            continue
        if now < -worth - 1e-9:  # grown since: take its turn by what it is worth now
            heapq.heappush(queue, (-now, left, right))
            continue
        if len(between[left]) < len(between[right]):
            left, right = right, left
        members[left] |= members.pop(right)
        del between[left][right]
        for other, (total, count) in between.pop(right).items():
            if other == left:
                continue
            known, known_count = between[left].get(other, (0.0, 0))
            between[left][other] = between[other][left] = (known + total, known_count + count)
            del between[other][right]
        for other in between[left]:
            now = mean(left, other)
            if now > 0:
                heapq.heappush(queue, (-now, left, other))
    return [group for group in members.values() if len(group) > 1]


def _chance(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))
