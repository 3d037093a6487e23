"""``manage.py import_archive FILE``: what ``export_archive`` wrote, into an empty database."""

import gzip
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from articles import archive
from entities.archive import ArchiveError


class Command(BaseCommand):
    help = "Bring an archive into an empty, migrated database: all of it, or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *, file, verbosity, **options):
        opener = gzip.open if file.suffix == ".gz" else open
        try:
            with opener(file, "rt", encoding="utf-8", newline="\n") as stream:
                counts = archive.read(stream)
        except (OSError, EOFError, UnicodeDecodeError, ArchiveError) as error:
            raise CommandError(f"{file}: {error}") from error
        if verbosity:
            for table, count in counts.items():
                if count:
                    self.stdout.write(f"{count:>12,} {table}")
