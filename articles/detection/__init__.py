"""Text + gazetteer → spans. Plain Python: no Django, no database (spaCy is optional)."""

from articles.detection.detect import detect, mask
from articles.detection.gazetteer import Entry, Gazetteer, Hit, Sense
from articles.detection.ner import NamedSpan, load_tagger
from articles.detection.spans import AgreementDescription, RoleDescription, Span
from articles.detection.text import fold, sentences

__all__ = [
    "AgreementDescription", "Entry", "Gazetteer", "Hit", "NamedSpan", "RoleDescription", "Sense", "Span", "detect",
    "fold", "load_tagger", "mask", "sentences",
]  # fmt: skip
