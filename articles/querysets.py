"""Reads of articles, mentions and links: what a page needs, in a fixed number of queries."""

from __future__ import annotations

from django.db import models
from django.db.models import Count, Prefetch, Q, Sum
from django.db.models.functions import Coalesce, Substr


class ArticleQuerySet(models.QuerySet):
    """Articles."""

    def visible(self):
        """Articles that were not taken down."""
        return self.filter(withdrawn_at=None)

    def latest(self):
        """The latest first; the order ends with the key, so that it is the same on every page."""
        return self.order_by("-published_on", "-pk")

    def without_text(self):
        """For lists: what is long and not shown stays in the database."""
        return self.defer("text", "segments")

    def older_than(self, published_on: str, pk: int):
        """What follows an article in the order of ``latest``."""
        return self.filter(Q(published_on__lt=published_on) | Q(published_on=published_on, pk__lt=pk))

    def newer_than(self, published_on: str, pk: int):
        """What stands before an article in the order of ``latest``."""
        return self.filter(Q(published_on__gt=published_on) | Q(published_on=published_on, pk__gt=pk))

    def mentioning(self, entity):
        """Articles with a live link to a record."""
        from articles.models import Link

        return self.filter(pk__in=Link.objects.to_records().filter(entity=entity).values("mention__article_id"))

    def with_mentions(self):
        """With every mention, its live link and the linked record."""
        from articles.models import Mention

        return self.prefetch_related(Prefetch("mentions", Mention.objects.with_live_link().order_by("start", "-end")))

    def with_mentions_of(self, entity):
        """With ``found``: the mentions that are linked to one record."""
        from articles.models import Link, Mention

        linked = Link.objects.to_records().filter(entity=entity).values("mention_id")
        mentions = Mention.objects.filter(pk__in=linked).order_by("start", "-end")
        return self.prefetch_related(Prefetch("mentions", mentions, to_attr="found"))


class MentionQuerySet(models.QuerySet):
    """Mentions."""

    def with_live_link(self):
        """With ``live_links``: the live link (a list of at most one) and its record."""
        from articles.models import Link

        return self.prefetch_related(
            Prefetch("links", Link.objects.live().select_related("entity", "actor"), to_attr="live_links")
        )

    def with_candidates(self):
        """With the records that were considered, best first."""
        from articles.models import Candidate

        return self.prefetch_related(
            Prefetch("candidates", Candidate.objects.select_related("entity").order_by("rank", "pk"))
        )


class LinkQuerySet(models.QuerySet):
    """Decisions about mentions."""

    def live(self):
        """Decisions that stand."""
        return self.filter(superseded_at=None)

    def doubtful(self):
        """Live links of which the engine was not sure, and about which no person said anything."""
        return self.live().filter(status="review", actor=None)

    def set_aside(self):
        """Live links about which a person said that nobody can tell: open, but out of the queue."""
        return self.live().filter(status="review").exclude(actor=None)

    def to_records(self):
        """Live links to a record."""
        return self.live().filter(status="linked")

    def articles_by_month(self, entity) -> dict[str, int]:
        """In how many visible articles of each month (``"2024-07"``, or the year alone) a record is mentioned."""
        rows = (
            self.to_records()
            .filter(entity=entity, mention__article__withdrawn_at=None)
            .exclude(mention__article__published_on="")
            .annotate(month=Substr("mention__article__published_on", 1, 7))
            .order_by("month")
            .values_list("month")
            .annotate(count=Count("mention__article_id", distinct=True))
        )
        return dict(rows)

    def company_of(self, entity, articles: list[int], limit: int = 12) -> list[tuple[int, int]]:
        """The records mentioned in most of the given articles beside one: ``(record's key, articles)``."""
        rows = (
            self.to_records()
            .filter(mention__article_id__in=articles)
            .exclude(entity=entity)
            .order_by()
            .values_list("entity_id")
            .annotate(count=Count("mention__article_id", distinct=True))
            .order_by("-count", "entity_id")
        )
        return list(rows[:limit])


class ImportJobQuerySet(models.QuerySet):
    """Imports."""

    def with_progress(self):
        """With ``done_bytes``: the size of the parts that are read to their end."""
        from articles.models import ImportPart

        done = Sum("parts__size", filter=Q(parts__status=ImportPart.Status.DONE))
        return self.annotate(done_bytes=Coalesce(done, 0))
