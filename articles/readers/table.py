"""CSV and its kin: one article a row, the columns named in the first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from articles.readers.rows import FIELDS, MAX_BYTES, ArticleRow, ReadOptions, RowError, build_row, decode

csv.field_size_limit(MAX_BYTES)
# What columns are called elsewhere.
_SYNONYMS = {
    "body": "text", "content": "text", "article": "text", "headline": "title", "date": "published_at",
    "published": "published_at", "pubdate": "published_at", "publication_date": "published_at", "link": "url",
    "outlet": "source", "publisher": "source", "id": "external_id", "guid": "external_id", "lang": "language",
    "byline": "author",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """The beginning of a table: for the page on which its columns are mapped.

    ``mapping`` is our field → the column guessed for it, to be changed and given back as ``ReadOptions.columns``;
    ``problem`` says why the table cannot be read as it is, ``""`` if it can.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    mapping: dict[str, str]
    delimiter: str
    problem: str = ""


def preview(head: bytes, options: ReadOptions | None = None, *, rows: int = 5, cell: int = 200) -> Preview:
    """The columns, first rows and guessed mapping of a table that begins with these bytes; never raises.

    Args:
        head: the first bytes of the unpacked file, cut anywhere; 64 kB show enough.
        rows, cell: how many rows are shown, and how many characters of each cell.
    """
    options = options or ReadOptions()
    try:
        text = head.decode(options.encoding or _encoding(head), "replace")
        dialect = csv.Sniffer().sniff(text[:8_192], delimiters=",;\t|")
    except (LookupError, csv.Error):
        text, dialect = head.decode("utf-8", "replace"), csv.excel
    try:
        reader = csv.reader(io.StringIO(text, newline=""), dialect)
        header = [column.lstrip("\ufeff") for column in next(reader, [])]
        shown = tuple(tuple(one[:cell] for one in row) for row in islice((r for r in reader if any(r)), rows))
    except csv.Error as error:
        return Preview((), (), {}, "", str(error)[:500])
    names = _names(header, options.columns)
    problem = "" if {"text", "html"} & set(names.values()) else "No column is known to hold the text."
    return Preview(
        tuple(header), shown, {name: header[number] for number, name in names.items()}, dialect.delimiter, problem
    )


def read(path: Path, options: ReadOptions) -> Iterator[ArticleRow | RowError]:
    """Rows in file order; line numbers are those of the file, where a row begins."""
    try:
        with open(path, "rb") as raw:
            head = raw.read(65_536)
        decode(head[: head.rfind(b"\n") + 1] or head, options.encoding)
        encoding = options.encoding or _encoding(head)
    except ValueError as error:
        yield RowError(str(path), 1, str(error))
        return
    with open(path, encoding=encoding, errors="replace", newline="") as stream:
        sample = stream.read(8_192)
        stream.seek(0)
        try:
            dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(sample, delimiters=",;\t|")
        except csv.Error:
            dialect = "excel"
        reader = csv.reader(stream, dialect)
        try:
            header = next(reader, [])
        except csv.Error as error:
            yield RowError(str(path), 1, str(error))
            return
        names = _names([column.lstrip("\ufeff") for column in header], options.columns)
        if not {"text", "html"} & set(names.values()):
            yield RowError(str(path), 1, f"no column holds the text (columns: {', '.join(header)[:200]})")
            return
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield RowError(str(path), line, str(error))
                continue
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > len(header):
                yield RowError(str(path), line, f"has {len(row)} cells for {len(header)} columns", _excerpt(row))
                continue
            data = {names[n]: cell for n, cell in enumerate(row) if n in names and cell.strip()}
            try:
                yield build_row(data, str(path), line, options)
            except ValueError as error:
                yield RowError(str(path), line, str(error)[:500], _excerpt(row))


def _names(header: list[str], columns: dict[str, str]) -> dict[int, str]:
    """Column number → our field: as the caller maps it, else by name or a common synonym."""
    chosen = {column: name for name, column in columns.items()}
    names: dict[int, str] = {}
    for number, column in enumerate(header):
        key = column.strip().lower().replace(" ", "_")
        name = chosen.get(column) or (key if key in FIELDS else _SYNONYMS.get(key))
        if name in FIELDS and name not in names.values():
            names[number] = name
    return names


def _encoding(head: bytes) -> str:
    from charset_normalizer import from_bytes

    try:
        head[: head.rfind(b"\n") + 1].decode("utf-8-sig")
        return "utf-8-sig"
    except UnicodeDecodeError:
        best = from_bytes(head).best()
        return best.encoding if best else "utf-8"


def _excerpt(row: list[str]) -> str:
    return io.StringIO(" | ".join(row)).read(200)
