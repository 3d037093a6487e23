"""JSON Lines: one article a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from articles.readers.rows import MAX_BYTES, ArticleRow, ReadOptions, RowError, build_row, decode


def read(path: Path, options: ReadOptions) -> Iterator[ArticleRow | RowError]:
    """Rows in file order, in memory bounded by the longest line allowed."""
    with open(path, "rb") as stream:
        number = 0
        while line := stream.readline(4 * MAX_BYTES):
            number += 1
            if not line.endswith(b"\n") and len(line) >= 4 * MAX_BYTES:
                while rest := stream.readline(4 * MAX_BYTES):
                    if rest.endswith(b"\n"):
                        break
                yield RowError(str(path), number, f"the line is longer than {4 * MAX_BYTES} bytes")
                continue
            if not line.strip():
                continue
            try:
                data = json.loads(decode(line, options.encoding))
                if not isinstance(data, dict):
                    raise ValueError("is no JSON object")
                yield build_row(data, str(path), number, options)
            except (ValueError, RecursionError) as error:
                yield RowError(str(path), number, str(error)[:500] or "is no JSON", repr(line[:200])[2:-1])
