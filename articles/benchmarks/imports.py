"""Imports by the hundred thousand: how fast, in how much memory, and how near to what is possible.

What is possible is the engine alone, plus Django's ``bulk_create`` of the very rows that the import stores (articles,
mentions, links, candidates, bands), both measured in the same run on the same articles. No tagger; the starter catalogue.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from articles import near_duplicates
from articles.benchmarks.articles import own_mb, resident_mb
from articles.benchmarks.generator import generate
from articles.catalogue import current_catalogue, forget_catalogue
from articles.cleaning import clean
from articles.importing import Options, import_articles
from articles.linking import Draft, link_drafts
from articles.models import Article, Candidate, Link, Mention, NearDuplicateBand
from articles.resolution import Resolution
from entities.benchmarks.scratch import scratch_database
from entities.matching.types import Outcome

HELP = "imports of many articles: rate, memory on the way, and the share of what engine and bare inserts would allow"
_BATCH = 100
_OPTIONS = Options(use_ner=False)


def add_arguments(parser) -> None:
    parser.add_argument("--articles", type=int, default=10_000, help="how many are imported (%(default)s)")
    parser.add_argument("--compared", type=int, default=2_000, help="on how many the share is measured (%(default)s)")
    parser.add_argument("--chars", type=int, default=3000, help="length of an article (%(default)s)")
    parser.add_argument("--every", type=int, default=10_000, help="articles between two looks at memory (%(default)s)")
    parser.add_argument("--postgres", metavar="URL", help="also measure on PostgreSQL, on the server of this address")


def run(options: dict, say: Callable[[str], None]) -> dict:
    """Measure, print and return the figures."""
    figures: dict[str, dict] = {}
    for name, url in (("sqlite", None), ("postgresql", options["postgres"])):
        if name == "postgresql" and not url:
            continue
        with tempfile.TemporaryDirectory() as folder:
            with _ready(url, Path(folder)):
                figures[name] = _imported(options, Path(folder), say, name)
            with _ready(url, Path(folder)):
                figures[name] |= _possible(options, say, name)
        found = figures[name]
        found["share_of_possible"] = round(
            (found["engine_seconds"] + found["bare_seconds"]) / found["import_seconds"], 2
        )
        say(f"{name:<11} the import runs at {found['share_of_possible']:.2f} of what engine and bare inserts allow")
    return figures


@contextmanager
def _ready(url: str | None, folder: Path) -> Iterator[None]:
    """A database with the starter catalogue, its gazetteer built and warm."""
    with scratch_database(url):
        forget_catalogue()
        call_command("load_starter", verbosity=0)
        current_catalogue()
        import_articles([_file(folder, "warm", 2 * _BATCH, 3000, seed=99)], _OPTIONS)
        try:
            yield
        finally:
            forget_catalogue()


def _file(folder: Path, name: str, count: int, chars: int, seed: int) -> Path:
    path = folder / f"{name}.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for row in generate(count, chars=chars, seed=seed):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def _imported(options: dict, folder: Path, say, name: str) -> dict:
    path = _file(folder, "compared", options["compared"], options["chars"], seed=1)
    started = time.perf_counter()
    import_articles([path], _OPTIONS)
    figures = {"import_seconds": round(time.perf_counter() - started, 2)}
    path = _file(folder, "all", options["articles"], options["chars"], seed=2)
    memory: dict[int, float] = {}
    done, last, started = 0, 0.0, time.perf_counter()

    def look(count: int) -> None:
        nonlocal done, last
        before, done = done, done + count
        if before // options["every"] != done // options["every"]:
            now = time.perf_counter() - started
            memory[done] = resident_mb()
            rate = options["every"] / (now - last)
            say(
                f"{name:<11} {done:>8} articles   {rate:>7.1f}/s lately   {memory[done]:>6.0f} MB, {own_mb():.0f} of its own"
            )
            last = now

    summary = import_articles([path], _OPTIONS, progress=look)
    seconds = time.perf_counter() - started
    say(f"{name:<11} {summary.new:>8} articles   {summary.new / seconds:>7.1f}/s in all    {resident_mb():>6.0f} MB")
    figures |= {
        "articles": summary.new, "mentions": summary.mentions, "seconds": round(seconds, 1),
        "articles_per_second": round(summary.new / seconds, 1), "memory_mb": memory, "memory_mb_at_the_end": resident_mb(),
    }  # fmt: skip
    return figures


def _possible(options: dict, say, name: str) -> dict:
    rows = generate(options["compared"], chars=options["chars"], seed=1)
    engine = bare = 0.0
    count = 0
    while batch := list(islice(rows, _BATCH)):
        cleaned = [clean(row["text"], row["title"]) for row in batch]
        drafts = [
            Draft(row["text"], one.junk, row["published_at"], "en") for row, one in zip(batch, cleaned, strict=True)
        ]
        started = time.perf_counter()
        decided = link_drafts(drafts, use_ner=False)
        engine += time.perf_counter() - started
        bands = [near_duplicates.bands(near_duplicates.shingles(row["text"])) for row in batch]
        started = time.perf_counter()
        count += _insert(batch, [one.segments for one in cleaned], bands, decided)
        bare += time.perf_counter() - started
    fast, plain = options["compared"] / engine, options["compared"] / bare
    say(f"{name:<11} engine alone {fast:>8.1f}/s, bulk_create alone {plain:>8.1f}/s ({count} rows)")
    return {"engine_seconds": round(engine, 2), "bare_seconds": round(bare, 2), "bare_rows": count}


@transaction.atomic
def _insert(batch: Sequence[dict], segments: Sequence, keys: Sequence, decided: Sequence[list[Resolution]]) -> int:
    """What an import of the batch stores, by ``bulk_create`` and nothing else; the number of rows."""
    now = timezone.now()
    articles = Article.objects.bulk_create(
        Article(
            dedupe_key=row["url"][:80], url=row["url"], title=row["title"], text=row["text"], source=row["source"],
            published_on=row["published_at"], language="en", linked_at=now, text_hash="0" * 64,
            segments=[list(one) for one in parts],
        )
        for row, parts in zip(batch, segments, strict=True)
    )  # fmt: skip
    bands = [
        NearDuplicateBand(article=article, band=band)
        for article, some in zip(articles, keys, strict=True)
        for band in dict.fromkeys(some)
    ]
    found = [(article, one) for article, some in zip(articles, decided, strict=True) for one in some]
    spans: dict[tuple, tuple] = {(article.pk, one.span.start, one.span.end): (article, one) for article, one in found}
    found = list(spans.values())
    mentions = Mention.objects.bulk_create(
        (
            Mention(
                article=article, start=one.span.start, end=one.span.end, surface=one.span.surface[:500], type=one.type,
                chain=one.chain, detector=one.span.detector,
            )
            for article, one in found
        ),
        batch_size=500,
    )  # fmt: skip
    links, candidates = [], []
    for mention, (_, one) in zip(mentions, found, strict=True):
        decision = one.decision
        links.append(
            Link(
                mention=mention, entity_id=decision.record_id if decision.outcome is not Outcome.NIL else None,
                status=decision.outcome, probability=decision.probability, margin=decision.margin,
                reason=decision.reason[:1000], evidence=[list(row) for row in one.evidence],
            )
        )  # fmt: skip
        if decision.outcome is not Outcome.LINK or (len(one.ranking) > 1 and one.ranking[1].probability > 0.02):
            candidates += [
                Candidate(
                    mention=mention,
                    entity_id=scored.record_id,
                    rank=rank,
                    probability=scored.probability,
                    evidence=[[name, found.value, found.text] for name, found in scored.evidence.items()],
                )
                for rank, scored in enumerate(one.ranking, 1)
            ]
    for model, rows in ((NearDuplicateBand, bands), (Link, links), (Candidate, candidates)):
        model.objects.bulk_create(rows, batch_size=500)
    return len(articles) + len(bands) + len(mentions) + len(links) + len(candidates)
