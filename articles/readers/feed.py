"""RSS and Atom; parsed in a process of its own."""

from __future__ import annotations

from articles.language import settle_language
from articles.readers.encodings import decode
from articles.readers.inputs import Input, Rows
from articles.readers.parsing import sandbox
from articles.readers.rows import build_row, clean_characters, excerpt


def read(source: Input) -> Rows:
    """The items of a feed, in order; the line is the item's number."""
    source.line = 1
    data, options = source.document(), source.options
    if options.encoding:
        data = _declared_anew(decode(data, options.encoding))
    feed = sandbox.run("feed", data, options.limits)
    about = {"source": options.source or feed["title"]}
    for number, item in enumerate(feed["items"], 1):
        source.line = number
        problem = item.pop("problem")
        item["language"] = options.language or settle_language(item["language"] or feed["language"], item["text"])
        values = {name: value for name, value in item.items() if value}
        shown = excerpt(item["title"] or item["url"] or item["text"])
        if problem:
            yield source.error(problem, shown)
            continue
        try:
            yield build_row(about | values, source.name, number, options)
        except ValueError as error:
            yield source.error(error, shown)
    if feed["broken"]:
        source.line = len(feed["items"]) + 1
        yield source.error(f"the feed is malformed, and items may be missing from here on: {feed['broken']}")


def _declared_anew(text: str) -> bytes:
    """In UTF-8, with a mark that comes before what the feed declares."""
    return b"\xef\xbb\xbf" + clean_characters(text).encode()
