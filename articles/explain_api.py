"""``GET /api/v1/explain/``: why a mention was, or was not, linked to a record."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import APIView

from articles.explaining import explain
from articles.models import Mention
from articles.reading import live_link
from config.access import READ
from config.problems import BadParameter, ProblemSerializer
from config.throttling import PerScope
from entities.matching.types import Outcome
from entities.models import Entity
from entities.serializers import RecordRefSerializer

_OUTCOMES = [(outcome.value, outcome.value) for outcome in Outcome]


class FindingSerializer(serializers.Serializer):
    """A piece of evidence."""

    feature = serializers.CharField()
    weight = serializers.FloatField(help_text="Log-odds that it added.")
    text = serializers.CharField(help_text="What was found, in words.")


class ChangeSerializer(serializers.Serializer):
    """What would change the verdict; found by asking the engine again."""

    condition = serializers.CharField()
    outcome = serializers.ChoiceField(_OUTCOMES)
    probability = serializers.FloatField()


class ExplanationSerializer(serializers.Serializer):
    """The engine's verdict on one mention and one record."""

    record = RecordRefSerializer()
    outcome = serializers.ChoiceField(_OUTCOMES, help_text="For this record, not for the mention.")
    probability = serializers.FloatField()
    margin = serializers.FloatField()
    summary = serializers.CharField(help_text="The verdict in a sentence.")
    speaks_for = FindingSerializer(many=True)
    speaks_against = FindingSerializer(many=True)
    instead = RecordRefSerializer(allow_null=True, help_text="The best other record.")
    changes = ChangeSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())


class Explain(APIView):
    """``GET /api/v1/explain/?mention=&record=``."""

    access = {"GET": READ}
    throttle_classes = [*APIView.throttle_classes, PerScope]
    throttle_scope = "link"

    @extend_schema(
        operation_id="explain",
        summary="Why, or why not",
        description=(
            "Why a mention was, or was not, linked to a record, and what would change that: another date, one more name, "
            "a state in the text. A merged record stands for its survivor."
        ),
        parameters=[
            OpenApiParameter(
                "mention", {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}, required=True,
                description="Id of a mention, from an article.",
            ),
            OpenApiParameter(
                "record", {"type": "string", "minLength": 1, "maxLength": 16}, required=True, description="Id of a record.",
                examples=[OpenApiExample("a record", value="q8rnpz9h4j")],
            ),
        ],
        responses={
            200: ExplanationSerializer,
            400: OpenApiResponse(ProblemSerializer, description="A parameter cannot be understood."),
            404: OpenApiResponse(ProblemSerializer, description="No such mention or record."),
            429: OpenApiResponse(ProblemSerializer, description="Too many requests: see `Retry-After`."),
        },
        tags=["linking"],
    )  # fmt: skip
    def get(self, request):
        """Ask the engine about the pair."""
        given = request.query_params.get("mention", "")
        if not (given.isascii() and given.isdigit() and len(given) <= 18):
            raise BadParameter("mention: the id of a mention is a whole number.")
        record_id = request.query_params.get("record", "")
        if not record_id or "\0" in record_id or len(record_id) > 16:
            raise BadParameter("record: the id of a record is wanted.")
        mentions = Mention.objects.filter(article__withdrawn_at=None).select_related("article").with_live_link()
        mention = mentions.filter(pk=int(given)).first()
        entity = Entity.objects.filter(public_id=record_id).first()
        if mention is None or entity is None or not _may_see(request.user, mention):
            raise NotFound("There is no such mention or record.")
        try:
            explained = explain(mention, entity)
        except LookupError as error:
            raise NotFound(str(error)) from error
        found = explained.explanation
        records = Entity.objects.in_bulk([view.id for view in [found.instead if found else None] if view is not None])
        body = {
            "record": explained.entity,
            "outcome": found.outcome.value if found else Outcome.NIL.value,
            "probability": round(found.probability, 4) if found else 0.0,
            "margin": round(found.margin, 4) if found else 0.0,
            "summary": explained.summary,
            "speaks_for": found.speaks_for if found else [],
            "speaks_against": found.speaks_against if found else [],
            "instead": records.get(found.instead.id) if found and found.instead else None,
            "changes": found.changes if found else [],
            "notes": explained.notes,
        }
        return Response(ExplanationSerializer(body).data)


def _may_see(user, mention: Mention) -> bool:
    """The public sees mentions that mean a record; names of none are the curators' business."""
    link = live_link(mention)
    return (link is not None and link.entity_id is not None) or user.has_perm("articles.view_article")
