"""The rows a job refused, as files to download: JSON Lines, and CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from articles.importing.ledger import refused_rows
from articles.models import ImportJob

COLUMNS = ("file", "line", "reason", "excerpt")
_FORMULA = tuple("=+-@\t\r\n|%＝＋－＠")


def as_lines(job: ImportJob) -> Iterator[str]:
    """One JSON object a row; streamed."""
    for row in _rows(job):
        yield json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) + "\n"


def as_csv(job: ImportJob) -> Iterator[str]:
    """A table with a header; streamed. It begins with a byte order mark, by which spreadsheets tell UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    out.write("\ufeff")
    writer.writerow(COLUMNS)
    for row in _rows(job):
        writer.writerow([plain_cell(value) for value in row])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def plain_cell(value: object) -> object:
    """A value that a spreadsheet shows and does not calculate: text that begins as a formula does gets an apostrophe.

    OWASP, "CSV Injection": cells that begin with ``= + - @``, a tab or a line break, also behind spaces.
    """
    if isinstance(value, str) and value.lstrip(" \u00a0\u3000\ufeff\u200b").startswith(_FORMULA):
        return f"'{value}"
    return value


def _rows(job: ImportJob) -> Iterator[tuple]:
    return refused_rows(job).values_list(*COLUMNS).iterator(chunk_size=2_000)
