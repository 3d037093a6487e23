"""Single pages: HTML, whose text trafilatura takes out, and plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from articles.readers.rows import MAX_BYTES, ArticleRow, ReadOptions, RowError, build_row, decode

_MAX_DEPTH = 2_000  # of open tags; deeper pages are bombs, on which the parser gives up without a word
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a page says of itself."""

    text: str
    title: str = ""
    published: str = ""
    author: str = ""
    site: str = ""
    url: str = ""


def extract(html: str) -> Extracted:
    """The article of a page.

    Raises:
        ValueError: if the page is too large, too deeply nested, or holds no article.
    """
    if len(html) > MAX_BYTES:
        raise ValueError(f"the page is longer than {MAX_BYTES} characters")
    depth = deepest = 0
    for match in _TAG.finditer(html):
        if match.group(2).lower() not in _VOID:
            depth += -1 if match.group(1) else 1
            deepest = max(deepest, depth)
    if deepest > _MAX_DEPTH:
        raise ValueError(f"tags are nested {deepest} deep")
    import trafilatura  # 1 s to load: only where HTML comes

    found = trafilatura.bare_extraction(html, with_metadata=True, include_comments=False, favor_recall=True)
    text = (found.text or "") if found is not None else ""
    if not text.strip():
        raise ValueError("no article was found in the page")
    return Extracted(
        text, found.title or "", found.date or "", found.author or "", found.sitename or "", found.url or ""
    )


def read_html(path: Path, options: ReadOptions) -> Iterator[ArticleRow | RowError]:
    """The one article of a page."""
    try:
        page = extract(decode(_bytes(path), options.encoding))
        data = {
            "text": page.text, "title": page.title, "published_at": options.date or page.published, "author": page.author,
            "source": options.source or page.site, "url": page.url,
        }  # fmt: skip
        yield build_row({name: value for name, value in data.items() if value}, str(path), 1, options)
    except ValueError as error:
        yield RowError(str(path), 1, str(error)[:500])


def read_text(path: Path, options: ReadOptions) -> Iterator[ArticleRow | RowError]:
    """A plain text file is one article; its headline is its first line, which cleaning finds."""
    try:
        yield build_row({"text": decode(_bytes(path), options.encoding)}, str(path), 1, options)
    except ValueError as error:
        yield RowError(str(path), 1, str(error)[:500])


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"the file is larger than {MAX_BYTES} bytes")
    return path.read_bytes()
