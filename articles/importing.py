"""Articles in bulk: a durable job, whose every batch stores its rows, what was found in them, and the cursor together.

A crash leaves whole batches or none; running the same files again adds nothing, resuming the job skips what it has read.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from articles import near_duplicates, takedown
from articles.cleaning import clean
from articles.dating import find_date
from articles.language import detect_language
from articles.linking import link_articles
from articles.models import Article, ArticleRevision, ImportBatch, ImportJob, ImportRowError, NearDuplicateBand
from articles.queue import refresh_priorities
from articles.readers import READERS, ArticleRow, ReadOptions, RowError, expand, format_of

BATCH = 100
_SIMILAR_COMPARED = 8  # articles that share a band, compared in full at most


@dataclass(slots=True)
class Options:
    """How files are read and what is done with their articles."""

    format: str = ""
    read: ReadOptions = field(default_factory=ReadOptions)
    link: bool = True
    use_ner: bool = True
    limit: int | None = None
    dry_run: bool = False


@dataclass(slots=True)
class Summary:
    """What an import did."""

    job: int | None = None
    rows: int = 0
    new: int = 0
    changed: int = 0
    known: int = 0
    refused: int = 0
    withheld: int = 0  # taken down before: counted among those known, too
    mentions: int = 0
    errors: list[RowError] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        lines = [
            f"{self.rows} rows: {self.new} articles new, {self.changed} changed, {self.known} known already, "
            f"{self.refused} refused; {self.mentions} mentions"
        ]
        if self.withheld:
            lines.append(f"  {self.withheld} were left out: they were taken down")
        lines += [f"  warning: {text}" for text in sorted(self.warnings)]
        lines += [f"  {error}" for error in self.errors[:50]]
        return "\n".join(lines)


class DryRun(Exception):
    """Raised to roll everything back."""


def import_articles(
    paths: Sequence[Path],
    options: Options | None = None,
    *,
    resume: ImportJob | None = None,
    progress: Callable[[int], object] | None = None,
) -> Summary:
    """Read files and store their articles, linked.

    Args:
        paths: files, or folders of them.
        resume: a job that did not finish: the rows it has stored are skipped.
        progress: called with the number of rows after each batch.

    Raises:
        ValueError: if a file's format is neither given nor told by its name.
        OSError: if a file cannot be read.
    """
    options = options or Options()
    files = list(expand(list(paths)))
    for path in files:
        if not (options.format or format_of(path)):
            raise ValueError(f"{path}: say what format it is (--format {'|'.join(READERS)})")
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no such file")
    if not options.dry_run:
        return _run(files, options, resume, progress)
    summary = Summary()
    try:
        with transaction.atomic():
            summary = _run(files, options, None, progress)
            raise DryRun
    except DryRun:
        summary.job = None
        return summary


def _run(files, options: Options, resume: ImportJob | None, progress) -> Summary:
    job = resume or ImportJob.objects.create(
        path=" ".join(map(str, files))[:2000], options={"format": options.format, "link": options.link}
    )
    ImportJob.objects.filter(pk=job.pk).update(
        status=ImportJob.Status.RUNNING, started_at=job.started_at or timezone.now(), message=""
    )
    summary = Summary(job=job.pk)
    done = int(job.cursor.get("rows", 0))
    rows = islice(_rows(files, options), options.limit)
    for _ in islice(rows, done):
        pass
    number = job.batches.count()
    try:
        while batch := list(islice(rows, BATCH)):
            number += 1
            with transaction.atomic():
                _store_batch(job, number, done, batch, options, summary)
            done += len(batch)
            if progress is not None:
                progress(len(batch))
    except KeyboardInterrupt:
        _finish(job, ImportJob.Status.CANCELLED, f"interrupted; go on with --resume {job.pk}")
        raise
    except Exception as error:
        _finish(job, ImportJob.Status.FAILED, f"{type(error).__name__}: {error}"[:2000])
        raise
    _finish(job, ImportJob.Status.DONE, "")
    if summary.mentions:
        refresh_priorities()  # a doubtful name that came ten times more is worth ten times more
    return summary


def _finish(job: ImportJob, status: str, message: str) -> None:
    ImportJob.objects.filter(pk=job.pk).update(status=status, message=message, finished_at=timezone.now())


def _rows(files: Sequence[Path], options: Options) -> Iterator[ArticleRow | RowError]:
    for path in files:
        yield from READERS[options.format or format_of(path)](path, options.read)


def _store_batch(
    job: ImportJob, number: int, first: int, batch: list[ArticleRow | RowError], options: Options, summary: Summary
) -> None:
    """One batch with its cursor, in the caller's transaction."""
    errors = [row for row in batch if isinstance(row, RowError)]
    rows: dict[str, ArticleRow] = {}
    repeated = 0
    for row in batch:
        if isinstance(row, ArticleRow):
            for name in row.unknown_keys:
                summary.warnings[f"{row.file}: unknown key {name!r}, left out"] += 1
            key = dedupe_key(row)
            repeated += key in rows
            rows.setdefault(key, row)
    known = {
        a.dedupe_key: a for a in Article.objects.select_for_update().filter(dedupe_key__in=list(rows)).order_by("pk")
    }
    new, changed = [], []
    for key, row in rows.items():
        article = known.get(key)
        if article is None:
            new.append(_article(key, row, job))
        elif article.text_hash != _hash(row.text):
            changed.append((article, row, _article(key, row, job)))
    down = takedown.withheld([*new, *(fresh for _, _, fresh in changed)])
    new = [article for article in new if article.dedupe_key not in down]
    changed = [
        _changed(article, row)
        for article, row, fresh in changed
        if fresh.dedupe_key not in down and (article.withdrawn_at is None or not article.text_hash)
    ]
    Article.objects.bulk_create(new, batch_size=BATCH)
    if changed:
        Article.objects.bulk_update(
            changed,
            ["title", "author", "language", "published_at", "published_on", "date_source", "text", "text_hash",
             "segments", "revision"],
        )  # fmt: skip
    _group_similar(new)
    if options.link:
        summary.mentions += link_articles([*new, *changed], use_ner=options.use_ner)
    ImportRowError.objects.bulk_create(
        ImportRowError(job=job, file=e.file[:2000], line=e.line, reason=e.reason[:1000], excerpt=e.excerpt[:500])
        for e in errors
    )
    counts = {
        "rows_read": len(batch), "articles_new": len(new), "articles_changed": len(changed),
        "articles_known": len(rows) - len(new) - len(changed) + repeated, "rows_refused": len(errors),
    }  # fmt: skip
    ImportBatch.objects.create(
        job=job, number=number, first_row=first + 1, last_row=first + len(batch), articles_new=len(new)
    )
    ImportJob.objects.filter(pk=job.pk).update(
        cursor={"rows": first + len(batch)}, **{name: F(name) + count for name, count in counts.items()}
    )
    summary.rows += len(batch)
    summary.new += len(new)
    summary.changed += len(changed)
    summary.known += counts["articles_known"]
    summary.refused += len(errors)
    summary.withheld += len(down)
    summary.errors.extend(errors[: max(0, 1000 - len(summary.errors))])


def _changed(article: Article, row: ArticleRow) -> Article:
    """A known article with its new text, the old one kept; one that had been taken down, and may come again, filled."""
    if article.withdrawn_at is None:
        ArticleRevision.objects.create(article=article, number=article.revision, title=article.title, text=article.text)
        article.revision += 1
    else:
        article.withdrawn_at = None
        article.url, article.external_id, article.source = row.url, row.external_id, row.source
        article.save()
    _fill(article, row)
    return article


def dedupe_key(row: ArticleRow) -> str:
    """What makes two rows one article: the url, else the outlet's own id, else title and text."""
    return dedupe_keys(row)[0]


def dedupe_keys(row: ArticleRow | Article) -> list[str]:
    """Every key that a row, or a stored article, may be known by; the first one is its own."""
    keys = []
    if row.url:
        keys.append(f"url:{_digest(normal_url(row.url))}")
    if row.external_id:
        keys.append(f"id:{_digest(row.source, row.external_id)}")
    return [*keys, f"text:{_digest(row.title, row.text)}"]


_TRACKING = ("utm_", "fbclid", "gclid", "mc_cid", "mc_eid", "ref=", "cmpid")


def normal_url(url: str) -> str:
    """An address without what does not change the page: scheme, www, tracking parameters, fragment, last slash."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    host = parts.netloc.lower().removeprefix("www.")
    query = "&".join(q for q in parts.query.split("&") if q and not q.lower().startswith(_TRACKING))
    return urlunsplit(("", host, parts.path.rstrip("/"), query, ""))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _hash(text: str) -> str:
    return _digest(text)


def _article(key: str, row: ArticleRow, job: ImportJob) -> Article:
    article = Article(dedupe_key=key, url=row.url, external_id=row.external_id, source=row.source, job=job)
    _fill(article, row)
    return article


def _fill(article: Article, row: ArticleRow) -> None:
    cleaned = clean(row.text, row.title)
    article.title = (row.title or cleaned.title)[:1000]
    article.text, article.text_hash = row.text, _hash(row.text)
    article.segments = [list(segment) for segment in cleaned.segments]
    article.author = row.author
    article.language = row.language or detect_language(row.text)
    article.published_at, article.published_on = row.published_at, row.published_on
    article.date_source = Article.DateSource.METADATA if row.published_on else Article.DateSource.NONE
    if not row.published_on:
        found = find_date(row.text, cleaned.segments)
        if found is not None:
            article.published_on, article.date_source = found.iso, Article.DateSource.TEXT


def _group_similar(articles: Sequence[Article]) -> None:
    """Tie each new article to the first one that tells the same story in nearly the same words."""
    if not articles:
        return
    grams = {article.pk: near_duplicates.shingles(_body(article)) for article in articles}
    bands = {article.pk: near_duplicates.bands(grams[article.pk]) for article in articles}
    wanted = {band for listed in bands.values() for band in listed}
    sharing: dict[int, list[int]] = defaultdict(list)
    for band, article_id in (
        NearDuplicateBand.objects.filter(band__in=wanted).order_by("article_id").values_list("band", "article_id")
    ):
        sharing[band].append(article_id)
    near: dict[int, list[int]] = {}
    for article in articles:
        counts = Counter(other for band in bands[article.pk] for other in sharing[band][:200])
        near[article.pk] = [other for other, _ in counts.most_common(_SIMILAR_COMPARED)]
        for band in bands[article.pk]:
            sharing[band].append(article.pk)
    stored = {
        other.pk: other
        for other in Article.objects.filter(pk__in={o for listed in near.values() for o in listed}).only(
            "pk", "text", "segments", "similar_to_id"
        )
    }
    own = {article.pk: article for article in articles}
    tied = []
    for article in articles:
        for other_id in near[article.pk]:
            other = own.get(other_id) or stored.get(other_id)
            if other is None or other_id == article.pk:
                continue
            if other_id not in grams:
                grams[other_id] = near_duplicates.shingles(_body(other))
            if near_duplicates.resemblance(grams[article.pk], grams[other_id]) >= near_duplicates.RESEMBLANCE:
                article.similar_to_id = other.similar_to_id or other.pk
                tied.append(article)
                break
    Article.objects.bulk_update(tied, ["similar_to"])
    NearDuplicateBand.objects.bulk_create(
        [NearDuplicateBand(article_id=pk, band=band) for pk, listed in bands.items() for band in dict.fromkeys(listed)],
        batch_size=1000,
    )


def _body(article: Article) -> str:
    return "\n".join(article.text[start:end] for start, end, kind in article.segments if kind == "body")
