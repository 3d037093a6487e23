"""``manage.py import_articles FILE…``: articles in bulk, resumable."""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from articles.importing import Options, import_articles
from articles.models import ImportJob
from articles.readers import READERS, ReadOptions


class Command(BaseCommand):
    help = (
        "Import articles from files or folders (JSONL, CSV, text, HTML, RSS/Atom), link them, and print what was done. "
        "Exit codes: 0 done, 1 failed, 2 usage, 3 done but rows were refused."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--format", choices=sorted(READERS), default="")
        parser.add_argument("--source", default="", help="the outlet, for rows that name none")
        parser.add_argument("--date", default="", help="the day, for rows that give none")
        parser.add_argument("--language", default="")
        parser.add_argument("--encoding", default="", help="default: told by the bytes")
        parser.add_argument("--column", action="append", default=[], metavar="FIELD=COLUMN", help="of a table")
        parser.add_argument("--dry-run", action="store_true", help="do everything, store nothing")
        parser.add_argument("--resume", type=int, metavar="JOB", help="go on with a job that did not finish")
        parser.add_argument("--limit", type=int)
        parser.add_argument("--no-link", action="store_true", help="store the texts, find no mentions")
        parser.add_argument("--no-ner", action="store_true", help="find unknown names by rules alone: faster")
        parser.add_argument("--rejects", type=Path, help="write refused rows here, as JSON lines")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, files, format, verbosity, **given):
        columns = dict(pair.partition("=")[::2] for pair in given["column"])
        options = Options(
            format=format,
            read=ReadOptions(given["source"], given["date"], given["language"], given["encoding"], columns),
            link=not given["no_link"],
            use_ner=not given["no_ner"],
            limit=given["limit"],
            dry_run=given["dry_run"],
        )
        resume = None
        if given["resume"] is not None:
            resume = ImportJob.objects.filter(pk=given["resume"]).first()
            if resume is None:
                raise CommandError(f"no import job {given['resume']}")
        bar = tqdm(unit=" rows", disable=None if verbosity else True)
        try:
            summary = import_articles(files, options, resume=resume, progress=bar.update)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("interrupted; what was read is stored", returncode=1) from None
        finally:
            bar.close()
        if given["rejects"] and summary.errors:
            with open(given["rejects"], "w", encoding="utf-8") as out:
                for error in summary.errors:
                    row = {"file": error.file, "line": error.line, "reason": error.reason, "excerpt": error.excerpt}
                    out.write(json.dumps(row, ensure_ascii=False) + "\n")
        if given["json"]:
            row = {
                name: getattr(summary, name)
                for name in ("job", "rows", "new", "changed", "known", "refused", "mentions")
            }
            row["errors"] = [str(error) for error in summary.errors]
            self.stdout.write(json.dumps(row, ensure_ascii=False))
        elif verbosity or summary.errors:
            self.stdout.write(str(summary))
        if summary.errors:
            sys.exit(3)
