"""``manage.py export_archive [--out FILE]``: everything, for an empty database."""

import gzip
import sys
from pathlib import Path

from django.core.management.base import BaseCommand

from articles import archive


class Command(BaseCommand):
    help = (
        "Write the whole database as one file: records, articles, links, with their history. Packed if it ends in .gz."
    )

    def add_arguments(self, parser):
        parser.add_argument("--out", type=Path, help="standard output if absent")

    def handle(self, *, out, **options):
        if out is None:
            sys.stdout.writelines(archive.write())
            return
        part = out.with_name(f"{out.name}.part")
        with open(part, "wb") as raw:
            if out.suffix == ".gz":
                with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
                    packed.writelines(line.encode() for line in archive.write())
            else:
                raw.writelines(line.encode() for line in archive.write())
        part.replace(out)  # a file of this name is always whole
        self.stderr.write(f"written to {out}")
