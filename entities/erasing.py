"""The one door in what is written down for ever: what events say may be erased, where the law demands it.

An event that says nothing any more still tells that something happened, to which record, when and by whom: the change
feed, the redirects and the counts of ``manage.py fsck`` go on being right. The database lets nothing else through
(``entities/guards.py``).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction

from entities.journal import AT_ONCE
from entities.models import Erasure, Event

#: What a tombstone keeps: numbers and marks that other rows rely on, no content.
KEPT = ("merge", "split", "undone", "again")


class ErasingError(Exception):
    """What cannot be erased, in a sentence."""


@transaction.atomic
def erase_events(events: Iterable[int], *, actor, reason: str) -> Erasure:
    """Replace what events say, values and reasons, by a tombstone. It cannot be taken back.

    A tombstone is ``{"erased": KEY OF THE ERASURE, "fields": [names of what had changed], …}``; names of fields are no
    content. Events erased before are left as they are. What the records, their facts and the journals of merges say is
    not touched: edit or withdraw that first.

    Args:
        events: keys of events.
        actor: who orders it: needs the permission “Can erase what events say”.
        reason: on what ground; kept in the Erasure. Do not repeat there what is erased.

    Raises:
        ErasingError: without a reason, or if an event does not exist; nothing is changed then.
        PermissionDenied: if the actor may not.
    """
    if actor is None or not actor.has_perm("entities.erase_event"):
        raise PermissionDenied("Erasing needs the permission “Can erase what events say”.")
    if not reason.strip():
        raise ErasingError("Say on what ground the events are erased.")
    wanted = sorted(set(events))
    found: list[Event] = []
    for start in range(0, len(wanted), AT_ONCE):
        found += Event.objects.filter(pk__in=wanted[start : start + AT_ONCE]).order_by("pk")
    if len(found) != len(wanted):
        missing = sorted(set(wanted) - {event.pk for event in found})
        raise ErasingError(f"There is no event {missing[0]}.")
    standing = [event for event in found if "erased" not in event.after]
    done = Erasure.objects.create(actor=actor, reason=reason.strip()[:2000], events=len(standing))
    for event in standing:
        names = sorted({*event.before, *event.after} - set(KEPT))
        kept = {name: event.after[name] for name in KEPT if name in event.after}
        Event.objects.filter(pk=event.pk).update(
            before={}, after={"erased": done.pk, "fields": names, **kept}, reason=""
        )
    return done
