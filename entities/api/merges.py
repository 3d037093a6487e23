"""Merges: listed, previewed, done, undone."""

from __future__ import annotations

import django_filters
from django.db.models import Q
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from config.access import Rule
from config.api import Pages, SparseFields, TextFilter, TrueOrFalseFilter
from config.fields import Closed, Text, TrueOrFalse
from config.idempotency import PARAMETER as IDEMPOTENCY_KEY
from config.idempotency import idempotent
from config.models import Scope
from config.problems import Conflict
from entities import merging
from entities.api.redirects import resolve_or_none
from entities.api.writing import NOT_FOUND, POST_ERRORS, READ_ERRORS, Reason, RecordField
from entities.merging import MAX_TOGETHER, MergeError
from entities.models import Merge
from entities.serializers import RecordRefSerializer

_SEE = Rule(Scope.READ, "entities.view_merge")
_DO = Rule(Scope.CURATE, "entities.merge_entity")


class MergeSerializer(serializers.ModelSerializer):
    """A merge that was done, perhaps undone since."""

    survivor = RecordRefSerializer()
    absorbed = RecordRefSerializer()
    by = serializers.CharField(source="actor.username", default=None, allow_null=True, read_only=True)
    undone_by = serializers.CharField(source="undone_by.username", default=None, allow_null=True, read_only=True)

    class Meta:
        model = Merge
        fields = ["id", "survivor", "absorbed", "by", "reason", "merged_at", "undone_at", "undone_by"]


class MergeRequestSerializer(Closed):
    """Records to become one."""

    survivor = RecordField(help_text="Id of the record that stays.")
    absorbed = serializers.ListField(
        child=RecordField(), min_length=1, max_length=MAX_TOGETHER, help_text="Ids that will redirect to it."
    )
    dry_run = TrueOrFalse(required=False, default=False, help_text="Only tell what would be touched.")
    override = TrueOrFalse(required=False, default=False, help_text="Go on in spite of contradictions; needs a reason.")
    reason = Reason()


class ImpactSerializer(serializers.Serializer):
    """What a merge would touch."""

    facts = serializers.DictField(child=serializers.IntegerField(), help_text="Of the absorbed records, by sort.")
    referring = serializers.IntegerField(help_text="Facts of other records that point at them.")
    redirects = serializers.IntegerField(help_text="Ids that will answer with the survivor.")
    mentions = serializers.IntegerField()
    articles = serializers.IntegerField()


class PreviewSerializer(serializers.Serializer):
    """A merge that was not done."""

    survivor = RecordRefSerializer()
    impact = ImpactSerializer()
    contradictions = serializers.ListField(
        child=serializers.CharField(), help_text="Why they can hardly be one: `override` and a reason are needed."
    )


class MergesDoneSerializer(serializers.Serializer):
    """Merges that were done together, one for each absorbed record."""

    merges = MergeSerializer(many=True)


class UndoRequestSerializer(Closed):
    """How a merge is taken back."""

    choices = serializers.DictField(
        child=Text(max_length=200), required=False, allow_null=True, default=None,
        help_text="Where later edits go, by key; `{}` sends each where its default says. See `edits` of a refusal.",
    )  # fmt: skip
    reason = Reason()


class MergeFilter(django_filters.FilterSet):
    """Merges of a record; those that stand."""

    record = TextFilter(method="filter_record", max_length=16, help_text="Id of a record on either side.")
    undone = TrueOrFalseFilter(
        field_name="undone_at", lookup_expr="isnull", exclude=True, help_text="Whether it was taken back."
    )

    class Meta:
        model = Merge
        fields = ["record", "undone"]

    def filter_record(self, queryset, name, value):
        """On either side; a merged id stands for its survivor, too."""
        entity = resolve_or_none(value)
        ours = Q(survivor__public_id=value) | Q(absorbed__public_id=value)
        return queryset.filter(ours | Q(survivor=entity)) if entity else queryset.none()


class MergePages(Pages):
    """Merges, the latest first."""

    ordering = ("-pk",)


_MERGES = Merge.objects.select_related("survivor", "absorbed", "actor", "undone_by").defer("inverse").order_by("-pk")


class Merges(SparseFields, ListAPIView):
    """``/api/v1/merges/``."""

    access = {"GET": _SEE, "POST": _DO}
    serializer_class = MergeSerializer
    pagination_class = MergePages
    filterset_class = MergeFilter
    queryset = _MERGES

    @extend_schema(
        operation_id="merges_list", summary="Merges, the latest first", tags=["merges"],
        responses={200: MergeSerializer(many=True), **READ_ERRORS},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """Merges in pages."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        operation_id="merges_create", summary="Merge records, or preview it", tags=["merges"],
        description="All or none. `dry_run` tells what would be touched and what contradicts.",
        parameters=[IDEMPOTENCY_KEY], request=MergeRequestSerializer,
        responses={
            200: OpenApiResponse(PreviewSerializer, description="`dry_run`: nothing was changed."),
            201: MergesDoneSerializer, **POST_ERRORS,
        },
        examples=[
            OpenApiExample(
                "preview", value={"survivor": "q8rnpz9h4j", "absorbed": ["h3kd82mvxw"], "dry_run": True}, request_only=True
            )
        ],
    )  # fmt: skip
    @idempotent
    def post(self, request):
        """Preview or merge."""
        asked = MergeRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        survivor, absorbed = data["survivor"], list({record.pk: record for record in data["absorbed"]}.values())
        if data["dry_run"]:
            against = [line for record in absorbed for line in merging.contradictions(survivor, record)]
            if any(record.pk == survivor.pk for record in absorbed):
                raise Conflict("A record cannot be merged into itself.")
            preview = {
                "survivor": survivor, "impact": merging.impact(survivor, absorbed), "contradictions": against,
            }  # fmt: skip
            return Response(PreviewSerializer(preview).data)
        try:
            done = merging.merge_many(
                survivor_id=survivor.pk, absorbed_ids=[record.pk for record in absorbed], actor=request.user,
                reason=data["reason"], override=data["override"],
            )  # fmt: skip
        except MergeError as error:
            raise Conflict(str(error)) from error
        rows = _MERGES.filter(pk__in=[one.pk for one in done]).order_by("pk")
        return Response(MergesDoneSerializer({"merges": rows}).data, status=201)


class MergeDetail(SparseFields, RetrieveAPIView):
    """``GET /api/v1/merges/{id}/``."""

    access = {"GET": _SEE}
    serializer_class = MergeSerializer
    queryset = _MERGES

    @extend_schema(
        operation_id="merges_retrieve", summary="One merge", tags=["merges"],
        responses={200: MergeSerializer, **READ_ERRORS, 404: NOT_FOUND},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """The merge."""
        return self.retrieve(request, *args, **kwargs)


class UndoMerge(APIView):
    """``POST /api/v1/merges/{id}/undo/``."""

    access = {"POST": _DO}

    @extend_schema(
        operation_id="merges_undo", summary="Take a merge back", tags=["merges"], parameters=[IDEMPOTENCY_KEY],
        description="What was touched since needs `choices`: without them the answer is 409 and names it.",
        request=UndoRequestSerializer, responses={200: MergeSerializer, **POST_ERRORS, 404: NOT_FOUND},
        examples=[OpenApiExample("undo", value={"reason": "two different people"}, request_only=True)],
    )  # fmt: skip
    @idempotent
    def post(self, request, pk):
        """Undo it."""
        get_object_or_404(Merge.objects.only("pk"), pk=pk)
        asked = UndoRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        try:
            merging.undo(pk, actor=request.user, reason=data["reason"], choices=data["choices"])
        except merging.UndoNeedsChoices as error:
            told = "; ".join(f"{edit.key}: {edit.text}" for edit in error.plan.edits[:20])
            raise Conflict(f"{error} {told}") from error
        except MergeError as error:
            raise Conflict(str(error)) from error
        return Response(MergeSerializer(_MERGES.get(pk=pk)).data)
