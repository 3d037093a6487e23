"""Rows become articles: cleaned, compared and decided before the transaction, stored within it."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from articles import near_duplicates, takedown
from articles.cleaning import clean
from articles.dating import find_date
from articles.importing.options import Options
from articles.language import detect_language
from articles.linking import decide_articles, store_decided
from articles.models import Article, ArticleRevision, NearDuplicateBand
from articles.readers import ArticleRow, RowError
from articles.resolution import Resolution
from entities import bulk

_SIMILAR_COMPARED = 8  # articles that share a band, compared in full at most
_FILLED = (
    "title", "author", "language", "published_at", "published_on", "date_source", "text", "text_hash", "segments",
    "linked_at", "engine_version",
)  # fmt: skip
_ERASED = ("url", "external_id", "source", "withdrawn_at")  # what a takedown takes, beside these


class Moved(Exception):
    """What is stored changed since the batch was prepared: prepare it anew."""


@dataclass(slots=True)
class Prepared:
    """A batch that is ready to be stored; ``articles`` are those whose text is new to us, unsaved, by their key."""

    rows: dict[str, ArticleRow] = field(default_factory=dict)  # the latest version of each
    earlier: dict[str, list[ArticleRow]] = field(default_factory=dict)  # versions before it in the same batch
    told_before: set[str] = field(default_factory=set)  # keys of rows whose texts the article has, or once had
    errors: list[RowError] = field(default_factory=list)
    warnings: set[str] = field(default_factory=set)
    repeated: int = 0
    articles: dict[str, Article] = field(default_factory=dict)
    decided: dict[str, list[Resolution]] = field(default_factory=dict)
    bands: dict[str, list[int]] = field(default_factory=dict)
    twins: dict[str, int | str] = field(default_factory=dict)  # a stored article's key in the table, or a row's key
    down: set[str] = field(default_factory=set)  # keys of rows that were taken down: left out

    def unsave(self) -> None:
        """Forget what a transaction that was rolled back gave the articles."""
        for article in self.articles.values():
            article.pk, article.similar_to_id = None, None
            article._state.adding = True


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch."""

    new: int
    changed: int
    known: int
    refused: int
    mentions: int


def prepare(batch: Sequence[ArticleRow | RowError], options: Options, job_id: int | None) -> Prepared:
    """Read and decide, with nothing locked: the slow half."""
    ready = Prepared()
    versions: dict[str, list[ArticleRow]] = {}
    for row in batch:
        if isinstance(row, RowError):
            ready.errors.append(row)
            continue
        ready.warnings.update(f"unknown key {name!r}, left out" for name in row.unknown_keys)
        versions.setdefault(dedupe_key(row), []).append(row)
    ready.rows = {key: rows[0] for key, rows in versions.items()}
    ready.repeated = sum(len(rows) - 1 for rows in versions.values())
    known = {
        key: (text_hash, withdrawn_at)
        for key, text_hash, withdrawn_at in Article.objects.filter(dedupe_key__in=list(ready.rows)).values_list(
            "dedupe_key", "text_hash", "withdrawn_at"
        )
    }
    texts = {key: {_digest(row.text): row for row in rows} for key, rows in versions.items()}
    once = _texts_before([key for key, (text_hash, _) in known.items() if texts[key].keys() != {text_hash}])
    for key, told in texts.items():
        text_hash, withdrawn_at = known.get(key, (None, None))
        had = {text_hash, *once.get(key, ())}
        fresh = [row for digest, row in told.items() if digest not in had]
        # One that was taken down, and may come again, has no text: whether it may is asked below.
        if fresh and (withdrawn_at is None or not text_hash):
            ready.rows[key] = fresh[-1]
            ready.articles[key] = _article(key, fresh[-1], job_id)
            before = [row for row in fresh[:-1] if not takedown.withheld([_article(key, row, job_id)])]
            if before:
                ready.earlier[key] = before
        elif not fresh:
            ready.told_before.add(key)
    ready.down = takedown.withheld(list(ready.articles.values()))
    for key in ready.down:
        del ready.articles[key]
    if ready.down:
        ready.warnings.add("articles left out that were taken down")
    if options.link:
        decided = decide_articles(list(ready.articles.values()), use_ner=options.use_ner)
        ready.decided = dict(zip(ready.articles, decided, strict=True))
    _find_twins(ready, [key for key in ready.articles if key not in known])
    return ready


def store(ready: Prepared) -> Stored:
    """Store a prepared batch, in the caller's transaction.

    Raises:
        Moved: if another wrote an article of the batch in the meantime.
    """
    known = {
        article.dedupe_key: article
        for article in Article.objects.select_for_update()
        .filter(dedupe_key__in=list(ready.rows))
        .defer("text", "segments")
        .order_by("pk")
    }
    new: list[Article] = []
    changed: list[Article] = []
    # Asked again: somebody may have taken down what was being read meanwhile.
    down = ready.down | takedown.withheld([ready.articles[key] for key in ready.rows if key in ready.articles])
    for key, row in ready.rows.items():
        article = known.get(key)
        if key in down:
            continue
        if article is None:
            new.append(_fresh(ready, key))
        elif key in ready.told_before:
            continue
        elif (article.withdrawn_at is None or not article.text_hash) and article.text_hash != _digest(row.text):
            _fresh(ready, key)
            changed.append(article)
    tied = _tie(ready, new, known)
    for article in new:
        article.revision = 1 + len(ready.earlier.get(article.dedupe_key, ()))
    Article.objects.bulk_create(new)
    _keep_earlier(ready, new, first=dict.fromkeys((one.dedupe_key for one in new), 1))
    late = []
    for article, twin in tied:
        article.similar_to_id = twin.similar_to_id or twin.pk
        late.append(article)
    if late:
        Article.objects.bulk_update(late, ["similar_to"])
    bulk.insert(
        NearDuplicateBand,
        ("article_id", "band"),
        [(article.pk, band) for article in new for band in dict.fromkeys(ready.bands.get(article.dedupe_key, ()))],
    )
    _revise(ready, changed)
    mentions = 0
    if ready.decided:
        mentions += store_decided(new, [ready.decided[one.dedupe_key] for one in new], are_new=True)
        mentions += store_decided(changed, [ready.decided[one.dedupe_key] for one in changed])
    revised = len(changed) + sum(len(ready.earlier.get(one.dedupe_key, ())) for one in (*new, *changed))
    return Stored(
        new=len(new), changed=revised, known=len(ready.rows) - len(new) - revised + ready.repeated,
        refused=len(ready.errors), mentions=mentions,
    )  # fmt: skip


def _fresh(ready: Prepared, key: str) -> Article:
    try:
        return ready.articles[key]
    except KeyError:
        raise Moved from None


def _revise(ready: Prepared, changed: Sequence[Article]) -> None:
    """Keep the old texts of changed articles, and give them the new ones."""
    if not changed:
        return
    texts = dict(Article.objects.filter(pk__in=[one.pk for one in changed]).values_list("pk", "text"))
    # One whose takedown was lifted has no old text, and gets its address back.
    kept = [one for one in changed if one.withdrawn_at is None]
    ArticleRevision.objects.bulk_create(
        ArticleRevision(article=one, number=one.revision, title=one.title, text=texts[one.pk]) for one in kept
    )
    _keep_earlier(ready, changed, first={one.dedupe_key: one.revision + (one.withdrawn_at is None) for one in changed})
    for article in changed:
        fresh = ready.articles[article.dedupe_key]
        for name in _FILLED if article.withdrawn_at is None else (*_FILLED, *_ERASED):
            setattr(article, name, getattr(fresh, name))
        article.revision += (article.withdrawn_at is None) + len(ready.earlier.get(article.dedupe_key, ()))
    Article.objects.bulk_update(changed, [*_FILLED, *_ERASED, "revision"])


def _keep_earlier(ready: Prepared, articles: Sequence[Article], first: Mapping[str, int]) -> None:
    """Versions that stood before the latest in the same batch, as revisions from a number on."""
    ArticleRevision.objects.bulk_create(
        ArticleRevision(article=one, number=number, title=row.title[:1000], text=row.text)
        for one in articles
        for number, row in enumerate(ready.earlier.get(one.dedupe_key, ()), first[one.dedupe_key])
    )


def _texts_before(keys: Sequence[str]) -> dict[str, set[str]]:
    """Digests of the texts that articles had before: read again, an old version is no new one."""
    found: dict[str, set[str]] = {}
    if not keys:
        return found
    rows = ArticleRevision.objects.filter(article__dedupe_key__in=keys).values_list("article__dedupe_key", "text")
    for key, text in rows.iterator():
        found.setdefault(key, set()).add(_digest(text))
    return found


# --- What makes two rows one article ---------------------------------------------------------------------------------
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


def _article(key: str, row: ArticleRow, job_id: int | None) -> Article:
    cleaned = clean(row.text, row.title)
    article = Article(
        dedupe_key=key, url=row.url, external_id=row.external_id, source=row.source, job_id=job_id,
        title=(row.title or cleaned.title)[:1000], text=row.text, text_hash=_digest(row.text),
        segments=[list(segment) for segment in cleaned.segments], author=row.author,
        language=row.language or detect_language(row.text), published_at=row.published_at,
        published_on=row.published_on,
        date_source=Article.DateSource.METADATA if row.published_on else Article.DateSource.NONE,
    )  # fmt: skip
    if not row.published_on:
        found = find_date(row.text, cleaned.segments)
        if found is not None:
            article.published_on, article.date_source = found.iso, Article.DateSource.TEXT
    return article


# --- Near-duplicates -------------------------------------------------------------------------------------------------
def _find_twins(ready: Prepared, keys: Sequence[str]) -> None:
    """For each new article the first one that tells the same story in nearly the same words."""
    if not keys:
        return
    grams: dict[int | str, frozenset[int]] = {key: near_duplicates.shingles(_body(ready.articles[key])) for key in keys}
    ready.bands = {key: near_duplicates.bands(grams[key]) for key in keys}
    wanted = {band for listed in ready.bands.values() for band in listed}
    sharing: dict[int, list[int | str]] = defaultdict(list)
    for band, article_id in (
        NearDuplicateBand.objects.filter(band__in=wanted).order_by("article_id").values_list("band", "article_id")
    ):
        sharing[band].append(article_id)
    near: dict[str, list[int | str]] = {}
    for key in keys:
        counts = Counter(other for band in ready.bands[key] for other in sharing[band][:200])
        near[key] = [other for other, _ in counts.most_common(_SIMILAR_COMPARED)]
        for band in ready.bands[key]:
            sharing[band].append(key)
    ids = {other for listed in near.values() for other in listed if isinstance(other, int)}
    stored = {other.pk: other for other in Article.objects.filter(pk__in=ids).only("pk", "text", "segments")}
    for key in keys:
        for other in near[key]:
            if other == key or (isinstance(other, int) and other not in stored):
                continue
            if other not in grams:
                grams[other] = near_duplicates.shingles(_body(stored[other]))
            if near_duplicates.resemblance(grams[key], grams[other]) >= near_duplicates.RESEMBLANCE:
                ready.twins[key] = other
                break


def _tie(ready: Prepared, new: Sequence[Article], known: dict[str, Article]) -> list[tuple[Article, Article]]:
    """Tie new articles to stored ones; those that are tied to articles of the same batch are returned with them."""
    ids = [twin for twin in ready.twins.values() if isinstance(twin, int)]
    groups = dict(Article.objects.filter(pk__in=ids).values_list("pk", "similar_to_id"))
    later = []
    for article in new:
        twin = ready.twins.get(article.dedupe_key)
        if isinstance(twin, int):
            article.similar_to_id = groups[twin] or twin
        elif twin is not None:
            later.append((article, known.get(twin) or ready.articles[twin]))
    return later


def _body(article: Article) -> str:
    return "\n".join(article.text[start:end] for start, end, kind in article.segments if kind == "body")
