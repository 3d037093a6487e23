"""``manage.py worker``: runs what waits in the database's queue of imports, with no other server."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections

from articles.importing import ledger, working
from articles.models import ImportJob
from entities.duplicates import compare_due
from entities.invariants import inspect_due

_TIDY_SECONDS = 3600


class Command(BaseCommand):
    help = (
        "Run imports that wait, and what follows them, until told to stop (SIGTERM or Ctrl-C: after the current batch). "
        "As many workers as you like share one database; each part of a job is one worker's at a time."
    )

    def add_arguments(self, parser):
        parser.add_argument("--drain", action="store_true", help="end when nothing is left to do")
        parser.add_argument("--job", type=int, metavar="JOB", help="of this job alone; end with it")
        parser.add_argument("--poll-seconds", type=float, default=2.0, help="between looks (%(default)s)")

        parser.add_argument(
            "--heartbeat",
            type=Path,
            metavar="FILE",
            help="touched between looks and after each batch: for health checks",
        )

    def handle(self, *, drain, job, poll_seconds, heartbeat, verbosity, **options):
        if job is not None and not ImportJob.objects.filter(pk=job).exists():
            raise CommandError(f"no import job {job}", returncode=2)
        self.is_stopped = False
        self.heartbeat = heartbeat
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            self._work(ledger.worker_name(), drain, job, poll_seconds, verbosity)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _work(self, worker: str, drain: bool, job: int | None, poll_seconds: float, verbosity: int) -> None:
        if verbosity:
            self.stdout.write(f"worker {worker}")
        tidied = time.monotonic()
        pause = 0.0
        while not self.is_stopped:
            try:
                close_old_connections()
                self._beat()
                if working.step(worker, job_id=job, stop=lambda: self.is_stopped, progress=self._beat):
                    pause = 0.0
                    continue
                if job is not None:
                    wait = ledger.next_look(job)
                    if wait is None:
                        break
                    self._sleep(min(wait, poll_seconds))
                    continue
                if working.tidy(lambda: self.is_stopped):
                    continue
                if compare_due() or inspect_due():
                    continue
                if drain and not ledger.is_anything_left():
                    break
                if time.monotonic() - tidied > _TIDY_SECONDS:
                    working.discard_old_uploads()
                    tidied = time.monotonic()
            except DatabaseError as error:  # a server that restarts
                pause = min(60.0, max(1.0, 2 * pause))
                self.stderr.write(f"the database does not answer, again in {pause:.0f} s: {error}")
            self._sleep(max(pause, poll_seconds))

    def _beat(self, rows: int = 0) -> None:
        if self.heartbeat is not None:
            self.heartbeat.touch()

    def _stop(self, number, frame):
        self.is_stopped = True

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.is_stopped and time.monotonic() < until:
            time.sleep(0.1)
