"""A list of takedowns, kept beside a backup, takes down again what the backup brought back."""

import json

import pytest
from django.core.management import call_command

from articles import archive, takedown_lists
from articles.importing import Options, import_articles
from articles.models import Article, ArticleTakedown
from entities.importing import import_files
from entities.models import Alias, Entity, Takedown
from tests.articles.test_archive import lived_in  # noqa: F401 a fixture
from tests.articles.test_takedown import STORY
from tests.emptying import empty

pytestmark = pytest.mark.django_db


def test_after_an_older_archive_the_list_takes_everything_down_again(lived_in, tmp_path, admin_user):  # noqa: F811
    from articles import takedown as article_takedown
    from entities import takedown

    older = "".join(archive.write())
    alias = Alias.objects.get(name="Alias Cedar")
    takedown.take_down_fact(alias, actor=admin_user, reason="private")
    takedown.suppress(Entity.objects.get(pk=lived_in["Elm"].pk), actor=admin_user, reason="asked")
    article_takedown.take_down(Article.objects.filter(title="One"), actor=admin_user, reason="order")
    listed = tmp_path / "takedowns.jsonl"
    call_command("export_takedowns", out=listed)
    text = listed.read_text()
    for gone in ("Alias Cedar", "Elm", "Gorse", "n.example", "Brightwater"):
        assert gone not in text
    empty()
    archive.read(older.splitlines(keepends=True))
    assert Alias.objects.filter(name="Alias Cedar").exists()
    call_command("import_takedowns", listed, verbosity=0)
    assert not Alias.objects.filter(name="Alias Cedar").exists()
    assert Entity.objects.get(public_id=lived_in["Elm"].public_id).suppressed_at
    assert not Article.objects.visible().filter(title="One").exists()
    assert sorted(takedown_lists.lines()) == sorted(listed.read_text().splitlines(keepends=True))
    before = Takedown.objects.count(), ArticleTakedown.objects.count()
    call_command("import_takedowns", listed, verbosity=0)
    assert (Takedown.objects.count(), ArticleTakedown.objects.count()) == before


def test_in_an_empty_database_the_list_alone_keeps_everything_away(lived_in, tmp_path):  # noqa: F811
    listed = list(takedown_lists.lines())
    empty()
    done = takedown_lists.apply(listed)
    assert (done.new, done.errors) == (len(listed), [])
    report = import_files([tmp_path / "records.jsonl"])
    assert report.withheld >= 1
    assert not Entity.objects.filter(name="Person Gorse").exists()
    assert not Entity.objects.filter(description="known as Gorse").exists()
    news = tmp_path / "again.jsonl"
    news.write_text(json.dumps({"url": "https://mirror.example/", "text": STORY}) + "\n")
    assert import_articles([news], Options(use_ner=False)).new == 0


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "{}", '{"takedown": "record"}', '{"takedown": "article", "keys": 1}', '{"takedown": "x"}', "[" * 99_999,
     '{"takedown": "record", "digests": [], "sort": "nonsense"}'],
)  # fmt: skip
def test_a_broken_row_costs_nothing_but_itself(line):
    done = takedown_lists.apply([line + "\n", "\n"])
    assert len(done.errors) == 1
    assert done.errors[0].startswith("line 1: ")
    assert not Takedown.objects.exists()
    assert not Entity.objects.exists()


def test_a_file_that_is_not_there_is_told(tmp_path):
    from django.core.management import CommandError

    with pytest.raises(CommandError, match=r"nowhere\.jsonl"):
        call_command("import_takedowns", tmp_path / "nowhere.jsonl")
