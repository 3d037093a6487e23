"""The review queue: doubtful links, pairs that may be one record, names that no record answers to.

One way for all three: ordered by what a decision is worth, filtered, and claimed while open, so that two curators never
look at the same item. A claim runs out by itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import log2

from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from articles import review
from articles.models import Link, Mention, NilGroup
from entities.models import DuplicateSuggestion, Entity, Judgement, Relation

CLAIM = timedelta(minutes=10)
COUNTED = 5_000  # of a longer queue a page says “more than”: every decision counts anew


class Queue(StrEnum):
    """What waits for people."""

    LINKS = "links"
    DUPLICATES = "duplicates"
    PROPOSALS = "proposals"


#: Queues in which a verdict “unsure” sets an item aside.
WITH_ASIDE = (Queue.LINKS, Queue.DUPLICATES)
_MODELS = {Queue.LINKS: Link, Queue.DUPLICATES: DuplicateSuggestion, Queue.PROPOSALS: NilGroup}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which items are wanted; empty means all."""

    kind: str = ""  # of the record in question, or of the proposal
    state: int | None = None  # key of a state that the record belongs to
    outlet: str = ""  # the article's source
    language: str = ""  # the article's
    max_age_days: int | None = None  # of the link, the suggestion, or of the group's latest article
    is_aside: bool = False  # those that a person set aside as unsure, in place of those that wait


def waiting(queue: Queue, filters: Filters = Filters()) -> models.QuerySet:  # noqa: B008 frozen
    """Open items, those worth most first; the order ends with the key."""
    since = timezone.now() - timedelta(days=filters.max_age_days) if filters.max_age_days else None
    if queue is Queue.LINKS:
        rows = Link.objects.set_aside() if filters.is_aside else Link.objects.doubtful()
        rows = rows.filter(mention__article__withdrawn_at=None)
        if filters.kind:
            rows = rows.filter(entity__kind=filters.kind)
        if filters.state:
            rows = rows.filter(entity__in=_of_state(filters.state))
        if filters.outlet:
            rows = rows.filter(mention__article__source=filters.outlet)
        if filters.language:
            rows = rows.filter(mention__article__language=filters.language)
        if since:
            rows = rows.filter(made_at__gte=since)
        return rows.select_related("mention__article", "entity").order_by("-priority", "pk")
    if queue is Queue.DUPLICATES:
        rows = DuplicateSuggestion.objects.filter(a__merged_into__isnull=True, b__merged_into__isnull=True)
        unsure = Judgement.objects.filter(
            a=OuterRef("a"), b=OuterRef("b"), superseded_at=None, verdict=Judgement.Verdict.UNSURE
        )
        rows = rows.exclude(closed_at=None).filter(Exists(unsure)) if filters.is_aside else rows.filter(closed_at=None)
        if filters.kind:
            rows = rows.filter(a__kind=filters.kind)
        if filters.state:
            ours = _of_state(filters.state)
            rows = rows.filter(Q(a__in=ours) | Q(b__in=ours))
        if since:
            rows = rows.filter(suggested_at__gte=since)
        return rows.select_related("a", "b").order_by("-priority", "pk")
    rows = NilGroup.objects.filter(status=NilGroup.Status.OPEN, mention_count__gt=0)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    mentions = Mention.objects.all()
    if filters.outlet:
        mentions = mentions.filter(article__source=filters.outlet)
    if filters.language:
        mentions = mentions.filter(article__language=filters.language)
    if since:
        mentions = mentions.filter(article__imported_at__gte=since)
    if filters.outlet or filters.language or since:
        rows = rows.filter(pk__in=mentions.exclude(nil_group=None).values("nil_group_id"))
    return rows.order_by("-article_count", "-mention_count", "pk")


def _of_state(pk: int) -> models.QuerySet:
    ties = Relation.objects.in_use().filter(type=Relation.Type.STATE, target=pk).values("entity_id")
    return Entity.objects.filter(Q(pk=pk) | Q(pk__in=ties)).values("pk")


def counts() -> dict[Queue, int]:
    """How many items wait in each queue."""
    return {queue: waiting(queue).order_by().count() for queue in Queue}


def tally(queue: Queue, user, filters: Filters = Filters()) -> tuple[int, int]:  # noqa: B008 frozen
    """How many items wait, counted up to ``COUNTED``, and how many items of the queue others have open."""
    model = _MODELS[queue]
    others = model.objects.filter(claimed_until__gte=timezone.now()).exclude(claimed_by=user)
    if queue is Queue.LINKS:
        others = others.filter(superseded_at=None)
    return tally_of(queue, filters), others.count()


def tally_of(queue: Queue, filters: Filters = Filters()) -> int:  # noqa: B008 frozen
    """How many items wait, counted up to ``COUNTED``: quick however long the queue is."""
    return waiting(queue, filters)[:COUNTED].count()


# --- Claims ----------------------------------------------------------------------------------------------------------
def _free_for(user) -> Q:
    return Q(claimed_until=None) | Q(claimed_until__lt=timezone.now()) | Q(claimed_by=user)


def free(queue: Queue, user) -> models.QuerySet:
    """What waits and nobody else has open."""
    return waiting(queue).filter(_free_for(user))


@transaction.atomic
def claim_next(queue: Queue, user, filters: Filters = Filters(), skip: Collection[int] = ()):  # noqa: B008 frozen
    """The best item that nobody else has open, now this user's for ten minutes; None when nothing waits.

    Args:
        skip: keys of items that the user skipped.
    """
    rows = waiting(queue, filters).filter(_free_for(user)).exclude(pk__in=list(skip))
    item = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if item is not None:
        _claim(item, user)
    return item


@transaction.atomic
def claim(queue: Queue, pk: int, user, *, is_aside: bool = False):
    """One item, claimed; None if it is closed or somebody else has it open.

    Args:
        is_aside: it is one that was set aside as unsure: nobody decides over a verdict that he has not seen.
    """
    rows = waiting(queue, Filters(is_aside=is_aside)).filter(_free_for(user), pk=pk)
    item = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if item is not None:
        _claim(item, user)
    return item


def _claim(item, user) -> None:
    item.claimed_by, item.claimed_until = user, timezone.now() + CLAIM
    item.save(update_fields=["claimed_by", "claimed_until"])


def release(item, user) -> None:
    """Give an item back, if it is the user's."""
    type(item).objects.filter(pk=item.pk, claimed_by=user).update(claimed_by=None, claimed_until=None)


def release_all(user, queue: Queue | None = None, pk: int | None = None) -> int:
    """Give back what a user has open: in all queues, in one, or one item of it; the number of items."""
    count = 0
    for name, model in _MODELS.items():
        if queue in (None, name):
            held = model.objects.filter(claimed_by=user)
            held = held.filter(pk=pk) if pk is not None else held
            count += held.update(claimed_by=None, claimed_until=None)
    return count


def upcoming(queue: Queue, user, filters: Filters = Filters(), skip: Collection[int] = (), count: int = 2) -> list:  # noqa: B008
    """The items that come next, unclaimed and without their texts: for a list of what is ahead."""
    rows = waiting(queue, filters).filter(_free_for(user)).exclude(pk__in=list(skip))
    if queue is Queue.LINKS:
        rows = rows.defer("evidence", "mention__article__text", "mention__article__segments")
    return list(rows[:count])


# --- One decision for many mentions ----------------------------------------------------------------------------------
def same_surface(link: Link, user=None) -> models.QuerySet:
    """Every doubtful link of the same words, of the same sort: what “always” reaches."""
    return review.open_alike(link.mention, user)


def same_article(link: Link, user=None) -> models.QuerySet:
    """Every doubtful link of the same words in the same article."""
    return same_surface(link, user).filter(mention__article=link.mention.article_id)


# --- Worth -----------------------------------------------------------------------------------------------------------
def refresh_priorities() -> int:
    """Order doubtful links by what a decision is worth: how near to even odds, and how many like it wait.

    Returns the number of links whose place changed. Cheap enough to be run after each import and each night.
    """
    rows = Link.objects.doubtful()
    alike = dict(
        rows.order_by().values_list("mention__surface").annotate(n=Count("pk")).values_list("mention__surface", "n")
    )
    changed = []
    count = 0
    for link in (
        rows.select_related("mention").only("pk", "probability", "priority", "mention__surface").iterator(2_000)
    ):
        worth = round((1 - abs(2 * link.probability - 1)) * log2(1 + alike.get(link.mention.surface, 1)), 4)
        if abs(worth - link.priority) > 1e-6:
            link.priority = worth
            changed.append(link)
        if len(changed) >= 1_000:
            count += _store(changed)
    return count + _store(changed)


def _store(changed: list[Link]) -> int:
    count = len(changed)
    Link.objects.bulk_update(changed, ["priority"], batch_size=500)
    changed.clear()
    return count
