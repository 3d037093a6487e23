"""What pages show of articles, and of a record through the articles that mention it. Reads alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.safestring import SafeString, mark_safe

from articles.charts import Chart, chart_of
from articles.highlighting import Mark, Part, excerpts, whole
from articles.models import Article, Link, Mention
from entities.models import Entity

_COMPANY_FROM = 500  # the latest articles in which the company of a record is counted
_RECENT = 10
_SENTENCES = 2
MAX_CARDS = 1500  # of one page; the mentions beyond it are highlighted without a card


@dataclass(slots=True)
class Company:
    """A record often mentioned beside another."""

    entity: Entity
    count: int


@dataclass(slots=True)
class Appearance:
    """An article that mentions a record, with the sentences that do."""

    article: Article
    parts: list[Part]


@dataclass(slots=True)
class Coverage:
    """How the articles show a record."""

    chart: Chart | None
    total: int
    appearances: list[Appearance]
    company: list[Company]
    counted: int  # articles in which the company was counted


@dataclass(slots=True)
class Mentioned:
    """A record as one article mentions it."""

    entity: Entity
    count: int
    surfaces: list[str]
    probability: float
    first: int  # key of its first mention


def coverage_of(entity: Entity) -> Coverage:
    """The articles that mention a record, over time and in sentences, and who is mentioned with it. Six queries."""
    by_month = Link.objects.articles_by_month(entity)
    mentioning = Article.objects.visible().mentioning(entity).latest()
    latest = list(mentioning.values_list("pk", flat=True)[:_COMPANY_FROM])
    recent = Article.objects.filter(pk__in=latest[:_RECENT]).with_mentions_of(entity).latest()
    appearances = [Appearance(article, sentences_with(article, article.found, entity)) for article in recent]
    counts = Link.objects.company_of(entity, latest)
    others = Entity.objects.in_bulk([pk for pk, _ in counts])
    company = [Company(others[pk], count) for pk, count in counts]
    total = sum(by_month.values())
    return Coverage(chart_of(by_month), max(total, len(latest)), appearances, company, len(latest))


def sentences_with(article: Article, mentions: Iterable[Mention], entity: Entity) -> list[Part]:
    """The first sentences of an article that mention a record, its mentions marked."""
    marks = [Mark(mention.start, mention.end, kind=entity.kind, is_plain=True) for mention in mentions]
    return safe(excerpts(article.text, article.segments, marks, limit=_SENTENCES))


def live_link(mention: Mention) -> Link | None:
    """The decision that stands, of a mention loaded ``with_live_link``."""
    return mention.live_links[0] if mention.live_links else None


def marks_of(
    mentions: Sequence[Mention],
    card: Callable[[Mention, Link | None], str],
    href: Callable[[Mention, Link | None], str],
) -> list[Mark]:
    """Mentions as marks: kind and status from the live link.

    Args:
        card: HTML, escaped, for a mention's card.
        href: where its words lead.
    """
    marks = []
    for number, mention in enumerate(mentions):
        link = live_link(mention)
        entity = link.entity if link is not None else None
        status = link.status if link is not None else "nil"
        label = entity.name if entity is not None else "no record"
        marks.append(
            Mark(
                mention.start, mention.end, kind=entity.kind if entity is not None else "", status=status,
                id=f"m{mention.pk}", href=href(mention, link), label=label,
                card=card(mention, link) if number < MAX_CARDS else "",
            )
        )  # fmt: skip
    return marks


def parts_of(article: Article, marks: Sequence[Mark], *, full: bool) -> list[Part]:
    """The article's text with its marks: all of it, or only its headline and the sentences with mentions."""
    build = whole if full else excerpts
    return safe(build(article.text, article.segments, marks))


def safe(parts: Iterable[Part]) -> list[Part]:
    """Tell templates that the HTML of these parts is escaped: ``highlight`` escapes every character first."""
    return [replace(part, html=_escaped(part.html)) for part in parts]


def _escaped(html: str) -> SafeString:
    return mark_safe(html)


def records_in(mentions: Iterable[Mention]) -> list[Mentioned]:
    """The records an article is linked to, those mentioned most first."""
    found: dict[int, Mentioned] = {}
    for mention in mentions:
        link = live_link(mention)
        if link is None or link.status != "linked" or link.entity is None:
            continue
        entry = found.setdefault(link.entity_id, Mentioned(link.entity, 0, [], 0.0, mention.pk))
        entry.count += 1
        entry.probability = max(entry.probability, link.probability)
        if mention.surface not in entry.surfaces:
            entry.surfaces.append(mention.surface)
    return sorted(found.values(), key=lambda entry: (-entry.count, entry.entity.name, entry.entity.pk))


def headline_of(article: Article, parts: list[Part]) -> tuple[SafeString | str, list[Part]]:
    """The headline with its marks, if the text begins with it, and the parts without it; else the plain title."""
    title = " ".join(article.title.split()).casefold()
    for number, part in enumerate(parts):
        words = " ".join(article.text[part.start : part.end].split()).casefold()
        if part.kind == "headline" and (not title or words == title):
            return part.html, parts[:number] + parts[number + 1 :]
    return article.title, parts


@dataclass(slots=True)
class ArticlePage:
    """One page of a list of articles, and the cursors of its neighbours (``""`` at an end)."""

    articles: list[Article]
    newer: str
    older: str


def page_of(articles, size: int, before: str = "", after: str = "") -> ArticlePage:
    """A page of ``latest`` articles beside a cursor: as quick at the millionth article as at the first.

    Args:
        before, after: cursor of the article that the page lies before (older) or after (newer) in time; a cursor
            that cannot be read counts as none.
    """
    older_than, newer_than = _cursor(before), _cursor(after)
    if newer_than is not None:
        rows = list(articles.newer_than(*newer_than).order_by("published_on", "pk")[: size + 1])
        has_newer, rows = len(rows) > size, rows[:size][::-1]
        has_older = True
    else:
        chosen = articles.older_than(*older_than) if older_than is not None else articles
        rows = list(chosen.latest()[: size + 1])
        has_older, rows = len(rows) > size, rows[:size]
        has_newer = older_than is not None
    return ArticlePage(
        rows,
        cursor_of(rows[0]) if rows and has_newer else "",
        cursor_of(rows[-1]) if rows and has_older else "",
    )


def cursor_of(article: Article) -> str:
    """Where an article stands in the order of ``latest``."""
    return f"{article.published_on}~{article.pk}"


def _cursor(value: str) -> tuple[str, int] | None:
    date, _, pk = value.partition("~")
    if not (pk.isascii() and pk.isdigit() and len(pk) <= 18):
        return None
    return date[:10].replace("\0", ""), int(pk)


def json_ld(article: Article, mentions: Iterable[Mention], address: str, absolute: Callable[[str], str]) -> dict:
    """The article as schema.org JSON-LD: what it is, and which records it mentions."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": address,
        "identifier": article.public_id,
        "headline": article.title,
    }
    optional = {
        "url": article.url if article.url.lower().startswith(("http://", "https://")) else "",
        "datePublished": article.published_on,
        "inLanguage": article.language,
        "publisher": {"@type": "Organization", "name": article.source} if article.source else None,
        "mentions": [
            {"@id": absolute(entry.entity.get_absolute_url()), "name": entry.entity.name}
            for entry in records_in(mentions)[:100]
        ],
    }
    return data | {name: value for name, value in optional.items() if value}
