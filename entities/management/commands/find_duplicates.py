"""``manage.py find_duplicates [--catalogue RECORDS.jsonl --out PAIRS.jsonl] [--changed-since ISO] [--record ID]``

``[--processes N] [--engine splink [--backend duckdb|spark]]``
"""

import json
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from config.throwaway import throwaway_database
from entities.duplicates import ENGINES, changed_since, compare_due, find, find_all, find_for
from entities.importing import import_files
from entities.models import Entity, SourceRecord
from entities.splink_engine import BACKENDS, EngineMissing


class Command(BaseCommand):
    help = "Find records that are the same thing, and put them before people; or write the pairs of a records file."
    requires_migrations_checks = False
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--catalogue", type=Path, help="a records file to search instead, in a database of its own")
        parser.add_argument("--out", type=Path, help="with --catalogue: where to write; standard output if absent")
        parser.add_argument("--changed-since", metavar="WHEN", help="ISO date or time, or '5m', '2h', '1d' ago")
        parser.add_argument("--record", action="append", default=[], metavar="ID", help="only this record; repeatable")
        parser.add_argument("--due", action="store_true", help="only records that changed and were not compared since")
        parser.add_argument("--engine", choices=ENGINES, default="own", help="splink needs requirements-scale.txt")
        parser.add_argument("--backend", choices=BACKENDS, default="duckdb", help="what Splink runs on (%(default)s)")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="(%(default)s)")

    def handle(self, *, catalogue, out, changed_since, record, due, engine, backend, processes, **options):
        how = {"engine": engine, "backend": backend, "processes": processes}
        if catalogue:
            if changed_since or record:
                raise CommandError("--catalogue searches the whole file: leave out --changed-since and --record")
            self._write_pairs(catalogue, out, how)
            return
        if due:
            compared = 0
            while count := compare_due():
                compared += count
            self.stdout.write(f"{compared} changed records compared")
            return
        if changed_since or record:
            search = find_for(self._ids(changed_since, record))
        else:
            search = _told(find_all, how)
        self.stdout.write(
            f"{search.records} records compared, {search.pairs} pairs to judge: {search.new} new, "
            f"{search.withdrawn} withdrawn"
        )

    def _ids(self, when, public_ids) -> set[int]:
        ids = set()
        for public_id in public_ids:
            try:
                ids.add(Entity.objects.resolve(public_id).pk)
            except Entity.DoesNotExist:
                raise CommandError(f"no record has the id {public_id}") from None
        if when:
            ids.update(changed_since(_moment(when)))
        return ids

    def _write_pairs(self, catalogue, out, how):
        try:
            with throwaway_database():
                report = import_files([catalogue])
                if report.errors:
                    for error in report.errors[:20]:
                        self.stderr.write(str(error))
                found = _told(find, how)
                keys = dict(SourceRecord.objects.order_by("-pk").values_list("entity_id", "key"))
        except OSError as error:
            raise CommandError(str(error)) from error
        lines = [
            json.dumps(
                {"a": keys[pair.a], "b": keys[pair.b], "probability": pair.probability, "reasons": pair.reasons},
                ensure_ascii=False,
            )
            + "\n"
            for pair in found.sure()
        ]
        if out is None:
            sys.stdout.writelines(lines)
        else:
            out.write_text("".join(lines), encoding="utf-8")
            self.stderr.write(f"{len(lines)} pairs written to {out}")


def _told(search, how):
    try:
        return search(**how)
    except EngineMissing as error:
        raise CommandError(str(error)) from error


def _moment(text: str):
    unit = {"m": "minutes", "h": "hours", "d": "days"}.get(text[-1:])
    if unit and text[:-1].isdigit():
        return timezone.now() - timedelta(**{unit: int(text[:-1])})
    try:
        moment = parse_datetime(text)
        if moment is None:
            day = parse_date(text)
            moment = day and datetime(day.year, day.month, day.day)
    except ValueError:
        moment = None
    if not moment:
        raise CommandError(f"not a date or time: {text}")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
