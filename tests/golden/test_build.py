"""The sample articles and their annotation: the markup, and what the built files promise."""

import csv
import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.golden.build import GOLDEN, SAMPLES, MarkupError, build, main, parse_mentions, parse_source

STARTER = SAMPLES.parent.parent / "entities" / "starter"
OPEN, BLIND = (
    [json.loads(line) for line in (GOLDEN / name).read_text(encoding="utf-8").splitlines()]
    for name in ("linking_gold.jsonl", "blind_gold.jsonl")
)
GOLD = [*OPEN, *BLIND]
ARTICLES = [json.loads(line) for line in (SAMPLES / "articles.jsonl").read_text(encoding="utf-8").splitlines()]


def test_markup_is_stripped_and_nested_mentions_keep_their_places():
    marked = "[[the [[French|NORP|state:fra|optional]] president|ROLE|person:x]] left [[Oslo|PLACE|nil]]"

    text, mentions = parse_mentions(marked)

    assert text == "the French president left Oslo"
    assert mentions == [
        {"start": 0, "end": 20, "surface": "the French president", "type": "ROLE", "record": "person:x"},
        {"start": 4, "end": 10, "surface": "French", "type": "NORP", "record": "state:fra", "optional": True},
        {"start": 26, "end": 30, "surface": "Oslo", "type": "PLACE", "nil": True},
    ]


def test_a_bar_outside_a_mention_is_text():
    assert parse_mentions("a | b")[0] == "a | b"


@pytest.mark.parametrize(
    ("marked", "complaint"),
    [
        ("[[Oslo|PLACE|nil", "unclosed"),
        ("[[Oslo", "never closed"),
        ("[[Oslo|CITY|nil]]", "cannot read"),
        ("[[Oslo|PLACE]]", "cannot read"),
        ("[[Oslo|PLACE|nil|maybe]]", "cannot read"),
        ("[[|PLACE|nil]]", "empty"),
        ("[[Oslo |PLACE|nil]]", "spaces"),
        ("[[[[Oslo|PLACE|nil]]|GPE|nil]]", "share one span"),
    ],
)
def test_broken_markup_is_refused_with_its_file(marked, complaint):
    with pytest.raises(MarkupError, match=f"file.*{complaint}"):
        parse_mentions(marked, "file")


def test_a_source_gives_article_and_gold_with_junk_as_spans():
    article, gold = parse_source("one", "title: T\ndate: 2001-02-03\n\n[[Iran|GPE|state:irn]]\n!Bet on Iran\nend\n")

    text = "Iran\nBet on Iran\nend"
    assert article == {"title": "T", "text": text, "published_at": "2001-02-03", "external_id": "one"}
    assert gold["junk"] == [[5, 16]]
    assert text[5:16] == "Bet on Iran"
    assert [mention["surface"] for mention in gold["mentions"]] == ["Iran"]


@pytest.mark.parametrize("raw", ["title: T", "colour: red\n\ntext", "title: T\n\n!junk [[Iran|GPE|state:irn]]"])
def test_a_source_without_body_with_unknown_header_or_marked_junk_is_refused(raw):
    with pytest.raises(MarkupError, match="one"):
        parse_source("one", raw)


def test_built_files_are_current(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().out


def test_a_stale_file_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("tests.golden.build.SAMPLES", tmp_path)

    assert main(["--check"]) == 1
    assert "articles.jsonl" in capsys.readouterr().out


def test_building_twice_gives_the_same():
    assert build(GOLDEN / "linking") == build(GOLDEN / "linking")


@pytest.mark.parametrize("document", GOLD, ids=lambda document: document["doc_id"])
def test_every_mention_stands_where_it_says_and_none_in_junk(document):
    for mention in document["mentions"]:
        assert document["text"][mention["start"] : mention["end"]] == mention["surface"]
        assert ("record" in mention) != mention.get("nil", False)
        assert not any(start < mention["end"] and mention["start"] < end for start, end in document["junk"])


def test_shipped_articles_carry_no_markup_and_are_the_annotated_ones():
    assert [article["external_id"] for article in ARTICLES] == [document["doc_id"] for document in OPEN]
    assert [article["text"] for article in ARTICLES] == [document["text"] for document in OPEN]
    assert not [article["external_id"] for article in ARTICLES if "[[" in article["text"] or "|PER" in article["text"]]


def test_samples_cover_years_languages_and_missing_dates():
    years = {(article.get("published_at") or "")[:4] for article in ARTICLES} - {""}

    assert len(ARTICLES) >= 44
    assert (min(years), max(years)) == ("1962", "2026")
    assert len(years) >= 25
    assert {"en", "fr", "de", "es", "ru", "ar", "fa", "zh"} <= {article["language"] for article in ARTICLES}
    assert sum("published_at" not in article for article in ARTICLES) >= 3


def test_every_url_is_an_example():
    assert all(article["url"].startswith("https://example.org/") for article in ARTICLES)
    assert len({article["url"] for article in ARTICLES}) == len(ARTICLES)


def test_every_type_is_required_often_enough_to_measure():
    required = [mention for document in GOLD for mention in document["mentions"] if not mention.get("optional")]

    for kind in ("PER", "ORG", "GPE", "NORP", "AGREEMENT", "ROLE", "PLACE"):
        assert sum(mention["type"] == kind for mention in required) >= 80, kind
    assert sum(mention.get("nil", False) and mention["type"] in ("PER", "ORG") for mention in required) >= 80


def test_every_record_of_the_gold_is_in_the_starter_catalogue_or_listed_as_outside():
    known = {
        json.loads(line)["key"]
        for path in sorted(STARTER.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    }
    outside = set((GOLDEN / "outside_catalogue.txt").read_text(encoding="utf-8").split())
    marked = {
        key
        for path in (GOLDEN / "linking").glob("*.txt")
        for key in re.findall(r"\|((?:person|org|state|agreement):[^|\]]+)", path.read_text(encoding="utf-8"))
    }

    assert marked - known - outside == set(), "neither in the catalogue nor listed in outside_catalogue.txt"
    assert outside & known == set(), "now in the catalogue: take them off outside_catalogue.txt and build again"
    assert outside - marked == set(), "listed, but named by no article"


def test_a_record_outside_the_catalogue_is_nil_in_the_gold():
    _, gold = parse_source("one", "title: T\n\n[[Ada|PER|person:ada]]", frozenset({"person:ada"}))

    assert gold["mentions"] == [{"start": 0, "end": 3, "surface": "Ada", "type": "PER", "nil": True}]


def test_the_other_shipped_formats_are_well_formed():
    feed = ElementTree.parse(SAMPLES / "island-wire.rss").getroot()
    with (SAMPLES / "archive.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert len(feed.findall("./channel/item")) == 4
    assert len(rows) == 4
    assert [row["url"] for row in rows if not row["published_at"]] == [
        "https://example.org/equator-press/liberia-johnson-sirleaf"
    ]
    assert len(list(SAMPLES.glob("*.html"))) == 3
    assert len(list(SAMPLES.glob("*.txt"))) == 2
    for path in Path(SAMPLES).glob("*.html"):
        assert re.search(r"<h[12]>", path.read_text(encoding="utf-8")), path.name
