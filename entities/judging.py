"""Verdicts on pairs: same, different, unsure. Kept for ever; the newest one of a pair stands."""

from __future__ import annotations

from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from entities.journal import locked_by_pk
from entities.models import DuplicateSuggestion, Entity, Event, Judgement
from entities.signals import entity_changed


class JudgeError(Exception):
    """A verdict that cannot be given, in a sentence for the curator."""


@transaction.atomic
def judge(a_id: int, b_id: int, verdict: str, *, actor, reason: str = "") -> Judgement:
    """Say whether two records are the same; the verdict before it is kept as history, an open suggestion is closed.

    A verdict on records that were merged meanwhile is one on their survivors. The same verdict by the same person, said
    twice, is said once.

    Raises:
        JudgeError: if the two are one record already, or the verdict is unknown.
        PermissionDenied: if the actor may not judge.
    """
    if verdict not in Judgement.Verdict.values:
        raise JudgeError(f"“{verdict}” is no verdict.")
    if actor is None or not actor.has_perm("entities.judge_entity"):
        raise PermissionDenied("This needs the permission “Can judge pairs of records”.")
    rows = locked_by_pk(Entity, [a_id, b_id])
    if len(rows) != 2:
        raise JudgeError("A pair is two records.")
    if any(row.suppressed_at is not None for row in rows.values()):
        raise JudgeError("One of the two was taken down.")
    if any(not row.is_current for row in rows.values()):
        live = {row.merged_into_id or row.pk for row in rows.values()}
        if len(live) == 1:
            raise JudgeError("The two were merged in the meantime.")
        rows = locked_by_pk(Entity, live)
    first, second = (rows[pk] for pk in sorted(rows))
    now = timezone.now()
    before = Judgement.objects.select_for_update(of=("self",)).filter(a=first, b=second, superseded_at=None).first()
    if before is not None and (before.verdict, before.actor_id, before.reason) == (verdict, actor.pk, reason):
        return before
    if before is not None:
        before.superseded_at = now
        before.save(update_fields=["superseded_at"])
    done = Judgement.objects.create(a=first, b=second, verdict=verdict, actor=actor, reason=reason[:2000])
    DuplicateSuggestion.objects.filter(a=first, b=second, closed_at=None).update(
        closed_at=now, claimed_by=None, claimed_until=None
    )
    Event.objects.create(
        entity=first, other=second, type=Event.Type.JUDGED, actor=actor, reason=reason[:2000],
        before={"verdict": before.verdict} if before else {}, after={"verdict": verdict},
    )  # fmt: skip
    transaction.on_commit(partial(entity_changed.send, sender=Judgement, ids=[first.pk, second.pk]))
    return done


@transaction.atomic
def take_back_verdict(judgement: Judgement, *, actor) -> None:
    """Withdraw a verdict that stands: the one before it stands again, or the pair is open again.

    Raises:
        JudgeError: if it does not stand any more.
        PermissionDenied: if the actor may not judge.
    """
    if actor is None or not actor.has_perm("entities.judge_entity"):
        raise PermissionDenied("This needs the permission “Can judge pairs of records”.")
    locked_by_pk(Entity, [judgement.a_id, judgement.b_id])
    row = Judgement.objects.select_for_update(of=("self",)).get(pk=judgement.pk)
    if row.superseded_at is not None:
        raise JudgeError("Another verdict was given in the meantime.")
    earlier = (
        Judgement.objects.filter(a=row.a_id, b=row.b_id, superseded_at__isnull=False, pk__lt=row.pk)
        .order_by("-pk")
        .first()
    )
    row.superseded_at = timezone.now()
    row.save(update_fields=["superseded_at"])
    restored = ""
    # What was superseded by this verdict stands again; what a merge superseded does not.
    if earlier is not None and abs((earlier.superseded_at - row.judged_at).total_seconds()) < 1:
        earlier.superseded_at = None
        earlier.save(update_fields=["superseded_at"])
        restored = earlier.verdict
    else:
        DuplicateSuggestion.objects.filter(a=row.a_id, b=row.b_id).update(closed_at=None)
    Event.objects.create(
        entity_id=row.a_id, other_id=row.b_id, type=Event.Type.JUDGED, actor=actor, reason=Event.TAKEN_BACK,
        before={"verdict": row.verdict}, after={"verdict": restored},
    )  # fmt: skip
    transaction.on_commit(partial(entity_changed.send, sender=Judgement, ids=[row.a_id, row.b_id]))
