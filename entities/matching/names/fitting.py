"""What each piece of evidence is worth, learnt from pairs of names known to be one thing's or two things'.

Evidence keeps its sign: what speaks for one thing never counts against it, so that noise cannot make names more alike.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from babel import Locale

from entities.matching.names import evidence_of, prepare
from entities.matching.names.evidence import ACROSS, FEATURES, WORD_FEATURES, word_evidence
from entities.matching.names.sounds import GROUPS, Heard, group_of
from entities.matching.normalize import script_of

#: ``(a, b, kind, match, weight)``
Pair = tuple[str, str, str | None, bool, float]
Rows = list[tuple[tuple[float, ...], bool, float]]
_WORD_SIGNS = dict(zip(WORD_FEATURES, (True, True, True, True, False), strict=True))
_LANGUAGES = tuple(
    "ru uk bg sr el hy ka th hi mr ne bn ta te kn ml gu pa si ko ja zh zh_Hant yue he ar fa ur ps am ti km my lo kk mn".split()
)
_CITIES = 170  # of a language
_TERRITORIES = 110


def _signs(name: str) -> dict[str, bool]:
    return ACROSS if name == "across" else FEATURES


def fit_words(tokens: Iterable[Pair], *, seed: int = 1) -> dict[str, dict]:
    """By group of scripts, what the sounds of two words tell of their being one.

    Args:
        tokens: pairs of single words; words of two scripts that match, with others of their group as strangers.
    """
    chance = random.Random(seed)
    rows: dict[str, Rows] = defaultdict(list)
    matching: dict[str, list[tuple[Heard, list[Heard]]]] = defaultdict(list)
    for a, b, _, match, weight in tokens:
        group = group_of(script_of(a), script_of(b))
        ours, theirs = _sound(a, group), [_sound(b, group, number) for number in range(3)]
        theirs = [sound for sound in dict.fromkeys(theirs) if sound is not None]
        if ours is None or not theirs:
            continue
        best = max((word_evidence(ours, sound) for sound in theirs), key=sum)
        rows[group].append((best, match, weight))
        if match:
            matching[group].append((ours, theirs))
    for group, listed in matching.items():
        for ours, _ in listed:
            for _ in range(2):
                strangers = [chance.choice(listed)[1] for _ in range(6)]
                best = max((word_evidence(ours, sound) for theirs in strangers for sound in theirs), key=sum)
                rows[group].append((best, best[3] == 1.0 and best[2] > 0.9, 0.5))
    return {group: fit_rows(rows[group], _WORD_SIGNS, lean=1.0) for group in GROUPS if rows[group]}


def _sound(name: str, group: str, reading: int = 0) -> Heard | None:
    """The sound of a whole name, by one of its readings."""
    found = prepare(name, "").read_for(group)
    return found[reading].whole[0] if reading < len(found) and found[reading].whole[0].full else None


def cases_of(pairs: Iterable[Pair], words: Mapping[str, tuple[float, ...]]) -> dict[str, Rows]:
    """By model, ``(evidence, match, weight)`` of pairs; pairs that need no model are left out."""
    found: dict[str, Rows] = defaultdict(list)
    for a, b, kind, match, weight in pairs:
        one, other = sorted((prepare(a, kind), prepare(b, kind)), key=lambda name: name.key)
        if one.key == other.key or one.territory and other.territory and "state" in (one.kind, other.kind):
            continue
        name, values = evidence_of(one, other, dict(words))
        if values is not None:
            found[name].append((values, match, weight))
    return found


def pairs_of_records(
    records: Iterable[tuple[str, Sequence[str]]], kind: str, *, most: int = 2500, seed: int = 1
) -> list[Pair]:
    """Pairs that a catalogue knows: a record's name and another of its names; that name and a record that shares a word.

    A person's name and no more of it than many others bear, too: "Ali Mohammed" is not yet "Ali Mohammed Rage".

    Args:
        records: ``(name, other names)``.
        most: records' pairs taken, at random.
    """
    chance = random.Random(seed)
    by_word: dict[str, list[str]] = defaultdict(list)
    same: list[tuple[str, str]] = []
    for name, others in records:
        key = prepare(name, kind).key
        for part in prepare(name, kind).parts:
            by_word[part.text].append(name)
        same.extend((name, other) for other in others if prepare(other, kind).key != key)
    chance.shuffle(same)
    found: list[Pair] = []
    for name, other in same[:most]:
        found.append((name, other, kind, True, 0.5))
        shared = [part.text for part in prepare(other, kind).parts if len(by_word.get(part.text, ())) > 1]
        if shared:
            namesake = chance.choice(by_word[chance.choice(shared)])
            if namesake != name:
                found.append((namesake, other, kind, False, 0.5))
    if kind == "person":
        names = sorted({name for listed in by_word.values() for name in listed})
        for name in chance.sample(names, min(len(names), 700)):
            words = [part.text for part in prepare(name, kind).parts]
            common = [word for word in words if len(by_word[word]) >= _COMMON]
            if 0 < len(common) < len(words) and len(common) < 3:
                found.append((" ".join(common), name, kind, False, 0.25))
    return found


_COMMON = 12  # records that must bear a word


def transcriptions(*, seed: int = 1) -> Iterator[tuple[str, str, str]]:
    """``(language, English, native)``: one-word places that CLDR spells out in other scripts: "Denver", "デンバー"."""
    chance = random.Random(seed)
    english = Locale.parse("en")
    cities = {
        zone: str(named.get("city") or zone.rsplit("/", 1)[-1].replace("_", " "))
        for zone, named in {**Locale.parse("de").time_zones, **english.time_zones}.items()
        if zone.count("/") >= 1 and not zone.startswith("Etc")
    }
    for language in _LANGUAGES:
        locale = Locale.parse(language)
        found = [
            (language, cities[zone], str(named["city"]))
            for zone, named in locale.time_zones.items()
            if zone in cities and "city" in named and " " not in cities[zone] and " " not in named["city"]
        ]
        found = chance.sample(found, min(_CITIES, len(found)))
        codes = [
            code
            for code, native in locale.territories.items()
            if len(code) == 2 and code in english.territories and " " not in english.territories[code] + native
        ]
        found += [
            (language, english.territories[code], locale.territories[code])
            for code in chance.sample(sorted(codes), min(_TERRITORIES, len(codes)))
        ]
        for _, name, native in found:
            if script_of(native) != "Latin" and _heard_alike(name, native):
                yield language, name, native


def _heard_alike(name: str, native: str) -> bool:
    """Whether a place is spelled out rather than translated ("Greece", "Ελλάδα")."""
    group = group_of("Latin", script_of(native))
    one = _sound(name, group)
    sounds = [_sound(native, group, number) for number in range(3)]
    return one is not None and any(
        sound is not None and word_evidence(one, sound)[0] >= 0.5 and word_evidence(one, sound)[2] >= 0.35
        for sound in sounds
    )


def pairs_of_transcriptions(*, seed: int = 1) -> tuple[list[Pair], list[Pair]]:
    """Single words across scripts, and names of two or three such words; strangers share a word or nearly sound alike."""
    chance = random.Random(seed)
    by_language: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for language, name, native in transcriptions(seed=seed):
        by_language[language].append((name, native))
    tokens: list[Pair] = []
    wholes: list[Pair] = []
    for listed in by_language.values():
        if len(listed) < 20:
            continue
        tokens += [(name, native, "person", True, 0.5) for name, native in listed]
        mark = "・" if script_of(listed[0][1]) == "Katakana" else "·" if script_of(listed[0][1]) == "Han" else " "
        for _ in range(60):
            a, b, c, d = chance.sample(listed, 4)
            middle = [d] if chance.random() < 0.15 else []
            name = " ".join(word for word, _ in (a, *middle, b))
            wholes.append((name, mark.join(word for _, word in (a, *middle, b)), "person", True, 0.5))
            if chance.random() < 0.4:
                wholes.append((name, mark.join((a[1], c[1])), "person", False, 0.5))
                wholes.append((name, mark.join((c[1], b[1])), "person", False, 0.5))
            else:
                # The closest of some strangers, as a candidate index finds them.
                near = max(
                    chance.sample(listed, 8),
                    key=lambda pair: _closeness(pair[0], b[0], pair is not b and pair is not a),
                )
                wholes.append((name, mark.join((a[1], near[1])), "person", near is b, 0.5))
    return tokens, wholes


def _closeness(one: str, other: str, apart: bool) -> float:
    ours, theirs = _sound(one, "alphabet"), _sound(other, "alphabet")
    return word_evidence(ours, theirs)[2] if apart and ours and theirs else -1.0


def fit(cases: Mapping[str, Rows], *, lean: float = 1.5, pull: float = 0.5) -> dict[str, dict]:
    """Weights by model.

    Args:
        lean: how much more a pair that is one counts: moves what is as likely as not towards 0.70.
        pull: strength with which weights are drawn to zero, in pairs.
    """
    return {name: fit_rows(rows, _signs(name), lean=lean, pull=pull) for name, rows in sorted(cases.items())}


def fit_rows(rows: Rows, signs: Mapping[str, bool], *, lean: float, pull: float = 0.5, steps: int = 60) -> dict:
    """The constant and the weights of a logistic model whose weights keep their signs (projected Newton).

    Bertsekas (1982): weights that stand at zero and would leave their sign are held there, the others take a Newton step.
    """
    sign = np.array([0.0, *(1.0 if pro else -1.0 for pro in signs.values())])
    matrix = np.array([(1.0, *values) for values, _, _ in rows])
    target = np.array([float(match) for _, match, _ in rows])
    weight = np.array([w * (lean if match else 1.0) for _, match, w in rows])
    penalty = pull * np.r_[0.0, np.ones(len(sign) - 1)]

    def loss(weights: np.ndarray) -> float:
        odds = matrix @ weights
        return float(weight @ (np.logaddexp(0, odds) - target * odds) + 0.5 * penalty @ weights**2)

    weights = np.zeros(len(sign))
    lowest = loss(weights)
    for _ in range(steps):
        likely = 1 / (1 + np.exp(-np.clip(matrix @ weights, -30, 30)))
        gradient = matrix.T @ ((likely - target) * weight) + penalty * weights
        free = ~((weights == 0) & (gradient * sign > 0))
        part = matrix[:, free]
        curve = (part * (likely * (1 - likely) * weight + 1e-9)[:, None]).T @ part + np.diag(penalty[free] + 1e-6)
        step = np.zeros_like(weights)
        step[free] = np.linalg.solve(curve, gradient[free])
        for halving in range(30):
            tried = weights - step / 2**halving
            tried = np.where(tried * sign < 0, 0.0, tried)
            reached = loss(tried)
            if reached < lowest - 1e-9:
                break
        else:
            break
        weights, lowest = tried, reached
    return {
        "constant": round(float(weights[0]), 3),
        "weights": {feature: round(float(value), 3) for feature, value in zip(signs, weights[1:], strict=True)},
        "pairs": len(rows),
    }
