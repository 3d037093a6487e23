"""No table that the project writes has a cell that a spreadsheet calculates: formulas in every text of every row."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.management import call_command

from articles import exporting
from articles.models import ImportJob, ImportRowError, Link
from entities import exporting as records_exporting
from entities.matching.types import Kind
from entities.models import Entity, Identifier, Relation
from tests.factories import make_alias, make_article, make_mention, make_record, make_source, make_term
from tests.scratch import ROOT

pytestmark = pytest.mark.django_db
# OWASP, "CSV Injection"; calls of other programs (DDE), full-width signs, what spreadsheets pass over before a sign.
PAYLOADS = [
    f"{before}{sign}{rest}"
    for before, signs in (
        ("", "=+-@\t\r\n|%＝＋－＠"), (" ", "=+-@|"), ("\u00a0", "=+-@"), ('"', "=+-@"), ("\ufeff", "=+"),
    )
    for sign in signs
    for rest in ("1+1", "cmd|' /C calc'!A0")
]  # fmt: skip
_SIGNS, _PASSED_OVER = tuple("=+-@\t\r\n|%＝＋－＠"), " \u00a0\u3000\ufeff\u200b\"'"
RECORD_TABLES = [name for name in records_exporting.FORMATS if name.startswith("csv")]
ARTICLE_TABLES = [name for name in exporting.FORMATS if name.startswith("csv")]


@pytest.fixture
def desk(django_user_model):
    """A record, its facts, an article and its mention for each payload, which is every text that they have."""
    for number, text in enumerate(PAYLOADS):
        source = make_source(text, text[:40])
        record = make_record(
            text, kind=Kind.STATE, subtype=text, capital=text, attributes={"gender": text}, source=source
        )
        make_alias(record, text, lang="en", source=source)
        Identifier.objects.create(entity=record, origin=record, scheme=text[:20], value=text, source=source)
        make_term(record, text, state_text=text, organization_text=text, source=source)
        Relation.objects.create(entity=record, origin=record, type="party", target_text=text, source=source)
        article = make_article(f"{text} spoke.", title=text, source=text, author=text, url=f"{text}{number}")
        make_mention(article, text, record)
        person = django_user_model.objects.create_user(f"{text}{number}")
        Link.objects.filter(mention__article=article).update(reason=text, note=text, actor=person)


def assert_neutral(table: str) -> None:
    """Every payload is there, none as a formula."""
    header, *rows = csv.reader(io.StringIO(table.removeprefix("\ufeff"), newline=""))
    assert header
    assert {len(row) for row in rows} == {len(header)}
    cells = {cell for row in rows for cell in row}
    # A first apostrophe says "text"; one that was there before does not count as it.
    assert [cell for cell in cells if not cell.startswith("'") and cell.lstrip(_PASSED_OVER).startswith(_SIGNS)] == []
    assert not cells & set(PAYLOADS)
    assert {f"'{text}" for text in PAYLOADS} <= cells


def test_there_are_at_least_fifty_formulas_and_tables_of_every_sort():
    assert len(set(PAYLOADS)) >= 50
    assert len(RECORD_TABLES) == 5
    assert len(ARTICLE_TABLES) == 2


@pytest.mark.parametrize("name", RECORD_TABLES)
def test_exports_of_records_are_neutral(desk, name):
    assert_neutral("".join(records_exporting.FORMATS[name].write(Entity.objects.all(), "http://x", True)))


@pytest.mark.parametrize("name", ARTICLE_TABLES)
def test_exports_of_articles_are_neutral(desk, name, admin_client):
    answer = admin_client.get(f"/api/v1/export/articles/?format={name}")
    assert_neutral(answer.getvalue().decode())


def test_what_the_commands_write_is_neutral(desk, tmp_path):
    for command, name in (("export_records", "csv"), ("export_articles", "csv-mentions")):
        path = tmp_path / "out.csv"
        call_command(command, format=name, out=path)
        assert_neutral(path.read_bytes().decode())


@pytest.mark.parametrize("address", ["/api/v1/imports/{}/errors.csv", "/admin/articles/importjob/{}/errors.csv"])
def test_the_refused_rows_of_an_import_are_neutral(admin_client, address):
    job = ImportJob.objects.create(path="x", status="done")
    ImportRowError.objects.bulk_create(
        ImportRowError(job=job, file=text, line=n, reason=text, excerpt=text) for n, text in enumerate(PAYLOADS)
    )
    assert_neutral(admin_client.get(address.format(job.pk)).getvalue().decode())


def test_tables_are_written_in_one_place():
    writers = [
        path.relative_to(ROOT).as_posix()
        for app in ("config", "entities", "articles")
        for path in (ROOT / app).rglob("*.py")
        if "csv.writer" in path.read_text() or "DictWriter" in path.read_text()
    ]
    assert writers == ["entities/exporting/tables.py"]
