"""Formats, packings, archives, encodings, columns: what reads as what."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
import zstandard

from articles.readers import READERS, ArticleRow, Limits, ReadOptions, RowError, format_of, preview, read, read_bytes
from articles.readers.encodings import decode, sniff_encoding
from articles.readers.jsonl import _values_of_blocks
from tests.articles.readers.hostile import ITEM, LINE, PAGE, ROW, SENTENCE, answer, feed, tarred, warc_record, zipped

FILES = {
    "a.jsonl": LINE.encode() * 2, "a.json": json.dumps([ROW, ROW], indent=2).encode(),
    "a.csv": f'title,text\nB,"{SENTENCE}"\nC,"{SENTENCE}"\n'.encode(),

    "a.tsv": f"headline\tbody\nB\t{SENTENCE}\nC\t{SENTENCE}\n".encode(),
    "a.html": PAGE.encode(), "a.txt": (SENTENCE * 2).encode(),
    "a.rss": feed(ITEM), "a.warc": warc_record("response", "https://x.example/2024/03/05/a", answer(PAGE.encode())),
}  # fmt: skip
COUNTS = {"a.jsonl": 2, "a.json": 2, "a.csv": 2, "a.tsv": 2, "a.html": 1, "a.txt": 1, "a.rss": 1, "a.warc": 1}
PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstandard.compress, "": bytes}


def rows_of(path, options=None, format=""):
    return list(READERS[format or format_of(path)](path, options or ReadOptions()))


def write(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def good(rows):
    assert not [row for row in rows if isinstance(row, RowError)]
    return rows


# --- Every format, however packed ------------------------------------------------------------------------------------
@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("name", FILES)
def test_every_format_is_read_however_it_is_packed(tmp_path, name, suffix):
    path = write(tmp_path / (name + suffix), PACKERS[suffix](FILES[name]))
    rows = good(rows_of(path))
    assert len(rows) == COUNTS[name]
    assert all("old town hall" in row.text for row in rows)
    assert all(row.file.startswith(str(path)) for row in rows)


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst"])
def test_every_archive_is_read_entry_by_entry(tmp_path, suffix):
    entries = list(FILES.items())
    if suffix == ".zip":
        data = zipped(entries)
    else:
        packer = PACKERS["" if suffix == ".tar" else "." + suffix.rsplit(".", 1)[1].replace("tgz", "gz")]
        data = packer(tarred(entries))
    path = write(tmp_path / f"all{suffix}", data)
    rows = good(rows_of(path))
    assert len(rows) == sum(COUNTS.values())
    assert {row.file.split("!")[1] for row in rows} == set(FILES)


def test_an_archive_within_an_archive_is_read_and_both_are_named(tmp_path):
    inner = gzip.compress(tarred([("deep/a.jsonl", LINE.encode() + b"{broken\n")]))
    rows = rows_of(write(tmp_path / "out.zip", zipped([("in.tar.gz", inner)])))
    assert [row.file for row in rows] == [f"{tmp_path}/out.zip!in.tar.gz!deep/a.jsonl"] * 2
    assert (type(rows[0]), str(rows[1])[-60:]) == (ArticleRow, str(rows[1])[-60:])
    assert rows[1].line == 2


def test_a_given_format_is_that_of_an_archives_entries(tmp_path):
    path = write(tmp_path / "texts.zip", zipped([("one", SENTENCE), ("two.data", SENTENCE)]))
    assert [type(row) for row in rows_of(path)] == [RowError, RowError]
    assert len(good(rows_of(path, format="txt"))) == 2


# --- Formats told by content -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("packer", PACKERS.values())
@pytest.mark.parametrize("name", FILES)
def test_standard_input_is_told_by_what_it_begins_with(monkeypatch, name, packer):
    class Standard:
        buffer = io.BufferedReader(io.BytesIO(packer(FILES[name])))

    monkeypatch.setattr(sys, "stdin", Standard)
    assert format_of(Path("-")) == "auto"
    rows = good(list(read(Path("-"), ReadOptions())))
    assert len(rows) == COUNTS[name]
    assert {row.file.partition("!")[0] for row in rows} == {"-"}


@pytest.mark.parametrize("name", [name for name in FILES if name != "a.txt"])
def test_a_file_without_an_ending_is_told_by_its_content_unless_it_is_plain_text(tmp_path, name):
    assert len(good(rows_of(write(tmp_path / "nameless", FILES[name])))) == COUNTS[name]
    (row,) = rows_of(write(tmp_path / "README", FILES["a.txt"]))
    assert row.reason == "neither its name nor its content tells its format"


def test_an_upload_is_read_from_its_stream(tmp_path):
    rows = good(list(read_bytes("up.csv", io.BufferedReader(io.BytesIO(FILES["a.csv"])), ReadOptions())))
    assert [(row.file, row.line) for row in rows] == [("up.csv", 2), ("up.csv", 3)]


def test_a_file_of_lines_is_read_in_stretches(tmp_path):
    lines = [LINE.replace("stays", f"stays {number}") for number in range(9)]
    path = write(tmp_path / "a.jsonl", "".join(lines))
    whole = [(row.line, row.title) for row in rows_of(path)]
    cut, found, start = len(lines[0].encode()) * 4, [], 0
    for first, end in ((1, cut), (5, cut * 2), (9, None)):
        found += READERS["jsonl"](path, ReadOptions(), start=start, end=end, first_line=first)
        start = end
    assert [(row.line, row.title) for row in found] == whole


def test_options_come_back_from_json():
    options = ReadOptions(source="x", limits=Limits(job_bytes=None, ratio=7))
    options.budget.unpacked = 5
    again = ReadOptions(**json.loads(json.dumps(asdict(options))))
    assert again == options
    assert again.budget.unpacked == 0


# --- JSON ------------------------------------------------------------------------------------------------------------
def test_a_single_object_is_an_article(tmp_path):
    assert [row.title for row in good(rows_of(write(tmp_path / "a.json", json.dumps(ROW, indent=2))))] == [ROW["title"]]


def test_broken_objects_of_an_array_are_named_by_line_and_cost_no_other(tmp_path):
    text = '[\n{"text": "one two"},\n{"text": 3},\n{"text" "x"},\n17,\n{"text": "a \\" ] } b"}\n]\n'
    rows = rows_of(write(tmp_path / "a.json", text))
    assert [(type(row).__name__, row.line) for row in rows] == [
        ("ArticleRow", 2), ("RowError", 3), ("RowError", 4), ("RowError", 5), ("ArticleRow", 6),
    ]  # fmt: skip
    assert rows[-1].text == 'a " ] } b'


def test_an_array_is_read_alike_wherever_its_blocks_are_cut():
    data = json.dumps([{"text": 'a \\ " \n ] é', "n": [1, {"x": "}"}]}, ROW], indent=1).encode()
    whole = list(_values_of_blocks(iter([data]), 10_000))
    for size in range(1, 40):
        blocks = [data[at : at + size] for at in range(0, len(data), size)]
        assert list(_values_of_blocks(iter(blocks), 10_000)) == whole


# --- Encodings -------------------------------------------------------------------------------------------------------
TEXTS = {
    "Les négociations à Genève ont été suspendues, a déclaré la préfète.": ["cp1252", "utf-16", "utf-8-sig", "utf-32"],
    "Rozmowy zakończyły się we wtorek późnym wieczorem, powiedział rzecznik. Żaden.": [
        "cp1250",
        "iso8859-2",
        "utf-16-le",
    ],
    "Переговоры завершились во вторник поздно вечером, сообщил представитель.": ["cp1251", "koi8-r", "utf-16-be"],
    "Görüşmeler salı günü geç saatlerde sona erdi, dedi hükümet sözcüsü.": ["cp1254"],
    "協議は火曜日の夜遅くに終了したと、政府の報道官が述べた。両首脳はコメントしなかった。": ["cp932", "euc_jp"],
    "会谈于周二深夜结束，政府发言人说。两国领导人均未发表评论。": ["gb18030", "utf-8"],
    "회담은 화요일 밤늦게 끝났다고 정부 대변인이 말했다. 두 정상은 언급하지 않았다.": ["cp949"],
    "انتهت المحادثات في وقت متأخر من مساء الثلاثاء، حسبما قال المتحدث.": ["cp1256", "utf-16"],
}


@pytest.mark.parametrize(("text", "encoding"), [(text, each) for text, listed in TEXTS.items() for each in listed])
def test_an_encoding_is_told_by_the_bytes(tmp_path, text, encoding):
    assert decode(text.encode(encoding)) == text
    if not encoding.startswith("utf-16-") and encoding != "utf-32":
        table = f"title;text\nA;{text}\n".encode(encoding)
        assert [row.text for row in good(rows_of(write(tmp_path / "a.csv", table)))] == [text]


def test_a_given_encoding_is_held_to(tmp_path):
    path = write(tmp_path / "a.txt", "Żaden".encode("iso8859-2"))
    assert rows_of(path, ReadOptions(encoding="iso8859-2"))[0].text == "Żaden"
    assert "not in the encoding utf-8" in rows_of(path, ReadOptions(encoding="utf-8"))[0].reason
    assert "no text encoding 'klingon'" in rows_of(path, ReadOptions(encoding="klingon"))[0].reason
    lines = write(tmp_path / "a.jsonl", LINE.encode())
    assert "no text encoding 'rot13'" in rows_of(lines, ReadOptions(encoding="rot13"))[0].reason


def test_a_declared_encoding_is_held_to_only_if_it_fits():
    assert sniff_encoding("Ž".encode("iso8859-2"), "iso-8859-2") == "iso8859-2"
    assert sniff_encoding("Zażółć gęślą jaźń".encode(), "iso-8859-2") == "utf-8"


def test_one_line_in_another_encoding_costs_no_other(tmp_path):
    data = LINE.encode() + '{"text": "café à Genève"}\n'.encode("latin-1") + '{"text": "Żaden naïve"}\n'.encode()
    assert [row.text for row in good(rows_of(write(tmp_path / "a.jsonl", data)))[1:]] == [
        "café à Genève",
        "Żaden naïve",
    ]


# --- Tables ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_by_the_first_lines(tmp_path, delimiter):
    text = f'title{delimiter}text\nA{delimiter}"One, two; three | four"\nB{delimiter}"Five, six; seven"\n'
    assert [row.text for row in good(rows_of(write(tmp_path / "a.csv", text)))] == [
        "One, two; three | four",
        "Five, six; seven",
    ]


def test_columns_are_mapped_by_the_caller_by_name_and_by_synonym(tmp_path):
    path = write(tmp_path / "a.csv", "Überschrift;Inhalt;Notiz;Datum\nA;Ein Text;nein;05.03.2024\n")
    (row,) = good(rows_of(path))
    assert (row.title, row.text, row.published_on) == ("A", "Ein Text", "2024-03-05")
    (row,) = good(rows_of(path, ReadOptions(columns={"text": "Notiz", "title": "", "published_at": "datum"})))
    assert (row.title, row.text, row.published_on) == ("", "nein", "2024-03-05")
    assert "no column 'Nein'" in rows_of(path, ReadOptions(columns={"text": "Nein"}))[0].reason
    assert "no field 'texte'" in rows_of(path, ReadOptions(columns={"texte": "Notiz"}))[0].reason


def test_a_preview_shows_columns_rows_and_the_guessed_mapping():
    shown = preview("Headline,Body,Link\nA,One two,https://x.example\nB,Three,\n".encode("utf-16"), rows=1)
    assert shown.columns == ("Headline", "Body", "Link")
    assert shown.rows == (("A", "One two", "https://x.example"),)
    assert shown.mapping == {"title": "Headline", "text": "Body", "url": "Link"}
    assert (shown.delimiter, shown.problem) == (",", "")
    assert "choose the column that holds the text" in preview(b"name,age\nA,3\n").problem
    for data in (b"", b"\x00" * 100, b'"', b"\xff\xfe", b"a" * 100_000):
        assert preview(data).problem


@pytest.mark.parametrize(
    ("date", "day_first", "found"),
    [("03/05/2024", True, "2024-05-03"), ("03/05/2024", False, "2024-03-05"), ("23/05/2024", None, "2024-05-23"),
     ("03.05.2024", None, "2024-05-03")],
)  # fmt: skip
def test_a_date_that_may_be_two_days_is_read_as_the_caller_says(tmp_path, date, day_first, found):
    path = write(tmp_path / "a.csv", f"text;date\nOne two;{date}\n")
    assert rows_of(path, ReadOptions(day_first=day_first))[0].published_on == found


def test_a_date_that_may_be_two_days_is_refused_if_the_caller_does_not_say(tmp_path):
    (row,) = rows_of(write(tmp_path / "a.csv", "text;date\nOne two;03/05/2024\n"))
    assert (row.line, "may be two days" in row.reason) == (2, True)


def test_a_quote_that_never_closes_costs_its_own_line(tmp_path):
    text = 'title,text\nA,"fine, ""quoted""\nand two lines"\nB,"open\nC,closed text\nD,more text\n'
    rows = rows_of(write(tmp_path / "a.csv", text))
    assert [(row.line, getattr(row, "title", "refused")) for row in rows] == [
        (2, "A"),
        (4, "refused"),
        (5, "C"),
        (6, "D"),
    ]


# --- Web archives ----------------------------------------------------------------------------------------------------
def test_captures_are_read_by_what_the_server_said(tmp_path):
    body = PAGE.replace("old town hall", "café").encode("latin-1")
    records = [
        warc_record("warcinfo", "", b"software: test", media="application/warc-fields"),
        warc_record("request", "https://x.example/a", b"GET / HTTP/1.1\r\n\r\n"),
        warc_record("response", "https://x.example/2024/03/05/a", answer(body, "text/html; charset=iso-8859-1")),
        warc_record(
            "response", "https://x.example/b", answer(gzip.compress(PAGE.encode()), more="Content-Encoding: gzip\r\n")
        ),
        warc_record(
            "response", "https://x.example/c", answer(b"4\r\n<htm\r\n0\r\n\r\n", more="Transfer-Encoding: chunked\r\n")
        ),
        warc_record("response", "https://x.example/d", answer(PAGE.encode(), status="404 Not Found")),
        warc_record("response", "https://x.example/e", answer(b"", status="301 Moved")),
        warc_record("response", "https://x.example/f.png", answer(b"\x89PNG", "image/png")),
        warc_record("response", "https://x.example/g.pdf", answer(b"%PDF", "application/pdf")),
        warc_record("resource", "https://x.example/h", PAGE.encode(), media="text/html"),
        warc_record("conversion", "https://x.example/i", SENTENCE.encode(), media="text/plain"),
        warc_record("response", "https://x.example/feed", answer(feed(ITEM), "application/rss+xml")),
    ]
    rows = rows_of(write(tmp_path / "a.warc.gz", b"".join(map(gzip.compress, records))))
    assert [(row.line, type(row).__name__) for row in rows] == [
        (3, "ArticleRow"), (4, "ArticleRow"), (5, "RowError"), (6, "RowError"), (9, "RowError"), (10, "ArticleRow"),
        (11, "ArticleRow"), (12, "ArticleRow"),
    ]  # fmt: skip
    assert (rows[0].url, rows[0].published_on) == ("https://x.example/2024/03/05/a", "2024-03-05")
    assert "café" in rows[0].text
    assert rows[0].file.endswith("a.warc.gz!https://x.example/2024/03/05/a")
    assert [row.reason for row in rows if isinstance(row, RowError)][1:] == [
        "the server answered 404, with no article", "application/pdf is no format that articles are read from",
    ]  # fmt: skip


# --- Feeds -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("base", "link", "url"),
    [
        ("https://one.example/", "/2024/lead", "https://one.example/2024/lead"),
        ("https://one.example/news/", "lead", "https://one.example/news/lead"),
        ("https://one.example/", "//cdn.example/lead", "https://cdn.example/lead"),
        ("https://one.example/", "https://two.example/lead", "https://two.example/lead"),
        ("", "/2024/lead", ""),  # other feeds have such an address, too
    ],
)
def test_relative_addresses_of_a_feed_are_of_its_own_site(tmp_path, base, link, url):
    path = write(
        tmp_path / "a.rss",
        f"""<rss version="2.0"><channel><title>One</title><link>{base}</link><item><title>Lead</title><link>{link}</link>
        <description>{SENTENCE}</description></item></channel></rss>""",
    )
    assert [row.url for row in rows_of(path)] == [url]


def test_a_feeds_items_have_the_day_they_were_published_and_their_text_without_markup(tmp_path):
    atom = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Harbour Daily</title><entry><id>tag:x,1</id>
      <title type="html">Border &amp;amp; bridge</title><link href="https://x.example/1"/><author><name>Ana Sousa</name></author>
      <published>2024-03-05T10:00:00Z</published><updated>2024-04-01T10:00:00Z</updated>
      <content type="html">&lt;p&gt;{SENTENCE}&lt;/p&gt;&lt;p&gt;R&amp;amp;D&lt;br&gt;next&lt;/p&gt;
      &lt;script&gt;x()&lt;/script&gt;</content></entry></feed>"""
    (row,) = good(rows_of(write(tmp_path / "a.atom", atom)))
    assert (row.title, row.published_on, row.author, row.source, row.language) == (
        "Border & bridge", "2024-03-05", "Ana Sousa", "Harbour Daily", "en",
    )  # fmt: skip
    assert row.text.splitlines()[1:] == ["R&D", "next"]


def test_two_columns_of_one_name_are_refused_by_their_numbers_in_the_preview_too(tmp_path):
    data = f"title,text,text,note,note\nBorder,{SENTENCE},other,a,b\n".encode()
    [row] = rows_of(write(tmp_path / "a.csv", data))
    told = "columns 2 and 3 are both called 'text': which holds the text cannot be told"
    assert isinstance(row, RowError)
    assert (row.reason, preview(data).problem) == (told, told)
    assert not preview(f"title,text,note,note\nBorder,{SENTENCE},a,b\n".encode()).problem, "one that nobody reads"


def test_keys_of_json_are_known_by_their_common_names_too(tmp_path):
    path = tmp_path / "a.jsonl"
    rows = [
        {"Headline": "One", "body": "Text", "published": "2024-03-05", "id": 7, "views": 3},
        {"title": "Own", "headline": "Other", "text": "Text", "date": {"day": 5}, "content": "More"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    one, two = rows_of(path)
    assert (one.title, one.text, one.published_on, one.external_id) == ("One", "Text", "2024-03-05", "7")
    assert one.unknown_keys == ("views",)
    assert (two.title, two.text, two.published_on) == ("Own", "Text", "")
    assert two.unknown_keys == ("content", "date", "headline")
