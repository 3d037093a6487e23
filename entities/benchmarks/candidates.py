"""Candidate generation: recall at 50, speed, memory, build time, beside what is ready-made, on the same seeded data."""

from __future__ import annotations

import gc
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
from django.db import connection

from entities.benchmarks.generator import NameMaker, queries, respelt_names, respelt_people
from entities.benchmarks.scratch import insert, scratch_database
from entities.candidates import CandidateIndex, held_bytes, rebuild
from entities.matching import blocking
from entities.matching.normalize import name_key
from entities.models import Alias, Entity

HELP = "candidate generation on seeded names and real respellings, with pg_trgm and tantivy as baselines"
LIMIT = 50

Say = Callable[[str], None]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--size", type=int, action="append", help="names in the index; repeatable (100,000)")
    parser.add_argument("--queries", type=int, default=1000, help="generated queries (%(default)s)")
    parser.add_argument("--seed", type=int, default=20260731, help="of names and queries (%(default)s)")
    parser.add_argument("--catalogue", type=Path, help="records file whose people's aliases are real respellings")
    parser.add_argument("--postgres", metavar="URL", help="measure on this PostgreSQL server too, with pg_trgm")
    parser.add_argument("--baseline-queries", type=int, default=200, help="asked of each baseline; 0: none")


class Asked:
    """What is looked for: names in the index, and sets of queries with the place of the name each one means."""

    def __init__(self, size: int, options: dict) -> None:
        seed = options["seed"]
        self.names = list(NameMaker(seed).names(size))
        count = len(self.names)
        made = queries([name for _, name in self.names], options["queries"], seed + 1)
        self.sets: dict[str, list[tuple[str, int]]] = {"generated": [(query.text, query.target) for query in made]}
        self.ways = [query.how for query in made]
        places = respelt_names(seed + 2, max(options["queries"] // 2, 1))
        people = respelt_people(_catalogue(options), seed + 3, max(options["queries"] // 2, 1))
        for name, kind, pairs in (("respelt places", "organization", places), ("respelt people", "person", people)):
            self.names.extend((kind, indexed) for indexed, _ in pairs)
            self.sets[name] = [(text, count + at) for at, (_, text) in enumerate(pairs)]
            count += len(pairs)


def _catalogue(options: dict) -> Path:
    from entities.starter import FILES

    return options["catalogue"] or next(path for path in FILES if path.stem == "people")


def run(options: dict, say: Say) -> dict:
    """Measure at each size; returns the figures by size and engine."""
    figures: dict = {"seed": options["seed"], "limit": LIMIT, "sizes": {}}
    for size in options["size"] or [100_000]:
        say(f"--- {size:,} names, seed {options['seed']}")
        asked = Asked(size, options)
        say(f"{len(asked.names):,} names, " + ", ".join(f"{len(rows)} {name}" for name, rows in asked.sets.items()))
        found = figures["sizes"][size] = {}
        with scratch_database():
            found["sqlite"] = _measure_index(asked, say, "SQLite")
        if options["postgres"]:
            with scratch_database(options["postgres"]):
                found["postgresql"] = _measure_index(asked, say, "PostgreSQL")
        if options["baseline_queries"]:
            if options["postgres"]:
                found["pg_trgm"] = _measure_pg_trgm(asked, options["postgres"], options["baseline_queries"], say)
            found["tantivy"] = _measure_tantivy(asked, options["baseline_queries"], say)
        _compare(found, say)
    return figures


# --- The index --------------------------------------------------------------------------------------------------------
def _measure_index(asked: Asked, say: Say, label: str) -> dict:
    _fill(asked.names)
    gc.collect()
    started = time.perf_counter()
    rebuild()
    built = time.perf_counter() - started
    gc.collect()
    before = _own_memory()
    index = CandidateIndex()
    started = time.perf_counter()
    index.lookup(["warm"], limit=LIMIT)
    loaded = time.perf_counter() - started
    figures: dict = {
        "build_seconds": round(built, 1),
        "load_seconds": round(loaded, 2),
        "held_mb": round(held_bytes() / 1e6, 1),
        "index_mb": round(_index_megabytes(), 1),
    }
    for name, rows in asked.sets.items():
        figures[name] = _timed(
            rows, lambda text: [one.entity_id - 1 for one in index.lookup([text], limit=LIMIT)[text]], asked.ways
        )
    figures["memory_mb"] = round(_own_memory() - before, 1)
    generated = [text for text, _ in asked.sets["generated"]]
    started = time.perf_counter()
    for start in range(0, len(generated), 64):
        index.lookup(generated[start : start + 64], limit=LIMIT)
    figures["batch_per_second"] = round(len(generated) / (time.perf_counter() - started))
    step = max(len(asked.names) // 50_000, 1)
    known = [name for _, name in asked.names[::step]]
    started = time.perf_counter()
    hits = index.exact(known)
    figures["exact_per_second"] = round(len(known) / (time.perf_counter() - started))
    if len(hits) != len(set(known)):
        raise AssertionError("a name in the index was not found by its own spelling")
    figures["new_name_seconds"] = round(_follow(index), 4)
    say(
        f"{label}: build {figures['build_seconds']} s, load {figures['load_seconds']} s, "
        f"stored {figures['index_mb']} MB, "
        f"held in memory {figures['held_mb']} MB (process grew {figures['memory_mb']} MB), "
        f"batch {figures['batch_per_second']}/s, exact {figures['exact_per_second']:,}/s, "
        f"a new name found after {1000 * figures['new_name_seconds']:.0f} ms"
    )
    _say_sets(figures, asked, say, label)
    return figures


def _fill(names: Sequence[tuple[str, str]]) -> None:
    """One record with one name for each; primary keys run from 1."""
    insert(
        Entity, Entity(name="-", kind="person"), ["id", "public_id", "kind", "name"],
        ((number, f"b{number}", kind, name) for number, (kind, name) in enumerate(names, 1)),
    )  # fmt: skip
    insert(
        Alias, Alias(name="-", key="-"), ["id", "entity_id", "origin_id", "name", "key"],
        ((number, number, number, name, name_key(name)[:500]) for number, (_, name) in enumerate(names, 1)),
    )  # fmt: skip
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in ("entities_entity", "entities_alias"):
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {len(names)})")
        cursor.execute("ANALYZE")


def _follow(index: CandidateIndex) -> float:
    """Seconds from the writing of a new name to the end of a look-up that finds it."""
    record = Entity.objects.create(name="Quorvexia Plimsander", kind="person")
    alias = Alias.objects.create(entity=record, origin=record, name=record.name, key=name_key(record.name))
    started = time.perf_counter()
    index.index_aliases([alias.pk])
    found = index.lookup(["Quorvexya Plimsander"], limit=LIMIT)["Quorvexya Plimsander"]
    if record.pk not in [one.entity_id for one in found]:
        raise AssertionError("a new name was not found by the next look-up")
    return time.perf_counter() - started


def _own_memory() -> float:
    """Megabytes of this process that are its own, files mapped into it left aside; 0 where the system does not say."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("RssAnon")), 0.0)


def _index_megabytes() -> float:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT SUM(pg_total_relation_size(c)) FROM unnest(ARRAY['entities_indexposting'::regclass, "
                "'entities_indexsegment', 'entities_indexchange']) c"
            )
        else:
            cursor.execute("SELECT SUM(LENGTH(data)) FROM entities_indexposting")
        return float(cursor.fetchone()[0]) / 1e6


def _timed(rows: Sequence[tuple[str, int]], ask: Callable[[str], list[int]], ways: Sequence[str] = ()) -> dict:
    """Ask one by one: recall, queries a second, median and 99th percentile in milliseconds.

    ``cpu_ms`` and ``cpu_p99_ms`` are of the processor time that this process took: they tell more than the clock does
    where others use the machine, and all where the engine is in this process.
    """
    for text, _ in rows[:20]:  # the first ones pay for cold caches and prepared code
        ask(text)
    blocking.features.cache_clear()
    times, missed = [], Counter()
    hits = 0
    used = []
    for at, (text, target) in enumerate(rows):
        started, before = time.perf_counter(), time.process_time()
        found = ask(text)
        used.append(time.process_time() - before)
        times.append(time.perf_counter() - started)
        if target in found[:LIMIT]:
            hits += 1
        elif len(ways) == len(rows):
            missed[ways[at]] += 1
    times.sort()
    return {
        "recall": round(hits / max(len(rows), 1), 4),
        "per_second": round(len(rows) / max(sum(times), 1e-9), 1),
        "p50_ms": round(1000 * times[len(times) // 2], 2),
        "p99_ms": round(1000 * times[min(int(len(times) * 0.99), len(times) - 1)], 2),
        "cpu_ms": round(1000 * sum(used) / max(len(rows), 1), 3),
        "cpu_p99_ms": round(1000 * sorted(used)[min(int(len(used) * 0.99), len(used) - 1)], 2),
        "missed": dict(missed.most_common()),
    }


def _say_sets(figures: dict, asked: Asked, say: Say, label: str) -> None:
    for name in asked.sets:
        row = figures.get(name)
        if row:
            missed = ", ".join(f"{count} {how}" for how, count in row["missed"].items())
            say(
                f"  {label}, {name}: recall@{LIMIT} {row['recall']:.4f}, {row['per_second']}/s, "
                f"median {row['p50_ms']} ms, p99 {row['p99_ms']} ms, "
                f"processor {row['cpu_ms']} ms, p99 {row['cpu_p99_ms']} ms" + (f"; missed: {missed}" if missed else "")
            )


# --- Baselines --------------------------------------------------------------------------------------------------------
def _measure_pg_trgm(asked: Asked, url: str, count: int, say: Say) -> dict:
    """pg_trgm with a GIN index and its default threshold of 0.3, on the same normalised names."""
    figures: dict = {}
    with scratch_database(url), connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute("CREATE TABLE names (id int PRIMARY KEY, name text)")
        with cursor.copy("COPY names FROM STDIN") as copy:
            for at, (_, name) in enumerate(asked.names):
                copy.write_row((at, blocking.fold(name_key(name))))
        started = time.perf_counter()
        cursor.execute("CREATE INDEX ON names USING gin (name gin_trgm_ops)")
        figures["build_seconds"] = round(time.perf_counter() - started, 1)
        cursor.execute("ANALYZE names")
        cursor.execute("SET pg_trgm.similarity_threshold = 0.3")

        with psycopg.Cursor(connection.connection) as raw:

            def ask(text: str) -> list[int]:
                folded = blocking.fold(name_key(text))
                raw.execute(
                    f"SELECT id FROM names WHERE name %% %s ORDER BY similarity(name, %s) DESC LIMIT {LIMIT}",
                    (folded, folded),
                )
                return [row[0] for row in raw.fetchall()]

            for name, rows in asked.sets.items():
                figures[name] = _timed(rows[:count], ask)
    say(f"pg_trgm GIN 0.3: build {figures['build_seconds']} s")
    _say_sets(figures, asked, say, "pg_trgm")
    return figures


def _measure_tantivy(asked: Asked, count: int, say: Say) -> dict | None:
    """tantivy over character trigrams, every trigram of the query wanted, none required."""
    try:
        import tantivy
    except ImportError:
        say("tantivy is not installed: left out")
        return None
    figures: dict = {}
    schema = tantivy.SchemaBuilder()
    schema.add_integer_field("id", stored=True)
    schema.add_text_field("name", tokenizer_name="trigrams", index_option="freq")
    with tempfile.TemporaryDirectory(prefix="refdesk-tantivy-") as folder:
        schema = schema.build()
        index = tantivy.Index(schema, path=folder)
        trigrams = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(3, 3, False)).build()
        index.register_tokenizer("trigrams", trigrams)
        started = time.perf_counter()
        writer = index.writer(200_000_000, 1)
        for at, (_, name) in enumerate(asked.names):
            writer.add_document(tantivy.Document(id=at, name=f" {blocking.fold(name_key(name))} "))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        figures["build_seconds"] = round(time.perf_counter() - started, 1)
        searcher = index.searcher()

        def ask(text: str) -> list[int]:
            padded = f" {blocking.fold(name_key(text))} "
            terms = dict.fromkeys(padded[at : at + 3] for at in range(len(padded) - 2))
            query = tantivy.Query.boolean_query(
                [
                    (tantivy.Occur.Should, tantivy.Query.term_query(schema, "name", term, index_option="freq"))
                    for term in terms
                ]
            )
            return [searcher.doc(address)["id"][0] for _, address in searcher.search(query, LIMIT).hits]

        for name, rows in asked.sets.items():
            figures[name] = _timed(rows[:count], ask)
    say(f"tantivy trigrams: build {figures['build_seconds']} s")
    _say_sets(figures, asked, say, "tantivy")
    return figures


def _compare(found: dict, say: Say) -> None:
    for ours, theirs in (("sqlite", "pg_trgm"), ("postgresql", "pg_trgm"), ("sqlite", "tantivy")):
        if found.get(ours) and found.get(theirs):
            ratio = found[ours]["generated"]["per_second"] / max(found[theirs]["generated"]["per_second"], 1e-9)
            found[ours][f"times_{theirs}"] = round(ratio, 1)
            say(f"  {ours}: {ratio:.1f} times the queries/s of {theirs}")
    if found.get("tantivy"):
        ratio = found["tantivy"]["generated"]["cpu_ms"] / max(found["sqlite"]["generated"]["cpu_ms"], 1e-9)
        found["sqlite"]["times_tantivy_by_processor"] = round(ratio, 1)
        say(f"  sqlite: {ratio:.1f} times the queries in a second of processor time of tantivy")
