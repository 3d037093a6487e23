"""Articles in bulk: durable jobs, whose every batch stores its rows, what was found in them, and the cursor together.

A crash leaves whole batches or none; running the same files again adds nothing, resuming a job skips what it has read.

- ``planning``: files → parts;  ``ledger``: who works at which part, and what was stored
- ``storing``: rows → articles;  ``working``: what a worker does;  ``uploads``: files that were sent to us
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import transaction

from articles.importing import ledger, planning, uploads, working
from articles.importing.options import Options, limits
from articles.models import ImportJob
from articles.readers import RowError

ERRORS_TOLD = 1000
_POLL_SECONDS = 0.5

__all__ = ["Options", "Summary", "begin", "import_articles", "limits", "run_job", "summary_of"]


@dataclass(slots=True)
class Summary:
    """What an import did."""

    job: int | None = None
    status: str = ""
    rows: int = 0
    new: int = 0
    changed: int = 0
    known: int = 0
    refused: int = 0
    mentions: int = 0
    message: str = ""
    errors: list[RowError] = field(default_factory=list)  # the first thousand
    warnings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"{self.rows} rows: {self.new} articles new, {self.changed} changed, {self.known} known already, "
            f"{self.refused} refused; {self.mentions} mentions"
        ]
        lines += [f"  warning: {text}" for text in self.warnings]
        lines += [f"  {error}" for error in self.errors[:50]]
        return "\n".join(lines)


class DryRun(Exception):
    """Raised to roll everything back."""


class ImportFailed(Exception):
    """The job ended before its files did; its message says why."""


def import_articles(
    paths: Sequence[Path],
    options: Options | None = None,
    *,
    upload: str = "",
    workers: int = 1,
    progress: Callable[[int], object] | None = None,
) -> Summary:
    """Read files and store their articles, linked; in this process, or in several.

    Args:
        paths: files, or folders of them.
        upload: instead, the name of a file that ``uploads`` stored; it is removed at the end.
        workers: processes that share the work.
        progress: called with the number of rows after each batch.

    Raises:
        OSError: if a file cannot be read.
        ImportFailed: if the job failed; what it had stored stays.
    """
    options = options or Options()
    if not options.dry_run:
        return run_job(begin(paths, options, upload=upload, workers=workers), workers=workers, progress=progress)
    summary = Summary()
    try:
        with transaction.atomic():
            job = begin(paths, options, upload=upload)
            summary = run_job(job, progress=progress, is_renewing=False)
            raise DryRun
    except DryRun:
        summary.job = None
        return summary


def begin(
    paths: Sequence[Path], options: Options, *, upload: str = "", workers: int = 1, for_workers: bool = False
) -> ImportJob:
    """A job over these files, not run yet.

    Args:
        upload: instead, the name of a file that ``uploads`` stored.
        workers: how many will share it.
        for_workers: leave it to the workers, who must be able to read the files.

    Raises:
        OSError: if there is no such file.
    """
    files = planning.list_files([uploads.path_of(upload)] if upload else paths)
    job = ledger.create_job(
        options=options, files=[] if upload else [str(path.resolve()) for path in files], upload=upload,
        for_workers=for_workers, label="\n".join(map(str, paths)) or "-",
    )  # fmt: skip
    if workers > 1:
        job.options["part_bytes"] = planning.part_bytes(files, workers)
        job.save(update_fields=["options"])
    return job


def run_job(
    job: ImportJob,
    *,
    workers: int = 1,
    progress: Callable[[int], object] | None = None,
    is_renewing: bool = True,
) -> Summary:
    """Run a job to its end: here, or in so many processes.

    Raises:
        ImportFailed: if it failed or was cancelled meanwhile.
        KeyboardInterrupt: after the job was marked as one to be resumed.
    """
    try:
        if workers > 1:
            _run_in_processes(job, workers, progress)
        else:
            _run_here(job, progress, is_renewing)
    except KeyboardInterrupt:
        ImportJob.objects.filter(pk=job.pk).update(
            status=ImportJob.Status.CANCELLED, message=f"interrupted; go on with --resume {job.pk}"
        )
        raise
    job.refresh_from_db()
    if job.status != ImportJob.Status.DONE:
        raise ImportFailed(f"import {job.pk} {job.get_status_display().lower()}: {job.message}")
    return summary_of(job)


def _run_here(job: ImportJob, progress, is_renewing: bool) -> None:
    worker = ledger.worker_name()
    while True:
        # One try: whoever waits at a terminal learns at once what is wrong.
        while working.step(worker, job_id=job.pk, progress=progress, patience=1, is_renewing=is_renewing):
            pass
        wait = ledger.next_look(job.pk)
        if wait is None:
            return
        time.sleep(min(wait, 2.0))  # another process has a part of it


def _run_in_processes(job: ImportJob, workers: int, progress) -> None:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", "--job", str(job.pk), "--verbosity", "0"]
    processes = [subprocess.Popen(command, start_new_session=True) for _ in range(workers)]
    told = 0
    try:
        while any(process.poll() is None for process in processes):
            time.sleep(_POLL_SECONDS)
            rows = ImportJob.objects.values_list("rows_read", flat=True).get(pk=job.pk)
            if progress is not None and rows > told:
                progress(rows - told)
            told = rows
    finally:
        for process in processes:
            if process.poll() is None:
                process.terminate()
        for process in processes:
            process.wait()
    # Whoever died left a part behind: it is finished here.
    _run_here(job, progress, True)


def summary_of(job: ImportJob) -> Summary:
    """A job's figures and its first refusals."""
    return Summary(
        job=job.pk, status=job.status, rows=job.rows_read, new=job.articles_new, changed=job.articles_changed,
        known=job.articles_known, refused=job.rows_refused, mentions=job.mentions, message=job.message,
        errors=[
            RowError(one.file, one.line or 0, one.reason, one.excerpt)
            for one in ledger.refused_rows(job)[:ERRORS_TOLD]
        ],
        warnings=list(job.warnings),
    )  # fmt: skip
