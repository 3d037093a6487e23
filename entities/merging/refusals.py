"""What a merge, an undo and a split are refused for, in sentences for the curator."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from entities import takedown
from entities.models import Entity


class MergeError(Exception):
    """What cannot be done, in a sentence for the curator."""


def check_may_merge(actor) -> None:
    """Refuse who may not merge, undo and split; None is the system itself (an import of redirects)."""
    if actor is not None and not actor.has_perm("entities.merge_entity"):
        raise PermissionDenied(
            "Merging, undoing and splitting need the permission “Can merge, undo and split records”."
        )


def check_live(rows: dict[int, Entity], wanted: Iterable[int]) -> None:
    """Refuse a record that is unknown, taken down as a whole, or merged away."""
    for pk in sorted(wanted):
        row = rows.get(pk)
        if row is None:
            raise MergeError("One of the records does not exist.")
        if row.suppressed_at is not None:
            raise MergeError(f"{row.public_id} was taken down as a whole; nothing was changed.")
        if row.merged_into_id is not None:
            survivor = Entity.objects.get(pk=row.merged_into_id)
            raise MergeError(
                f"‹{row}› was merged into ‹{survivor}› ({survivor.public_id}) already; nothing was changed."
            )


def check_up(rows: dict[int, Entity], wanted: Iterable[int]) -> None:
    """Refuse a record that was taken down as a whole."""
    for pk in wanted:
        if pk in rows and rows[pk].suppressed_at is not None:
            raise MergeError(f"{rows[pk].public_id} was taken down as a whole; nothing was changed.")


def keep_down(ids: Iterable[int]) -> None:
    """What was taken down of one of these records stays down, whichever of them has it now."""
    try:
        takedown.enforce(ids)
    except takedown.TakedownError as error:
        raise MergeError(str(error)) from error
