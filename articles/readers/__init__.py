"""Formats that articles come in: a pure module for each, file → ``ArticleRow`` or ``RowError``.

Files may be packed (gz, bz2, xz, zstd) and stand in archives (zip, tar). Nothing in a file makes a reader raise: what cannot
be read is a ``RowError`` in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from io import BufferedReader
from pathlib import Path, PurePosixPath

from articles.readers import archives, feed, jsonl, table, warc, web
from articles.readers.encodings import declared_encoding, decode
from articles.readers.inputs import STDIN, Input, Reader, Rows, read_path, read_stream
from articles.readers.limits import Budget, Limits
from articles.readers.packing import SUFFIXES
from articles.readers.rows import FIELDS, ArticleRow, ReadOptions, RowError
from articles.readers.table import Preview, preview

AUTO = "auto"
_BY_SUFFIX = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".html": "html",
    ".htm": "html", ".xhtml": "html", ".shtml": "html", ".txt": "txt", ".text": "txt", ".rss": "rss", ".atom": "rss",
    ".xml": "rss", ".rdf": "rss", ".warc": "warc", ".zip": "zip", ".tar": "tar",
}  # fmt: skip
_TARS = {".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar", ".tzst": ".tar"}


def format_of(path: Path) -> str:
    """The format that a file's name tells, packed or not; ``"auto"`` if the name tells none but there is a file whose first
    bytes may, standard input among them; ``""`` if there is not."""
    return _named(path.name) or (AUTO if path == STDIN or path.exists() else "")


def _named(name: str) -> str:
    suffixes = [suffix.lower() for suffix in PurePosixPath(name.replace("\\", "/")).suffixes]
    if suffixes and suffixes[-1] in SUFFIXES:
        suffixes.pop()
    return _BY_SUFFIX.get(_TARS.get(suffixes[-1], suffixes[-1]), "") if suffixes else ""


def expand(paths: list[Path]) -> Iterator[Path]:
    """Files as given, ``-`` among them; of folders every file in name order, but those that pages are surrounded by.

    Links to folders are not followed; what is neither a file nor a folder is given too, and refused when it is read.
    """
    for path in paths:
        if path != STDIN and path.is_dir():
            yield from sorted(
                each for each in path.rglob("*")
                if not (each.is_dir() and not each.is_symlink()) and not archives.is_page_part(str(each.relative_to(path)))
            )  # fmt: skip
        else:
            yield path


def read(path: Path, options: ReadOptions, format: str = AUTO, **stretch: int | None) -> Rows:
    """Everything that a file, or ``-`` for standard input, holds.

    Args:
        format: a key of ``READERS``; a zip or tar archive is opened in any case, and the format is then its entries'.
        stretch: of JSON Lines that are not packed, ``start``, ``end`` and ``first_line`` as for ``inputs.read_path``.
    """
    return read_path(path, options, partial(_read, format=format, is_alone=True), **stretch)


def read_bytes(name: str, stream: BufferedReader, options: ReadOptions, format: str = AUTO) -> Rows:
    """Everything that an opened stream holds: of an upload. The name shows in errors, and tells the format if none is given."""
    return read_stream(name, stream, options, partial(_read, format=format, is_alone=True))


def _read(source: Input, format: str, is_alone: bool) -> Rows:
    own = "" if format == AUTO else format
    name = source.name.rsplit("!", 1)[-1]
    content = _container(source.head(512))
    if content and not (own == "warc" and content != "warc"):
        found = content
    else:
        found = own or _named(name) or _sniff(source, is_alone)
    if not found:
        source.line = 1
        ending = PurePosixPath(name).suffix
        yield source.error(
            f"no format is known for {ending[:20]!r} files"
            if ending
            else "neither its name nor its content tells its format"
        )
    elif found in ("zip", "tar"):
        if content != found:
            source.line = 1
            yield source.error(f"is no {found} archive")
            return
        # The format that the caller gives is that of what the archive holds.
        inner = "" if own in ("zip", "tar") else own
        opener = archives.read_zip if found == "zip" else archives.read_tar
        yield from opener(source, partial(_read_entry, format=inner or AUTO))
    elif found == "warc":
        yield from warc.read(source, _read_document)
    else:
        yield from _DOCUMENTS[found](source)


def _read_entry(name: str, stream: BufferedReader, source: Input, format: str) -> Rows:
    reader = partial(_read, format=format, is_alone=False)
    yield from read_stream(name, stream, source.options, reader, depth=source.depth + 1)


def _read_document(source: Input, format: str) -> Rows:
    if format == "rss" and not _is_feed(source.head(2_000)):
        format = "html" if b"<html" in source.head(2_000).lower() else format
    yield from _DOCUMENTS[format](source)


_DOCUMENTS: dict[str, Reader] = {
    "jsonl": jsonl.read_lines,
    "json": jsonl.read_json,
    "csv": table.read,
    "html": web.read_html,
    "txt": web.read_text,
    "rss": feed.read,
}
#: Format → reader: ``reader(path, options)`` yields rows in file order and never raises for what a file holds.
READERS: dict[str, Callable[..., Rows]] = {
    format: partial(read, format=format) for format in (*_DOCUMENTS, "warc", "zip", "tar", AUTO)
}


# --- By content ------------------------------------------------------------------------------------------------------
def _container(head: bytes) -> str:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head[257:262] == b"ustar":
        return "tar"
    return "warc" if head.startswith(b"WARC/") else ""


def _is_feed(head: bytes) -> bool:
    return bool(re.search(rb"<(?:rss|feed|rdf:RDF|channel)\b", head.replace(b"\0", b""), re.IGNORECASE))


def _sniff(source: Input, is_alone: bool) -> str:
    """The format of what nothing names: ``""`` for what is none, or is text that anything may be."""
    head = source.head(16_384)
    text = decode(head, "", declared_encoding(head)).lstrip("\ufeff \t\r\n")
    lower = text[:4_000].lower()
    if not text or text[:4_000].count("\0") or text[:4000].count("\ufffd") > 40:
        return ""
    if text[0] == "[":
        return "json"
    if text[0] == "{":
        return "jsonl" if re.match(r"\{[^\n]*\}[ \t\r]*(?:\n|$)", text) else "json"
    if text[0] == "<":
        if re.search(r"<(?:rss|feed|rdf:rdf)\b", lower):
            return "rss"
        return "html" if re.search(r"<!doctype html|<(?:html|head|body|article|p|div|meta|title)\b", lower) else ""
    shown = preview(head, source.options, rows=1)
    if not shown.problem and len(shown.columns) > 1:
        return "csv"
    # A file without an ending may be anything; what is piped in, or given by name alone, is meant.
    return "txt" if is_alone and source.name == "-" else ""


__all__ = [
    "AUTO", "FIELDS", "READERS", "STDIN", "ArticleRow", "Budget", "Limits", "Preview", "ReadOptions", "RowError", "expand",
    "format_of", "preview", "read", "read_bytes",
]  # fmt: skip
