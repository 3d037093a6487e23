"""``manage.py learn_names PAIRS.jsonl[:WEIGHT] … [--records FILE …] [--out FILE]``: fit the name comparison's weights."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from entities.evaluation.pairs import PairsError, read_pairs
from entities.matching.names import WEIGHTS_PATH
from entities.matching.names.fitting import cases_of, fit, pairs_of_records, pairs_of_territories

_SENSES = {"demonym", "adjective", "metonym", "nickname", "title", "former"}


class Command(BaseCommand):
    help = (
        "Learn what each piece of evidence is worth when two names are compared, from pairs known to be one or two, from "
        "the names that records go by and from CLDR's names of territories. Prints the weights; writes them with --out."
    )
    requires_migrations_checks = False
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("pairs", nargs="*", metavar="PAIRS[:WEIGHT]")
        parser.add_argument("--records", nargs="*", type=Path, default=[], help="Refdesk JSON Lines to take names from")
        parser.add_argument(
            "--lean", type=float, default=1.5, help="how much more a pair that is one counts (%(default)s)"
        )
        parser.add_argument("--out", type=Path, help=f"where to write; the shipped file is {WEIGHTS_PATH.name}")

    def handle(self, *, pairs, records, lean, out, **options):
        listed = pairs_of_territories()
        try:
            for given in pairs:
                path, _, weight = given.partition(":")
                for pair in read_pairs(Path(path)):
                    if not pair.is_unrelated:
                        listed.append((pair.a, pair.b, pair.kind, pair.match, float(weight or 1)))
            for path in records:
                for kind, named in _names_of(path).items():
                    listed.extend(pairs_of_records(named, kind))
        except (OSError, PairsError, ValueError) as error:
            raise CommandError(str(error)) from error
        made = fit(cases_of(listed), lean=lean)
        text = json.dumps(made, indent=1) + "\n"
        if out is None:
            self.stdout.write(text)
        else:
            out.write_text(text, encoding="utf-8")
            self.stdout.write(f"{len(listed)} pairs; written to {out}")


def _names_of(path: Path) -> dict[str, list[tuple[str, list[str]]]]:
    found: dict[str, list[tuple[str, list[str]]]] = {"person": [], "organization": []}
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            if row.get("kind") in found:
                others = [alias["name"] for alias in row.get("aliases") or () if alias.get("type") not in _SENSES]
                found[row["kind"]].append((row["name"], others))
    return found
