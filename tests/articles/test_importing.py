"""Articles in bulk: the same file twice, broken rows, changed texts, and a process that is killed in the middle."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from articles.benchmarks.generator import generate
from articles.catalogue import forget_catalogue
from articles.importing import Options, import_articles
from articles.models import Article, ArticleRevision, ImportJob, ImportRowError, Link, Mention
from entities.importing import import_files
from entities.invariants import inspect
from tests.articles.readers.hostile import answer as web_answer
from tests.articles.readers.hostile import warc_record
from tests.scratch import ROOT, run

FAST = Options(use_ner=False)


def write(path: Path, rows) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def stored() -> tuple[int, int, int]:
    return Article.objects.count(), Mention.objects.count(), Link.objects.count()


RECORDS = [
    {"key": "fr", "kind": "state", "name": "France", "aliases": [{"name": "French", "type": "adjective"}]},
    {"key": "chirac", "kind": "person", "name": "Jacques Chirac", "prominence": 1,
     "roles": [{"title": "President", "state": "fr", "from": "1995-05-17", "to": "2007-05-16"}]},
]  # fmt: skip


@pytest.fixture
def catalogue(db, tmp_path):
    forget_catalogue()
    import_files([write(tmp_path / "records.jsonl", RECORDS)])
    yield
    forget_catalogue()


def test_a_thousand_articles_twice_add_nothing_the_second_time(tmp_path, catalogue):
    path = write(tmp_path / "wire.jsonl", generate(1000, chars=600))
    first = import_articles([path], FAST)
    assert (first.rows, first.new, first.refused) == (1000, 1000, 0)
    before = stored()
    assert before[1] > 100
    second = import_articles([path], FAST)
    assert (second.new, second.changed, second.known, second.mentions) == (0, 0, 1000, 0)
    assert stored() == before
    assert [finding for finding in inspect() if finding.count] == []


def test_a_broken_row_is_reported_with_its_line_and_the_rest_is_imported(tmp_path, catalogue):
    rows = [json.dumps(row) for row in generate(6, chars=300)]
    rows[2] = '{"title": "no text"}'
    rows[4] = '{"text": "cut off'
    path = tmp_path / "broken.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    summary = import_articles([path], FAST)
    assert (summary.new, summary.refused) == (4, 2)
    assert [(error.line, bool(error.reason)) for error in summary.errors] == [(3, True), (5, True)]
    assert list(ImportRowError.objects.order_by("line").values_list("line", flat=True)) == [3, 5]
    job = ImportJob.objects.get()
    assert (job.status, job.rows_read, job.articles_new, job.rows_refused) == ("done", 6, 4, 2)


def test_a_changed_text_under_a_known_url_is_a_revision(tmp_path, catalogue):
    row = next(generate(1, chars=300))
    import_articles([write(tmp_path / "a.jsonl", [row])], FAST)
    changed = {**row, "text": row["text"] + "\n\nPresident Jacques Chirac of France said no more than this."}
    summary = import_articles([write(tmp_path / "b.jsonl", [changed])], FAST)
    assert (summary.new, summary.changed) == (0, 1)
    article = Article.objects.get()
    assert article.revision == 2
    assert ArticleRevision.objects.get().text == row["text"]
    assert Mention.objects.filter(surface="Jacques Chirac").exists()
    assert all(article.text[m.start : m.end] == m.surface for m in article.mentions.all())


def test_versions_of_one_address_in_one_import_are_revisions_and_settle(tmp_path, catalogue):
    rows = list(generate(152, chars=300))
    versions = [{**rows[0], "text": f"{rows[0]['text']}\n\nVersion {number}."} for number in range(3)]
    # Two stand next to each other, and one in another batch.
    path = write(tmp_path / "a.jsonl", [*versions[:2], *rows[1:], versions[2]])
    summary = import_articles([path], FAST)
    assert (summary.new, summary.changed, summary.known) == (152, 2, 0)
    article = Article.objects.get(url=rows[0]["url"])
    assert (article.revision, article.text) == (3, versions[2]["text"])
    kept = list(article.revisions.values_list("number", "text"))
    assert kept == [(1, versions[0]["text"]), (2, versions[1]["text"])]
    for _ in range(2):
        summary = import_articles([path], FAST)
        assert (summary.new, summary.changed, summary.known) == (0, 0, 154)
    article.refresh_from_db()
    assert (article.revision, article.text) == (3, versions[2]["text"])


def test_a_dry_run_says_what_would_be_and_stores_nothing(tmp_path, catalogue):
    summary = import_articles([write(tmp_path / "a.jsonl", generate(5))], Options(use_ner=False, dry_run=True))
    assert (summary.new, summary.job) == (5, None)
    assert stored() == (0, 0, 0)
    assert not ImportJob.objects.exists()


def test_the_command_ends_with_three_when_rows_were_refused(tmp_path, scratch_url):
    good = write(tmp_path / "good.jsonl", generate(2, chars=300))
    bad = tmp_path / "bad.jsonl"
    bad.write_text(good.read_text() + "{broken\n")
    for path, code in ((good, 0), (bad, 3), (tmp_path / "nowhere.jsonl", 1)):
        done = subprocess.run(
            [sys.executable, "manage.py", "import_articles", str(path), "--no-ner", "--json"],
            cwd=ROOT, env={**os.environ, "DATABASE_URL": scratch_url}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
    assert "bad.jsonl:3" in subprocess.run(
        [sys.executable, "manage.py", "import_articles", str(bad), "--no-ner"],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": scratch_url}, capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip


_DUMP = """
import bz2
import gzip
import json
import lzma
from articles.models import Article, ImportBatch, ImportJob, Link, Mention
rows = sorted(Article.objects.values_list("dedupe_key", "text_hash"))
mentions = sorted(Mention.objects.values_list("article__dedupe_key", "start", "end", "surface"))
place = ("mention__article__dedupe_key", "mention__start", "mention__end")
links = sorted(Link.objects.values_list(*place, "status", "entity__name"), key=str)
print(json.dumps([rows, mentions, links, list(ImportJob.objects.values_list("status", flat=True))]))
"""


def dump(url: str) -> list:
    return json.loads(run(url, "manage.py", "shell", "--verbosity", "0", "-c", _DUMP).strip().splitlines()[-1])


def killed_again_and_again(url: str, tmp_path: Path, *, kills: int, articles: int, seed: int) -> None:
    """Import a file, kill -9 the process at random moments, start anew until it ends; then compare with one quiet run."""
    records = tmp_path / "records.jsonl"
    write(records, [{"key": "fr", "kind": "state", "name": "France"}, {"key": "ir", "kind": "state", "name": "Iran"}])
    path = write(tmp_path / "wire.jsonl", generate(articles, chars=600, seed=seed))
    run(url, "manage.py", "import_records", str(records))
    command = [sys.executable, "manage.py", "import_articles", str(path), "--no-ner", "--verbosity", "0"]
    started = time.monotonic()
    run(url, "manage.py", "import_articles", str(path), "--no-ner", "--limit", "1", "--verbosity", "0")
    warm_up = time.monotonic() - started  # what a process takes before its first row
    chance = random.Random(seed)
    died = 0
    for _ in range(kills):
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            process.wait(timeout=warm_up * chance.uniform(0.5, 1.6))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            died += 1
    assert died > 0, "no process lived long enough to be killed"
    run(url, *command[1:])
    rows, mentions, links, statuses = dump(url)
    assert len(rows) == len(set(map(tuple, rows))) == articles
    assert len(mentions) == len(set(map(tuple, mentions)))
    assert len(links) == len(mentions)
    assert statuses[-1] == "done"
    run(url, "manage.py", "fsck")
    again = json.loads(run(url, "manage.py", "import_articles", str(path), "--no-ner", "--json", "--verbosity", "0"))
    assert (again["new"], again["changed"], again["known"]) == (0, 0, articles)
    assert dump(url)[:3] == [rows, mentions, links]


def test_a_killed_import_loses_nothing_and_doubles_nothing(scratch_url, tmp_path):
    killed_again_and_again(scratch_url, tmp_path, kills=3, articles=600, seed=7)


@pytest.mark.full
def test_an_import_that_is_killed_fifty_times_loses_nothing(scratch_url, tmp_path):
    killed_again_and_again(scratch_url, tmp_path, kills=50, articles=4000, seed=11)


PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("suffix", sorted(PACKERS))
def test_packed_lines_are_read_as_they_are_unpacked(tmp_path, catalogue, suffix):
    plain = write(
        tmp_path / "wire.jsonl", [{"url": f"https://x.example/{n}", "text": f"Chirac spoke {n}."} for n in range(5)]
    )
    packed = tmp_path / f"wire.jsonl.{suffix}"
    packed.write_bytes(PACKERS[suffix](plain.read_bytes()))
    assert import_articles([packed], FAST).new == 5
    assert import_articles([plain], FAST).known == 5


def test_a_packed_file_that_breaks_off_keeps_what_came_before(tmp_path, catalogue):
    rows = [
        {"url": f"https://x.example/{n}", "text": f"Chirac spoke {random.Random(n).random()}."} for n in range(3000)
    ]
    data = gzip.compress(write(tmp_path / "wire.jsonl", rows).read_bytes())
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(data[: len(data) // 2])
    summary = import_articles([broken], Options(use_ner=False, link=False))
    assert summary.new > 100
    assert summary.refused >= 1
    assert "breaks off" in summary.errors[-1].reason


def test_a_packed_page_is_read_as_a_page(tmp_path, catalogue):
    path = tmp_path / "page.html.gz"
    path.write_bytes(gzip.compress(b"<p>Jacques Chirac spoke in the old town hall of Porto on Tuesday evening.</p>"))
    assert import_articles([path], FAST).new == 1


def test_an_import_orders_the_queue_by_what_decisions_are_worth(tmp_path, catalogue, monkeypatch):
    called = []
    monkeypatch.setattr("articles.importing.working.refresh_priorities", lambda: called.append(True))
    path = write(tmp_path / "wire.jsonl", [{"url": "https://x.example/1", "text": "Jacques Chirac spoke in France."}])
    import_articles([path], FAST)
    assert called == [True]
    import_articles([path], FAST)  # nothing new: nothing to order
    assert called == [True]


@pytest.mark.django_db
def test_the_command_says_how_a_date_of_two_readings_is_read(tmp_path):
    path = tmp_path / "dated.jsonl"
    path.write_text('{"title": "T", "text": "A story.", "published_at": "03/05/2024"}\n', encoding="utf-8")
    with pytest.raises(SystemExit, match="3"):
        call_command("import_articles", str(path), "--no-link", verbosity=0)
    assert not Article.objects.exists()
    call_command("import_articles", str(path), "--no-link", "--day-first", verbosity=0)
    assert Article.objects.get().published_on == "2024-05-03"


@pytest.mark.django_db
def test_the_command_ends_with_three_after_a_web_archive_that_breaks_off(tmp_path):
    page = f"<html><body><article><h1>Border</h1><p>{'The two delegations met on Tuesday. ' * 20}</p></article>"
    whole = [warc_record("response", f"https://x.example/{n}", web_answer(page.encode())) for n in range(2)]
    path = tmp_path / "cut.warc"
    path.write_bytes(whole[0] + whole[1][:60])
    with pytest.raises(SystemExit, match="3"):
        call_command("import_articles", str(path), "--no-link", verbosity=0)
    assert Article.objects.get().url == "https://x.example/0"
    assert "breaks off" in ImportRowError.objects.get().reason


@pytest.mark.django_db
def test_the_command_says_how_much_may_be_unpacked(tmp_path):
    path = tmp_path / "wire.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"title": "T", "text": "A story."}\n'))
    with pytest.raises(SystemExit, match="3"):
        call_command("import_articles", str(path), "--no-link", "--max-unpacked", "10", verbosity=0)
    with pytest.raises(CommandError, match="no negative number"):
        call_command("import_articles", str(path), "--max-unpacked", "-1", verbosity=0)
    assert not Article.objects.exists()
    call_command("import_articles", str(path), "--no-link", "--max-unpacked", "0", verbosity=0)
    assert Article.objects.count() == 1
