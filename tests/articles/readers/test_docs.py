"""What docs/importing.md shows is true."""

from __future__ import annotations

import json
import re
from pathlib import Path

from articles.dating import parse_date
from articles.readers import READERS, Limits, ReadOptions, format_of
from articles.readers.rows import FIELDS, build_row
from tests.articles.readers.hostile import LINE, zipped

DOCS = (Path(__file__).resolve().parents[3] / "docs" / "importing.md").read_text(encoding="utf-8")


def test_the_formats_and_endings_are_those_that_are_read():
    table = DOCS.split("## Formats")[1].split("## Fields")[0]
    named = set(re.findall(r"^\| (.+?) \|", table, re.MULTILINE)) - {"format", "---"}
    formats = {name.strip("` ") for cell in named for name in cell.split(",")}
    assert formats == set(READERS) - {"auto"}
    for row in re.findall(r"^\| `.*", table, re.MULTILINE):
        cells = row.split("|")
        kinds = {name.strip("` ") for name in cells[1].split(",")}
        for ending in re.findall(r"\.\w+", cells[2]):
            assert format_of(Path("a" + ending)) in kinds, ending


def test_the_row_and_the_dates_are_read_as_shown():
    example = re.search(r"```json\n(.*?)```", DOCS, re.DOTALL)[1]
    row = build_row(json.loads(example), "docs", 1, ReadOptions())
    assert (row.published_on, row.unknown_keys) == ("2024-03-05", ())
    assert re.search(r"^`(url title[\w ]+)`", DOCS, re.MULTILINE)[1].split() == list(FIELDS)
    for shown, day in (
        ("5 de março de 2024", "2024-03-05"),
        ("2024年3月5日", "2024-03-05"),
        ("۲۴ خرداد ۱۴۰۱", "2022-06-14"),
    ):
        assert f"`{shown}`" in DOCS
        assert parse_date(shown) == day


def test_the_limits_are_the_defaults():
    limits = Limits()
    for words in ("10 MB | `document_bytes`", "40 MB | 4 ×", "1 GB | `job_bytes`", "100 | `ratio`", "1,000,000 | `entries`",
                  "10 s | `cpu_seconds`", "512 MB | `memory_bytes`"):  # fmt: skip
        assert words in DOCS, words
    assert (limits.document_bytes, limits.line_bytes, limits.job_bytes, limits.ratio) == (10**7, 4 * 10**7, 10**9, 100)
    assert (limits.entries, limits.cpu_seconds, limits.memory_bytes) == (10**6, 10, 512 * 10**6)


def test_the_example_in_python_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("pages.zip").write_bytes(zipped([("a.jsonl", LINE)]))
    exec(re.search(r"```python\n(.*?)```", DOCS, re.DOTALL)[1], {})
    assert "'pages.zip!a.jsonl', 1, 'Border stays open'" in capsys.readouterr().out
