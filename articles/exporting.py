"""Articles → files, streamed: their texts, mentions, links, and all that was ever decided about them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from articles.models import Article, Link, Mention
from entities.exporting import FTM_LINES, linked_data
from entities.exporting.followthemoney import Proxy, id_of
from entities.exporting.tables import csv_lines
from entities.matching.types import Kind

PAGE = 100


def pages(articles: QuerySet[Article]) -> Iterator[list[Article]]:
    """Articles with their mentions and all links, by id; a fixed number of queries a page."""
    links = Link.objects.select_related("entity", "actor").order_by("pk")
    mentions = Mention.objects.order_by("start", "-end").prefetch_related(Prefetch("links", links))
    visible, last = articles.visible(), ""
    while ids := list(
        visible.filter(public_id__gt=last).order_by("public_id").values_list("public_id", flat=True).distinct()[:PAGE]
    ):
        found = Article.objects.filter(public_id__in=ids).select_related("similar_to").order_by("public_id")
        yield list(found.prefetch_related(Prefetch("mentions", mentions)))
        last = ids[-1]


def _standing(mention: Mention) -> Link | None:
    return next((link for link in mention.links.all() if link.superseded_at is None), None)


# --- Refdesk JSON Lines -----------------------------------------------------------------------------------------------
def row_of(article: Article) -> dict:
    """An article as ``import_articles`` reads it, with what was found in it and decided."""
    return {
        "id": article.public_id, "url": article.url or None, "external_id": article.external_id or None,
        "title": article.title, "text": article.text, "source": article.source or None,
        "author": article.author or None, "language": article.language or None,
        "published_at": article.published_at.isoformat() if article.published_at else article.published_on or None,
        "revision": article.revision, "similar_to": article.similar_to.public_id if article.similar_to else None,
        "mentions": [
            {
                "start": mention.start, "end": mention.end, "surface": mention.surface, "type": mention.type,
                "chain": mention.chain, "detector": mention.detector,
                "links": [_link(link) for link in mention.links.all()],
            }
            for mention in article.mentions.all()
        ],
    }  # fmt: skip


def _link(link: Link) -> dict:
    return {
        "record": link.entity.public_id if link.entity else None, "status": link.status,
        "probability": link.probability, "margin": link.margin, "reason": link.reason,
        "by": link.actor.get_username() if link.actor else None, "note": link.note or None,
        "made_at": link.made_at.isoformat(),
        "superseded_at": link.superseded_at.isoformat() if link.superseded_at else None,
    }  # fmt: skip


def lines(articles: QuerySet[Article]) -> Iterator[str]:
    """A line for each article."""
    for page in pages(articles):
        for article in page:
            yield json.dumps(row_of(article), ensure_ascii=False) + "\n"


# --- Tables -----------------------------------------------------------------------------------------------------------
#: Columns are only ever added, at the end.
TABLES: dict[str, tuple[str, ...]] = {
    "articles": (
        "id", "title", "source", "author", "url", "language", "published_on", "date_source", "similar_to", "imported_at",
        "linked_at", "mentions", "page",
    ),
    "mentions": (
        "article", "published_on", "source", "start", "end", "surface", "type", "chain", "status", "record", "record_name",
        "record_kind", "probability", "margin", "reason", "by", "note", "made_at",
    ),
}  # fmt: skip


def table(name: str, articles: QuerySet[Article], base: str) -> Iterator[str]:
    """One of ``TABLES`` as CSV; of the links those that stand."""
    made = _articles if name == "articles" else _mentions
    return csv_lines(TABLES[name], (row for page in pages(articles) for one in page for row in made(one, base)))


def _articles(article: Article, base: str) -> Iterator[list]:
    yield [
        article.public_id, article.title, article.source, article.author, article.url, article.language,
        article.published_on, article.date_source, article.similar_to.public_id if article.similar_to else "",
        article.imported_at.isoformat(), article.linked_at.isoformat() if article.linked_at else "",
        len(article.mentions.all()), f"{base}{article.get_absolute_url()}",
    ]  # fmt: skip


def _mentions(article: Article, base: str) -> Iterator[list]:
    for mention in article.mentions.all():
        link = _standing(mention)
        record = link.entity if link else None
        yield [
            article.public_id, article.published_on, article.source, mention.start, mention.end, mention.surface,
            mention.type, mention.chain, link.status if link else "", record.public_id if record else "",
            record.name if record else "", record.kind if record else "", link.probability if link else "",
            link.margin if link else "", link.reason if link else "",
            link.actor.get_username() if link and link.actor else "", link.note if link else "",
            link.made_at.isoformat() if link else "",
        ]  # fmt: skip


# --- FollowTheMoney ---------------------------------------------------------------------------------------------------
def ftm_lines(articles: QuerySet[Article], base: str) -> Iterator[str]:
    """An ``Article`` for each, and a ``Mention`` for each record that it is linked to."""
    for page in pages(articles):
        for article in page:
            for proxy in _proxies(article, base):
                yield json.dumps(proxy.as_dict(), ensure_ascii=False) + "\n"


def _proxies(article: Article, base: str) -> Iterator[Proxy]:
    seen = article.imported_at.isoformat()
    document = Proxy(id_of(article.public_id), "Article", seen)
    title = article.title or "Untitled article"
    document.add("title", title)
    document.add("name", title)
    document.add("author", article.author)
    document.add("publisher", article.source)
    document.add("publishedAt", article.published_on)
    is_web = article.url.lower().startswith(("http://", "https://"))
    document.add("sourceUrl", article.url if is_web else f"{base}{article.get_absolute_url()}")
    yield document
    found: dict[str, Proxy] = {}
    for mention in article.mentions.all():
        link = _standing(mention)
        # The model lets a mention resolve to people and bodies alone: agreements, events there, are left out.
        if link is None or link.status != "linked" or link.entity is None or link.entity.kind == Kind.AGREEMENT:
            continue
        record = link.entity
        proxy = found.get(record.public_id)
        if proxy is None:
            key = hashlib.sha1(f"{article.public_id}|{record.public_id}".encode()).hexdigest()
            proxy = found[record.public_id] = Proxy(f"rd-{key}", "Mention", seen)
            proxy.add("document", document.id)
            proxy.add("resolved", id_of(record.public_id))
        proxy.add("personMentioned" if record.kind == Kind.PERSON else "companyMentioned", mention.surface)
    yield from found.values()


# --- Linked data ------------------------------------------------------------------------------------------------------
def node_of(article: Article, base: str) -> dict:
    """An article and the records it mentions, as schema.org has them."""
    records = {}
    for mention in article.mentions.all():
        link = _standing(mention)
        if link is not None and link.status == "linked" and link.entity is not None:
            records[link.entity.public_id] = link.entity
    day = article.published_on
    types = {4: "xsd:gYear", 7: "xsd:gYearMonth", 10: "xsd:date"}
    node = {
        "@id": f"{base}{article.get_absolute_url()}",
        "@type": "NewsArticle",
        "headline": article.title,
        "url": article.url if article.url.lower().startswith(("http://", "https://")) else "",
        "datePublished": {"@value": day, "@type": types[len(day)]} if len(day) in types else "",
        "inLanguage": article.language,
        "author": {"@type": "Person", "name": article.author} if article.author else "",
        "publisher": {"@type": "Organization", "name": article.source} if article.source else "",
        "mentions": [
            {
                "@id": f"{base}{reverse('record', args=[record.public_id])}",
                "@type": linked_data.TYPES[Kind(record.kind)],
                "name": record.name,
            }
            for record in records.values()
        ],
    }
    return {name: value for name, value in node.items() if value}


def json_ld(articles: QuerySet[Article], base: str) -> Iterator[str]:
    """One JSON-LD document with a node for each article, piece by piece."""
    return linked_data.graph(node_of(article, base) for page in pages(articles) for article in page)


def triples(articles: QuerySet[Article], base: str) -> Iterator[str]:
    """A line for each statement."""
    for page in pages(articles):
        for article in page:
            yield from linked_data.triples_of(node_of(article, base), article.public_id)


@dataclass(frozen=True, slots=True)
class Format:
    """A format: ``write(articles, base)`` yields text; ``base`` is the site's address, without a last slash."""

    media_type: str
    suffix: str
    write: Callable[[QuerySet[Article], str], Iterator[str]]


#: By the name that ``--format`` and ``?format=`` take.
FORMATS = {
    "refdesk": Format("application/x-ndjson", "jsonl", lambda articles, base: lines(articles)),
    "csv": Format("text/csv", "csv", lambda articles, base: table("articles", articles, base)),
    "csv-mentions": Format("text/csv", "mentions.csv", lambda articles, base: table("mentions", articles, base)),
    "ftm": Format(FTM_LINES, "ftm.json", ftm_lines),
    "jsonld": Format("application/ld+json", "jsonld", json_ld),
    "nt": Format("application/n-triples", "nt", triples),
}
