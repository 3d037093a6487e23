"""How fast articles are imported, searched and linked, with a tagger and without, and in how much memory.

Everything runs in one process on scratch databases with the starter catalogue. The bare insert of the same rows and the
engine alone are measured in the same run: an import cannot be faster than both together, and is judged against them.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.db.models import Max
from django.utils import timezone

from articles.benchmarks.generator import generate
from articles.catalogue import current_catalogue, forget_catalogue
from articles.cleaning import clean
from articles.detection import load_tagger
from articles.importing import Options, import_articles
from articles.linking import Draft, link_drafts
from articles.models import Article
from entities.benchmarks.generator import NameMaker
from entities.benchmarks.scratch import insert, scratch_database
from entities.candidates import rebuild
from entities.matching.normalize import name_key
from entities.models import Alias, Entity

HELP = "articles per second: import, detection and linking, with and without a tagger, and the memory they take"
_BATCH = 100


def add_arguments(parser) -> None:
    parser.add_argument("--articles", type=int, default=1000, help="how many are imported (%(default)s)")
    parser.add_argument("--tagged", type=int, default=200, help="how many the tagger reads (%(default)s)")
    parser.add_argument("--chars", type=int, default=3000, help="length of an article (%(default)s)")
    parser.add_argument("--postgres", metavar="URL", help="also measure on PostgreSQL, on the server of this address")
    parser.add_argument("--records", type=Path, help="a records file to load besides the starter catalogue")
    parser.add_argument("--names", type=int, default=0, help="generated names to load besides it, a record for each")
    parser.add_argument("--engine-only", action="store_true", help="leave out imports and the tagger")


def run(options: dict, say: Callable[[str], None]) -> dict:
    """Measure, print and return the figures."""
    figures: dict[str, dict] = {}
    rows = list(generate(options["articles"], chars=options["chars"]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "generated.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        for name, url in (("sqlite", None), ("postgresql", options["postgres"])):
            if name == "postgresql" and not url:
                continue
            with scratch_database(url):
                figures[name] = _measure(path, rows, options, say, name)
                forget_catalogue()
    return figures


def _measure(path: Path, rows: list[dict], options: dict, say, database: str) -> dict:
    figures: dict[str, float] = {}

    def report(name: str, count: int, seconds: float) -> None:
        figures[name] = round(count / seconds, 1)
        figures[f"{name}_mb"], figures[f"{name}_own_mb"] = resident_mb(), own_mb()
        memory = f"{resident_mb():>6.0f} MB, {own_mb():.0f} of its own"
        say(f"{database:<11} {name:<28} {count / seconds:>8.1f} articles/s   {memory}")

    with _timed() as took:
        _apart(_load, options["records"], options["names"])
    figures["load_seconds"] = round(took(), 1)
    say(f"{database:<11} catalogue loaded in {took():.1f} s")
    with _timed() as took:
        current_catalogue()
    figures["gazetteer_seconds"] = round(took(), 1)
    say(f"{database:<11} gazetteer built in {took():.1f} s, {resident_mb():.0f} MB")
    link_drafts(_drafts(rows[:20]), use_ner=False)  # tables that a process reads once
    engine = again = 0.0
    # At first records are loaded as articles speak of them; later they are there.
    for times in ("first time", "again"):
        with _timed() as took:
            for batch in _batches(rows):
                link_drafts(_drafts(batch), use_ner=False)
        engine, again = engine or took(), took()
        report(f"engine, no tagger, {times}", len(rows), took())
    if options["engine_only"]:
        return figures
    drafts = _drafts(rows)
    bare = _bare(rows)
    report("bare insert of the rows", len(rows), bare)
    with _timed() as took:
        summary = import_articles([path], Options(use_ner=False))
    imported = took()
    report("import and link, no tagger", summary.new, imported)
    figures["of_what_is_possible"] = round((bare + engine) / imported, 2)
    say(f"{database:<11} that is {(bare + engine) / imported:.2f} of insert and engine alone")
    with _timed() as took:
        repeated = import_articles([path], Options(use_ner=False))
    report("the same file again", repeated.known, took())
    tagger = load_tagger(settings.NER_MODELS.get("en", ""))
    if tagger is not None and options["tagged"]:
        few = drafts[: options["tagged"]]
        list(tagger.tag([draft.text for draft in few[:10]]))
        with _timed() as took:
            for _ in tagger.tag([draft.text for draft in few]):
                pass
        alone = took()
        report("tagger alone", len(few), alone)
        figures["times_the_tagger"] = round(len(rows) / again * alone / len(few), 2)
        say(
            f"{database:<11} the engine without a tagger is {figures['times_the_tagger']} times as fast as the tagger alone"
        )
        with _timed() as took:
            for batch in _batches(few):
                link_drafts(batch)
        report("engine with tagger", len(few), took())
        figures["added_to_tagger"] = round(took() / alone - 1, 3)
        say(f"{database:<11} the engine adds {100 * figures['added_to_tagger']:.0f} % to the tagger's time")
    return figures


def _drafts(rows: list[dict]) -> list[Draft]:
    return [Draft(row["text"], clean(row["text"], row["title"]).junk, row["published_at"], "en") for row in rows]


def _apart(work: Callable[..., None], *args) -> None:
    """Run work in a process of its own: what it leaves in memory is none of the engine's."""
    connections.close_all()
    worker = multiprocessing.get_context("fork").Process(target=work, args=args)
    worker.start()
    worker.join()
    if worker.exitcode:
        raise CommandError(f"{work.__name__} failed")


_NAMES_SEED = 20260731


def _load(records: Path | None, names: int) -> None:
    call_command("load_starter", verbosity=0)
    if records:
        call_command("import_records", str(records), verbosity=0)
    if names:
        _load_names(names)
    connections.close_all()


def _load_names(count: int) -> None:
    """Records with one generated name each, after those that are there, and the candidate index over all."""
    first = 1 + max(model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in (Entity, Alias))
    names = list(enumerate(NameMaker(_NAMES_SEED).names(count), first))
    insert(
        Entity, Entity(name="-", kind="person"), ["id", "public_id", "kind", "name"],
        ((number, f"b{number}", kind, name) for number, (kind, name) in names),
    )  # fmt: skip
    insert(
        Alias, Alias(name="-", key="-"), ["id", "entity_id", "origin_id", "name", "key"],
        ((number, number, number, name, name_key(name)) for number, (_, name) in names),
    )  # fmt: skip
    rebuild()


def _bare(rows: list[dict]) -> float:
    """Seconds that nothing but the rows themselves takes; they are rolled back."""
    with _timed() as took, transaction.atomic():
        for batch in _batches(rows):
            Article.objects.bulk_create(
                [
                    Article(
                        dedupe_key=row["url"], url=row["url"], title=row["title"], text=row["text"], source=row["source"],
                        published_on=row["published_at"], language="en", published_at=timezone.now(),
                    )
                    for row in batch
                ]
            )  # fmt: skip
        transaction.set_rollback(True)
    return took()


def _batches(items: list) -> Iterator[list]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


@contextmanager
def _timed() -> Iterator[Callable[[], float]]:
    """Wall-clock seconds of the block, told by what is yielded, after it."""
    gc.collect()
    started = time.perf_counter()
    ended: list[float] = []
    yield lambda: (ended[0] if ended else time.perf_counter()) - started
    ended.append(time.perf_counter())


def resident_mb() -> float:
    """What the process has in memory now, in MB; 0 where the system does not tell."""
    return _status_mb("VmRSS")


def own_mb() -> float:
    """The same without files that are mapped (SQLite's, libraries), whose pages the system may drop at any time."""
    return _status_mb("RssAnon")


def _status_mb(field: str) -> float:
    try:
        lines: Iterable[str] = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((round(int(line.split()[1]) / 1000, 1) for line in lines if line.startswith(f"{field}:")), 0.0)
