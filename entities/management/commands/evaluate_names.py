"""``manage.py evaluate_names PAIRS.jsonl… [--json]``"""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from entities.evaluation.metrics import pair_figures
from entities.evaluation.pairs import PairsError, read_pairs
from entities.matching.names import SAME, compare_names

_SLICES = ("script", "group", "kind", "type")


class Command(BaseCommand):
    help = "Compare pairs of names with their gold labels, by file and slice, at the threshold 0.70."
    requires_migrations_checks = False
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--json", action="store_true")

    def handle(self, *, files, **options):
        report = {}
        for path in files:
            slices: dict[str, list[tuple[float, bool]]] = {}
            try:
                for pair in read_pairs(path):
                    scored = (compare_names(pair.a, pair.b, pair.kind), pair.match)
                    if pair.is_unrelated:
                        slices.setdefault(f"kind={pair.row['kind']} (apart)", []).append(scored)
                        continue
                    slices.setdefault("all", []).append(scored)
                    for name in _SLICES:
                        if pair.row.get(name):
                            slices.setdefault(f"{name}={pair.row[name]}", []).append(scored)
            except (OSError, PairsError) as error:
                raise CommandError(str(error)) from error
            report[path.name] = {
                name: pair_figures([s for s, _ in pairs], [y for _, y in pairs], SAME).as_dict()
                for name, pairs in sorted(slices.items())
            }
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
            return
        for name, slices in report.items():
            self.stdout.write(name)
            for slice_name, f in slices.items():
                auc, rate = (("-" if v is None else f"{v:.3f}") for v in (f["auc"], f["false_positive_rate"]))
                self.stdout.write(
                    f"  {slice_name:<32} {f['pairs']:>6} pairs  AUC {auc}  precision {f['precision']:.3f}  recall "
                    f"{f['recall']:.3f}  F1 {f['f1']:.3f}  false positives {rate}  calibration {f['calibration_error']:.3f}"
                )
