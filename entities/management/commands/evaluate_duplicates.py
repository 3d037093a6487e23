"""``manage.py evaluate_duplicates FILE [--json] [--cross-validate] [--fit WEIGHTS.json]``"""

import json
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from entities.duplicate_evaluation import GoldError, cross_validate, evaluate, fit, read_gold


class Command(BaseCommand):
    help = "Find duplicates among gold records and compare: pairwise and B-cubed figures at the default threshold."
    requires_migrations_checks = False
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("gold", type=Path)
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--cross-validate", action="store_true", help="also fit and evaluate in five parts")
        parser.add_argument("--fit", type=Path, metavar="FILE", help="write weights fitted to this gold, and use them")

    def handle(self, *, gold, **options):
        try:
            read = read_gold(gold)
        except (GoldError, OSError) as error:
            raise CommandError(str(error)) from error
        weights = None
        if options["fit"]:
            try:
                weights = fit([read])
            except ValueError as error:
                raise CommandError(str(error)) from error
            shown = {"fitted_on": gold.name, "weights": dict(sorted(weights.by_feature.items()))}
            options["fit"].write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")
        started = time.monotonic()
        report = evaluate(read, weights)
        seconds = round(time.monotonic() - started, 1)
        parts = cross_validate(read) if options["cross_validate"] else []
        if options["json"]:
            figures = {**report.as_dict(), "seconds": seconds, "parts": [part.as_dict() for part in parts]}
            self.stdout.write(json.dumps(figures, indent=1))
            return
        self.stdout.write(f"{report}\n{seconds} s")
        for number, part in enumerate(parts, 1):
            self.stdout.write(f"part {number}, fitted on the others: pairwise F1 {part.f1}, B-cubed F1 {part.b3_f1}")
        if parts:
            self.stdout.write(f"mean of the parts: pairwise F1 {sum(part.f1 for part in parts) / len(parts):.4f}")
