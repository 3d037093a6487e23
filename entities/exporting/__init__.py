"""Records → files, streamed: every format reads the records in pages, by id, and holds one page at a time.

The formats are in ``FORMATS``; ``write`` gives text piece by piece. The order is that of the ids, so that equal databases
export equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from entities.exporting import followthemoney, linked_data, refdesk, tables
from entities.models import Entity


@dataclass(frozen=True, slots=True)
class Format:
    """A format: ``write(records, base, is_whole)`` yields text; ``base`` is the site's address, without a last slash."""

    media_type: str
    suffix: str
    write: Callable[[QuerySet[Entity], str, bool], Iterator[str]]


#: A line for each entity, as OpenSanctions publishes them; what ends in ``+json`` would have to be one value (RFC 6839).
FTM_LINES = "application/json+ftm"

#: By the name that ``--format`` and ``?format=`` take.
FORMATS = {
    "refdesk": Format("application/x-ndjson", "jsonl", lambda records, base, is_whole: refdesk.lines(records, is_whole)),
    "csv": Format("text/csv", "csv", lambda records, base, is_whole: tables.lines("records", records, base)),
    "ftm": Format(
        FTM_LINES, "ftm.json",
        lambda records, base, is_whole: followthemoney.lines(records, base),
    ),
    "jsonld": Format(
        "application/ld+json", "jsonld", lambda records, base, is_whole: linked_data.document(records, base)
    ),
    "nt": Format("application/n-triples", "nt", lambda records, base, is_whole: linked_data.triples(records, base)),
}  # fmt: skip
FORMATS |= {
    f"csv-{name}": Format(
        "text/csv", f"{name}.csv", lambda records, base, is_whole, name=name: tables.lines(name, records, base)
    )
    for name in ("aliases", "identifiers", "terms", "relations")
}
