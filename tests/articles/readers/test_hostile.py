"""Hostile files: each costs row errors that say why, and the rows beside it come through."""

from __future__ import annotations

import gzip
import os
import re
import threading
import time
from pathlib import Path

import pytest

from articles.readers import READERS, ArticleRow, Limits, ReadOptions, RowError, expand, format_of, read
from articles.readers.parsing import sandbox
from articles.readers.rows import build_row
from articles.readers.web import extract
from tests.articles.readers import hostile
from tests.articles.readers.hostile import LINE, PAGE, SENTENCE, answer, feed, warc_record, zipped

CASES = {name: (data, reason) for name, data, reason in hostile.cases()}
FULL = ("attributes.html", "many.html", "unclosed.rss", "deep-tags.rss", "deep.rss")  # seconds each


def rows_of(path, options=None):
    return list(READERS[format_of(path)](path, options or ReadOptions()))


def check(tmp_path, name):
    data, reason = CASES[name]
    path = tmp_path / name
    path.write_bytes(data)
    began = time.process_time()
    rows = rows_of(path)
    assert time.process_time() - began < 10
    assert rows, "nothing was said of the file"
    for row in rows:
        assert row.file.startswith(str(path))
        assert row.line >= 1
        if isinstance(row, ArticleRow):
            assert row.text.strip()
            assert not re.search("[\x00\ud800-\udfff]", row.text + row.title)
    if reason:
        assert any(isinstance(row, RowError) and re.search(reason, row.reason) for row in rows), rows[:3]


@pytest.mark.parametrize("name", [name for name in CASES if name not in FULL])
def test_a_hostile_file_is_refused_with_its_reason(tmp_path, name):
    check(tmp_path, name)


@pytest.mark.full
@pytest.mark.parametrize("name", FULL)
def test_a_hostile_file_that_takes_its_time_is_refused_with_its_reason(tmp_path, name):
    check(tmp_path, name)


def test_the_rows_beside_a_hostile_one_are_read(tmp_path):
    path = tmp_path / "mixed.zip"
    entries = [
        ("a.jsonl", LINE),
        ("bomb.txt", bytes(30_000_000)),
        ("../up.txt", SENTENCE),
        ("deep.html", "<div>" * 5000),
    ]
    path.write_bytes(zipped([*entries, ("b.html", PAGE), ("c.jsonl.gz", gzip.compress(LINE.encode()))]))
    rows = rows_of(path)
    good = [row.file.partition("!")[2] for row in rows if isinstance(row, ArticleRow)]
    bad = [row.file.partition("!")[2] for row in rows if isinstance(row, RowError)]
    assert (good, bad) == (["a.jsonl", "b.html", "c.jsonl.gz"], ["bomb.txt", "../up.txt", "deep.html"])


def test_a_job_unpacks_no_more_than_it_may_over_all_its_files(tmp_path):
    options = ReadOptions(limits=Limits(job_bytes=3 * len(LINE) * 100))
    paths = []
    for number in range(5):
        paths.append(tmp_path / f"{number}.jsonl.gz")
        paths[-1].write_bytes(gzip.compress(LINE.encode() * 100))
    refused = [path.name for path in paths if any(isinstance(row, RowError) for row in rows_of(path, options))]
    assert refused == ["3.jsonl.gz", "4.jsonl.gz"]
    assert not any(isinstance(row, RowError) for row in rows_of(paths[4], options.for_new_job()))


def test_well_packed_text_is_no_bomb(tmp_path):
    path = tmp_path / "same.jsonl.gz"
    path.write_bytes(gzip.compress(LINE.encode() * 5_000))  # to 1.7 MB, at a ratio above 100
    assert path.stat().st_size * 100 < len(LINE) * 5_000
    assert sum(isinstance(row, ArticleRow) for row in rows_of(path)) == 5_000


# --- The sandbox -----------------------------------------------------------------------------------------------------
def test_a_page_that_takes_too_long_is_stopped_and_the_next_one_is_read():
    slow = "<html><body><p " + " ".join(f"a{n}='x'" for n in range(200_000)) + f">{SENTENCE}"
    extract(PAGE)
    with pytest.raises(ValueError, match="processor time"):
        extract(slow, Limits(cpu_seconds=0.3))
    began = time.monotonic()
    assert "town hall" in extract(PAGE).text
    assert time.monotonic() - began < 10


def test_a_page_that_takes_too_much_memory_is_stopped_and_the_next_one_is_read():
    large = f"<html><body><article>{'<p>a b c d e f g h i j k</p>' * 150_000}"
    with pytest.raises(ValueError, match="memory"):
        extract(large, Limits(memory_bytes=300_000_000, cpu_seconds=60))
    assert "town hall" in extract(PAGE).text


def test_pages_need_no_new_process():
    box = sandbox.Sandbox(1)
    try:
        started = {box.run("page", PAGE.encode(), Limits())["text"] and box._idle[0]._process.pid for _ in range(5)}
        assert len(started) == 1
    finally:
        box.close()


def test_a_helper_that_was_ended_from_outside_is_replaced():
    box = sandbox.Sandbox(1)
    try:
        box.run("page", PAGE.encode(), Limits())
        box._idle[0]._process.kill()
        box._idle[0]._process.wait()
        assert "town hall" in box.run("page", PAGE.encode(), Limits())["text"]
    finally:
        box.close()


def test_threads_get_their_own_answers():
    box, wrong = sandbox.Sandbox(2), []

    def ask(number):
        for turn in range(5):
            page = PAGE.replace("The two delegations", f"Delegation number {number} in turn {turn}")
            if f"number {number} in turn {turn} met" not in box.run("page", page.encode(), Limits())["text"]:
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    box.close()
    assert wrong == []


def test_a_forked_process_has_a_pool_of_its_own():
    extract(PAGE)
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if "town hall" in extract(PAGE).text else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert "town hall" in extract(PAGE).text


def test_the_parsing_process_knows_no_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "of the test")
    box = sandbox.Sandbox(1)
    try:
        box.run("page", PAGE.encode(), Limits())
        with open(f"/proc/{box._idle[0]._process.pid}/environ", "rb") as environ:
            assert b"SECRET_KEY" not in environ.read()
    except FileNotFoundError:
        pytest.skip("no /proc here")
    finally:
        box.close()


# --- Folders, links, devices -----------------------------------------------------------------------------------------
def test_a_folder_gives_its_documents_and_refuses_pipes_and_devices(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.html").write_text(PAGE)
    (tmp_path / "sub" / "style.css").write_text("p {}")
    (tmp_path / "sub" / "photo.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "b.jsonl").write_text(LINE)
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.txt")
    found = {}
    for path in expand([tmp_path]):
        for row in rows_of(path):
            found[path.name] = row.reason if isinstance(row, RowError) else "read"
    assert found == {
        "a.html": "read", "b.jsonl": "read", "loop": "is a folder, not a file", "pipe.txt": "is a pipe, not a file",
        "report.pdf": "no format is known for '.pdf' files",
    }  # fmt: skip


def test_a_device_and_a_missing_file_are_refused():
    assert [row.reason for row in read(Path("/dev/zero"), ReadOptions(), "txt")] == ["is a device, not a file"]
    assert [row.reason for row in read(Path("/nowhere/a.txt"), ReadOptions())] == ["No such file or directory"]


# --- Titles ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Bor\u200bder \u202estays\u202c open\u2066", "Border stays open"),
        ("\ufeffBorder\x07 stays\x1b[31m", "Border stays [31m"),
        ("می\u200cرود \u200c", "می\u200cرود"),  # a joiner within a word is spelling
        ("क्\u200dष", "क्\u200dष"),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_a_title_shows_what_it_says(title, shown):
    assert build_row({"title": title, "text": SENTENCE}, "x", 1, ReadOptions()).title == shown


def test_a_web_archive_that_breaks_off_keeps_what_came_before(tmp_path):
    records = b"".join(warc_record("response", f"https://x.example/{n}", answer(PAGE.encode())) for n in range(3))
    path = tmp_path / "cut.warc"
    path.write_bytes(records[:-400])
    rows = rows_of(path)
    assert [type(row).__name__ for row in rows[:2]] == ["ArticleRow", "ArticleRow"]
    assert isinstance(rows[-1], RowError)
    assert "breaks off" in rows[-1].reason


@pytest.mark.parametrize("packed", [False, True])
def test_a_web_archive_says_so_wherever_it_breaks_off(tmp_path, packed):
    whole = [warc_record("response", f"https://x.example/{n}", answer(PAGE.encode())) for n in range(2)]
    first, second = map(gzip.compress, whole) if packed else whole
    path = tmp_path / ("cut.warc.gz" if packed else "cut.warc")
    header = second.find(b"\r\n\r\n")  # -1 where packed
    for cut in (1, 9, 40, 60, 120) if packed else (1, 9, 30, 60, 200, header, header + 2, header + 4, header + 60, 700):
        path.write_bytes(first + second[:cut])
        rows = rows_of(path)
        assert isinstance(rows[0], ArticleRow), cut
        assert isinstance(rows[-1], RowError), cut
        assert rows[-1].line == 2, cut
        assert "damaged" in rows[-1].reason or "breaks off" in rows[-1].reason, cut


def test_a_record_of_a_web_archive_without_its_length_ends_the_reading_with_a_word(tmp_path):
    records = [warc_record("response", f"https://x.example/{n}", answer(PAGE.encode())) for n in range(3)]
    records[1] = records[1].replace(b"Content-Length:", b"X-Length:", 1)
    path = tmp_path / "lengthless.warc"
    path.write_bytes(b"".join(records))
    rows = rows_of(path)
    assert [type(row).__name__ for row in rows] == ["ArticleRow", "RowError"]
    assert (rows[1].line, "how long it is" in rows[1].reason) == (2, True)


def test_items_without_text_say_what_is_missing(tmp_path):
    path = tmp_path / "a.rss"
    markup = "<item><title>C</title><description>&lt;img src='x'&gt;</description></item>"
    path.write_bytes(feed(f"{hostile.ITEM}<item><title>B</title></item>{markup}"))
    rows = rows_of(path)
    assert [row.line for row in rows] == [1, 2, 3]
    assert [row.reason for row in rows[1:]] == [
        "the item has no text: it has neither content nor summary", "the item has no text: it holds nothing but markup",
    ]  # fmt: skip
