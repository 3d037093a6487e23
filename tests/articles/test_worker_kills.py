"""Workers that are killed at any moment, embedded ones and Celery's over RabbitMQ and Redis: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from articles.benchmarks.generator import generate
from tests.scratch import ROOT, run

BROKERS = {
    "rabbitmq": os.environ.get("TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//"),
    "redis": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9"),
}
RECORDS = [{"key": "fr", "kind": "state", "name": "France"}, {"key": "ir", "kind": "state", "name": "Iran"}]


def query(url: str, statement: str) -> list[tuple]:
    """Rows, read without a process of Django's."""
    if url.startswith("sqlite"):
        import sqlite3

        with closing(sqlite3.connect(urlsplit(url).path, timeout=20)) as connection:
            return connection.execute(statement).fetchall()
    import psycopg

    parts = urlsplit(url)
    with psycopg.connect(
        dbname=parts.path[1:], host=unquote(parts.hostname or "") or None, port=parts.port, user=parts.username,
        password=parts.password,
    ) as connection:  # fmt: skip
        return connection.execute(statement).fetchall()


class Herd:
    """Two workers of one sort on one database, started, killed and started again."""

    def __init__(self, url: str, folder: Path, broker: str = "") -> None:
        self.url, self.folder, self.broker = url, folder, broker
        self.queue = f"refdesk-test-{uuid.uuid4().hex[:12]}"
        self.environment = {
            **os.environ, "DATABASE_URL": url, "MEDIA_ROOT": str(folder / "media"), "IMPORT_LEASE_SECONDS": "3",
            "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        if broker:
            self.environment |= {
                "WORKER_BACKEND": "celery", "CELERY_BROKER_URL": broker, "CELERY_QUEUE": self.queue,
                "CELERY_VISIBILITY_SECONDS": "5",
            }  # fmt: skip
        self.log = (folder / "workers.log").open("ab")
        self.workers: list[subprocess.Popen] = []

    def start(self) -> subprocess.Popen:
        if self.broker:
            command = [
                "-m", "celery", "-A", "config", "worker", "--concurrency", "1", "--loglevel", "WARNING", "--without-gossip",
                "--without-mingle", "--hostname", f"{uuid.uuid4().hex[:8]}@%h",
            ]  # fmt: skip
        else:
            command = ["manage.py", "worker", "--poll-seconds", "0.2", "--verbosity", "0"]
        worker = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log,
            start_new_session=True,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen, *, child_alone: bool = False) -> bool:
        """``kill -9`` of all its processes, or of the one alone in which Celery runs its tasks; False: it had none yet."""
        if child_alone:
            listed = subprocess.run(
                ["pgrep", "-P", str(worker.pid)], capture_output=True, text=True, check=False
            ).stdout
            for pid in listed.split():
                os.kill(int(pid), signal.SIGKILL)
            return bool(listed.split())
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.workers.remove(worker)
        return True

    def import_file(self, path: Path) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", "import_articles", str(path), "--queue", "--workers", "2", "--no-ner",
             "--verbosity", "0"],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def is_idle(self) -> bool:
        return not query(
            self.url, "SELECT 1 FROM articles_importjob WHERE status IN ('queued', 'running') OR is_follow_up_due"
        )

    def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.is_idle():
            assert time.monotonic() < until, (
                f"not over in {seconds} s: {(self.folder / 'workers.log').read_text()[-3000:]}"
            )
            time.sleep(0.2)

    def end(self) -> None:
        for worker in list(self.workers):
            self.kill(worker)
        self.log.close()
        if self.broker:
            from kombu import Connection

            with Connection(self.broker, connect_timeout=5) as connection:
                if self.broker.startswith("redis"):
                    client = connection.default_channel.client
                    for key in client.scan_iter(f"{self.queue}:*"):
                        client.delete(key)
                else:
                    connection.default_channel.queue_delete(self.queue)


@contextmanager
def herd(*args):
    made = Herd(*args)
    try:
        yield made
    finally:
        made.end()


_DUMP = """
import json
from articles.models import Article, ImportBatch, ImportJob, Link, Mention
rows = sorted(Article.objects.values_list("dedupe_key", "text_hash"))
mentions = sorted(Mention.objects.values_list("article__dedupe_key", "start", "end", "surface"))
links = Link.objects.filter(superseded_at=None).count()
jobs = list(ImportJob.objects.order_by("pk").values_list("status", "rows_read", "articles_new", "mentions", "articles_known"))
batches = list(ImportBatch.objects.order_by("part__job", "part__number", "first_row").values_list(
    "part__job", "part__number", "first_row", "last_row"))
print(json.dumps([rows, mentions, links, jobs, batches]))
"""


def dump(url: str) -> list:
    return json.loads(run(url, "manage.py", "shell", "--verbosity", "0", "-c", _DUMP).strip().splitlines()[-1])


def killed(url: str, folder: Path, *, kills: int, articles: int, seed: int, broker: str = "") -> None:
    """Two workers import while one of them is killed at random moments, again and again; then all is counted."""
    records = folder / "records.jsonl"
    records.write_text("".join(json.dumps(row) + "\n" for row in RECORDS))
    run(url, "manage.py", "import_records", str(records))
    chance = random.Random(seed)
    files: list[Path] = []

    def another(workers: Herd) -> None:
        path = folder / f"wire-{len(files)}.jsonl"
        with path.open("w") as out:
            for row in generate(articles, chars=600, seed=seed * 100 + len(files)):
                out.write(json.dumps(row) + "\n")
        files.append(path)
        workers.import_file(path)

    with herd(url, folder, broker) as workers:
        another(workers)
        started = time.monotonic()
        workers.start(), workers.start()
        while not query(url, "SELECT 1 FROM articles_importbatch"):
            assert time.monotonic() - started < 120, (folder / "workers.log").read_text()[-3000:]
            time.sleep(0.05)
        warm_up = time.monotonic() - started  # what a worker takes to its first batch
        died = 0
        while died < kills:
            time.sleep(warm_up * chance.uniform(0.05, 0.7))
            if workers.is_idle():
                another(workers)
            victim = chance.choice(workers.workers)
            if broker and chance.random() < 0.4:
                died += workers.kill(victim, child_alone=True)
            else:
                died += workers.kill(victim)
                workers.start()
        workers.wait(60 + 3 * warm_up + articles * len(files) / 2)
    rows, mentions, links, jobs, batches = dump(url)
    count = articles * len(files)
    assert len(rows) == len({key for key, _ in rows}) == count
    assert len(mentions) == len(set(map(tuple, mentions))) == links == sum(job[3] for job in jobs)
    assert [job[:3] for job in jobs] == [["done", articles, articles]] * len(files)
    last: dict[tuple, int] = {}
    for job, part, first, end in batches:  # no row of a part is left out, none is in two batches
        assert first == last.get((job, part), 0) + 1
        last[job, part] = end
    assert sum(last.values()) == count
    run(url, "manage.py", "fsck")
    for path in files:
        again = json.loads(
            run(url, "manage.py", "import_articles", str(path), "--no-ner", "--json", "--verbosity", "0")
        )
        assert (again["new"], again["changed"], again["known"]) == (0, 0, articles)
    assert dump(url)[:3] == [rows, mentions, links]


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port or 5672), timeout=2).close()
    except OSError:
        return False
    return True


@pytest.fixture(params=sorted(BROKERS))
def broker(request):
    if find_spec("celery") is None:
        pytest.skip("Celery is not installed (requirements-celery.txt)")
    if not _answers(BROKERS[request.param]):
        pytest.skip(f"no {request.param} answers at {BROKERS[request.param]}")
    return BROKERS[request.param]


def test_killed_workers_lose_nothing_and_double_nothing(scratch_url, tmp_path):
    killed(scratch_url, tmp_path, kills=2, articles=300, seed=3)


@pytest.mark.shared_database
def test_killed_celery_workers_lose_nothing_and_double_nothing(scratch_url, tmp_path, broker):
    killed(scratch_url, tmp_path, kills=2, articles=200, seed=5, broker=broker)


@pytest.mark.full
def test_workers_that_are_killed_fifty_times_lose_nothing(scratch_url, tmp_path):
    killed(scratch_url, tmp_path, kills=50, articles=3000, seed=13)


@pytest.mark.full
def test_celery_workers_that_are_killed_fifty_times_lose_nothing(scratch_url, tmp_path, broker):
    killed(scratch_url, tmp_path, kills=50, articles=3000, seed=17, broker=broker)


def test_a_worker_that_is_told_to_stop_gives_back_what_it_holds(scratch_url, tmp_path):
    path = tmp_path / "wire.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in generate(1200, chars=600)))
    with herd(scratch_url, tmp_path) as workers:
        workers.import_file(path)
        worker = workers.start()
        while not query(scratch_url, "SELECT 1 FROM articles_importbatch"):
            time.sleep(0.05)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 0
        workers.workers.remove(worker)
    held = query(scratch_url, "SELECT 1 FROM articles_importpart WHERE leased_by <> ''")
    assert held == []
    [(rows,)] = query(scratch_url, "SELECT rows_read FROM articles_importjob")
    assert 0 < rows < 1200
    run(scratch_url, "manage.py", "worker", "--drain", "--verbosity", "0")
    assert query(scratch_url, "SELECT rows_read, status FROM articles_importjob") == [(1200, "done")]


def test_several_processes_share_one_import(scratch_url, tmp_path):
    path = tmp_path / "wire.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in generate(600, chars=600)) + "{broken\n")
    done = subprocess.run(
        [sys.executable, "manage.py", "import_articles", str(path), "--workers", "2", "--no-ner", "--json", "--verbosity",
         "0"],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": scratch_url}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    told = json.loads(done.stdout)
    assert (told["rows"], told["new"], told["refused"]) == (601, 600, 1)
    assert [error.split(":")[1] for error in told["errors"]] == ["601"]
    assert query(scratch_url, "SELECT COUNT(*) > 2 FROM articles_importpart")[0][0]
