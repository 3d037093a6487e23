"""Formats that articles come in: a pure module for each, file → ``ArticleRow`` or ``RowError``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from articles.readers import feed, jsonl, table, web
from articles.readers.packing import SUFFIXES
from articles.readers.rows import FIELDS, ArticleRow, ReadOptions, RowError
from articles.readers.table import Preview, preview

#: Format → reader: ``reader(path, options)`` yields rows in file order.
READERS: dict[str, Callable[[Path, ReadOptions], Iterator[ArticleRow | RowError]]] = {
    "jsonl": jsonl.read,
    "csv": table.read,
    "html": web.read_html,
    "txt": web.read_text,
    "rss": feed.read,
}
_BY_SUFFIX = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".html": "html", ".htm": "html",
    ".xhtml": "html", ".txt": "txt", ".rss": "rss", ".atom": "rss", ".xml": "rss",
}  # fmt: skip


def format_of(path: Path) -> str:
    """The format that a file's name tells, of packed JSON Lines the name without ``.gz``; ``""`` if none."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in SUFFIXES:
        # Only line by line is what is unpacked bounded.
        return "jsonl" if _BY_SUFFIX.get(suffixes[-2] if len(suffixes) > 1 else "") == "jsonl" else ""
    return _BY_SUFFIX.get(suffixes[-1], "") if suffixes else ""


def expand(paths: list[Path]) -> Iterator[Path]:
    """Files as given; of folders every file with a known ending, in name order."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and format_of(p))
        else:
            yield path


__all__ = ["FIELDS", "READERS", "ArticleRow", "Preview", "ReadOptions", "RowError", "expand", "format_of", "preview"]
