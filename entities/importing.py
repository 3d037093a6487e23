"""Records in bulk: rows of a file → records with their facts, twice the same as once.

A row is known by its source and key. Its content hash tells whether anything changed; what a person set or withdrew is
left as it is. References are resolved to records as far as they exist, and again after every import, so that the order
of rows and files does not matter.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import IO

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from entities.blocks import (
    NOTHING,
    Blocks,
    ImportBlocks,
    alias_marks,
    field_marks,
    identifier_marks,
    relation_marks,
    term_marks,
)
from entities.bulk import insert
from entities.candidates import CandidateIndex
from entities.describing import describe
from entities.importers import IMPORTERS, ImportRow, RowError, RowSkip
from entities.importers.rows import AliasRow, JudgementRow, RedirectRow
from entities.matching.normalize import name_key, script_of
from entities.matching.types import SENSE_TYPES
from entities.merging import note_merge_elsewhere
from entities.models import (
    UNIQUE_SCHEMES,
    Alias,
    Entity,
    Event,
    Identifier,
    Judgement,
    Relation,
    Source,
    SourceRecord,
    Term,
)
from entities.signals import entity_changed

IMPORTER_VERSION = "1"
BATCH = 500
ENTITY_COLUMNS = (
    "public_id", "kind", "name", "description", "summary", "valid_from", "valid_to", "prominence", "subtype", "capital",
    "signed", "in_force", "attributes", "curated_fields", "source_id", "version", "created_at", "updated_at",
)  # fmt: skip
_CHUNK = 900  # values in one IN (…)


class DryRun(Exception):
    """Raised to roll everything back."""


@dataclass(slots=True)
class Report:
    """What an import did."""

    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    attached: int = 0  # rows that fed a record that was there already
    redirects: int = 0
    judgements: int = 0
    withheld: int = 0  # rows of records, and facts, that were taken down
    errors: list[RowError] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)
    is_dry_run: bool = False

    def __str__(self) -> str:
        lines = [
            f"{self.rows} rows: {self.created} records new, {self.changed} changed, {self.unchanged} unchanged, "
            f"{self.attached} added to known records, {self.redirects} redirects, {self.judgements} judgements, "
            f"{len(self.errors)} refused" + (" (dry run: nothing was stored)" if self.is_dry_run else "")
        ]
        if self.withheld:
            lines.append(f"  {self.withheld} rows or facts were left out: they were taken down")
        lines += [f"  warning: {text}: {count}" for text, count in sorted(self.warnings.items())]
        lines += [f"  {error}" for error in self.errors[:50]]
        if len(self.errors) > 50:
            lines.append(f"  … and {len(self.errors) - 50} more")
        return "\n".join(lines)

    def as_dict(self) -> dict:
        """For ``--json``."""
        return {
            "rows": self.rows, "created": self.created, "changed": self.changed, "unchanged": self.unchanged,
            "attached": self.attached, "redirects": self.redirects, "judgements": self.judgements,
            "withheld": self.withheld, "warnings": dict(self.warnings), "errors": [asdict(error) for error in self.errors],
        }  # fmt: skip


def import_files(
    paths: Sequence[Path],
    *,
    format: str = "refdesk",
    source: str = "",
    dry_run: bool = False,
    skip: int = 0,
    limit: int | None = None,
    progress=None,
) -> Report:
    """Import record files; each batch of rows is one transaction, and a second run changes nothing.

    Args:
        format: a key of ``IMPORTERS``.
        source: what the rows' keys are unique within; a row's own source, else its file's name, where absent.
        skip, limit: rows to pass over at the beginning, as an import that was broken off had them, and to read at most.
        progress: called with the number of rows after each batch.

    Raises:
        OSError, EOFError: if a file cannot be read. Rows that are refused are in the report.
    """
    report = Report(is_dry_run=dry_run)
    run = partial(_import, paths, format, source, skip, limit, progress, report)
    if not dry_run:
        run()
        return report
    try:
        with transaction.atomic():
            run()
            raise DryRun
    except DryRun:
        return report


def _import(paths, format, source, skip, limit, progress, report: Report) -> None:
    importer = _Importer(source, report)
    rows = islice(_rows(paths, format), skip, None if limit is None else skip + limit)
    while batch := list(islice(rows, BATCH)):
        with transaction.atomic():
            importer.take(batch)
        if progress is not None:
            progress(len(batch))
    with transaction.atomic():
        importer.finish()


def _rows(paths: Sequence[Path], format: str) -> Iterator[object]:
    importer = IMPORTERS[format]
    if importer.learn is None:
        for path in paths:
            with _open(path) as stream:
                yield from importer.read(stream, str(path))
        return
    # Rows lean on other rows, of this file or another: a first pass gathers what they say.
    learnt = None
    for path in paths:
        with _open(path) as stream:
            learnt = importer.learn(stream, learnt)
    for path in paths:
        with _open(path) as stream:
            yield from importer.read(stream, str(path), learnt)


_MAGIC = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ", lzma.open))


def _open(path: Path) -> IO[str]:
    """A text file, unpacked as it is read if its first bytes say that it is compressed."""
    with open(path, "rb") as stream:
        head = stream.read(6)
    opener = next((opener for magic, opener in _MAGIC if head.startswith(magic)), open)
    return opener(path, "rt", encoding="utf-8", errors="surrogateescape", newline="")


class _Importer:
    """One import: what it has learnt so far of sources, codes and records touched."""

    def __init__(self, source: str, report: Report):
        self.source = source
        self.report = report
        self.sources: dict[tuple[str, str], Source] = {}
        self.codes = self._state_codes()
        self.touched: set[int] = set()
        self.late: list[RedirectRow | JudgementRow] = []
        self.warned: set[tuple[str, str]] = set()
        self.blocks = ImportBlocks()
        self.made: set[int] = set()  # records made from rows that have an id: each is a record of its own

    @staticmethod
    def _state_codes() -> dict[str, int]:
        codes: dict[str, int] = {}
        for value, entity in (
            Identifier.objects.in_use()
            .filter(scheme="code", entity__kind="state", entity__merged_into=None)
            .values_list("value", "entity_id")
        ):
            codes.setdefault(value, entity)
        for value, entity in (
            Identifier.objects.in_use()
            .filter(scheme="iso3", entity__kind="state", entity__merged_into=None)
            .values_list("value", "entity_id")
        ):
            codes[value] = entity
        return codes

    def take(self, batch: Sequence[object]) -> None:
        """One batch of rows, in the caller's transaction."""
        report = self.report
        self.blocks = self.blocks.current()  # a curator may take something down while an import runs
        rows: dict[tuple[str, str], ImportRow] = {}
        for row in batch:
            report.rows += 1
            if isinstance(row, RowError):
                report.errors.append(row)
            elif isinstance(row, RowSkip):
                report.warnings[f"{Path(row.file).name}: rows left out, {row.reason}"] += 1
            elif isinstance(row, RedirectRow | JudgementRow):
                self.late.append(row)
            else:
                for name in row.unknown_keys:
                    if (row.file, name) not in self.warned:
                        self.warned.add((row.file, name))
                        report.warnings[f"{Path(row.file).name}: unknown key {name!r}, left out"] += 1
                place = (self._source_name(row), row.key)
                if self.blocks.holds_back(row, place[0]):
                    report.withheld += 1
                elif place in rows:
                    report.errors.append(
                        RowError(row.file, row.line, f"key {row.key!r} stands in line {rows[place].line} too")
                    )
                else:
                    rows[place] = row
        if rows:
            self._store(rows)

    def _source_name(self, row: ImportRow) -> str:
        return (self.source or row.source or Path(row.file).name)[:300]

    def _store(self, rows: dict[tuple[str, str], ImportRow]) -> None:
        known = {
            (record.source_name, record.key): record
            for record in SourceRecord.objects.filter(key__in=[key for _, key in rows]).select_related("entity")
        }
        fresh: list[tuple[tuple[str, str], ImportRow]] = []
        changed: list[tuple[SourceRecord, ImportRow]] = []
        for place, row in rows.items():
            record = known.get(place)
            if record is None:
                fresh.append((place, row))
            elif record.content_hash == _hash(row):
                self.report.unchanged += 1
            else:
                changed.append((record, row))
        if fresh:
            self._create(fresh)
        if changed:
            self._update(changed)

    def _source_of(self, row: ImportRow) -> Source:
        place = ((row.source or self.source or Path(row.file).name)[:300], row.licence)
        if place not in self.sources:
            self.sources[place] = Source.objects.get_or_create(name=place[0], licence=place[1])[0]
        return self.sources[place]

    # --- New rows ----------------------------------------------------------------------------------------------------

    def _create(self, fresh: list[tuple[tuple[str, str], ImportRow]]) -> None:
        claims = self._claims(row for _, row in fresh)
        held = self._holders_of_ids(row.id for _, row in fresh if row.id)
        new: list[tuple[tuple[str, str], ImportRow, Entity]] = []
        attached: list[tuple[tuple[str, str], ImportRow, Entity]] = []
        for place, row in fresh:
            twin = held.get(row.id) or self._twin(row, claims)
            if twin is not None and row.id and twin.pk in self.made and held.get(row.id) is not twin:
                twin = None  # an export has two records that claim one identifier: that is for people to settle
            if twin is not None and twin.kind != row.kind:
                twin = None
            if twin is not None:
                attached.append((place, row, twin))
                continue
            entity = Entity(kind=row.kind, name=row.name, attributes=row.attributes, curated_fields=list(row.curated))
            entity.source = self._source_of(row) if row.source or not row.id else None
            if row.id and row.id not in held:
                entity.public_id = row.id
            blocked = self.blocks.of(row, None)
            for name, value in row.fields.items():
                if blocked.stop(field_marks(name, value)):
                    self.report.withheld += 1
                else:
                    setattr(entity, name, value)
            entity.attributes = self._allowed(row.attributes, blocked)
            new.append((place, row, entity))
            for identifier in _all_identifiers(row):
                if identifier[0] in UNIQUE_SCHEMES:
                    claims.setdefault(identifier, entity)
        now = timezone.now()
        ids = insert(
            Entity,
            ENTITY_COLUMNS,
            ((*(getattr(entity, name) for name in ENTITY_COLUMNS[:-2]), now, now) for _, _, entity in new),
        )
        for id_, (_, _, entity) in zip(ids, new, strict=True):
            entity.pk = id_
            entity._state.adding = False
        self.made.update(entity.pk for _, row, entity in new if row.id)
        facts = _Facts(self)
        for _, row, entity in new:
            facts.add(row, entity, self._source_of(row), known=None, claims=claims)
        if attached:
            known = _known_facts([entity.pk for _, _, entity in attached])
            for _, row, entity in attached:
                facts.add(row, entity, self._source_of(row), known=known, claims=claims)
        facts.store()
        insert(
            SourceRecord,
            (
                "source_name",
                "key",
                "entity_id",
                "origin_id",
                "source_id",
                "content_hash",
                "importer_version",
                "retrieved_at",
            ),
            (
                (*place, entity.pk, entity.pk, self._source_of(row).pk, _hash(row), IMPORTER_VERSION, now)
                for place, row, entity in (*new, *attached)
            ),
        )
        insert(
            Event,
            ("entity_id", "type", "before", "after", "reason", "happened_at"),
            [
                (entity.pk, Event.Type.CREATED.value, {}, {"name": entity.name, "kind": entity.kind},
                 f"imported from {place[0]}"[:2000], now)
                for place, _, entity in new
            ]
            + [
                (entity.pk, Event.Type.EDITED.value, {}, {"source": place[0], "key": place[1]},
                 f"a row of {place[0]} was added"[:2000], now)
                for place, _, entity in attached
            ],
        )  # fmt: skip
        for _, row, entity in new:
            if entity.kind == "state":
                self._learn_code(row, entity.pk)
            self.touched.add(entity.pk)
        self.touched.update(entity.pk for _, _, entity in attached)
        self.report.created += len(new)
        self.report.attached += len(attached)

    def _allowed(self, attributes: dict[str, str], blocked: Blocks) -> dict[str, str]:
        """Attributes without those that were taken down."""
        kept = {
            name: value
            for name, value in attributes.items()
            if not blocked.stop(field_marks(f"attributes.{name}", value))
        }
        self.report.withheld += len(attributes) - len(kept)
        return kept

    def _learn_code(self, row: ImportRow, entity_id: int) -> None:
        for scheme, value in _all_identifiers(row):
            if scheme in ("iso3", "code"):
                self.codes.setdefault(value, entity_id)

    @staticmethod
    def _claims(rows: Iterable[ImportRow]) -> dict[tuple[str, str], Entity]:
        """Which live record holds each unique identifier of the rows."""
        values = {value for row in rows for scheme, value in row.identifiers if scheme in UNIQUE_SCHEMES}
        held = {}
        for start in range(0, len(ordered := sorted(values)), _CHUNK):
            for identifier in (
                Identifier.objects.in_use()
                .filter(scheme__in=UNIQUE_SCHEMES, value__in=ordered[start : start + _CHUNK], is_contested=False)
                .select_related("entity")
            ):
                held[identifier.scheme, identifier.value] = identifier.entity
        return held

    @staticmethod
    def _holders_of_ids(ids: Iterable[str]) -> dict[str, Entity]:
        """The live records that public ids lead to."""
        rows = Entity.objects.filter(public_id__in=list(ids), suppressed_at=None).select_related("merged_into")
        return {entity.public_id: entity.merged_into or entity for entity in rows}

    @staticmethod
    def _twin(row: ImportRow, claims: dict[tuple[str, str], Entity]) -> Entity | None:
        """The stored record that a row of another source is about: one of its kind with the same unique identifier."""
        for identifier in row.identifiers:
            entity = claims.get(identifier)
            if entity is not None and entity.pk is not None and entity.kind == row.kind:
                return entity
        return None

    # --- Changed rows ------------------------------------------------------------------------------------------------

    def _update(self, changed: list[tuple[SourceRecord, ImportRow]]) -> None:
        live = [(record, row) for record, row in changed if record.entity.merged_into_id is None]
        claims = self._claims(row for _, row in live)
        known = _known_facts([record.entity_id for record, _ in live])
        facts = _Facts(self)
        events, entities = [], []
        siblings = self._siblings([record.entity_id for record, _ in live])
        for record, row in live:
            entity, source = record.entity, self._source_of(row)
            before, after = {}, {}
            blocked = self.blocks.of(row, entity.pk)
            # A row whose own record was merged into this one brings facts, and leaves the fields to the survivor's row.
            if entity.source_id in (None, record.source_id) and record.origin_id in (None, entity.pk):
                for name, value in {**row.fields, "name": row.name}.items():
                    if name in blocked.fields or blocked.stop(field_marks(name, value)):
                        continue
                    if name not in entity.curated_fields and getattr(entity, name) != value:
                        before[name], after[name] = getattr(entity, name), value
                        setattr(entity, name, value)
            facts.withdraw_missing(row, entity, source, _origin_of(record), siblings[entity.pk, source.pk])
            facts.add(row, entity, source, known=known, claims=claims, origin_id=_origin_of(record))
            entity.version += 1
            entity.updated_at = timezone.now()
            entities.append(entity)
            events.append(
                Event(entity=entity, type=Event.Type.EDITED, before=before, after=after,
                      reason=f"the row of {record.source_name} changed"[:2000])
            )  # fmt: skip
            self.touched.add(entity.pk)
        Entity.objects.bulk_update(
            entities,
            ["name", "description", "valid_from", "valid_to", "prominence", "subtype", "capital", "signed", "in_force",
             "version", "updated_at"],
            batch_size=200,
        )  # fmt: skip
        facts.store()
        _find_by_own_names(entities)
        Event.objects.bulk_create(events)
        for record, row in changed:
            record.content_hash, record.source = _hash(row), self._source_of(row)
        SourceRecord.objects.bulk_update([record for record, _ in changed], ["content_hash", "source"], batch_size=200)
        self.report.changed += len(changed)

    @staticmethod
    def _siblings(ids: Sequence[int]) -> dict[tuple[int, int], list[int]]:
        """For each record and source, the origins of the rows that feed it."""
        found = defaultdict(list)
        for record in SourceRecord.objects.filter(entity__in=ids):
            found[record.entity_id, record.source_id].append(_origin_of(record))
        return found

    # --- After the last row ------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Resolve what referred ahead, then redirects, judgements and the generated descriptions."""
        self.blocks = self.blocks.current()
        self._resolve(Term, "state", "state_text")
        self._resolve(Term, "organization", "organization_text")
        self._resolve(Relation, "target", "target_text")
        for row in self.late:
            self._late(row)
        describe(self.touched)
        ids = sorted(self.touched)
        transaction.on_commit(lambda: entity_changed.send(sender=Entity, ids=ids))

    def _resolve(self, model, reference: str, text: str) -> None:
        rows = model.objects.in_use().filter(**{reference: None}).exclude(**{text: ""})
        wanted = set(rows.values_list(text, flat=True).distinct())
        if not wanted:
            return
        found = {text_: self.codes[text_] for text_ in wanted if text_ in self.codes}
        found.update(_by_key(wanted - found.keys()))
        found.update(_by_wikidata(wanted - found.keys()))
        unresolved = len(wanted - found.keys())
        if unresolved:
            self.report.warnings[f"{model._meta.verbose_name} {reference}: texts that no record answers to"] = (
                unresolved
            )
        kinds = _kinds_of(set(found.values()))
        table = model._meta.db_table
        column = model._meta.get_field(reference).column
        known = self._standing(model, reference)
        changed: list[tuple[int, int]] = []
        elsewhere: dict[str, list[tuple[int, int]]] = defaultdict(list)
        blocked, stopped = self.blocks.by_record, []
        fields = ("pk", "entity_id", text) if model is Term else ("pk", "entity_id", text, "type", "start")
        for pk, entity, value, *tie in rows.order_by("pk").values_list(*fields).iterator(chunk_size=5000):
            target = found.get(value)
            if target is None or tie and (entity, *tie, target) in known:
                continue
            wanted_kind = Term.KINDS[reference] if model is Term else Relation.KINDS.get(tie[0])
            if wanted_kind not in (None, kinds[target]):
                self.report.warnings[f"{model._meta.verbose_name} {reference}: not of kind {wanted_kind.value}"] += 1
                if model is Term:
                    elsewhere[kinds[target]].append((target, pk))
                    self.touched.add(entity)
                continue
            if tie and entity in blocked and blocked[entity].stop(self._tie_marks(target, *tie)):
                stopped.append(pk)
                continue
            if tie:
                known.add((entity, *tie, target))
            changed.append((target, pk))
            self.touched.add(entity)
        # One prepared statement run many times: Django's bulk_update builds a CASE of hundreds of branches instead.
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET {column} = %s, {text} = '' WHERE id = %s", changed)
            # An office of an organization may be given as one of a state, and the other way round.
            for other in {"state", "organization"} & elsewhere.keys():
                cursor.executemany(
                    f"UPDATE {table} SET {other}_id = %s, {text} = '' "
                    f"WHERE id = %s AND {other}_id IS NULL AND {other}_text = ''",
                    elsewhere[other],
                )
        if stopped:  # came under a text that nobody could tell before
            model.objects.filter(pk__in=stopped).delete()
            self.report.withheld += len(stopped)

    @staticmethod
    def _tie_marks(target: int, type_: str, start: str):
        ids = Entity.objects.filter(Q(pk=target) | Q(merged_into=target)).values_list("public_id", flat=True)
        return relation_marks(type_, ids=ids, start=start)

    @staticmethod
    def _standing(model, reference: str) -> set[tuple]:
        """Ties that are there already: the same one may have been entered with the record and not its key."""
        if model is Term:
            return set()
        waiting = model.objects.in_use().filter(**{reference: None}).values("entity_id")
        rows = model.objects.in_use().filter(entity_id__in=waiting, **{f"{reference}__isnull": False})
        return set(rows.values_list("entity_id", "type", "start", f"{reference}_id"))

    def _late(self, row: RedirectRow | JudgementRow) -> None:
        if any(map(self.blocks.holds_back_key, (row.key, row.to) if isinstance(row, RedirectRow) else (row.a, row.b))):
            self.report.withheld += 1
            return
        keys = _by_key({row.key, row.to} if isinstance(row, RedirectRow) else {row.a, row.b}, live=False)
        if isinstance(row, RedirectRow):
            absorbed, survivor = keys.get(row.key), keys.get(row.to)
            if survivor is None:
                self.report.errors.append(RowError(row.file, row.line, f"no record has the key {row.to!r}"))
                return
            survivor = Entity.objects.values_list("merged_into_id", flat=True).get(pk=survivor) or survivor
            if absorbed == survivor:
                return
            if absorbed is None:
                # The absorbed record's facts live on in its survivor; only its key, and its id, still answer.
                merged = _make_redirect(row, survivor) if row.id else None
                if merged is None or row.key != row.id:
                    SourceRecord.objects.get_or_create(
                        source_name=(self.source or Path(row.file).name)[:300], key=row.key,
                        defaults={
                            "entity_id": survivor, "origin_id": merged, "content_hash": "",
                            "importer_version": IMPORTER_VERSION,
                        },
                    )  # fmt: skip
            self.report.redirects += 1
            return
        a, b = keys.get(row.a), keys.get(row.b)
        if a is None or b is None or a == b:
            self.report.errors.append(RowError(row.file, row.line, "a judgement about records that are not here"))
            return
        a, b = sorted((a, b))
        judgement, created = Judgement.objects.get_or_create(
            a_id=a, b_id=b, superseded_at=None,
            defaults={"verdict": row.verdict, "by_text": row.by[:200], "reason": row.reason[:2000]},
        )  # fmt: skip
        at = parse_datetime(row.at) if created and row.at else None
        if at is not None and at.tzinfo is not None:
            Judgement.objects.filter(pk=judgement.pk).update(judged_at=at)
        self.report.judgements += created


class _Facts:
    """Facts to be written together."""

    def __init__(self, importer: _Importer):
        self.importer = importer
        self.aliases: list[tuple] = []
        self.identifiers: list[tuple] = []
        self.terms: list[tuple] = []
        self.relations: list[tuple] = []
        self.gone: dict[type, list[int]] = {}

    def add(
        self, row: ImportRow, entity: Entity, source: Source, *, known, claims, origin_id: int | None = None
    ) -> None:
        """Queue what a row says of a record, but for what is known already (withdrawn facts among it)."""
        origin_id = origin_id or entity.pk
        seen: set = known.setdefault(entity.pk, set()) if known is not None else set()
        blocked = self.importer.blocks.of(row, entity.pk if known is not None else None)
        for alias in (AliasRow(row.name), *row.aliases):
            place = ("alias", alias.name, alias.lang, alias.type)
            # A new record is found by its own name: one that only shares it with a record it was taken from, too.
            is_own = known is None and alias.name == entity.name
            if place in seen or not is_own and self._is_down(blocked, alias_marks(alias.name)):
                continue
            seen.add(place)
            self.aliases.append(
                (entity.pk, origin_id, source.pk, alias.name, name_key(alias.name), alias.lang, script_of(alias.name),
                 alias.type, alias.is_weak, alias.valid_from, alias.valid_to)
            )  # fmt: skip
        for scheme, value in _all_identifiers(row):
            if ("identifier", scheme, value) in seen or self._is_down(blocked, identifier_marks(scheme, value)):
                continue
            seen.add(("identifier", scheme, value))
            holder = claims.setdefault((scheme, value), entity) if scheme in UNIQUE_SCHEMES else entity
            contested = holder is not entity and holder.pk != entity.pk
            if contested:
                self.importer.report.warnings[f"{scheme} claimed by two records: waits for review"] += 1
            self.identifiers.append((entity.pk, origin_id, source.pk, scheme, value, contested))
        codes = self.importer.codes
        own = {value for scheme, value in _all_identifiers(row) if scheme in ("iso3", "code")}
        for term in row.terms:
            place = ("term", term.title, term.start, term.end)
            if place in seen or self._is_down(blocked, term_marks(term.title, term.start, term.end)):
                continue
            seen.add(place)
            self.terms.append(
                (entity.pk, origin_id, source.pk, term.title, term.start, term.end, term.as_of, codes.get(term.state),
                 "" if term.state in codes else term.state, term.organization)
            )  # fmt: skip
        for relation in row.relations:
            target = codes.get(relation.target)
            place = ("relation", relation.type, target or relation.target, relation.start)
            # A state's own code among its ``states`` names it; it is no part of itself.
            if place in seen or relation.type == "state" and (target == entity.pk or relation.target in own):
                continue
            marks = relation_marks(relation.type, texts=[relation.target], start=relation.start)
            if self._is_down(blocked, marks):
                continue
            seen.add(place)
            self.relations.append(
                (entity.pk, origin_id, source.pk, relation.type, target, "" if target else relation.target,
                 relation.start, relation.end)
            )  # fmt: skip

    def _is_down(self, blocked: Blocks, marks: Iterable[str]) -> bool:
        """Whether a fact was taken down; it is counted then."""
        if blocked is NOTHING or not blocked.stop(marks):
            return False
        self.importer.report.withheld += 1
        return True

    def withdraw_missing(
        self, row: ImportRow, entity: Entity, source: Source, origin_id: int, siblings: Sequence[int]
    ) -> None:
        """Queue for withdrawal what the same row said of the record before and says no more.

        Where several rows of a source feed a record, ``siblings`` (two were merged), origins tell whose a fact is; where
        they do not, nothing is withdrawn.
        """
        said = {"entity": entity, "source": source}
        if len(siblings) > 1:
            if siblings.count(origin_id) > 1:
                return
            said["origin"] = origin_id
        aliases = {(row.name, "", ""), *((alias.name, alias.lang, alias.type) for alias in row.aliases)}
        for alias in Alias.objects.in_use().filter(**said):
            if (alias.name, alias.lang, alias.type) not in aliases and (alias.name != entity.name or alias.type):
                self.gone.setdefault(Alias, []).append(alias.pk)
        identifiers = set(_all_identifiers(row))
        for identifier in Identifier.objects.in_use().filter(**said):
            if (identifier.scheme, identifier.value) not in identifiers:
                self.gone.setdefault(Identifier, []).append(identifier.pk)
        terms = {(term.title, term.start, term.end) for term in row.terms}
        for term in Term.objects.in_use().filter(**said):
            if (term.title, term.start, term.end) not in terms:
                self.gone.setdefault(Term, []).append(term.pk)

    def store(self) -> None:
        """Write everything, and let the candidate index know."""
        now = timezone.now()
        for model, ids in self.gone.items():
            model.objects.filter(pk__in=ids).update(withdrawn_at=now)
        index = CandidateIndex()
        if self.gone.get(Alias):
            index.unindex(self.gone[Alias])
        owned = ("entity_id", "origin_id", "source_id")
        aliases = insert(
            Alias, (*owned, "name", "key", "lang", "script", "type", "is_weak", "valid_from", "valid_to"), self.aliases
        )
        insert(Identifier, (*owned, "scheme", "value", "is_contested"), self.identifiers)
        insert(
            Term, (*owned, "title", "start", "end", "as_of", "state_id", "state_text", "organization_text"), self.terms
        )
        insert(Relation, (*owned, "type", "target_id", "target_text", "start", "end"), self.relations)
        index.index_aliases(aliases)


def _make_redirect(row: RedirectRow, survivor: int) -> int | None:
    """A merged record of an export, as a signpost under its old id; None if the id is somebody's here."""
    if Entity.objects.filter(public_id=row.id).exists():
        return None
    target = Entity.objects.get(pk=survivor)
    merged = Entity.objects.create(public_id=row.id, kind=target.kind, name=row.name or target.name)
    note_merge_elsewhere(target, merged)
    return merged.pk


def _all_identifiers(row: ImportRow) -> list[tuple[str, str]]:
    """A row's identifiers; a state's own code (the sole entry of its ``states``) is one, too."""
    found = list(dict.fromkeys(row.identifiers))
    if row.kind == "state" and not any(scheme == "iso3" for scheme, _ in found):
        own = [relation.target for relation in row.relations if relation.type == "state"]
        if len(own) == 1:
            found.append(("code", own[0]))
    return found


def _known_facts(ids: Sequence[int]) -> dict[int, set]:
    """What records say already, withdrawn facts included, as ``_Facts.add`` names it."""
    known: dict[int, set] = {id_: set() for id_ in ids}
    for entity, *place in Alias.objects.filter(entity__in=ids).values_list("entity_id", "name", "lang", "type"):
        known[entity].add(("alias", *place))
    for entity, *place in Identifier.objects.filter(entity__in=ids).values_list("entity_id", "scheme", "value"):
        known[entity].add(("identifier", *place))
    for entity, *place in Term.objects.filter(entity__in=ids).values_list("entity_id", "title", "start", "end"):
        known[entity].add(("term", *place))
    for entity, type_, target, text, start in Relation.objects.filter(entity__in=ids).values_list(
        "entity_id", "type", "target_id", "target_text", "start"
    ):
        known[entity].add(("relation", type_, target or text, start))
    return known


def _by_key(keys: set[str], *, live: bool = True) -> dict[str, int]:
    """Record ids by source key; the newest where two sources use one key."""
    found: dict[str, int] = {}
    ordered = sorted(keys)
    for start in range(0, len(ordered), _CHUNK):
        rows = SourceRecord.objects.filter(key__in=ordered[start : start + _CHUNK]).order_by("pk")
        for key, entity, merged in rows.values_list("key", "entity_id", "entity__merged_into_id"):
            found[key] = merged or entity if live else entity
    return found


_ALIAS = attrgetter("name", "lang", "type", "is_weak", "valid_from", "valid_to")
_TERM = attrgetter("title", "state", "organization", "start", "end", "as_of")
_RELATION = attrgetter("type", "target", "start", "end")


def _kinds_of(ids: set[int]) -> dict[int, str]:
    """The kind of each record."""
    found: dict[int, str] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        found.update(Entity.objects.filter(pk__in=ordered[start : start + _CHUNK]).values_list("pk", "kind"))
    return found


def _by_wikidata(texts: set[str]) -> dict[str, int]:
    """Live records by their Wikidata id: a dump of persons refers to states that came from elsewhere."""
    found: dict[str, int] = {}
    ordered = sorted(text for text in texts if text[:1] == "Q" and text[1:].isdigit())
    for start in range(0, len(ordered), _CHUNK):
        rows = Identifier.objects.in_use().filter(
            scheme="wikidata", value__in=ordered[start : start + _CHUNK], is_contested=False, entity__merged_into=None
        )
        found.update(rows.values_list("value", "entity_id"))
    return found


def _origin_of(record: SourceRecord) -> int:
    """The record that a row was first about."""
    return record.origin_id or record.entity_id


def _find_by_own_names(entities: Sequence[Entity]) -> None:
    """A record is found by its name, even where an earlier import took that name out of use."""
    names = {entity.pk: entity.name for entity in entities}
    rows = Alias.objects.filter(entity__in=names, name__in=set(names.values())).order_by("pk")
    own = [row for row in rows if row.name == names[row.entity_id] and row.type not in SENSE_TYPES]
    standing = {row.entity_id for row in own if row.withdrawn_at is None}
    revived = {row.entity_id: row.pk for row in own if row.entity_id not in standing}
    if revived:
        Alias.objects.filter(pk__in=revived.values()).update(withdrawn_at=None)
        CandidateIndex().index_aliases(sorted(revived.values()))


def _hash(row: ImportRow) -> str:
    """Of all that the row says; where it stands in which file does not matter."""
    content = (
        row.key, row.kind, row.name, row.source, row.licence, [_ALIAS(alias) for alias in row.aliases], row.identifiers,
        [_TERM(term) for term in row.terms], [_RELATION(relation) for relation in row.relations],
        sorted(row.fields.items()), sorted(row.attributes.items()),
    )  # fmt: skip
    return hashlib.sha256(json.dumps(content, ensure_ascii=True).encode()).hexdigest()
