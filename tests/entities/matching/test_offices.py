"""Titles, as records and texts give them, and the offices they name."""

import pytest

from entities.matching.offices import offices


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("Secretary of State", {"foreign minister"}),
        ("First Secretary of State", set()),
        ("Minister of Foreign Trade", {"trade minister"}),
        ("Minister of Foreign Affairs and Trade", {"foreign minister"}),
        ("Spokesman for the Secretary-General", {"spokesperson"}),
        ("Executive Vice President of the European Commission", {"vice president"}),
        ("President of the United Nations General Assembly", set()),
        ("Ministerpräsident", {"prime minister"}),
        ("Chief Financial Officer", set()),
        ("Secretary of Defense", {"defence minister"}),
        ("Prosecutor", {"prosecutor"}),
    ],
)
def test_what_a_title_names(title, named):
    assert offices(title) == named
