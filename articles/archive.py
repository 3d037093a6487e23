"""The whole database as one file and back: the tables of records (``entities/archive.py``), and those of articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from articles.catalogue import forget_catalogue
from articles.models import (
    Article,
    ArticleRevision,
    ArticleTakedown,
    Candidate,
    Link,
    Mention,
    NearDuplicateBand,
    NilGroup,
    SavedSearch,
    SurfacePrior,
    TakedownKey,
)
from entities import archive

TABLES = (
    *archive.TABLES, Article, ArticleRevision, ArticleTakedown, TakedownKey, NearDuplicateBand, NilGroup, Mention,
    Candidate, Link, SurfacePrior, SavedSearch,
)  # fmt: skip


def write() -> Iterator[str]:
    """The archive line by line."""
    return archive.write(TABLES)


def read(lines: Iterable[str]) -> dict[str, int]:
    """Bring an archive into an empty database; the number of rows by table. Errors as of ``entities.archive.read``."""
    try:
        return archive.read(lines, TABLES)
    finally:
        forget_catalogue()
