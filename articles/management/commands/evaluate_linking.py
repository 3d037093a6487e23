"""``manage.py evaluate_linking GOLD.jsonl --catalogue RECORDS.jsonl [--types PER,ORG] [--json]``"""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from articles.documents import DocumentError, catalogue_of, keys_in_use, link_documents, read_documents
from articles.evaluation import DEFAULT_TYPES, evaluate


class Command(BaseCommand):
    help = "Link annotated documents and compare: detection, linking end to end, NIL, accuracy by type, worst errors."
    requires_migrations_checks = False
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("gold", type=Path)
        parser.add_argument("--catalogue", type=Path, help="a records file to link against alone; else the database's")
        parser.add_argument("--types", default=",".join(DEFAULT_TYPES), help="gold types asked for (%(default)s)")
        parser.add_argument("--no-ner", action="store_true", help="find unknown names by rules alone")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, gold, catalogue, types, no_ner, **options):
        try:
            documents = list(read_documents(gold))
            with catalogue_of(catalogue):
                keys = keys_in_use()
                predicted = {row["doc_id"]: row["mentions"] for row in link_documents(documents, use_ner=not no_ner)}
        except (DocumentError, OSError) as error:
            raise CommandError(str(error)) from error
        report = evaluate(documents, predicted, keys, types.replace(",", " ").split())
        self.stdout.write(
            json.dumps(report.as_dict(), ensure_ascii=False, indent=1) if options["json"] else str(report)
        )
