"""``manage.py evaluate_duplicates FILE [--json] [--cross-validate] [--seeded] [--fit WEIGHTS.json]``"""

import json
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from entities.duplicate_evaluation import GoldError, cross_validate, evaluate, fit, leave_one_out, read_gold, seeded


class Command(BaseCommand):
    help = "Find duplicates among gold records and compare: pairwise and B-cubed figures at the default threshold."
    requires_migrations_checks = False
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("gold", type=Path)
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--cross-validate", action="store_true", help="also fit and evaluate in five parts")
        parser.add_argument("--fit", type=Path, metavar="FILE", help="write weights fitted to the gold, and use them")
        parser.add_argument("--seeded", action="store_true", help="fit to, and evaluate on, our own seeded golds too")

    def handle(self, *, gold, **options):
        try:
            read = read_gold(gold)
        except (GoldError, OSError) as error:
            raise CommandError(str(error)) from error
        weights = None
        golds = {gold.stem: read, **(seeded() if options["seeded"] else {})}
        if options["fit"]:
            try:
                weights = fit(list(golds.values()))
            except ValueError as error:
                raise CommandError(str(error)) from error
            shown = {"fitted_on": list(golds), "weights": dict(sorted(weights.by_feature.items()))}
            options["fit"].write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")
        started = time.monotonic()
        report = evaluate(read, weights)
        seconds = round(time.monotonic() - started, 1)
        parts = cross_validate(read) if options["cross_validate"] else []
        others = {name: evaluate(one, weights) for name, one in golds.items() if one is not read}
        unseen = leave_one_out(golds) if others and options["cross_validate"] else {}
        if options["json"]:
            figures = {**report.as_dict(), "seconds": seconds, "parts": [part.as_dict() for part in parts]}
            figures["seeded"] = {name: one.as_dict() for name, one in others.items()}
            figures["fitted_on_the_others"] = {name: one.as_dict() for name, one in unseen.items()}
            self.stdout.write(json.dumps(figures, indent=1))
            return
        self.stdout.write(f"{report}\n{seconds} s")
        for name, one in others.items():
            self.stdout.write(f"{name}: {one.records} records, pairwise P {one.precision} R {one.recall} F1 {one.f1}")
        for name, one in unseen.items():
            self.stdout.write(f"{name}, fitted on the other golds: P {one.precision} R {one.recall} F1 {one.f1}")
        for number, part in enumerate(parts, 1):
            self.stdout.write(f"part {number}, fitted on the others: pairwise F1 {part.f1}, B-cubed F1 {part.b3_f1}")
        if parts:
            self.stdout.write(f"mean of the parts: pairwise F1 {sum(part.f1 for part in parts) / len(parts):.4f}")
