"""The admin's navigation, and the figures on its first page. Every figure leads to its list."""

from __future__ import annotations

from django.urls import reverse, reverse_lazy

from articles.models import Article, ImportJob, Link, NilGroup
from entities.matching.types import Outcome
from entities.models import DuplicateSuggestion, Entity


def _item(title: str, icon: str, name: str, permission: str, query: str = "") -> dict:
    link = reverse_lazy(f"admin:{name}_changelist")
    return {
        "title": title,
        "icon": icon,
        "link": (lambda request: f"{link}{query}") if query else link,
        "permission": lambda request: request.user.has_perm(permission),
    }


def navigation(request) -> list[dict]:
    """The side bar: what curators open, what they look up, what runs behind."""
    return [
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
                _item("Unknown names", "person_search", "articles_nilgroup", "articles.view_nilgroup"),
                _item("Imports", "download", "articles_importjob", "articles.view_importjob"),
            ],
        },
        {
            "title": "Decisions",
            "collapsible": True,
            "items": [
                _item("Duplicate suggestions", "difference", "entities_duplicatesuggestion",
                      "entities.view_duplicatesuggestion"),
                _item("Judgements", "balance", "entities_judgement", "entities.view_judgement"),
                _item("Merges", "merge", "entities_merge", "entities.view_merge"),
                _item("History", "history", "entities_event", "entities.view_event"),
            ],
        },
        {
            "title": "People",
            "collapsible": True,
            "items": [
                _item("Users", "person", "auth_user", "auth.view_user"),
                _item("Groups", "group", "auth_group", "auth.view_group"),
            ],
        },
    ]  # fmt: skip


def figures(request, context: dict) -> dict:
    """The first page: what waits for a person, and what is there. Each figure only for those who may see its list."""
    allowed = request.user.has_perm
    waiting, stock = [], []

    def add(to: list, permission: str, label: str, count, name: str, query: str = "") -> None:
        if allowed(permission):
            to.append({"label": label, "count": count(), "href": reverse(f"admin:{name}_changelist") + query})

    live = Link.objects.live()
    add(
        waiting,
        "articles.view_link",
        "Doubtful links",
        lambda: live.filter(status=Outcome.REVIEW).count(),
        "articles_link",
        "?status__exact=review",
    )
    add(
        waiting,
        "entities.view_duplicatesuggestion",
        "Possible duplicates",
        lambda: DuplicateSuggestion.objects.filter(closed_at=None).count(),
        "entities_duplicatesuggestion",
    )
    add(
        waiting,
        "articles.view_nilgroup",
        "Unknown names",
        lambda: NilGroup.objects.filter(status=NilGroup.Status.OPEN).count(),
        "articles_nilgroup",
        "?status__exact=open",
    )
    add(
        waiting,
        "articles.view_article",
        "Articles to be linked",
        lambda: Article.objects.visible().filter(linked_at=None).count(),
        "articles_article",
        "?linked=no",
    )
    add(
        waiting,
        "articles.view_importjob",
        "Imports running",
        lambda: ImportJob.objects.filter(status__in=["queued", "running"]).count(),
        "articles_importjob",
    )
    add(stock, "entities.view_entity", "Records", lambda: Entity.objects.current().count(), "entities_entity")
    add(stock, "articles.view_article", "Articles", lambda: Article.objects.visible().count(), "articles_article")
    add(
        stock,
        "articles.view_link",
        "Links",
        lambda: live.filter(status=Outcome.LINK).count(),
        "articles_link",
        "?status__exact=linked",
    )
    names = []
    if allowed("articles.view_nilgroup"):
        names = list(NilGroup.objects.filter(status=NilGroup.Status.OPEN)[:10])
    return {**context, "waiting": waiting, "stock": stock, "unknown_names": names}  # fmt: skip
