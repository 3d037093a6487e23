"""What a worker does: lays out jobs, imports their parts batch by batch, and what follows; one step after the other."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, connections

from articles.importing import ledger, planning, storing, uploads
from articles.importing.ledger import LeaseLost
from articles.importing.options import Options
from articles.models import ImportJob, ImportPart
from articles.queue import refresh_priorities
from articles.readers import READERS, ArticleRow, RowError, format_of

BATCH = 100
_BATCH_CHARS = 4_000_000
_CAREFUL, _SINGLY, _REFUSED = 3, 5, 10  # deaths at one place: smaller batches, single rows, the row is refused
_CONFLICTS = 8  # with other writers, before a batch is given up
_STALLED_SECONDS = 1800  # without a batch: the process hangs, and its lease is no longer renewed
_RELINKED_AT_ONCE = 20
_log = logging.getLogger("refdesk.imports")

Stop = Callable[[], bool]
Progress = Callable[[int], object]


class FileChanged(Exception):
    """A file is not what it was when the import began."""


def never() -> bool:
    """Goes on."""
    return False


def step(worker: str, *, job_id: int | None = None, stop: Stop = never, progress: Progress | None = None,
         patience: int = ledger.PATIENCE, is_renewing: bool = True) -> bool:  # fmt: skip
    """Do the next thing that waits: lay out a job, import a part, or follow one up; False if nothing waits.

    Args:
        worker: the process's name.
        job_id: of this job alone.
        stop: asked between batches; True: the part is given back.
        progress: called with the number of rows after each batch.
        patience: how often something is tried that fails.
        is_renewing: whether a thread renews the lease meanwhile.
    """
    job = ledger.claim_job(worker, job_id)
    if job is not None:
        _lay_out(job, worker, patience, is_renewing)
        return True
    part = ledger.claim_part(worker, job_id)
    if part is not None:
        run_part(part, worker, stop=stop, progress=progress, patience=patience, is_renewing=is_renewing)
        return True
    job = ledger.claim_follow_up(worker, job_id)
    if job is not None:
        follow_up(job, worker)
        return True
    return False


def _lay_out(job: ImportJob, worker: str, patience: int, is_renewing: bool) -> None:
    try:
        with _Renewed(partial(ledger.renew_job, job, worker), is_renewing):
            options = Options.from_json(job.options)
            paths = [uploads.path_of(job.upload)] if job.upload else [Path(name) for name in job.files]
            files = planning.list_files(paths)
            size = int(job.options.get("part_bytes") or planning.PART_BYTES)
            parts = list(planning.plan(files, options, size))
        ledger.lay_out(job, worker, parts)
    except LeaseLost:
        _log.info("import %s is laid out by another", job.pk)
    except (OSError, ValueError) as error:
        _log.warning("import %s could not be laid out: %s", job.pk, error)
        # What is wrong with a file's name stays wrong.
        ledger.planning_failed(job, worker, error, patience=1 if isinstance(error, ValueError) else patience)


def run_part(
    part: ImportPart, worker: str, *, stop: Stop = never, progress: Progress | None = None,
    patience: int = ledger.PATIENCE, is_renewing: bool = True,
) -> None:  # fmt: skip
    """Import a part from its cursor to its end, or until told to stop."""
    try:
        with _Renewed(partial(ledger.renew, part, worker), is_renewing) as renewed:
            if _import(part, worker, stop, progress, renewed):
                ledger.part_done(part, worker)
            else:
                ledger.release(part, worker)
    except LeaseLost:
        _log.warning("part %s of import %s is another's by now", part.number, part.job_id)
    except KeyboardInterrupt:
        ledger.release(part, worker)
        raise
    except FileChanged as error:
        ledger.part_failed(part, worker, error, patience=1)
    except Exception as error:
        _log.exception("part %s of import %s failed", part.number, part.job_id)
        _reconnect()
        ledger.part_failed(part, worker, error, patience=patience)


def _import(part: ImportPart, worker: str, stop: Stop, progress: Progress | None, renewed: _Renewed) -> bool:
    """True when the part is read to its end."""
    options = Options.from_json(part.job.options)
    for path, known in part.files:
        if planning.fingerprint(Path(path), part.start, part.end) != known:
            raise FileChanged(f"{path} has changed since the import began: begin a new one")
    from articles.catalogue import current_catalogue

    if options.link:
        current_catalogue()  # seconds, once in a process: before the first batch, not within it
    cursor = dict(part.cursor or {})
    unpacking = _Unpacking(part, options, cursor)
    rows = _rows(part, options, cursor, unpacking)
    if options.limit is not None:
        rows = islice(rows, max(0, options.limit - cursor.get("rows", 0)))
    attempts = part.attempts
    # Where processes died, steps stay small until what they died of lies behind.
    wary_until = cursor.get("rows", 0) + BATCH if attempts > _CAREFUL else 0
    while True:
        if stop():
            return False
        is_wary = cursor.get("rows", 0) < wary_until
        batch, after = _next_batch(rows, cursor, _size(attempts) if is_wary else BATCH)
        unpacking.note(after)
        if not batch:
            part.cursor = after
            return True
        if attempts > _REFUSED:
            reason = f"the process died {attempts - 1} times at this row"
            batch = [ledger.row_error(row, reason) for row in batch]
            attempts = _SINGLY + 1
        if after["rows"] < wary_until:
            after["attempts"] = min(attempts - 1, _SINGLY)
        _commit(part, worker, batch, cursor, after, options)
        cursor = dict(part.cursor)
        unpacking.look_elsewhere()
        renewed.note_progress()
        if progress is not None:
            progress(len(batch))


def _size(attempts: int) -> int:
    """Rows of a batch: fewer where processes have died before, so that what kills them is found."""
    return BATCH if attempts <= _CAREFUL else 10 if attempts <= _SINGLY else 1


class _Unpacking:
    """Holds a job to what it may unpack, over all its parts: each part's cursor says how much that was.

    What was read before a crash is read again to get behind it, and must come out the same, however much others have
    unpacked since: they do not count until then.
    """

    def __init__(self, part: ImportPart, options: Options, cursor: dict) -> None:
        self._part, self._budget = part, options.read.budget
        self._budget.unpacked = self._before_file = cursor.get("unpacked_before", 0)
        if not cursor.get("row"):
            self._budget.elsewhere = ledger.unpacked_elsewhere(part)

    def begin_file(self) -> None:
        """The reading of the next file begins."""
        self._before_file = self._budget.unpacked

    def look_elsewhere(self) -> None:
        """Learn what others have unpacked meanwhile."""
        if self._budget.unpacked:
            self._budget.elsewhere = ledger.unpacked_elsewhere(self._part)

    def note(self, cursor: dict) -> None:
        """Say in a cursor what was unpacked up to there, and up to the file that it stands in."""
        if self._budget.unpacked:
            cursor |= {"unpacked": self._budget.unpacked, "unpacked_before": self._before_file}


def _rows(
    part: ImportPart, options: Options, cursor: dict, unpacking: _Unpacking
) -> Iterator[tuple[int, int, ArticleRow | RowError]]:
    """``(file, row, what stands there)`` behind the cursor; both count from 1."""
    at, done = cursor.get("file", 1), cursor.get("row", 0)
    for number, (name, _) in enumerate(part.files, 1):
        if number < at:
            continue
        path = Path(name)
        read = READERS[options.format or format_of(path)]
        if part.end is not None:
            read = partial(read, start=part.start, end=part.end, first_line=part.first_line)
        skipped = done if number == at else 0
        unpacking.begin_file()
        for row, found in enumerate(read(path, options.read), 1):
            if row > skipped:
                if row == skipped + 1:
                    unpacking.look_elsewhere()
                yield number, row, _named(found, part)


def _named(found: ArticleRow | RowError, part: ImportPart) -> ArticleRow | RowError:
    """An uploaded file goes by the name its sender gave it."""
    if part.job.upload and isinstance(found, RowError):
        ours = str(uploads.path_of(part.job.upload))
        return RowError(found.file.replace(ours, part.job.path), found.line, found.reason, found.excerpt)
    return found


def _next_batch(rows, cursor: dict, size: int) -> tuple[list[ArticleRow | RowError], dict]:
    batch: list[ArticleRow | RowError] = []
    after, chars = dict(cursor), 0
    for file, row, found in rows:
        batch.append(found)
        after = {**after, "file": file, "row": row}
        chars += len(found.text) if isinstance(found, ArticleRow) else 0
        if len(batch) >= size or chars >= _BATCH_CHARS:
            break
    after["rows"] = cursor.get("rows", 0) + len(batch)
    return batch, after


# --- One batch -------------------------------------------------------------------------------------------------------
def _commit(part: ImportPart, worker: str, batch: list, before: dict, after: dict, options: Options) -> None:
    """Store a batch. A row that cannot be dealt with becomes a refusal; conflicts with other writers are tried again."""
    ready = None
    for attempt in range(1, _CONFLICTS + 1):
        try:
            if ready is None:
                ready, batch = _prepare(batch, options, part.job_id)
            ledger.commit_batch(part, worker, ready, before=before, after=after)
            return
        except storing.Moved:
            ready = None
        except (
            OperationalError,
            InterfaceError,
        ) as error:  # a deadlock, a lock not got in time, a server that went away
            if attempt == _CONFLICTS or connection.in_atomic_block:
                raise
            _log.info("a batch of import %s is stored again: %s", part.job_id, error)
            _reconnect()
            time.sleep(min(5.0, 0.05 * 2**attempt) * random.uniform(0.5, 1.5))
            if ready is not None:
                ready.unsave()
        except IntegrityError:
            # Another stored the same article first: now it is known. What stays wrong is a row's fault.
            ready = None
            if attempt >= 3:
                break
        except DatabaseError:
            ready = None
            break
    _commit_singly(part, worker, batch, before, after, options)


def _commit_singly(part: ImportPart, worker: str, batch: list, before: dict, after: dict, options: Options) -> None:
    """Find the rows that the database refuses, by trying each in a transaction that is rolled back; store the others."""
    from django.db import transaction

    kept = []
    for row in batch:
        try:
            with transaction.atomic():
                storing.store(storing.prepare([row], options, part.job_id))
                transaction.set_rollback(True)
            kept.append(row)
        except (OperationalError, InterfaceError):
            raise
        except DatabaseError as error:
            _log.warning("a row of import %s is refused by the database: %s", part.job_id, error)
            kept.append(ledger.row_error(row, f"the database refuses it: {type(error).__name__}"))
    ready, _ = _prepare(kept, options, part.job_id)
    ledger.commit_batch(part, worker, ready, before=before, after=after)


def _prepare(batch: list, options: Options, job_id: int) -> tuple[storing.Prepared, list]:
    """The batch, ready; rows on which reading or linking fails are refused, and the batch without them is returned."""
    try:
        return storing.prepare(batch, options, job_id), batch
    except DatabaseError:
        raise
    except Exception:
        _log.exception("a row of a batch of import %s cannot be dealt with", job_id)
    kept = []
    for row in batch:
        try:
            storing.prepare([row], options, job_id)
            kept.append(row)
        except DatabaseError:
            raise
        except Exception as error:
            kept.append(ledger.row_error(row, f"cannot be dealt with: {type(error).__name__}: {error}"))
    return storing.prepare(kept, options, job_id), kept


def _reconnect() -> None:
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


# --- Leases ----------------------------------------------------------------------------------------------------------
class _Renewed:
    """Renews a lease from a thread while the block runs, as long as the block gets on."""

    def __init__(self, renew: Callable[[], object], is_on: bool) -> None:
        self._renew, self._is_on = renew, is_on
        self._ended = threading.Event()
        self._moved = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    def note_progress(self) -> None:
        """The block got on."""
        self._moved = time.monotonic()

    def __enter__(self) -> _Renewed:
        if self._is_on:
            self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()
        if self._is_on:
            self._thread.join()

    def _run(self) -> None:
        pause = ledger.lease().total_seconds() / 4
        try:
            while not self._ended.wait(pause):
                if time.monotonic() - self._moved > _STALLED_SECONDS:
                    _log.error("nothing was stored for %s s: the lease is left to run out", _STALLED_SECONDS)
                    return
                try:
                    self._renew()
                except DatabaseError as error:
                    _log.info("a lease could not be renewed just now: %s", error)
                    connection.close_if_unusable_or_obsolete()
        finally:
            connections.close_all()


# --- What follows ----------------------------------------------------------------------------------------------------
def follow_up(job: ImportJob, worker: str) -> None:
    """Order the queue of doubtful links anew: a name that came ten times more is worth ten times more."""
    refresh_priorities()
    ledger.followed_up(job, worker)


def tidy(stop: Stop = never) -> bool:
    """What waits for a quiet moment: links that a change of records put in question. False if there was nothing."""
    from articles.relinking import relink, waiting_articles

    done = 0
    for pk in list(waiting_articles().values_list("pk", flat=True)[:_RELINKED_AT_ONCE]):
        if stop():
            return True
        relink(pk)
        done += 1
    return done > 0


def discard_old_uploads() -> int:
    """Remove uploaded files that nobody will come back to."""
    return uploads.discard_old(timedelta(days=settings.IMPORT_KEEP_DAYS))
