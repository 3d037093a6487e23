"""``manage.py export_records [--out FILE] [--kind KIND]``"""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand

from entities.exporting import export_lines
from entities.matching.types import Kind


class Command(BaseCommand):
    help = "Write all records, redirects and judgements as Refdesk JSON Lines."

    def add_arguments(self, parser):
        parser.add_argument("--out", type=Path, help="standard output if absent")
        parser.add_argument("--kind", action="append", choices=[str(kind) for kind in Kind], help="may be repeated")

    def handle(self, *, out, kind, **options):
        if out is None:
            sys.stdout.writelines(export_lines(kind))
            return
        with open(out, "w", encoding="utf-8") as stream:
            count = 0
            for line in export_lines(kind):
                stream.write(line)
                count += 1
        self.stderr.write(f"{count} rows written to {out}")
