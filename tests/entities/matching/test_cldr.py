"""Locale data is read and let go."""

import gc

from entities.matching.cldr import locales


def test_what_is_read_of_locales_is_collected_even_while_the_collector_rests():
    gc.disable()
    try:
        for _, locale in locales(["en", "de"]):
            assert gc.isenabled()
            assert locale.territories["FR"]
        assert not gc.isenabled()
    finally:
        gc.enable()
    list(locales(["en"]))
    assert gc.isenabled()
