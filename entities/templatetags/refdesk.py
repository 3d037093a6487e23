"""Filters for our own pages: partial dates, languages, safe addresses, JSON-LD."""

import json
from pathlib import PurePath

from django import template
from django.utils.safestring import mark_safe

from entities import reading
from entities.matching.dates import partial_date

register = template.Library()
register.filter("partial_date", partial_date)
register.filter("about", reading.description_of)
register.filter("text_direction", reading.text_direction)
register.filter("language_name", reading.language_name)

# What JSON needs escaped so that no string in it can end the script element; as in django.utils.html.json_script.
_JSON_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.filter
def kind_name(kind):
    """A kind in words."""
    return reading.KIND_NAMES.get(kind, kind)


@register.filter
def file_name(path):
    """The name of a file without its folders: where it lies on the server tells a curator nothing."""
    return PurePath(str(path)).name or path


@register.filter
def web_address(url):
    """An address that may become a link: http or https; anything else (``javascript:``, ``data:``) is dropped."""
    url = str(url or "").strip()
    return url if url.lower().startswith(("http://", "https://")) else ""


@register.filter
def percent(value):
    """A score in [0, 1] as ``"97 %"``; what is nearly nothing or nearly sure as ``"< 1 %"`` and ``"> 99 %"``."""
    try:
        score = float(value)
    except (TypeError, ValueError):
        return ""
    if 0 < score < 0.005:
        return "< 1 %"
    return "> 99 %" if 0.995 <= score < 1 else f"{100 * score:.0f} %"


@register.filter
def span(row):
    """When a term was held, in words."""
    return reading.span_in_words(row.start, row.end, getattr(row, "as_of", ""))


@register.filter
def ld_json(data):
    """A dictionary as an ``application/ld+json`` block: data, not a script, and it cannot end its element."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_JSON_ESCAPES))


@register.filter
def text_lang(code):
    """A language code for ``lang=""``: letters, digits and hyphens alone."""
    code = str(code or "")
    return code if code.replace("-", "").isalnum() and code.isascii() else ""
