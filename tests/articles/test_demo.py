"""``manage.py demo`` without its long parts: what it hands over, and what it prints."""

from __future__ import annotations

import io
import re

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from articles.management.commands import demo
from articles.models import Article

pytestmark = pytest.mark.django_db


def test_no_sample_file_is_refused():
    """A refused row ends the import with an error, and with it ``make demo``."""
    call_command("import_articles", *demo.sample_files(), no_link=True, verbosity=0)
    assert Article.objects.count() > 100


def test_the_login_that_is_printed_works_and_names_the_port(client, settings, monkeypatch):
    settings.DEBUG = True
    monkeypatch.setattr(demo, "call_command", lambda *args, **options: None)
    out = io.StringIO()
    call_command("demo", "--port", "8123", stdout=out)
    [password] = re.findall(r"http://127\.0\.0\.1:8123/admin/ as curator, password (\S+)", out.getvalue())
    assert client.login(username="curator", password=password)
    again = io.StringIO()
    call_command("demo", "--port", "8123", stdout=again)
    assert "changepassword" in again.getvalue()
    assert User.objects.count() == 1
