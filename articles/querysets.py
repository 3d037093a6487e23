"""Reads of articles, mentions and links: what a page needs, in a fixed number of queries."""

from __future__ import annotations

from django.db import models
from django.db.models import Prefetch


class ArticleQuerySet(models.QuerySet):
    """Articles."""

    def visible(self):
        """Articles that were not taken down."""
        return self.filter(withdrawn_at=None)

    def with_mentions(self):
        """With every mention, its live link and the linked record."""
        from articles.models import Mention

        return self.prefetch_related(Prefetch("mentions", Mention.objects.with_live_link()))


class MentionQuerySet(models.QuerySet):
    """Mentions."""

    def with_live_link(self):
        """With ``live_links``: the live link (a list of at most one) and its record."""
        from articles.models import Link

        return self.prefetch_related(
            Prefetch("links", Link.objects.live().select_related("entity", "actor"), to_attr="live_links")
        )


class LinkQuerySet(models.QuerySet):
    """Decisions about mentions."""

    def live(self):
        """Decisions that stand."""
        return self.filter(superseded_at=None)

    def to_records(self):
        """Live links to a record."""
        return self.live().filter(status="linked")
