"""``manage.py export_articles [--format FORMAT] [--out FILE] [filters]``"""

import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from articles.exporting import FORMATS
from articles.filters import ArticleFilter
from articles.models import Article


class Command(BaseCommand):
    help = "Write articles with their mentions, links and people's decisions in one of several formats, streamed."

    def add_arguments(self, parser):
        parser.add_argument("--out", type=Path, help="standard output if absent")
        parser.add_argument("--format", choices=sorted(FORMATS), default="refdesk")
        parser.add_argument("--base-url", default=settings.PUBLIC_URL, help="address of the site, for links")
        for name, one in ArticleFilter.base_filters.items():
            parser.add_argument(f"--{name}", default="", help=str(one.extra.get("help_text", "")))

    def handle(self, *, out, format, base_url, **options):
        given = {name: options[name] for name in ArticleFilter.base_filters if options[name]}
        filtered = ArticleFilter(given, queryset=Article.objects.visible())
        if not filtered.form.is_valid():
            told = "; ".join(f"--{name}: {' '.join(errors)}" for name, errors in filtered.form.errors.items())
            raise CommandError(told)
        pieces = FORMATS[format].write(filtered.qs, base_url.rstrip("/"))
        if out is None:
            sys.stdout.writelines(pieces)
            return
        with open(out, "w", encoding="utf-8", newline="") as stream:
            stream.writelines(pieces)
        self.stderr.write(f"written to {out}")
