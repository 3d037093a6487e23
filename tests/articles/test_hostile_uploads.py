"""Hostile files sent over the API and in the admin: refused, or row errors of a job that ends; never a server error."""

from __future__ import annotations

import re
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from articles.importing import ledger, working
from articles.models import ImportJob
from tests.articles.readers import hostile

pytestmark = pytest.mark.django_db
ADD, IMPORTS = "/admin/articles/importjob/add/", "/api/v1/imports/"
SLOWEST = 10  # seconds of processor time
CASES = {name: (data, reason) for name, data, reason in hostile.cases()}
#: One of each sort; ``make test-full`` sends them all.
SOME = [
    "bomb.zip", "cut.jsonl.gz", "laughs.rss", "deep.html", "nul.csv", "columns.csv", "binary.jsonl", "empty.csv",
    "header.warc",
]  # fmt: skip


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SECURE_SSL_REDIRECT = False


def timed(do, *arguments, **more):
    began = time.process_time()
    done = do(*arguments, **more)
    assert time.process_time() - began < SLOWEST
    return done


def work() -> None:
    while working.step("w", is_renewing=False):
        pass


def imported(job: ImportJob, name: str) -> None:
    """The worker ends the job, and says of each row that it refused where it stood and why."""
    timed(work)
    job.refresh_from_db()
    reason = CASES[name][1]
    refused = list(ledger.refused_rows(job))
    assert (job.status, job.rows_refused) == ("done", len(refused)), job.message
    assert all(row.reason and row.file.startswith(name) for row in refused)
    assert not reason or any(re.search(reason, row.reason) for row in refused)


def send(client, address: str, name: str, **more):
    data = {"file": SimpleUploadedFile(name, CASES[name][0]), **more}
    return timed(client.post, address, data)


def check(client, name: str) -> None:
    answer = send(client, IMPORTS, name, link="false")
    if not CASES[name][0]:
        assert answer.status_code == 400
    else:
        assert answer.status_code == 201, answer.content[:500]
        job = ImportJob.objects.get()
        imported(job, name)
        assert timed(client.get, f"{IMPORTS}{job.pk}/errors/").status_code == 200
        ImportJob.objects.all().delete()

    answer = send(client, ADD, name)
    if not CASES[name][0]:
        assert (answer.status_code, ImportJob.objects.count()) == (200, 0)
        return
    job = ImportJob.objects.get()
    if job.status == ImportJob.Status.DRAFT:
        page = timed(client.get, answer.url, follow=True)
        assert page.status_code == 200
        # Whatever the first rows made of the columns: the form is answered, with the import or with what is wrong.
        assert timed(client.post, answer.url, {"text": "text"}, follow=True).status_code == 200
        job.refresh_from_db()
        if job.status == ImportJob.Status.DRAFT:
            return
    imported(job, name)
    assert timed(client.get, f"/admin/articles/importjob/{job.pk}/change/").status_code == 200


@pytest.mark.parametrize("name", SOME)
def test_a_hostile_file_that_is_sent_is_refused_or_costs_rows(admin_client, name):
    check(admin_client, name)


@pytest.mark.full
@pytest.mark.parametrize("name", sorted(CASES.keys() - set(SOME)))
def test_every_hostile_file_that_is_sent_is_refused_or_costs_rows(admin_client, name):
    check(admin_client, name)
