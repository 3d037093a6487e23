"""``manage.py import_takedowns FILE``: take down again what an older state of the database brought back."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from articles import takedown_lists


class Command(BaseCommand):
    help = "Apply a list of takedowns. Twice is the same as once. Exit codes: 0 done, 1 failed, 3 rows were refused."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *, file, verbosity, **options):
        try:
            with open(file, encoding="utf-8", newline="\n") as stream:
                done = takedown_lists.apply(stream)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: {error}") from error
        if verbosity or done.errors:
            self.stdout.write(str(done))
        if done.errors:
            sys.exit(3)
