"""``manage.py rebuild_index [--check]``"""

import time

from django.core.management.base import BaseCommand, CommandError

from entities.candidates import index_state, rebuild, renew_keys


class Command(BaseCommand):
    help = "Build the candidate index anew from the aliases; the old one answers until the new one is there."

    def add_arguments(self, parser):
        parser.add_argument(
            "--check", action="store_true", help="only say what the index holds; fail if it lacks names"
        )

    def handle(self, *, check, **options):
        if check:
            state = index_state()
            self.stdout.write(
                f"{state.names} names in {state.segments} segments, {state.tail} since; {state.aliases} aliases in use"
            )
            if not state.is_complete:
                raise CommandError("some names are not in the index: run manage.py rebuild_index")
            return
        started = time.monotonic()
        renewed = renew_keys()
        if renewed:
            self.stdout.write(f"{renewed} names have another normal form since an upgrade")
        names = rebuild()
        self.stdout.write(f"{names} names indexed in {time.monotonic() - started:.1f} s")
