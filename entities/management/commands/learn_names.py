"""``manage.py learn_names PAIRS.jsonl[:WEIGHT] … [--records FILE …] [--out FILE] [--left-out]``: fit the name comparison."""

import json
import zlib
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from entities.evaluation.metrics import pair_figures
from entities.evaluation.pairs import Pair, PairsError, read_pairs
from entities.matching.names import SAME, WEIGHTS_PATH, compare_prepared, fitting, frequencies, models_of, prepare
from entities.matching.names.words import printed_words
from entities.matching.normalize import script_of

_SENSES = {"demonym", "adjective", "metonym", "nickname", "title", "former"}
_FOLDS = 5


class Command(BaseCommand):
    help = (
        "Learn what each piece of evidence is worth when two names are compared, from pairs known to be one or two, from "
        "the names that records go by and from CLDR's names of places. Prints the weights; writes them with --out. With "
        "--left-out: how well each file is judged by weights that have not seen it, and by weights that have not seen the "
        "pair's first name."
    )
    requires_migrations_checks = False
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("pairs", nargs="*", metavar="PAIRS[:WEIGHT]")
        parser.add_argument("--records", nargs="*", type=Path, default=[], help="Refdesk JSON Lines to take names from")
        parser.add_argument(
            "--lean", type=float, default=2.0, help="how much more a pair that is one counts (%(default)s)"
        )
        parser.add_argument("--count", action="store_true", help="count words anew in --records: frequencies.json")
        parser.add_argument("--left-out", action="store_true", help="figures for what was left out of the fit")
        parser.add_argument("--out", type=Path, help=f"where to write; the shipped file is {WEIGHTS_PATH.name}")

    def handle(self, *, pairs, records, lean, count, left_out, out, **options):
        try:
            named = _names_of(records)
            files = {}
            for given in pairs:
                path, _, weight = given.partition(":")
                files[Path(path).name] = ([p for p in read_pairs(Path(path)) if not p.is_unrelated], float(weight or 1))
        except (OSError, PairsError, ValueError, KeyError) as error:
            raise CommandError(str(error)) from error
        if count:
            _count(named)
        learner = _Learner(named, lean)
        if left_out:
            self._left_out(learner, files)
            return
        text = json.dumps(learner.learn(files), indent=1) + "\n"
        if out is None:
            self.stdout.write(text)
        else:
            out.write_text(text, encoding="utf-8")
            self.stdout.write(f"{sum(len(listed) for listed, _ in files.values())} pairs; written to {out}")

    def _left_out(self, learner, files):
        for name, (listed, _) in files.items():
            models = models_of(learner.learn({other: given for other, given in files.items() if other != name}))
            self._say(f"{name}: file left out", [(pair, _judge(pair, models)) for pair in listed])
        scored = {name: [] for name in files}
        for fold in range(_FOLDS):
            kept = {
                name: ([pair for pair in listed if _fold(pair) != fold], weight)
                for name, (listed, weight) in files.items()
            }
            models = models_of(learner.learn(kept))
            for name, (listed, _) in files.items():
                scored[name] += [(pair, _judge(pair, models)) for pair in listed if _fold(pair) == fold]
        for name, found in scored.items():
            self._say(f"{name}: {_FOLDS} folds", found)

    def _say(self, title, scored):
        slices = {"all": scored}
        for pair, value in scored:
            for key in ("type", "script"):
                if pair.row.get(key):
                    slices.setdefault(f"{key}={pair.row[key]}", []).append((pair, value))
        self.stdout.write(title)
        for name, found in slices.items():
            if found:
                f = pair_figures([value for _, value in found], [pair.match for pair, _ in found], SAME)
                rate = "-" if f.false_positive_rate is None else f"{f.false_positive_rate:.3f}"
                self.stdout.write(
                    f"  {name:<20} {f.pairs:>6} pairs  precision {f.precision:.3f}  recall {f.recall:.3f}  F1 {f.f1:.3f}  "
                    f"false positives {rate}  calibration {f.calibration_error:.3f}"
                )


class _Learner:
    """What does not change between fits: the catalogue's pairs and CLDR's."""

    def __init__(self, named: dict[str, list[tuple[str, list[str]]]], lean: float) -> None:
        self.lean = lean
        self.tokens, self.wholes = fitting.pairs_of_transcriptions()
        self.records = [pair for kind, listed in named.items() for pair in fitting.pairs_of_records(listed, kind)]

    def learn(self, files: dict[str, tuple[list[Pair], float]]) -> dict:
        """The weights' file from labelled pairs by file."""
        given = [
            (pair.a, pair.b, pair.kind, pair.match, weight) for listed, weight in files.values() for pair in listed
        ]
        single = [
            pair for pair in given if " " not in pair[0].strip() and " " not in pair[1].strip() and pair[2] == "person"
        ]
        words = fitting.fit_words([*single, *self.tokens])
        weights = models_of({"pairs": {}, "words": words}).words
        # Names of unknown kind: whatever is known of persons and organizations, said without the kind.
        unknown = [
            (a, b, None, match, 0.3 * weight)
            for a, b, kind, match, weight in given
            if kind in ("person", "organization") and script_of(a) == script_of(b)
        ]
        cases = fitting.cases_of([*self.wholes, *self.tokens[::4], *self.records, *given, *unknown], weights)
        return {"pairs": fitting.fit(cases, lean=self.lean), "words": words}


def _fold(pair: Pair) -> int:
    return zlib.crc32(pair.a.lower().encode()) % _FOLDS


def _judge(pair: Pair, models) -> float:
    return compare_prepared(prepare(pair.a, pair.kind), prepare(pair.b, pair.kind), models)


def _names_of(paths: list[Path]) -> dict[str, list[tuple[str, list[str]]]]:
    found: dict[str, list[tuple[str, list[str]]]] = {"person": [], "organization": []}
    for path in paths:
        with open(path, encoding="utf-8") as stream:
            for line in stream:
                row = json.loads(line)
                if row.get("kind") in found:
                    others = [alias["name"] for alias in row.get("aliases") or () if alias.get("type") not in _SENSES]
                    found[row["kind"]].append((row["name"], others))
    return found


def _count(named: dict[str, list[tuple[str, list[str]]]]) -> None:
    counted = {
        kind: frequencies.count((printed_words(name, kind)[0] for name, _ in listed), kind)
        for kind, listed in named.items()
    }
    frequencies.PATH.write_text(json.dumps(counted, separators=(",", ":")) + "\n", encoding="utf-8")
    frequencies.counts.cache_clear()
    frequencies.telling.cache_clear()
    prepare.cache_clear()
