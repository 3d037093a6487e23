"""What capitals, seats of power and international bodies are called in other languages, by their English name.

Catalogues list few of these names. Bodies are in ``translations.txt``; capitals that are cities of time zones have their
names from CLDR (Babel), in the languages that news is read in most.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from articles.detection.text import fold
from entities.matching.cldr import locales

TABLE_PATH = Path(__file__).with_name("translations.txt")
_LANGUAGES = ("ar", "bg", "cs", "da", "de", "el", "es", "fa", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "nl", "pl", "pt",
              "ro", "ru", "sr", "sv", "tr", "uk", "vi", "zh", "zh_Hant")  # fmt: skip


@lru_cache(maxsize=1)
def _bodies() -> dict[str, tuple[str, ...]]:
    found = {}
    for line in TABLE_PATH.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        name, *languages = line.split(" | ")
        names = [form for listed in languages for form in listed.split(" ", 1)[1].split("; ")]
        found[fold(name).strip()] = tuple(dict.fromkeys(names))
    return found


@lru_cache(maxsize=1)
def _cities() -> dict[str, tuple[str, ...]]:
    """Folded English name of a time zone's city → its names elsewhere."""
    abroad: dict[str, dict[str, None]] = {}
    for _, locale in locales(_LANGUAGES):
        for zone, data in locale.time_zones.items():
            if "city" in data:
                abroad.setdefault(zone, {})[data["city"]] = None
    english = {zone: data for _, locale in locales(["en"]) for zone, data in locale.time_zones.items()}
    found: dict[str, dict[str, None]] = {}
    for zone, names in abroad.items():
        # Where English has no name of its own, it is that of the zone: "Europe/London".
        city = english.get(zone, {}).get("city") or zone.rsplit("/", 1)[-1].replace("_", " ")
        found.setdefault(fold(city).strip(), {}).update(names)
    return {city: tuple(name for name in names if fold(name).strip() != city) for city, names in found.items()}


def translations_of(name: str) -> tuple[str, ...]:
    """The names in other languages of a capital, a seat of power or a body; empty for what is in no table.

    ``"Moscow"`` → ``("Moskau", "Moscou", …)``.
    """
    key = fold(name).strip()
    return (*_bodies().get(key, ()), *_cities().get(key, ()))
