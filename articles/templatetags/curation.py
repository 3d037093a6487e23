"""Filters for the curators' pages."""

from django import template

from entities.matching.types import Kind
from entities.reading import partial_date

register = template.Library()

_BOUNDS = {
    Kind.PERSON: ("born", "died"),
    Kind.STATE: ("since", "until"),
    Kind.ORGANIZATION: ("founded", "dissolved"),
    Kind.AGREEMENT: ("in force from", "until"),
}


@register.filter
def life(entity):
    """A record's own dates in words: ``"born 29 September 1954, died 2001"``."""
    first, last = _BOUNDS[Kind(entity.kind)]
    dates = [(first, entity.valid_from), (last, entity.valid_to)]
    if entity.kind == Kind.AGREEMENT and entity.signed:
        dates.insert(0, ("signed", entity.signed))
    return ", ".join(f"{word} {partial_date(date)}" for word, date in dates if date)
