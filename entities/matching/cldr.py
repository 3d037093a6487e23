"""Locale data of Unicode's CLDR, as Babel ships it, read without keeping it.

Babel keeps all of every locale that was ever read (calendars, units, plural rules): 200 MB for the names of territories in
all languages. What is needed of them is worked out once, so each locale is forgotten again when the next one is read.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator

from babel import Locale, localedata


def locales(identifiers: Iterable[str]) -> Iterator[tuple[str, Locale]]:
    """``(identifier, locale)`` one after another; a locale is good until the next one is asked for."""
    # Babel offers no way to forget; without this attribute nothing breaks, the data only stays.
    kept = getattr(localedata, "_cache", {})
    # What is forgotten is left in circles: with the collector at rest, as while articles are linked, it would pile up.
    is_at_rest = not gc.isenabled()
    gc.enable()
    try:
        for identifier in identifiers:
            before = set(kept)
            yield identifier, Locale.parse(identifier)
            for name in set(kept) - before:
                kept.pop(name, None)
    finally:
        if is_at_rest:
            gc.disable()
