"""Taking down and correcting for good over REST: what was taken down, one more, lifted."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from config.access import Rule
from config.api import Pages
from config.fields import Closed, Text, WholeNumber
from config.idempotency import PARAMETER as IDEMPOTENCY_KEY
from config.idempotency import idempotent
from config.models import Scope
from entities import takedown
from entities.api.writing import NOT_FOUND, POST_ERRORS, READ_ERRORS, ReasonSerializer, RecordField, refusals_told
from entities.models import Takedown

_SEE = Rule(Scope.READ, "entities.view_takedown")
_DO = Rule(Scope.CURATE, "entities.takedown_entity")


class TakedownSerializer(serializers.ModelSerializer):
    """That something was taken down, when, by whom and why; not what it was."""

    record = serializers.CharField(source="entity.public_id", help_text="Id of the record it was taken from.")
    by = serializers.CharField(source="actor.username", default=None, allow_null=True, read_only=True)
    lifted_by = serializers.CharField(source="lifted_by.username", default=None, allow_null=True, read_only=True)

    class Meta:
        model = Takedown
        fields = [
            "id", "record", "sort", "field", "is_correction", "reason", "by", "made_at", "lifted_at", "lifted_by",
            "lift_reason",
        ]  # fmt: skip


class TakedownRequestSerializer(Closed):
    """What is to be taken down."""

    record = RecordField(help_text="Id of the record.")
    sort = serializers.ChoiceField(choices=Takedown.Sort.choices)
    field = Text(
        max_length=120, required=False, default="",
        help_text="For `field`: its name, `valid_from` or `attributes.birth_place`.", allow_blank=True,
    )  # fmt: skip
    fact = WholeNumber(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**63 - 1,
        help_text="For an alias, identifier, term or relation: its `id`.",
    )  # fmt: skip
    correction = serializers.DictField(
        child=Text(max_length=1000, allow_blank=True), required=False, default=dict,
        help_text="What takes its place: `{\"value\": …}` of a field, the changed parts of a fact (`name`, `title`, "
        "`start`, `end`, `scheme`, `value`). Empty: nothing.",
    )  # fmt: skip
    reason = Text(max_length=2000, help_text="Why. It is all that is kept.")

    def validate(self, attrs):
        """A field has a name, a fact its id."""
        sort = attrs["sort"]
        if sort == "field" and not attrs["field"]:
            raise serializers.ValidationError({"field": "Say which field."})
        if sort in takedown.SORTS and attrs["fact"] is None:
            raise serializers.ValidationError({"fact": "Say which one, by its id."})
        return attrs


class TakedownPages(Pages):
    """The latest first."""

    ordering = ("-pk",)


_TAKEDOWNS = Takedown.objects.select_related("entity", "actor", "lifted_by").order_by("-pk")


class Takedowns(ListAPIView):
    """``/api/v1/takedowns/``."""

    access = {"GET": _SEE, "POST": _DO}
    serializer_class = TakedownSerializer
    pagination_class = TakedownPages
    queryset = _TAKEDOWNS

    @extend_schema(
        operation_id="takedowns_list", summary="What was taken down, the latest first", tags=["takedowns"],
        responses={200: TakedownSerializer(many=True), **READ_ERRORS},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """In pages."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        operation_id="takedowns_create", summary="Take something down, or correct it, for good", tags=["takedowns"],
        description=(
            "The content is deleted, also from the history, and no import, merge or undo brings it back. It cannot be "
            "undone: lifting a takedown only lets the content come again."
        ),
        parameters=[IDEMPOTENCY_KEY], request=TakedownRequestSerializer,
        responses={201: TakedownSerializer, **POST_ERRORS},
        examples=[
            OpenApiExample(
                "a date of birth",
                value={"record": "q8rnpz9h4j", "sort": "field", "field": "valid_from", "reason": "asked for"},
                request_only=True,
            ),
            OpenApiExample(
                "a name, corrected",
                value={"record": "q8rnpz9h4j", "sort": "alias", "fact": 17, "correction": {"name": "Jon Smith"},
                       "reason": "misspelt, and meant another man"},
                request_only=True,
            ),
        ],
    )  # fmt: skip
    @idempotent
    def post(self, request):
        """Do it."""
        asked = TakedownRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        record, sort, reason, parts = data["record"], data["sort"], data["reason"], data["correction"]
        with refusals_told():
            if sort == Takedown.Sort.RECORD:
                done = takedown.suppress(record, actor=request.user, reason=reason)
            elif sort == Takedown.Sort.FIELD:
                value = parts.get("value") or None
                if value is not None and data["field"] == "prominence":
                    value = int(value) if value in ("1", "2", "3") else 0
                done = takedown.take_down_field(record, data["field"], actor=request.user, reason=reason, value=value)
            else:
                fact = takedown.SORTS[sort]._default_manager.filter(pk=data["fact"], entity=record).first()
                if fact is None:
                    raise serializers.ValidationError({"fact": f"The record has no such {sort}."})
                replacement = takedown.corrected(fact, parts) if parts else None
                done = takedown.take_down_fact(fact, actor=request.user, reason=reason, replacement=replacement)
        return Response(TakedownSerializer(_TAKEDOWNS.get(pk=done.pk)).data, status=201)


class TakedownDetail(RetrieveAPIView):
    """``/api/v1/takedowns/{id}/``."""

    access = {"GET": _SEE}
    serializer_class = TakedownSerializer
    queryset = _TAKEDOWNS

    @extend_schema(
        operation_id="takedowns_retrieve", summary="One takedown", tags=["takedowns"],
        responses={200: TakedownSerializer, **READ_ERRORS, 404: NOT_FOUND},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """The takedown."""
        return self.retrieve(request, *args, **kwargs)


class LiftTakedown(APIView):
    """``POST /api/v1/takedowns/{id}/lift/``."""

    access = {"POST": _DO}

    @extend_schema(
        operation_id="takedowns_lift", summary="Let what was taken down come again", tags=["takedowns"],
        description="Nothing comes back by itself: the next import, or a person, may bring it.",
        parameters=[IDEMPOTENCY_KEY], request=ReasonSerializer,
        responses={200: TakedownSerializer, **POST_ERRORS, 404: NOT_FOUND},
        examples=[OpenApiExample("why", value={"reason": "it was the right date after all"}, request_only=True)],
    )  # fmt: skip
    @idempotent
    def post(self, request, pk):
        """Lift it."""
        found = get_object_or_404(Takedown, pk=pk)
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        takedown.lift(found, actor=request.user, reason=asked.validated_data["reason"])
        return Response(TakedownSerializer(_TAKEDOWNS.get(pk=pk)).data)
