"""What is taken out of pages: ours, in 20 languages, furnished as real ones are. ``expected.json`` says what a reader sees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from articles.cleaning import BODY_KINDS, clean
from articles.dating import find_date
from articles.language import detect_language
from articles.readers import READERS, ReadOptions, RowError

PAGES = Path(__file__).parent / "pages"
EXPECTED = json.loads((PAGES / "expected.json").read_text(encoding="utf-8"))
FIELDS = ("title", "author", "language", "source", "url")


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_page_gives_what_its_reader_sees(name):
    expected = EXPECTED[name]
    rows = list(READERS["html"](PAGES / name, ReadOptions()))
    assert len(rows) == 1
    row = rows[0]
    if "error" in expected:
        assert isinstance(row, RowError)
        assert expected["error"] in row.reason
        return
    assert not isinstance(row, RowError), row
    cleaned = clean(row.text, row.title)
    searched = "\n".join(row.text[start:end] for start, end, kind in cleaned.segments if kind in BODY_KINDS)
    found = {field: getattr(row, field) for field in FIELDS} | {"title": row.title or cleaned.title}
    found["language"] = row.language or detect_language(row.text)
    dated = find_date(row.text, cleaned.segments)
    found["published_on"] = row.published_on or (dated.iso if dated else "")
    wanted = {field: value for field, value in expected.items() if field not in ("contains", "absent")}
    assert {field: found[field] for field in wanted} == wanted
    assert [text for text in expected["contains"] if text not in searched] == []
    assert [text for text in expected["absent"] if text in searched] == []
