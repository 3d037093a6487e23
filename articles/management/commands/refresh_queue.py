"""``manage.py refresh_queue``: order the doubtful links anew by what a decision is worth."""

from django.core.management.base import BaseCommand

from articles.queue import counts, refresh_priorities


class Command(BaseCommand):
    help = "Order the queue of doubtful links anew, after imports or each night; harmless to repeat."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say what waits, change nothing")

    def handle(self, *, dry_run, **options):
        moved = 0 if dry_run else refresh_priorities()
        waiting = ", ".join(f"{count} {queue}" for queue, count in counts().items())
        self.stdout.write(f"{moved} moved; waiting: {waiting}")
