"""Databases that are busy: somebody else writes just now, and it took too long to wait."""

from __future__ import annotations

from django.db import OperationalError

#: PostgreSQL: lock not available, deadlock, serialization failure.
_STATES = ("55P03", "40P01", "40001")


def is_contention(error: BaseException | None) -> bool:
    """Whether the same thing, tried again in a moment, may go well."""
    if not isinstance(error, OperationalError):
        return False
    return (getattr(error.__cause__, "sqlstate", "") or "") in _STATES or "locked" in str(error)
