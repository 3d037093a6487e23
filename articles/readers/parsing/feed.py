"""RSS and Atom → the items of a feed."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import feedparser

from articles.readers.parsing.page import plain

_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-zA-Z/!][^>]{0,500}>|&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_MAX_ITEMS = 100_000
_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}:")


def parse(payload: bytes) -> dict:
    """A feed → ``{"title", "language", "items": [{"title", "text", "url", …}]}``, in order.

    Raises:
        ValueError: if it is no feed, or declares entities.
    """
    # A declaration stands before the first element; in UTF-16 every second byte is zero.
    if _ENTITY.search(payload[:200_000].replace(b"\0", b"")):
        raise ValueError("the feed declares entities, which no feed needs")
    feed = feedparser.parse(payload)  # bytes, never an address: nothing is fetched
    if not feed.entries:
        if feed.get("version"):
            raise ValueError("the feed has no items")
        raise ValueError(f"no items: {feed.get('bozo_exception') or 'not a feed'}"[:300])
    about = feed.feed
    base = about.get("link", "") or ""
    return {
        "title": _words(about.get("title", "")),
        "language": about.get("language", "") or "",
        "items": [_item(entry, base) for entry in feed.entries[:_MAX_ITEMS]],
        # A feed that breaks off in the middle gives what came before.
        "broken": str(feed.get("bozo_exception", ""))[:200] if feed.get("bozo") and _is_broken(feed) else "",
    }


def _is_broken(feed) -> bool:
    """Was the feed malformed, rather than served under a wrong name or read in another encoding than it declares?"""
    return not isinstance(
        feed.get("bozo_exception"), (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
    )


def _address(link: str, base: str) -> str:
    """An item's address, resolved by the feed's own; a relative one that cannot be is none: other feeds have it, too."""
    link = link.strip()
    if _ABSOLUTE.match(link):
        return link
    whole = urljoin(base, link) if link and _ABSOLUTE.match(base) else ""
    return whole if _ABSOLUTE.match(whole) else ""


def _item(entry, base: str) -> dict:
    bodies = [content.get("value", "") for content in entry.get("content", [])]
    body = max([*bodies, entry.get("summary", "") or ""], key=len)
    try:
        text, problem = (plain(body) if _MARKUP.search(body) else body), ""
    except ValueError as error:
        text, problem = "", str(error)
    if not problem and not text.strip():
        empty = (
            "its content and summary are empty"
            if bodies or "summary" in entry
            else "it has neither content nor summary"
        )
        problem = (
            f"the item has no text: {empty}"
            if not body.strip()
            else "the item has no text: it holds nothing but markup"
        )
    links = [link.get("href", "") for link in entry.get("links", []) if link.get("rel", "alternate") == "alternate"]
    source = entry.get("source", {})
    return {
        "title": _words(entry.get("title", "")), "text": text, "problem": problem,
        "url": _address(next((link for link in links if link), "") or entry.get("link", "") or "", base),
        "external_id": entry.get("id", ""), "author": _author(entry),
        # Of Dublin Core's and Atom's dates the first is when it was published; an update is better than none.
        "published_at": entry.get("published", "") or entry.get("created", "") or entry.get("updated", ""),
        "source": _words(source.get("title", "")) if isinstance(source, dict) else "",
        "language": _language(entry),
    }  # fmt: skip


def _words(text: str) -> str:
    return " ".join(plain(text).split()) if text and _MARKUP.search(text) else " ".join((text or "").split())


def _author(entry) -> str:
    names = [author.get("name", "") for author in entry.get("authors", []) if isinstance(author, dict)]
    return ", ".join(dict.fromkeys(name for name in names if name)) or entry.get("author", "")


def _language(entry) -> str:
    for content in [*entry.get("content", []), entry.get("summary_detail", {}), entry.get("title_detail", {})]:
        if content.get("language"):
            return content["language"]
    return entry.get("language", "") or ""
