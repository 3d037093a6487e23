"""Imports over REST: files sent as forms and as streams, once and twice; progress, errors, cancel and resume."""

import csv
import gzip
import io
import json

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from articles.importing import uploads, working
from articles.models import Article, ImportJob, ImportRowError

pytestmark = pytest.mark.django_db
IMPORTS = "/api/v1/imports/"
ROWS = [{"url": f"https://x.example/{n}", "text": f"Nobody spoke {n} times."} for n in range(3)]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def importer(django_user_model):
    user = django_user_model.objects.create_user("importer")
    user.groups.add(Group.objects.get(name="importer"))
    client = APIClient()
    client.force_login(user)
    client.user = user
    return client


def send(client, content=LINES, name="wire.jsonl", key=None, **fields):
    headers = {"Idempotency-Key": key} if key else {}
    fields = {"link": "false", **fields}
    return client.post(IMPORTS, {"file": SimpleUploadedFile(name, content), **fields}, headers=headers)


def stream(client, content=LINES, query="?link=false", content_type="application/x-ndjson", **headers):
    return client.generic("POST", IMPORTS + query, content, content_type=content_type, headers=headers)


def kept():
    folder = uploads.path_of("")
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def work():
    while working.step("w", is_renewing=False):
        pass


def test_a_file_sent_as_a_form_is_imported_by_a_worker(importer):
    answer = send(importer, source="The Wire")
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert (body["name"], body["status"], body["progress"]) == ("wire.jsonl", "queued", None)
    assert answer.headers["Location"] == f"{IMPORTS}{body['id']}/"
    work()
    body = importer.get(answer.headers["Location"]).json()
    assert (body["status"], body["progress"]) == ("done", 1.0)
    assert body["counts"] == {"rows": 3, "new": 3, "changed": 0, "known": 0, "refused": 0, "mentions": 0}
    assert set(Article.objects.values_list("source", flat=True)) == {"The Wire"}
    assert ImportJob.objects.get().created_by == importer.user


def test_a_form_of_a_page_brings_its_token_along(importer):
    assert send(importer, csrfmiddlewaretoken="a" * 64).status_code == 201
    assert send(importer, csrf="a" * 64).status_code == 400


@pytest.mark.parametrize("content_type", ["application/x-ndjson", "application/jsonl"])
def test_json_lines_are_taken_as_the_body_itself(importer, content_type):
    answer = stream(importer, query="?link=false&source=The%20Wire&name=night%20run&limit=2", content_type=content_type)
    assert (answer.status_code, answer.json()["name"]) == (201, "night run")
    work()
    assert list(Article.objects.values_list("source", flat=True)) == ["The Wire"] * 2


def test_a_table_is_read_by_the_columns_that_are_named(importer):
    columns = json.dumps({"text": "Inhoud", "title": "Kop"})
    answer = send(importer, b"Kop,Inhoud\nA title,Nobody spoke.\n", "t.csv", columns=columns, language="nl")
    assert answer.status_code == 201
    work()
    assert Article.objects.values("title", "text", "language").get() == {
        "title": "A title", "text": "Nobody spoke.", "language": "nl",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "fields", "field"),
    [
        ("wire.docx", b"x", {}, "format"), ("wire", b"x", {}, "format"), ("a.jsonl", b"", {}, "file"),
        ("a.jsonl", b"x", {"format": "exe"}, "format"), ("a.csv", b"x", {"columns": "{"}, "columns"),
        ("a.csv", b"x", {"columns": "[]"}, "columns"), ("a.csv", b"x", {"columns": '{"colour": "x"}'}, "columns"),
        ("a.csv", b"x", {"columns": "[" * 4000}, "columns"), ("a.csv", b"x", {"encoding": "klingon"}, "encoding"),
        ("a.csv", b"x", {"encoding": "a\0b"}, "encoding"), ("a.csv", b"x", {"limit": "0"}, "limit"),
        ("a.csv", b"x", {"language": "<b>"}, "language"), ("a.csv", b"x", {"source": "a\0b"}, "source"),
        ("a.csv", b"x", {"link": "perhaps"}, "link"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_leaves_no_file(importer, name, content, fields, field):
    answer = send(importer, content, name, **fields)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field]), answer.json()
    assert (kept(), ImportJob.objects.count()) == ([], 0)


def test_a_form_without_a_file_and_a_body_of_another_sort_are_refused(importer):
    assert importer.post(IMPORTS, {"source": "x"}).json()["errors"]["file"]
    assert importer.post(IMPORTS, {}, format="json").status_code == 415
    for query in ("", "?source=Wire"):
        assert stream(importer, b"", query).json()["errors"]["file"] == ["No file was submitted."]
    assert stream(importer, LINES, "?limit=many").json()["errors"]["limit"]


def test_a_file_that_is_too_large_is_refused_by_its_stated_length_and_by_its_bytes(importer, settings, monkeypatch):
    settings.IMPORT_MAX_BYTES = 100
    assert (send(importer).status_code, send(importer).json()["code"]) == (413, "too_large")
    assert stream(importer).json()["code"] == "too_large"
    monkeypatch.setattr("articles.imports_api._ENVELOPE", 0)
    assert send(importer, b"x" * 10).status_code == 413
    assert kept() == []


def test_a_request_sent_twice_makes_one_import(importer):
    first = send(importer, key="night-1")
    again = send(importer, key="night-1")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["id"] == first.json()["id"]
    other = send(importer, LINES + b"\n", key="night-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert send(importer, key="night-1", source="Other").status_code == 422
    assert (len(kept()), ImportJob.objects.count()) == (1, 1)
    assert (
        stream(importer, **{"Idempotency-Key": "s"}).json()["id"]
        == stream(importer, **{"Idempotency-Key": "s"}).json()["id"]
    )


def test_a_hostile_name_is_a_label_and_nothing_else(importer):
    answer = send(importer, name="../../<script>alert(1)</script>\u202egpj.jsonl")
    assert answer.status_code == 201
    job = ImportJob.objects.get()
    assert uploads.path_of(job.upload).parent == uploads.path_of("x").parent
    assert ".." not in job.upload


def test_imports_are_listed_the_latest_first_and_by_status(importer, django_assert_max_num_queries):
    for number in range(30):
        ImportJob.objects.create(path=f"{number}.jsonl", status="done" if number % 2 else "failed")
    with django_assert_max_num_queries(6):
        body = importer.get(IMPORTS, {"page_size": 5}).json()
    assert [row["name"] for row in body["results"]] == ["29.jsonl", "28.jsonl", "27.jsonl", "26.jsonl", "25.jsonl"]
    assert {row["status"] for row in importer.get(IMPORTS, {"status": "failed"}).json()["results"]} == {"failed"}
    assert importer.get(IMPORTS, {"status": "lost"}).status_code == 400


def test_an_import_is_cancelled_and_resumed(importer):
    address = send(importer).headers["Location"]
    assert importer.post(f"{address}cancel/").json()["status"] == "cancelled"
    again = importer.post(f"{address}cancel/")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    work()
    assert Article.objects.count() == 0
    assert importer.post(f"{address}resume/").json()["status"] == "queued"
    assert importer.post(f"{address}resume/").status_code == 409
    work()
    assert Article.objects.count() == 3
    assert importer.post(f"{address}resume/").status_code == 409
    assert importer.post(f"{IMPORTS}999999/cancel/").status_code == 404


def test_an_import_whose_file_is_gone_cannot_be_resumed(importer):
    address = send(importer).headers["Location"]
    importer.post(f"{address}cancel/")
    uploads.discard(ImportJob.objects.get().upload)
    answer = importer.post(f"{address}resume/")
    assert (answer.status_code, answer.json()["detail"]) == (409, "The file is not kept any more: send it again.")


def test_refused_rows_are_listed_and_downloaded(importer):
    address = send(importer, LINES + b'{"title": "no text"}\n{broken\n').headers["Location"]
    work()
    body = importer.get(address).json()
    assert (body["status"], body["counts"]["refused"]) == ("done", 2)
    rows = importer.get(body["errors"]).json()["results"]
    assert [(row["file"], row["line"]) for row in rows] == [("wire.jsonl", 4), ("wire.jsonl", 5)]
    lines = importer.get(f"{address}errors.jsonl")
    assert lines.headers["Content-Disposition"].startswith("attachment")
    assert [json.loads(line) for line in lines.getvalue().decode().splitlines()] == rows
    table = importer.get(f"{address}errors.csv", headers={"Accept": "text/csv"})
    assert table.status_code == 200
    read = list(csv.DictReader(io.StringIO(table.getvalue().decode("utf-8-sig"))))
    assert [row["line"] for row in read] == ["4", "5"]
    assert importer.get(f"{IMPORTS}999999/errors.csv", headers={"Accept": "text/csv"}).json()["code"] == "not_found"
    assert importer.get(f"{IMPORTS}999999/errors/").status_code == 404


FORMULAS = [
    f"{before}{start}{rest}"
    for before in ("", " ", "\u00a0")
    for start in ("=", "+", "-", "@", "\t", "\r", "|", "＝")
    for rest in ('HYPERLINK("http://x")', "cmd|' /C calc'!A0")
]


def test_no_cell_of_a_downloaded_table_is_taken_for_a_formula(importer):
    job = ImportJob.objects.create(path="x", status="done")
    ImportRowError.objects.bulk_create(
        ImportRowError(job=job, file=text, line=n, reason=text, excerpt=text) for n, text in enumerate(FORMULAS)
    )
    text = importer.get(f"{IMPORTS}{job.pk}/errors.csv").getvalue().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert len(rows) == len(FORMULAS) >= 48
    for row, payload in zip(rows, FORMULAS, strict=True):
        for cell in (row[0], row[2], row[3]):
            assert cell == f"'{payload}"


def test_progress_is_the_share_of_bytes_done(importer, settings):
    answer = send(importer, LINES * 2000)
    job = ImportJob.objects.get()
    job.options["part_bytes"] = len(LINES) * 500
    job.save()
    working.step("w", is_renewing=False)
    working.step("w", is_renewing=False)
    assert importer.get(answer.headers["Location"]).json()["progress"] == pytest.approx(0.25, abs=0.02)


def test_the_sender_says_how_dates_are_read(importer):
    line = b'{"title": "T", "text": "Nobody spoke.", "published_at": "03/05/2024"}\n'
    assert send(importer, line).status_code == 201
    work()
    assert not Article.objects.exists()
    assert send(importer, line, day_first="true").status_code == 201
    assert stream(importer, line.replace(b"Nobody", b"Somebody"), "?link=false&day_first=false").status_code == 201
    work()
    assert sorted(Article.objects.values_list("published_on", flat=True)) == ["2024-03-05", "2024-05-03"]


def test_of_json_lines_the_address_says_the_encoding_too(importer):
    line = '{"title": "T", "text": "Никто не говорил."}\n'.encode("koi8-r")
    assert stream(importer, line, "?link=false&encoding=koi8-r").status_code == 201
    work()
    assert Article.objects.get().text == "Никто не говорил."
    assert list(stream(importer, line, "?encoding=klingon").json()["errors"]) == ["encoding"]


@pytest.mark.parametrize("query", ["?columns={}", "?format=csv", "?format=json", "?format=exe", "?colour=red"])
def test_what_json_lines_do_not_take_is_refused(importer, query):
    assert stream(importer, query=query).status_code == 400
    assert (kept(), ImportJob.objects.count()) == ([], 0)


def test_of_a_form_no_option_stands_in_the_address(importer):
    for name in ("source", "format", "link"):
        answer = importer.post(f"{IMPORTS}?{name}=x&day_first=", {"file": SimpleUploadedFile("wire.jsonl", LINES)})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")
        assert answer.json()["detail"].endswith(f"of the address: {name}.")
    assert (kept(), ImportJob.objects.count()) == ([], 0)
    answer = importer.post(f"{IMPORTS}?source=", {"file": SimpleUploadedFile("wire.jsonl", LINES), "link": "false"})
    assert answer.status_code == 201, "empty: as if absent"


def test_a_table_with_two_columns_of_one_name_refuses_its_rows_and_says_why(importer):
    address = send(importer, b"title,text,text\nA title,Nobody spoke.,Somebody did.\n", "t.csv").headers["Location"]
    work()
    body = importer.get(address).json()
    assert (body["status"], body["counts"]["new"], body["counts"]["refused"]) == ("done", 0, 1)
    [row] = importer.get(body["errors"]).json()["results"]
    assert row["reason"].startswith("columns 2 and 3 are both called 'text'")


def test_the_progress_of_a_small_file_stays_at_nought_while_its_counts_grow(importer):
    rows = [{"url": f"https://x.example/{n}", "text": f"Nobody spoke {n} times."} for n in range(150)]
    address = send(importer, "".join(json.dumps(row) + "\n" for row in rows).encode()).headers["Location"]
    working.step("w", is_renewing=False)  # which lays it out
    seen = []
    working.step(
        "w", is_renewing=False,
        progress=lambda _: seen.append([importer.get(address).json()[name] for name in ("progress", "counts")]),
    )  # fmt: skip
    assert [(progress, counts["rows"]) for progress, counts in seen] == [(0.0, 100), (0.0, 150)]
    work()
    assert importer.get(address).json()["progress"] == 1.0


def test_an_encoding_that_is_none_of_a_text_is_refused(importer):
    for name in ("base64", "idna", "undefined", "koi9"):
        assert send(importer, encoding=name).status_code == 400
    assert send(importer, encoding="koi8-r").status_code == 201


def test_the_settings_say_how_much_a_sent_file_may_unpack_to(importer, settings):
    settings.IMPORT_MAX_UNPACKED_BYTES = 100
    send(importer, gzip.compress(LINES * 50), "wire.jsonl.gz")
    work()
    assert "the job has unpacked more than 100 bytes" in ImportRowError.objects.get().reason
    settings.IMPORT_MAX_UNPACKED_BYTES = 0
    send(importer, gzip.compress(LINES), "wire.jsonl.gz")
    work()
    assert Article.objects.count() == len(ROWS)


def test_the_format_is_told_in_the_address_as_well(importer):
    assert stream(importer, LINES, "?name=wire.dat&format=jsonl&link=false").status_code == 201
    job = ImportJob.objects.get()
    work()
    job.refresh_from_db()
    assert (job.status, job.articles_new > 0) == ("done", True)
