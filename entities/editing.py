"""What a person changes of a record by hand: fields and single facts. One transaction, one event, nothing deleted."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from entities import blocks
from entities.candidates import CandidateIndex
from entities.describing import describe
from entities.matching.normalize import name_key, script_of
from entities.models import Alias, Entity, Event, Fact, Takedown
from entities.signals import entity_changed

#: Fields of a record that a person may set, and that no import changes afterwards.
EDITABLE = (
    "name", "description", "valid_from", "valid_to", "prominence", "subtype", "capital", "signed", "in_force",
    "attributes",
)  # fmt: skip
_NOT_SAID = {"id", "entity_id", "origin_id", "key", "script", "created_at", "withdrawn_at"}  # of a fact, in its event


TAKEN_DOWN = "This was taken down and is not entered again unless the takedown is lifted."


class EditError(Exception):
    """A change that cannot be made, with a sentence for the curator."""


def _check_not_down(entity: Entity) -> None:
    if entity.suppressed_at is not None:
        raise EditError("The record was taken down as a whole.")


def _marks(name: str, value) -> list[blocks.Marks]:
    if name == "attributes":
        return [blocks.field_marks(f"attributes.{part}", one) for part, one in (value or {}).items()]
    return [blocks.field_marks(name, value)]


@transaction.atomic
def create_record(entity: Entity, actor, reason: str = "") -> Entity:
    """Store a new record with its name as its first alias.

    Raises:
        EditError: for one that was taken down.
    """
    whole = blocks.Blocks()
    for takedown in Takedown.objects.filter(lifted_at=None, sort=Takedown.Sort.RECORD):
        whole.add(takedown)
    if whole.stop(blocks.record_marks(entity.kind, names=[entity.name], born=entity.valid_from)):
        raise EditError("A record of this name was taken down. Lift that takedown first, if this is another one.")
    entity.curated_fields = sorted(name for name in EDITABLE if getattr(entity, name) not in ("", None, {}))
    entity.save(force_insert=True)
    name_it(entity)
    Event.objects.create(
        entity=entity,
        type=Event.Type.CREATED,
        actor=actor,
        reason=reason,
        after={"name": entity.name, "kind": entity.kind},
    )
    _announce([entity.pk])
    return entity


@transaction.atomic
def edit_record(entity: Entity, actor, reason: str = "") -> Entity:
    """Store what was changed on a record; the fields changed become the person's, whom no import overrules.

    Raises:
        EditError: for a record that was merged into another.
    """
    stored = Entity.objects.select_for_update().get(pk=entity.pk)
    _check_not_down(stored)
    if not stored.is_current:
        raise EditError("The record was merged into another in the meantime; edit that one.")
    changed = [name for name in EDITABLE if getattr(stored, name) != getattr(entity, name)]
    if not changed:
        return entity
    stopped = blocks.blocks_of(stored.pk)
    if any(stopped.stop(marks) for name in changed for marks in _marks(name, getattr(entity, name))):
        raise EditError(TAKEN_DOWN)
    before = {name: getattr(stored, name) for name in changed}
    after = {name: getattr(entity, name) for name in changed}
    for name in changed:
        setattr(stored, name, after[name])
    stored.curated_fields = sorted({*stored.curated_fields, *changed})
    stored.version += 1
    stored.save()
    if "name" in changed:
        name_it(stored)
    Event.objects.create(entity=stored, type=Event.Type.EDITED, actor=actor, reason=reason, before=before, after=after)
    _announce([stored.pk])
    return stored


@transaction.atomic
def save_fact(fact: Fact, actor, reason: str = "") -> Fact:
    """Store a new or changed alias, identifier, term or relation of a live record.

    Raises:
        EditError: for a fact of a record that was merged into another, or one that leads to a record of a wrong kind.
    """
    entity = Entity.objects.select_for_update().get(pk=fact.entity_id)
    _check_not_down(entity)
    if not entity.is_current:
        raise EditError("The record was merged into another in the meantime; its facts are there.")
    if blocks.blocks_of(entity.pk).stop(blocks.marks_of(fact)):
        raise EditError(TAKEN_DOWN)
    if wrong := fact.wrong_kinds():
        raise EditError(" ".join(wrong))
    kind = fact._meta.model_name
    if isinstance(fact, Alias):
        fact.key, fact.script = name_key(fact.name)[:500], script_of(fact.name)
    before = {}
    if fact.pk is None:
        fact.origin = entity
    else:
        before = _content(type(fact)._default_manager.select_for_update().get(pk=fact.pk))
    fact.save()
    if isinstance(fact, Alias):
        CandidateIndex().index_aliases([fact.pk])
    _record(entity, kind, actor, reason, before, _content(fact))
    return fact


@transaction.atomic
def withdraw_fact(fact: Fact, actor, reason: str = "") -> Fact:
    """Take a fact out of use for good; it stays, so that no import brings it back."""
    entity = Entity.objects.select_for_update().get(pk=fact.entity_id)
    stored = type(fact)._default_manager.select_for_update().get(pk=fact.pk)
    if stored.withdrawn_at is not None:
        return stored
    if isinstance(stored, Alias) and stored.name == entity.name and not stored.type:
        raise EditError("This is the record's own name; rename the record first.")
    stored.withdrawn_at = timezone.now()
    stored.save(update_fields=["withdrawn_at"])
    if isinstance(stored, Alias):
        CandidateIndex().unindex([stored.pk])
    _record(entity, stored._meta.model_name, actor, reason, _content(stored), {})
    return stored


def _record(entity: Entity, kind: str, actor, reason: str, before: dict, after: dict) -> None:
    if before == after:
        return
    Entity.objects.filter(pk=entity.pk).update(version=F("version") + 1, updated_at=timezone.now())
    Event.objects.create(
        entity=entity, type=Event.Type.EDITED, actor=actor, reason=reason,
        before={kind: before} if before else {}, after={kind: after} if after else {},
    )  # fmt: skip
    _announce([entity.pk])


def _content(fact: Fact) -> dict:
    """What a fact says, as plain values."""
    values = {one.attname: getattr(fact, one.attname) for one in fact._meta.concrete_fields}
    return {name: value for name, value in values.items() if name not in _NOT_SAID and value not in ("", None, False)}


def name_it(entity: Entity) -> None:
    """Store the name a record goes by as an alias: its own name is always among them."""
    key = name_key(entity.name)[:500]
    # Of a name that a person chose no source speaks: else the next import would withdraw what its row does not say.
    source = None if "name" in entity.curated_fields else entity.source
    alias, made = Alias.objects.get_or_create(
        entity=entity, name=entity.name, lang="", type="", withdrawn_at=None,
        defaults={"key": key, "script": script_of(entity.name), "origin": entity, "source": source},
    )  # fmt: skip
    if made:
        CandidateIndex().index_aliases([alias.pk])


def _announce(ids: Iterable[int]) -> None:
    """Write the generated descriptions anew, and tell other apps once the change is stored."""
    ids = list(ids)
    describe(ids)
    transaction.on_commit(partial(entity_changed.send, sender=Entity, ids=ids))
