"""Spans + catalogue + date → decisions, for one article as a whole. Plain Python: no Django, no database."""

from articles.resolution.article import Resolution
from articles.resolution.catalogue import Catalogue, Holder, MemoryCatalogue
from articles.resolution.resolve import prefetch, resolve

__all__ = ["Catalogue", "Holder", "MemoryCatalogue", "Resolution", "prefetch", "resolve"]
