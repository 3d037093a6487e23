"""Formats that records come in: a pure module for each, stream → ``ImportRow`` or ``RowError``."""

from entities.importers import refdesk
from entities.importers.rows import ImportRow, RowError

#: Name → reader: ``reader(lines, file)`` yields ``ImportRow`` and ``RowError`` in file order.
IMPORTERS = {"refdesk": refdesk.read}

__all__ = ["IMPORTERS", "ImportRow", "RowError"]
