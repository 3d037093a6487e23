"""``manage.py relink``: decide anew about links that a split or an undo left to the engine, or that older weights made."""

from django.core.management.base import BaseCommand

from articles.queue import refresh_priorities
from articles.relinking import relink, waiting_articles


class Command(BaseCommand):
    help = "Decide again about the links of articles that wait for it; what people decided stays."

    def add_arguments(self, parser):
        parser.add_argument("--old", action="store_true", help="also articles that other weights linked")
        parser.add_argument("--limit", type=int, default=None, help="at most so many articles")
        parser.add_argument("--dry-run", action="store_true", help="say how many wait, change nothing")

    def handle(self, *, old, limit, dry_run, **options):
        waiting = waiting_articles(old=old)
        if dry_run:
            self.stdout.write(f"{waiting.count()} articles wait")
            return
        ids = list(waiting.values_list("pk", flat=True)[:limit])
        changed = sum(relink(pk) for pk in ids)
        moved = refresh_priorities() if changed else 0
        self.stdout.write(f"{len(ids)} articles, {changed} links changed, {moved} moved in the queue")
