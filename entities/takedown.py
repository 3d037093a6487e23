"""Taking down and correcting for good: a fact, a field, a whole record. What goes is gone everywhere, and stays away.

A takedown deletes the content, strikes it from the history (``entities/redaction.py``) and leaves digests by which it is
stopped when it comes again (``entities/blocks.py``): with an import, by hand, through a merge, an undo or a split. That
something was taken down, when, by whom and why is kept. Lifting a takedown lets it come again; it brings nothing back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from entities import blocks, describing, editing, redaction
from entities.blocks import Blocks, Marks
from entities.candidates import CandidateIndex
from entities.journal import locked
from entities.matching.dates import PARTIAL_DATE
from entities.models import (
    DATE_FIELDS,
    Alias,
    Entity,
    Event,
    Fact,
    Identifier,
    PartialDateField,
    Relation,
    SourceRecord,
    Takedown,
    Term,
)
from entities.signals import content_taken_down, entity_changed, record_taken_down

SORTS: dict[str, type[Fact]] = {"alias": Alias, "identifier": Identifier, "term": Term, "relation": Relation}
FIELDS = ("name", "description", "valid_from", "valid_to", "prominence", "subtype", "capital", "signed", "in_force")
_BLANK = dict.fromkeys(FIELDS, "") | {"prominence": None}
PLACE_OF_A_NAME = "Taken down"  # the name of a record that was taken down as a whole


DATE = re.compile(rf"(?:{PARTIAL_DATE})?")


class TakedownError(editing.EditError):
    """What cannot be taken down, with a sentence for the curator."""


def is_field(name: str) -> bool:
    """Whether a record has a field of this name that can be taken down: of ``FIELDS``, or ``attributes.…``."""
    base, _, part = name.partition(".")
    return name in FIELDS or base == "attributes" and part != ""


#: The reason of a takedown that only takes back what a decision had made: nobody asked for the content to go.
WITHDRAWN = "the decision that made it was taken back"


def sort_in_words(takedown: Takedown) -> str:
    """What was taken down, or that a record was only withdrawn with the decision that had made it."""
    if takedown.sort == Takedown.Sort.RECORD and takedown.reason == WITHDRAWN:
        return "A new record, withdrawn with the decision that made it"
    return takedown.get_sort_display()


def may_take_down(actor) -> bool:
    """Whether somebody may take down and correct for good."""
    return actor is not None and actor.has_perm("entities.takedown_entity")


def _check(actor, reason: str) -> str:
    if not may_take_down(actor):
        raise PermissionDenied("This needs the permission “Can take down and correct for good what records say”.")
    if not reason.strip():
        raise TakedownError("Say why: it is all that will be left.")
    return reason.strip()[:2000]


def _live(pk: int) -> Entity:
    entity = Entity.objects.select_for_update().get(pk=pk)
    if entity.merged_into_id is not None:
        raise TakedownError("The record was merged into another in the meantime; what it said is there.")
    if entity.suppressed_at is not None:
        raise TakedownError("The record was taken down as a whole.")
    return entity


# --- A fact ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def take_down_fact(fact: Fact, *, actor, reason: str, replacement: Fact | None = None) -> Takedown:
    """Delete an alias, identifier, term or relation for good, with all that says the same of its record.

    Args:
        replacement: an unsaved fact of the same sort that takes its place: a correction.

    Raises:
        TakedownError: with a sentence for the curator, and nothing changed.
        PermissionDenied: if the actor may not.
    """
    reason = _check(actor, reason)
    entity = _live(fact.entity_id)
    stored = type(fact)._default_manager.select_for_update().filter(pk=fact.pk, entity=entity.pk).first()
    if stored is None:
        raise TakedownError("This is not there any more.")
    stops = blocks.stops_of(stored)
    if isinstance(stored, Alias) and blocks.alias_marks(entity.name) & stops:
        raise TakedownError("This is the record's own name: correct the name instead.")
    if replacement is not None:
        replacement.entity, replacement.source = entity, None
        stops = _without(stops, blocks.marks_of(replacement))
    takedown = _note(entity, str(stored._meta.model_name), stops, actor, reason, is_correction=replacement is not None)
    _erase([entity.pk], _one(takedown), besides={(stored._meta.label_lower, stored.pk)})
    if replacement is not None:
        editing.save_fact(replacement, actor)
    _announce([entity.pk])
    return takedown


#: What a correction may change of a fact.
CORRECTABLE = {
    "alias": ("name", "lang"), "identifier": ("scheme", "value"), "term": ("title", "start", "end", "as_of"),
    "relation": ("start", "end"),
}  # fmt: skip


def corrected(fact: Fact, parts: Mapping[str, str]) -> Fact:
    """A copy of a fact, unsaved, with some parts changed: a replacement for ``take_down_fact``.

    Raises:
        TakedownError: for parts that are not to be corrected, or not valid.
    """
    unknown = parts.keys() - set(CORRECTABLE[str(fact._meta.model_name)])
    if unknown:
        raise TakedownError(f"There is no “{min(unknown)[:50]}” to correct here.")
    left_out = {"id", "source", "origin", "withdrawn_at", "created_at"}
    copy = type(fact)(
        **{one.attname: getattr(fact, one.attname) for one in fact._meta.concrete_fields if one.name not in left_out}
    )
    for name, value in parts.items():
        if isinstance(copy._meta.get_field(name), PartialDateField) and not DATE.fullmatch(value):
            raise TakedownError(f"“{value[:20]}” is no date; a date looks like 2024, 2024-07 or 2024-07-29.")
        setattr(copy, name, value)
    try:
        copy.clean_fields(exclude=[one.name for one in fact._meta.concrete_fields if one.name not in parts])
    except ValidationError as error:
        raise TakedownError(" ".join(error.messages)) from error
    return copy


def _without(stops: Marks, allowed: Marks) -> Marks:
    """What is stopped where something nearly the same takes its place."""
    return stops if not stops & allowed else blocks.exact(stops) - allowed


# --- A field ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def take_down_field(entity: Entity, name: str, *, actor, reason: str, value=None) -> Takedown:
    """Empty a field for good, or correct it: nobody but a person sets it from then on, and never to what it was.

    Args:
        name: of ``FIELDS``, or ``attributes.…``.
        value: what takes its place; None: nothing. A name must be corrected, as a record needs one.

    Raises:
        TakedownError: with a sentence for the curator, and nothing changed.
        PermissionDenied: if the actor may not.
    """
    reason = _check(actor, reason)
    entity = _live(entity.pk)
    if not is_field(name):
        raise TakedownError(f"A record has no field “{name[:50]}”.")
    part = name.partition(".")[2]
    old = entity.attributes.get(part) if part else getattr(entity, name)
    if old in (None, ""):
        raise TakedownError("This field is empty.")
    if name == "name" and not str(value or "").strip():
        raise TakedownError("A record needs a name: say which is right.")
    if value not in (None, "") and value == old:
        raise TakedownError("This is what it says already.")
    if isinstance(value, str) and name in DATE_FIELDS and not DATE.fullmatch(value):
        raise TakedownError(f"“{value[:20]}” is no date; a date looks like 2024, 2024-07 or 2024-07-29.")
    stops = blocks.field_marks(name, old)
    if value not in (None, ""):
        stops = _without(stops, blocks.field_marks(name, value))
    takedown = _note(
        entity, Takedown.Sort.FIELD, stops, actor, reason, field=name, is_correction=value not in (None, "")
    )
    _set_field(entity, name, value if value is not None else _BLANK.get(name, ""))
    if name == "name":
        entity.name = str(value).strip()[:500]
    try:
        entity.clean_fields(exclude=["public_id", "merged_into", "source"])
    except ValidationError as error:
        raise TakedownError(" ".join(error.messages)) from error
    entity.save()
    if name == "name":
        _keep_name(entity)
    _erase([entity.pk], _one(takedown), said={name: str(old)})
    _announce([entity.pk])
    return takedown


def _set_field(entity: Entity, name: str, value) -> None:
    base, _, part = name.partition(".")
    if part:
        entity.attributes = {key: old for key, old in entity.attributes.items() if key != part}
        if value not in (None, ""):
            entity.attributes[part] = value
    else:
        setattr(entity, name, value)
    entity.curated_fields = sorted({*entity.curated_fields, base})


# --- A whole record --------------------------------------------------------------------------------------------------
@transaction.atomic
def suppress(entity: Entity, *, actor, reason: str) -> Takedown:
    """Take a record down as a whole, with those merged into it: their ids stay, and answer that they are gone.

    Raises:
        TakedownError: with a sentence for the curator, and nothing changed.
        PermissionDenied: if the actor may not.
    """
    reason = _check(actor, reason)
    entity = _live(entity.pk)
    absorbed = locked(Entity.objects.filter(merged_into=entity.pk))
    everyone = [entity, *absorbed]
    ids = [one.pk for one in everyone]
    takedown = _note(entity, Takedown.Sort.RECORD, _record_stops(everyone), actor, reason)
    _empty(ids)
    _announce([entity.pk], describe=False)
    return takedown


def _empty(ids: list[int]) -> None:
    """Leave of records nothing but their ids."""
    record_taken_down.send(sender=Takedown, ids=ids)
    CandidateIndex().unindex(Alias.objects.filter(entity__in=ids).values_list("pk", flat=True))
    for model in SORTS.values():
        model.objects.filter(Q(entity__in=ids) | Q(origin__in=ids, entity__in=ids)).delete()
        model.objects.filter(origin__in=ids).update(origin=F("entity"))
    Relation.objects.filter(target__in=ids).delete()
    Term.objects.filter(state__in=ids).update(state=None)
    Term.objects.filter(organization__in=ids).update(organization=None)
    SourceRecord.objects.filter(origin__in=ids).exclude(entity__in=ids).update(origin=F("entity"))
    SourceRecord.objects.filter(entity__in=ids).delete()
    now = timezone.now()
    Entity.objects.filter(pk__in=ids).update(
        **{**_BLANK, "name": PLACE_OF_A_NAME}, summary="", attributes={}, curated_fields=[], source=None,
        suppressed_at=now, updated_at=now, version=F("version") + 1,
    )  # fmt: skip
    redaction.empty_history(ids)


def _record_stops(records: Collection[Entity]) -> Marks:
    """By what a record is known when it comes again: ids, keys of sources, identifiers, its names with its year."""
    ids = [one.pk for one in records]
    keys = SourceRecord.objects.filter(Q(entity__in=ids) | Q(origin__in=ids)).values_list("source_name", "key")
    identifiers = Identifier.objects.filter(
        entity__in=ids, is_contested=False, scheme__in=("wikidata", "followthemoney", "lei", "isni", "viaf", "gnd")
    )
    found = blocks.record_marks(
        "", ids=[one.public_id for one in records], keys=keys, identifiers=identifiers.values_list("scheme", "value")
    )
    names = {one.name for one in records}
    plain = Alias.objects.in_use().filter(entity__in=ids, is_weak=False, type__in=("", "official", "native"))
    names |= {name for name in plain.values_list("name", flat=True) if len(name.split()) > 1}
    born = next((one.valid_from for one in records if one.valid_from), "")
    for name in names:
        key = f"record|{records[0].kind}|{blocks.normal(name)}"
        # Of one year and of none; a namesake of another year may come. Without a year all of the name are stopped.
        found |= {f"{key}|{born[:4]}", f"{key}|?"} if born else {f"{key}|*"}
    return frozenset(found)


# --- Lifted ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def lift(takedown: Takedown, *, actor, reason: str = "") -> Takedown:
    """Let what was taken down come again, by hand or with the next import. It does not come back by itself."""
    if not may_take_down(actor):
        raise PermissionDenied("This needs the permission “Can take down and correct for good what records say”.")
    stored = Takedown.objects.select_for_update().get(pk=takedown.pk)
    if stored.lifted_at is not None:
        return stored
    stored.lifted_at, stored.lifted_by, stored.lift_reason = timezone.now(), actor, reason.strip()[:2000]
    stored.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    # A row that did not change is read again all the same.
    groups = blocks.related({stored.entity_id})
    ids = [pk for pk, group in groups.items() if group == groups[stored.entity_id]]
    SourceRecord.objects.filter(entity__in=ids).update(content_hash="")
    Event.objects.create(
        entity_id=stored.entity_id, type=Event.Type.LIFTED, actor=actor, reason=stored.lift_reason,
        after={"takedown": stored.pk, "sort": stored.sort},
    )  # fmt: skip
    return stored


def apply_again(takedown: Takedown) -> None:
    """Carry out a takedown that another state of the database knew, in the caller's transaction."""
    entity = Entity.objects.select_for_update().get(pk=takedown.entity_id)
    Event.objects.create(
        entity=entity, type=Event.Type.TAKEN_DOWN, actor_id=takedown.actor_id, reason=takedown.reason,
        after={"takedown": takedown.pk, "sort": takedown.sort},
    )  # fmt: skip
    if takedown.sort == Takedown.Sort.RECORD:
        _empty([entity.pk, *Entity.objects.filter(merged_into=entity.pk).values_list("pk", flat=True)])
        _announce([entity.pk], describe=False)
        return
    stopped = _one(takedown)
    if stopped.stop(blocks.alias_marks(entity.name)):
        raise ValueError(f"the name of {entity.public_id} was taken down: give it another one first")
    _erase([entity.pk], stopped)
    _keep_name(entity)
    _announce([entity.pk], describe=entity.suppressed_at is None)


# --- Wherever records are put together or taken apart ----------------------------------------------------------------
def enforce(ids: Iterable[int]) -> None:
    """Take down again, of these records, what was taken down of one that they were ever one with.

    For the end of every operation that moves facts, in its transaction.

    Raises:
        TakedownError: if a record would bear a name that was taken down.
    """
    ids = set(ids)
    by_record = blocks.blocks_by_record(ids)
    for pk in sorted(ids & by_record.keys()):
        entity = Entity.objects.get(pk=pk)
        if entity.merged_into_id is not None or entity.suppressed_at is not None:
            continue
        if by_record[pk].stop(blocks.alias_marks(entity.name)):
            raise TakedownError(f"The name of ‹{entity.public_id}› was taken down; keep another name.")
        if _erase([pk], by_record[pk]):
            _keep_name(entity)
            Entity.objects.filter(pk=pk).update(version=F("version") + 1, updated_at=timezone.now())
            describing.describe([pk])


# --- The work --------------------------------------------------------------------------------------------------------
def _note(
    entity: Entity, sort: str, stops: Marks, actor, reason: str, *, field: str = "", is_correction: bool = False
) -> Takedown:
    salt = blocks.site_salt()
    takedown = Takedown.objects.create(
        entity=entity, sort=sort, field=field, salt=salt, digests=sorted(blocks.digest(salt, mark) for mark in stops),
        reason=reason, actor=actor, is_correction=is_correction,
    )  # fmt: skip
    Event.objects.create(
        entity=entity, type=Event.Type.TAKEN_DOWN, actor=actor, reason=reason,
        after={"takedown": takedown.pk, "sort": sort, **({"field": field} if field else {})},
    )  # fmt: skip
    return takedown


def _one(takedown: Takedown) -> Blocks:
    found = Blocks()
    found.add(takedown)
    return found


def _erase(
    pks: Collection[int],
    stopped: Blocks,
    besides: Collection[tuple[str, int]] = (),
    said: Mapping[str, str] | None = None,
) -> bool:
    """Delete from live records, and those merged into them, all that is stopped, and strike it; whether there was any."""
    records = locked(Entity.objects.filter(Q(pk__in=pks) | Q(merged_into__in=pks)))
    ids = [one.pk for one in records]
    gone = redaction.Gone(ids=set(ids), fields=set(), stops=stopped.stop)
    hints: set[str] = set()
    keys: set[str] = set()
    for name, text in (said or {}).items():
        _tell_field(name, text, gone, hints)
    for model in SORTS.values():
        found = [
            row
            for row, marks in _with_marks(model, ids, lock=True)
            if stopped.stop(marks) or (row._meta.label_lower, row.pk) in besides
        ]
        if not found:
            continue
        for row in found:
            gone.rows.add((row._meta.label_lower, row.pk))
            _tell(row, gone, hints, keys)
        if model is Alias:
            CandidateIndex().unindex([row.pk for row in found])
        model._default_manager.filter(pk__in=[row.pk for row in found]).delete()
    live = {one.pk: one for one in records if one.pk in pks}
    for record in records:
        if _blank_fields(record, live.get(record.pk) or live.get(record.merged_into_id), stopped, hints, gone):
            record.save()
    # A field's past goes whole: what stood before and after shows what was between.
    gone.fields |= {name for name in stopped.fields if not name.startswith("name")}
    if not (gone.rows or gone.texts or gone.fields or stopped.fields):
        return False
    redaction.strike_history(gone)
    content_taken_down.send(sender=Takedown, ids=ids, hints=hints, keys=keys)
    return True


def _with_marks(model: type[models.Model], ids: Collection[int], *, lock: bool = False) -> Iterable[tuple[Fact, Marks]]:
    rows = model._default_manager.filter(entity__in=ids).order_by("pk")
    rows = locked(rows) if lock else list(rows)
    if model is not Relation:
        return [(row, blocks.marks_of(row)) for row in rows]
    targets = {row.target_id for row in rows if row.target_id is not None}
    named: dict[int, list[str]] = {}
    for pk, merged, public_id in Entity.objects.filter(Q(pk__in=targets) | Q(merged_into__in=targets)).values_list(
        "pk", "merged_into_id", "public_id"
    ):
        for owner in {pk, merged} & targets:
            named.setdefault(owner, []).append(public_id)
    return [
        (
            row,
            blocks.relation_marks(row.type, ids=named.get(row.target_id, ()), texts=[row.target_text], start=row.start),
        )
        for row in rows
    ]


def _tell(row: Fact, gone: redaction.Gone, hints: set[str], keys: set[str]) -> None:
    """What to look for in free text, and in the evidence of links."""
    if isinstance(row, Alias):
        gone.texts.add(row.name)
        hints.add(row.name)
        keys.add(row.key)
    elif isinstance(row, Identifier):
        gone.texts.add(row.value)
        hints.add(row.value)
    elif isinstance(row, Term):
        hints.add(row.title)
    elif isinstance(row, Relation):
        hints.update({row.target_text} - {""})
        if row.target_id is not None:
            hints.add(Entity.objects.values_list("name", flat=True).get(pk=row.target_id))


def _tell_field(name: str, text: str, gone: redaction.Gone, hints: set[str]) -> None:
    """As ``_tell``, of a field: a year alone is too common to be looked for in free text."""
    hints.add(text)
    if len(text) > 9 or name.partition(".")[0] in ("name", "description", "attributes", "capital"):
        gone.texts.add(text)


def returned() -> Iterator[str]:
    """A sentence for each thing that was taken down and is there all the same: for ``manage.py fsck``."""
    for pk, stopped in sorted(blocks.blocks_by_record().items()):
        entity = Entity.objects.current().filter(pk=pk).first()
        if entity is None:
            continue
        held = blocks.held_fields([pk]).get(pk, ())
        for name in sorted(set(held) - {"name"}):
            base, _, part = name.partition(".")
            value = entity.attributes.get(part) if part else getattr(entity, base)
            if stopped.stop(blocks.field_marks(name, value)):
                yield f"{entity.public_id}: {name} was taken down and is there again"
        takedowns = Takedown.objects.filter(entity=pk, lifted_at=None).exclude(sort__in=["record", "field"])
        own = Blocks()
        for one in takedowns:
            own.add(one)
        for model in SORTS.values():
            for row, marks in _with_marks(model, [pk]) if own.digests else ():
                if own.stop(marks):
                    yield f"{entity.public_id}: {row._meta.verbose_name} {row.pk} was taken down and is there again"


def _blank_fields(record: Entity, live: Entity | None, stopped: Blocks, hints: set[str], gone: redaction.Gone) -> bool:
    """Empty what is stopped in a record's row; a merged record that bore such a name is called what it is part of."""
    changed = False
    if record.merged_into_id is not None and stopped.stop(blocks.alias_marks(record.name)):
        gone.texts.add(record.name)
        record.name = live.name if live is not None else redaction.STRUCK
        changed = True
    for name in sorted(stopped.fields - {"name"}):
        base, _, part = name.partition(".")
        value = record.attributes.get(part) if part else getattr(record, base)
        if value not in (None, "") and stopped.stop(blocks.field_marks(name, value)):
            _tell_field(name, str(value), gone, hints)
            _set_field(record, name, _BLANK.get(name, ""))
            changed = True
    return changed


def _keep_name(entity: Entity) -> None:
    """A record is found by its own name, whatever was taken from it."""
    if not Alias.objects.in_use().filter(entity=entity, name=entity.name).exists():
        editing.name_it(entity)


def _announce(ids: list[int], *, describe: bool = True) -> None:
    Entity.objects.filter(pk__in=ids).update(version=F("version") + 1, updated_at=timezone.now())
    if describe:
        describing.describe(ids)
    transaction.on_commit(partial(entity_changed.send, sender=Entity, ids=ids))
