"""No regular expression takes for ever: each is tried on long texts made of its own parts, in a process with a time limit."""

from __future__ import annotations

import re

import pytest

from tests.articles import patterns

SECONDS = 2.0  # of processor time for a million characters: most take a tenth, what grows with the square takes minutes


def test_patterns_are_found_in_modules_tables_and_where_they_are_used():
    found = patterns.collect()
    names = " ".join(found)
    assert "articles.cleaning.furniture.PLAIN[" in names  # in a table
    assert "articles.dating._PATTERNS[0]" in names  # in a tuple
    assert any(re.fullmatch(r"articles\.dating:\d+", name) for name in found)  # in a function
    assert any(name.startswith("entities.") for name in found)
    assert len(found) > 250


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(a+)+b", "aaaaaaaaaaaaaaa"),  # nested
        (r"\s+$", "               "),  # searched for, from each space anew
        (r"x[0-9]*,?[0-9]*y", "x00000000000000"),  # two repeats of the same, next to each other
        (r"(?:cat|dog)+\d", "catcatcatcatcat"),
    ],
)
def test_the_texts_hold_what_careless_patterns_take_for_ever_on(pattern, text):
    assert any(made.startswith(text) for made in patterns.texts(re.compile(pattern), 1000))


@pytest.mark.full
def test_no_pattern_takes_for_ever_on_a_million_characters():
    slow = [(name, seconds, text) for name, seconds, text in patterns.measure(1_000_000) if seconds > SECONDS]
    assert slow == []
