"""Dates that people send: ISO prefixes of days that there are."""

import pytest
from django.core.exceptions import ValidationError

from config.api import PARTIAL_DATE
from entities.importers.rows import partial_date


@pytest.mark.parametrize("day", ["2024", "2024-02", "2024-02-29", "2024-04-30", "2024-12-31"])
def test_a_day_that_there_is_is_taken(day):
    PARTIAL_DATE(day)
    assert partial_date(day, "born") == day


@pytest.mark.parametrize(
    "day", ["2024-13", "2024-02-30", "2024-04-31", "2024-00", "2024-01-00", "2024-1-1", "24", "2024\n"]
)
def test_a_day_that_there_is_not_is_refused(day):
    with pytest.raises(ValidationError):
        PARTIAL_DATE(day)
    with pytest.raises(ValueError, match="born is no ISO date"):
        partial_date(day, "born")
