"""``manage.py fsck``: what must always hold, checked and printed."""

import json
from dataclasses import asdict

from django.core.management.base import BaseCommand

from entities.invariants import inspect


class Command(BaseCommand):
    """Check every invariant; exit code 1 if one is breached. Nothing is changed but the stored verdict."""

    help = "Check what must always hold of records, articles and links; exit code 1 on a breach."

    def add_arguments(self, parser):
        """Output and storing."""
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
        parser.add_argument("--no-store", action="store_true", help="do not keep the verdict for the dashboard")

    def handle(self, *, json: bool, no_store: bool, **options):
        """Run the checks, print, set the exit code."""
        findings = inspect(store=not no_store)
        if json:
            self.stdout.write(_as_json(findings))
        else:
            for one in findings:
                mark = "ok    " if not one.count else "BREACH"
                self.stdout.write(f"{mark}  {one.name}: {one.says}" + (f": {one.count}" if one.count else ""))
                for example in one.examples:
                    self.stdout.write(f"          {example}")
                if one.count > len(one.examples):
                    self.stdout.write(f"          … and {one.count - len(one.examples)} more")
        if any(one.count for one in findings):
            raise SystemExit(1)


def _as_json(findings) -> str:
    return json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=1)
