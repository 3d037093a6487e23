"""``manage.py compile_starter FOLDER``: make the shipped catalogue anew from a folder of gathered facts."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from entities.starter.compile import HERE, compile_catalogue, write_catalogue
from entities.starter.tables import TableError


class Command(BaseCommand):
    """Compile the starter catalogue into the shipped files, or elsewhere."""

    help = "Compile the starter catalogue from a folder with states, people, organizations and agreements as JSONL."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="folder with the gathered facts")
        parser.add_argument("--out", type=Path, default=HERE, help="where to write (default: the shipped files)")
        parser.add_argument("--dry-run", action="store_true", help="compile and count, write nothing")

    def handle(self, *, folder, out, dry_run, **options):
        """Compile, write, report counts."""
        try:
            catalogue = compile_catalogue(folder)
        except (OSError, TableError, ValueError) as error:
            raise CommandError(str(error)) from error
        if not dry_run:
            write_catalogue(catalogue, out)
        for name, records in catalogue.items():
            self.stdout.write(f"{name}: {len(records)} records")
