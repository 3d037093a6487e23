"""Reads of the reference database. A method states what a page needs, so that no row costs a query of its own."""

from __future__ import annotations

from django.db import models
from django.db.models import Prefetch, Q


class FactQuerySet(models.QuerySet):
    """Aliases, identifiers, terms and relations."""

    def in_use(self):
        """Facts that were not withdrawn."""
        return self.filter(withdrawn_at=None)


class EntityQuerySet(models.QuerySet):
    """Canonical records."""

    def current(self):
        """Records that were not merged into another."""
        return self.filter(merged_into=None)

    def for_display(self):
        """With every fact a record's page shows: a fixed number of queries for any number of records."""
        from entities.models import Alias, Identifier, Relation, Term

        return self.select_related("source", "merged_into").prefetch_related(
            Prefetch("aliases", Alias.objects.in_use().select_related("source")),
            Prefetch("identifiers", Identifier.objects.in_use().select_related("source")),
            Prefetch("terms", Term.objects.in_use().select_related("source", "state", "organization")),
            Prefetch("relations", Relation.objects.in_use().select_related("source", "target")),
            "source_records__source",
        )

    def existing_on(self, date: str):
        """Records that existed on an ISO date, by their own dates; unknown bounds count as open."""
        return self.filter(Q(valid_from="") | Q(valid_from__lte=date)).filter(
            Q(valid_to="") | Q(valid_to__gte=date[:4])
        )

    def resolve(self, public_id: str):
        """The live record that an id, perhaps of a merged record, stands for today.

        Raises:
            Entity.DoesNotExist: if no such id was ever issued.
        """
        record = self.select_related("merged_into").get(public_id=public_id)
        while record.merged_into_id is not None:  # flat after every merge: at most one step
            record = record.merged_into
        return record
