"""Imports by Celery: a task says which job there is work on; what is to be done, and by whom, the ledger says.

So a task that comes twice, or to two workers, does no harm, and one that is lost is sent anew by ``sweep_imports``. A task
does one step of its job and comes back until the job is over: as many tasks as a job has, so many workers share it.
"""

from __future__ import annotations

import logging
import random
from datetime import timedelta

from celery import shared_task
from django.db import DatabaseError
from django.dispatch import receiver
from kombu.exceptions import OperationalError

from articles.importing import ledger, working
from articles.signals import import_waiting
from entities.duplicates import compare_due
from entities.invariants import inspect_due

MOST_TASKS = 16  # of one job: no more workers share it
_LONGEST_WAIT = 60.0
_SILENT = timedelta(minutes=5)
_log = logging.getLogger("refdesk.imports")
_SAFE = {
    "acks_late": True, "reject_on_worker_lost": True, "max_retries": None, "ignore_result": True,
    "autoretry_for": (DatabaseError,), "retry_backoff": 2, "retry_backoff_max": 60,
}  # fmt: skip


@shared_task(bind=True, **_SAFE)
def import_step(self, job_id: int) -> None:
    """The next step of a job; then again, until it is over."""
    was_done = working.step(ledger.worker_name(), job_id=job_id)
    wait = ledger.next_look(job_id)
    if wait is not None:
        # Jitter: those that found nothing do not all come back at once.
        pause = 0 if was_done else min(_LONGEST_WAIT, wait) * random.uniform(1.0, 1.3)
        raise self.retry(countdown=pause)


@shared_task(**_SAFE)
def sweep_imports() -> None:
    """Tell workers again of jobs that do not get on, and do what waits for a quiet moment."""
    for job_id in ledger.stalled(_SILENT):
        import_step.delay(job_id)
    working.tidy()
    while compare_due():
        pass
    inspect_due()


@shared_task(**_SAFE)
def discard_old_uploads() -> None:
    """Remove uploaded files that nobody will come back to."""
    working.discard_old_uploads()


@receiver(import_waiting, dispatch_uid="articles.tasks")
def tell_workers(sender, job_id: int, tasks: int, **_) -> None:
    """Send tasks; with a broker that does not answer the job waits in the ledger, and ``sweep_imports`` finds it."""
    try:
        for _ in range(min(tasks, MOST_TASKS)):
            import_step.apply_async([job_id], retry=True, retry_policy={"max_retries": 1, "interval_start": 0.2})
    except OperationalError as error:
        _log.error("the broker does not answer, import %s waits: %s", job_id, error)
