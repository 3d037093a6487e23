"""The rows a job refused, as files to download: JSON Lines, and CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import json
from collections.abc import Iterator

from articles.importing.ledger import refused_rows
from articles.models import ImportJob
from entities.exporting.tables import csv_lines

COLUMNS = ("file", "line", "reason", "excerpt")


def as_lines(job: ImportJob) -> Iterator[str]:
    """One JSON object a row; streamed."""
    for row in _rows(job):
        yield json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) + "\n"


def as_csv(job: ImportJob) -> Iterator[str]:
    """A table with a header; streamed. It begins with a byte order mark, by which spreadsheets tell UTF-8."""
    yield "\ufeff"
    yield from csv_lines(COLUMNS, _rows(job))


def _rows(job: ImportJob) -> Iterator[tuple]:
    return refused_rows(job).values_list(*COLUMNS).iterator(chunk_size=2_000)
