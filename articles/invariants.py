"""What must always hold of articles, mentions and links: the checks that ``manage.py fsck`` runs beside those of
records."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q
from django.dispatch import receiver

from articles.models import Article, Link, Mention, NilGroup, SurfacePrior
from entities.invariants import Check
from entities.matching.types import Outcome
from entities.signals import checks_asked

_CHUNK = 200


def _offsets() -> Iterator[str]:
    rows = Mention.objects.order_by("article_id").values_list("pk", "article_id", "start", "end", "surface")
    current, text = None, ""
    for pk, article_id, start, end, surface in rows.iterator(chunk_size=2_000):
        if article_id != current:
            current, text = article_id, Article.objects.values_list("text", flat=True).get(pk=article_id)
        if text[start:end] != surface:
            yield f"mention {pk}: “{surface}” does not stand at {start}–{end} of article {article_id}"


def _one_live_link() -> Iterator[str]:
    rows = Mention.objects.annotate(live=Count("links", filter=Q(links__superseded_at=None))).exclude(live=1)
    for pk, live in rows.order_by("pk").values_list("pk", "live").iterator(chunk_size=2_000):
        yield f"mention {pk} has {live} live links"


def _links_on_live_records() -> Iterator[str]:
    rows = Link.objects.live().filter(entity__merged_into__isnull=False).order_by("pk")
    for pk, public_id in rows.values_list("pk", "entity__public_id").iterator(chunk_size=2_000):
        yield f"link {pk} points at {public_id}, which was merged into another record"


def _group_counts() -> Iterator[str]:
    rows = NilGroup.objects.annotate(
        real=Count("mentions"), spread=Count("mentions__article", distinct=True)
    ).exclude(mention_count=F("real"), article_count=F("spread"))  # fmt: skip
    for pk, name, count, real, articles, spread in rows.order_by("pk").values_list(
        "pk", "name", "mention_count", "real", "article_count", "spread"
    ):
        yield f"group {pk} “{name}” counts {count} mentions in {articles} articles, there are {real} in {spread}"


def _grouped_are_unknown() -> Iterator[str]:
    rows = Link.objects.live().filter(mention__nil_group__isnull=False, status=Outcome.LINK).order_by("pk")
    for pk, mention in rows.values_list("pk", "mention_id"):
        yield f"mention {mention} is linked (link {pk}) and among the unknown names"


def _accepted_groups() -> Iterator[str]:
    rows = NilGroup.objects.filter(status=NilGroup.Status.ACCEPTED)
    for pk, name in rows.filter(Q(entity=None) | Q(entity__merged_into__isnull=False)).values_list("pk", "name"):
        yield f"group {pk} “{name}” was accepted, but leads to no live record"


def _priors() -> Iterator[str]:
    kept = SurfacePrior.objects.filter(key=OuterRef("key"), entity=OuterRef("entity__merged_into"))
    lost = SurfacePrior.objects.filter(entity__merged_into__isnull=False).exclude(Exists(kept))
    for pk, key in lost.order_by("pk").values_list("pk", "key"):
        yield f"what was learnt of “{key}” (row {pk}) hangs on a merged record alone"


CHECKS = (
    Check("offsets_match", "every mention's words stand where it says", _offsets),
    Check("one_live_link", "every mention has one live link", _one_live_link),
    Check("links_on_live_records", "every live link leads to a live record", _links_on_live_records),
    Check("group_counts", "the counts of unknown names are right", _group_counts),
    Check("grouped_are_unknown", "no linked mention is among the unknown names", _grouped_are_unknown),
    Check("accepted_groups", "every accepted name has its record", _accepted_groups),
    Check("learning_kept", "nothing learnt was lost in a merge", _priors),
)


@receiver(checks_asked, dispatch_uid="articles.invariants")
def articles_checks(sender, **_) -> tuple[Check, ...]:
    """This app's checks."""
    return CHECKS
