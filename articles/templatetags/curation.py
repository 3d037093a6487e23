"""Filters for the curators' pages."""

import re

from django import template

from entities.matching.dates import partial_date
from entities.matching.types import Kind
from entities.templatetags.refdesk import percent

register = template.Library()

_DAY = re.compile(r"\b\d{4}-(?:0[1-9]|1[0-2])-\d\d\b")
_BOUNDS = {
    Kind.PERSON: ("born", "died"),
    Kind.STATE: ("since", "until"),
    Kind.ORGANIZATION: ("founded", "dissolved"),
    Kind.AGREEMENT: ("in force from", "until"),
}


@register.filter
def likely(score):
    """A probability in [0, 1] as ``"97 %"``, which is never quite nothing and never quite certain: ``"> 99 %"``."""
    return percent(min(max(score, 0.001), 0.999))


@register.filter
def dates_in_words(text):
    """A sentence of the engine's: ``"both begin on 1957-09-13"`` → ``"both begin on 13 September 1957"``."""
    return _DAY.sub(lambda found: partial_date(found[0]), str(text))


@register.filter
def life(entity):
    """A record's own dates in words: ``"born 29 September 1954, died 2001"``."""
    first, last = _BOUNDS[Kind(entity.kind)]
    dates = [(first, entity.valid_from), (last, entity.valid_to)]
    if entity.kind == Kind.AGREEMENT and entity.signed:
        dates.insert(0, ("signed", entity.signed))
    return ", ".join(f"{word} {partial_date(date)}" for word, date in dates if date)
