"""``manage.py export_verdicts --out FILE``: curators' decisions as annotated documents, for `learn` and evaluation."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path

from django.core.management.base import BaseCommand

from articles.verdicts import documents


class Command(BaseCommand):
    help = "Write the articles in which people decided about mentions, one JSON document a line."

    def add_arguments(self, parser):
        parser.add_argument("--out", type=Path, help="where to write; standard output if absent")

    def handle(self, *, out, **options):
        count = decided = unsure = 0
        with open(out, "w", encoding="utf-8") if out else nullcontext(self.stdout) as stream:
            for document in documents():
                stream.write(json.dumps(document, ensure_ascii=False) + "\n")
                count += 1
                decided += sum("ignore" not in mention for mention in document["mentions"])
                unsure += sum("unsure" in mention for mention in document["mentions"])
        print(f"{count} articles, {decided} decisions, {unsure} set aside as unsure", file=sys.stderr)
