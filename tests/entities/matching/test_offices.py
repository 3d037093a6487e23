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
        ("Secretary of State for the Home Department", {"interior minister"}),
        ("Secretary of State for Justice", {"attorney general"}),
        ("Secretary of State for Foreign and Commonwealth Affairs", {"foreign minister"}),
        ("Secretary of State for Energy and Climate Change", {"oil minister"}),
        ("energy secretary", {"oil minister"}),
        ("Secretary of Transportation", {"transport minister"}),
        ("transport secretary", {"transport minister"}),
        ("Deputy Prime Minister and Minister for Defence", {"deputy prime minister", "defence minister"}),
        ("Prime Minister, Minister of Finance", {"prime minister", "finance minister"}),
        ("Minister of Foreign Affairs and International Trade", {"foreign minister"}),
        ("Deputy Minister of Defence", {"deputy defence minister"}),
    ],
)
def test_what_a_title_names(title, named):
    assert offices(title) == named
