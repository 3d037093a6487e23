"""The desk as a whole: every list and page costs the same for 10 rows and for 1,000, every figure leads to its list."""

from __future__ import annotations

import itertools
import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from articles.models import Article, ArticleTakedown, Candidate, ImportJob, Link, Mention, NilGroup
from config.models import ApiToken
from entities import merging
from entities.merging.facts import last_rows
from entities.models import (
    Alias,
    DuplicateSuggestion,
    Entity,
    Erasure,
    Event,
    Identifier,
    Judgement,
    Merge,
    Relation,
    Source,
    Split,
    Takedown,
    Term,
)
from tests.factories import make_article, make_mention, make_record, make_term

pytestmark = pytest.mark.django_db

FEW, MANY = 10, 1_000


@pytest.fixture
def chief() -> User:
    return User.objects.create_superuser("chief")


@pytest.fixture
def desk(chief) -> Client:
    client = Client()
    client.force_login(chief)
    return client


# --- Rows of every sort ----------------------------------------------------------------------------------------------
_numbers = itertools.count()


def fill(count: int, actor: User) -> None:
    """So many rows of everything that a list of the admin shows, each with all that it may refer to."""
    start = next(_numbers) * 10_000
    names = [f"Name {start + number}" for number in range(count)]
    source = Source.objects.create(name=f"Source of {start}", licence="CC0-1.0")
    state = make_record(f"State {start}", "state")
    ones = Entity.objects.bulk_create(Entity(kind="person", name=name, source=source) for name in names)
    twos = Entity.objects.bulk_create(Entity(kind="person", name=f"{name} too", valid_from="1950") for name in names)
    pairs = list(zip(ones, twos, strict=True))
    gone = Entity.objects.bulk_create(Entity(kind="person", name=f"{name} once", merged_into=one)
                                      for name, one in zip(names, ones, strict=True))  # fmt: skip
    own = [{"entity": one, "origin": one, "source": source} for one in ones]
    Alias.objects.bulk_create(Alias(**said, name=said["entity"].name, key=said["entity"].name.lower()) for said in own)
    Identifier.objects.bulk_create(Identifier(**said, scheme="viaf", value=said["entity"].name) for said in own)
    # Two offices at once: each of these is on the radar.
    for title, place in (("President", state), ("President", make_record(f"Other state {start}", "state"))):
        Term.objects.bulk_create(Term(**said, title=title, state=place, start="1990", end="1995") for said in own)
    Relation.objects.bulk_create(Relation(**said, type="state", target=state) for said in own)
    Source.objects.bulk_create(Source(name=name, licence="none") for name in names)
    Judgement.objects.bulk_create(Judgement(a=a, b=b, verdict="same", actor=actor) for a, b in pairs)
    DuplicateSuggestion.objects.bulk_create(
        DuplicateSuggestion(a=a, b=b, probability=0.5, priority=0.5, reasons=["equal names"]) for a, b in pairs
    )
    apart = list(zip(twos, twos[1:], strict=False))  # set aside as unsure
    Judgement.objects.bulk_create(Judgement(a=a, b=b, verdict="unsure", actor=actor) for a, b in apart)
    DuplicateSuggestion.objects.bulk_create(
        DuplicateSuggestion(a=a, b=b, probability=0.5, reasons=["equal names"], closed_at=timezone.now())
        for a, b in apart
    )
    inverse = {"changes": [], "twins": {}, "values": {}, "before": {}, "fields": {}, "in_spite_of": [], "said": {},
               "last": last_rows(), "event": 0}  # fmt: skip
    Merge.objects.bulk_create(
        Merge(survivor=one, absorbed=old, actor=actor, inverse=inverse) for one, old in zip(ones, gone, strict=True)
    )
    Split.objects.bulk_create(Split(source=a, target=b, is_new=False, actor=actor, inverse=inverse) for a, b in pairs)
    Event.objects.bulk_create(
        Event(entity=a, other=b, type="judged", actor=actor, after={"verdict": "same"}) for a, b in pairs
    )
    Erasure.objects.bulk_create(Erasure(actor=actor, reason=name, events=1) for name in names)
    Takedown.objects.bulk_create(
        Takedown(entity=one, sort="alias", salt=name, reason=name, actor=actor)
        for one, name in zip(ones, names, strict=True)
    )
    _fill_news(names, ones, twos, actor)
    users = User.objects.bulk_create(User(username=name, is_staff=True) for name in names)
    Group.objects.bulk_create(Group(name=name) for name in names)
    ApiToken.objects.bulk_create(
        ApiToken(name=user.username, owner=user, prefix="x", digest=f"digest {user.pk}") for user in users
    )


def _fill_news(names: list[str], ones: list[Entity], twos: list[Entity], actor: User) -> None:
    job = ImportJob.objects.create(path="first", created_by=actor)
    ImportJob.objects.bulk_create(ImportJob(path=name, created_by=actor, status="running") for name in names)
    groups = NilGroup.objects.bulk_create(
        NilGroup(key=name.lower(), name=f"Doe of {name}", kind="person", mention_count=1, article_count=1)
        for name in names
    )
    articles = Article.objects.bulk_create(
        Article(dedupe_key=name, text_hash=name, title=name, source="Gazette", text="Smith met Jones and Doe.", job=job,
                published_on="1992-01-01", segments=[[0, 24, "body"]])
        for name in names
    )  # fmt: skip
    ArticleTakedown.objects.bulk_create(
        ArticleTakedown(article=article, words=str(article.pk), reason="order", actor=actor) for article in articles
    )
    for surface, start in (("Smith", 0), ("Jones", 10), ("Doe", 20), ("met", 6)):
        mentions = Mention.objects.bulk_create(
            Mention(article=article, start=start, end=start + len(surface), surface=surface, type="PERSON", chain=start,
                    nil_group=group if surface == "Doe" else None)
            for article, group in zip(articles, groups, strict=True)
        )  # fmt: skip
        status = {"Smith": "review", "Jones": "linked", "Doe": "nil", "met": "review"}[surface]
        said = [
            {"mention": mention, "entity": one if status != "nil" else None, "status": status, "probability": 0.5}
            for mention, one in zip(mentions, ones, strict=True)
        ]
        if surface == "Jones":  # confirmed by a person
            Link.objects.bulk_create(Link(**one, superseded_at=timezone.now()) for one in said)
        by = actor if surface in ("Jones", "met") else None  # the last is set aside as unsure
        Link.objects.bulk_create(Link(**one, actor=by) for one in said)
        Candidate.objects.bulk_create(
            Candidate(mention=mention, entity=entity, rank=rank, probability=0.4)
            for mention, *both in zip(mentions, ones, twos, strict=True)
            for rank, entity in enumerate(both, 1)
        )


def counted(client: Client, address: str) -> int:
    """The queries of one request, with nothing kept from an earlier one."""
    cache.clear()
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return len(caught)


# --- Lists and pages -------------------------------------------------------------------------------------------------
LISTS = {
    f"{model._meta.app_label}_{model._meta.model_name}": reverse(
        f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    )
    for model in admin.site._registry
}
#: Pages of curation that show what waits or what there is, whatever record they are about.
QUEUES = ("links/", "duplicates/", "proposals/", "scorecard/", "scorecard/decisions/")
ASIDE = ("links/?aside=1", "duplicates/?aside=1", "proposals/ahead/?shown=20", "duplicates/ahead/?shown=20")
PAGES = [
    "/admin/",
    *(f"/admin/curation/review/{name}" for name in (*QUEUES, *ASIDE)),
    "/admin/curation/radar/",
    "/admin/curation/radar/?fine=1",
]


def test_every_list_and_page_costs_the_same_queries_for_ten_rows_and_for_a_thousand(desk, chief):
    addresses = [*LISTS.values(), *PAGES]
    fill(FEW, chief)
    for address in addresses:  # what is loaded once in a process
        desk.get(address)
    few = {address: counted(desk, address) for address in addresses}
    fill(MANY - FEW, chief)
    assert {address: counted(desk, address) for address in addresses} == few
    for name, address in LISTS.items():
        shown = desk.get(address).context["cl"]
        assert shown.result_count >= MANY - FEW, f"the list of {name} was not put to the test"
    assert max(few.values()) < 60


def rich(name: str, rows: int) -> Entity:
    """A record with so many facts of each sort, references to it, mentions, verdicts and events."""
    record, state = make_record(name), make_record(f"State of {name}", "state")
    others = Entity.objects.bulk_create(Entity(kind="organization", name=f"{name} {n}") for n in range(rows))
    keys = {"entity": record, "origin": record}
    Alias.objects.bulk_create(Alias(**keys, name=f"{name} {n}", key=f"{name} {n}".lower()) for n in range(rows))
    Identifier.objects.bulk_create(Identifier(**keys, scheme="viaf", value=f"{name}{n}") for n in range(rows))
    Relation.objects.bulk_create(Relation(**keys, type="member", target=other) for other in others)
    Relation.objects.bulk_create(Relation(entity=o, origin=o, type="party", target=record) for o in others)
    Term.objects.bulk_create(Term(**keys, title=f"Minister {n}", state=state, start="1990") for n in range(rows))
    text = " ".join(f"{name}, {n}." for n in range(rows))
    article = make_article(f"{text} Then {name} came.")
    starts = [match.start() for match in re.finditer(re.escape(f"{name},"), text)]
    mentions = Mention.objects.bulk_create(
        Mention(article=article, start=at, end=at + len(name), surface=name, type="PERSON", chain=at) for at in starts
    )
    Link.objects.bulk_create(Link(mention=one, entity=record, status="linked", probability=0.9) for one in mentions)
    Event.objects.bulk_create(
        Event(entity=record, other=state, type="edited", before={"name": f"{n}"}, after={"name": f"{n + 1}"})
        for n in range(rows)
    )
    return record


def test_every_page_of_a_record_costs_the_same_queries_for_ten_facts_and_for_a_thousand(desk, chief):
    third = make_record("Third")
    make_mention(
        make_article("Smith left."), "Smith", third, status="review", candidates=[third]
    )  # "always" reaches one
    counts: list[dict[str, int]] = []
    for record in (rich("Few", FEW), rich("Many", MANY)):
        link = make_mention(make_article("Then Smith came."), "Smith", record, status="review", candidates=[record])
        pair = DuplicateSuggestion.objects.create(a=third, b=record, probability=0.5)
        group = NilGroup.objects.create(key=record.name.lower(), name=record.name, kind="person", mention_count=1)
        Mention.objects.filter(surface=record.name).update(nil_group=group)
        addresses = {
            "curation-merge": f"/admin/curation/merge/?ids={third.pk},{record.pk}",
            "curation-split": f"/admin/curation/split/{record.pk}/",
            "curation-history": f"/admin/curation/history/{record.pk}/?on=2199-01-01",
            "curation-takedown": f"/admin/curation/takedown/{record.pk}/",
            "curation-takedown-confirm": f"/admin/curation/takedown/{record.pk}/field/name/",
            "review": f"/admin/curation/review/links/?at={link.links.get().pk}",
            "pair": f"/admin/curation/review/duplicates/?at={pair.pk}",
            "name": f"/admin/curation/review/proposals/?at={group.pk}",
            "review-find": f"/admin/curation/review/proposals/{group.pk}/find/?q={record.name}",
            "review-reach": f"/admin/curation/review/links/{link.links.get().pk}/reach/?scope=always",
            "record": f"/admin/entities/entity/{record.pk}/change/",
        }
        found = {}
        for name, address in addresses.items():
            desk.get(address)
            found[name] = counted(desk, address)
        group.delete()
        done = merging.merge(survivor_id=make_record().pk, absorbed_id=record.pk, actor=chief)
        found["curation-merged"] = counted(desk, f"/admin/curation/merge/{done.pk}/")
        merging.undo(done, actor=chief)
        names = list(Alias.objects.filter(entity=record).exclude(name=record.name).values_list("pk", flat=True))
        parted = merging.split(source_id=record.pk, name="Other", rows={"aliases": names}, actor=chief)
        found["curation-parted"] = counted(desk, f"/admin/curation/splits/{parted.pk}/")
        counts.append(found)
    assert counts[1] == counts[0]
    assert max(counts[0].values()) < 60


def test_no_page_of_curation_is_left_out_of_these_tests():
    """A new page belongs into one of the lists above."""
    routes = {
        pattern.name
        for resolver in get_resolver().url_patterns
        if str(resolver.pattern).startswith("admin/curation/")
        for pattern in resolver.url_patterns
    }
    asked_here = {"review", "scorecard", "scorecard-decisions", "curation-radar", "curation-merge", "curation-split",
                  "curation-history", "curation-merged", "curation-parted", "review-reach", "review-find", "review-ahead",
                  "curation-takedown", "curation-takedown-confirm"}  # fmt: skip
    forms = {"review-undo", "review-unskip", "review-release", "review-reject", "curation-radar-dismiss",
             "curation-radar-undo", "curation-inspection", "curation-merge-undo", "curation-merge-redo",
             "curation-split-undo", "curation-split-redo", "curation-takedown-lift"}  # fmt: skip
    parts_of_pages = {"review-item", "review-first"}
    assert routes == asked_here | forms | parts_of_pages


# --- The first page --------------------------------------------------------------------------------------------------
def test_every_list_with_filters_that_are_chosen_has_a_way_to_apply_them(desk):
    seen = 0
    for model, options in admin.site._registry.items():
        page = desk.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")).content.decode()
        if "<select" not in page.partition('id="changelist-filter"')[2]:
            continue
        seen += 1
        assert "Apply Filters" in page, options
    assert seen >= 10


def test_every_figure_leads_to_a_list_of_as_many(desk, chief):
    fill(7, chief)
    cache.clear()
    page = desk.get("/admin/")
    figures = {one["label"]: one for part in ("waiting", "stock") for one in page.context[part]}
    assert {label for label, one in figures.items() if not one["count"]} == set()
    for label, one in figures.items():
        listed = desk.get(one["href"]).context
        count = listed["cl"].result_count if "cl" in listed else listed["waiting"]
        assert count == one["count"], label
    # Chief's links are decisions: the scorecard's figure, too.
    address = re.search(r'href="([^"]+/scorecard/decisions/[^"]+)"', page.content.decode()).group(1)
    assert desk.get(address).context["page"].paginator.count == page.context["card"].total.decided == 7
    assert [(tally.label, tally.decided) for tally, _ in page.context["kinds"]] == [("People", 7)]
    for tally, href in page.context["kinds"]:
        assert desk.get(href).context["page"].paginator.count == tally.decided


def test_every_chart_has_its_table(desk, chief):
    fill(3, chief)
    for address in ("/admin/", "/admin/curation/review/scorecard/"):
        html = desk.get(address).content.decode()
        assert html.count("<figure") == html.count("As a table") >= 1


def test_what_runs_and_what_was_found_is_told_on_the_first_page(desk, chief):
    html = desk.get("/admin/").content.decode()
    assert "No integrity check yet" in html
    ImportJob.objects.create(path="/news/2026.jsonl", status="running", rows_read=120, created_by=chief)
    from django.core.management import call_command

    make_term(make_record("Alone"), "Envoy")
    with pytest.raises(SystemExit):  # names that factories made were never put into the index
        call_command("fsck")
    html = desk.get("/admin/").content.decode()
    assert "2026.jsonl" in html
    assert "/news/" not in html, "where a file lies on the server tells a curator nothing"
    assert "fsck" not in html
    assert "index_complete" in html
