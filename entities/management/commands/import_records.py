"""``manage.py import_records FILE… [--format] [--source] [--dry-run] [--skip] [--limit] [--json]``"""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from entities.importers import IMPORTERS
from entities.importing import import_files


class Command(BaseCommand):
    help = "Import canonical records. Exit codes: 0 done, 1 failed, 2 usage, 3 done but rows were refused."

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--format", choices=sorted(IMPORTERS), default="refdesk")
        parser.add_argument("--source", default="", help="what keys are unique within; default: each row's own source")
        parser.add_argument("--dry-run", action="store_true", help="do everything, store nothing")
        parser.add_argument("--skip", type=int, default=0, help="rows to pass over: where an import was broken off")
        parser.add_argument("--limit", type=int, help="rows to read at most")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, files, format, source, dry_run, skip, limit, verbosity, **options):
        bar = tqdm(unit=" rows", disable=None if verbosity else True)
        try:
            report = import_files(
                files, format=format, source=source, dry_run=dry_run, skip=skip, limit=limit, progress=bar.update
            )
        except (OSError, EOFError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stderr.write(f"broken off; go on with --skip {skip + bar.n}")
            sys.exit(1)
        finally:
            bar.close()
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False))
        elif verbosity or report.errors:
            self.stdout.write(str(report))
        if report.errors:
            sys.exit(3)
