"""Every example of README.md and docs/*.md is run: commands as they stand, requests as they stand, answers by their shape.

An example is a fenced block, or an indented ``curl``. Commands run in a folder that holds files of the names which the
examples use, and in a database that has what they name by a number (``run_commands.py``). What needs more than that is in
``ARGUMENTS`` or ``CHECKED_ELSEWHERE``; a new example that is in neither, and cannot be run as it stands, fails here.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from itertools import islice

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from articles.readers import READERS, ReadOptions
from config.models import ApiToken, Scope
from entities.candidates import rebuild
from entities.importers.refdesk import read as records_of
from entities.matching.types import Kind
from entities.models import Identifier, Relation
from tests.config.test_matrix import OPERATIONS
from tests.factories import make_article, make_mention, make_record, make_term
from tests.scratch import ROOT

#: What the example leaves out so that it is short here: beginning of a command → further arguments.
ARGUMENTS = {
    "benchmark candidates": ["--size", "300", "--queries", "10", "--baseline-queries", "0"],
    "worker": ["--drain"],  # it would wait for work for ever
}
#: Examples that are not run, and where what they show is tested: (document, first line) → where.
CHECKED_ELSEWHERE = {
    ("README.md", "Article.text → detection → candidates → scoring → decision → link / review / NIL"): "a drawing",
    (
        "docs/matching.md",
        "text ─ clean ─ detect ─ chains ─ candidates ─ evidence ─ probability ─ decision ─ descriptions",
    ): "a drawing",
    ("docs/names.md", "name ─ words (weight, meaning) ──┐ one script: spelling, meaning, initials ─┐"): "a drawing",
    ("docs/candidates.md", "surface form ─ name_key ─ fold (romanised words)"): "a drawing",
    (
        "docs/operations.md",
        "celery -A config worker --concurrency 4",
    ): "tests/articles/test_worker_kills.py, with a broker",
}


@dataclass(frozen=True)
class Example:
    """A block of a document: its language (``curl`` for indented ones) and text."""

    document: str
    line: int
    language: str
    text: str

    def __str__(self):
        return f"{self.document}:{self.line}"


def examples() -> list[Example]:
    found = []
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        name = path.relative_to(ROOT).as_posix()
        block: list[str] | None = None
        language, start = "", 0
        for number, line in enumerate([*path.read_text().splitlines(), ""], 1):
            if line.startswith("```"):
                if block is None:
                    block, language, start = [], line[3:].strip(), number
                else:
                    found.append(Example(name, start, language, "\n".join(block)))
                    block = None
            elif block is not None and language != "indented":
                block.append(line)
            elif block is None and line.startswith("    ") and line.strip() and not _in_list(found, line):
                block, language, start = [line[4:]], "indented", number
            elif block is not None and line.startswith("    "):
                block.append(line[4:])
            elif block is not None:
                text = "\n".join(block)
                found.append(Example(name, start, "curl" if text.startswith("curl ") else "indented", text))
                block = None
    return found


def _in_list(found, line):
    return bool(re.match(r" +([-*]|\d+\.) ", line))


EXAMPLES = examples()
LANGUAGES = ("sh", "json", "curl", "python")


def of(*languages):
    return [one for one in EXAMPLES if one.language in languages and not elsewhere(one)]


def elsewhere(example):
    return (example.document, example.text.splitlines()[0].strip()) in CHECKED_ELSEWHERE


def test_every_example_is_of_a_sort_that_is_run():
    unknown = [str(one) for one in EXAMPLES if one.language not in LANGUAGES and not elsewhere(one)]
    assert unknown == []
    assert len(of(*LANGUAGES)) >= 20
    for document, first in CHECKED_ELSEWHERE:
        assert any((one.document, one.text.splitlines()[0].strip()) == (document, first) for one in EXAMPLES), first


# --- Commands ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Command:
    """A line of an ``sh`` block: the words after ``manage.py``, what is sent to it, and whether it names a database."""

    words: list[str]
    stdin: str | None = None
    is_elsewhere: bool = False


def commands() -> list[Command]:
    """Every command of ``manage.py`` in the ``sh`` blocks, comments left out; ``make`` has to have its target."""
    found = []
    for example in of("sh"):
        for line in example.text.splitlines():
            words = shlex.split(line, comments=True)
            if words and words[0] == "make":
                assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.M), f"{example}: {words}"
            elif words:
                found.append(_command(words, example))
    return found


def _command(words: list[str], example: Example) -> Command:
    stdin, is_elsewhere = None, words[0] == "DATABASE_URL=postgres://…"
    if is_elsewhere:
        words = words[1:]
    if words[0] == "curl" and "|" in words:  # the site it would fetch from is a file here
        pipe = words.index("|")
        stdin, words = words[pipe - 1].rpartition("/")[2], words[pipe + 1 :]
    assert words[:2] == ["python", "manage.py"], f"{example}: {words}"
    more = next((more for start, more in ARGUMENTS.items() if " ".join(words[2:]).startswith(start)), [])
    return Command([*words[2:], *more], stdin, is_elsewhere)


def _lines(path, count):
    with path.open(encoding="utf-8") as stream:
        return "".join(islice(stream, count))


@pytest.fixture
def folder(tmp_path):
    """A folder with a small file under every name that the examples use."""
    samples, starter = ROOT / "articles" / "samples", ROOT / "entities" / "starter"
    (tmp_path / "news.jsonl").write_text(_lines(samples / "articles.jsonl", 3))
    shutil.copy(samples / "island-wire.rss", tmp_path / "feed.rss")
    (tmp_path / "pages").mkdir()
    for page in samples.glob("*.html"):
        shutil.copy(page, tmp_path / "pages" / page.name)
    with zipfile.ZipFile(tmp_path / "pages.zip", "w") as packed:
        for page in (tmp_path / "pages").iterdir():
            packed.write(page, page.name)
    shutil.copy(tmp_path / "news.jsonl", tmp_path / "archive.jsonl")
    (tmp_path / "table.csv").write_text("Headline,Body\nBorder stays open,The two delegations met on Tuesday.\n")
    (tmp_path / "organizations.jsonl").write_text(_lines(starter / "organizations.jsonl", 100))
    (tmp_path / "tests" / "golden").mkdir(parents=True)
    names_test = _lines(ROOT / "tests" / "golden" / "names_test.jsonl", 100)
    (tmp_path / "tests" / "golden" / "names_test.jsonl").write_text(names_test)
    blind = _lines(ROOT / "tests" / "golden" / "blind_gold.jsonl", 1)
    (tmp_path / "tests" / "golden" / "blind_gold.jsonl").write_text(blind)
    (tmp_path / "records.jsonl").write_text(_lines(starter / "states.jsonl", 250))
    (tmp_path / "people.jsonl").write_text(_lines(starter / "people.jsonl", 200))
    gold = [json.loads(line) for line in _lines(ROOT / "tests" / "golden" / "linking_gold.jsonl", 12).splitlines()]
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(one) + "\n" for one in gold))
    texts = [{key: one[key] for key in ("doc_id", "title", "text", "date")} for one in gold[:3]]
    (tmp_path / "docs.jsonl").write_text("".join(json.dumps(one) + "\n" for one in texts))
    shutil.copy(ROOT / "tests" / "entities" / "importers" / "wikidata.json", tmp_path / "dump.json")
    subprocess.run(["bzip2", tmp_path / "dump.json"], check=True)
    names = [
        ("Masoud Pezeshkian", "Masud Pezeshkyan", True), ("George Bush", "George W. Bush", False),
        ("Saddam Hussein", "Sadam Husein", True), ("Raghad Hussein", "Rana Hussein", False),
        ("Vladimir Putin", "Владимир Путин", True), ("Angela Merkel", "Andrea Merkel", False),
    ]  # fmt: skip
    rows = "".join(json.dumps({"a": a, "b": b, "type": "person", "match": same}) + "\n" for a, b, same in names)
    for name in ("pairs", "bench", "aliases", "must_not_match"):
        (tmp_path / f"{name}.jsonl").write_text(rows * 4)
    return tmp_path


def test_every_command_runs_as_it_stands(scratch_url, bare_url, folder):
    asked = commands()
    assert len(asked) > 25
    run_commands([one for one in asked if not one.is_elsewhere], scratch_url, folder, "--prepare")
    run_commands([one for one in asked if one.is_elsewhere], bare_url, folder)


def run_commands(asked: list[Command], url: str, folder, *flags: str) -> None:
    assert asked
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "run_commands.py"), *flags],
        input=json.dumps([{"words": one.words, "stdin": one.stdin} for one in asked]), cwd=folder,
        env={**os.environ, "DATABASE_URL": url, "MEDIA_ROOT": str(folder / "media")},
        capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    assert done.stdout.count("ran: ") == len(asked), done.stdout[-2000:]


@pytest.mark.parametrize("example", of("python"), ids=str)
def test_every_python_example_runs_as_it_stands(folder, monkeypatch, capsys, example):
    monkeypatch.chdir(folder)
    exec(compile(example.text, str(example), "exec"), {"__name__": "example"})
    assert capsys.readouterr().out.strip()


# --- Requests ---------------------------------------------------------------------------------------------------------
_ROWS = json.dumps({"url": "https://x.example/1", "text": "Nobody spoke."}).encode()
FILES = {"wire.jsonl": _ROWS, "wire.jsonl.gz": gzip.compress(_ROWS)}  # what the examples send


@pytest.fixture
def world(db, django_user_model, settings, tmp_path):
    """What the examples of docs/api.md ask about, and a token of somebody who may do it."""
    iran = make_record("Iran", kind=Kind.STATE, prominence=1)
    Identifier.objects.create(entity=iran, origin=iran, scheme="iso3", value="IRN")
    person = make_record(
        "Masoud Pezeshkian", public_id="q8rnpz9h4j", valid_from="1954-09-29", prominence=1,
        summary="President of Iran since 2024",
    )  # fmt: skip
    make_term(person, "President", state=iran, start="2024-07-28")
    Relation.objects.create(entity=person, origin=person, type="state", target=iran)
    make_record("Vladimir Putin", prominence=1)
    article = make_article("Masoud Pezeshkian spoke.", published_on="2025-01-17")
    make_mention(article, "Masoud Pezeshkian", person, id=5231)
    rebuild()
    settings.MEDIA_ROOT = tmp_path / "media"
    owner = django_user_model.objects.create_user("owner")
    owner.groups.add(Group.objects.get(name="admin"))
    return ApiToken.issue(owner=owner, name="docs", scopes=Scope.values)[1]


def send(command: str, token: str):
    """A ``curl`` line as a request to this site."""
    words = shlex.split(command)
    assert words[0] == "curl"
    address, method, headers, body, form = "", "GET", {}, None, {}
    rest = iter(words[1:])
    for word in rest:
        if word in ("-H", "--header"):
            name, _, value = next(rest).partition(": ")
            headers[name] = value.replace("rdk_…", token)
        elif word in ("-d", "--data", "--data-binary"):
            body, method = next(rest), "POST"
            body = FILES[body[1:]] if body.startswith("@") else body
        elif word in ("-F", "--form"):
            name, _, value = next(rest).partition("=")
            form[name] = SimpleUploadedFile(value[1:], FILES[value[1:]]) if value.startswith("@") else value
        elif word in ("-X", "--request"):
            method = next(rest)
        elif word in ("-o", "--output"):
            next(rest)
        else:
            assert not word.startswith("-"), f"{word} is not understood here"
            address = word
    path = re.sub(r"^(https?://)?localhost:8000", "", address)
    if form:
        return APIClient().post(path, form, headers=headers)
    type_ = headers.pop("Content-Type", "application/octet-stream")
    return APIClient().generic(method, path, body or "", content_type=type_, headers=headers)


def requests_of(example: Example) -> list[str]:
    """The ``curl`` commands of a block, each on one line."""
    return re.split(r"\n(?=curl )", example.text.replace("\\\n", " "))


def request_above(example: Example) -> Example | None:
    """The requests whose answer a JSON block shows."""
    before = EXAMPLES[EXAMPLES.index(example) - 1]
    if (before.language, before.document) != ("curl", example.document):
        return None
    return before if example.line < before.line + before.text.count("\n") + 10 else None


@pytest.mark.parametrize("example", of("curl"), ids=str)
def test_every_request_is_answered(world, example):
    answers = [send(command, world) for command in requests_of(example)]
    for answer in answers:
        assert 200 <= answer.status_code < 300, answer.content
    for shown in of("json"):
        if request_above(shown) == example:
            fits(json.loads(shown.text), answers[0].json(), str(shown))


def fits(shown, real, where):
    """What is shown is there, and of the same sort; the first of a list stands for all of it."""
    if shown is None or real is None or isinstance(shown, bool):
        return
    if isinstance(shown, dict):
        assert isinstance(real, dict), where
        assert shown.keys() <= real.keys(), f"{where}: {shown.keys() - real.keys()} is not there"
        for key, value in shown.items():
            fits(value, real[key], f"{where} {key}")
    elif isinstance(shown, list):
        assert isinstance(real, list), where
        for one in real[:1]:
            fits(shown[0], one, where) if shown else None
    elif isinstance(shown, int | float):
        assert isinstance(real, int | float), where
    else:
        assert type(shown) is type(real), where


def test_every_answer_that_is_shown_belongs_to_something_that_is_run(world, client, tmp_path):
    for example in of("json"):
        shown = json.loads(example.text)
        if request_above(example) is not None:
            continue  # see test_every_request_is_answered
        if example.document == "docs/records.md":
            [row] = list(records_of(io.StringIO(json.dumps(shown)), "records.md"))
            assert row is not None
        elif example.document == "docs/importing.md":
            path = tmp_path / "rows.jsonl"
            path.write_text(json.dumps(shown))
            options = ReadOptions()
            [row] = list(READERS["jsonl"](path, options))
            assert {name: getattr(row, name) for name in ("url", "title", "text", "source", "language")} == {
                name: shown[name] for name in ("url", "title", "text", "source", "language")
            }
        elif shown.get("code") == "not_found":
            fits(shown, client.get("/api/v1/records/zzzzzzzzzz/").json(), str(example))
        else:
            raise AssertionError(f"{example}: nothing here answers so")


# --- Addresses --------------------------------------------------------------------------------------------------------
def test_the_table_of_addresses_names_every_operation_of_the_api():
    text = (ROOT / "docs" / "api.md").read_text()
    named = set()
    for row in re.findall(r"^\| (`.*?) \| ", text, re.M):
        for group in re.findall(r"`([A-Z][A-Z ]+) ([^`]*)`", row):
            for method in group[0].split():
                named.add(f"{method} {_canonical(group[1])}")
    real = {f"{one.split()[0]} {_canonical(one.split()[1].removeprefix('/api/v1'))}" for one in OPERATIONS}
    assert named == real


def _canonical(address):
    return re.sub(r"<[^>]+>|\{[^}]+\}", "{}", address.partition("?")[0])
