"""``manage.py evaluate_names PAIRS.jsonl… [--json]``"""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from entities.evaluation.metrics import pair_figures
from entities.matching.names import SAME, compare_names

_KINDS = {"org": "organization", "other": None}
_SLICES = ("script", "group", "kind", "type")
_APART = "unrelated_string"  # noms de guerre and translations, which no comparison of names can tell


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
            for row in self._rows(path):
                score = compare_names(row["a"], row["b"], _KINDS.get(row.get("type"), row.get("type")))
                pair = (score, bool(row["match"]))
                if row.get("kind") == _APART:
                    slices.setdefault(f"kind={_APART} (apart)", []).append(pair)
                    continue
                slices.setdefault("all", []).append(pair)
                for name in _SLICES:
                    if row.get(name):
                        slices.setdefault(f"{name}={row[name]}", []).append(pair)
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

    def _rows(self, path: Path):
        try:
            with open(path, encoding="utf-8") as stream:
                for number, line in enumerate(stream, 1):
                    if not line.strip():
                        continue
                    try:
                        row = json.loads(line)
                        if not isinstance(row["a"], str) or not isinstance(row["b"], str) or "match" not in row:
                            raise ValueError("a and b must be text, and match must be there")
                    except (ValueError, KeyError, TypeError) as error:
                        raise CommandError(f"{path}:{number}: {error}") from error
                    yield row
        except OSError as error:
            raise CommandError(str(error)) from error
