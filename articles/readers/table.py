"""CSV and its kin: one article a row, the columns named in the first, or counted."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from articles.readers.inputs import Input, Rows
from articles.readers.limits import TooLarge
from articles.readers.lines import LongLine, text_lines
from articles.readers.rows import FIELDS, ReadOptions, build_row, clean_characters, excerpt, field_of

csv.field_size_limit(2**31 - 1)  # rows are bounded before they come to the reader
DELIMITERS = ",;\t|"
_MAX_COLUMNS = 5_000
_ROW_LINES = 200_000  # a quote that stays open longer was never meant to close
_RETRIES = 20  # open quotes after which a file is read on from the next line; each costs reading the rest again
_SNIFFED_LINES = 20


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
    source = Input("", io.BufferedReader(io.BytesIO(head)), options)
    try:
        lines = list(islice((line for line in text_lines(source) if isinstance(line, str)), 5_000))
        delimiter = options.delimiter or sniff_delimiter(lines)
        reader = csv.reader(lines, delimiter=delimiter)
        first = next(reader, [])
        header = _header(first) if options.names_columns else _counted(first)
        articles = (row for row in reader if any(row))
        if not options.names_columns:
            articles = chain([first], articles)
        shown = tuple(tuple(cell_text[:cell] for cell_text in row) for row in islice(articles, rows))
        names = _fields(header, options.columns)
    except (ValueError, csv.Error, StopIteration) as error:
        return Preview((), (), {}, "", str(error)[:500])
    mapping = {name: header[number] for number, name in names.items()}
    problem = _what_is_double(header, names) or ("" if _has_text(names) else "choose the column that holds the text")
    return Preview(tuple(header), shown, mapping, delimiter, problem)


def read(source: Input) -> Rows:
    """Rows in file order; the line is that where a row begins."""
    lines = _Lines(source)
    sample = lines.peek(_SNIFFED_LINES)
    if not sample:
        source.line = 1
        yield source.error("the table is empty")
        return
    delimiter = source.options.delimiter or sniff_delimiter(sample)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise ValueError(f"{delimiter!r} cannot part columns")
    header: list[str] | None = None
    names: dict[int, str] = {}
    for line, row in _rows(lines, delimiter):
        source.line = line
        if isinstance(row, ValueError):
            yield source.error(row)
            continue
        if not any(cell.strip() for cell in row):
            continue
        if header is None:
            if len(row) > _MAX_COLUMNS:
                raise TooLarge(f"has {len(row)} columns: no table of articles")
            header = _header(row) if source.options.names_columns else _counted(row)
            names = _fields(header, source.options.columns)
            if problem := _what_lacks(header, names):
                raise ValueError(problem)
            if source.options.names_columns:
                continue
        if any(cell.strip() for cell in row[len(header) :]):
            yield source.error(f"has {len(row)} cells for {len(header)} columns", _shown(row))
            continue
        data = {names[n]: cell for n, cell in enumerate(row[: len(header)]) if n in names and cell.strip()}
        try:
            yield build_row(data, source.name, line, source.options)
        except ValueError as error:
            yield source.error(error, _shown(row))
    if header is None:
        source.line = 1
        yield source.error("the table is empty")


class _Lines:
    """Lines for the reader of rows, remembering those of the row at hand so that they can be read again."""

    def __init__(self, source: Input) -> None:
        limits = source.options.limits
        self._lines = self._clean(source)
        self._waiting: deque[tuple[int, str | ValueError]] = deque()
        self._max_chars = limits.line_bytes
        self.row: list[tuple[int, str]] = []
        self._chars = 0
        self.is_over = False  # the end of the file came, or the row grew beyond all bounds
        self.problem: tuple[int, ValueError] | None = None
        self.retries = 0

    @staticmethod
    def _clean(source: Input) -> Iterator[tuple[int, str | ValueError]]:
        for line in text_lines(source):
            yield source.line, line if isinstance(line, LongLine) else clean_characters(line)

    def peek(self, count: int) -> list[str]:
        while len(self._waiting) < count and (item := next(self._lines, None)) is not None:
            self._waiting.append(item)
        return [line for _, line in islice(self._waiting, count) if isinstance(line, str)]

    def next_is(self) -> bool:
        return bool(self.peek(1) or self._waiting)

    def begin_row(self) -> int:
        """Forget the last row; the number of the line where the next begins."""
        self.row, self._chars, self.is_over, self.problem = [], 0, False, None
        return self._waiting[0][0]

    def begin_again(self) -> None:
        """Give back all lines of the row at hand but its first."""
        self._waiting.extendleft(reversed(self.row[1:]))

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        item = self._waiting.popleft() if self._waiting else next(self._lines, None)
        if item is None:
            self.is_over = True
            raise StopIteration
        number, line = item
        if isinstance(line, ValueError):
            self.problem = (number, line)
            raise StopIteration
        self.row.append((number, line))
        self._chars += len(line)
        if self._chars > self._max_chars or len(self.row) > _ROW_LINES:
            self.is_over = True
            raise StopIteration
        return line


def _rows(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str] | ValueError]]:
    """(line, cells or what is wrong) of each row; an open quote costs its own line, not all that follows."""
    while lines.next_is():
        number = lines.begin_row()
        # A reader for each row: the end of input means that of the row's lines, an open quote is told from it by strictness.
        try:
            row = next(csv.reader(lines, delimiter=delimiter), None)
        except csv.Error as error:
            yield number, ValueError(str(error)[:200])
            continue
        if lines.problem is not None:
            yield lines.problem
            if len(lines.row) == 0:
                continue
        if lines.is_over or lines.problem is not None:
            if not _is_open([line for _, line in lines.row], delimiter):
                if row is not None:
                    yield number, row
                continue
            yield number, ValueError("a quote is opened here and never closed")
            lines.retries += 1
            if lines.retries > _RETRIES:
                yield (
                    number,
                    ValueError(f"more than {_RETRIES} quotes are never closed: the rest of the table is not read"),
                )
                return
            lines.begin_again()
        elif row is not None:
            yield number, row


def _is_open(lines: list[str], delimiter: str) -> bool:
    """Do these lines end within a quote?"""
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error) or len(lines) > 1
    return False


def sniff_delimiter(lines: list[str]) -> str:
    """Which of comma, semicolon, tab and bar parts the columns: the one by which the first lines agree on most columns."""
    best, delimiter = (0, 0, 0.0), ","
    for candidate in DELIMITERS:
        try:
            widths = [len(row) for row in islice(csv.reader(lines, delimiter=candidate), _SNIFFED_LINES) if row]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        header = _header(next(csv.reader(lines, delimiter=candidate), []))
        known = len(_fields(header, {}))
        agreeing = sum(width == widths[0] for width in widths) / len(widths)
        score = (known, int(agreeing > 0.7), agreeing * min(widths[0], 50))
        if score > best:
            best, delimiter = score, candidate
    return delimiter


def _header(row: list[str]) -> list[str]:
    return [" ".join(column.replace("\ufeff", "").split()) for column in row]


def _counted(row: list[str]) -> list[str]:
    return [f"column {number}" for number in range(1, len(row) + 1)]


def _fields(header: list[str], columns: dict[str, str]) -> dict[int, str]:
    """Column number → our field: as the caller maps it, else by name or a common synonym.

    Raises:
        ValueError: if the caller maps what is no field of ours, or a column that the table has not.
    """
    chosen: dict[int, str] = {}
    for name, column in columns.items():
        if not column:
            continue
        if name not in FIELDS:
            raise ValueError(f"there is no field {name!r} (fields: {', '.join(FIELDS)})")
        wanted = " ".join(column.split())
        number = next((n for n, each in enumerate(header) if each == wanted), None)
        if number is None:
            number = next((n for n, each in enumerate(header) if each.lower() == wanted.lower()), None)
        if number is None:
            raise ValueError(f"there is no column {column!r} (columns: {', '.join(header)[:200]})")
        chosen[number] = name
    taken = set(chosen.values()) | {name for name, column in columns.items() if not column}
    # A column of our own name comes before one of a like name, wherever it stands.
    for is_own in (True, False):
        for number, column in enumerate(header):
            name = field_of(column, is_own=is_own)
            if name and number not in chosen and name not in taken:
                chosen[number] = name
                taken.add(name)
    return chosen


def _what_lacks(header: list[str], names: dict[int, str]) -> str:
    if (problem := _what_is_double(header, names)) or _has_text(names):
        return problem
    return f"no column holds the text (columns: {', '.join(header)[:200]})"


def _has_text(names: dict[int, str]) -> bool:
    return not {"text", "html"}.isdisjoint(names.values())


def _what_is_double(header: list[str], names: dict[int, str]) -> str:
    for number, name in names.items():
        alike = [str(n) for n, column in enumerate(header, 1) if column == header[number]]
        if len(alike) > 1:
            told = f"columns {' and '.join(alike)[:100]} are both called {header[number][:100]!r}"
            return f"{told}: which holds the {name} cannot be told"
    return ""


def _shown(row: list[str]) -> str:
    return excerpt(" | ".join(cell[:200] for cell in row[:20]))
