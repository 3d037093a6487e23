"""Finding duplicates: time, memory and accuracy on seeded records, some of them twice."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from entities.benchmarks.generator import MadeRecord, records
from entities.benchmarks.scratch import insert, scratch_database
from entities.duplicates import find, find_all, find_for
from entities.matching.normalize import name_key
from entities.models import Alias, Entity, Identifier

HELP = "finding duplicates among seeded records, in a database of its own"

Say = Callable[[str], None]

# Proportional share of memory of a process and its children, once a second, the most of it: shared pages count once.
_WATCH = """
import sys, time
from pathlib import Path
def share(pid):
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    own = next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return own + sum(share(child) for child in children if child != me)
me, most = str(__import__("os").getpid()), 0
while True:
    now = share(sys.argv[1])
    if now > most:
        most = now
        Path(sys.argv[2]).write_text(str(most))
    time.sleep(1)
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--size", type=int, action="append", help="records; repeatable (100,000)")
    parser.add_argument("--seed", type=int, default=20260801, help="of the records (%(default)s)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="(%(default)s)")
    parser.add_argument("--postgres", metavar="URL", help="on this PostgreSQL server instead of SQLite")
    parser.add_argument("--queue", action="store_true", help="also write the queue, and compare changed records")


def run(options: dict, say: Say) -> dict:
    """Measure at each size; returns the figures by size."""
    figures: dict = {"seed": options["seed"], "processes": options["processes"], "sizes": {}}
    for size in options["size"] or [100_000]:
        say(f"--- {size:,} records, seed {options['seed']}, {options['processes']} processes")
        with scratch_database(options["postgres"]):
            figures["sizes"][size] = _measure(size, options, say)
    return figures


def _measure(size: int, options: dict, say: Say) -> dict:
    things = array("Q", [0])
    kinds = [""]
    _fill(_watched(records(size, options["seed"]), things, kinds))
    gc.collect()
    started, used = time.perf_counter(), _cpu()

    def told(text: str) -> None:
        say(f"  {time.perf_counter() - started:7.1f} s  {text}")

    with _memory_watched() as most:
        found = find(processes=options["processes"], say=told)
        seconds, cpu = time.perf_counter() - started, _cpu() - used
        peak = most()
    figures = {"seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1), "peak_mb": peak}
    figures |= _accuracy(found, things, kinds)
    say(
        f"{size:,} records: {seconds:.0f} s ({cpu:.0f} s of processor time), at most {figures['peak_mb']} MB; "
        f"{figures['found']:,} pairs, {figures['doubtful']:,} doubtful; "
        f"pairwise P {figures['precision']:.4f} R {figures['recall']:.4f} F1 {figures['f1']:.4f}"
    )
    for kind, (precision, recall, f1) in figures["kinds"].items():
        say(f"  {kind}: P {precision:.4f} R {recall:.4f} F1 {f1:.4f}")
    if options["queue"]:
        del found
        started = time.perf_counter()
        find_all(processes=options["processes"])
        figures["queue_seconds"] = round(time.perf_counter() - started, 1)
        started = time.perf_counter()
        find_for(range(1, 51))
        figures["changed_seconds"] = round((time.perf_counter() - started) / 50, 4)
        say(f"  with the queue: {figures['queue_seconds']} s; a changed record: {figures['changed_seconds']} s")
    return figures


def _watched(made: Iterator[MadeRecord], things: array, kinds: list[str]) -> Iterator[MadeRecord]:
    for record in made:
        things.append(record.thing)
        kinds.append(record.kind)
        yield record


def _fill(made: Iterator[MadeRecord]) -> None:
    """Records with their names and ids; primary keys run from 1."""
    aliases: list[tuple] = []
    identifiers: list[tuple] = []

    def rows() -> Iterator[tuple]:
        for number, record in enumerate(made, 1):
            for name in dict.fromkeys((record.name, *record.aliases)):
                aliases.append((len(aliases) + 1, number, number, name, name_key(name)[:500]))
            if record.wikidata:
                identifiers.append((len(identifiers) + 1, number, number, "wikidata", record.wikidata))
            facts = {"birth_place": record.place, "occupation": record.occupation, "gender": record.gender}
            yield number, f"b{number}", record.kind, record.name, record.begins, _json(facts)

    insert(
        Entity, Entity(name="-", kind="person"), ["id", "public_id", "kind", "name", "valid_from", "attributes"], rows()
    )
    insert(Alias, Alias(name="-", key="-"), ["id", "entity_id", "origin_id", "name", "key"], aliases)
    insert(Identifier, Identifier(is_contested=True), ["id", "entity_id", "origin_id", "scheme", "value"], identifiers)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _json(facts: dict[str, str]) -> str:
    import json

    return json.dumps({name: value for name, value in facts.items() if value}, ensure_ascii=False)


def _accuracy(found, things: array, kinds: list[str]) -> dict:
    sizes = Counter(things)
    kind_of = dict(zip(things, kinds, strict=True))
    true, right, listed = Counter(), Counter(), Counter()
    for thing, count in sizes.items():
        true[kind_of[thing]] += count * (count - 1) // 2
    for a, b in found.ids():
        listed[kinds[a]] += 1
        right[kinds[a]] += things[a] == things[b]
    by_kind = {kind: _figures(right[kind], listed[kind], true[kind]) for kind in true if kind}
    precision, recall, f1 = _figures(right.total(), listed.total(), true.total())
    return {
        "true_pairs": true.total(), "found": listed.total(), "doubtful": len(found.doubtful),
        "precision": precision, "recall": recall, "f1": f1, "kinds": by_kind,
    }  # fmt: skip


def _figures(right: int, found: int, true: int) -> tuple[float, float, float]:
    precision, recall = right / max(found, 1), right / max(true, 1)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return round(precision, 4), round(recall, 4), round(f1, 4)


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@contextmanager
def _memory_watched() -> Iterator[Callable[[], int]]:
    """A function that tells the most megabytes that this process and its children took together; 0 without /proc."""
    with tempfile.TemporaryDirectory(prefix="refdesk-memory-") as folder:
        path = Path(folder) / "most"
        watcher = subprocess.Popen([sys.executable, "-c", _WATCH, str(os.getpid()), str(path)])
        try:
            yield lambda: int(path.read_text()) // 1024 if path.exists() else 0
        finally:
            watcher.kill()
            watcher.wait()
