"""Verdicts on pairs of records: same, different, unsure; listed, given, taken back."""

from __future__ import annotations

import django_filters
from django.db.models import Q
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from config.access import Rule
from config.api import Pages, SparseFields, TextFilter, TrueOrFalseFilter, check_no_fields
from config.fields import Closed
from config.idempotency import PARAMETER as IDEMPOTENCY_KEY
from config.idempotency import idempotent
from config.models import Scope
from config.problems import Conflict
from entities.api.redirects import resolve_or_none
from entities.api.writing import NOT_FOUND, POST_ERRORS, READ_ERRORS, Reason, RecordField
from entities.judging import JudgeError, judge, take_back_verdict
from entities.models import Judgement
from entities.serializers import RecordRefSerializer

_SEE = Rule(Scope.READ, "entities.view_judgement")
JUDGE = Rule(Scope.CURATE, "entities.judge_entity")
VERDICTS = Judgement.Verdict.choices


class JudgementSerializer(serializers.ModelSerializer):
    """A verdict, perhaps superseded since."""

    a = RecordRefSerializer()
    b = RecordRefSerializer()
    by = serializers.SerializerMethodField(help_text="Who said so.")

    class Meta:
        model = Judgement
        fields = ["id", "a", "b", "verdict", "by", "reason", "judged_at", "superseded_at"]

    def get_by(self, judgement) -> str:
        """A user's name, or the words of an import."""
        return judgement.actor.username if judgement.actor_id else judgement.by_text


class JudgementRequestSerializer(Closed):
    """A verdict on two records."""

    a = RecordField(help_text="Id of one record.")
    b = RecordField(help_text="Id of the other.")
    verdict = serializers.ChoiceField(choices=VERDICTS)
    reason = Reason()


class JudgementFilter(django_filters.FilterSet):
    """Verdicts by record and by what they say."""

    record = TextFilter(method="filter_record", max_length=16, help_text="Id of a record on either side.")
    verdict = django_filters.ChoiceFilter(choices=VERDICTS, help_text="What was said.")
    live = TrueOrFalseFilter(
        field_name="superseded_at", lookup_expr="isnull", help_text="`true`: only those that stand."
    )

    class Meta:
        model = Judgement
        fields = ["record", "verdict", "live"]

    def filter_record(self, queryset, name, value):
        """On either side; a merged id stands for its survivor, too."""
        entity = resolve_or_none(value)
        ours = Q(a__public_id=value) | Q(b__public_id=value)
        return queryset.filter(ours | Q(a=entity) | Q(b=entity)) if entity else queryset.none()


class JudgementPages(Pages):
    """Verdicts, the latest first."""

    ordering = ("-pk",)


_ROWS = Judgement.objects.select_related("a", "b", "actor").order_by("-pk")


class Judgements(SparseFields, ListAPIView):
    """``/api/v1/judgements/``."""

    access = {"GET": _SEE, "POST": JUDGE}
    serializer_class = JudgementSerializer
    pagination_class = JudgementPages
    filterset_class = JudgementFilter
    queryset = _ROWS

    @extend_schema(
        operation_id="judgements_list", summary="Verdicts on pairs of records, the latest first", tags=["judgements"],
        responses={200: JudgementSerializer(many=True), **READ_ERRORS},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """Verdicts in pages."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        operation_id="judgements_create", summary="Say whether two records are one", tags=["judgements"],
        description="The verdict before it is kept as history; an open suggestion of the pair is closed. Merges nothing.",
        parameters=[IDEMPOTENCY_KEY], request=JudgementRequestSerializer,
        responses={201: JudgementSerializer, **POST_ERRORS},
        examples=[
            OpenApiExample(
                "different", request_only=True,
                value={"a": "q8rnpz9h4j", "b": "h3kd82mvxw", "verdict": "different", "reason": "father and son"},
            )
        ],
    )  # fmt: skip
    @idempotent
    def post(self, request):
        """Give the verdict."""
        asked = JudgementRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        try:
            done = judge(data["a"].pk, data["b"].pk, data["verdict"], actor=request.user, reason=data["reason"])
        except JudgeError as error:
            raise Conflict(str(error)) from error
        return Response(
            JudgementSerializer(_ROWS.get(pk=done.pk)).data, status=201,
            headers={"Location": f"/api/v1/judgements/{done.pk}/"},
        )  # fmt: skip


class JudgementDetail(SparseFields, RetrieveAPIView):
    """``GET /api/v1/judgements/{id}/``."""

    access = {"GET": _SEE}
    serializer_class = JudgementSerializer
    queryset = _ROWS

    @extend_schema(
        operation_id="judgements_retrieve", summary="One verdict", tags=["judgements"], 
        responses={200: JudgementSerializer, **READ_ERRORS, 404: NOT_FOUND},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """The verdict."""
        return self.retrieve(request, *args, **kwargs)


class UndoJudgement(APIView):
    """``POST /api/v1/judgements/{id}/undo/``."""

    access = {"POST": JUDGE}

    @extend_schema(
        operation_id="judgements_undo", summary="Take a verdict back", tags=["judgements"], parameters=[IDEMPOTENCY_KEY],
        description="The verdict before it stands again, or the pair is open again.",
        request=None, responses={200: JudgementSerializer, **POST_ERRORS, 404: NOT_FOUND},
    )  # fmt: skip
    @idempotent
    def post(self, request, pk):
        """Take it back."""
        check_no_fields(request)
        row = get_object_or_404(_ROWS, pk=pk)
        try:
            take_back_verdict(row, actor=request.user)
        except JudgeError as error:
            raise Conflict(str(error)) from error
        return Response(JudgementSerializer(_ROWS.get(pk=pk)).data)
