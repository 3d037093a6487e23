"""Who merges, and what."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from entities.models import SourceRecord
from tests.entities.merging.making import identify, make_merger, relate
from tests.factories import make_record, make_term


@pytest.fixture
def merger() -> User:
    return make_merger()


@pytest.fixture
def assads():
    """Two records of one person, with facts that agree, differ and refer to a third."""
    syria = make_record("Syria", "state")
    a = make_record("Bashar al-Assad", valid_from="1965", aliases=["Assad", "Bashar Assad"], prominence=2)
    b = make_record(
        "Bashar al-Asad", valid_from="1965-09-11", aliases=["Assad", {"name": "بشار الأسد", "lang": "ar"}],
        description="Former president", prominence=1, attributes={"gender": "male"},
    )  # fmt: skip
    make_term(a, "President", state=syria, start="2000", end="2024")
    make_term(b, "President", state=syria, start="2000", end="2024")
    make_term(b, "Party leader", start="2000")
    identify(b, "wikidata", "Q44329")
    relate(a, "state", syria)
    relate(b, "state", syria)
    SourceRecord.objects.create(source_name="file", key="b", entity=b, origin=b, content_hash="x")
    return a, b, syria
