"""Formats that records come in: a pure module for each, stream → ``ImportRow``, ``RowSkip`` or ``RowError``."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from entities.importers import followthemoney, refdesk, wikidata
from entities.importers.rows import ImportRow, RowError, RowSkip


@dataclass(frozen=True, slots=True)
class Importer:
    """A format: ``read(lines, file)`` or, where rows lean on others of the file, ``read(lines, file, learn(lines))``."""

    read: Callable[..., Iterator[object]]
    learn: Callable[[Iterable[str], object], object] | None = None


#: By the name that ``--format`` takes.
IMPORTERS = {
    "refdesk": Importer(refdesk.read),
    "wikidata": Importer(wikidata.read, wikidata.learn),
    "ftm": Importer(followthemoney.read, followthemoney.learn),
}

__all__ = ["IMPORTERS", "ImportRow", "Importer", "RowError", "RowSkip"]
