"""Imports in the admin: sending a file, naming columns, following, cancelling, resuming, downloading what was refused."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile

from articles.importing import uploads, working
from articles.models import Article, ImportJob, ImportRowError
from tests.factories import make_article

pytestmark = pytest.mark.django_db
ADD = "/admin/articles/importjob/add/"
XSS = "<script>alert(1)</script>"
TABLE = b'Kop,Inhoud,Dag\nA title,"Nobody spoke, twice.",2024-05-01\n<script>alert(1)</script>,Silence.,2024\n'


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def login(client, django_user_model, role):
    user = django_user_model.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def importer(client, django_user_model):
    return login(client, django_user_model, "importer")


def send(client, content=b'{"text": "Nobody spoke."}\n', name="wire.jsonl", **more):
    return client.post(ADD, {"file": SimpleUploadedFile(name, content), "link": "", **more})


def page_of(job, rest="change/"):
    return f"/admin/articles/importjob/{job.pk}/{rest}"


def work():
    while working.step("w", is_renewing=False):
        pass


def test_a_file_is_sent_and_imported(importer):
    assert b'type="file"' in importer.get(ADD).content
    answer = send(importer, source="The Wire", date="2024-05")
    job = ImportJob.objects.get()
    assert answer.url == page_of(job)
    assert (job.status, job.created_by, job.options["link"], job.options["use_ner"]) == (
        "queued",
        importer.user,
        False,
        False,
    )
    work()
    assert Article.objects.values_list("source", "published_on").get() == ("The Wire", "2024-05")
    page = importer.get(page_of(job)).content.decode()
    assert "Done" in page
    make_article("Another import's.")
    listed = importer.get(re.search(r'href="([^"]*job__id__exact=\d+)"', page).group(1)).content.decode()
    assert f"/admin/articles/article/{Article.objects.get(source='The Wire').pk}/change/" in listed
    assert len(re.findall(r"/admin/articles/article/\d+/change/", listed)) == 1


def test_what_an_import_was_asked_for_is_said_in_words(importer):
    send(importer, source="<b>The Wire</b>", date="2024-05", day_first="True", limit="1000")
    page = importer.get(page_of(ImportJob.objects.get())).content.decode()
    for words in (
        "Outlet of rows that name none: &lt;b&gt;The Wire&lt;/b&gt;", "Date of rows that name none: 2024-05",
        "03/05/2024 is 3 May", "At most 1,000 articles", "Names are not looked for",
    ):  # fmt: skip
        assert words in page
    ImportJob.objects.update(options={"format": "papyrus"})
    assert "what this version cannot read" in importer.get(page_of(ImportJob.objects.get())).content.decode()


@pytest.mark.parametrize(
    ("name", "content", "more", "said"),
    [
        ("wire.docx", b"x", {}, "choose one"), ("wire.jsonl", b"", {}, "empty"),
        ("wire.jsonl", b"x", {"date": "yesterday"}, "A date looks like"),
        ("wire.jsonl", b"x", {"language": "<b>"}, "valid value"), ("wire.jsonl", b"x", {"source": "a\0b"}, "Null"),
        ("wire.jsonl", b"x", {"limit": "-1"}, "greater than"), ("wire.jsonl", b"x", {"encoding": "base64"}, "not known"),
        ("wire.jsonl", b"x", {"day_first": "perhaps"}, "valid choice"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_said_and_not_kept(importer, name, content, more, said):
    page = send(importer, content, name, **more)
    assert page.status_code == 200
    assert said in page.content.decode()
    folder = uploads.path_of("")
    assert (ImportJob.objects.count(), list(folder.iterdir()) if folder.exists() else []) == (0, [])


@pytest.mark.parametrize(
    ("day_first", "date"), [("", None), ("True", "2024-05-03"), ("False", "2024-03-05")], ids=["unsaid", "day", "month"]
)
def test_the_sender_says_how_dates_and_letters_are_read(importer, day_first, date):
    line = '{"title": "Тайфун", "text": "Порты закрыты.", "published_at": "03/05/2024"}\n'
    send(importer, line.encode("koi8-r"), day_first=day_first, encoding="koi8-r")
    work()
    found = Article.objects.values_list("title", "published_on").first()
    assert found == (("Тайфун", date) if date else None)


def test_a_file_that_is_too_large_is_refused(importer, settings):
    settings.IMPORT_MAX_BYTES = 10
    assert "at most 10 bytes" in send(importer).content.decode()


def test_the_columns_of_a_table_are_named_over_its_first_rows(importer):
    answer = send(importer, TABLE, "archive.csv")
    job = ImportJob.objects.get()
    assert (job.status, answer.url) == ("draft", page_of(job, "columns/"))
    work()
    assert Article.objects.count() == 0  # it waits for its columns
    page = importer.get(answer.url).content.decode()
    assert "Nobody spoke, twice." in page
    assert XSS not in page
    assert "Say which column" in importer.post(answer.url, {"title": "Kop"}).content.decode()
    assert "cannot hold two things" in importer.post(answer.url, {"title": "Kop", "text": "Kop"}).content.decode()
    assert importer.post(answer.url, {"text": "Colour"}).status_code == 200
    answer = importer.post(answer.url, {"title": "Kop", "text": "Inhoud", "published_at": "Dag"})
    assert answer.url == page_of(job)
    work()
    assert sorted(Article.objects.values_list("title", "text", "published_on")) == [
        (XSS, "Silence.", "2024"), ("A title", "Nobody spoke, twice.", "2024-05-01"),
    ]  # fmt: skip
    assert importer.get(page_of(job, "columns/")).url == page_of(job)  # it has begun


def test_columns_with_known_names_are_guessed(importer):
    send(importer, b"Headline;Body;Link\na;b;c\n", "archive.csv")
    form = importer.get(page_of(ImportJob.objects.get(), "columns/")).context["form"]
    initial = {name: field.initial for name, field in form.fields.items() if field.initial}
    assert initial == {"title": "Headline", "text": "Body", "url": "Link"}


def test_the_first_row_may_be_an_article_too(importer):
    send(importer, b"A title;Nobody spoke, twice.\nAnother;Silence.\n", "archive.csv")
    address = page_of(ImportJob.objects.get(), "columns/")
    assert "?named=no" in importer.get(address).content.decode()
    page = importer.get(f"{address}?named=no").content.decode()
    assert "column 2" in page
    assert "Nobody spoke, twice." in page
    importer.post(f"{address}?named=no", {"title": "column 1", "text": "column 2"})
    assert "The first row is an article, too" in importer.get(page_of(ImportJob.objects.get())).content.decode()
    work()
    assert sorted(Article.objects.values_list("title", "text")) == [
        ("A title", "Nobody spoke, twice."), ("Another", "Silence."),
    ]  # fmt: skip


def test_a_table_whose_columns_nobody_named_is_given_up(importer):
    send(importer, TABLE, "archive.csv")
    job = ImportJob.objects.get()
    importer.post(page_of(job, "cancel/"))
    job.refresh_from_db()
    assert job.status == "cancelled"


def test_an_import_is_cancelled_and_resumed_by_posts_alone(importer):
    send(importer)
    job = ImportJob.objects.get()
    for step in ("cancel/", "resume/"):
        assert importer.get(page_of(job, step)).status_code == 405
    importer.post(page_of(job, "cancel/"))
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert "Cancelled: cancelled" not in importer.get(page_of(job)).content.decode()
    assert "Go on with it" in importer.get(page_of(job)).content.decode()
    importer.post(page_of(job, "resume/"))
    job.refresh_from_db()
    assert job.status == "queued"
    page = importer.post(page_of(job, "resume/"), follow=True).content.decode()
    assert "The import is under way." in page
    work()
    page = importer.post(page_of(job, "cancel/"), follow=True).content.decode()
    assert "The import is done already." in page


def test_the_figures_alone_are_what_the_page_follows(importer):
    job = ImportJob.objects.create(path=XSS, status="running", rows_read=1234, total_bytes=0)
    part = importer.get(page_of(job) + "?fragment=1").content.decode()
    assert "1,234" in part
    assert "data-import-open" in part
    assert "<html" not in part
    job.status = "done"
    job.save()
    assert "data-import-open" not in importer.get(page_of(job) + "?fragment=1").content.decode()
    assert XSS not in importer.get(page_of(job)).content.decode()


def test_an_import_says_when_it_was_begun_and_nothing_of_what_did_not_come_yet(importer):
    job = ImportJob.objects.create(path="x", status="queued")
    page = importer.get(page_of(job)).content.decode()
    assert "begun" not in page
    assert "Started at" not in page
    ImportJob.objects.filter(pk=job.pk).update(status="running", started_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
    for address in (page_of(job), f"{page_of(job)}?fragment=1"):
        assert "Running; begun 1 Mar 2026, 09:30" in importer.get(address).content.decode()


def test_a_job_that_nobody_is_at_says_so(importer):
    job = ImportJob.objects.create(path="x", status="queued")
    assert "Does a worker run" in importer.get(page_of(job)).content.decode()
    job.for_workers = False
    job.save()
    assert f"--resume {job.pk}" in importer.get(page_of(job)).content.decode()


def test_refused_rows_are_downloaded(importer):
    job = ImportJob.objects.create(path="x", status="done", rows_refused=1)
    ImportRowError.objects.create(job=job, file="x", line=3, reason="no text", excerpt="=1+1")
    table = importer.get(page_of(job, "errors.csv"))
    assert "attachment" in table.headers["Content-Disposition"]
    assert "x,3,no text,'=1+1" in table.getvalue().decode()
    assert b'"line": 3' in importer.get(page_of(job, "errors.jsonl")).getvalue()


@pytest.mark.parametrize("role", ["viewer", "curator", "merger"])
def test_who_may_not_import_sees_imports_and_changes_none(client, django_user_model, role):
    desk = login(client, django_user_model, role)
    job = ImportJob.objects.create(path="x", status="failed")
    draft = ImportJob.objects.create(path="y.csv", status="draft")
    assert desk.get("/admin/articles/importjob/").status_code == 200
    page = desk.get(page_of(job))
    assert (page.status_code, b"Go on with it" in page.content) == (200, False)
    assert desk.get(ADD).status_code == 403
    assert send(desk).status_code == 403
    assert desk.get(page_of(draft, "columns/")).status_code == 403
    for step in ("cancel/", "resume/"):
        assert desk.post(page_of(job, step)).status_code == 403
    assert desk.get(page_of(job, "errors.csv")).status_code == 200
    assert list(ImportJob.objects.values_list("status", flat=True)) == ["draft", "failed"]


def test_strangers_are_asked_to_log_in(client):
    job = ImportJob.objects.create(path="x")
    for rest in ("columns/", "errors.csv", "errors.jsonl", "change/"):
        assert "/login/" in client.get(page_of(job, rest)).url
    assert "/login/" in client.post(page_of(job, "cancel/")).url
