"""Atom feeds (RFC 4287) of new mentions: of a record, and of a search that a user saved. Django's syndication framework.

An entry is an article; its id is made of the article's and what the feed is about, so that it stays whatever the site is
called. It holds the sentences that mention the record; the whole text only where the reader may see it. Pages follow
RFC 5005: ``next`` leads to what is older.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.signing import BadSignature, Signer
from django.db.models import Max, Q
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.views.decorators.http import conditional_page, require_safe

from articles.filters import ArticleFilter
from articles.highlighting import Mark, excerpts
from articles.models import Article, Link, Mention, SavedSearch, new_nonce
from config.access import may_read, public_page
from entities.models import Entity
from entities.views import survivor_or_404

PAGE = 50
_NAMES = uuid.UUID("5e8f3a52-6c1d-4b7e-9d0a-2f4b7c915e30")  # of this site's kind of entries; never to be changed
_SENTENCES = 3
# What XML 1.0 has no way to say; article texts are hostile.
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Text that XML can hold."""
    return _NOT_IN_XML.sub(" ", text)


def entry_id(*parts: str) -> str:
    """A URN that stays the same for ever: of a feed, or of an entry in it."""
    return uuid.uuid5(_NAMES, "/".join(parts)).urn


@dataclass(slots=True)
class Entry:
    """An article as a feed shows it, with the mentions it is shown for."""

    article: Article
    at: datetime
    mentions: Sequence[Mention]


class PagedAtom(Atom1Feed):
    """Atom with the links of a paged feed."""

    def add_root_elements(self, handler):
        """As usual, and the next page."""
        super().add_root_elements(handler)
        for rel in ("first", "next"):
            if self.feed.get(rel):
                handler.addQuickElement("link", "", {"rel": rel, "href": self.feed[rel]})
        handler.addQuickElement("generator", "Refdesk")


class MentionFeed(Feed):
    """What both feeds share."""

    feed_type = PagedAtom
    author_name = "Refdesk"

    def page(self, request, about):
        """The entries of a page, the latest first, and the cursor of the next one."""
        raise NotImplementedError

    def is_full(self, request) -> bool:
        """Whether the reader may see whole texts."""
        return settings.PUBLIC_FULL_TEXT or request.user.has_perm("articles.view_article")

    def get_feed(self, obj, request):
        """Read the page first: the feed's own elements tell where the next one is."""
        self.request = request
        self.entries, self.next = self.page(request, obj)
        return super().get_feed(obj, request)

    def feed_extra_kwargs(self, obj):
        """Links to the other pages."""
        here = self.request.build_absolute_uri(self.request.path)
        return {"first": here, "next": f"{here}?before={self.next}" if self.next else ""}

    def items(self):
        """The page that was read."""
        return self.entries

    def item_title(self, item):
        """The article's title."""
        return clean(item.article.title) or "Untitled article"

    def item_link(self, item):
        """The article's page here."""
        return item.article.get_absolute_url()

    def item_guid(self, item):
        """Of what the feed is about, and the article."""
        return entry_id(*self.about, item.article.public_id)

    def item_author_name(self, item):
        """The outlet: an entry needs an author."""
        return clean(item.article.source or item.article.author) or "Unknown"

    def item_updateddate(self, item):
        """When the mention was linked."""
        return item.at

    def item_pubdate(self, item):
        """When the article came out, as far as that is known, else when it came here."""
        return item.article.published_at or item.article.imported_at

    def item_description(self, item):
        """HTML: the sentences with mentions, or the text."""
        article = item.article
        if self.is_full(self.request):
            paragraphs = [clean(article.text[start:end]) for start, end, kind in article.segments if kind == "body"]
            return "".join(f"<p>{escape(part)}</p>" for part in paragraphs if part.strip())
        marks = [Mark(mention.start, mention.end, is_plain=True) for mention in item.mentions]
        parts = excerpts(article.text, article.segments, marks, limit=_SENTENCES)
        return "".join(f"<p>{escape(clean(article.text[part.start : part.end]))}</p>" for part in parts)


def _cursor(value: str) -> tuple[datetime, int] | None:
    at, _, pk = value.partition("~")
    try:
        moment = parse_datetime(at.replace(" ", "+"))
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or not (pk.isascii() and pk.isdigit() and len(pk) <= 18):
        return None
    return moment, int(pk)


def _next(rows: list[tuple[int, datetime]]) -> str:
    if len(rows) <= PAGE:
        return ""
    pk, at = rows[PAGE - 1]
    return f"{at.astimezone(timezone.get_fixed_timezone(0)).isoformat().replace('+00:00', 'Z')}~{pk}"


def _entries(rows: list[tuple[int, datetime]], linked) -> list[Entry]:
    """The articles of a page, with those of their mentions that ``linked`` selects; two queries."""
    wanted = dict(rows[:PAGE])
    mentions: dict[int, list[Mention]] = {}
    for mention in linked.filter(article__in=wanted).order_by("article_id", "start", "-end"):
        mentions.setdefault(mention.article_id, []).append(mention)
    articles = Article.objects.in_bulk(list(wanted))
    return [Entry(articles[pk], at, mentions.get(pk, ())) for pk, at in wanted.items() if pk in articles]


class RecordFeed(MentionFeed):
    """``/records/{id}/feed.atom``: articles that mention a record, those linked last first."""

    def page(self, request, about):
        """By when the latest of its links was made."""
        self.about = ("record", about.public_id)
        links = Link.objects.to_records().filter(entity=about, mention__article__withdrawn_at=None).order_by()
        rows = links.values_list("mention__article_id").annotate(at=Max("made_at"))
        before = _cursor(request.GET.get("before", ""))
        if before is not None:
            rows = rows.filter(Q(at__lt=before[0]) | Q(at=before[0], mention__article_id__lt=before[1]))
        found = list(rows.order_by("-at", "-mention__article_id")[: PAGE + 1])
        linked = Mention.objects.filter(links__in=links)
        return _entries(found, linked), _next(found)

    def get_object(self, request, entity):
        """The record was found by the view."""
        return entity

    def title(self, obj):
        """Who is mentioned."""
        return f"Mentions of {clean(obj.name)}"

    def subtitle(self, obj):
        """From where."""
        return "Articles in Refdesk that are linked to the record"

    def link(self, obj):
        """The record's page."""
        return obj.get_absolute_url()

    def feed_guid(self, obj):
        """Of the record."""
        return entry_id("feed", "record", obj.public_id)


@public_page
@require_safe
@conditional_page
def record_feed(request, public_id):
    """The feed of a record; a merged one's is its survivor's."""
    entity, moved = survivor_or_404(request, public_id, "record-feed")
    return moved if moved is not None else RecordFeed()(request, entity=entity)


# --- Saved searches ---------------------------------------------------------------------------------------------------
_signer = Signer(salt="articles.feeds")


def feed_address(search: SavedSearch) -> str:
    """The address of a search's feed. Nothing in the database tells it; a new nonce makes another one."""
    key = _signer.sign(f"{search.pk}.{search.nonce}").rpartition(":")[2]
    return reverse("search-feed", args=[search.pk, key])


def revoke(search: SavedSearch) -> None:
    """Make the feed's address void; the search has another one from now on."""
    search.nonce = new_nonce()
    search.save(update_fields=["nonce"])


class SearchFeed(MentionFeed):
    """``/searches/{n}/{key}/feed.atom``: articles that a saved search finds, those that came last first."""

    def get_object(self, request, search):
        """The search was found by the view."""
        return search

    def is_full(self, request) -> bool:
        """By what the search's owner may see: the reader of a feed does not log in."""
        return settings.PUBLIC_FULL_TEXT or self.search.owner.has_perm("articles.view_article")

    def page(self, request, about):
        """By when they were imported; with ``record`` the mentions of it, else all that mean a record."""
        self.search, self.about = about, ("search", str(about.pk))
        filtered = ArticleFilter(about.query, queryset=Article.objects.visible())
        articles = filtered.qs if filtered.form.is_valid() else Article.objects.none()
        before = _cursor(request.GET.get("before", ""))
        if before is not None:
            articles = articles.filter(Q(imported_at__lt=before[0]) | Q(imported_at=before[0], pk__lt=before[1]))
        found = list(articles.order_by("-imported_at", "-pk").values_list("pk", "imported_at")[: PAGE + 1])
        links = Link.objects.to_records()
        if about.query.get("record"):
            record = Entity.objects.filter(public_id=about.query["record"]).first()
            links = links.filter(entity=record.merged_into_id or record.pk) if record is not None else links.none()
        return _entries(found, Mention.objects.filter(links__in=links)), _next(found)

    def title(self, obj):
        """As its owner called it."""
        return clean(obj.name)

    def subtitle(self, obj):
        """What it is."""
        return "A saved search of articles in Refdesk"

    def link(self, obj):
        """The list of articles, searched so."""
        return f"{reverse('articles')}?{obj.as_parameters()}"

    def feed_guid(self, obj):
        """Of the search."""
        return entry_id("feed", "search", str(obj.pk))


@require_safe
@conditional_page
def search_feed(request, pk, key):
    """The feed of a saved search, for whoever has its address, as long as its owner may read here."""
    search = SavedSearch.objects.select_related("owner").filter(pk=pk).first()
    if search is None or not search.owner.is_active or not may_read(search.owner):
        raise Http404
    try:
        _signer.unsign(f"{search.pk}.{search.nonce}:{key}")
    except BadSignature as error:
        raise Http404 from error
    answer: HttpResponse = SearchFeed()(request, search=search)
    answer["Cache-Control"] = "private"
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
