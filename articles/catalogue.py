"""The reference database as the linker reads it: one copy in each process, following writes.

The names of all records make one gazetteer, built once. What changes afterwards (every write leaves an Event) is laid
over it as a second, small one, until so much has changed that a new build is cheaper.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from django.db.models import Max, Q

from articles.detection import Gazetteer
from articles.models import SurfacePrior
from articles.resolution import Holder
from articles.resolution.catalogue import AgreementIndex, Holders, Similar
from articles.resolution.forms import entries
from entities.candidates import CandidateIndex
from entities.matching.names import compare_names
from entities.matching.normalize import script_of
from entities.matching.types import SENSE_TYPES, AliasType, Kind, Name, RecordView, Term
from entities.models import Alias, Entity, Event
from entities.models import Term as TermRow
from entities.records import load_views

_VIEWS_KEPT = 60_000
_PLACES_KEPT = 5_000
_REBUILD_AFTER = 3_000  # changed records, above which the gazetteer is built anew
# In a catalogue larger than this only the better known are also looked for by surname: a million surnames mean nobody.
_DERIVE_ALL_BELOW = 150_000
_SIMILAR_KEPT = 5
_SIMILAR_CACHED = 50_000  # unknown names come back in the next article on the same affair
_EAST_ASIAN = frozenset({"Han", "Hiragana", "Katakana"})
_SENSES = frozenset(str(type_) for type_ in SENSE_TYPES)


class DatabaseCatalogue:
    """``articles.resolution.Catalogue`` over the database."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._views: OrderedDict[int, RecordView] = OrderedDict()
        self._holders: OrderedDict[int, Holders] = OrderedDict()
        self._similar: OrderedDict[str, tuple[Similar, ...]] = OrderedDict()
        self._index = CandidateIndex()
        self.masked: frozenset[int] = frozenset()
        self._event = -1
        self._built_at = -1
        self._has_precedents = True
        self.gazetteers: list[Gazetteer] = []
        self.agreements = AgreementIndex(())

    @property
    def version(self) -> str:
        """Changes with every write to the records."""
        return str(self._event)

    def refresh(self) -> DatabaseCatalogue:
        """Take in what was written since the last call: two queries when nothing was."""
        with self._lock:
            latest = Event.objects.aggregate(latest=Max("pk"))["latest"] or 0
            self._has_precedents = SurfacePrior.objects.exists()
            if latest != self._event:
                self._follow(latest)
        return self

    def _follow(self, latest: int) -> None:
        changed: set[int] = set()
        if self._built_at >= 0 and latest > self._event:
            since = Event.objects.filter(pk__gt=self._built_at)
            if since.count() <= _REBUILD_AFTER:
                for pair in since.values_list("entity_id", "other_id"):
                    changed.update(id_ for id_ in pair if id_ is not None)
            else:
                changed = set()
                self._built_at = -1
        else:
            self._built_at = -1
        self._views.clear()
        self._holders.clear()
        self._similar.clear()
        if self._built_at < 0:
            size = Entity.objects.current().count()
            derive_all = size <= _DERIVE_ALL_BELOW
            self.gazetteers = [
                Gazetteer(
                    entry
                    for record in _names()
                    for entry in entries(record, derive=derive_all or (record.prominence or 3) <= 2)
                )
            ]
            self.masked = frozenset()
            self._built_at = latest
            # What a process keeps for good need not be searched for garbage again and again.
            gc.collect()
            gc.freeze()
            _give_back()
        else:
            overlay = Gazetteer(entry for record in _names(changed) for entry in entries(record))
            self.gazetteers = [self.gazetteers[0], overlay]
            self.masked = frozenset(changed)
        self.agreements = AgreementIndex(load_views(
            Entity.objects.current().filter(kind=Kind.AGREEMENT).values_list("pk", flat=True)
        ).values())  # fmt: skip
        self._event = latest

    def views(self, ids: Collection[int]) -> Mapping[int, RecordView]:
        """Records by id, from the process's copy or in a fixed number of queries."""
        with self._lock:
            found, missing = {}, []
            for id_ in ids:
                view = self._views.get(id_)
                if view is None:
                    missing.append(id_)
                else:
                    found[id_] = view
            if missing:
                loaded = load_views(missing)
                found.update(loaded)
                self._views.update(loaded)
                while len(self._views) > _VIEWS_KEPT:
                    self._views.popitem(last=False)
            return found

    def holders(self, places: Collection[int]) -> Mapping[int, Sequence[Holder]]:
        """Every holder of an office at each place, in one query for the places not asked for before."""
        with self._lock:
            missing = [place for place in places if place not in self._holders]
            if missing:
                self._load_holders(missing)
            return {place: self._holders.get(place, ()) for place in places}

    def _load_holders(self, places: Sequence[int]) -> None:
        rows = (
            TermRow.objects.in_use()
            .filter(Q(state_id__in=places) | Q(organization_id__in=places), entity__merged_into=None)
            .order_by("pk")
            .values_list(
                "entity_id", "title", "state_id", "organization_id", "start", "end", "as_of", "state__name",
                "organization__name",
            )
        )  # fmt: skip
        found: dict[int, list[Holder]] = defaultdict(list)
        wanted = set(places)
        for person, title, state, organization, start, end, as_of, state_name, organization_name in rows:
            term = Term(
                title, state, organization, start or None, end or None, as_of or None,
                organization_name or state_name or "",
            )  # fmt: skip
            holder = Holder.of(person, term)
            for place in {state, organization} & wanted:
                found[place].append(holder)
        for place in places:
            self._holders[place] = Holders(found.get(place, ()))
        while len(self._holders) > _PLACES_KEPT + len(places):
            self._holders.popitem(last=False)

    def similar(self, surfaces: Collection[str]) -> Mapping[str, Sequence[Similar]]:
        """Records with a name like each surface form, by the candidate index."""
        with self._lock:
            found = {surface: self._similar[surface] for surface in surfaces if surface in self._similar}
            missing = [surface for surface in surfaces if surface not in found]
            if missing:
                fresh = self._look_up(missing)
                found.update(fresh)
                self._similar.update(fresh)
                while len(self._similar) > _SIMILAR_CACHED:
                    self._similar.popitem(last=False)
        return found

    def _look_up(self, surfaces: Sequence[str]) -> dict[str, tuple[Similar, ...]]:
        found: dict[str, tuple[Similar, ...]] = dict.fromkeys(surfaces, ())
        answers = self._index.lookup(list(surfaces), limit=12)
        ids = {candidate.entity_id for candidates in answers.values() for candidate in candidates}
        known = {
            pk: (kind, name) for pk, kind, name in Entity.objects.filter(pk__in=ids).values_list("pk", "kind", "name")
        }
        for surface, candidates in answers.items():
            is_foreign = script_of(surface) in _EAST_ASIAN
            best: dict[int, Similar] = {}
            for candidate in candidates:
                if candidate.type in _SENSES:
                    continue
                kind, main = known[candidate.entity_id]
                name = candidate.name
                if not is_foreign and script_of(name) in _EAST_ASIAN:
                    name = main  # the same record in letters: dictionaries of readings take 300 MB
                similarity = compare_names(surface, name, kind)
                rival = best.get(candidate.entity_id)
                if rival is None or similarity > rival.similarity:
                    best[candidate.entity_id] = Similar(candidate.entity_id, name, similarity)
            ranked = sorted(best.values(), key=lambda one: (-one.similarity, one.record_id))
            found[surface] = tuple(ranked[:_SIMILAR_KEPT])
        return found

    def precedents(self, keys: Collection[str]) -> Mapping[str, Mapping[int, tuple[int, int]]]:
        """What people accepted and refused for these surface forms, in one query."""
        found: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
        if not self._has_precedents:
            return found
        rows = SurfacePrior.objects.filter(key__in=list(keys)).values_list("key", "entity_id", "accepted", "refused")
        for key, entity, accepted, refused in rows:
            found[key][entity] = (accepted, refused)
        return found


def _names(ids: Collection[int] | None = None) -> Iterator[RecordView]:
    """Every live record with its names alone, the main name first; streamed."""
    rows = Alias.objects.in_use().filter(entity__merged_into=None)
    if ids is not None:
        rows = rows.filter(entity_id__in=ids)
    rows = rows.order_by("entity_id", "pk").values_list(
        "entity_id", "entity__kind", "entity__name", "entity__prominence", "name", "type", "lang", "is_weak"
    )
    current, kind, main, prominence, names = None, "", "", None, []
    for entity, entity_kind, entity_name, entity_prominence, name, type_, lang, weak in rows.iterator(chunk_size=5000):
        if entity != current:
            if current is not None:
                yield _named(current, kind, main, prominence, names)
            current, kind, main, prominence, names = entity, entity_kind, entity_name, entity_prominence, []
        if name != main or type_:
            names.append(Name(name, AliasType(type_), lang or None, weak))
    if current is not None:
        yield _named(current, kind, main, prominence, names)


def _named(id_: int, kind: str, main: str, prominence: int | None, names: list[Name]) -> RecordView:
    return RecordView(id_, Kind(kind), main, names=(Name(main), *names), prominence=prominence)


def _give_back() -> None:
    """Hand what was freed back to the system, where the C library would keep it (glibc)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


_catalogue: DatabaseCatalogue | None = None
_catalogue_lock = threading.Lock()


def current_catalogue() -> DatabaseCatalogue:
    """The process's catalogue, up to date as of this call."""
    global _catalogue
    with _catalogue_lock:
        if _catalogue is None:
            _catalogue = DatabaseCatalogue()
    return _catalogue.refresh()


def forget_catalogue() -> None:
    """Drop the process's copy: for tests and commands that change the database under it."""
    global _catalogue
    with _catalogue_lock:
        _catalogue = None
