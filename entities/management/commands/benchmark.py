"""``manage.py benchmark NAME [options] [--json]``"""

import json

from django.apps import apps
from django.core.management.base import BaseCommand

from entities.benchmarks import benchmarks


class Command(BaseCommand):
    help = "Measure something on seeded data, in databases of its own; the configured one is not touched."
    requires_migrations_checks = False
    requires_system_checks = []

    def add_arguments(self, parser):
        names = parser.add_subparsers(dest="benchmark", required=True, metavar="NAME")
        self.found = dict(benchmarks([app.name for app in apps.get_app_configs()]))
        for name, module in self.found.items():
            chosen = names.add_parser(name, help=module.HELP, description=module.HELP)
            chosen.add_argument("--json", action="store_true", help="print the figures as JSON at the end")
            module.add_arguments(chosen)

    def handle(self, **options):
        def say(line: str) -> None:
            (self.stderr if options["json"] else self.stdout).write(line)
            (self.stderr if options["json"] else self.stdout).flush()

        figures = self.found[options["benchmark"]].run(options, say)
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False, indent=1))
