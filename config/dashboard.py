"""The admin's navigation, and the figures on its first page. Every figure leads to its list."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.core.cache import cache
from django.db.models import CharField, Count, Func
from django.urls import reverse, reverse_lazy

from articles import queue as queues
from articles.charts import parts_of
from articles.models import Article, ImportJob, Link
from articles.queue import Queue
from articles.scorecard import scorecard
from entities.matching.types import Outcome
from entities.models import Entity, Inspection, Judgement
from entities.reading import KIND_PLURALS

WEEKS = 12
NAMES = 10  # unknown names, pairs: the first of each queue
PAIRS = 5
KEPT_SECONDS = 60  # what counts all links is counted once a minute


def _item(title: str, icon: str, name: str, permission: str, query: str = "") -> dict:
    link = reverse_lazy(f"admin:{name}_changelist")
    return {
        "title": title,
        "icon": icon,
        "link": (lambda request: f"{link}{query}") if query else link,
        "permission": lambda request: request.user.has_perm(permission),
    }


def _page(title: str, icon: str, link, permission: str) -> dict:
    return {
        "title": title,
        "icon": icon,
        "link": link,
        "permission": lambda request: request.user.has_perm(permission),
    }


def navigation(request) -> list[dict]:
    """The side bar: what curators open, what they look up, what runs behind."""
    return [
        {
            "title": "To review",
            "items": [
                _page("Doubtful links", "rule", reverse_lazy("review", args=["links"]), "articles.view_link"),
                _page("Possible duplicates", "difference", reverse_lazy("review", args=["duplicates"]),
                      "entities.view_duplicatesuggestion"),
                _page("Unknown names", "person_search", reverse_lazy("review", args=["proposals"]),
                      "articles.view_nilgroup"),
                _page("Wrong merges?", "call_split", reverse_lazy("curation-radar"), "entities.view_entity"),
                _page("Scorecard", "speed", reverse_lazy("scorecard"), "articles.view_link"),
            ],
        },
        {
            "title": "Reference",
            "items": [
                _item("Records", "menu_book", "entities_entity", "entities.view_entity"),
                _item("Sources", "source", "entities_source", "entities.view_source"),
            ],
        },
        {
            "title": "News",
            "items": [
                _item("Articles", "article", "articles_article", "articles.view_article"),
                _item("Links", "link", "articles_link", "articles.view_link"),
                _item("All unknown names", "group_add", "articles_nilgroup", "articles.view_nilgroup"),
                _item("Imports", "download", "articles_importjob", "articles.view_importjob"),
            ],
        },
        {
            "title": "Decisions",
            "items": [
                _item("Suggested pairs", "join_inner", "entities_duplicatesuggestion",
                      "entities.view_duplicatesuggestion"),
                _item("Verdicts", "balance", "entities_judgement", "entities.view_judgement"),
                _item("Merges", "merge", "entities_merge", "entities.view_merge"),
                _item("Splits", "call_split", "entities_split", "entities.view_split"),
                _item("History", "history", "entities_event", "entities.view_event"),
                _item("Taken down", "block", "entities_takedown", "entities.view_takedown"),
                _item("Articles taken down", "block", "articles_articletakedown", "articles.view_articletakedown"),
                _item("Erased", "ink_eraser", "entities_erasure", "entities.view_erasure"),
            ],
        },
        {
            "title": "Accounts",
            "items": [
                _item("API tokens", "key", "config_apitoken", "config.view_apitoken"),
                _item("Users", "person", "auth_user", "auth.view_user"),
                _item("Groups", "group", "auth_group", "auth.view_group"),
            ],
        },
        {"title": "Help", "items": [{"title": "Keys", "icon": "keyboard", "link": "#keys"}]},
    ]  # fmt: skip


def figures(request, context: dict) -> dict:
    """The first page: what waits for a person, and what is there. Each figure only for those who may see its list.

    ``?part=inspection`` is the part about the integrity check alone, for a page that waits for it.
    """
    allowed = request.user.has_perm
    if request.GET.get("part") == "inspection":
        return {**context, **_inspection(request), "title": "Overview", "is_part": True}
    parts: dict = {"waiting": [], "stock": []}

    def add(to: str, permission: str, label: str, count, href: str, **more) -> None:
        if allowed(permission):
            parts[to].append({"label": label, "count": count(), "href": href, **more})

    def changelist(name: str, query: str = "") -> str:
        return reverse(f"admin:{name}_changelist") + query

    for queue, label, permission in (
        (Queue.LINKS, "Doubtful links", "articles.view_link"),
        (Queue.DUPLICATES, "Possible duplicates", "entities.view_duplicatesuggestion"),
        (Queue.PROPOSALS, "Unknown names", "articles.view_nilgroup"),
    ):
        address = reverse("review", args=[queue])
        add("waiting", permission, label, lambda queue=queue: _waiting(queue), address, is_queue=True)
    add("waiting", "entities.merge_entity", "Judged the same, to be merged",
        Judgement.objects.to_be_merged().count, changelist("entities_judgement", "?standing=merge"),
        is_queue=True)  # fmt: skip
    unlinked = Article.objects.visible().filter(linked_at=None)
    running = ImportJob.objects.filter(status__in=[ImportJob.Status.QUEUED, ImportJob.Status.RUNNING])
    add("waiting", "articles.view_article", "Articles to be linked", unlinked.count,
        changelist("articles_article", "?linked=no"))  # fmt: skip
    add("waiting", "articles.view_importjob", "Imports waiting or running", running.count,
        changelist("articles_importjob", "?status__in=queued,running"))  # fmt: skip
    add("stock", "entities.view_entity", "Records", Entity.objects.current().count, changelist("entities_entity"))
    add("stock", "articles.view_article", "Articles", Article.objects.visible().count, changelist("articles_article"))
    linked = changelist("articles_link", "?status__exact=linked")
    add("stock", "articles.view_link", "Links", Link.objects.to_records().count, linked)
    if allowed("articles.view_link"):
        parts["weeks"] = parts_of(links_by_week())
        parts["links_href"] = linked
        parts["card"] = scorecard(WEEKS)
        kinds = {label: kind for kind, label in KIND_PLURALS.items()}
        decisions = f"{reverse('scorecard-decisions')}?weeks={WEEKS}"
        parts["kinds"] = [(tally, f"{decisions}&kind={kinds.get(tally.label, '')}") for tally in parts["card"].kinds]
    if allowed("articles.view_nilgroup"):
        parts["unknown_names"] = list(queues.waiting(Queue.PROPOSALS)[:NAMES])
    if allowed("entities.view_duplicatesuggestion"):
        parts["pairs"] = list(queues.waiting(Queue.DUPLICATES)[:PAIRS])
    if allowed("articles.view_importjob"):
        parts["imports"] = list(running.select_related("created_by")[:NAMES])
    return {**context, **parts, **_inspection(request), "title": "Overview", "dashboard_weeks": WEEKS}


def _inspection(request) -> dict:
    """The last integrity check, and one that was asked for."""
    if not request.user.has_perm("entities.view_entity"):
        return {}
    return {
        "inspection": Inspection.objects.exclude(inspected_at=None).order_by("-inspected_at", "-pk").first(),
        "inspection_asked": Inspection.objects.filter(inspected_at=None).select_related("asked_by").first(),
        "may_inspect": request.user.has_perm("entities.add_inspection"),
    }


def _waiting(queue: Queue) -> int:
    """The exact length of a queue; of a very long one it is a minute old at most."""
    count = queues.tally_of(queue)
    if count < queues.COUNTED:
        return count
    key = f"waiting:{queue}"
    kept = cache.get(key)
    if kept is None:
        kept = queues.waiting(queue).order_by().count()
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def links_by_week(weeks: int = WEEKS) -> list[tuple[str, int, int]]:
    """For each of the last weeks, from its Monday (UTC): mentions decided then that have a link, and all of them.

    One query that reads every live link, so its answer is kept for a minute.
    """
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday())
    days = [monday - timedelta(weeks=number) for number in range(weeks - 1, -1, -1)]
    key = f"links_by_week:{weeks}:{monday}"
    counted = cache.get(key)
    if counted is None:
        since = datetime(days[0].year, days[0].month, days[0].day, tzinfo=UTC)
        # The databases' own DATE: on SQLite Django's functions of dates are Python, called once for each row.
        day = Func("made_at", function="DATE", output_field=CharField())
        rows = Link.objects.live().filter(made_at__gte=since).order_by().values_list(day, "status")
        counted = [0] * weeks, [0] * weeks
        for label, status, count in rows.annotate(count=Count("pk")):
            week = min((date.fromisoformat(str(label)) - days[0]).days // 7, weeks - 1)
            counted[1][week] += count
            counted[0][week] += count if status == Outcome.LINK else 0
        cache.set(key, counted, KEPT_SECONDS)
    return [(day.isoformat(), *both) for day, *both in zip(days, *counted, strict=True)]
