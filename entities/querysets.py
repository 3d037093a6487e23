"""Reads of the reference database. A method states what a page needs, so that no row costs a query of its own."""

from __future__ import annotations

from django.db import models
from django.db.models import Prefetch, Q


def _last_day(date: str) -> str:
    """A partial ISO date as the latest day it may mean, for comparison as text: ``"1991"`` → ``"1991-99-99"``.

    Digits and hyphens alone sort the same under every collation that the two databases use.
    """
    return (date + "-99-99")[:10]


def _begun_by(field: str, date: str) -> Q:
    return Q(**{field: ""}) | Q(**{f"{field}__lte": _last_day(date)})


def _not_over_by(field: str, date: str) -> Q:
    return Q(**{field: ""}) | Q(**{f"{field}__gte": date}) | Q(**{f"{field}__in": {date[:4], date[:7]}})


class FactQuerySet(models.QuerySet):
    """Aliases, identifiers, terms and relations."""

    def in_use(self):
        """Facts that were not withdrawn."""
        return self.filter(withdrawn_at=None)

    def at(self, entity):
        """Terms of office held at a state or an organization, by people who are live records; the latest first."""
        return (
            self.in_use()
            .filter(Q(state=entity) | Q(organization=entity), entity__merged_into=None)
            .select_related("entity", "state", "organization", "source")
            .order_by("-start", "-pk")
        )

    def towards(self, entity):
        """Ties from live records to one, those of everything to its state left aside."""
        return (
            self.filter(target=entity, entity__merged_into=None)
            .exclude(type="state")
            .select_related("entity", "source")
            .order_by("type", "entity__prominence", "entity__name", "pk")
        )

    def held_on(self, date: str):
        """Terms of office that may cover an ISO date or prefix.

        A term without an end counts as held, unless its source only vouches for an earlier day (``as_of``).
        """
        vouched = Q(as_of="") | ~Q(end="") | Q(as_of__gte=date) | Q(as_of__in={date[:4], date[:7]})
        return self.filter(_begun_by("start", date), _not_over_by("end", date), vouched)


class EntityQuerySet(models.QuerySet):
    """Canonical records."""

    def current(self):
        """Records that were neither merged into another nor taken down."""
        return self.filter(merged_into=None, suppressed_at=None)

    def answering(self):
        """Records whose ids still answer: current ones, and those that were merged into one that was not taken down."""
        return self.filter(suppressed_at=None, merged_into__suppressed_at=None)

    def for_display(self):
        """With every fact a record's page shows: a fixed number of queries for any number of records."""
        from entities.models import Alias, Identifier, Relation, SourceRecord, Term

        return self.select_related("source", "merged_into").prefetch_related(
            Prefetch("aliases", Alias.objects.in_use().select_related("source")),
            Prefetch("identifiers", Identifier.objects.in_use().select_related("source")),
            Prefetch("terms", Term.objects.in_use().select_related("source", "state", "organization")),
            Prefetch("relations", Relation.objects.in_use().select_related("source", "target")),
            Prefetch("source_records", SourceRecord.objects.select_related("source")),
            Prefetch("absorbed", self.model.objects.order_by("pk")),
        )

    def existing_on(self, date: str):
        """Records that may have existed on an ISO date or prefix, by their own dates; unknown bounds count as open.

        The start of a state is left aside: in gathered data it is often a change of regime (Iran's 1979).
        """
        return self.filter(Q(kind="state") | _begun_by("valid_from", date)).filter(_not_over_by("valid_to", date))

    def counts_by_kind(self) -> dict[str, int]:
        """How many live records there are of each kind."""
        rows = self.current().order_by().values_list("kind").annotate(count=models.Count("pk"))
        return dict(rows)

    def resolve(self, public_id: str):
        """The live record that an id, perhaps of a merged record, stands for today.

        Raises:
            Entity.DoesNotExist: if no such id was ever issued, or its record was taken down.
        """
        record = self.select_related("merged_into").get(public_id=public_id)
        while record.merged_into_id is not None:  # flat after every merge: at most one step
            record = record.merged_into
        if record.suppressed_at is not None:
            raise self.model.DoesNotExist
        return record


class JudgementQuerySet(models.QuerySet):
    """Verdicts on pairs."""

    def to_be_merged(self):
        """Pairs of live records that a person called the same, and that nobody has merged yet."""
        return self.filter(superseded_at=None, verdict="same", a__merged_into=None, b__merged_into=None)
