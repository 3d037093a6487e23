"""The ledger: who works at what until when, what was stored, how far it got. Every step is one short transaction.

A worker holds a lease on what it works at and renews it. Who is silent for too long loses it to another; what it stores
afterwards is refused, because each batch is stored in one transaction with its cursor, which first locks the part and
looks whether the lease is still there. So nothing is lost and nothing doubled, whenever a process dies; clocks that
disagree cost work, never rows.

Locks are taken in one order: parts, then their job; they leave the keys free (``no_key``), which new rows refer to.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from articles.importing import storing, uploads
from articles.importing.options import Options
from articles.importing.planning import Planned
from articles.models import ImportBatch, ImportJob, ImportPart, ImportRowError
from articles.readers import RowError
from articles.signals import import_waiting

PATIENCE = 5  # tries after errors; a worker that dies is another matter
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=10)
_MOST_WARNINGS = 100
_OPEN = (ImportJob.Status.QUEUED, ImportJob.Status.RUNNING)
_log = logging.getLogger("refdesk.imports")


class LeaseLost(Exception):
    """The part is another's by now, or its job was cancelled: what was prepared is not stored."""


class JobError(Exception):
    """What is asked of a job cannot be done, with a sentence for whoever asked."""


def worker_name() -> str:
    """A name for a process that no other has: host, process, and chance."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


def lease() -> timedelta:
    """How long a worker is believed to live without being heard of."""
    return timedelta(seconds=settings.IMPORT_LEASE_SECONDS)


def _free(now) -> Q:
    return Q(leased_until=None) | Q(leased_until__lt=now)


def _due(now) -> Q:
    return Q(retry_at=None) | Q(retry_at__lte=now)


# --- Jobs ------------------------------------------------------------------------------------------------------------
def create_job(
    *, options: Options, files: Sequence[str] = (), upload: str = "", label: str, by=None, for_workers: bool = True,
    is_draft: bool = False,
) -> ImportJob:  # fmt: skip
    """A job that waits for a worker; workers hear of it once it is committed.

    Args:
        files: absolute paths, which every worker that may take the job can open.
        upload: or the name of a file that ``uploads`` stored.
        label: what people call it.
        is_draft: it waits for its columns first.
    """
    job = ImportJob.objects.create(
        path=label[:2000], files=list(files), upload=upload, options=options.to_json(), created_by=by,
        for_workers=for_workers, status=ImportJob.Status.DRAFT if is_draft else ImportJob.Status.QUEUED,
    )  # fmt: skip
    if not is_draft:
        announce(job)
    return job


def announce(job: ImportJob) -> None:
    """Tell workers, on commit, that there is work; those who hear nothing find it by looking."""
    if job.for_workers:
        transaction.on_commit(partial(import_waiting.send_robust, sender=ImportJob, job_id=job.pk, tasks=1))


@transaction.atomic
def set_columns(job_id: int, options: Options) -> ImportJob:
    """A draft gets its columns, and waits for a worker from now on.

    Raises:
        JobError: if it is no draft any more.
    """
    job = ImportJob.objects.select_for_update(no_key=True).get(pk=job_id)
    if job.status != ImportJob.Status.DRAFT:
        raise JobError("The import has begun already.")
    job.options, job.status = options.to_json(), ImportJob.Status.QUEUED
    job.save(update_fields=["options", "status"])
    announce(job)
    return job


@transaction.atomic
def cancel(job_id: int) -> ImportJob:
    """Stop a job: what is stored stays; a worker that is at it stores nothing more.

    Raises:
        JobError: if it has ended.
    """
    parts = ImportPart.objects.filter(job=job_id, status=ImportPart.Status.RUNNING)
    list(parts.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    job = ImportJob.objects.select_for_update(no_key=True).get(pk=job_id)
    if job.status not in (*_OPEN, ImportJob.Status.DRAFT):
        raise JobError(f"The import is {job.get_status_display().lower()} already.")
    parts.update(status=ImportPart.Status.WAITING, leased_by="", leased_until=None)
    job.status, job.finished_at, job.message = ImportJob.Status.CANCELLED, timezone.now(), "cancelled"
    job.leased_by, job.leased_until = "", None
    job.save(update_fields=["status", "finished_at", "message", "leased_by", "leased_until"])
    return job


@transaction.atomic
def resume(job_id: int, *, for_workers: bool) -> ImportJob:
    """Let a job that was cancelled, failed or lost its process go on where it stopped.

    Args:
        for_workers: False: the caller runs it, and takes it from whoever is thought to.

    Raises:
        JobError: if it is done, or its file is gone.
    """
    parts = ImportPart.objects.filter(job=job_id).exclude(status=ImportPart.Status.DONE)
    list(parts.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    job = ImportJob.objects.select_for_update(no_key=True).get(pk=job_id)
    if job.status == ImportJob.Status.DONE:
        raise JobError("The import is done.")
    if job.status == ImportJob.Status.DRAFT:
        raise JobError("The import waits for its columns.")
    if job.status in _OPEN and job.for_workers and for_workers:
        raise JobError("The import is under way.")
    if job.planned_at is None and not job.files and not job.upload:
        raise JobError("It is not known any more what was to be read: import the files again.")
    if job.upload and not uploads.path_of(job.upload).is_file():
        raise JobError("The file is not kept any more: send it again.")
    parts.update(
        status=ImportPart.Status.WAITING, leased_by="", leased_until=None, attempts=0, retry_at=None, message=""
    )
    job.status = ImportJob.Status.QUEUED
    job.for_workers = for_workers
    job.message, job.finished_at, job.attempts, job.retry_at = "", None, 0, None
    job.leased_by, job.leased_until = "", None
    job.save()
    waiting = parts.count()
    if for_workers:
        tasks = max(1, waiting)
        transaction.on_commit(partial(import_waiting.send_robust, sender=ImportJob, job_id=job.pk, tasks=tasks))
    return job


# --- Planning --------------------------------------------------------------------------------------------------------
@transaction.atomic
def claim_job(worker: str, job_id: int | None = None) -> ImportJob | None:
    """A job whose parts are not laid out yet, leased."""
    now = timezone.now()
    rows = ImportJob.objects.filter(_free(now), _due(now), status__in=_OPEN, planned_at=None)
    rows = rows.filter(for_workers=True) if job_id is None else rows.filter(pk=job_id)
    job = rows.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("pk").first()
    if job is not None:
        job.leased_by, job.leased_until, job.attempts = worker, now + lease(), job.attempts + 1
        job.status, job.started_at, job.moved_at = ImportJob.Status.RUNNING, job.started_at or now, now
        job.save(update_fields=["leased_by", "leased_until", "attempts", "status", "started_at", "moved_at"])
    return job


@transaction.atomic
def lay_out(job: ImportJob, worker: str, parts: Sequence[Planned]) -> None:
    """Store a job's parts.

    Raises:
        LeaseLost: if another does it.
    """
    held = _held_job(job, worker)
    if held.planned_at is not None:
        raise LeaseLost
    ImportPart.objects.bulk_create(
        [
            ImportPart(
                job=held, number=number, files=[list(file) for file in one.files], start=one.start, end=one.end,
                first_line=one.first_line, size=one.size,
            )
            for number, one in enumerate(parts, 1)
        ],
        batch_size=200,
    )  # fmt: skip
    held.planned_at, held.total_bytes = timezone.now(), sum(one.size for one in parts)
    held.leased_by, held.leased_until, held.attempts = "", None, 0
    held.save(update_fields=["planned_at", "total_bytes", "leased_by", "leased_until", "attempts"])
    if not parts:
        _end_job(held)
    elif held.for_workers and len(parts) > 1:
        # One task is there already.
        send = partial(import_waiting.send_robust, sender=ImportJob, job_id=held.pk, tasks=len(parts) - 1)
        transaction.on_commit(send)


def _held_job(job: ImportJob, worker: str) -> ImportJob:
    held = (
        ImportJob.objects.select_for_update(no_key=True).filter(pk=job.pk, leased_by=worker, status__in=_OPEN).first()
    )
    if held is None:
        raise LeaseLost
    return held


@transaction.atomic
def planning_failed(job: ImportJob, worker: str, error: Exception, *, patience: int = PATIENCE) -> None:
    """A job that could not be laid out is tried again later, or given up."""
    held = ImportJob.objects.select_for_update(no_key=True).filter(pk=job.pk, leased_by=worker).first()
    if held is None:
        return
    held.message = _told(error)
    held.leased_by, held.leased_until = "", None
    if held.attempts >= patience:
        held.status, held.finished_at = ImportJob.Status.FAILED, timezone.now()
    else:
        held.retry_at = timezone.now() + pause(held.attempts)
    held.save(update_fields=["message", "leased_by", "leased_until", "status", "finished_at", "retry_at"])


# --- Parts -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def claim_part(worker: str, job_id: int | None = None) -> ImportPart | None:
    """The next part that nobody works at, leased; of one job, or of any that is the workers'."""
    now = timezone.now()
    is_free = Q(status=ImportPart.Status.WAITING) | Q(_free(now), status=ImportPart.Status.RUNNING)
    rows = ImportPart.objects.filter(is_free, _due(now), job__status__in=_OPEN).select_related("job")
    rows = rows.filter(job__for_workers=True) if job_id is None else rows.filter(job=job_id)
    part = rows.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("job_id", "number").first()
    if part is None:
        return None
    part.status, part.leased_by, part.leased_until = ImportPart.Status.RUNNING, worker, now + lease()
    part.attempts += 1
    part.save(update_fields=["status", "leased_by", "leased_until", "attempts"])
    open_ = ImportJob.objects.filter(pk=part.job_id, status__in=_OPEN)
    if not open_.update(
        status=ImportJob.Status.RUNNING, started_at=Coalesce("started_at", now), moved_at=now
    ):  # cancelled this very moment
        transaction.set_rollback(True)
        return None
    part.job.refresh_from_db()
    return part


def unpacked_elsewhere(part: ImportPart) -> int:
    """Bytes that were unpacked in the job's other parts, as far as their batches are stored."""
    others = ImportPart.objects.filter(job=part.job_id, cursor__unpacked__gt=0).exclude(pk=part.pk)
    return sum(others.values_list("cursor__unpacked", flat=True))


def renew(part: ImportPart, worker: str) -> None:
    """Say that the worker lives."""
    ImportPart.objects.filter(pk=part.pk, leased_by=worker, status=ImportPart.Status.RUNNING).update(
        leased_until=timezone.now() + lease()
    )


def renew_job(job: ImportJob, worker: str) -> None:
    """Say that the worker lives that lays out a job."""
    ImportJob.objects.filter(pk=job.pk, leased_by=worker).update(leased_until=timezone.now() + lease())


def _held(part: ImportPart, worker: str) -> ImportPart:
    """The part, locked until the transaction ends, if the worker still has it."""
    held = ImportPart.objects.select_for_update(no_key=True).filter(
        pk=part.pk, leased_by=worker, status=ImportPart.Status.RUNNING
    ).first()  # fmt: skip
    if held is None:
        raise LeaseLost
    return held


@transaction.atomic
def commit_batch(
    part: ImportPart, worker: str, ready: storing.Prepared, *, before: dict, after: dict
) -> storing.Stored:
    """Store a batch, its refusals and the cursor behind it: all of it or nothing.

    Args:
        before, after: the cursor that the batch was read from, and the one behind it; ``rows`` of each counts the
            part's rows; ``attempts`` of the latter is how many are still counted.

    Raises:
        LeaseLost: if the part is another's by now.
        storing.Moved: if the batch must be prepared anew.
    """
    held = _held(part, worker)
    if (held.cursor or {}).get("rows", 0) != before.get("rows", 0):
        raise LeaseLost
    stored = storing.store(ready)
    ImportRowError.objects.bulk_create(
        ImportRowError(
            job_id=part.job_id, file=e.file[:2000], line=e.line, reason=e.reason[:1000], excerpt=e.excerpt[:500]
        )
        for e in ready.errors
    )  # fmt: skip
    first, last = before.get("rows", 0) + 1, after["rows"]
    number = before.get("batches", 0) + 1
    ImportBatch.objects.create(part=held, number=number, first_row=first, last_row=last, articles_new=stored.new)
    now = timezone.now()
    attempts = after.get("attempts", 0)
    held.cursor = {**after, "batches": number}
    held.cursor.pop("attempts", None)
    held.leased_until, held.attempts, held.retry_at = now + lease(), attempts, None
    held.save(update_fields=["cursor", "leased_until", "attempts", "retry_at"])
    open_ = ImportJob.objects.filter(pk=part.job_id, status__in=_OPEN)
    if ready.warnings:
        _warn(part.job_id, ready.warnings)
    if not open_.update(
        rows_read=F("rows_read") + last - first + 1, articles_new=F("articles_new") + stored.new,
        articles_changed=F("articles_changed") + stored.changed, articles_known=F("articles_known") + stored.known,
        rows_refused=F("rows_refused") + stored.refused, mentions=F("mentions") + stored.mentions, moved_at=now,
    ):  # fmt: skip
        raise LeaseLost
    part.cursor, part.attempts = held.cursor, attempts
    return stored


def _warn(job_id: int, warnings: set[str]) -> None:
    job = ImportJob.objects.select_for_update(no_key=True).only("pk", "warnings").get(pk=job_id)
    known = set(job.warnings)
    if len(known) < _MOST_WARNINGS and not warnings <= known:
        job.warnings = sorted(known | warnings)[:_MOST_WARNINGS]
        job.save(update_fields=["warnings"])


@transaction.atomic
def release(part: ImportPart, worker: str) -> None:
    """Give a part back unfinished: another goes on where this worker stopped."""
    ImportPart.objects.filter(pk=part.pk, leased_by=worker, status=ImportPart.Status.RUNNING).update(
        status=ImportPart.Status.WAITING, leased_by="", leased_until=None, attempts=0
    )


@transaction.atomic
def part_done(part: ImportPart, worker: str) -> None:
    """A part is read to its end, where its cursor stands; with the last one the job is over.

    Raises:
        LeaseLost: if the part is another's by now.
    """
    held = _held(part, worker)
    held.cursor = part.cursor
    held.status, held.leased_by, held.leased_until, held.message = ImportPart.Status.DONE, "", None, ""
    held.save(update_fields=["cursor", "status", "leased_by", "leased_until", "message"])
    _end_if_last(part.job_id)


@transaction.atomic
def part_failed(part: ImportPart, worker: str, error: Exception, *, patience: int = PATIENCE) -> None:
    """A part that could not be read is tried again later; after ``patience`` tries it is given up."""
    held = ImportPart.objects.select_for_update(no_key=True).filter(pk=part.pk, leased_by=worker).first()
    if held is None or held.status != ImportPart.Status.RUNNING:
        return
    held.leased_by, held.leased_until, held.message = "", None, _told(error)
    if held.attempts >= patience:
        held.status = ImportPart.Status.FAILED
    else:
        held.status, held.retry_at = ImportPart.Status.WAITING, timezone.now() + pause(held.attempts)
    held.save(update_fields=["leased_by", "leased_until", "message", "status", "retry_at"])
    if held.status == ImportPart.Status.FAILED:
        _end_if_last(part.job_id)


def pause(attempts: int) -> timedelta:
    """Before the next try: doubled each time."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** max(0, attempts - 1))


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000].replace("\0", "")


def _end_if_last(job_id: int) -> None:
    """Within the transaction that ends a part. The job's lock makes two that end at once see each other."""
    job = ImportJob.objects.select_for_update(no_key=True).get(pk=job_id)
    over = (ImportPart.Status.DONE, ImportPart.Status.FAILED)
    if job.status in _OPEN and not job.parts.exclude(status__in=over).exists():
        _end_job(job)


def _end_job(job: ImportJob) -> None:
    failed = list(job.parts.filter(status=ImportPart.Status.FAILED).order_by("number")[:3])
    job.status = ImportJob.Status.FAILED if failed else ImportJob.Status.DONE
    job.message = "; ".join(one.message for one in failed)[:2000]
    job.finished_at, job.is_follow_up_due = timezone.now(), job.mentions > 0
    job.save(update_fields=["status", "message", "finished_at", "is_follow_up_due"])
    if job.upload and not failed:
        transaction.on_commit(partial(uploads.discard, job.upload), robust=True)
    _log.info("import %s is over: %s", job.pk, job.status, extra={"job": job.pk, "rows": job.rows_read})


# --- What follows ----------------------------------------------------------------------------------------------------
@transaction.atomic
def claim_follow_up(worker: str, job_id: int | None = None) -> ImportJob | None:
    """A job that is over and after which something is still to be done, leased."""
    now = timezone.now()
    rows = ImportJob.objects.filter(_free(now), is_follow_up_due=True)
    rows = rows.filter(for_workers=True) if job_id is None else rows.filter(pk=job_id)
    job = rows.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("pk").first()
    if job is not None:
        job.leased_by, job.leased_until = worker, now + lease()
        job.save(update_fields=["leased_by", "leased_until"])
    return job


def followed_up(job: ImportJob, worker: str) -> None:
    """What followed is done, for every job that waited for the same."""
    ImportJob.objects.filter(pk=job.pk, leased_by=worker).update(
        is_follow_up_due=False, leased_by="", leased_until=None
    )


def next_look(job_id: int) -> float | None:
    """Seconds until something of a job may be free that others hold now, or that is tried again later; None: it is over."""
    if not ImportJob.objects.filter(pk=job_id).filter(Q(status__in=_OPEN) | Q(is_follow_up_due=True)).exists():
        return None
    now = timezone.now()
    moments = [
        moment
        for row in ImportPart.objects.filter(
            job=job_id, status__in=(ImportPart.Status.WAITING, ImportPart.Status.RUNNING)
        ).values_list("leased_until", "retry_at")
        for moment in row
        if moment is not None and moment > now
    ]
    return max(0.5, min((moment - now).total_seconds() for moment in moments)) if moments else 0.5


def is_anything_left() -> bool:
    """Whether the workers have something to do, now or later."""
    return ImportJob.objects.filter(Q(status__in=_OPEN) | Q(is_follow_up_due=True), for_workers=True).exists()


def stalled(silent: timedelta) -> list[int]:
    """Jobs of the workers that should get on and have not for a while; each is named once in that time."""
    now = timezone.now()
    rows = ImportJob.objects.filter(Q(status__in=_OPEN) | Q(is_follow_up_due=True), for_workers=True).annotate(
        last=Coalesce("moved_at", "created_at")
    )
    ids = list(rows.filter(last__lt=now - silent).values_list("pk", flat=True)[:100])
    ImportJob.objects.filter(pk__in=ids).update(moved_at=now)
    return ids


def refused_rows(job: ImportJob):
    """The rows a job refused, in the order in which they were read."""
    return ImportRowError.objects.filter(job=job).order_by("pk")


def row_error(row, reason: str) -> RowError:
    """A row that could not be dealt with, as a refusal."""
    if isinstance(row, RowError):
        return row
    return RowError(row.file, row.line, reason[:500], row.text[:200])
