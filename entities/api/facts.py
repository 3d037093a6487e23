"""Names and terms of office: lists over all records, and of one; made, changed, taken out of use."""

from __future__ import annotations

import django_filters
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response

from config.access import READ, Rule
from config.api import (
    MAX_BODY_BYTES,
    PARTIAL_DATE,
    Pages,
    SparseFields,
    TextFilter,
    check_body_size,
    check_no_fields,
)
from config.idempotency import PARAMETER as IDEMPOTENCY_KEY
from config.idempotency import idempotent
from config.models import Scope
from config.preconditions import IF_MATCH, check_match, require_match, tagged
from config.problems import Gone
from entities.api.redirects import resolve_or_none, survivor_of
from entities.api.writing import (
    CHANGE_ERRORS,
    GONE,
    MOVED,
    NOT_FOUND,
    POST_ERRORS,
    READ_ERRORS,
    AliasWriteSerializer,
    TermWriteSerializer,
    record_or_404,
    refusals_told,
)
from entities.editing import save_fact, withdraw_fact
from entities.matching.normalize import name_key
from entities.matching.offices import offices
from entities.models import Alias, Entity, Identifier, Term
from entities.serializers import ALIAS_TYPES, AliasSerializer, RecordRefSerializer, TermSerializer


class OwnedAliasSerializer(AliasSerializer):
    """A name with the record that bears it."""

    record = RecordRefSerializer(source="entity")

    class Meta(AliasSerializer.Meta):
        fields = ["id", "record", *AliasSerializer.Meta.fields[1:]]


class OwnedTermSerializer(TermSerializer):
    """A term of office with the person who held it."""

    record = RecordRefSerializer(source="entity")

    class Meta(TermSerializer.Meta):
        fields = ["id", "record", *TermSerializer.Meta.fields[1:]]


class AliasFilter(django_filters.FilterSet):
    """Names by themselves, their language and sort, and the record."""

    name = TextFilter(
        method="filter_name", max_length=200, help_text="The whole name; case, accents and punctuation do not matter."
    )
    record = TextFilter(
        method="filter_record", max_length=16, help_text="Id of the record; a merged id stands for its survivor."
    )
    lang = TextFilter(max_length=16, help_text="Code of the language.")
    type = django_filters.ChoiceFilter(choices=[pair for pair in ALIAS_TYPES if pair[0]], help_text="Sort of name.")

    class Meta:
        model = Alias
        fields = ["name", "record", "lang", "type"]

    def filter_record(self, queryset, name, value):
        """Of the record."""
        return queryset.filter(entity=resolve_or_none(value))

    def filter_name(self, queryset, name, value):
        """By its key."""
        key = name_key(value)[:500]
        return queryset.filter(key=key) if key else queryset.none()


class TermFilter(django_filters.FilterSet):
    """Terms by date, place and words of the title."""

    on = TextFilter(
        method="filter_on", max_length=10, validators=[PARTIAL_DATE],
        help_text="A date, or its beginning: who held the office then.",
    )  # fmt: skip
    title = TextFilter(lookup_expr="icontains", max_length=200, help_text="Part of the title.")
    office = TextFilter(
        method="filter_office", max_length=200,
        help_text="The office whatever it is called: `foreign minister` finds Secretary of State, `president` no vice president.",
    )  # fmt: skip
    record = TextFilter(
        method="filter_record", max_length=16, help_text="Id of the person; a merged id stands for its survivor."
    )
    state = TextFilter(method="filter_state", max_length=16, help_text="Id or ISO 3166 code of the state.")
    organization = TextFilter(method="filter_organization", max_length=16, help_text="Id of the organization.")

    class Meta:
        model = Term
        fields = ["on", "title", "office", "record", "state", "organization"]

    def filter_office(self, queryset, name, value):
        """By what the titles mean; they are few beside the terms."""
        wanted = offices(value)
        if not wanted:
            return queryset.filter(title__iexact=value)
        titles = queryset.order_by().values_list("title", flat=True).distinct()
        return queryset.filter(title__in=[title for title in titles if wanted & offices(title)])

    def filter_record(self, queryset, name, value):
        """Of the person."""
        return queryset.filter(entity=resolve_or_none(value))

    def filter_state(self, queryset, name, value):
        """At the state."""
        codes = Identifier.objects.in_use().filter(
            scheme__in=("iso2", "iso3"), value=value.upper(), entity__merged_into=None
        )
        state = resolve_or_none(value)
        return queryset.filter(Q(state=state) if state else Q(state__in=codes.values("entity_id")))

    def filter_organization(self, queryset, name, value):
        """At the organization."""
        found = resolve_or_none(value)
        return queryset.filter(organization=found) if found else queryset.none()

    def filter_on(self, queryset, name, value):
        """Terms that may cover the date."""
        return queryset.held_on(value)


class AliasPages(Pages):
    """Names in the order they were made."""

    ordering = ("pk",)


class TermPages(Pages):
    """Terms, the earliest first."""

    ordering = ("start", "pk")


_ALIASES = Alias.objects.in_use().filter(entity__merged_into=None).select_related("entity", "source").order_by("pk")
_TERMS = (
    Term.objects.in_use()
    .filter(entity__merged_into=None)
    .select_related("entity", "source", "state", "organization")
    .order_by("pk")
)


class FactList(SparseFields, ListAPIView):
    """What the lists of facts share."""

    access = {"GET": READ}


class AliasList(FactList):
    """``GET /api/v1/aliases/``."""

    serializer_class = OwnedAliasSerializer
    pagination_class = AliasPages
    filterset_class = AliasFilter
    queryset = _ALIASES

    @extend_schema(
        operation_id="aliases_list", summary="Names of all records", tags=["names"],
        responses={200: OwnedAliasSerializer(many=True), **READ_ERRORS},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """Names in pages."""
        return self.list(request, *args, **kwargs)


class TermList(FactList):
    """``GET /api/v1/terms/``."""

    serializer_class = OwnedTermSerializer
    pagination_class = TermPages
    filterset_class = TermFilter
    queryset = _TERMS

    @extend_schema(
        operation_id="terms_list", summary="Terms of office: who held which office on a date", tags=["terms"],
        responses={200: OwnedTermSerializer(many=True), **READ_ERRORS},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """Terms in pages."""
        return self.list(request, *args, **kwargs)


class NestedList(FactList):
    """Facts of one record; a new one is added to it."""

    lookup_field = "public_id"

    def get_queryset(self):
        """Of this record."""
        return super().get_queryset().filter(entity__public_id=self.kwargs["public_id"])

    def list(self, request, *args, **kwargs):
        """An unknown record is not found; a merged one is elsewhere; one without facts has none."""
        try:
            moved = survivor_of(record_or_404(kwargs["public_id"]), request, self.address)
        except Entity.DoesNotExist:
            raise Gone("This record was taken down.") from None
        return moved if moved is not None else super().list(request, *args, **kwargs)


def _add(view, request, public_id: str, fact, reason: str) -> Response:
    record = record_or_404(public_id)
    fact.entity = record
    with refusals_told():
        save_fact(fact, request.user, reason)
    row = view.queryset.get(pk=fact.pk)
    return Response(
        view.serializer_class(row).data, status=201,
        headers={"Location": f"{view.base}{row.pk}/", "ETag": f'"{row.entity.version}"'},
    )  # fmt: skip


class RecordAliases(NestedList):
    """``/api/v1/records/{public_id}/aliases/``."""

    access = {"GET": READ, "POST": Rule(Scope.WRITE, "entities.add_alias")}
    serializer_class = OwnedAliasSerializer
    pagination_class = AliasPages
    queryset = _ALIASES
    base = "/api/v1/aliases/"
    address = "api-record-aliases"

    @extend_schema(
        operation_id="record_aliases_list", summary="Names of one record", tags=["names"],
        responses={200: OwnedAliasSerializer(many=True), **READ_ERRORS, 308: MOVED, 404: NOT_FOUND, 410: GONE},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """Names in pages."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        operation_id="record_aliases_create", summary="Add a name to a record", tags=["names"],
        parameters=[IDEMPOTENCY_KEY], request=AliasWriteSerializer,
        responses={201: OwnedAliasSerializer, **POST_ERRORS, 404: NOT_FOUND},
        examples=[OpenApiExample("native", value={"name": "Владимир Путин", "lang": "ru", "type": "native"}, request_only=True)],
    )  # fmt: skip
    @idempotent
    def post(self, request, public_id):
        """Store the name; 409 where the record has it."""
        asked = AliasWriteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = dict(asked.validated_data)
        reason, quality = data.pop("reason"), data.pop("quality")
        return _add(self, request, public_id, Alias(is_weak=quality == "weak", **data), reason)


class RecordTerms(NestedList):
    """``/api/v1/records/{public_id}/terms/``."""

    access = {"GET": READ, "POST": Rule(Scope.WRITE, "entities.add_term")}
    serializer_class = OwnedTermSerializer
    pagination_class = TermPages
    queryset = _TERMS
    base = "/api/v1/terms/"
    address = "api-record-terms"

    @extend_schema(
        operation_id="record_terms_list", summary="Terms of office of one person", tags=["terms"],
        responses={200: OwnedTermSerializer(many=True), **READ_ERRORS, 308: MOVED, 404: NOT_FOUND, 410: GONE},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """Terms in pages."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        operation_id="record_terms_create", summary="Add a term of office", tags=["terms"],
        parameters=[IDEMPOTENCY_KEY], request=TermWriteSerializer,
        responses={201: OwnedTermSerializer, **POST_ERRORS, 404: NOT_FOUND},
        examples=[OpenApiExample("president", value={"title": "President", "start": "2024-07-28"}, request_only=True)],
    )  # fmt: skip
    @idempotent
    def post(self, request, public_id):
        """Store the term."""
        asked = TermWriteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = dict(asked.validated_data)
        reason = data.pop("reason")
        return _add(self, request, public_id, Term(**data), reason)


class FactDetail(SparseFields, RetrieveAPIView):
    """One fact; its ETag is its record's, as any change of a fact is one of the record."""

    def get_object(self):
        """The fact; one that was withdrawn was there, and is told apart from one that never was."""
        try:
            return super().get_object()
        except Http404:
            if self.queryset.model.objects.filter(pk=self.kwargs["pk"]).exists():
                raise Gone("It was taken out of use.") from None
            raise

    def retrieve(self, request, *args, **kwargs):
        """The fact."""
        row = self.get_object()
        return tagged(Response(self.get_serializer(row).data), row.entity.version)

    def locked(self, request):
        """The fact, its record locked and in the state that the caller saw. Within a transaction."""
        row = self.get_object()
        entity = Entity.objects.select_for_update().get(pk=row.entity_id)
        check_match(request, entity.version)
        return get_object_or_404(self.get_queryset(), pk=row.pk)

    def withdraw(self, request):
        """Take the fact out of use for good."""
        check_no_fields(request)
        require_match(request)
        with transaction.atomic(), refusals_told():
            withdraw_fact(self.locked(request), request.user, "withdrawn over the API")
        return Response(status=204)


class AliasDetail(FactDetail):
    """``/api/v1/aliases/{id}/``."""

    access = {"GET": READ, "DELETE": Rule(Scope.WRITE, "entities.change_alias")}
    serializer_class = OwnedAliasSerializer
    queryset = _ALIASES

    @extend_schema(
        operation_id="aliases_retrieve", summary="One name", tags=["names"],
        responses={200: OwnedAliasSerializer, **READ_ERRORS, 404: NOT_FOUND, 410: GONE},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """The name and its record."""
        return self.retrieve(request, *args, **kwargs)

    @extend_schema(
        operation_id="aliases_withdraw", summary="Take a name out of use", tags=["names"], parameters=[IF_MATCH],
        description="For good: no import brings it back. A record's own name stays; rename the record first.",
        responses={204: None, **CHANGE_ERRORS, 410: GONE},
    )  # fmt: skip
    def delete(self, request, *args, **kwargs):
        """Withdraw it."""
        return self.withdraw(request)


class TermDetail(FactDetail):
    """``/api/v1/terms/{id}/``."""

    _change = Rule(Scope.WRITE, "entities.change_term")
    access = {"GET": READ, "PATCH": _change, "DELETE": _change}
    serializer_class = OwnedTermSerializer
    queryset = _TERMS

    @extend_schema(
        operation_id="terms_retrieve", summary="One term of office", tags=["terms"],
        responses={200: OwnedTermSerializer, **READ_ERRORS, 404: NOT_FOUND, 410: GONE},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """The term and its person."""
        return self.retrieve(request, *args, **kwargs)

    @extend_schema(
        operation_id="terms_update", summary="Change a term of office", tags=["terms"], parameters=[IF_MATCH],
        request=TermWriteSerializer(partial=True), responses={200: OwnedTermSerializer, **CHANGE_ERRORS, 410: GONE},
        examples=[OpenApiExample("left office", value={"end": "2028-07-28", "reason": "election"}, request_only=True)],
    )  # fmt: skip
    def patch(self, request, *args, **kwargs):
        """Change what was sent."""
        check_body_size(request, MAX_BODY_BYTES)
        require_match(request)
        with transaction.atomic(), refusals_told():
            row = self.locked(request)
            asked = TermWriteSerializer(row, data=request.data, partial=True)
            asked.is_valid(raise_exception=True)
            data = dict(asked.validated_data)
            reason = data.pop("reason", "")
            for name, value in data.items():
                setattr(row, name, value)
            save_fact(row, request.user, reason)
            row = self.get_queryset().get(pk=row.pk)
        return tagged(Response(self.get_serializer(row).data), row.entity.version)

    @extend_schema(
        operation_id="terms_withdraw", summary="Take a term of office out of use", tags=["terms"],
        parameters=[IF_MATCH], description="For good: no import brings it back.",
        responses={204: None, **CHANGE_ERRORS, 410: GONE},
    )  # fmt: skip
    def delete(self, request, *args, **kwargs):
        """Withdraw it."""
        return self.withdraw(request)
