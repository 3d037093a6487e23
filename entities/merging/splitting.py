"""Part of a record goes to another one, and comes back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from entities.journal import Journal, label_of, lock_rows, locked, rows_of, take_back, value_of
from entities.matching.types import SENSE_TYPES
from entities.merging.facts import BY_LABEL, fingerprints, key_of, last_rows
from entities.merging.moving import keep_name, move_facts, move_verdicts, repoint_one, settle_contests, written
from entities.merging.planning import Obstacle, later_operation
from entities.merging.refusals import MergeError, check_live, check_may_merge, check_up, keep_down
from entities.merging.restoring import descriptions_are_back, reindex, still_unique
from entities.merging.survivorship import FIELDS
from entities.merging.transactions import LockMore, atomically
from entities.models import (
    Alias,
    DuplicateSuggestion,
    Entity,
    Event,
    Identifier,
    Judgement,
    Relation,
    SourceRecord,
    Split,
    Term,
    new_public_id,
)
from entities.signals import entity_changed, entity_merging, entity_splitting

#: What ``split`` can send, and how it is stored: the table, and the reference to the record that changes.
_PARTS: dict[str, tuple[type[models.Model], str]] = {
    "aliases": (Alias, "entity_id"),
    "identifiers": (Identifier, "entity_id"),
    "terms": (Term, "entity_id"),
    "relations": (Relation, "entity_id"),
    "incoming_relations": (Relation, "target_id"),
    "terms_at_state": (Term, "state_id"),
    "terms_at_organization": (Term, "organization_id"),
    "source_records": (SourceRecord, "entity_id"),
    "redirects": (Entity, "merged_into_id"),
}


def split(
    *,
    source_id: int,
    actor,
    target_id: int | None = None,
    name: str = "",
    kind: str = "",
    fields: Mapping[str, object] | None = None,
    rows: Mapping[str, Iterable[int]] | None = None,
    reason: str = "",
) -> Split:
    """Send part of a record to another one, new or there already, and remember that the two are different.

    Args:
        source_id: the record that holds what belongs to two.
        target_id: where it goes; None makes a new record, called ``name``, of the source's kind or of ``kind``.
        fields: values of the new record, ``{"valid_from": "1954", …}``: fields of ``FIELDS``.
        rows: keys of what goes, by sort: ``aliases identifiers terms relations incoming_relations terms_at_state
            terms_at_organization source_records redirects`` (ids merged away that shall answer with the target), and
            what other apps take part with (``mentions``).

    Raises:
        MergeError: with a sentence for the curator, and nothing changed.
        PermissionDenied: if the actor may not merge.
    """
    check_may_merge(actor)
    chosen = {sort: sorted(set(pks)) for sort, pks in (rows or {}).items() if pks}
    if target_id == source_id:
        raise MergeError("A record cannot be split into itself.")
    if target_id is None and not name.strip():
        raise MergeError("Give the new record a name.")
    if target_id is not None and not chosen:
        raise MergeError("Choose what goes to the other record.")
    unknown = set(fields or {}) - set(FIELDS) | ({"source_id", "name"} & set(fields or {}))
    if unknown:
        raise MergeError(f"A split does not set “{sorted(unknown)[0]}”.")
    wanted = {source_id, *chosen.get("redirects", ())} | ({target_id} if target_id is not None else set())

    def work(locked_rows: dict[int, Entity]) -> Split:
        check_live(locked_rows, {source_id} | ({target_id} if target_id is not None else set()))
        source = locked_rows[source_id]
        if target_id is None:
            target = Entity(
                public_id=new_public_id(), kind=kind or source.kind, name=name.strip()[:500], **dict(fields or {})
            )
            target.curated_fields = sorted({"name", *(fields or {})})
            target.save()
        else:
            target = locked_rows[target_id]
        done = _split(source, target, chosen, actor, reason, is_new=target_id is None)
        keep_down([source.pk, target.pk])
        transaction.on_commit(partial(entity_changed.send, sender=Entity, ids=sorted([source.pk, target.pk])))
        return done

    try:
        return atomically(wanted, work)
    except IntegrityError as error:
        raise MergeError(f"The new record cannot be stored like this; nothing was changed ({error}).") from error


def is_own_name(record: Entity, row: Alias) -> bool:
    """Whether a name is the one that a record goes by, and no word in some sense of it."""
    return row.name == record.name and row.type not in SENSE_TYPES


def keeps_own_name(record: Entity, rows: Iterable[Alias], going: Collection[int]) -> bool:
    """Whether a record goes on having its own name as one of its names, or never had it among those that go.

    Args:
        rows: its names, or at least those that go and those like its own.
        going: keys of the names that a split would send away.
    """
    own = [row for row in rows if row.name == record.name]
    goes = any(row.pk in going and is_own_name(record, row) for row in own)
    return not goes or any(row.pk not in going for row in own)


def _split(source: Entity, target: Entity, chosen: dict[str, list[int]], actor, reason: str, *, is_new: bool) -> Split:
    now = timezone.now()
    journal = Journal()
    others = dict(chosen)
    for sort, (model, reference) in _PARTS.items():
        pks = others.pop(sort, None)
        if not pks:
            continue
        found = locked(model._default_manager.filter(pk__in=pks, **{reference: source.pk}))
        if len(found) != len(pks):
            raise MergeError(f"Some of the {sort.replace('_', ' ')} are not ‹{source}›'s any more; look again.")
        if model is Entity:
            journal.change(found, merged_into_id=target.pk)
            continue
        if model is Alias and not keeps_own_name(
            source, [*found, *Alias.objects.in_use().filter(entity=source.pk, name=source.name)], pks
        ):
            raise MergeError(f"“{source.name}” is the record's own name: rename ‹{source}› first, or leave it there.")
        if model is SourceRecord:
            journal.change(found, entity_id=target.pk)
            continue
        references, key = BY_LABEL[label_of(model)][1:]
        # What was withdrawn as a double of a row goes with it.
        places = {key_of(row, key, {}) for row in found if row.withdrawn_at is None}
        doubles = [
            row
            for row in locked(model.objects.filter(withdrawn_at__isnull=False, **{reference: source.pk}))
            if key_of(row, key, {}) in places and row.pk not in pks
        ]
        standing = model.objects.in_use().filter(**{reference: target.pk}).order_by("pk")
        taken = {key_of(row, key, {}): row.pk for row in standing}
        repoint_one(journal, [*found, *doubles], reference, key, source.pk, target.pk, taken, now)
    entity_splitting.send(
        sender=Split, source_id=source.pk, target_id=target.pk, journal=journal, rows=others, actor=actor
    )
    keep_name(journal, target, target.name, origin_id=target.pk)
    _say_different(journal, source, target, actor, reason, now)
    written([source, target], journal)
    done = Split.objects.create(
        source=source, target=target, is_new=is_new, actor=actor, reason=reason[:2000],
        inverse={
            "changes": journal.changes, "twins": journal.twins, "chosen": chosen, "last": last_rows(),
            "said": fingerprints(journal.changes),
        },
    )  # fmt: skip
    if is_new:
        Event.objects.create(
            entity=target, type=Event.Type.CREATED, actor=actor, reason=reason[:2000],
            after={
                "kind": target.kind, "split": done.pk,
                **{n: value_of(target, n) for n in FIELDS if value_of(target, n) not in ("", None)},
            },
        )  # fmt: skip
    event = Event.objects.create(
        entity=source, other=target, type=Event.Type.SPLIT, actor=actor, reason=reason[:2000], after={"split": done.pk}
    )
    done.inverse["event"] = event.pk
    done.save(update_fields=["inverse"])
    return done


def _say_different(journal: Journal, a: Entity, b: Entity, actor, reason: str, now) -> None:
    first, second = sorted((a.pk, b.pk))
    for known in locked(Judgement.objects.filter(a=first, b=second, superseded_at=None)):
        if known.verdict == Judgement.Verdict.DIFFERENT:
            return
        journal.change([known], superseded_at=now.isoformat())
    journal.add(
        Judgement(
            a_id=first, b_id=second, verdict=Judgement.Verdict.DIFFERENT, actor=actor,
            by_text="" if actor else "split", reason=(reason or "split apart")[:2000],
        )
    )  # fmt: skip
    open_pair = locked(DuplicateSuggestion.objects.filter(a=first, b=second, closed_at=None))
    journal.change(open_pair, closed_at=now.isoformat())


def undo_split(split: Split | int, *, actor, reason: str = "") -> Split:
    """Take a split back: every row returns; a record that the split made redirects to the source from then on.

    What was added to a record made by the split goes to the source, too.

    Raises:
        MergeError: if a later merge or split has to be undone first.
        PermissionDenied: if the actor may not merge.
    """
    check_may_merge(actor)
    pk = split if isinstance(split, int) else split.pk
    known = Split.objects.filter(pk=pk).first()
    if known is None:
        raise MergeError("There is no such split.")
    everyone = {known.source_id, known.target_id, *rows_of(known.inverse["changes"]).get("entities.entity", ())}

    def work(rows: dict[int, Entity]) -> Split:
        children = set(Entity.objects.filter(merged_into=known.target_id).values_list("pk", flat=True))
        if known.is_new and children - rows.keys():
            raise LockMore(children)
        done = Split.objects.select_for_update(of=("self",)).select_related("source", "target").get(pk=pk)
        if done.undone_at is not None:
            return done
        obstacle = why_split_stays(done)
        if obstacle is not None:
            raise MergeError(obstacle.sentence)
        check_up(rows, (known.source_id, known.target_id))
        try:
            with transaction.atomic():
                _undo_split(done, rows, actor, reason)
                keep_down([known.source_id, known.target_id])
        except IntegrityError as error:
            raise MergeError(
                "What was there before can no longer stand beside what was entered since; nothing was changed."
            ) from error
        return done

    return atomically(everyone, work)


def why_split_stays(split: Split) -> Obstacle | None:
    """The later merge or split that has to be undone before a split can be taken back."""
    return later_operation(split.inverse, split.target_id, split.inverse["event"]) or later_operation(
        split.inverse, split.source_id, split.inverse["event"]
    )


def _undo_split(split: Split, rows: dict[int, Entity], actor, reason: str) -> None:
    now = timezone.now()
    source, target = rows[split.source_id], rows[split.target_id]
    journal = Journal()
    moved = lock_rows(split.inverse["changes"])
    moved["entities.entity"] = {pk: rows.get(pk, row) for pk, row in moved.get("entities.entity", {}).items()}
    take_back(split.inverse["changes"], moved, journal, adjust=still_unique)
    if split.is_new:
        move_facts(journal, source.pk, target.pk, now)
        settle_contests(journal, source.pk)
        move_verdicts(journal, source.pk, target.pk, now)
        entity_merging.send(sender=Split, survivor_id=source.pk, absorbed_id=target.pk, journal=journal)
        journal.change(locked(Entity.objects.filter(merged_into=target.pk)), merged_into_id=source.pk)
        journal.change([target], merged_into_id=source.pk)
    reindex(journal)
    is_described = descriptions_are_back(split.inverse["changes"], journal.changes)
    written([source, target], journal, describe=not is_described)
    split.undone_at, split.undone_by = now, actor
    split.inverse["undo"] = journal.changes
    split.inverse["undo_twins"] = journal.twins
    # To whoever follows the feed, a record that is gone again was merged.
    event = Event.objects.create(
        entity=source, other=target, type=Event.Type.MERGED if split.is_new else Event.Type.RESTORED, actor=actor,
        reason=reason[:2000], after={"split": split.pk, "undone": True},
    )  # fmt: skip
    split.inverse["undo_event"] = event.pk
    split.save(update_fields=["undone_at", "undone_by", "inverse"])
    transaction.on_commit(partial(entity_changed.send, sender=Entity, ids=sorted([source.pk, target.pk])))


def redo_split(split: Split | int, *, actor, reason: str = "") -> Split:
    """Split again what was put back together, as far as nothing was touched since; the same Split row stands again.

    Raises:
        MergeError: if the split stands, or something has happened since that would have to be undone first.
    """
    check_may_merge(actor)
    pk = split if isinstance(split, int) else split.pk
    known = Split.objects.filter(pk=pk).first()
    if known is None or known.undone_at is None:
        raise MergeError("There is no undone split of this number.")
    everyone = {known.source_id, known.target_id, *rows_of(known.inverse["undo"]).get("entities.entity", ())}

    def work(rows: dict[int, Entity]) -> Split:
        done = Split.objects.select_for_update(of=("self",)).select_related("source", "target").get(pk=pk)
        if done.undone_at is None:
            return done
        source, target = rows[done.source_id], rows[done.target_id]
        check_up(rows, (source.pk, target.pk))
        back = {"changes": done.inverse["undo"], "twins": done.inverse.get("undo_twins", {})}
        obstacle = later_operation(back, done.source_id, done.inverse["undo_event"])
        if obstacle is None and target.merged_into_id != (source.pk if done.is_new else None):
            obstacle = later_operation(back, done.target_id, done.inverse["undo_event"])
        if obstacle is not None:
            raise MergeError(obstacle.sentence)
        journal = Journal()
        moved = lock_rows(done.inverse["undo"])
        moved["entities.entity"] = {pk: rows.get(pk, row) for pk, row in moved.get("entities.entity", {}).items()}
        try:
            with transaction.atomic():
                take_back(done.inverse["undo"], moved, journal, adjust=still_unique)
        except IntegrityError as error:
            raise MergeError("What was entered since stands in the way; nothing was changed.") from error
        reindex(journal)
        is_described = descriptions_are_back(known.inverse["undo"], journal.changes)
        written([source, target], journal, describe=not is_described)
        done.undone_at, done.undone_by = None, None
        done.inverse = {
            **done.inverse, "changes": journal.changes, "twins": journal.twins, "last": last_rows(),
            "said": fingerprints(journal.changes),
            "earlier": [*done.inverse.get("earlier", []), {
                "changes": done.inverse["changes"], "event": done.inverse["event"],
                "undo": done.inverse["undo"], "undo_event": done.inverse["undo_event"],
            }],
        }  # fmt: skip
        event = Event.objects.create(
            entity=source, other=target, type=Event.Type.SPLIT, actor=actor, reason=reason[:2000],
            after={"split": done.pk, "again": True},
        )  # fmt: skip
        done.inverse["event"] = event.pk
        for name in ("undo", "undo_event", "undo_twins"):
            done.inverse.pop(name, None)
        done.save(update_fields=["undone_at", "undone_by", "inverse"])
        keep_down([done.source_id, done.target_id])
        transaction.on_commit(partial(entity_changed.send, sender=Entity, ids=sorted([source.pk, target.pk])))
        return done

    return atomically(everyone, work)
