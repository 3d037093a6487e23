"""``manage.py link_documents DOCS.jsonl --catalogue RECORDS.jsonl --out PRED.jsonl``"""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from articles.documents import DocumentError, catalogue_of, link_documents, read_documents


class Command(BaseCommand):
    help = "Link documents ({doc_id, title, text, date} a line) and write what was found in them."
    requires_migrations_checks = False
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("documents", type=Path)
        parser.add_argument("--catalogue", type=Path, help="a records file to link against alone; else the database's")
        parser.add_argument("--out", type=Path, help="where to write; standard output if absent")
        parser.add_argument("--no-ner", action="store_true", help="find unknown names by rules alone")

    def handle(self, *, documents, catalogue, out, no_ner, **options):
        try:
            listed = list(read_documents(documents))
            with catalogue_of(catalogue):
                rows = [json.dumps(row, ensure_ascii=False) for row in link_documents(listed, use_ner=not no_ner)]
        except (DocumentError, OSError) as error:
            raise CommandError(str(error)) from error
        if out is None:
            sys.stdout.write("".join(f"{row}\n" for row in rows))
        else:
            out.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
            self.stderr.write(f"{len(rows)} documents written to {out}")
