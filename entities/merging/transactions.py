"""One transaction with the records locked, begun again when others are in the way.

Locks: records first, by key, then facts, table by table; and no wait is longer than ``_LOCK_TIMEOUT_MS``, well before
PostgreSQL looks for deadlocks, so that it is always the merge that gives way, and begins again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from django.db import OperationalError, connection, transaction

from config.contention import is_contention
from entities.journal import locked_by_pk
from entities.merging.refusals import MergeError
from entities.models import Entity

_LOCK_TIMEOUT_MS = 400  # PostgreSQL looks for deadlocks after 1,000 ms of waiting
_PATIENCE_SECONDS = 60


class LockMore(Exception):
    """The records to be locked turned out to be more than those that were."""

    def __init__(self, ids: set[int]):
        super().__init__()
        self.ids = ids


def atomically(ids: set[int], work: Callable[[dict[int, Entity]], object]):
    """Run ``work`` in one transaction with records locked by key; begin again when others are in the way."""
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    attempt = 0
    while True:
        try:
            with transaction.atomic(), _short_waits():
                return work(locked_by_pk(Entity, ids))
        except LockMore as more:
            ids = ids | more.ids
        except OperationalError as error:
            if not is_contention(error) or time.monotonic() > give_up_at:
                if is_contention(error):
                    raise MergeError(
                        "Others are changing these records just now; nothing was changed. Please try again."
                    ) from error
                raise
            attempt += 1
            time.sleep(random.uniform(0.005, min(0.02 * 2 ** min(attempt, 5), 0.4)))


class _short_waits:
    """Inside: no statement waits long for a lock on PostgreSQL. SQLite has one writer at a time, from BEGIN on."""

    def __enter__(self):
        self.before = None
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('lock_timeout')")
                self.before = cursor.fetchone()[0]
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{_LOCK_TIMEOUT_MS}ms"])

    def __exit__(self, kind, *_):
        # After an error the savepoint or transaction takes the setting back by itself.
        if self.before is not None and kind is None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [self.before])
