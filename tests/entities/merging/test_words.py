"""Counts as a curator says them."""

from __future__ import annotations

import pytest

from entities.merging.words import _COUNTED, SORT_WORDS, counts_in_words, sort_in_words


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({}, ""),
        ({"alias": 1}, "1 name"),
        ({"alias": 3, "mention": 14, "record": 2}, "2 records, 14 mentions and 3 names"),
        ({"record": 1, "term of office": 2, "relation": 0}, "1 record and 2 offices"),
        ({"mention": 1234, "relation": 1, "runner-up": 2},
         "1,234 mentions, 1 tie to another record and 2 second choices of mentions"),
        ({"cup": 2, "record": 1}, "1 record and 2 cups"),
    ],
)  # fmt: skip
def test_counts_are_told_as_a_curator_says_them(rows, words):
    assert counts_in_words(rows) == words


def test_every_sort_of_row_has_words_of_its_own():
    assert set(SORT_WORDS.values()) == set(_COUNTED)
    assert sort_in_words("entities.alias") == "name"  # programs are told "alias"
