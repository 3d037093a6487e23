"""``manage.py import_articles FILE…``: articles in bulk, resumable."""

import json
import sys
from argparse import BooleanOptionalAction
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from articles import importing
from articles.importing import ImportFailed, Options, ledger, limits, uploads
from articles.models import ImportJob
from articles.readers import READERS, ReadOptions
from articles.readers.encodings import known_encoding

USAGE = 2
_BLOCK = 1 << 20


class Command(BaseCommand):
    help = (
        "Import articles from files, folders or standard input (-), link them, and print what was done. "
        "Exit codes: 0 done, 1 failed, 2 usage, 3 done but rows were refused."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="or folder; - reads standard input")
        parser.add_argument(
            "--format", choices=sorted(READERS), default="", help="default: told by names and first bytes"
        )
        parser.add_argument("--source", default="", help="the outlet, for rows that name none")
        parser.add_argument("--date", default="", help="the day, for rows that give none")
        parser.add_argument("--language", default="")
        parser.add_argument("--encoding", default="", help="default: told by the bytes")
        parser.add_argument("--column", action="append", default=[], metavar="FIELD=COLUMN", help="of a table")
        parser.add_argument("--day-first", action=BooleanOptionalAction, help="read 03/05/2024 as 3 May")
        parser.add_argument("--dry-run", action="store_true", help="do everything, store nothing")
        parser.add_argument("--resume", type=int, metavar="JOB", help="go on with a job that did not finish")
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes that share the work")
        parser.add_argument("--queue", action="store_true", help="leave it to the workers, who can read the same files")
        parser.add_argument("--limit", type=int, metavar="ROWS")
        parser.add_argument(
            "--max-unpacked", type=int, metavar="BYTES",
            help="of all packed files together; 0: no limit (default: IMPORT_MAX_UNPACKED_BYTES)",
        )  # fmt: skip
        parser.add_argument("--no-link", action="store_true", help="store the texts, find no mentions")
        parser.add_argument("--no-ner", action="store_true", help="find unknown names by rules alone: faster")
        parser.add_argument("--rejects", type=Path, help="write refused rows here, as JSON lines")
        parser.add_argument("--json", action="store_true", help="print what was done as one JSON object")

    def handle(self, *, files, verbosity, **given):
        self._check(files, given)
        bar = tqdm(unit=" rows", disable=None if verbosity else True)
        upload = ""
        try:
            if given["resume"] is not None:
                job = self._resumed(given["resume"])
                summary = importing.run_job(job, workers=given["workers"], progress=bar.update)
            else:
                options = self._options(given)
                if str(files[0]) == "-":
                    upload, files = self._spooled().name, []
                if given["queue"]:
                    job = importing.begin(files, options, upload=upload, workers=given["workers"], for_workers=True)
                    self._print(importing.summary_of(job), given, verbosity)
                    return
                summary = importing.import_articles(
                    files, options, upload=upload, workers=given["workers"], progress=bar.update
                )
        except (OSError, ValueError, ImportFailed) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("interrupted; what was read is stored", returncode=1) from None
        finally:
            bar.close()
        if upload and given["dry_run"]:
            uploads.discard(upload)
        if given["rejects"] and summary.refused:
            self._write_rejects(given["rejects"], summary)
        self._print(summary, given, verbosity)
        if summary.refused:
            sys.exit(3)

    def _check(self, files, given) -> None:
        def refuse(why: str):
            raise CommandError(why, returncode=USAGE)

        if given["resume"] is None and not files:
            refuse("say which files, or which job with --resume")
        if given["resume"] is not None and (files or given["dry_run"] or given["limit"] is not None):
            refuse("--resume goes on with the files and options of its job: give no others")
        if given["workers"] < 1 or given["workers"] > 64:
            refuse("--workers is between 1 and 64")
        if given["limit"] is not None and given["limit"] < 0:
            refuse("--limit is no negative number")
        if given["max_unpacked"] is not None and given["max_unpacked"] < 0:
            refuse("--max-unpacked is no negative number")
        if given["dry_run"] and (given["workers"] > 1 or given["queue"]):
            refuse("--dry-run stores nothing that others could share in")
        if given["encoding"] and not known_encoding(given["encoding"]):
            refuse(f"--encoding {given['encoding']} is not known")
        if any("=" not in pair for pair in given["column"]):
            refuse("--column is FIELD=COLUMN")
        if len(files) > 1 and any(str(file) == "-" for file in files):
            refuse("standard input (-) is read alone")

    def _options(self, given) -> Options:
        columns = dict(pair.partition("=")[::2] for pair in given["column"])
        return Options(
            format=given["format"],
            read=ReadOptions(
                given["source"],
                given["date"],
                given["language"],
                given["encoding"],
                columns,
                day_first=given["day_first"],
                limits=limits(given["max_unpacked"]),
            ),
            link=not given["no_link"],
            use_ner=not given["no_ner"],
            limit=given["limit"],
            dry_run=given["dry_run"],
        )

    def _resumed(self, pk: int) -> ImportJob:
        if not ImportJob.objects.filter(pk=pk).exists():
            raise CommandError(f"no import job {pk}", returncode=USAGE)
        try:
            return ledger.resume(pk, for_workers=False)
        except ledger.JobError as error:
            raise CommandError(f"import job {pk}: {error}", returncode=USAGE) from error

    def _spooled(self) -> uploads.Upload:
        """Standard input as a file: what has been read once cannot be read again after a crash."""
        try:
            return uploads.store(iter(lambda: sys.stdin.buffer.read(_BLOCK), b""), most=sys.maxsize)
        except uploads.Empty:
            raise CommandError("standard input is empty") from None

    def _write_rejects(self, path: Path, summary) -> None:
        refused = summary.errors  # of a dry run nothing is stored
        if summary.job is not None:
            refused = ledger.refused_rows(ImportJob.objects.get(pk=summary.job)).iterator(chunk_size=1000)
        with open(path, "w", encoding="utf-8") as out:
            for error in refused:
                row = {"file": error.file, "line": error.line, "reason": error.reason, "excerpt": error.excerpt}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")

    def _print(self, summary, given, verbosity) -> None:
        if given["json"]:
            names = ("job", "status", "rows", "new", "changed", "known", "refused", "mentions")
            row = {name: getattr(summary, name) for name in names}
            row["warnings"] = summary.warnings
            row["errors"] = [str(error) for error in summary.errors]
            self.stdout.write(json.dumps(row, ensure_ascii=False))
        elif given["queue"]:
            self.stdout.write(f"import {summary.job} waits for a worker")
        elif verbosity or summary.refused:
            self.stdout.write(str(summary))
