"""RSS and Atom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import feedparser

from articles.readers.rows import MAX_BYTES, ArticleRow, ReadOptions, RowError, build_row
from articles.readers.web import extract

_DOCTYPE = re.compile(rb"<!ENTITY", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-zA-Z/!][^>]{0,500}>")


def read(path: Path, options: ReadOptions) -> Iterator[ArticleRow | RowError]:
    """The entries of a feed, in order; the line is the entry's number."""
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        yield RowError(str(path), 1, f"the feed is larger than {MAX_BYTES} bytes")
        return
    if _DOCTYPE.search(data[:10_000]):
        yield RowError(str(path), 1, "the feed declares entities, which no feed needs")
        return
    feed = feedparser.parse(data)  # bytes, never an address: nothing is fetched
    if not feed.entries:
        yield RowError(str(path), 1, f"no entries: {feed.get('bozo_exception', 'not a feed')}"[:500])
        return
    for number, entry in enumerate(feed.entries, 1):
        body = (entry.content[0].value if entry.get("content") else "") or entry.get("summary", "")
        try:
            row = {
                "title": entry.get("title", ""), "text": _plain(body), "url": entry.get("link", ""),
                "external_id": entry.get("id", ""), "author": entry.get("author", ""),
                "published_at": entry.get("published", "") or entry.get("updated", ""),
                "source": options.source or feed.feed.get("title", ""),
                "language": feed.feed.get("language", "")[:2],
            }  # fmt: skip
            yield build_row({name: value for name, value in row.items() if value}, str(path), number, options)
        except ValueError as error:
            yield RowError(str(path), number, str(error)[:500], entry.get("title", "")[:200])


_BLOCK = re.compile(r"</(?:p|div|h\d|li|blockquote)>|<br\s*/?>", re.IGNORECASE)


def _plain(body: str) -> str:
    """An entry's text without markup; long ones as pages, short ones by dropping the tags."""
    if not _MARKUP.search(body):
        return body
    if len(body) > 5_000:
        return extract(f"<html><body><article>{body}</article></body></html>").text
    from lxml import html

    parsed = html.fromstring(f"<div>{_BLOCK.sub(lambda match: match.group() + chr(10), body)}</div>")
    return "\n".join(line.strip() for line in parsed.text_content().splitlines() if line.strip())
