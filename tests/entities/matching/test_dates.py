"""Partial dates: compared by what they leave open, and in words."""

import pytest

from entities.matching.dates import covers, in_words, partial_date, years_between


@pytest.mark.parametrize(
    ("start", "end", "day", "held"),
    [
        ("2013", "2021", "2015-06-01", True), ("2013-08", "2021", "2013-08-02", True), ("2013-08", "", "2013-07-31", False),
        ("", "1991", "1991-12-26", True), ("", "1991-12-25", "1991-12-26", False), (None, None, "1900", True),
        ("2024-07-28", "", "2024", True),
    ],
)  # fmt: skip
def test_what_a_span_may_hold(start, end, day, held):
    assert covers(start, end, day) is held


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2013-08", "2021", "2013–2021"), ("2013-01", "2013-02", "2013"), ("2024-07-28", "", "since 2024"),
        ("", "1991-12-26", "until 1991"), (None, None, ""),
    ],
)  # fmt: skip
def test_spans_in_words(start, end, words):
    assert in_words(start, end) == words


@pytest.mark.parametrize(
    ("iso", "words"),
    [
        ("1954-09-29", "29 September 1954"), ("1954-09", "September 1954"), ("1954", "1954"), ("", ""), (None, ""),
        ("1954-19", "1954-19"), ("soon", "soon"),
    ],
)  # fmt: skip
def test_dates_in_words(iso, words):
    assert partial_date(iso) == words


def test_years_between_dates_go_by_the_month_where_both_have_one():
    assert years_between("2000-01", "2001-07-15") == pytest.approx(1.5)
    assert years_between("2000", "2001") == 1.0
