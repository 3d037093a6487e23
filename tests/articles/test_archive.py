"""The whole database as one file, brought into an empty one, is the same database: byte for byte, and in what it does."""

import json
import re

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from articles import archive, review
from articles import takedown as article_takedown
from articles.importing import Options, import_articles
from articles.models import (
    Article,
    ArticleRevision,
    Candidate,
    ImportJob,
    Link,
    Mention,
    NilGroup,
    SavedSearch,
    SurfacePrior,
)
from entities import editing, history, judging, merging, takedown
from entities.candidates import CandidateIndex
from entities.importing import import_files
from entities.invariants import inspect
from entities.matching.types import Outcome
from entities.models import Alias, Entity, Event, Judgement, Merge, Split
from tests.articles.test_takedown import OTHER, STORY
from tests.emptying import empty
from tests.entities.dump import dump

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived_in(tmp_path, admin_user):
    """A database in which everything has happened: merges, undone ones, splits, verdicts, decisions, takedowns."""
    rows = [
        {"key": f"p{n}", "kind": "person", "name": f"Person {word}", "aliases": [{"name": f"Alias {word}"}],
         "identifiers": {"wikidata": f"Q{n}"}, "roles": [{"title": "Mayor", "state": "RUR", "from": "2001"}],
         "states": ["RUR"], "description": f"known as {word}", "source": "file"}
        for n, word in enumerate(("Alder", "Birch", "Cedar", "Douglas", "Elm", "Fir", "Gorse"), 1)
    ]  # fmt: skip
    state = {"key": "rur", "kind": "state", "name": "Ruritania", "identifiers": {"iso3": "RUR"}, "source": "file"}
    path = tmp_path / "records.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in [state, *rows]))
    import_files([path])
    people = {entity.name.split()[1]: entity for entity in Entity.objects.filter(kind="person")}
    # Mentions before merges, so that journals hold links.
    news = tmp_path / "news.jsonl"
    stories = [
        {
            "url": "https://n.example/1",
            "title": "One",
            "text": f"Person Birch met Person Alder. {OTHER}",
            "source": "G",
        },
        {"url": "https://n.example/2", "title": "Two", "text": STORY, "source": "G", "published_at": "2024-05-01"},
        {"url": "https://n.example/3", "title": "Three", "text": "Person Cedar and Zed Zorn spoke.", "language": "en"},
    ]
    news.write_text("".join(json.dumps(story) + "\n" for story in stories))
    import_articles([news], Options(use_ner=False))
    news.write_text(json.dumps({**stories[0], "text": f"Person Birch met Person Alder again. {OTHER}"}) + "\n")
    import_articles([news], Options(use_ner=False))
    mentions = {mention.surface: mention for mention in Mention.objects.all()}
    first = mentions["Person Birch"]
    review.link_to(first, people["Alder"], admin_user, "I know him")
    review.link_to(first, people["Birch"], admin_user, "I was wrong")
    review.mark_nil(mentions["Person Cedar"], admin_user)
    group = NilGroup.objects.filter(mentions=mentions["Person Cedar"]).get()
    NilGroup.objects.filter(pk=group.pk).update(status=NilGroup.Status.REJECTED, decided_by=admin_user, reason="no")
    merging.merge(
        survivor_id=people["Alder"].pk,
        absorbed_id=people["Birch"].pk,
        actor=admin_user,
        reason="one man",
        override=True,
    )
    undone = merging.merge(
        survivor_id=people["Cedar"].pk, absorbed_id=people["Douglas"].pk, actor=admin_user, reason="x", override=True
    )
    merging.undo(undone, actor=admin_user)
    aliases = Alias.objects.filter(entity=people["Elm"], name="Alias Elm").values_list("pk", flat=True)
    merging.split(source_id=people["Elm"].pk, name="Other Elm", rows={"aliases": list(aliases)}, actor=admin_user)
    judging.judge(people["Fir"].pk, people["Cedar"].pk, "unsure", actor=admin_user, reason="who knows")
    judging.judge(people["Fir"].pk, people["Cedar"].pk, "different", actor=admin_user, reason="now I know")
    editing.withdraw_fact(Alias.objects.get(entity=people["Fir"], name="Alias Fir"), admin_user)
    takedown.take_down_field(people["Fir"], "description", actor=admin_user, reason="private")
    takedown.suppress(people["Gorse"], actor=admin_user, reason="asked")
    article_takedown.take_down([Article.objects.get(title="Two")], actor=admin_user, reason="order")
    SavedSearch.objects.create(owner=admin_user, name="Mayors", query={"q": "mayor"})
    return people


def whole() -> str:
    return "".join(archive.write())


def test_out_and_in_and_out_again_is_equal_byte_for_byte(lived_in, tmp_path):
    for model in (ArticleRevision, Link, SurfacePrior, Merge, Split, Judgement, Event):
        assert model.objects.exists(), model
    assert Link.objects.exclude(actor=None).exclude(superseded_at=None).exists()
    rows, out = dump(articles=True), tmp_path / "all.jsonl.gz"
    first = whole()
    call_command("export_archive", out=out)
    empty()
    call_command("import_archive", out, verbosity=0)
    assert whole() == first
    assert dump(articles=True) == rows
    again = tmp_path / "again.jsonl.gz"
    call_command("export_archive", out=again)
    assert again.read_bytes() == out.read_bytes()


def test_people_are_known_by_name_and_those_who_were_not_there_cannot_log_in(lived_in):
    text = whole()
    empty(users=True)
    archive.read(text.splitlines(keepends=True))
    user = get_user_model().objects.get()
    assert (user.username, user.is_active, user.has_usable_password()) == ("admin", False, False)
    assert Link.objects.filter(actor=user).exists()
    assert "password" not in text
    assert whole() == text


def test_jobs_claims_and_secrets_of_feeds_stay_behind(lived_in):
    nonce = SavedSearch.objects.get().nonce
    text = whole()
    assert nonce not in text
    assert "claimed" not in text
    empty()
    archive.read(text.splitlines(keepends=True))
    assert not ImportJob.objects.exists()
    assert SavedSearch.objects.get().nonce not in ("", nonce)


def test_what_came_in_works_as_before(lived_in, tmp_path, admin_user):
    told = [line.what for line in history.history_of(lived_in["Alder"])]
    text = whole()
    empty()
    archive.read(text.splitlines(keepends=True))
    people = {name: Entity.objects.get(pk=entity.pk) for name, entity in lived_in.items()}
    assert [(one.name, one.examples) for one in inspect(store=False) if one.count] == []
    assert Entity.objects.resolve(lived_in["Birch"].public_id) == people["Alder"]
    assert [line.what for line in history.history_of(people["Alder"])] == told
    assert [c.entity_id for c in CandidateIndex().exact(["Person Cedar"])["Person Cedar"]] == [people["Cedar"].pk]
    # The merge of elsewhere is undone here, with the human link going back to where it was.
    merging.undo(Merge.objects.get(undone_at=None), actor=admin_user, choices={})
    assert Entity.objects.get(pk=people["Birch"].pk).is_current
    assert Link.objects.live().get(mention__surface="Person Birch").entity_id == people["Birch"].pk
    # What was taken down stays down, what was imported is known.
    report = import_files([tmp_path / "records.jsonl"])
    assert (report.created, report.withheld) == (0, 1)
    news = tmp_path / "again.jsonl"
    news.write_text(json.dumps({"url": "https://n.example/2", "text": STORY}) + "\n")
    assert import_articles([news], Options(use_ner=False)).new == 0
    # And new rows get new keys.
    editing.create_record(Entity(kind="person", name="Somebody New"), admin_user)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda lines: lines[:-1], "torn"),
        (lambda lines: lines[1:], "no Refdesk archive"),
        (lambda lines: [*lines[:-2], lines[-1]], "changed or torn"),
        (lambda lines: [*lines[:5], "{\n", *lines[5:]], "line 6: no JSON"),
        (lambda lines: [*lines[:5], '{"table": "auth.user", "row": {"id": 1}}\n', *lines[5:]], "line 6: 'auth.user'"),
        (lambda lines: [lines[0], re.sub(r'"id":\d+', '"id":"x"', lines[1], count=1), *lines[2:]], "line 2"),
        (lambda lines: [lines[0].replace("1}", "99}"), *lines[1:]], "version 99"),
        (lambda lines: [*lines, lines[1]], "after the end"),
        (lambda lines: [*lines[:5], "[" * 100_000 + "\n", *lines[5:]], "line 6"),
    ],
    ids=["no foot", "no head", "a row less", "no JSON", "another table", "no key", "version", "more", "nested"],
)
def test_a_spoilt_file_changes_nothing_and_says_what_is_wrong(lived_in, spoil, says):
    lines = whole().splitlines(keepends=True)
    empty()
    with pytest.raises(archive.archive.ArchiveError, match=says):
        archive.read(spoil(lines))
    assert not Entity.objects.exists()


def test_a_database_that_holds_something_is_refused(lived_in, tmp_path):
    out = tmp_path / "all.jsonl"
    call_command("export_archive", out=out)
    with pytest.raises(CommandError, match="empty"):
        call_command("import_archive", out, verbosity=0)


def test_an_empty_database_is_an_archive_too():
    lines = whole().splitlines(keepends=True)
    assert len(lines) == 2
    assert set(archive.read(lines).values()) == {0}


def test_what_was_taken_down_is_in_no_archive(lived_in):
    text = whole()
    for gone in ("Gorse", "known as Fir", "Brightwater", "Two"):
        assert gone not in text, gone
    assert Candidate.objects.filter(entity=lived_in["Gorse"]).count() == 0
    assert not Link.objects.filter(entity=lived_in["Gorse"]).exclude(status=Outcome.NIL).exists()
