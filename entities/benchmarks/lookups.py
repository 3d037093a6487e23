"""Look-ups over REST: one process of the real server, asked over loopback by clients that each wait for their answer."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, connections

from config.models import ApiToken, Scope
from entities.benchmarks.clients import load
from entities.benchmarks.generator import NameMaker, queries
from entities.benchmarks.scratch import insert, scratch_database
from entities.candidates import rebuild
from entities.matching.normalize import name_key
from entities.models import Alias, Entity

HELP = "fuzzy and exact look-ups over REST against one process of the server, beside a view that does nothing"
MAX_SECONDS = 600
MAX_CLIENTS = 64
_PAGE = 10
_STARTS_WITHIN = 60  # seconds

Say = Callable[[str], None]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--size", type=int, default=100_000, help="records (%(default)s)")
    parser.add_argument("--seconds", type=int, default=120, help=f"of each load, at most {MAX_SECONDS} (%(default)s)")
    parser.add_argument("--clients", type=int, default=4, help=f"at once, at most {MAX_CLIENTS} (%(default)s)")
    parser.add_argument("--threads", type=int, default=4, help="of the server's one process (%(default)s)")
    parser.add_argument(
        "--token", action="store_true", help="ask with a token, under the limits as they are; else anonymously, without"
    )
    parser.add_argument("--seed", type=int, default=20260731, help="of names and queries (%(default)s)")
    parser.add_argument("--postgres", metavar="URL", help="measure on this PostgreSQL server instead of on SQLite")


def run(options: dict, say: Say) -> dict:
    """Measure; returns the figures by load."""
    seconds, clients = min(options["seconds"], MAX_SECONDS), min(options["clients"], MAX_CLIENTS)
    names = list(NameMaker(options["seed"]).names(options["size"]))
    with scratch_database(options["postgres"]):
        _fill(names)
        rebuild()
        secret = _token() if options["token"] else ""
        label = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
        asked = "with a token" if secret else "anonymous"
        say(f"{label}: {len(names):,} records, {clients} clients, {asked}, one process of {options['threads']} threads")
        address = _address(options["postgres"])
        connections["default"].close()
        with _server(address, options["threads"], limits=bool(secret)) as port:
            figures: dict = {"database": label, "records": len(names), "clients": clients, "asked": asked, "loads": {}}
            for load, paths in _loads([name for _, name in names], options["seed"]).items():
                _ask(
                    port, paths, clients, min(10, seconds), secret
                )  # caches and prepared statements are warm afterwards
                lasting = seconds if load != "baseline" else min(seconds, 30)
                found = figures["loads"][load] = _ask(port, paths, clients, lasting, secret)
                say(
                    f"  {load}: {found['per_second']}/s, median {found['p50_ms']} ms, p99 {found['p99_ms']} ms, "
                    f"slowest {found['max_ms']} ms; {found['requests']:,} requests in {found['seconds']} s, "
                    f"errors: {found['errors'] or 'none'}"
                )
    return figures


def _fill(names: Sequence[tuple[str, str]]) -> None:
    """One record with one name for each."""
    insert(
        Entity, Entity(name="-", kind="person"), ["id", "public_id", "kind", "name", "summary", "prominence"],
        ((number, f"b{number:09d}", kind, name, f"{kind}, number {number}", 1 + number % 3)
         for number, (kind, name) in enumerate(names, 1)),
    )  # fmt: skip
    insert(
        Alias, Alias(name="-", key="-"), ["id", "entity_id", "origin_id", "name", "key"],
        ((number, number, number, name, name_key(name)[:500]) for number, (_, name) in enumerate(names, 1)),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _token() -> str:
    """A token that may read, of a user who is nobody in particular."""
    owner = get_user_model().objects.create_user("benchmark")
    return ApiToken.issue(owner=owner, name="benchmark", scopes=[Scope.READ])[1]


def _address(postgres_url: str | None) -> str:
    """``DATABASE_URL`` of the database in use."""
    name = connection.settings_dict["NAME"]
    return f"{postgres_url.rpartition('/')[0]}/{name}" if postgres_url else f"sqlite:///{name}"


def _loads(names: Sequence[str], seed: int) -> dict[str, list[str]]:
    """Addresses by load: ``baseline`` touches nothing, ``exact`` asks for names as they are, ``fuzzy`` for misspelt ones."""

    def asked(texts: Sequence[str], **more) -> list[str]:
        return [f"/api/v1/records/?{urlencode({'q': text[:200], 'page_size': _PAGE, **more})}" for text in texts]

    made = queries(list(names), 5_000, seed + 1)
    step = max(1, len(names) // 5_000)
    return {
        "baseline": ["/healthz"],
        "exact": asked(names[::step], match="exact"),
        "fuzzy": asked([query.text for query in made]),
    }


# --- The server -------------------------------------------------------------------------------------------------------
@contextmanager
def _server(database_url: str, threads: int, *, limits: bool) -> Iterator[int]:
    """Gunicorn with one process, as in production but without HTTPS; yields its port on loopback.

    Args:
        limits: whether callers are limited as they are by default.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ, "DATABASE_URL": database_url, "DEBUG": "0", "SECRET_KEY": secrets.token_urlsafe(50), "HTTPS_ONLY": "0",
        "ALLOWED_HOSTS": "127.0.0.1", "PUBLIC_PAGES": "1", "LOG_LEVEL": "INFO",
        **({} if limits else {"THROTTLE_ANON": "1000000/s"}),
    }  # fmt: skip
    if limits:
        environment.pop("THROTTLE_USER", None)
    command = [
        sys.executable, "-m", "gunicorn", "--workers", "1", "--threads", str(threads), "--bind", f"127.0.0.1:{port}",
        "--log-level", "warning", "--keep-alive", "60", "config.wsgi",
    ]  # fmt: skip
    log = tempfile.TemporaryFile()  # noqa: SIM115 - a line for each request, as in production
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stderr=log)
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _wait_for(port: int, process: subprocess.Popen) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError("the server did not start")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not answer")


# --- The clients ------------------------------------------------------------------------------------------------------
def _ask(port: int, paths: Sequence[str], clients: int, seconds: int, secret: str) -> dict:
    """Let the clients ask, each one request after the other, for so long."""
    # A process of its own, so that the clients' work is not done between the lines of anything here.
    with get_context("spawn").Pool(1) as pool:
        times, errors, taken = pool.apply(load, (port, list(paths), clients, seconds, secret))
    times.sort()

    def at(share: float) -> float:
        return round(1000 * times[min(int(len(times) * share), len(times) - 1)], 1) if times else 0.0

    return {
        "requests": len(times), "seconds": round(taken, 1), "per_second": round(len(times) / taken, 1), "p50_ms": at(0.5),
        "p99_ms": at(0.99), "max_ms": at(1.0), "errors": errors,
    }  # fmt: skip
