"""``manage.py check_article FILE GOLD``: one article through the normal import, against what its mentions may mean."""

import json
from fnmatch import fnmatchcase
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from articles.catalogue import forget_catalogue
from articles.models import Article
from config.throwaway import throwaway_database


class Command(BaseCommand):
    help = (
        "Import one file as any article is imported, into a throw-away database with the starter catalogue, and print "
        "for each gold mention whether it resolves to an accepted record (kind:name, * is a wildcard, NIL for none)."
    )
    requires_migrations_checks = False
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("gold", type=Path)
        parser.add_argument("--all", action="store_true", help="print what is right, too, with its reason")

    def handle(self, *, file, gold, **options):
        expected = json.loads(gold.read_text(encoding="utf-8"))
        with throwaway_database():
            forget_catalogue()
            call_command("load_starter", verbosity=0)
            call_command("import_articles", str(file), verbosity=0)
            article = Article.objects.with_mentions().get()
            found = {(m.start, m.end): m for m in article.mentions.all()}
            wrong, missing, optional = self._compare(article, expected, found, options["all"])
            spam = [
                (mention, text)
                for mention in found.values()
                for text in expected.get("forbidden", ())
                if _inside(article.text, mention, text)
            ]
            forget_catalogue()
        for mention, text in spam:
            self.stdout.write(f"JUNK   “{mention.surface}” at {mention.start} lies in “{text}”")
        required = sum(not m.get("optional") for m in expected["mentions"])
        self.stdout.write(
            f"date {article.published_on or 'unknown'} (gold {expected.get('date')}); {required - wrong - missing} of "
            f"{required} required mentions right, {wrong} wrong, {missing} missing; {optional} optional wrong; "
            f"{len(spam)} in junk"
        )
        if wrong or missing or optional or spam:
            raise CommandError("the article does not resolve as it should")

    def _compare(self, article, expected, found, show_all):
        wrong = missing = optional_wrong = 0
        for gold in expected["mentions"]:
            mention = found.get((gold["start"], gold["end"])) or _overlapping(found, gold)
            link = mention.live_links[0] if mention is not None and mention.live_links else None
            linked = link is not None and link.status == "linked"
            if not linked:
                if "NIL" in gold["accept"]:
                    continue
                if gold.get("optional"):
                    # An optional mention may be missing, or be left for a person; it may not be wrong.
                    continue
                missing += 1
                status = link.status if link is not None else "not found"
                self.stdout.write(
                    f"MISSED {gold['start']:>6} “{gold['surface']}” {status}; {link.reason if link else ''}"
                )
                continue
            name = f"{link.entity.kind}:{link.entity.name}".lower()
            if any(fnmatchcase(name, accepted.lower()) for accepted in gold["accept"]):
                if show_all:
                    self.stdout.write(
                        f"right  {gold['start']:>6} “{gold['surface']}” → {link.entity.name} "
                        f"{link.probability:.2f}: {link.reason}"
                    )
                continue
            if gold.get("optional"):
                optional_wrong += 1
            else:
                wrong += 1
            self.stdout.write(f"WRONG  {gold['start']:>6} “{gold['surface']}” → {name}: {link.reason}")
        return wrong, missing, optional_wrong


def _overlapping(found, gold):
    """The mention that covers the gold one, or is covered by it, of those that a reader would take for the same."""
    best = None
    for (start, end), mention in found.items():
        shared = min(end, gold["end"]) - max(start, gold["start"])
        if (
            shared > 0
            and shared >= 0.6 * max(end - start, gold["end"] - gold["start"])
            and (best is None or shared > best[0])
        ):
            best = (shared, mention)
    return best[1] if best else None


def _inside(text, mention, forbidden):
    at = text.find(forbidden)
    while at >= 0:
        if at <= mention.start and mention.end <= at + len(forbidden):
            return True
        at = text.find(forbidden, at + 1)
    return False
