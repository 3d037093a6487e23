"""JSON Lines: one article a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from articles.readers.packing import DAMAGED, open_bytes
from articles.readers.rows import MAX_BYTES, ArticleRow, ReadOptions, RowError, build_row, decode


def read(
    path: Path, options: ReadOptions, *, start: int = 0, end: int | None = None, first_line: int = 1
) -> Iterator[ArticleRow | RowError]:
    """Rows in file order, in memory bounded by the longest line allowed.

    Args:
        start, end: of a file that is not packed, the lines that begin in these bytes alone; a line begins at ``start``.
        first_line: the number of that line.
    """
    number, position = first_line - 1, start
    try:
        with open_bytes(path) as stream:
            if start:
                stream.seek(start)
            while (end is None or position < end) and (line := stream.readline(4 * MAX_BYTES)):
                number += 1
                position += len(line)
                if not line.endswith(b"\n") and len(line) >= 4 * MAX_BYTES:
                    while rest := stream.readline(4 * MAX_BYTES):
                        position += len(rest)
                        if rest.endswith(b"\n"):
                            break
                    yield RowError(str(path), number, f"the line is longer than {4 * MAX_BYTES} bytes")
                elif line.strip():
                    yield _row(line, path, number, options)
    except DAMAGED as error:
        yield RowError(str(path), number + 1, f"the file breaks off or is damaged here: {error}"[:500])


def _row(line: bytes, path: Path, number: int, options: ReadOptions) -> ArticleRow | RowError:
    try:
        data = json.loads(decode(line, options.encoding))
        if not isinstance(data, dict):
            raise ValueError("is no JSON object")
        return build_row(data, str(path), number, options)
    except (ValueError, RecursionError) as error:
        return RowError(str(path), number, str(error)[:500] or "is no JSON", repr(line[:200])[2:-1])
