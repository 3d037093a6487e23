"""Linking and evaluating documents that are no articles of ours: gold files and what others send."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from articles.catalogue import current_catalogue, forget_catalogue
from articles.cleaning import clean
from articles.evaluation import Keys
from articles.language import detect_language
from articles.linking import Draft, link_drafts
from articles.resolution import Resolution
from config.throwaway import throwaway_database
from entities.importing import import_files
from entities.models import Identifier, SourceRecord

logger = logging.getLogger(__name__)
_BATCH = 50


class DocumentError(ValueError):
    """A line that is no document: names file, line and reason."""


def read_documents(path: str | Path) -> Iterator[dict]:
    """The documents of a JSONL file.

    Raises:
        DocumentError: for the first line that is no JSON object with ``doc_id`` and ``text``.
    """
    with open(path, encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                document = json.loads(line)
            except ValueError as error:
                raise DocumentError(f"{path}:{number}: no JSON: {error}") from error
            if not isinstance(document, dict) or not isinstance(document.get("text"), str) or "doc_id" not in document:
                raise DocumentError(f"{path}:{number}: a document needs doc_id and text")
            yield document


@contextmanager
def catalogue_of(records: str | Path | None) -> Iterator[None]:
    """Within this block the catalogue is that of a records file, in a throw-away database; None: the current one."""
    with throwaway_database() if records else nullcontext():
        forget_catalogue()
        if records:
            report = import_files([Path(records)])
            for error in report.errors:
                logger.warning("%s", error)  # a catalogue with a broken row is still one to link against
            if not report.created:
                raise DocumentError(f"{records}: no record could be read")
        try:
            yield
        finally:
            forget_catalogue()


def link_documents(documents: Sequence[Mapping], *, use_ner: bool = True) -> Iterator[dict]:
    """Predictions for each document against the catalogue in use, in the format of docs/evaluation.md."""
    names = _Names()
    for start in range(0, len(documents), _BATCH):
        batch = documents[start : start + _BATCH]
        for document, resolutions in zip(batch, link_drafts(drafts_of(batch), use_ner=use_ner), strict=True):
            yield {"doc_id": document["doc_id"], "mentions": names.predictions(resolutions)}


def drafts_of(documents: Sequence[Mapping]) -> list[Draft]:
    """Documents as the linker reads them."""
    return [
        Draft(
            document["text"],
            clean(document["text"], document.get("title") or "").junk,
            document.get("date") or None,
            document.get("language") or detect_language(document["text"]),
        )
        for document in documents
    ]


class _Names:
    """Keys and outside identifiers of records, loaded as they are met."""

    def __init__(self) -> None:
        self._keys: dict[int, str] = {}
        self._elsewhere: dict[int, dict[str, str]] = {}

    def predictions(self, resolutions: Sequence[Resolution]) -> list[dict]:
        ids = {one.decision.record_id for one in resolutions} - {None}
        self._load(ids - self._keys.keys())
        views = current_catalogue().views(ids)
        rows = []
        for one in resolutions:
            decision = one.decision
            record = views.get(decision.record_id) if decision.outcome != "nil" else None
            elsewhere = self._elsewhere.get(record.id, {}) if record else {}
            rows.append(
                {
                    "start": one.span.start,
                    "end": one.span.end,
                    "type": str(one.type) or None,
                    "record": self._keys.get(record.id) if record else None,
                    "kind": str(record.kind) if record else None,
                    "name": record.name if record else None,
                    "wikidata": elsewhere.get("wikidata"),
                    "wikipedia": elsewhere.get("wikipedia"),
                    "probability": round(decision.probability, 4),
                    "status": str(decision.outcome),
                }
            )
        return rows

    def _load(self, ids: set[int]) -> None:
        for entity, key in SourceRecord.objects.filter(entity__in=ids).order_by("-pk").values_list("entity_id", "key"):
            self._keys[entity] = key
        rows = Identifier.objects.in_use().filter(entity__in=ids, scheme__in=("wikidata", "wikipedia"))
        for entity, scheme, value in rows.values_list("entity_id", "scheme", "value"):
            self._elsewhere.setdefault(entity, {})[scheme] = value


def keys_in_use() -> Keys:
    """The keys of the catalogue in use, with the records' ids elsewhere."""
    elsewhere: dict[int, dict[str, str]] = {}
    rows = Identifier.objects.in_use().filter(scheme__in=("wikidata", "wikipedia"))
    for entity, scheme, value in rows.values_list("entity_id", "scheme", "value").iterator():
        elsewhere.setdefault(entity, {})[scheme] = value
    records = SourceRecord.objects.order_by("-pk").values_list("key", "entity_id").iterator()
    return Keys((key, elsewhere.get(entity, {})) for key, entity in records)


def keys_of_records() -> dict[int, str]:
    """One key for each record: its oldest."""
    return dict(SourceRecord.objects.order_by("-pk").values_list("entity_id", "key"))
