"""Mentions of a record that a split may send to another one."""

from __future__ import annotations

from django.db.models import Count, Q
from django.dispatch import receiver

from articles.curation.passages import passage_of
from articles.models import Article, Link
from entities.curation.parting import Choice, Part
from entities.matching.dates import partial_date
from entities.models import Entity
from entities.signals import parts_asked

SURFACES = 40  # surface forms offered as a whole


def _where(article: Article) -> str:
    return ", ".join(filter(None, [article.title, partial_date(article.published_on)]))


@receiver(parts_asked, dispatch_uid="articles.parting")
def mentions_of(
    sender, source: Entity, limit: int | None, like: str = "", surfaces: list[str] | None = None, **_
) -> Part | None:
    """Mentions linked to a record, the latest articles first, with their sentences; and its surface forms."""
    links = Link.objects.live().filter(entity=source.pk)
    if surfaces is not None:
        pks = links.filter(mention__surface__in=surfaces).order_by("mention_id").values_list("mention_id", flat=True)
        return Part("mentions", "Mentions", [Choice(pk, "", "") for pk in pks])
    counted = links.order_by().values("mention__surface").annotate(n=Count("pk")).order_by("-n", "mention__surface")
    many = [(row["mention__surface"], row["n"], False) for row in counted[:SURFACES]]
    if not many:
        return None
    shown = links.select_related("mention__article").order_by("-mention__article__published_on", "-mention_id")
    if like:
        shown = shown.filter(
            Q(mention__surface__icontains=like)
            | Q(mention__article__title__icontains=like)
            | Q(mention__article__published_on__startswith=like)
        )
    rows = [
        Choice(
            link.mention_id, link.mention.surface, _where(link.mention.article),
            link.mention.article.source, html=passage_of(link.mention.article, link.mention, around=0).html,
        )
        for link in shown[:limit]
    ]  # fmt: skip
    return Part("mentions", "Mentions", rows, links.count(), many)
