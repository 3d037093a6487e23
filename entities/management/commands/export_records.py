"""``manage.py export_records [--format FORMAT] [--out FILE] [filters]``"""

import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from entities.exporting import FORMATS
from entities.filters import RecordFilter
from entities.models import Entity


class Command(BaseCommand):
    help = "Write records in one of several formats, streamed. The whole, in refdesk: redirects and judgements, too."

    def add_arguments(self, parser):
        parser.add_argument("--out", type=Path, help="standard output if absent")
        parser.add_argument("--format", choices=sorted(FORMATS), default="refdesk")
        parser.add_argument("--base-url", default=settings.PUBLIC_URL, help="address of the site, for links")
        for name, one in RecordFilter.base_filters.items():
            parser.add_argument(f"--{name}", action="append", default=[], help=str(one.extra.get("help_text", "")))

    def handle(self, *, out, format, base_url, **options):
        given = {name: options[name] for name in RecordFilter.base_filters if options[name]}
        records = _records(given)
        pieces = FORMATS[format].write(records, base_url.rstrip("/"), not given)
        if out is None:
            sys.stdout.writelines(pieces)
            return
        with open(out, "w", encoding="utf-8", newline="") as stream:
            stream.writelines(pieces)
        self.stderr.write(f"written to {out}")


def _records(given: dict[str, list[str]]):
    """Records that satisfy the filters, as the lists of the API have them; of one repeated, any."""
    records = Entity.objects.current()
    for name, values in given.items():
        found = Entity.objects.none()
        for value in values:
            filtered = RecordFilter({name: value}, queryset=Entity.objects.current())
            if not filtered.form.is_valid():
                raise CommandError(f"--{name} {value}: " + " ".join(filtered.form.errors.get(name, ["is not valid"])))
            found = found | filtered.qs
        records = records.filter(pk__in=found.values("pk"))
    return records
