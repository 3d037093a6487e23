"""Candidate generation: which names might a surface form mean, among millions, in about a millisecond.

A name is reduced to *features*: the padded trigrams of its romanised words, and the consonant skeleton of each word.
An inverted index keeps, for each feature, the names that have it. A query is answered in three steps:

1. Its rarest features are read up to a budget of postings, their weights summed for each name met.
2. The best few thousand are compared with the query by *signature*, 256 bits into which every feature of a name was
   hashed: this brings back what the unread, frequent features would have said, without reading them.
3. The caller fetches the best by their ids, and ``closeness`` orders them by edit distance as well.

Why signatures: at a million names a budget of 60,000 postings alone finds .979 of the names meant, 150,000 find .991;
60,000 with signatures find .995, as many as reading every posting does (docs/candidates.md has the table).

The index is a few immutable *segments*, each built at once, and a *tail* of names written since, small enough to be
compared by signature one and all. Everything here is pure: postings come from a ``PostingStore``.
"""

from __future__ import annotations

import math
import re
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from rapidfuzz import fuzz, process

from entities.matching.romanize import romanize

#: A feature is a number below 2**FEATURE_BITS: a trigram's three bytes, or 2**32 and the CRC of a skeleton.
FEATURE_BITS = 33
_SKELETON = 1 << 32
_MAX_CHARS = 300  # of a name: what is longer is no name, and hostile text shall not cost more than this
_MAX_FEATURES = 120

_WORDS = 4  # of 64 bits: the signature's length
_SIGNATURE_BITS = 64 * _WORDS
_SIGNATURE_SHIFT = 64 - _SIGNATURE_BITS.bit_length() + 1
_GOLDEN = 0x9E3779B97F4A7C15  # 2**64 / golden ratio: Fibonacci hashing
_LAST_64_BITS = 2**64 - 1

_SIGNED_AT_ONCE = 2_000_000  # features: bounds the memory that a build takes
_HEAVY = 256  # postings; a feature with fewer is always read and not listed in the process
_LEAST_READ = 2  # features read however long their postings are: a query of common parts alone still gets an answer

#: Postings read for a query at first; when the best name found is not surely the one; when it is a poor match.
FIRST_BUDGET = 4_000
BUDGET = 40_000
WIDE_BUDGET = 300_000
#: A best estimate from which on no more postings are read: costs no recall of generated queries, .004 of respelt names.
SURE = 0.6
#: A best match below this makes the caller read on.
WEAK = 0.62
_REFINED = 700  # names compared by signature, of each segment
_NEAR = 0.65  # of the best estimate: what is less like the query was meant twice in 1,000 queries
_VERY_NEAR = 0.8  # the same where the best estimate is above _CERTAIN
_CERTAIN = 0.85
_COUNTED = 8_000  # postings looked at to find the least sum that is worth a comparison

_is_folded = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*+", re.ASCII).fullmatch
_not_letters = re.compile(r"[^a-z0-9]+").sub
_vowels = re.compile(r"[aeiouyh]+").sub
# Letters that romanisations exchange, as one: voiced and unvoiced, k for c, q, g, x, one nasal, v for w and f.
_CLASSES = str.maketrans(
    {"p": "b", "v": "f", "w": "f", "q": "k", "g": "k", "c": "k", "x": "k", "z": "s", "d": "t", "j": "y", "m": "n"}
)


def fold(key: str) -> str:
    """A normalised name as ASCII words with one space between: what features are made of. May be empty."""
    key = key[:_MAX_CHARS]
    if _is_folded(key):
        return key  # most keys are words already
    if not key.isascii():
        key = romanize(key)[: 2 * _MAX_CHARS]
    return _not_letters(" ", key.lower().replace("'", "")).strip()


@lru_cache(maxsize=50_000)
def skeleton_code(word: str) -> int:
    """The feature for a word's consonants; 0 for a word of fewer than two, which says nothing."""
    word = word.replace("ph", "f").replace("sch", "s").replace("sh", "s").replace("ch", "k").translate(_CLASSES)
    consonants = _vowels("", word)
    squeezed = "".join(char for char, last in zip(consonants, " " + consonants, strict=False) if char != last)
    return _SKELETON | zlib.crc32(squeezed.encode()) if len(squeezed) >= 2 else 0


def _trigram_codes(folded: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Padded trigrams of many folded names: ``(codes, positions)``, with repeats, in the order of the names."""
    lengths = np.fromiter((len(name) + 2 for name in folded), dtype=np.int64, count=len(folded))
    text = np.frombuffer("".join(f" {name} " for name in folded).encode("ascii"), dtype=np.uint8).astype(np.uint32)
    owner = np.repeat(np.arange(len(folded), dtype=np.uint32), lengths)
    codes = (text[:-2] << 16) | (text[1:-1] << 8) | text[2:]
    # Windows around a space, or across two names, are no trigrams of a word.
    inside = (owner[:-2] == owner[2:]) & (text[1:-1] != 32)
    return codes[inside], owner[:-2][inside]


def _signatures(codes: np.ndarray, positions: np.ndarray, size: int) -> np.ndarray:
    """An array ``(size, _WORDS)``: for each name the bits of its features."""
    made = np.zeros(_WORDS * size, dtype=np.uint64)
    for start in range(0, len(codes), _SIGNED_AT_ONCE):
        part = slice(start, start + _SIGNED_AT_ONCE)
        bits = (codes[part].astype(np.uint64) * np.uint64(_GOLDEN)) >> np.uint64(_SIGNATURE_SHIFT)
        places = positions[part].astype(np.int64) * _WORDS + (bits >> np.uint64(6)).astype(np.int64)
        np.bitwise_or.at(made, places, np.uint64(1) << (bits & np.uint64(63)))
    return made.reshape(size, _WORDS)


@dataclass(frozen=True, slots=True)
class Features:
    """A surface form or a name in the tail, ready for comparison."""

    folded: str
    codes: tuple[int, ...]  # sorted, without repeats
    signature: np.ndarray  # uint64, _WORDS long
    bits: int  # set in the signature

    @property
    def is_empty(self) -> bool:
        return not self.codes


def make_features(key: str) -> Features:
    """The features of a normalised name; none at all for text without letters and digits."""
    folded = fold(key)
    padded = f" {folded} "
    found = {
        (ord(padded[at]) << 16) | (ord(padded[at + 1]) << 8) | ord(padded[at + 2])
        for at in range(len(padded) - 2)
        if padded[at + 1] != " "
    }
    found.update(skeleton_code(word) for word in folded.split())
    found.discard(0)
    codes = tuple(sorted(found)[-_MAX_FEATURES:])
    bits = 0  # as ``_signatures`` sets them: for a single name whole numbers are faster than arrays
    for code in codes:
        bits |= 1 << ((code * _GOLDEN & _LAST_64_BITS) >> _SIGNATURE_SHIFT)
    signature = np.frombuffer(bits.to_bytes(8 * _WORDS, "little"), dtype="<u8")
    return Features(folded, codes, signature, bits.bit_count())


#: ``make_features``, remembering the latest few thousand: articles repeat their surface forms.
features = lru_cache(maxsize=4096)(make_features)


class PostingStore(Protocol):
    """Where posting lists are kept."""

    def read(self, keys: Sequence[int]) -> Mapping[int, bytes]:
        """Posting lists by key (``posting_key``), as little-endian uint32; keys that have none are left out."""


def posting_key(segment: int, code: int) -> int:
    """The store's key for a feature's postings in one segment; below 2**63 for segments below 2**30."""
    return (segment << FEATURE_BITS) | code


# --- Segments ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Segment:
    """What a process holds of one immutable part of the index: about 40 bytes a name, besides its frequent features."""

    number: int
    ids: np.ndarray  # uint32, or int64 where one needs it: the name's id by position
    kinds: np.ndarray  # uint8 by position; meaning is the caller's
    signatures: np.ndarray  # uint64 (size, _WORDS): one line of the processor's cache holds two names
    bits: np.ndarray  # uint8: bits set in each signature
    heavy: dict[int, int]  # how many postings a feature has, of those with _HEAVY and more

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that it takes, about."""
        arrays = (self.ids, self.kinds, self.signatures, self.bits)
        return sum(array.nbytes for array in arrays) + sys.getsizeof(self.heavy) + 64 * len(self.heavy)

    def to_parts(self) -> dict[str, bytes]:
        """The arrays as bytes, little-endian; ``from_parts`` reads them."""
        return {
            "ids": self.ids.astype(_id_type(self.ids)).tobytes(),
            "kinds": self.kinds.tobytes(),
            "signatures": self.signatures.astype("<u8").tobytes(),
            "heavy_codes": np.array(list(self.heavy), dtype="<i8").tobytes(),
            "heavy_sizes": np.array(list(self.heavy.values()), dtype="<i4").tobytes(),
        }

    @staticmethod
    def read_ids(data: bytes, size: int) -> np.ndarray:
        """The ``ids`` of ``to_parts`` alone."""
        return np.frombuffer(data, dtype="<u4" if len(data) == 4 * size else "<i8")

    @classmethod
    def from_parts(cls, number: int, parts: Mapping[str, bytes]) -> Segment:
        """The segment that ``to_parts`` gave."""
        size = len(parts["kinds"])
        ids = cls.read_ids(parts["ids"], size)
        signatures = np.frombuffer(parts["signatures"], dtype="<u8").reshape(size, _WORDS)
        codes, sizes = (
            np.frombuffer(parts[f"heavy_{what}"], dtype=f"<i{of}") for what, of in (("codes", 8), ("sizes", 4))
        )
        heavy = dict(zip(codes.tolist(), sizes.tolist(), strict=True))
        kinds = np.frombuffer(parts["kinds"], dtype=np.uint8)
        return cls(number, ids, kinds, signatures, _count_bits(signatures), heavy)


def _id_type(ids: np.ndarray) -> str:
    return "<u4" if len(ids) == 0 or ids.max() < 2**32 else "<i8"


def _count_bits(signatures: np.ndarray) -> np.ndarray:
    counted = np.zeros(len(signatures), dtype=np.uint16)
    for word in range(_WORDS):
        counted += np.bitwise_count(signatures[:, word])
    return np.minimum(counted, 255).astype(np.uint8)


def build(
    number: int, ids: Sequence[int], kinds: Sequence[int], folded: Sequence[str]
) -> tuple[Segment, Iterator[tuple[int, bytes]]]:
    """One segment, and its posting lists as ``(key, bytes)`` in rising order of key.

    Args:
        number: the segment's, unique in its store.
        ids, kinds, folded: by name: its id, a small number for its kind, its text after ``fold``.
    """
    size = len(folded)
    # Names that begin alike stand together, so that a posting list touches few lines of the processor's cache.
    order = sorted(range(size), key=folded.__getitem__)
    folded = [folded[at] for at in order]
    ids = np.asarray(ids, dtype=np.int64)[order]
    kinds = np.asarray(kinds, dtype=np.uint8)[order]
    codes, owners = _trigram_codes(folded) if size else (np.zeros(0, np.uint32), np.zeros(0, np.uint32))
    extra_codes, extra_owners = _skeletons(folded)
    codes = np.concatenate([codes.astype(np.int64), extra_codes])
    owners = np.concatenate([owners, extra_owners])
    signatures = _signatures(codes, owners, size)
    # Feature and owner in one number, so that one sort orders the postings; features are renumbered to fit.
    known, numbered = _renumber(codes)
    shift = np.uint64(max(size - 1, 1).bit_length())
    pairs = (numbered.astype(np.uint64) << shift) | owners
    del codes, owners, numbered
    pairs.sort()
    if len(pairs):
        pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])]
    starts = np.searchsorted(pairs, np.arange(len(known) + 1, dtype=np.uint64) << shift)
    postings = (pairs & ((np.uint64(1) << shift) - np.uint64(1))).astype("<u4")
    sizes = np.diff(starts)
    heavy = dict(zip(known[sizes >= _HEAVY].tolist(), sizes[sizes >= _HEAVY].tolist(), strict=True))
    segment = Segment(number, ids, kinds, signatures, _count_bits(signatures), heavy)

    def rows() -> Iterator[tuple[int, bytes]]:
        bounds = starts.tolist()
        for at, code in enumerate(known.tolist()):
            yield posting_key(number, code), postings[bounds[at] : bounds[at + 1]].tobytes()

    return segment, rows()


def _skeletons(folded: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    codes: list[int] = []
    owners: list[int] = []
    for position, name in enumerate(folded):
        for word in name.split():
            code = skeleton_code(word)
            if code:
                codes.append(code)
                owners.append(position)
    return np.array(codes, dtype=np.int64), np.array(owners, dtype=np.uint32)


def _renumber(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different codes, sorted, and each code as its place among them. Trigrams by table: far faster than a sort."""
    trigrams = codes < (1 << 24)
    present = np.zeros(1 << 24, dtype=bool)
    present[codes[trigrams]] = True
    known_trigrams = np.flatnonzero(present)
    known_skeletons, places = np.unique(codes[~trigrams], return_inverse=True)
    numbered = np.empty(len(codes), dtype=np.int64)
    place_of = np.zeros(1 << 24, dtype=np.int32)
    place_of[known_trigrams] = np.arange(len(known_trigrams), dtype=np.int32)
    numbered[trigrams] = place_of[codes[trigrams]]
    numbered[~trigrams] = places + len(known_trigrams)
    return np.concatenate([known_trigrams, known_skeletons]).astype(np.int64), numbered


# --- Look-up ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Shortlist:
    """Ids of the names most like a query, best first, with an estimate in [0, 1] of how alike."""

    ids: np.ndarray  # int64
    estimates: np.ndarray  # float32

    def near(self) -> int:
        """How many of the names are near enough to the best one for what is meant to be among them."""
        if not len(self.ids):
            return 0
        best = float(self.estimates[0])
        return int(np.count_nonzero(self.estimates >= best * (_NEAR if best <= _CERTAIN else _VERY_NEAR)))


_POSITION = np.dtype("<u4")
_NOWHERE = np.zeros(0, dtype=np.int64)
_UNLIKE = np.zeros(0, dtype=np.float32)
_NOTHING = Shortlist(_NOWHERE, _UNLIKE)


class Tail:
    """Names written since the last segment was made: few, so all are compared."""

    def __init__(self, rows: Iterable[tuple[int, int, Features]] = ()) -> None:
        """``rows``: id, kind and features of each name."""
        listed = [row for row in rows if not row[2].is_empty]
        self.ids = np.array([row[0] for row in listed], dtype=np.int64)
        self.kinds = np.array([row[1] for row in listed], dtype=np.uint8)
        self.signatures = np.array([row[2].signature for row in listed], dtype=np.uint64).reshape(-1, _WORDS)
        self.bits = np.array([min(row[2].bits, 255) for row in listed], dtype=np.uint8)

    def __len__(self) -> int:
        return len(self.ids)


class _Scratch:
    """Two arrays as long as the largest segment, kept from query to query; ``sums`` is all zeros between them."""

    def __init__(self, size: int) -> None:
        self.sums = np.zeros(size, dtype=np.uint8)  # one byte a name: what fits the processor's cache is fast
        self.places = np.zeros(size, dtype=np.uint32)


class BlockingIndex:
    """Segments and a tail; immutable but for its scratch space, so that threads may share it."""

    def __init__(self, segments: Sequence[Segment], tail: Tail) -> None:
        self._segments = [segment for segment in segments if len(segment)]
        self._tail = tail
        self._size = sum(map(len, self._segments))
        self._largest = max(map(len, self._segments), default=0)
        self._idle: list[_Scratch] = []

    @property
    def scratch_bytes(self) -> int:
        """Bytes of memory that the scratch space takes, of all threads together."""
        return sum(scratch.sums.nbytes + scratch.places.nbytes for scratch in self._idle)

    def __len__(self) -> int:
        """Names in segments and tail."""
        return self._size + len(self._tail)

    def postings_of(self, code: int) -> list[int]:
        """The keys under which a store may have postings of a feature."""
        return [posting_key(segment.number, code) for segment in self._segments]

    def is_larger_than(self, names: int) -> bool:
        """Whether reading on could find more than the first budget did."""
        return self._size > names

    def shortlist(
        self, queries: Sequence[Features], store: PostingStore, *, keep: int, budgets: Sequence[int] = (BUDGET,),
        kinds: Sequence[int] | None = None,
    ) -> list[Shortlist]:  # fmt: skip
        """For each query the ``keep`` names most like it; the postings of all are read at one go.

        Args:
            queries: features of the surface forms.
            store: where the segments' postings are.
            keep: names wanted for each.
            budgets: postings read for each query over all segments, the rarest features first; the next budget only
                for queries whose best name is less like them than ``SURE``. At least one.
            kinds: only names of these kinds; None means all.
        """
        allowed = None
        if kinds is not None:
            allowed = np.zeros(256, dtype=bool)
            allowed[list(kinds)] = True
        answers: list[Shortlist] = [_NOTHING] * len(queries)
        open_ = range(len(queries))
        plans: dict[int, list[list[int]]] = {}
        postings: dict[int, bytes] = {}
        for budget in budgets:
            before, plans = plans, {
                at: [self._plan(segment, queries[at], budget) for segment in self._segments] for at in open_
            }  # fmt: skip
            if before:
                open_ = [at for at in open_ if plans[at] != before[at]]
            wanted = {key for at in open_ for keys in plans[at] for key in keys}
            wanted -= postings.keys()
            if wanted:
                postings.update(store.read(sorted(wanted)))
            # Borrowed for this call alone; what an exception interrupts is not given back: it may be half cleared.
            scratch = self._idle.pop() if self._idle else _Scratch(self._largest)
            for at in open_:
                answers[at] = self._answer(queries[at], plans[at], postings, keep, allowed, scratch)
            self._idle.append(scratch)
            open_ = [at for at in open_ if not len(answers[at].estimates) or answers[at].estimates[0] < SURE]
            if not open_:
                break
        return answers

    def _plan(self, segment: Segment, query: Features, budget: int) -> list[int]:
        """The posting lists to read of one segment: every rare feature's, then frequent ones while the budget lasts."""
        base, heavy_size = segment.number << FEATURE_BITS, segment.heavy.get
        sizes = [(heavy_size(code, 0), base | code) for code in query.codes]
        keys = [key for size, key in sizes if not size]
        heavy = sorted(one for one in sizes if one[0])
        left = max(budget * len(segment) // self._size, 2_000)
        for read, (size, key) in enumerate(heavy):
            left -= size
            if left < 0 and read >= _LEAST_READ:
                break
            keys.append(key)
        return keys

    def _answer(self, query, plan, postings, keep, allowed, scratch) -> Shortlist:
        ids, estimates = [], []
        for segment, keys in zip(self._segments, plan, strict=True):
            found, read = _positions(segment, keys, postings, allowed, scratch)
            if len(found):
                estimate = _estimate(query, segment.signatures, segment.bits, found, read)
                if len(found) > keep:
                    best = np.argpartition(estimate, -keep)[-keep:]
                    found, estimate = found[best], estimate[best]
                estimates.append(estimate)
                ids.append(segment.ids.take(found))
        if len(self._tail) and not query.is_empty:
            found = np.arange(len(self._tail)) if allowed is None else np.flatnonzero(allowed[self._tail.kinds])
            estimates.append(_estimate(query, self._tail.signatures, self._tail.bits, found, None))
            ids.append(self._tail.ids[found])
        if not ids:
            return _NOTHING
        if len(ids) == 1:
            all_ids, all_estimates = ids[0], estimates[0]
        else:
            all_ids, all_estimates = np.concatenate(ids), np.concatenate(estimates)
        if len(all_ids) > keep:
            best = np.argpartition(all_estimates, -keep)[-keep:]
            all_ids, all_estimates = all_ids[best], all_estimates[best]
        # By id where estimates are equal: an answer shall not depend on where a name stands.
        order = np.lexsort((all_ids, -all_estimates))
        return Shortlist(all_ids[order].astype(np.int64), all_estimates[order])


def _positions(
    segment: Segment,
    keys: list[int],
    postings: Mapping[int, bytes],
    allowed: np.ndarray | None,
    scratch: _Scratch,
) -> tuple[np.ndarray, np.ndarray]:
    """About _REFINED positions, those with the highest sums of weights over the features read, and their sums in [0, 1].

    A sum of 1 stands for a name that has every feature read.
    """
    lists = [np.frombuffer(postings[key], dtype=_POSITION) for key in keys if key in postings]
    if not lists:
        return _NOWHERE, _UNLIKE
    lengths = [len(listed) for listed in lists]
    weights = _weights(len(segment), lengths)
    met = np.concatenate(lists, dtype=np.int64)
    sums = scratch.sums
    np.add.at(sums, met, np.repeat(np.array(weights, dtype=np.uint8), lengths))
    kept = met
    if allowed is not None:
        kept = kept[allowed[segment.kinds[kept]]]
    reached = sums.take(kept)
    if len(kept) > _REFINED:
        # The least sum that still lets _REFINED through, by counting: sums are small whole numbers.
        # A name stands in ``met`` once for each of its features read, the best ones most often. Where there are
        # very many, every so-many-th tells enough: the names of a list are in the order of the alphabet.
        step = 1 + len(reached) // _COUNTED
        through = np.cumsum(np.bincount(reached[::step], minlength=256)[::-1])
        fits = reached >= 255 - int(np.searchsorted(through, 3 * _REFINED // step))
        kept, reached = kept[fits], reached[fits]
    # Each name once: of its places in ``kept`` only the last is the one that it remembers.
    places = np.arange(len(kept), dtype=np.uint32)
    scratch.places[kept] = places
    last = scratch.places.take(kept) == places
    sums[met] = 0
    return kept[last], reached[last] * np.float32(1 / sum(weights))


def _weights(size: int, lengths: Sequence[int]) -> list[int]:
    """Weights of features: the logarithm of their rarity (BM25's idf without its constants), summing to 255 at most."""
    rarity = [math.log1p(size / max(length, 1)) for length in lengths]
    scale = (255 - len(rarity)) / sum(rarity)
    return [1 + int(scale * value) for value in rarity]


def _estimate(
    query: Features, signatures: np.ndarray, bits: np.ndarray, found: np.ndarray, read: np.ndarray | None
) -> np.ndarray:
    """How alike query and names are, in [0, 1].

    By signature: Dice's share of common features, and the query's share; and, ``read``, the share of the features that
    were read by weight, as sharing a rare one says more. None: the signature alone tells.
    """
    common = _bits_in_common(query.signature, signatures.take(found, axis=0))
    share = common * np.float32(1 / max(query.bits, 1))
    dice = common / (bits.take(found) + np.float32(query.bits))
    return 0.94 * dice + 0.23 * share + 0.3 * (share if read is None else read)


def _bits_in_common(signature: np.ndarray, signatures: np.ndarray) -> np.ndarray:
    """For each row of ``signatures`` the bits that it has in common with one."""
    counts = np.bitwise_count(signatures & signature).view("<u4").ravel()
    counts *= np.uint32(0x01010101)  # the four bytes' sum, in the highest byte: a name has fewer than 256 bits set
    counts >>= np.uint32(24)
    return counts.astype(np.float32)


def closeness(query: Features, keys: Sequence[str], estimates: Sequence[float]) -> list[float]:
    """How close each name found is, in [0, 1] and to four places: edit distance with the words in order, and shared features.

    Args:
        query: the surface form's features.
        keys: the names as normalised.
        estimates: what ``Shortlist`` said of them.
    """
    if not keys:
        return []
    folded = [fold(key) for key in keys]
    ratios = process.cdist([query.folded], folded, scorer=fuzz.token_sort_ratio, dtype=np.float32)[0]
    scores = np.float32(0.005) * ratios + np.float32(0.5) * np.minimum(np.asarray(estimates, dtype=np.float32), 1)
    scores[ratios >= 100] = 1
    return np.round(scores.astype(np.float64), 4).tolist()
