"""``manage.py export_takedowns [--out FILE]``: what was taken down, as digests."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand

from articles import takedown_lists


class Command(BaseCommand):
    help = "Write the takedowns that stand, without content: to be kept beside backups."

    def add_arguments(self, parser):
        parser.add_argument("--out", type=Path, help="standard output if absent")

    def handle(self, *, out, **options):
        if out is None:
            sys.stdout.writelines(takedown_lists.lines())
            return
        with open(out, "w", encoding="utf-8") as stream:
            stream.writelines(takedown_lists.lines())
        self.stderr.write(f"written to {out}")
