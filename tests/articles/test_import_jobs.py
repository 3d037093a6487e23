"""Import jobs: leases, what a worker without one may store, cancelling, resuming, sharing, changed files, poisonous rows."""

from __future__ import annotations

import gzip
import json
import os
import tarfile
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from articles import importing
from articles.benchmarks.generator import generate
from articles.catalogue import forget_catalogue
from articles.importing import ImportFailed, Options, ledger, planning, storing, uploads, working
from articles.models import Article, ImportBatch, ImportJob, ImportPart, ImportRowError, Mention
from articles.readers import READERS, Limits, ReadOptions
from entities.importing import import_files

FAST = Options(use_ner=False)
LINES = Options(use_ner=False, link=False)


@pytest.fixture
def catalogue(db, tmp_path):
    forget_catalogue()
    import_files([write(tmp_path / "records.jsonl", [{"key": "fr", "kind": "state", "name": "France"}])])
    yield
    forget_catalogue()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def wire(tmp_path, count=30, chars=300, name="wire.jsonl"):
    return write(tmp_path / name, generate(count, chars=chars))


def laid_out(path, options=LINES, part_bytes=None):
    """A job whose parts wait."""
    job = importing.begin([path], options, for_workers=True)
    if part_bytes:
        job.options["part_bytes"] = part_bytes
        job.save()
    assert working.step("planner", is_renewing=False)
    job.refresh_from_db()
    return job


def drain(worker="w", **more):
    steps = 0
    while working.step(worker, is_renewing=False, **more):
        steps += 1
    return steps


def expire(model=ImportPart):
    model.objects.filter(leased_until__isnull=False).update(leased_until=timezone.now() - timedelta(seconds=1))


def after(count):
    """A ``stop`` that says yes when it is asked for the n-th time."""
    asked = iter(range(1, 1000))
    return lambda: next(asked) > count


# --- Planning --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [1_000, 3_333, 10_000, 10**9])
def test_a_file_cut_into_parts_gives_the_same_rows_with_the_same_line_numbers(tmp_path, size):
    path = wire(tmp_path, 60)
    path.write_text("\n" + path.read_text() + '{"broken\n{"text": "the last line ends without a mark"}')
    whole = list(READERS["jsonl"](path, ReadOptions()))
    parts = list(planning.plan([path], LINES, size))
    assert len(parts) == 1 if size == 10**9 else len(parts) > 3
    assert sum(part.size for part in parts) == path.stat().st_size
    read = []
    for part in parts:
        (name, known) = part.files[0]
        assert planning.fingerprint(path, part.start, part.end) == known
        read += READERS["jsonl"](path, ReadOptions(), start=part.start, end=part.end, first_line=part.first_line)
    assert read == whole


def test_small_files_are_taken_together_and_packed_ones_are_not_cut(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(450):
        (folder / f"{number:03}.txt").write_text("Jacques Chirac spoke.")
    assert [len(part.files) for part in planning.plan(planning.list_files([folder]), LINES)] == [200, 200, 50]
    packed = tmp_path / "wire.jsonl.gz"
    packed.write_bytes(gzip.compress(wire(tmp_path, 50).read_bytes()))
    assert [part.end for part in planning.plan([packed], LINES, 1_000)] == [None]


# --- What a job may unpack --------------------------------------------------------------------------------------------
def packed_files(folder, count=5, rows=120, chars=20):
    """Packed files of the same number of bytes; each is a part of its own where parts are small."""
    paths = []
    for number in range(count):
        lines = "".join(
            json.dumps({"url": f"https://x.example/{number}/{n:03}", "text": f"Nobody spoke {n:03}.".ljust(chars, "!")})
            + "\n"
            for n in range(rows)
        )
        paths.append(folder / f"{number}.jsonl.gz")
        paths[-1].write_bytes(gzip.compress(lines.encode()))
    return paths, len(lines)


def held_to(bytes_, **more):
    return Options(use_ner=False, link=False, read=ReadOptions(limits=Limits(job_bytes=bytes_)), **more)


def begun(paths, options, part_bytes):
    job = importing.begin(paths, options, for_workers=True)
    job.options["part_bytes"] = part_bytes
    job.save()
    return job


@pytest.mark.parametrize("part_bytes", [100, 10**6], ids=["a part each", "one part"])
def test_a_job_unpacks_no_more_than_it_may_over_all_its_parts(tmp_path, db, part_bytes):
    paths, size = packed_files(tmp_path)
    job = begun(paths, held_to(3 * size), part_bytes)
    drain()
    job.refresh_from_db()
    assert (job.status, job.articles_new, job.rows_refused) == ("done", 360, 2)
    refused = ImportRowError.objects.order_by("pk").values_list("file", "reason")
    assert [(os.path.basename(file), reason.startswith("the job has unpacked more than")) for file, reason in refused] == [
        ("3.jsonl.gz", True), ("4.jsonl.gz", True)
    ]  # fmt: skip


def test_workers_that_share_a_job_share_what_it_may_unpack(tmp_path, db):
    paths, size = packed_files(tmp_path, rows=250)
    begun(paths, held_to(3 * size), 100)
    assert working.step("planner", is_renewing=False)
    parts = [ledger.claim_part(f"worker {number}") for number in range(2)]
    working.run_part(parts[0], "worker 0", stop=after(2), is_renewing=False)  # has unpacked the whole of its small file
    working.run_part(parts[1], "worker 1", is_renewing=False)
    drain()
    assert (Article.objects.count(), ImportRowError.objects.count()) == (750, 2)


@pytest.mark.parametrize("batches", [1, 2])
def test_a_part_that_is_read_again_after_a_crash_is_not_counted_twice(tmp_path, db, batches):
    paths, size = packed_files(tmp_path, count=2, rows=250)
    job = begun(paths, held_to(2 * size), 10**6)
    assert working.step("planner", is_renewing=False)
    for _ in range(3):
        part = ledger.claim_part("mortal")
        working.run_part(part, "mortal", stop=after(batches), is_renewing=False)
    drain()
    job.refresh_from_db()
    assert (job.status, job.articles_new, job.rows_refused) == ("done", 500, 0)


def test_what_others_unpacked_since_does_not_change_what_was_read_before_a_crash(tmp_path, db):
    paths, size = packed_files(tmp_path, count=2, rows=250, chars=2_000)
    begun(paths, held_to(size + size // 2), 100)
    assert working.step("planner", is_renewing=False)
    first = ledger.claim_part("mortal")
    working.run_part(first, "mortal", stop=after(1), is_renewing=False)
    ImportPart.objects.exclude(pk=first.pk).update(cursor={"unpacked": 10 * size})
    working.run_part(ledger.claim_part("another"), "another", is_renewing=False)
    error = ImportRowError.objects.get()
    assert os.path.basename(error.file) == "0.jsonl.gz"
    assert 100 <= Article.objects.count() < 200


@pytest.mark.parametrize("suffix", ["zip", "tar"])
def test_an_archive_says_once_that_the_job_may_unpack_no_more(tmp_path, db, suffix):
    paths, size = packed_files(tmp_path, count=6)
    archive = tmp_path / f"all.{suffix}"
    if suffix == "zip":
        with zipfile.ZipFile(archive, "w") as out:
            for path in paths:
                out.write(path, path.name)
    else:
        with tarfile.open(archive, "w") as out:
            for path in paths:
                out.add(path, path.name)
    job = begun([archive], held_to(3 * size), 100)
    drain()
    job.refresh_from_db()
    assert (job.status, job.rows_refused) == ("done", 1)
    assert 0 < job.articles_new < 4 * 120


# --- Leases ----------------------------------------------------------------------------------------------------------
def test_two_workers_share_a_job_without_doubling_a_row(tmp_path, db):
    job = laid_out(wire(tmp_path, 60), part_bytes=5_000)
    one, two = ledger.claim_part("one"), ledger.claim_part("two")
    assert one.pk != two.pk
    working.run_part(two, "two", is_renewing=False)
    working.run_part(one, "one", is_renewing=False)
    drain()
    job.refresh_from_db()
    assert (job.status, job.rows_read, job.articles_new) == ("done", 60, 60)
    assert Article.objects.count() == 60


def test_a_part_is_one_workers_until_its_lease_runs_out(tmp_path, db):
    laid_out(wire(tmp_path))
    part = ledger.claim_part("one")
    assert ledger.claim_part("two") is None
    expire()
    assert ledger.claim_part("two").pk == part.pk


def test_a_worker_that_lost_its_lease_stores_nothing(tmp_path, db):
    laid_out(wire(tmp_path))
    part = ledger.claim_part("one")
    expire()
    ledger.claim_part("two")
    working.run_part(part, "one", is_renewing=False)
    assert Article.objects.count() == 0
    assert ImportPart.objects.get().leased_by == "two"
    ready = storing.prepare(list(READERS["jsonl"](tmp_path / "wire.jsonl", ReadOptions())), LINES, part.job_id)
    with pytest.raises(ledger.LeaseLost):
        ledger.commit_batch(part, "one", ready, before={}, after={"rows": 30, "file": 1, "row": 30})
    assert (Article.objects.count(), ImportBatch.objects.count()) == (0, 0)


def test_a_renewed_lease_is_kept(tmp_path, db):
    laid_out(wire(tmp_path))
    part = ledger.claim_part("one")
    expire()
    ledger.renew(part, "one")
    assert ledger.claim_part("two") is None
    ledger.renew(part, "two")
    assert ImportPart.objects.get().leased_by == "one"


def test_a_batch_is_stored_once_even_under_the_same_lease(tmp_path, db):
    laid_out(wire(tmp_path))
    part = ledger.claim_part("one")
    rows = list(READERS["jsonl"](tmp_path / "wire.jsonl", ReadOptions()))
    there = {"rows": 30, "file": 1, "row": 30}
    ledger.commit_batch(part, "one", storing.prepare(rows, LINES, part.job_id), before={}, after=there)
    with pytest.raises(ledger.LeaseLost):
        ledger.commit_batch(part, "one", storing.prepare(rows, LINES, part.job_id), before={}, after=there)
    assert ImportJob.objects.get().rows_read == 30


def test_a_job_is_laid_out_once(tmp_path, db):
    job = importing.begin([wire(tmp_path)], LINES, for_workers=True)
    first = ledger.claim_job("one")
    expire(ImportJob)
    second = ledger.claim_job("two")
    parts = list(planning.plan([tmp_path / "wire.jsonl"], LINES))
    ledger.lay_out(second, "two", parts)
    with pytest.raises(ledger.LeaseLost):
        ledger.lay_out(first, "one", parts)
    assert job.parts.count() == 1


def test_what_a_stopped_worker_leaves_another_goes_on_with(tmp_path, db, monkeypatch):
    monkeypatch.setattr(working, "BATCH", 10)
    job = laid_out(wire(tmp_path))
    working.run_part(ledger.claim_part("one"), "one", stop=after(2), is_renewing=False)
    part = ImportPart.objects.get()
    assert (part.status, part.cursor["rows"], part.leased_by, part.attempts) == ("waiting", 20, "", 0)
    drain("two")
    job.refresh_from_db()
    assert (job.status, job.rows_read, Article.objects.count()) == ("done", 30, 30)
    assert list(ImportBatch.objects.order_by("first_row").values_list("first_row", "last_row")) == [
        (1, 10), (11, 20), (21, 30),
    ]  # fmt: skip


def test_workers_leave_jobs_alone_that_a_command_runs(tmp_path, db):
    importing.begin([wire(tmp_path)], LINES)
    assert drain() == 0


def test_the_queue_is_ordered_after_an_import_by_whoever_gets_to_it(tmp_path, catalogue, monkeypatch):
    called = []
    monkeypatch.setattr(working, "refresh_priorities", lambda: called.append(True))
    path = write(tmp_path / "a.jsonl", [{"url": "https://x.example/1", "text": "Jacques Chirac spoke in France."}])
    importing.begin([path], FAST, for_workers=True)
    assert drain() == 3  # laid out, imported, followed up
    assert (called, ImportJob.objects.get().is_follow_up_due) == ([True], False)


# --- Cancel, resume, changed files -----------------------------------------------------------------------------------
def test_a_cancelled_job_stores_nothing_more_and_goes_on_when_resumed(tmp_path, db, monkeypatch):
    monkeypatch.setattr(working, "BATCH", 10)
    job = laid_out(wire(tmp_path))
    part = ledger.claim_part("one")

    def cancel_after_the_first(count):
        if Article.objects.count() == 10:
            ledger.cancel(job.pk)

    working.run_part(part, "one", progress=cancel_after_the_first, is_renewing=False)
    job.refresh_from_db()
    assert (job.status, job.rows_read, Article.objects.count()) == ("cancelled", 10, 10)
    assert drain() == 0
    with pytest.raises(ledger.JobError, match="cancelled already"):
        ledger.cancel(job.pk)
    ledger.resume(job.pk, for_workers=True)
    drain()
    job.refresh_from_db()
    assert (job.status, job.rows_read, Article.objects.count()) == ("done", 30, 30)
    with pytest.raises(ledger.JobError, match="done"):
        ledger.resume(job.pk, for_workers=True)


def test_a_file_that_changed_since_is_not_gone_on_with(tmp_path, db, monkeypatch):
    monkeypatch.setattr(working, "BATCH", 10)
    path = wire(tmp_path)
    job = laid_out(path)
    working.run_part(ledger.claim_part("one"), "one", stop=after(1), is_renewing=False)
    path.write_text(path.read_text().replace("Report", "Rapport"))
    drain()
    job.refresh_from_db()
    assert job.status == "failed"
    assert "has changed since" in job.message
    assert Article.objects.count() == 10


def test_what_was_added_behind_a_stretch_does_not_matter_to_it(tmp_path, db):
    path = wire(tmp_path)
    job = laid_out(path, part_bytes=4_000)
    with path.open("a") as out:
        out.write('{"text": "written after the import began"}\n')
    drain()
    job.refresh_from_db()
    assert (job.status, job.rows_read) == ("done", 30)


def test_a_file_that_is_gone_is_tried_again_and_then_given_up(tmp_path, db):
    path = wire(tmp_path)
    job = laid_out(path)
    path.unlink()
    for attempt in range(1, ledger.PATIENCE + 1):
        assert drain() == 1
        part = ImportPart.objects.get()
        assert part.attempts == attempt
        if attempt < ledger.PATIENCE:
            assert part.retry_at - timezone.now() > ledger.pause(attempt) - timedelta(seconds=5)
            assert drain() == 0  # it is not time yet
            ImportPart.objects.update(retry_at=timezone.now())
    job.refresh_from_db()
    assert (job.status, part.status) == ("failed", "failed")
    assert "FileNotFoundError" in job.message
    write(path, generate(30, chars=300))
    ledger.resume(job.pk, for_workers=True)
    drain()
    job.refresh_from_db()
    assert (job.status, job.articles_new, job.message) == ("done", 30, "")


def test_all_options_are_in_the_job(tmp_path, db):
    path = tmp_path / "table.csv"
    path.write_text("Kop;Inhoud;Land\nA title;Jacques Chirac spoke.;x\nOther;George Bush spoke.;y\nThird;Nobody.;z\n")
    options = Options(
        format="csv", read=ReadOptions(source="De Krant", date="1999", language="nl", columns={"text": "Inhoud", "title": "Kop"}),
        link=False, use_ner=False, limit=2,
    )  # fmt: skip
    job = importing.begin([path], options, for_workers=True)
    assert Options.from_json(json.loads(json.dumps(job.options))) == options
    drain()
    assert list(Article.objects.order_by("pk").values_list("title", "source", "published_on", "language")) == [
        ("A title", "De Krant", "1999", "nl"), ("Other", "De Krant", "1999", "nl"),
    ]  # fmt: skip


def test_a_limit_counts_rows_over_all_files_and_over_a_stop(tmp_path, db, monkeypatch):
    monkeypatch.setattr(working, "BATCH", 10)
    paths = [wire(tmp_path, 20, name="a.jsonl"), write(tmp_path / "b.jsonl", list(generate(40, seed=2, chars=300)))]
    job = importing.begin(paths, Options(link=False, limit=45), for_workers=True)
    working.step("one", is_renewing=False)
    working.run_part(ledger.claim_part("one"), "one", stop=after(3), is_renewing=False)
    drain()
    job.refresh_from_db()
    assert (job.status, job.rows_read, Article.objects.count()) == ("done", 45, 45)


# --- Rows that do harm -----------------------------------------------------------------------------------------------
def test_a_row_on_which_the_engine_fails_is_refused_and_the_others_are_imported(tmp_path, db, monkeypatch):
    clean = storing.clean

    def fragile(text, title):
        if "Report 7 " in text:
            raise RecursionError("too deep")
        return clean(text, title)

    monkeypatch.setattr(storing, "clean", fragile)
    summary = importing.import_articles([wire(tmp_path, 20)], LINES)
    assert (summary.new, summary.refused) == (19, 1)
    error = ImportRowError.objects.get()
    assert (error.line, error.reason) == (8, "cannot be dealt with: RecursionError: too deep")


def test_a_row_that_the_database_refuses_is_refused_and_the_others_are_imported(tmp_path, db, monkeypatch):
    store = storing.store

    def strict(ready):
        from django.db import DataError

        if any("Report 7 " in row.text for row in ready.rows.values()):
            raise DataError("value too long")
        return store(ready)

    monkeypatch.setattr(storing, "store", strict)
    summary = importing.import_articles([wire(tmp_path, 20)], LINES)
    assert (summary.new, summary.refused) == (19, 1)
    assert ImportRowError.objects.get().line == 8


def test_a_row_that_kills_every_worker_is_found_and_refused(tmp_path, db, monkeypatch):
    """A death cannot be caught: the lease runs out, and each next worker takes smaller steps."""

    class Killed(BaseException):
        pass

    clean = storing.clean

    def deadly(text, title):
        if "Report 7 " in text:
            raise Killed
        return clean(text, title)

    monkeypatch.setattr(storing, "clean", deadly)
    job = laid_out(wire(tmp_path, 20))
    deaths = 0
    while True:
        job.refresh_from_db()
        if job.status == "done":
            break
        try:
            drain(f"w{deaths}")
        except Killed:
            deaths += 1
            assert deaths < 40
            expire()
    assert (job.rows_read, job.articles_new, job.rows_refused) == (20, 19, 1)
    assert "died 10 times at this row" in ImportRowError.objects.get().reason
    assert ImportRowError.objects.get().line == 8


def test_an_article_that_another_worker_stores_first_is_known(tmp_path, catalogue, monkeypatch):
    """Two parts hold the same article: both are prepared before either is stored."""
    path = wire(tmp_path, 5)
    prepare = storing.prepare
    raced = []

    def race(batch, options, job_id):
        ready = prepare(batch, options, job_id)
        if not raced:
            raced.append(True)
            importing.import_articles([path], FAST)
        return ready

    monkeypatch.setattr(storing, "prepare", race)
    summary = importing.import_articles([path], FAST)
    assert (summary.new, summary.known, Article.objects.count()) == (0, 5, 5)
    assert Mention.objects.count() == Mention.objects.values("article", "start", "end").distinct().count()


# --- The command -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "arguments",
    [
        [], ["-", "x", "--format", "csv"], ["x.jsonl", "--workers", "0"], ["--resume", "99999"],
        ["x.jsonl", "--resume", "1"], ["x.jsonl", "--column", "text"], ["x.jsonl", "--dry-run", "--workers", "2"],
        ["x.jsonl", "--limit", "-1"],
    ],
)  # fmt: skip
def test_wrong_usage_ends_with_two(arguments, db):
    with pytest.raises(CommandError) as caught:
        call_command("import_articles", *arguments, verbosity=0)
    assert caught.value.returncode == 2


def test_a_missing_file_is_a_failure(tmp_path, db):
    with pytest.raises(CommandError) as caught:
        call_command("import_articles", str(tmp_path / "nowhere.jsonl"), verbosity=0)
    assert caught.value.returncode == 1


def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path, db):
    folder = tmp_path / "pages"
    folder.mkdir()
    os.mkfifo(folder / "pipe.txt")
    (folder / "page.txt").write_text("Jacques Chirac spoke to the two delegations.")
    (folder / "what.docx").write_text("?")
    summary = importing.import_articles([folder], LINES)
    assert (summary.new, summary.refused) == (1, 2)


def test_lines_of_wide_characters_are_not_cut(tmp_path):
    path = wire(tmp_path, 20)
    path.write_text(path.read_text(), encoding="utf-16")
    assert [part.end for part in planning.plan([path], LINES, 1_000)] == [None]


@pytest.mark.django_db(transaction=True)
def test_standard_input_is_kept_until_it_is_imported(tmp_path, monkeypatch, capsys):
    class Input:
        buffer = wire(tmp_path).open("rb")

    monkeypatch.setattr("sys.stdin", Input)
    call_command("import_articles", "-", "--format", "jsonl", "--no-link", "--json", verbosity=0)
    told = json.loads(capsys.readouterr().out)
    assert (told["new"], told["status"]) == (30, "done")
    job = ImportJob.objects.get()
    assert job.path == "-"
    assert not uploads.path_of(job.upload).exists()


def test_a_job_that_was_interrupted_is_resumed_by_the_command(tmp_path, db, monkeypatch, capsys):
    monkeypatch.setattr(working, "BATCH", 10)
    path = wire(tmp_path)

    def interrupt(count):
        if Article.objects.count() == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.import_articles([path], LINES, progress=interrupt)
    job = ImportJob.objects.get()
    assert (job.status, job.rows_read) == ("cancelled", 20)
    call_command("import_articles", "--resume", str(job.pk), "--json", verbosity=0)
    assert json.loads(capsys.readouterr().out)["new"] == 30
    with pytest.raises(CommandError, match="done") as caught:
        call_command("import_articles", "--resume", str(job.pk), verbosity=0)
    assert caught.value.returncode == 2


@pytest.mark.django_db(transaction=True)
def test_a_queued_import_waits_for_a_worker(tmp_path, capsys):
    path = wire(tmp_path)
    call_command("import_articles", str(path), "--queue", "--no-link", verbosity=0)
    assert "waits for a worker" in capsys.readouterr().out
    assert (ImportJob.objects.get().status, Article.objects.count()) == ("queued", 0)
    call_command("worker", "--drain", "--heartbeat", str(tmp_path / "alive"), verbosity=0)
    assert (tmp_path / "alive").exists()
    assert (ImportJob.objects.get().status, Article.objects.count()) == ("done", 30)


def test_a_job_that_fails_says_so(tmp_path, db):
    path = wire(tmp_path)
    job = importing.begin([path], LINES)
    path.unlink()
    with pytest.raises(ImportFailed, match="no such file"):
        importing.run_job(job)
    job.refresh_from_db()
    assert job.status == "failed"


# --- Uploads ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("news.jsonl", ".jsonl"), ("NEWS.JSONL.GZ", ".jsonl.gz"), ("../../etc/passwd", ""), ("a.csv", ".csv"),
        ("a.exe", ""), ("", ""), 
        ("crawl.warc.gz", ".warc.gz"), ("pages.tgz", ".tgz"), ("a.final.csv", ".csv"),
        ("x.csv/../../y", ""), ("x.jsonl\x00.exe", ""), (".jsonl", ".jsonl"),
    ],
)  # fmt: skip
def test_uploads_are_named_by_us_and_keep_only_a_known_ending(name, suffix):
    stored = uploads.store([b"x"], name)
    assert stored.name[32:] == suffix
    assert uploads.path_of(stored.name).parent.name == "imports"
    assert uploads.path_of(stored.name).read_bytes() == b"x"


def test_an_upload_that_is_too_large_or_empty_leaves_nothing_behind(tmp_path):
    with pytest.raises(uploads.TooBig):
        uploads.store([b"12345", b"67890"], most=9)
    with pytest.raises(uploads.Empty):
        uploads.store([])
    assert list((tmp_path / "media" / "imports").iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_an_uploaded_file_is_removed_when_it_is_imported_and_named_as_its_sender_named_it(tmp_path):
    stored = uploads.store([wire(tmp_path, 3).read_bytes(), b"{broken\n"], "wire.jsonl")
    with transaction.atomic():
        ledger.create_job(options=LINES, upload=stored.name, label="my wire.jsonl")
    drain()
    job = ImportJob.objects.get()
    assert (job.status, job.articles_new, job.rows_refused) == ("done", 3, 1)
    assert ImportRowError.objects.get().file == "my wire.jsonl"
    assert not uploads.path_of(stored.name).exists()


def test_files_of_jobs_that_ended_badly_are_removed_after_a_while(db):
    kept, old, orphan = (uploads.store([b"x"], "a.jsonl").name for _ in range(3))
    week = timezone.now() - timedelta(days=8)
    ImportJob.objects.create(path="a", upload=kept, status="queued")
    ImportJob.objects.create(path="b", upload=old, status="failed", finished_at=week)
    for name in (kept, old, orphan):
        os.utime(uploads.path_of(name), (week.timestamp(), week.timestamp()))
    assert working.discard_old_uploads() == 2
    assert uploads.path_of(kept).exists()


def test_an_import_of_several_files_goes_by_their_folder_or_their_number(db):
    def called(*names, files=()):
        return ImportJob(path="\n".join(names), files=list(files)).label

    assert called("my wire.jsonl") == "my wire.jsonl"
    assert called("/srv/archive/1994") == "1994"
    assert called("samples/a.html", "samples/b.html") == "samples: 2 files"
    assert called("a/a.html", "b/b.html") == "2 files"
    assert called("a/1.html", "a/2.html", files=[f"/x/a/{n}.html" for n in range(1_500)]) == "a: 1,500 files"
