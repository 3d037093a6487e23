"""``manage.py load_starter``: the shipped catalogue, as ``import_records`` would load it."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

from entities.starter import FILES


class Command(BaseCommand):
    help = "Load the starter catalogue that Refdesk ships. Running it twice changes nothing."

    def handle(self, *, verbosity, **options):
        call_command("import_records", *map(str, FILES), verbosity=verbosity)
