"""Duplicates in the reference database: records → profiles → pairs, and the queue that people judge them from.

A full search compares the whole catalogue in memory (``matching.duplicates.find``). After a write only the changed
records are compared: the candidate index and shared identifiers or dates say with which others.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from entities import splink_engine
from entities.candidates import CandidateIndex
from entities.index_models import ComparisonDue
from entities.matching import duplicates
from entities.matching.duplicate_search import Found, search
from entities.matching.duplicates import Pair, Profile, Rarity, Weights, words_of
from entities.matching.normalize import name_key
from entities.matching.offices import offices
from entities.matching.types import RecordView
from entities.models import UNIQUE_SCHEMES, DuplicateSuggestion, Entity, Identifier, Judgement
from entities.records import all_views, load_views

logger = logging.getLogger("refdesk.duplicates")

#: Pairs less likely than this are not worth a person's time.
REVIEW_AT = 0.2
ENGINES = ("own", "splink")
_CHUNK = 2_000
_PARTNERS = 30  # records looked at for each changed one, by likeness of names
_SAME_DAY = 200  # records that begin on the same day and are looked at


@dataclass(frozen=True, slots=True)
class Search:
    """What one search did."""

    records: int
    pairs: int  # found, likely enough for a person to look at
    new: int = 0  # of them not in the queue before
    withdrawn: int = 0  # left the queue, as nothing speaks for them any more


def profiles(ids: Iterable[int] | None = None) -> Iterator[Profile]:
    """Live records as duplicate finding sees them; None means all."""
    views = all_views() if ids is None else iter(load_views(ids).values())
    while batch := list(islice(views, _CHUNK)):
        rows = Entity.objects.current().filter(pk__in=[view.id for view in batch])
        facts = dict(rows.values_list("pk", "attributes"))
        for view in batch:
            if view.id in facts:
                yield _profile(view, facts[view.id])


def _profile(view: RecordView, attributes: dict) -> Profile:
    # Weak names are shared by many: they tell nothing of who this is. The main name counts whatever its sort.
    names = dict.fromkeys(
        name_key(text) for text in (view.name, *(n.text for n in view.names if not (n.is_sense or n.weak)))
    )
    names.pop("", None)
    return Profile(
        view.id,
        str(view.kind),
        tuple(names),
        view.valid_from or view.signed or "",
        view.valid_to or "",
        name_key(str(attributes.get("birth_place") or "")),
        name_key(str(attributes.get("occupation") or "")),
        name_key(str(attributes.get("gender") or "")),
        frozenset(view.states),
        frozenset().union(*(offices(term.title) for term in view.terms)),
        tuple(pair for pair in view.identifiers if pair[0] in UNIQUE_SCHEMES),
    )


def find(
    *,
    engine: str = "own",
    backend: str = "duckdb",
    processes: int = 1,
    say: Callable[[str], None] = lambda text: None,
) -> Found:
    """Search the whole catalogue, without writing anything.

    Args:
        engine: of ``ENGINES``.
        backend: what Splink runs on.
        processes: children that share the work of the own engine.
        say: told of each step.

    Raises:
        EngineMissing: if Splink or its backend is not installed.
    """
    options = {"review_at": REVIEW_AT, "different": _judged(["different"]), "say": say}
    if engine == "splink":
        return splink_engine.search(profiles(), backend=backend, **options)
    return search(profiles(), processes=processes, **options)


def find_all(**options) -> Search:
    """Search the whole catalogue and bring the queue up to date; options as for ``find``."""
    found = find(**options)
    return _queued(len(found.catalogue), found.all(), None)


def find_for(record_ids: Collection[int]) -> Search:
    """Compare some records with all others that may be the same, and bring their part of the queue up to date."""
    changed = {profile.id: profile for profile in profiles(record_ids)}
    partners = _partners(changed)
    others = {id_ for ids in partners.values() for id_ in ids} - changed.keys()
    known = changed | {profile.id: profile for profile in profiles(others)}
    different = _judged(["different"], among=known)
    words = {word for profile in known.values() for name in profile.names for word in words_of(name)}
    rarity = Rarity(known.values(), *CandidateIndex().word_counts(words))
    weights = Weights.load()
    pairs = {(min(a, b), max(a, b)) for a, ids in partners.items() for b in ids if b in known and a != b} - different
    found = []
    for a, b in sorted(pairs):
        finding = duplicates.compare(known[a], known[b], rarity)
        probability = weights.probability(finding)
        if probability >= REVIEW_AT:
            found.append(Pair(a, b, round(probability, 4), finding.reasons))
    return _queued(len(changed), found, set(changed) | set(record_ids))


_NOTING_TRIES = 5
_TAKEN_FOR = timedelta(minutes=10)  # then the worker that took records is believed dead


def note_changed(sender, ids: Collection[int], **kwargs) -> None:
    """Remember that these records are to be compared again: a receiver of ``entity_changed``."""
    if sender is not Entity:
        return  # a judgement changes no record
    for left in reversed(range(_NOTING_TRIES)):
        try:
            ComparisonDue.objects.bulk_create(
                (ComparisonDue(entity_id=id_) for id_ in sorted(set(ids))), batch_size=_CHUNK,
                update_conflicts=True, unique_fields=["entity"], update_fields=["taken_at"],
            )  # fmt: skip
            return
        except OperationalError:
            # The change is stored by now. An error would tell its author, or code that begins again, that it failed.
            if not left:
                logger.exception("not noted for comparison, the database was busy: %s", sorted(ids)[:100])
                return
            time.sleep(random.uniform(0.05, 0.3))


def compare_due(limit: int = 200) -> int:
    """Compare records that changed since they were last compared; returns how many, 0 if none waits.

    Any number of workers may do this at once: what one has taken the others leave alone, and take it over when nothing
    came of it. The comparing itself holds no lock: SQLite has one writer at a time, and people wait for it.
    """
    taken = timezone.now()
    free = ComparisonDue.objects.filter(Q(taken_at=None) | Q(taken_at__lt=taken - _TAKEN_FOR)).order_by("pk")
    if not free.exists():
        return 0
    with transaction.atomic():
        locked = {"skip_locked": True} if connection.features.has_select_for_update_skip_locked else {}
        ids = list(free.select_for_update(**locked).values_list("pk", flat=True)[:limit])
        ours = ComparisonDue.objects.filter(pk__in=ids)
        ours.update(taken_at=taken)
    if not ids:
        return 0
    try:
        find_for(ids)
    except Exception:
        with suppress(DatabaseError):
            ours.filter(taken_at=taken).update(taken_at=None)
        raise
    ours.filter(taken_at=taken).delete()  # what changed meanwhile stays
    return len(ids)


def changed_since(moment: datetime) -> list[int]:
    """Live records written at or after a moment."""
    return list(Entity.objects.current().filter(updated_at__gte=moment).order_by("pk").values_list("pk", flat=True))


def _partners(changed: dict[int, Profile]) -> dict[int, set[int]]:
    """For each changed record the others worth comparing it with, in a fixed number of queries for 64 names."""
    partners: dict[int, set[int]] = {id_: set() for id_ in changed}
    holders: dict[str, list[int]] = {}
    for profile in changed.values():
        for name in profile.names[:6]:
            holders.setdefault(name, []).append(profile.id)
    for name, candidates in CandidateIndex().lookup(list(holders), limit=_PARTNERS).items():
        for id_ in holders[name]:
            partners[id_].update(candidate.entity_id for candidate in candidates)
    identifiers = {pair for profile in changed.values() for pair in profile.identifiers}
    by_value: dict[tuple[str, str], list[int]] = {}
    wanted = Identifier.objects.in_use().filter(
        scheme__in=UNIQUE_SCHEMES, value__in={value for _, value in identifiers}, entity__merged_into=None
    )
    for entity, scheme, value in wanted.values_list("entity_id", "scheme", "value"):
        by_value.setdefault((scheme, value), []).append(entity)
    days = {profile.born for profile in changed.values() if len(profile.born) == 10 and profile.born[4:] != "-01-01"}
    by_day: dict[str, list[int]] = {}
    rows = Entity.objects.current().filter(valid_from__in=days).order_by("pk")
    for entity, day in rows.values_list("pk", "valid_from")[: _SAME_DAY * max(len(days), 1)]:
        by_day.setdefault(day, []).append(entity)
    for profile in changed.values():
        for pair in profile.identifiers:
            partners[profile.id].update(by_value.get(pair, ()))
        partners[profile.id].update(by_day.get(profile.born, ()))
        partners[profile.id].discard(profile.id)
    return partners


def _judged(verdicts: Collection[str] | None, among: Collection[int] | None = None) -> frozenset[tuple[int, int]]:
    """Pairs that people judged, and that judgement still stands; None means with any verdict."""
    rows = Judgement.objects.filter(superseded_at=None)
    if verdicts is not None:
        rows = rows.filter(verdict__in=verdicts)
    if among is not None and len(among) <= _CHUNK:
        rows = rows.filter(Q(a__in=list(among)) | Q(b__in=list(among)))
    return frozenset(rows.values_list("a_id", "b_id"))


def _queued(records: int, pairs: Iterable[Pair], about: Collection[int] | None) -> Search:
    """Write suggestions, in one transaction, and withdraw those that no longer hold.

    A pair with any standing judgement is left alone: a person has spoken. ``about``: only suggestions that concern
    these records are withdrawn when they are not found again; None means all.
    """
    pairs = iter(pairs)
    count = new = 0
    with transaction.atomic():
        judged = _judged(None)
        standing = DuplicateSuggestion.objects.filter(closed_at=None)
        if about is not None and len(about) <= _CHUNK:
            standing = standing.filter(Q(a__in=list(about)) | Q(b__in=list(about)))
        before = {(a, b): pk for pk, a, b in standing.values_list("pk", "a_id", "b_id").iterator(chunk_size=_CHUNK)}
        while batch := list(islice(pairs, _CHUNK)):
            wanted = [pair for pair in batch if (pair.a, pair.b) not in judged]
            _suggest(wanted)
            count += len(batch)
            new += sum(before.pop((pair.a, pair.b), None) is None for pair in wanted)
        gone = [pk for (a, b), pk in before.items() if about is None or a in about or b in about]
        for start in range(0, len(gone), _CHUNK):
            rows = DuplicateSuggestion.objects.filter(pk__in=gone[start : start + _CHUNK])
            rows.update(closed_at=timezone.now())
    return Search(records, count, new, len(gone))


def _suggest(pairs: list[Pair]) -> None:
    rows = Entity.objects.current().filter(pk__in={id_ for pair in pairs for id_ in (pair.a, pair.b)})
    prominence = dict(rows.values_list("pk", "prominence"))
    # One of a pair may have been merged away while they were compared.
    pairs = [pair for pair in pairs if pair.a in prominence and pair.b in prominence]
    DuplicateSuggestion.objects.bulk_create(
        (
            DuplicateSuggestion(
                a_id=pair.a, b_id=pair.b, probability=pair.probability, reasons=list(pair.reasons), closed_at=None,
                priority=_priority(pair.probability, prominence.get(pair.a), prominence.get(pair.b)),
            )
            for pair in pairs
        ),
        batch_size=500,
        update_conflicts=True,
        unique_fields=["a", "b"],
        update_fields=["probability", "reasons", "priority", "closed_at"],
    )  # fmt: skip


def _priority(probability: float, *prominence: int | None) -> float:
    """What a verdict is worth: likely pairs of well-known records first."""
    known = max((4 - (value or 3) for value in prominence), default=1)  # 1 … 3
    return round(probability * (1 + 0.25 * (known - 1)), 4)
