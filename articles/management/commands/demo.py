"""``manage.py demo``: from an empty database to a reference desk that has linked news; harmless to repeat."""

import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from articles.models import Article, Link
from entities.invariants import inspect
from entities.models import Entity

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
USER = "curator"


def sample_files() -> list[str]:
    """The sample articles, without the page that describes them."""
    return [str(path) for path in sorted(SAMPLES.iterdir()) if path.suffix != ".md"]


class Command(BaseCommand):
    help = "Migrate, load the starter catalogue, import and link the sample articles, make a curator's account."

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=8000, help="where the server will listen: for what is printed")

    def handle(self, *, verbosity, port, **options):
        if not settings.DEBUG:
            raise CommandError("demo is for trying Refdesk out: it runs with DEBUG=1 only")
        self._say("database")
        call_command("migrate", verbosity=0, interactive=False)
        self._say("starter catalogue")
        call_command("load_starter", verbosity=verbosity)
        self._say("sample articles")
        call_command("import_articles", *sample_files(), verbosity=verbosity)
        linked = Link.objects.to_records().count()
        self.stdout.write(
            f"{Entity.objects.current().count()} records, {Article.objects.count()} articles, {linked} mentions linked"
        )
        self._say("fsck")
        breaches = sum(one.count for one in inspect())
        self.stdout.write(f"{breaches} breaches" if breaches else "everything holds")
        self._account(f"http://127.0.0.1:{port}/admin/")

    def _say(self, what: str) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(f"== {what}"))

    def _account(self, address: str) -> None:
        users = get_user_model().objects
        if users.filter(username=USER).exists():
            self.stdout.write(
                f"log in at {address} as {USER}, with the password that was printed when the account was made "
                f"(manage.py changepassword {USER} sets a new one)"
            )
            return
        password = secrets.token_urlsafe(12)
        user = users.create_superuser(USER, password=password)
        user.groups.set(Group.objects.filter(name__in=["curator", "merger"]))
        self.stdout.write(self.style.SUCCESS(f"\n  log in at {address} as {USER}, password {password}\n"))
