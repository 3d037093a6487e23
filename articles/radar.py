"""What mentions add to the wrong-merge radar: a person in the news of two ages, with decades of silence between."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count
from django.db.models.functions import Substr
from django.dispatch import receiver

from articles.models import Link
from entities.matching.types import Kind
from entities.radar import Sign
from entities.signals import signs_asked

SILENT_DECADES = 4  # empty decades between two that have mentions: two lives rather than one
_ENOUGH = 2  # articles in a decade, below which a single wrong link would do


@receiver(signs_asked, dispatch_uid="articles.radar")
def disjoint_decades(sender, ids: list[int] | None = None, **_) -> Iterable[Sign]:
    """People mentioned in decades that are far apart."""
    links = Link.objects.to_records().filter(entity__kind=Kind.PERSON, entity__merged_into=None)
    if ids is not None:
        links = links.filter(entity__in=ids)
    rows = (
        links.exclude(mention__article__published_on="")
        .annotate(decade=Substr("mention__article__published_on", 1, 3))
        .order_by("entity_id", "decade")
        .values_list("entity_id", "decade")
        .annotate(articles=Count("mention__article_id", distinct=True))
    )
    last: tuple[int, int] | None = None
    found = []
    for entity, decade, articles in rows.iterator(chunk_size=2_000):
        if articles < _ENOUGH or not decade.isdigit():
            continue
        if last is not None and last[0] == entity and int(decade) - last[1] > SILENT_DECADES:
            text = f"in the news of the {last[1]}0s, then not before the {decade}0s"
            found.append(Sign(entity, "decades", text, 0.5))
        last = (entity, int(decade))
    return found
