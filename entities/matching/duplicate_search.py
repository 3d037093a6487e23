"""Duplicates among many records, in bounded memory: a million of them in about a gigabyte, over several processes.

    profiles ─ once, streamed → compact store, rarity of words, keys, names
      keys that few records share ─┐
      like names, from an index ───┴→ pairs, each once → compared → those that may be one → groups

Records are kept as bytes and read when they are compared; pairs are numbers in arrays. The work on names and on pairs
is cut into parts, which child processes share without copying what they read (they are forked; where the system has no
fork, or the set is small, the parts run in this one).
"""

from __future__ import annotations

import gc
import marshal
import math
import multiprocessing
import threading
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from entities.matching import blocking, duplicates
from entities.matching.duplicates import Finding, Pair, Profile, Rarity, Weights, keys_of, words_of

_LARGEST_BLOCK = 60  # records that share a key; where more do, the key says nothing
_LARGEST_DAY = 12  # records that begin on one day, where nothing else is known of them
_NEIGHBOURS = 40  # names like a name that are looked at
_NAME_BUDGET = 20_000  # postings read for one name
_LIKE_AT = 0.38  # estimate of two names, from which on their records are compared
_EQUAL = 0.9  # share of features from which on names are shown to be contradicted by dates
_UNLIKE = 0.5  # share of features below which names alone, without a day or another fact, say nothing
_NAMES_AT_ONCE = 1 << 20  # names in one segment of the index: bounds the memory of its making
_NAMES_IN_PART = 1_000
_PAIRS_IN_PART = 40_000
_GLANCED_AT_ONCE = 500_000  # pairs; bounds memory, about 100 MB
_FEW = 3_000  # records below which more processes cost more than they give
_KEPT_ABOVE = -2.0  # log-odds below which a pair is not remembered
_COMPARED_KEPT = 20_000
_RIGHTS_KEPT = 5_000  # profiles, while the pairs of one part are compared
# A key's number: its hash, and a bit that says that it is a day alone, which strangers share.
_DAY = 1 << 62
_HASH = _DAY - 1

_TWO_SIGNATURES = 2 * 32  # bytes
_SPACE = ord(" ")
_FIELDS = tuple(field.name for field in fields(Profile))


class Profiles:
    """Many profiles as bytes, about 200 each; by position, in the order in which they came."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._ends = array("Q", [0])
        self.ids = array("q")

    def __len__(self) -> int:
        return len(self.ids)

    def append(self, profile: Profile) -> None:
        """Add one at the end."""
        self._data += marshal.dumps(tuple(getattr(profile, name) for name in _FIELDS))
        self._ends.append(len(self._data))
        self.ids.append(profile.id)

    def __iter__(self) -> Iterator[Profile]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, position: int) -> Profile:
        return Profile(*marshal.loads(self._data[self._ends[position] : self._ends[position + 1]]))


class Catalogue:
    """Records prepared for the search for duplicates among them."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        """``profiles``: with different ids, read once."""
        self.profiles = Profiles()
        self.rarity = Rarity()
        self.rarity.keep = _COMPARED_KEPT
        self._names: dict[str, int] = {}  # words in order of the alphabet → number
        facts = _Facts()
        keys, key_owners = array("Q"), array("I")
        held, holders = array("I"), array("I")
        for position, profile in enumerate(profiles):
            self.profiles.append(profile)
            self.rarity.add(profile)
            facts.append(profile)
            for key in set(keys_of(profile)):
                keys.append((hash(key) & _HASH) | (_DAY if key[0] == "day" else 0))
                key_owners.append(position)
            numbers = []
            for name in profile.names:
                words = " ".join(sorted(words_of(name)))
                if words:
                    numbers.append(self._names.setdefault(words, len(self._names)))
            for number in dict.fromkeys(numbers):
                held.append(number)
                holders.append(position)
        self._keys = np.frombuffer(keys, dtype=np.uint64) if keys else np.zeros(0, np.uint64)
        self._key_owners = np.frombuffer(key_owners, dtype=np.uint32) if keys else np.zeros(0, np.uint32)
        self._names_listed = list(self._names)
        self._names.clear()
        held_by = np.frombuffer(held, dtype=np.uint32) if held else np.zeros(0, np.uint32)
        owners = np.frombuffer(holders, dtype=np.uint32) if held else np.zeros(0, np.uint32)
        order = np.argsort(held_by, kind="stable")
        self._holders = owners[order].astype(np.int64)
        self._holder_starts = np.searchsorted(held_by[order], np.arange(len(self._names_listed) + 1))
        self._facts = facts
        self._index, self._postings = blocking.BlockingIndex((), blocking.Tail()), _Postings()

    def __len__(self) -> int:
        return len(self.profiles)

    # --- Pairs --------------------------------------------------------------------------------------------------------
    def index_names(self) -> None:
        """Make what ``pairs`` looks names up in; before its work is shared among processes."""
        segments, postings = [], _Postings()
        for start in range(0, len(self._names_listed), _NAMES_AT_ONCE):
            folded = [blocking.fold(name) for name in self._names_listed[start : start + _NAMES_AT_ONCE]]
            numbers = range(start, start + len(folded))
            segment, rows = blocking.build(len(segments) + 1, numbers, [0] * len(folded), folded)
            postings.extend(rows)
            segments.append(segment)
        self._index, self._postings = blocking.BlockingIndex(segments, blocking.Tail()), postings

    def pairs(self, run: Callable[..., Iterable] = map) -> np.ndarray:
        """Pairs worth comparing, each once, as ``smaller position << 32 | larger``, in rising order.

        Each part is glanced at as it is made, so that what nine of ten pairs come to is never in memory together.
        """
        parts = [*self._pairs_by_key()]
        numbers = range(0, len(self._names_listed), _NAMES_IN_PART)
        parts.extend(run(self._pairs_by_name, numbers))
        return _different(parts)

    def _pairs_by_key(self) -> Iterator[np.ndarray]:
        """The pairs of records that share a key which few others have."""
        order = np.argsort(self._keys, kind="stable")
        keys, owners = self._keys[order], self._key_owners[order].astype(np.int64)
        del order
        self._keys, self._key_owners = np.zeros(0, np.uint64), np.zeros(0, np.uint32)
        starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
        sizes = np.diff(np.concatenate([starts, [len(keys)]]))
        sizes[(keys[starts] >= np.uint64(_DAY)) & (sizes > _LARGEST_DAY)] = 0
        for size in range(2, _LARGEST_BLOCK + 1):
            first = starts[sizes == size]
            left, right = np.triu_indices(size, 1)
            step = max(2_000_000 // len(left), 1)
            for at in range(0, len(first), step):
                members = owners[first[at : at + step, None] + np.arange(size)]
                yield self._promising(_encoded(members[:, left].ravel(), members[:, right].ravel()))

    def _pairs_by_name(self, start: int) -> np.ndarray:
        """Pairs of the holders of some names and of the names that are like them."""
        names = self._names_listed[start : start + _NAMES_IN_PART]
        parts = []
        queries = [blocking.make_features(name) for name in names]
        for at in range(0, len(names), 64):
            shortlists = self._index.shortlist(
                queries[at : at + 64], self._postings, keep=_NEIGHBOURS, budgets=(_NAME_BUDGET,)
            )
            for number, shortlist in enumerate(shortlists, start + at):
                like = shortlist.ids[shortlist.estimates >= _LIKE_AT]
                own = self._holders_of(number)
                if len(own) > 1:
                    left, right = np.triu_indices(len(own), 1)
                    parts.append(_encoded(own[left], own[right]))
                others = [self._holders_of(other) for other in like.tolist() if other != number]
                if others:
                    theirs = np.concatenate(others)
                    one, other = np.meshgrid(own, theirs)
                    parts.append(_encoded(one.ravel(), other.ravel()))
        return self._promising(_different(parts))

    def _promising(self, pairs: np.ndarray) -> np.ndarray:
        """Those of some pairs that a glance does not drop, each once."""
        kept = [
            part[self._facts.may_be_one(part)]
            for part in (pairs[at : at + _GLANCED_AT_ONCE] for at in range(0, len(pairs), _GLANCED_AT_ONCE))
        ]
        return _different(kept)

    def _holders_of(self, number: int) -> np.ndarray:
        start = self._holder_starts[number]
        return self._holders[start : min(self._holder_starts[number + 1], start + _LARGEST_BLOCK)]

    def drop_names(self) -> None:
        """Let go of what only ``pairs`` needs."""
        self._index, self._postings = blocking.BlockingIndex((), blocking.Tail()), _Postings()
        self._names_listed = []

    # --- Comparisons --------------------------------------------------------------------------------------------------
    def compare(self, pair: int) -> Finding:
        """What was found about a pair of positions."""
        return duplicates.compare(
            *self._in_order(self.profiles[pair >> 32], self.profiles[pair & 0xFFFFFFFF]), self.rarity
        )

    @staticmethod
    def _in_order(a: Profile, b: Profile) -> tuple[Profile, Profile]:
        return (a, b) if a.id < b.id else (b, a)

    def promising(self) -> np.ndarray:
        """The pairs that are compared, not only glanced at: those that weights are to be fitted to."""
        self.index_names()
        return self.pairs()

    def likely(self, weights: Weights, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of pairs in rising order those that may be one record, and their log-odds."""
        kept, odds = array("q"), array("d")
        last, left = -1, None
        rights: dict[int, Profile] = {}
        for pair in pairs.tolist():
            if pair >> 32 != last:
                last = pair >> 32
                left = self.profiles[last]
            place = pair & 0xFFFFFFFF
            right = rights.get(place)
            if right is None:
                if len(rights) >= _RIGHTS_KEPT:
                    rights.clear()
                right = rights[place] = self.profiles[place]
            worth = weights.log_odds(duplicates.compare(*self._in_order(left, right), self.rarity))
            if worth > _KEPT_ABOVE:
                kept.append(pair)
                odds.append(worth)
        return np.array(kept, dtype=np.int64), np.array(odds, dtype=np.float64)


class _Facts:
    """What tells at a glance that two records are not one, of every record, as arrays: most pairs end here."""

    def __init__(self) -> None:
        self._dates = bytearray()  # ten characters each
        self._numbers = array("I")  # four each: place, occupation, identifier, how many names
        self._signatures = bytearray()  # of the first two names

    def append(self, profile: Profile) -> None:
        self._dates += profile.born.encode("ascii", "replace")[:10].ljust(10)
        identifier = min(profile.identifiers, default=())
        self._numbers.extend(
            (_number(profile.place), _number(profile.occupation), _number(*identifier), len(profile.names))
        )
        names = [blocking.make_features(" ".join(words_of(name))).signature.tobytes() for name in profile.names[:2]]
        self._signatures += b"".join(names + names[:1] * (2 - len(names))).ljust(_TWO_SIGNATURES, b"\0")

    def may_be_one(self, pairs: np.ndarray) -> np.ndarray:
        """Which pairs are worth a comparison.

        Left out are pairs whose years contradict each other, unless the names are equal, so that people see it; and
        pairs of which nothing is known, but perhaps the year, and whose names are not much alike.
        """
        left, right = pairs >> 32, pairs & 0xFFFFFFFF
        dates = np.frombuffer(self._dates, dtype=np.uint8).reshape(-1, 10)
        one, other = dates[left], dates[right]
        differ = one != other
        dated = (one[:, 3] != _SPACE) & (other[:, 3] != _SPACE)
        whole = (one[:, 9] != _SPACE) & (other[:, 9] != _SPACE)
        same_day = whole & (differ.sum(axis=1) <= 2)  # or a day that differs as misprints do
        contradicted = dated & differ[:, :4].any(axis=1) & ~same_day
        numbers = np.frombuffer(self._numbers, dtype=np.uint32).reshape(-1, 4)
        one, other = numbers[left], numbers[right]
        shared = (one[:, :3] == other[:, :3]) & (one[:, :3] != 0)
        has_identifiers = (one[:, 2] != 0) & (other[:, 2] != 0)
        many = (one[:, 3] > 2) | (other[:, 3] > 2)
        likeness = self._likeness(left, right)
        backed = same_day | shared[:, :2].any(axis=1) | many | (likeness >= _UNLIKE)
        return has_identifiers | (backed & ~contradicted) | (contradicted & (likeness >= _EQUAL))

    def _likeness(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Dice's share of features in common, of the two names that are most alike."""
        signatures = np.frombuffer(self._signatures, dtype=np.uint64).reshape(-1, 2, _TWO_SIGNATURES // 16)
        best = np.zeros(len(left), dtype=np.float32)
        for at in range(2):
            one = signatures[left, at]
            for to in range(2):
                other = signatures[right, to]
                common = np.bitwise_count(one & other).sum(axis=1, dtype=np.float32)
                both = np.bitwise_count(one).sum(axis=1, dtype=np.float32) + np.bitwise_count(other).sum(axis=1)
                np.maximum(best, 2 * common / np.maximum(both, 1), out=best)
        return best


def _number(*text: str) -> int:
    """A number for a text, 0 for none; equal texts have equal numbers, others nearly never."""
    return zlib.crc32("\0".join(text).encode()) if any(text) else 0


class _Postings:
    """Posting lists end to end: in one piece, as child processes would copy objects by reading them."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._keys, self._ends = array("q"), array("Q", [0])

    def extend(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Add posting lists, in rising order of key."""
        for key, data in rows:
            self._keys.append(key)
            self._data += data
            self._ends.append(len(self._data))

    def read(self, keys: Sequence[int]) -> dict[int, memoryview]:
        found = {}
        listed, data = self._keys, memoryview(self._data)
        for key in keys:
            at = bisect_left(listed, key)
            if at < len(listed) and listed[at] == key:
                found[key] = data[self._ends[at] : self._ends[at + 1]]
        return found


def _different(parts: list[np.ndarray]) -> np.ndarray:
    """The different pairs of some arrays, in rising order; empties the list, so that they are in memory once."""
    if not parts:
        return np.zeros(0, np.int64)
    pairs = np.concatenate(parts)
    parts.clear()
    pairs.sort()
    first = np.empty(len(pairs), dtype=bool)
    first[:1] = True
    np.not_equal(pairs[1:], pairs[:-1], out=first[1:])
    return pairs[first]


def _encoded(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pairs as single numbers, the smaller position first; a record is no pair with itself."""
    different = one != other
    one, other = one[different], other[different]
    return (np.minimum(one, other) << 32) | np.maximum(one, other)


# --- Processes --------------------------------------------------------------------------------------------------------
_shared: Catalogue | None = None  # what the forked children work on


def _call(method: str, arguments: tuple, item: Any) -> Any:
    return getattr(_shared, method)(*arguments, item)


@contextmanager
def _workers(catalogue: Catalogue, processes: int) -> Iterator[Callable[..., Iterable]]:
    """A function like ``map`` over a method of the catalogue: in children, or here where one process is to do it all."""
    global _shared
    can_fork = "fork" in multiprocessing.get_all_start_methods() and threading.active_count() == 1
    if processes < 2 or len(catalogue) < _FEW or not can_fork:
        yield map
        return
    _shared = catalogue
    gc.freeze()  # the collector's marks on what is shared would make every child copy it
    try:
        with multiprocessing.get_context("fork").Pool(processes) as pool:

            def run(method: Callable, items: Iterable) -> Iterable:
                if isinstance(method, partial):
                    return pool.imap(partial(_call, method.func.__name__, method.args), items)
                return pool.imap(partial(_call, method.__name__, ()), items)

            yield run
    finally:
        gc.unfreeze()
        _shared = None


# --- The search -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Found:
    """The pairs that count as one record, and the doubtful ones; as arrays, since there may be millions."""

    catalogue: Catalogue
    pairs: np.ndarray  # positions in the catalogue, the smaller << 32 | the larger; the surest first
    probabilities: np.ndarray
    through_others: np.ndarray  # bool: one group, though the pair itself would not count
    doubtful: np.ndarray
    doubtful_probabilities: np.ndarray
    groups: list[list[int]]  # ids

    def all(self) -> Iterator[Pair]:
        """Every pair with its reasons, those that count as one record first; the reasons are found as they are read."""
        yield from self.sure()
        for pair, probability in zip(self.doubtful.tolist(), self.doubtful_probabilities.tolist(), strict=True):
            yield self._pair(pair, probability, ())

    def sure(self) -> Iterator[Pair]:
        """The pairs that count as one record, with their reasons."""
        for pair, probability, through_others in zip(
            self.pairs.tolist(), self.probabilities.tolist(), self.through_others.tolist(), strict=True
        ):
            yield self._pair(pair, probability, ("one group through other records",) if through_others else ())

    def ids(self) -> Iterator[tuple[int, int]]:
        """The ids of the pairs that count as one record."""
        ids = self.catalogue.profiles.ids
        for pair in self.pairs.tolist():
            a, b = ids[pair >> 32], ids[pair & 0xFFFFFFFF]
            yield (a, b) if a < b else (b, a)

    def _pair(self, pair: int, probability: float, more: tuple[str, ...]) -> Pair:
        ids = self.catalogue.profiles.ids
        a, b = ids[pair >> 32], ids[pair & 0xFFFFFFFF]
        return Pair(min(a, b), max(a, b), probability, (*self.catalogue.compare(pair).reasons, *more))


def search(
    profiles: Iterable[Profile],
    *,
    weights: Weights | None = None,
    same_at: float = duplicates.SAME_AT,
    review_at: float = 0.2,
    different: frozenset[tuple[int, int]] = frozenset(),
    processes: int = 1,
    say: Callable[[str], None] = lambda text: None,
) -> Found:
    """The duplicates among records that come once, one by one.

    Args:
        profiles: with different ids.
        weights: the shipped ones unless given.
        same_at, review_at: probabilities from which a pair counts as one record, and is worth a look.
        different: pairs of ids that a person judged different: never returned, and they keep groups apart.
        processes: children to share the work.
        say: told of each step.
    """
    weights = weights or Weights.load()
    catalogue = Catalogue(profiles)
    say(f"{len(catalogue):,} records read, {len(catalogue._names_listed):,} different names")
    catalogue.index_names()
    with _workers(catalogue, processes) as run:
        pairs = catalogue.pairs(run)
    catalogue.drop_names()
    apart = positions_of(different, catalogue.profiles.ids)
    pairs = pairs[~np.isin(pairs, apart)]
    say(f"{len(pairs):,} pairs to compare")
    parts = (pairs[at : at + _PAIRS_IN_PART] for at in range(0, len(pairs), _PAIRS_IN_PART))
    with _workers(catalogue, processes) as run:
        likely = list(run(partial(catalogue.likely, weights), parts))
    kept = np.concatenate([part[0] for part in likely]) if likely else np.zeros(0, np.int64)
    odds = np.concatenate([part[1] for part in likely]) if likely else np.zeros(0, np.float64)
    del pairs, likely
    say(f"{len(kept):,} pairs may be one record")
    return grouped(catalogue, kept, odds, weights, same_at, review_at, apart)


def positions_of(different: Iterable[tuple[int, int]], ids: Sequence[int]) -> np.ndarray:
    """Pairs of ids as pairs of positions; those of absent records are left out."""
    wanted = {id_ for pair in different for id_ in pair}
    place = {id_: at for at, id_ in enumerate(ids) if id_ in wanted} if wanted else {}
    known = [(place[a], place[b]) for a, b in different if a in place and b in place]
    return np.array(sorted(min(pair) << 32 | max(pair) for pair in known), dtype=np.int64)


def grouped(
    catalogue: Catalogue,
    kept: np.ndarray,
    odds: np.ndarray,
    weights: Weights,
    same_at: float,
    review_at: float,
    apart: np.ndarray,
) -> Found:
    """Cut what hangs together into groups; ``kept`` in rising order."""
    shift = math.log(same_at / (1 - same_at))
    part_of = np.full(len(catalogue), -1, dtype=np.int64)
    for number, members in enumerate(_hanging_together(kept[odds > shift].tolist())):
        part_of[members] = number
    inside = np.flatnonzero((part_of[kept >> 32] >= 0) & (part_of[kept >> 32] == part_of[kept & 0xFFFFFFFF]))
    inside = inside[np.argsort(part_of[kept[inside] >> 32], kind="stable")]
    parts = part_of[kept[inside] >> 32]
    bounds = np.flatnonzero(np.concatenate([[True], parts[1:] != parts[:-1], [True]])) if len(parts) else [0]
    never = {pair for pair in apart.tolist() if part_of[pair >> 32] == part_of[pair & 0xFFFFFFFF] >= 0}
    never_by_part: dict[int, list[int]] = {}
    for pair in never:
        never_by_part.setdefault(int(part_of[pair >> 32]), []).append(pair)
    groups: list[list[int]] = []
    for start, end in zip(bounds[:-1], bounds[1:], strict=True):
        rows = inside[start:end]
        known = dict(zip(map(_split, kept[rows].tolist()), (odds[rows] - shift).tolist(), strict=True))
        members = {member: catalogue.profiles[member] for pair in known for member in pair}
        known.update(dict.fromkeys(_contradictions(members), duplicates.CONTRADICTED))
        known.update(dict.fromkeys(map(_split, never_by_part.get(int(parts[start]), ())), duplicates.NEVER))
        groups.extend(sorted(group) for group in duplicates.cluster(known))
    return _listed(catalogue, groups, kept, odds, weights, same_at, review_at, never)


def _listed(
    catalogue: Catalogue,
    groups: list[list[int]],
    kept: np.ndarray,
    odds: np.ndarray,
    weights: Weights,
    same_at: float,
    review_at: float,
    never: set[int],
) -> Found:
    grouped = np.array(
        sorted({a << 32 | b for group in groups for a, b in combinations(group, 2)} - never), dtype=np.int64
    )
    where = np.searchsorted(kept, grouped)
    where[where == len(kept)] = 0
    known = kept[where] == grouped if len(kept) else np.zeros(0, dtype=bool)
    worth = np.zeros(len(grouped))
    worth[known] = odds[where[known]]
    for at in np.flatnonzero(~known).tolist():
        worth[at] = weights.log_odds(catalogue.compare(int(grouped[at])))
    chances = _chances(worth)
    rest = ~np.isin(kept, grouped)
    doubtful = kept[rest]
    # The pair itself may look alike: what is known of the others in its group says no.
    doubts = np.minimum(_chances(odds[rest]), same_at - 0.0001)
    worthwhile = doubts >= review_at
    doubtful, doubts = doubtful[worthwhile], doubts[worthwhile]
    ids = catalogue.profiles.ids
    order = _surest_first(grouped, chances, ids)
    doubtful_order = _surest_first(doubtful, doubts, ids)
    return Found(
        catalogue,
        grouped[order],
        np.round(np.maximum(chances, same_at), 4)[order],
        (chances < same_at)[order],
        doubtful[doubtful_order],
        np.round(doubts, 4)[doubtful_order],
        [sorted(ids[member] for member in group) for group in groups],
    )


def _surest_first(pairs: np.ndarray, chances: np.ndarray, ids: array) -> np.ndarray:
    """The order by probability, then by ids: so that the order in which records come changes nothing."""
    listed = np.array(ids, dtype=np.int64)
    left, right = listed[pairs >> 32], listed[pairs & 0xFFFFFFFF]
    return np.lexsort((np.maximum(left, right), np.minimum(left, right), -np.round(chances, 4)))


def _split(pair: int) -> tuple[int, int]:
    return pair >> 32, pair & 0xFFFFFFFF


def _chances(odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))


def _hanging_together(pairs: Iterable[int]) -> list[list[int]]:
    """The connected parts of a graph, each of two and more."""
    leader: dict[int, int] = {}

    def lead(one: int) -> int:
        while leader.setdefault(one, one) != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for a, b in map(_split, pairs):
        leader[lead(a)] = lead(b)
    parts: dict[int, list[int]] = {}
    for one in list(leader):
        parts.setdefault(lead(one), []).append(one)
    return list(parts.values())


def _contradictions(members: Mapping[int, Profile]) -> Iterator[tuple[int, int]]:
    """Pairs of positions that hold different values of an identifier that is unique to a thing."""
    by_scheme: dict[str, list[tuple[int, str]]] = {}
    for position, member in members.items():
        for scheme, value in member.identifiers:
            by_scheme.setdefault(scheme, []).append((position, value))
    for holders in by_scheme.values():
        for (a, left), (b, right) in combinations(sorted(holders), 2):
            if a != b and left != right:
                yield (a, b)
