"""Run apart, on a database of its own: workers that merge and undo at once, or die in the middle.

    python -m tests.entities.workers race WORKERS ROUNDS SEED
    python -m tests.entities.workers kill EVERY

The database is that of DATABASE_URL, migrated and empty. Prints a JSON report; `test_merging_races.py` judges it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, connections, transaction  # noqa: E402

from entities.candidates import CandidateIndex  # noqa: E402
from entities.invariants import inspect  # noqa: E402
from entities.merging import MergeError, merge, redo_split, split, undo, undo_split  # noqa: E402
from entities.models import Alias, Entity, Event, Merge, Relation  # noqa: E402
from tests.entities.dump import dump  # noqa: E402
from tests.factories import make_article, make_mention, make_record, make_term  # noqa: E402

_RECORDS = 24


def populate() -> list[int]:
    with transaction.atomic():
        state = make_record("Stateland", "state")
        records = [make_record(f"Person {n}", aliases=["Shared", f"Alias {n % 5}"]) for n in range(_RECORDS)]
        for n, record in enumerate(records):
            make_term(record, "Minister", state=state, start="2000")
            envoy = make_record(f"Envoy {n}")
            Relation.objects.create(entity=envoy, origin=envoy, type="successor", target=record)
        article = make_article(" ".join(record.name for record in records))
        for record in records:
            make_mention(article, f"{record.name}", record)
        CandidateIndex().index_aliases(list(Alias.objects.values_list("pk", flat=True)))
    return [record.pk for record in records]


def work(ids: list[int], rounds: int, seed: int) -> dict:
    """Merge and undo at random; what went wrong, by the name of the error."""
    chance = random.Random(seed)
    done = {"merged": 0, "undone": 0, "refused": 0, "busy": 0, "errors": []}
    for _ in range(rounds):
        try:
            if chance.random() < 0.55:
                one, two = chance.sample(ids, 2)
                merge(survivor_id=one, absorbed_id=two, actor=None)
                done["merged"] += 1
            else:
                standing = list(Merge.objects.filter(undone_at=None).values_list("pk", flat=True))
                if standing:
                    undo(chance.choice(standing), actor=None, choices={})
                    done["undone"] += 1
        except MergeError as error:
            done["busy" if "Others are changing" in str(error) else "refused"] += 1
        except Exception as error:  # noqa: BLE001 what a curator would see as a crash
            done["errors"].append(f"{type(error).__name__}: {error}"[:300])
    return done


def race(workers: int, rounds: int, seed: int) -> dict:
    ids = populate()
    before = dump(articles=True)
    connections.close_all()
    pipes = []
    for number in range(workers):
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.close(reading)
            with os.fdopen(writing, "w") as pipe:
                json.dump(work(ids, rounds, seed * 1000 + number), pipe)
            connections.close_all()
            os._exit(0)
        os.close(writing)
        pipes.append(reading)
    reports = []
    for reading in pipes:
        with os.fdopen(reading) as pipe:
            reports.append(json.load(pipe))
    for _ in pipes:
        os.wait()
    breaches = {one.name: one.examples for one in inspect(store=False) if one.count}
    merges, undone = Merge.objects.count(), Merge.objects.exclude(undone_at=None).count()
    # Take everything back: the last first.
    for pk in Merge.objects.filter(undone_at=None).order_by("-pk").values_list("pk", flat=True):
        undo(pk, actor=None, choices={})
    return {
        "reports": reports,
        "breaches": breaches,
        "merges": merges,
        "undone": undone,
        "merged_events": Event.objects.filter(type="merged").count(),
        "restored_events": Event.objects.filter(type="restored").count(),
        "same_bytes": dump(articles=True) == before,
        "live": Entity.objects.current().filter(pk__in=ids).count(),
    }


def _die_at(statement: int, operation) -> int:
    """Run an operation in a child that is killed before a statement of it; how many statements it began."""
    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        begun = 0

        def count(execute, sql, params, many, context):
            nonlocal begun
            begun += 1
            if begun == statement:
                os.write(writing, b"killed")
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            operation()
        os.write(writing, str(begun).encode())
        connections.close_all()
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    return 0 if said == b"killed" else int(said)


def _normal() -> bytes:
    """The dump, but for when things were withdrawn."""
    rows = json.loads(dump(articles=True))
    for table in rows.values():
        for row in table:
            for name in ("withdrawn_at", "superseded_at", "closed_at"):
                if row.get(name):
                    row[name] = "then"
    return json.dumps(rows, sort_keys=True).encode()


def kill(every: int) -> dict:
    """Die at each statement of a merge, its undo, a split, its undo and its redoing: before or after, never between."""
    ids = populate()
    report = {"killed": 0, "after": 0, "between": [], "breaches": {}, "statements": {}}
    state: dict[str, int] = {}

    def merging():
        merge(survivor_id=ids[0], absorbed_id=ids[1], actor=None)

    def undoing():
        undo(Merge.objects.get(undone_at=None).pk, actor=None)

    def splitting():
        names = list(Alias.objects.filter(entity_id=ids[2], name="Shared").values_list("pk", flat=True))
        split(source_id=ids[2], target_id=ids[3], rows={"aliases": names}, actor=None)

    from entities.models import Split

    def rejoining():
        undo_split(Split.objects.get().pk, actor=None)

    def resplitting():
        redo_split(Split.objects.get().pk, actor=None)

    at_first = _normal()
    for operation in (merging, undoing, splitting, rejoining, resplitting, rejoining):
        before = _normal()
        statement = 1
        while True:
            begun = _die_at(statement, operation)
            if begun:
                break
            report["killed"] += 1
            breaches = {one.name: one.examples for one in inspect(store=False) if one.count}
            report["breaches"].update(breaches)
            if _normal() != before:  # it died after the commit, and must be whole: the next operation will tell
                report["after"] += 1
                break
            statement += every
        state[operation.__name__] = statement
        if operation in (undoing, rejoining):
            if _normal() != at_first:
                report["between"].append(f"{operation.__name__}: not what was at first")
        elif _normal() == before:
            report["between"].append(f"{operation.__name__} did nothing")
    report["statements"] = state
    report["breaches"].update({one.name: one.examples for one in inspect(store=False) if one.count})
    return report


if __name__ == "__main__":
    sort, *numbers = sys.argv[1:]
    print(json.dumps({"race": race, "kill": kill}[sort](*map(int, numbers))))
