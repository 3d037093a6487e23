"""Two records become one, or several do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from django.db import transaction
from django.utils import timezone

from entities.journal import Journal, locked, value_of
from entities.merging.facts import fingerprints, last_rows
from entities.merging.moving import keep_name, move_facts, move_verdicts, settle_contests, written
from entities.merging.refusals import MergeError, check_live, check_may_merge, keep_down
from entities.merging.survivorship import FIELDS, all_fields, propose_fields, take_fields
from entities.merging.transactions import LockMore, atomically
from entities.merging.weighing import contradictions
from entities.models import Entity, Event, Merge
from entities.signals import entity_changed, entity_merged, entity_merging

MAX_TOGETHER = 20  # records that a page merges in one step


def merge(
    *,
    survivor_id: int,
    absorbed_id: int,
    actor,
    reason: str = "",
    fields: Mapping[str, int] | None = None,
    override: bool = False,
) -> Merge:
    """Redirect one record to another; the Merge row keeps all that ``undo`` needs to restore the earlier state.

    Args:
        survivor_id, absorbed_id: keys of two live records.
        actor: who does it; None for the system itself.
        fields: winners, ``{"name": absorbed_id, …}``: a field of ``FIELDS`` or ``"attributes.…"`` and the key of the
            record whose value is kept. ``propose_fields`` decides about the others.
        override: go on in spite of ``contradictions``; needs a reason.

    Raises:
        MergeError: with a sentence for the curator, and nothing changed.
        PermissionDenied: if the actor may not merge.
    """
    return merge_many(
        survivor_id=survivor_id, absorbed_ids=[absorbed_id], actor=actor, reason=reason, fields=fields,
        override=override,
    )[0]  # fmt: skip


def merge_many(
    *,
    survivor_id: int,
    absorbed_ids: Iterable[int],
    actor,
    reason: str = "",
    fields: Mapping[str, int] | None = None,
    override: bool = False,
) -> list[Merge]:
    """Redirect several records to one, in one transaction: all or none. Arguments and errors as of ``merge``."""
    check_may_merge(actor)
    absorbed_ids = sorted(set(absorbed_ids))
    if survivor_id in absorbed_ids:
        raise MergeError("A record cannot be merged into itself.")
    if not absorbed_ids:
        raise MergeError("Choose at least two records to merge.")
    everyone = {survivor_id, *absorbed_ids}
    for name, winner in (fields or {}).items():
        if winner not in everyone:
            raise MergeError(f"The value of “{name}” must come from one of the records that are merged.")
        if name not in FIELDS and not name.startswith("attributes."):
            raise MergeError(f"A merge does not choose “{name}”.")

    def work(rows: dict[int, Entity]) -> list[Merge]:
        check_live(rows, everyone)
        children = set(Entity.objects.filter(merged_into__in=absorbed_ids).values_list("pk", flat=True))
        if children - rows.keys():
            raise LockMore(children)
        done: list[Merge] = []
        for absorbed_id in absorbed_ids:
            done.append(_merge_one(rows[survivor_id], rows[absorbed_id], actor, reason, dict(fields or {}), override))
        if len(done) > 1:
            for one in done:
                one.inverse["together"] = [other.pk for other in done]
                one.save(update_fields=["inverse"])
        keep_down([survivor_id])
        announce(done, everyone)
        return done

    return atomically(everyone, work)


def _merge_one(survivor: Entity, absorbed: Entity, actor, reason: str, fields: dict[str, int], override: bool) -> Merge:
    against = contradictions(survivor, absorbed)
    if against and not override:
        raise MergeError(" ".join(against) + " If they are one all the same, say why.")
    if against and not reason.strip():
        raise MergeError("Say why, to merge records that contradict each other.")
    now = timezone.now()
    journal = Journal()
    winners = propose_fields(survivor, absorbed)
    for name, winner in fields.items():
        if name in winners:
            # Of several absorbed records each takes its turn; a value won by a third one is not this one's to set.
            winners[name] = absorbed.pk if winner == absorbed.pk else survivor.pk
    before = {name: value_of(survivor, name) for name in winners}
    both = (survivor.pk, absorbed.pk)
    own_name = survivor.name
    take_fields(
        journal, survivor, absorbed, winners, chosen={name for name, winner in fields.items() if winner in both}
    )
    move_facts(journal, survivor.pk, absorbed.pk, now)
    settle_contests(journal, survivor.pk)
    for name in dict.fromkeys((own_name, absorbed.name)):
        keep_name(journal, survivor, name, origin_id=survivor.pk if name == own_name else absorbed.pk)
    move_verdicts(journal, survivor.pk, absorbed.pk, now)
    entity_merging.send(sender=Merge, survivor_id=survivor.pk, absorbed_id=absorbed.pk, journal=journal)
    children = locked(Entity.objects.filter(merged_into=absorbed.pk))
    journal.change(children, merged_into_id=survivor.pk)
    journal.change([absorbed], merged_into_id=survivor.pk)
    written([survivor, absorbed], journal)
    done = Merge.objects.create(
        survivor=survivor, absorbed=absorbed, actor=actor, reason=reason[:2000],
        inverse={
            "changes": journal.changes,
            "twins": journal.twins,
            "fields": fields,
            "in_spite_of": against,
            "said": fingerprints(journal.changes),
            "values": {name: value_of(survivor, name) for name in all_fields(survivor)},
            "before": {name: old for name, old in before.items() if value_of(survivor, name) != old},
            "last": last_rows(),
        },
    )  # fmt: skip
    event = Event.objects.create(
        entity=survivor, other=absorbed, type=Event.Type.MERGED, actor=actor, reason=reason[:2000],
        before={name: old for name, old in before.items() if value_of(survivor, name) != old},
        after={
            "merge": done.pk,
            **{name: value_of(survivor, name) for name, old in before.items() if value_of(survivor, name) != old},
        },
    )  # fmt: skip
    done.inverse["event"] = event.pk
    done.save(update_fields=["inverse"])
    return done


def note_merge_elsewhere(survivor: Entity, absorbed: Entity) -> Merge:
    """Keep a merge that another database did: ``absorbed`` is a bare signpost, its facts came with the survivor."""
    journal = Journal()
    journal.change([absorbed], merged_into_id=survivor.pk)
    reason = "merged elsewhere, and imported as merged"
    done = Merge.objects.create(
        survivor=survivor, absorbed=absorbed, reason=reason,
        inverse={
            "changes": journal.changes, "twins": {}, "fields": {}, "in_spite_of": [], "said": {}, "before": {},
            "values": {name: value_of(survivor, name) for name in all_fields(survivor)}, "last": last_rows(),
        },
    )  # fmt: skip
    event = Event.objects.create(
        entity=survivor, other=absorbed, type=Event.Type.MERGED, reason=reason, after={"merge": done.pk}
    )
    done.inverse["event"] = event.pk
    done.save(update_fields=["inverse"])
    return done


def announce(done: Iterable[Merge], ids: Iterable[int]) -> None:
    """Tell other apps on commit, of each merge or undo and once of the records that changed."""
    for one in done:
        transaction.on_commit(partial(entity_merged.send, sender=Merge, merge=one))
    transaction.on_commit(partial(entity_changed.send, sender=Entity, ids=sorted(ids)))
