"""``manage.py learn GOLD.jsonl:RECORDS.jsonl[:WEIGHT] … [--out weights.json]``: fit the weights to annotated documents."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from articles.catalogue import current_catalogue
from articles.detection import mask
from articles.documents import DocumentError, catalogue_of, drafts_of, keys_in_use, keys_of_records, read_documents
from articles.learning import cases_of, tally
from articles.linking import spans_of, tag
from articles.resolution.resolve import chains_of
from entities.matching.learning import PRIOR, Case, ablations, fit, folds, log_loss
from entities.matching.profiles import WEIGHTS_PATH
from entities.matching.types import Kind


class Command(BaseCommand):
    help = (
        "Learn what each piece of evidence is worth from annotated documents, each file with the catalogue it is linked "
        "against. Prints the loss on documents held out, before and after; writes weights only with --out."
    )
    requires_migrations_checks = False
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("gold", nargs="+", metavar="GOLD:RECORDS[:WEIGHT]")
        parser.add_argument("--out", type=Path, help=f"where to write; the shipped file is {WEIGHTS_PATH.name}")
        parser.add_argument("--label", default="learnt", help="the version to write")
        parser.add_argument("--folds", type=int, default=4)
        parser.add_argument(
            "--ablate", action="store_true", help="measure what each piece of evidence is worth, and write nothing"
        )

    def handle(self, *, gold, out, label, **options):
        cases: list[Case] = []
        golds: dict[str, list[Case]] = {}
        for pair in gold:
            documents, records, weight = (*pair.split(":"), "", "")[:3]
            try:
                found = list(self._cases(Path(documents), records or None, float(weight or 1)))
            except (DocumentError, OSError, ValueError) as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"{documents}: {tally(found)}")
            cases.extend(found)
            golds[Path(documents).stem] = found
        if options["ablate"]:
            self._ablate(golds, options["folds"])
            return
        data = json.loads(WEIGHTS_PATH.read_text(encoding="utf-8"))
        before = after = 0.0
        for train, test in folds(cases, options["folds"]):
            # Drawn to the hand-set weights: the shipped ones were fitted on the documents held out here.
            learnt = fit(train, PRIOR)
            before += log_loss(test, PRIOR) / options["folds"]
            after += log_loss(test, learnt) / options["folds"]
        self.stdout.write(f"log-loss on held-out documents: {before:.4f} set by hand, {after:.4f} learnt")
        if out is None:
            return
        learnt = fit(cases, PRIOR)
        data["version"], data["shared"] = label, learnt.shared
        data["fitted_on"] = (
            f"{len(cases)} chains of {len({case.group for case in cases})} documents; held-out loss {after:.4f}"
        )
        for kind in Kind:
            profile = data["profiles"][kind]
            profile["bias"] = learnt.bias[kind]
            profile["weights"] = learnt.by_kind[kind]
        out.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        self.stdout.write(f"written to {out}")

    def _ablate(self, golds: dict[str, list[Case]], count: int) -> None:
        self.stdout.write("| without | " + " | ".join(f"{name}: loss, right" for name in golds) + " |")
        self.stdout.write("|---" * (len(golds) + 1) + "|")
        for one in ablations(golds, PRIOR, count=count):
            figures = " | ".join(f"{loss:.4f}, {right:.4f}" for loss, right in one.by_gold.values())
            self.stdout.write(f"| {one.without} | {figures} |")
            self.stdout.flush()

    def _cases(self, path: Path, records: str | None, weight: float):
        documents = list(read_documents(path))
        with catalogue_of(records):
            keys, key_of = keys_in_use(), keys_of_records()
            catalogue = current_catalogue()
            drafts = drafts_of(documents)
            texts = [mask(draft.text, draft.junk) for draft in drafts]
            for document, draft, text, names in zip(documents, drafts, texts, tag(drafts, texts), strict=True):
                # Each document is learnt from as a tagger reads it and, counting less, as the rules alone do.
                for tagged, share in ((names, 1.0), (None, 0.3)) if names is not None else ((None, 1.0),):
                    spans = spans_of(draft, text, tagged, catalogue)
                    article = chains_of(text, spans, catalogue, date=draft.date, is_tagged=tagged is not None)
                    yield from cases_of(document, article, keys, key_of, weight=weight * share)
