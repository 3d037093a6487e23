"""The candidate index, kept in the database and read by every process: surface forms → the records they may mean.

    lookup = exact keys → (what is new?) → shortlist by features → names of the shortlist → closeness

Each step is one query for all surface forms together. Writers call ``index_aliases`` in their own transaction; a
process learns of it at its next look-up, from one small query. What is written goes to a tail; when that is long it
becomes a segment, and segments of like size become one, so that a write costs what it writes and a look-up stays fast.
Records are never stale: the names and the records they belong to are read from the aliases themselves, each time.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import NamedTuple

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import QuerySet
from django.utils import timezone

from entities.index_models import IndexChange, IndexPosting, IndexSegment
from entities.matching import blocking
from entities.matching.blocking import BlockingIndex, Features, Segment, Shortlist, Tail
from entities.matching.normalize import name_key
from entities.matching.types import Kind
from entities.models import Alias, Entity

_KINDS = tuple(Kind)  # a kind's place here is its number in the index; new kinds are added at the end
_KIND_NUMBER = {str(kind): number for number, kind in enumerate(_KINDS)}

_TAIL_LIMIT = 4_000  # names in the tail, above which they become a segment: all of them are compared at each look-up
_AT_ONCE = 2_000  # names written together that become a segment without passing through the tail
_FAN_IN = 6  # segments of like size that become one
_SEGMENT_LIMIT = 1 << 20  # names in one segment: bounds the memory of a build, about 700 MB
_KEPT_AFTER_RETIREMENT = timedelta(minutes=10)
_SURFACES_AT_ONCE = 64  # for which postings are read together: bounds memory, about 10 MB
_SQLITE_PARAMETERS = 16_384  # of one statement; it allows 32,766
_KEYS_AT_ONCE = 5_000
_FLOOR = 0.35  # names less close are left out: in a small catalogue something is always the closest
_EXACT_LIMIT = 200  # aliases with one and the same key that are looked at

_ROWS = """
    SELECT a.id, a.entity_id, a.name, a.key, e.kind, a.type, a.is_weak
    FROM entities_alias a JOIN entities_entity e ON e.id = a.entity_id
    WHERE a.withdrawn_at IS NULL AND e.merged_into_id IS NULL AND """
_PARTS = ("ids", "kinds", "signatures", "heavy_codes", "heavy_sizes")
# The first column: a segment's token, a posting list, or how many names the tail has, with the sum of their tokens.
_SEGMENT, _POSTING = -1, -2
_STATE = f"""
    SELECT {_SEGMENT}, token FROM entities_indexsegment WHERE retired_at IS NULL
    UNION ALL SELECT COUNT(*), CAST(COALESCE(SUM(token), 0) AS BIGINT) FROM entities_indexchange"""
_STATE_AND_POSTINGS = f"""
    SELECT {_SEGMENT}, token, CAST(NULL AS {{kind}}) FROM entities_indexsegment WHERE retired_at IS NULL
    UNION ALL SELECT COUNT(*), CAST(COALESCE(SUM(token), 0) AS BIGINT), NULL FROM entities_indexchange
    UNION ALL SELECT {_POSTING}, id, data FROM entities_indexposting WHERE"""


class Candidate(NamedTuple):
    """A record that a surface form may mean, and the alias of it that is closest."""

    entity_id: int
    alias_id: int
    name: str  # the alias
    score: float  # closeness of the names in [0, 1]; 1 for equal keys. A retrieval score: name comparison judges
    kind: str
    type: str = ""  # the alias's
    is_weak: bool = False


class CandidateIndex:
    """Look-ups and writes. Instances share what the process holds of the index, so making one costs nothing."""

    def exact(self, surfaces: Sequence[str], *, kinds: Collection[str] | None = None) -> dict[str, list[Candidate]]:
        """The records that have a name equal to each surface form after normalisation, in one query per 5,000 forms.

        Every alias counts, typed senses (demonyms, metonyms) as well: ``Candidate.type`` tells. Forms without any are
        left out. At most one candidate a record, ordered by record.
        """
        keys = {surface: name_key(surface) for surface in dict.fromkeys(surfaces)}
        found: dict[str, dict[int, Candidate]] = {}
        wanted = {key for key in keys.values() if key}
        for batch in _batches(sorted(wanted), _KEYS_AT_ONCE):
            for alias_id, entity_id, name, key, kind, type_, is_weak in _fetch(
                _ROWS, "a.key", batch, "ORDER BY a.entity_id, a.id"
            ):
                if kinds is not None and kind not in kinds:
                    continue
                records = found.setdefault(key, {})
                if entity_id not in records and len(records) < _EXACT_LIMIT:
                    records[entity_id] = Candidate(entity_id, alias_id, name, 1.0, kind, type_, bool(is_weak))
        return {surface: list(found[key].values()) for surface, key in keys.items() if key in found}

    def lookup(
        self,
        surfaces: Sequence[str],
        *,
        limit: int = 50,
        kinds: Collection[str] | None = None,
        only_unknown: bool = False,
    ) -> dict[str, list[Candidate]]:
        """The records that each surface form may mean, closest first.

        Three queries for up to 64 surface forms; two more where the best name found is a poor match.

        Args:
            surfaces: as printed, in any script.
            limit: records wanted for each.
            kinds: only records of these kinds; None means all.
            only_unknown: answer forms that are some record's name by these records alone, which is far faster.
        """
        answers: dict[str, list[Candidate]] = {surface: [] for surface in surfaces}
        if only_unknown:
            known = self.exact(list(answers), kinds=kinds)
            answers.update((surface, candidates[:limit]) for surface, candidates in known.items())
        numbers = None if kinds is None else [_KIND_NUMBER[str(kind)] for kind in kinds]
        unknown = [surface for surface, candidates in answers.items() if not candidates]
        for batch in _batches(unknown, _SURFACES_AT_ONCE):
            answers.update(_search(batch, limit, numbers))
        return answers

    def word_counts(self, words: Collection[str]) -> tuple[int, dict[str, int]]:
        """How many names the index holds, and how many of them have each word or one with its consonants.

        One query. Words of too few consonants are left out; names written very lately are not counted.
        """
        index = _refresh(_database_state()).index
        codes = {word: code for word in words if (code := blocking.skeleton_code(blocking.fold(word)))}
        keys = {key: code for code in codes.values() for key in index.postings_of(code)}
        counts: dict[int, int] = {}
        if keys:
            for key, size in _fetch("SELECT id, LENGTH(data) FROM entities_indexposting WHERE", "id", keys):
                counts[keys[key]] = counts.get(keys[key], 0) + size // 4
        return len(index), {word: counts[code] for word, code in codes.items() if code in counts}

    def index_aliases(self, alias_ids: Collection[int]) -> None:
        """Make names findable, in the caller's transaction. For new aliases, and for those whose name changed.

        A merge needs no call: the index finds names, and whose they are is read from the alias.
        """
        ids = sorted(set(alias_ids))
        if not ids:
            return
        with transaction.atomic():
            if len(ids) >= _AT_ONCE:
                _publish(_add_segments(_keys_of(ids)), [])
                _merge_segments()
            else:
                IndexChange.objects.bulk_create(IndexChange(token=_new_token(), alias_id=id_) for id_ in ids)
                compact()

    def unindex(self, alias_ids: Collection[int]) -> None:
        """Forget names that are no longer in use, in the caller's transaction.

        A withdrawn alias is never answered with even without this; here it only leaves the tail.
        """
        IndexChange.objects.filter(alias_id__in=list(alias_ids)).delete()


def _batches(items: Iterable, size: int) -> Iterator[list]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _new_token() -> int:
    # Below 2**44: sums over a tail stay below 2**63, and exact in any JSON or float on the way.
    return secrets.randbelow(2**44 - 1) + 1


# --- Reads ------------------------------------------------------------------------------------------------------------
def _fetch(select: str, column: str, values: Collection, then: str = "") -> list[tuple]:
    """Rows of ``select`` whose ``column`` is among the values; text or whole numbers, at least one.

    Past Django's cursors, as this is where look-ups spend their time: on PostgreSQL those bind on this side and get
    binary columns as hexadecimal text; and both databases keep the plan of a statement whose text they know.
    """
    database = connections[DEFAULT_DB_ALIAS]  # once: ``connection`` looks it up at each attribute
    database.ensure_connection()
    values = list(values)
    with database.wrap_database_errors:
        if database.vendor == "postgresql":
            kind = "text" if isinstance(values[0], str) else "bigint"
            with psycopg.Cursor(database.connection) as cursor:
                statement = f"{select} {column} = ANY(%b::{kind}[]) {then}"
                cursor.execute(statement, [values], prepare=True, binary=True)
                return cursor.fetchall()
        rows = []
        for batch in _batches(values, _SQLITE_PARAMETERS):
            # The length is rounded up, so that there are few different statements.
            places = 1 << (len(batch) - 1).bit_length()
            batch.extend(batch[-1:] * (places - len(batch)))
            statement = f"{select} {column} IN ({'?,' * (places - 1)}?) {then}"
            rows.extend(database.connection.execute(statement, batch))
        return rows


class _Changed(Exception):
    """What the process holds is not what the database has; carries what that is."""

    def __init__(self, state: _State) -> None:
        super().__init__()
        self.state = state


class _DatabasePostings:
    """The posting lists as the core reads them; the first reading tells whether what the process holds is current.

    Both at once: a look-up waits for the database once less.
    """

    def __init__(self, held: _Held, *, is_current: bool = False) -> None:
        self.held = held
        self.is_current = is_current

    def read(self, keys: Sequence[int]) -> Mapping[int, bytes]:
        """Raises ``_Changed`` at the first reading."""
        if self.is_current:
            return dict(_fetch("SELECT id, data FROM entities_indexposting WHERE", "id", keys))
        state, postings = [], {}
        kind = "bytea" if connection.vendor == "postgresql" else "blob"
        for what, key, data in _fetch(_STATE_AND_POSTINGS.format(kind=kind), "id", keys):
            if what == _POSTING:
                postings[key] = data
            else:
                state.append((what, key))
        self._check(_State.read(state))
        return postings

    def check(self) -> None:
        """Raise ``_Changed`` unless what is held is current. For look-ups that read no postings."""
        if not self.is_current:
            self._check(_database_state())

    def _check(self, state: _State) -> None:
        if self.held.state != state:
            raise _Changed(state)
        self.is_current = True


def _search(surfaces: list[str], limit: int, kinds: list[int] | None) -> dict[str, list[Candidate]]:
    queries = {surface: blocking.features(name_key(surface)) for surface in surfaces}
    store = _DatabasePostings(_held)
    try:
        return _answers(queries, store, limit, kinds)
    except _Changed as change:
        return _answers(queries, _DatabasePostings(_refresh(change.state), is_current=True), limit, kinds)


def _answers(
    queries: Mapping[str, Features], store: _DatabasePostings, limit: int, kinds: list[int] | None
) -> dict[str, list[Candidate]]:
    index = store.held.index
    keep = limit + limit // 5 + 5  # several names may be of one record, and some of none that lives
    found = _ranked(queries, store, keep, (blocking.FIRST_BUDGET, blocking.BUDGET), kinds)
    poor = {
        surface: query
        for surface, query in queries.items()
        if not query.is_empty and (not found[surface] or found[surface][0].score < blocking.WEAK)
    }
    if poor and index.is_larger_than(blocking.BUDGET // 4):
        found.update(_ranked(poor, store, keep, (blocking.WIDE_BUDGET,), kinds))
    return {surface: candidates[:limit] for surface, candidates in found.items()}


def _ranked(
    queries: Mapping[str, Features],
    store: _DatabasePostings,
    keep: int,
    budgets: tuple[int, ...],
    kinds: list[int] | None,
) -> dict[str, list[Candidate]]:
    index = store.held.index
    listed = index.shortlist(list(queries.values()), store, keep=keep, budgets=budgets, kinds=kinds)
    store.check()
    near = [shortlist.near() for shortlist in listed]
    rows = _names(id_ for one, few in zip(listed, near, strict=True) for id_ in one.ids[:few].tolist())
    # Where the best name is in use no longer, the others are not to be measured by it.
    reach = [few if not few or int(one.ids[0]) in rows else len(one.ids) for one, few in zip(listed, near, strict=True)]
    rows |= _names(
        id_ for one, few, many in zip(listed, near, reach, strict=True) for id_ in one.ids[few:many].tolist()
    )
    allowed = None if kinds is None else {str(_KINDS[number]) for number in kinds}
    # Of each its own names alone, whatever was fetched for others: an answer shall not depend on what is asked with it.
    return {
        surface: _by_record(query, Shortlist(one.ids[:many], one.estimates[:many]), rows, allowed)
        for (surface, query), one, many in zip(queries.items(), listed, reach, strict=True)
    }


def _names(ids: Iterable[int]) -> dict[int, tuple]:
    wanted = set(ids)
    return {row[0]: row for row in _fetch(_ROWS, "a.id", wanted)} if wanted else {}


def _by_record(
    query: Features, shortlist: Shortlist, rows: Mapping[int, tuple], allowed: set[str] | None
) -> list[Candidate]:
    """One candidate for each record, by its closest name."""
    live, estimates = [], []
    for id_, estimate in zip(shortlist.ids.tolist(), shortlist.estimates.tolist(), strict=True):
        row = rows.get(id_)
        if row is not None and (allowed is None or row[4] in allowed):
            live.append(row)
            estimates.append(estimate)
    scores = blocking.closeness(query, [row[3] for row in live], estimates)
    best: dict[int, Candidate] = {}
    # By id where scores are equal: it stands first in a row.
    for minus, (alias_id, entity_id, name, _, kind, type_, is_weak) in sorted(
        zip([-score for score in scores], live, strict=True)
    ):
        if minus > -_FLOOR:
            break
        if entity_id not in best:
            best[entity_id] = Candidate(entity_id, alias_id, name, -minus, kind, type_, bool(is_weak))
    return list(best.values())


class _State(NamedTuple):
    """What a process compares to know whether its index is the database's: tokens of segments, sum over the tail."""

    tokens: frozenset[int]
    tail: tuple[int, int]

    @classmethod
    def read(cls, rows: Iterable[tuple[int, int]]) -> _State:
        """From the rows of ``_STATE``."""
        tokens, tail = set(), (0, 0)
        for what, value in rows:
            if what == _SEGMENT:
                tokens.add(value)
            else:
                tail = (what, int(value))
        return cls(frozenset(tokens), tail)


class _Held:
    """What the process holds of the index: segments and tail by token, and the index made of them."""

    def __init__(self, state: _State) -> None:
        self.state = state
        self.segments: dict[int, Segment] = {}
        self.tail: dict[int, tuple[int, int, Features]] = {}
        self.index = BlockingIndex((), Tail())


_held = _Held(_State(frozenset(), (0, 0)))
_held_lock = threading.Lock()


def _database_state() -> _State:
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        return _State.read(cursor.fetchall())


def _refresh(state: _State) -> _Held:
    """Take up what the database has."""
    global _held
    with _held_lock:
        if _held.state != state:
            _held = _load(_held, state)
        return _held


def _load(old: _Held, state: _State) -> _Held:
    new = _Held(state)
    new.segments = {token: segment for token, segment in old.segments.items() if token in state.tokens}
    missing = state.tokens - new.segments.keys()
    if missing:
        select = f"SELECT token, id, {', '.join(_PARTS)} FROM entities_indexsegment WHERE"
        for token, number, *parts in _fetch(select, "token", missing):
            new.segments[token] = Segment.from_parts(number, dict(zip(_PARTS, parts, strict=True)))
    if state.tail[0]:
        changes = dict(IndexChange.objects.values_list("token", "alias_id"))
        new.tail = {token: row for token, row in old.tail.items() if changes.get(token) == row[0]}
        unknown = {alias_id for token, alias_id in changes.items() if token not in new.tail}
        rows = {id_: (id_, kind, blocking.make_features(key)) for id_, kind, key in _keys_of(unknown)}
        new.tail.update(
            (token, rows[alias_id]) for token, alias_id in changes.items() if token not in new.tail and alias_id in rows
        )
    ordered = sorted(new.segments.values(), key=lambda segment: segment.number)
    new.index = BlockingIndex(ordered, Tail({row[0]: row for row in new.tail.values()}.values()))
    return new


# --- Writes -----------------------------------------------------------------------------------------------------------
def _keys_of(alias_ids: Collection[int] | None) -> Iterator[tuple[int, int, str]]:
    """``(alias, kind's number, key)`` of names in use, streamed; None means of all."""
    rows = Alias.objects.filter(withdrawn_at=None, entity__merged_into=None).order_by("pk")
    fields = ("pk", "entity__kind", "key")
    if alias_ids is None:
        pages = [rows.values_list(*fields).iterator(chunk_size=20_000)]
    else:
        pages = (rows.filter(pk__in=batch).values_list(*fields) for batch in _batches(sorted(alias_ids), 10_000))
    for page in pages:
        for alias_id, kind, key in page:
            yield alias_id, _KIND_NUMBER[kind], key


def _add_segments(rows: Iterable[tuple[int, int, str]]) -> list[int]:
    """Write names as one segment, or several where they are many; returns their numbers. Nobody reads them yet."""
    numbers = []
    for batch in _batches(rows, _SEGMENT_LIMIT):
        ids = [row[0] for row in batch]
        kinds = [row[1] for row in batch]
        folded = [blocking.fold(row[2]) for row in batch]
        del batch
        # Retired at birth: the number is needed first, and what a crash leaves half written is deleted like the rest.
        row = IndexSegment.objects.create(
            token=_new_token(), size=len(ids), ids=b"", kinds=b"", signatures=b"", heavy_codes=b"", heavy_sizes=b"",
            retired_at=timezone.now(),
        )  # fmt: skip
        segment, postings = blocking.build(row.pk, ids, kinds, folded)
        del ids, kinds, folded
        for name, data in segment.to_parts().items():
            setattr(row, name, data)
        row.save()
        _write_postings(postings)
        numbers.append(row.pk)
    return numbers


def _write_postings(postings: Iterator[tuple[int, bytes]]) -> None:
    if connection.vendor == "postgresql":
        command = "COPY entities_indexposting (id, data) FROM STDIN (FORMAT BINARY)"
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy(command) as copy:
            copy.set_types(["int8", "bytea"])
            for row in postings:
                copy.write_row(row)
        return
    for batch in _batches(postings, 2_000):
        # Short transactions: outside of a writer's own, others write in between.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany("INSERT INTO entities_indexposting (id, data) VALUES (%s, %s)", batch)


def _publish(numbers: list[int], instead_of: list[int]) -> int:
    """Put new segments in the place of old ones, at one stroke; returns how many names the new ones hold."""
    now = timezone.now()
    with transaction.atomic():
        IndexSegment.objects.filter(pk__in=numbers).update(retired_at=None)
        # Their postings stay a while, for the processes that still read them.
        IndexSegment.objects.filter(pk__in=instead_of).update(retired_at=now)
        _delete(IndexSegment.objects.filter(retired_at__lt=now - _KEPT_AFTER_RETIREMENT))
        return sum(IndexSegment.objects.filter(pk__in=numbers).values_list("size", flat=True))


def compact(*, force: bool = False) -> int:
    """Turn a long tail into a segment; returns how many names moved, 0 if there was nothing to do.

    Writers do this by themselves; calling it more often, from a worker say, keeps look-ups a little faster.
    """
    if not force and IndexChange.objects.count() <= _TAIL_LIMIT:
        return 0
    with transaction.atomic():
        if not _lock_for_maintenance():
            return 0
        changes = dict(IndexChange.objects.values_list("pk", "alias_id"))
        if not changes:
            return 0
        moved = _publish(_add_segments(_keys_of(set(changes.values()))), [])
        for batch in _batches(changes, 10_000):
            IndexChange.objects.filter(pk__in=batch).delete()
        _merge_segments()
    return moved


def _lock_for_maintenance() -> bool:
    """Whether this transaction may rearrange segments; SQLite has one writer at a time anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('refdesk candidate index'))")
        return cursor.fetchone()[0]


def _merge_segments() -> None:
    """Make one of the smallest segments where there are many of like size: each name moves a few times in all."""
    if not _lock_for_maintenance():
        return
    live = list(IndexSegment.objects.filter(retired_at=None).order_by("size", "pk").values_list("pk", "size"))
    chosen: list[int] = []
    total = 0
    for count, (pk, size) in enumerate(live, 1):
        if total + size > _SEGMENT_LIMIT or (count > _FAN_IN and size > total):
            break
        chosen.append(pk)
        total += size
    if len(chosen) < _FAN_IN:
        return
    ids: set[int] = set()
    for data, size in IndexSegment.objects.filter(pk__in=chosen).values_list("ids", "size"):
        ids.update(Segment.read_ids(bytes(data), size).tolist())
    _publish(_add_segments(_keys_of(ids)), chosen)


def _delete(segments: QuerySet) -> None:
    for number in segments.values_list("pk", flat=True):
        first, after = blocking.posting_key(number, 0), blocking.posting_key(number + 1, 0)
        IndexPosting.objects.filter(pk__gte=first, pk__lt=after).delete()
        IndexSegment.objects.filter(pk=number).delete()


def rebuild() -> int:
    """Build the whole index anew while the old one keeps answering; returns how many names it holds.

    What is written meanwhile stays in the tail, or in segments made meanwhile, and is found throughout.
    """
    with transaction.atomic():
        old = list(IndexSegment.objects.filter(retired_at=None).values_list("pk", flat=True))
        changes = list(IndexChange.objects.values_list("pk", flat=True))
    numbers = _add_segments(_keys_of(None))
    with transaction.atomic():
        names = _publish(numbers, old)
        for batch in _batches(changes, 10_000):
            IndexChange.objects.filter(pk__in=batch).delete()
    return names


def renew_keys() -> int:
    """Write the keys of names anew whose normal form is another one since an upgrade; returns how many."""
    stale = []
    count = 0
    for alias in Alias.objects.only("name", "key").order_by("pk").iterator(chunk_size=5_000):
        key = name_key(alias.name)[:500]
        if key != alias.key:
            alias.key = key
            stale.append(alias)
    for batch in _batches(stale, 1_000):
        count += Alias.objects.bulk_update(batch, ["key"])
    return count


@dataclass(frozen=True, slots=True)
class IndexState:
    """What the index holds, beside what there is to hold."""

    segments: int
    names: int  # in segments
    tail: int
    aliases: int  # in use, of live records

    @property
    def is_complete(self) -> bool:
        """False when some aliases cannot be in the index: it was never built, or a writer forgot it."""
        return self.names + self.tail >= self.aliases


def held_bytes() -> int:
    """Bytes of the index that this process holds in memory now."""
    return sum(segment.nbytes for segment in _held.segments.values()) + _held.index.scratch_bytes


def index_state() -> IndexState:
    """Sizes, for health pages and the rebuild command."""
    sizes = list(IndexSegment.objects.filter(retired_at=None).values_list("size", flat=True))
    aliases = Alias.objects.filter(withdrawn_at=None, entity__in=Entity.objects.current()).count()
    return IndexState(len(sizes), sum(sizes), IndexChange.objects.count(), aliases)
