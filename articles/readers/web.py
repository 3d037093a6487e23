"""Single pages: HTML, whose article is taken out in a process of its own, and plain text."""

from __future__ import annotations

from dataclasses import dataclass

from articles.dating import parse_date
from articles.language import settle_language
from articles.readers.encodings import declared_encoding, decode
from articles.readers.inputs import Input, Rows
from articles.readers.limits import Limits, TooLarge
from articles.readers.parsing import sandbox
from articles.readers.rows import build_row, clean_characters, excerpt


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a page says of itself."""

    text: str
    title: str = ""
    published: str = ""
    author: str = ""
    site: str = ""
    url: str = ""
    language: str = ""

    def values(self) -> dict[str, str]:
        """By the names of a row's fields; a date that is none is left out."""
        try:
            parse_date(self.published)
            published = self.published
        except ValueError:
            published = ""
        found = {
            "title": self.title, "published_at": published, "author": self.author, "source": self.site, "url": self.url,
            "language": settle_language(self.language, self.text),
        }  # fmt: skip
        return {name: value for name, value in found.items() if value}


def extract(page: str, limits: Limits | None = None, *, url: str = "") -> Extracted:
    """The article of a page.

    Args:
        url: where the page was got; it may hold the date, and completes the page's own addresses.

    Raises:
        ValueError: if the page is too large, too deeply nested, holds no article, or parsing it meets a limit.
    """
    limits = limits or Limits()
    if len(page) > limits.document_bytes:
        raise TooLarge(f"the page is longer than {limits.document_bytes} characters")
    found = sandbox.run("page", clean_characters(page).encode(), limits, url=url[:2000])
    names = Extracted.__slots__
    return Extracted(**{name: clean_characters(str(found.get(name) or "")) for name in names})


def read_html(source: Input) -> Rows:
    """The one article of a page."""
    source.line = 1
    data = source.document()
    page = decode(data, source.options.encoding, source.encoding or declared_encoding(data))
    try:
        found = extract(page, source.options.limits, url=source.url)
        values = {"url": source.url} | found.values() | {"text": found.text}
        # A folder of pages has one outlet and one day only if the caller says so, and then knows better than the pages.
        options = source.options
        if options.date:
            values.pop("published_at", None)
        if options.source:
            values["source"] = options.source
        yield build_row(values, source.name, 1, options)
    except ValueError as error:
        yield source.error(error, excerpt(page))


def read_text(source: Input) -> Rows:
    """A plain text file is one article; its headline is its first line, which cleaning finds."""
    source.line = 1
    text = decode(source.document(), source.options.encoding, source.encoding)
    if text.count("\x00") > len(text) // 100:
        raise ValueError("is no text: it holds binary data")
    yield build_row({"text": text, "url": source.url}, source.name, 1, source.options)
