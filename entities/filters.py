"""What the records can be narrowed by in the API."""

from __future__ import annotations

import django_filters
from django.db.models import Q

from config.api import PARTIAL_DATE, TextFilter, WholeNumberFilter
from entities.api.redirects import resolve_or_none
from entities.matching.types import Kind
from entities.models import Entity, Identifier, Relation, Term


class RecordFilter(django_filters.FilterSet):
    """Records by kind, state, date, subtype and prominence."""

    kind = django_filters.ChoiceFilter(
        choices=[(kind.value, kind.value) for kind in Kind], help_text="One kind of record."
    )
    state = TextFilter(
        method="filter_state", max_length=16, label="state",
        help_text="Id or ISO 3166 code of a state: records that belong to it or held office there.",
    )  # fmt: skip
    on = TextFilter(
        method="filter_on", max_length=10, validators=[PARTIAL_DATE], label="on",
        help_text=(
            "A date (`2024`, `2024-07`, `2024-07-29`): records that may have existed then, each with the terms of "
            "office held then. Unknown bounds count as open."
        ),
    )  # fmt: skip
    subtype = TextFilter(
        lookup_expr="iexact", max_length=100, help_text="Type of organization or agreement, status of a state."
    )
    prominence = WholeNumberFilter(
        field_name="prominence", lookup_expr="lte", label="prominence", least=1, most=3,
        help_text="At least as well known: 1 is the best known.",
    )  # fmt: skip

    class Meta:
        model = Entity
        fields = ["kind", "state", "on", "subtype", "prominence"]

    def filter_state(self, queryset, name, value):
        """Of the state, or with an office there."""
        codes = Identifier.objects.in_use().filter(scheme__in=("iso2", "iso3"), value=value.upper())
        known = resolve_or_none(value)
        states = Entity.objects.current().filter(kind=Kind.STATE).filter(
            Q(pk=known.pk if known else None) | Q(pk__in=codes.values("entity_id"))
        )  # fmt: skip
        of_state = Relation.objects.in_use().filter(type=Relation.Type.STATE, target__in=states)
        in_office = Term.objects.in_use().filter(state__in=states)
        return queryset.filter(
            Q(pk__in=of_state.values("entity_id")) | Q(pk__in=in_office.values("entity_id")) | Q(pk__in=states)
        )

    def filter_on(self, queryset, name, value):
        """That may have existed on the date."""
        return queryset.existing_on(value)
