"""A merge is taken back, alone or with those made in the same step; or made again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from entities.journal import Journal, lock_rows, rows_of, take_back, value_of
from entities.merging.facts import BY_LABEL
from entities.merging.joining import announce, merge_many
from entities.merging.moving import written
from entities.merging.planning import LaterEdit, UndoPlan, plan_undo
from entities.merging.refusals import MergeError, check_may_merge, check_up, keep_down
from entities.merging.restoring import descriptions_are_back, find_by_own_name, reindex, still_unique
from entities.merging.survivorship import all_fields
from entities.merging.transactions import atomically
from entities.models import Entity, Event, Merge, SourceRecord
from entities.signals import entity_unmerged, entity_unmerging


class UndoNeedsChoices(MergeError):
    """Something was touched since the merge; ``plan`` lists what, and where it may go."""

    def __init__(self, plan: UndoPlan):
        super().__init__(
            f"{len(plan.edits)} later change{'s' if len(plan.edits) != 1 else ''} must be sent to one record or the "
            "other first."
        )
        self.plan = plan


def undo(merge: Merge | int, *, actor, reason: str = "", choices: Mapping[str, str] | None = None) -> Merge:
    """Take a merge back: every row to where it was; an undone merge is left as it is.

    Args:
        choices: where later edits go, by ``LaterEdit.key``; what is not named goes where its default says. None is
            right only when nothing was touched since.

    Raises:
        UndoNeedsChoices: if something was touched since and no choices are given.
        MergeError: if a later merge or split has to be undone first.
        PermissionDenied: if the actor may not merge.
    """
    check_may_merge(actor)
    pk = merge if isinstance(merge, int) else merge.pk
    known = Merge.objects.filter(pk=pk).first()
    if known is None:
        raise MergeError("There is no such merge.")
    wanted = {known.survivor_id, known.absorbed_id, *rows_of(known.inverse["changes"]).get("entities.entity", ())}

    def work(rows: dict[int, Entity]) -> Merge:
        done = Merge.objects.select_for_update(of=("self",)).select_related("survivor", "absorbed").get(pk=pk)
        if done.undone_at is not None:
            return done
        check_up(rows, (known.survivor_id, known.absorbed_id))
        plan = plan_undo(done)
        if plan.refusal:
            raise MergeError(plan.refusal)
        if plan.edits and choices is None:
            raise UndoNeedsChoices(plan)
        _check_choices(plan.edits, choices or {})
        try:
            with transaction.atomic():
                _undo(done, rows, plan, dict(choices or {}), actor, reason)
        except IntegrityError as error:
            raise MergeError(
                "What was there before can no longer stand beside what was entered since; nothing was changed."
            ) from error
        return done

    return atomically(wanted, work)


def _check_choices(edits: Sequence[LaterEdit], choices: Mapping[str, str]) -> None:
    allowed = {edit.key: {value for value, _ in edit.options} for edit in edits}
    for key, value in choices.items():
        if key in allowed and value not in allowed[key]:
            raise MergeError(f"“{value}” is no choice for “{key}”.")


def _undo(merge: Merge, rows: dict[int, Entity], plan: UndoPlan, choices: dict, actor, reason: str) -> None:
    inverse, now = merge.inverse, timezone.now()
    survivor, absorbed = rows[merge.survivor_id], rows[merge.absorbed_id]
    before, others = ({name: value_of(one, name) for name in all_fields(one)} for one in (survivor, absorbed))
    chosen = {edit.key: choices.get(edit.key, edit.default) for edit in plan.edits}
    journal = Journal()
    moved = lock_rows(inverse["changes"])
    moved["entities.entity"] = {pk: rows.get(pk, row) for pk, row in moved.get("entities.entity", {}).items()}
    entity_unmerging.send(sender=Merge, merge=merge, journal=journal, choices=chosen)

    def keeps(label: str, pk: int, name: str) -> bool:
        if label == "entities.entity" and pk == survivor.pk:
            return chosen.get(f"field:{name.removeprefix('curated_fields.')}") == "survivor"
        return chosen.get(f"{label}:{pk}") == "survivor"

    take_back(inverse["changes"], moved, journal, keep=keeps, adjust=still_unique)
    _send_later_edits(journal, merge, survivor, absorbed, chosen, now)
    entity_unmerged.send(sender=Merge, merge=merge)
    reindex(journal)
    is_described = not plan.edits and descriptions_are_back(inverse["changes"], journal.changes)
    written([survivor, absorbed], journal, describe=not is_described)
    merge.undone_at, merge.undone_by = now, actor
    for record in (survivor, absorbed):
        find_by_own_name(journal, record)
    merge.inverse["undo"] = journal.changes
    was, now_is = _difference(before, survivor)
    event = Event.objects.create(
        entity=survivor, other=absorbed, type=Event.Type.RESTORED, actor=actor, reason=reason[:2000], before=was,
        after={"merge": merge.pk, **_sent(chosen, rows_of(inverse["changes"])), **now_is},
    )  # fmt: skip
    was, now_is = _difference(others, absorbed)
    if now_is:  # a value that was written since the merge came to it
        Event.objects.create(entity=absorbed, type=Event.Type.EDITED, actor=actor, before=was, after=now_is)
    merge.inverse["undo_event"] = event.pk
    merge.save(update_fields=["undone_at", "undone_by", "inverse"])
    keep_down([survivor.pk, absorbed.pk])
    announce([merge], [survivor.pk, absorbed.pk])


def _difference(before: Mapping, record: Entity) -> tuple[dict, dict]:
    """The fields of a record that are not what they were, before and after."""
    after = {name: value_of(record, name) for name in all_fields(record)}
    changed = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in changed}, {name: after.get(name) for name in changed}


def _sent(chosen: Mapping[str, str], moved: Mapping[str, Collection[int]]) -> dict[str, dict[str, int]]:
    """What was written since a merge and where it went, for the history: by key alone, as what it said may be struck."""
    told: dict[str, dict[str, int]] = {}
    for key, choice in sorted(chosen.items()):
        kind, _, name = key.partition(":")
        if kind != "field" and kind not in BY_LABEL:
            continue
        came_by_merge = kind in BY_LABEL and int(name) in moved.get(kind, ())
        if choice == "drop":
            told.setdefault("dropped", {})[key] = 1
        elif choice == "absorbed" and not came_by_merge:
            told.setdefault("sent", {})[key] = 1
        elif choice == "survivor" and came_by_merge:
            told.setdefault("kept", {})[key] = 1
    return told


def _send_later_edits(
    journal: Journal, merge: Merge, survivor: Entity, absorbed: Entity, chosen: Mapping[str, str], now
) -> None:
    """Carry out what was chosen about fields and facts written since the merge."""
    left, before = merge.inverse["values"], merge.inverse["before"]
    for key, choice in chosen.items():
        kind, _, name = key.partition(":")
        if kind == "field" and choice in ("absorbed", "drop"):
            value = value_of(survivor, name)
            if choice == "absorbed" and not (name == "name" and not value):
                journal.change_parts(absorbed, {name: value})
            journal.change_parts(survivor, {name: before.get(name, left.get(name))})
        elif choice == "drop" and kind in BY_LABEL:
            row = BY_LABEL[kind][0].objects.in_use().filter(pk=int(name)).first()
            if row is not None:
                journal.change([row], withdrawn_at=now.isoformat())
        elif choice == "absorbed" and (kind in BY_LABEL or kind == "entities.sourcerecord"):
            model, references, _ = BY_LABEL.get(kind, (SourceRecord, ("entity_id",), ()))
            row = model.objects.filter(pk=int(name)).first()
            if row is not None:
                new = {ref: absorbed.pk for ref in references if getattr(row, ref) == survivor.pk}
                if new:
                    journal.change([row], **new)


def redo(merge: Merge | int, *, actor, reason: str = "") -> Merge:
    """Merge again what an undo took apart, as it was merged then; a new Merge row.

    Raises:
        MergeError: if the merge stands, or one of the records was merged elsewhere since.
    """
    pk = merge if isinstance(merge, int) else merge.pk
    old = Merge.objects.filter(pk=pk).first()
    if old is None:
        raise MergeError("There is no such merge.")
    if old.undone_at is None:
        raise MergeError("This merge stands; there is nothing to redo.")
    both = {old.survivor_id, old.absorbed_id}
    return merge_many(
        survivor_id=old.survivor_id, absorbed_ids=[old.absorbed_id], actor=actor, reason=reason or old.reason,
        fields={name: winner for name, winner in old.inverse["fields"].items() if winner in both},
        override=bool(old.inverse["in_spite_of"]),
    )[0]  # fmt: skip


def undo_together(merge: Merge, *, actor, reason: str = "", choices: Mapping[str, str] | None = None) -> list[Merge]:
    """Undo a merge and those that were made with it in one step, the last first; errors as of ``undo``.

    Args:
        choices: as of ``undo``; with several merges ``absorbed:KEY`` names the merge whose record it goes to.
    """
    ids = merge.inverse.get("together", [merge.pk])
    with transaction.atomic():
        return [
            undo(pk, actor=actor, reason=reason, choices=None if choices is None else _choices_of(pk, choices))
            for pk in sorted(ids, reverse=True)
        ]


def _choices_of(pk: int, choices: Mapping[str, str]) -> dict[str, str]:
    """Of choices that name merges, what they mean for one of these: what another one's record gets stays for now."""
    meant = {}
    for key, value in choices.items():
        base, _, named = value.partition(":")
        meant[key] = "survivor" if named and named != str(pk) else base
    return meant
