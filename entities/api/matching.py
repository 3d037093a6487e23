"""``POST /api/v1/match/``: names with a few facts, many at once, to ranked records."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from config.access import READ
from config.api import PARTIAL_DATE, check_body_size
from config.fields import NOT_BLANK, Closed, Text, WholeNumber, refuse_unknown
from config.problems import ProblemSerializer, TooLarge
from config.throttling import PerScope
from entities.lookup import MAX_NAME_CHARS, match_names, records_named
from entities.matching.lookup import NameMatch, NameQuery
from entities.matching.types import Kind
from entities.models import Entity
from entities.serializers import RecordSerializer
from entities.visible import without_hidden

MAX_QUERIES = 500
MAX_MATCHES = 50
_MAX_BYTES = 2_000_000
_MAX_LISTED = 20  # states or identifiers of one query


def _is_plain(text: str) -> bool:
    """Whether a key of an object is text that the database can hold."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


@extend_schema_field(
    {
        "type": "object", "maxProperties": _MAX_LISTED,
        "propertyNames": {"type": "string", "maxLength": 50, "pattern": r"^[^\u0000]*$"},
        "additionalProperties": {"type": "string", "maxLength": 300, "pattern": NOT_BLANK},
    }
)  # fmt: skip
class IdentifiersField(serializers.DictField):
    """Ids elsewhere, by scheme."""


class MatchQuerySerializer(Closed):
    """One name and what else is known of whom or what it means."""

    name = Text(
        max_length=MAX_NAME_CHARS,
        help_text="In any script, misspelt perhaps; also an id of a record or a Wikidata id.",
    )  # fmt: skip
    kinds = serializers.ListField(
        child=serializers.ChoiceField([kind.value for kind in Kind]), default=list, max_length=len(Kind),
        help_text="Only records of these kinds.",
    )  # fmt: skip
    on = Text(
        default="", allow_blank=True, max_length=10, validators=[PARTIAL_DATE],
        help_text="A date on which it existed, and on which the office was held.",
    )  # fmt: skip
    start = Text(
        default="", allow_blank=True, max_length=10, validators=[PARTIAL_DATE], help_text="Born, founded, signed."
    )
    end = Text(default="", allow_blank=True, max_length=10, validators=[PARTIAL_DATE], help_text="Died, dissolved.")
    states = serializers.ListField(
        child=Text(max_length=300), default=list, max_length=_MAX_LISTED,
        help_text="Ids, ISO codes or names of states that it belongs to.",
    )  # fmt: skip
    office = Text(default="", allow_blank=True, max_length=200, help_text="A title the person held.")
    identifiers = IdentifiersField(
        child=Text(max_length=300), default=dict,
        help_text="Ids elsewhere, by scheme: `{\"wikidata\": \"Q7747\"}`.",
    )  # fmt: skip

    def validate_identifiers(self, value):
        """Bounded in number and in the length of schemes."""
        if len(value) > _MAX_LISTED or any(len(scheme) > 50 or not _is_plain(scheme) for scheme in value):
            raise serializers.ValidationError(
                f"At most {_MAX_LISTED} identifiers, with schemes of at most 50 characters."
            )
        return value


class MatchRequestSerializer(Closed):
    """Many queries."""

    queries = serializers.ListField(child=MatchQuerySerializer(), min_length=1, max_length=MAX_QUERIES)
    limit = WholeNumber(default=5, min_value=1, max_value=MAX_MATCHES, help_text="Records wanted of each.")


class MatchSerializer(serializers.Serializer):
    """A record that a query may mean."""

    record = RecordSerializer()
    probability = serializers.FloatField(help_text="That the query means this record, among all others and none.")
    margin = serializers.FloatField(help_text="Lead over the best other record; below 0 it is behind.")
    is_match = serializers.BooleanField(help_text="Sure enough to be taken without a person; of one record at most.")
    matched_name = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())
    features = serializers.DictField(child=serializers.FloatField())


class MatchResultSerializer(serializers.Serializer):
    """The answer to one query, or why it has none."""

    index = serializers.IntegerField(help_text="The query's place in the request.")
    status = serializers.IntegerField(help_text="200, or 400 with `errors`.")
    matches = MatchSerializer(many=True, required=False)
    errors = serializers.DictField(required=False, help_text="By field.")


class MatchAnswerSerializer(serializers.Serializer):
    """One result for each query, in their order."""

    results = MatchResultSerializer(many=True)


_EXAMPLE = {
    "queries": [
        {"name": "Masud Pezeshkyan", "kinds": ["person"], "on": "2025-01-17", "states": ["IRN"]},
        {"name": "George Bush", "on": "1990-08-02", "office": "president"},
    ],
    "limit": 3,
}


class MatchNames(APIView):
    """``POST /api/v1/match/``."""

    access = {"POST": READ}
    throttle_classes = [*APIView.throttle_classes, PerScope]
    throttle_scope = "match"

    @extend_schema(
        operation_id="match",
        summary="Match names to records",
        description=(
            f"At most {MAX_QUERIES} names, each with what is known of it, to ranked records with probability, margin and "
            "reasons. A query that cannot be understood gets its own errors; the others are answered. Nothing is stored."
        ),
        request=MatchRequestSerializer,
        responses={
            200: MatchAnswerSerializer,
            400: OpenApiResponse(ProblemSerializer, description="The request as a whole cannot be understood."),
            413: OpenApiResponse(ProblemSerializer, description="Too many queries, or too large a body."),
            429: OpenApiResponse(ProblemSerializer, description="Too many requests: see `Retry-After`."),
        },
        examples=[OpenApiExample("two names", value=_EXAMPLE, request_only=True)],
        tags=["linking"],
    )
    def post(self, request):
        """Match every query that can be read."""
        check_body_size(request, _MAX_BYTES)
        data = request.data if isinstance(request.data, dict) else {}
        refuse_unknown(data, MatchRequestSerializer().fields)
        given = data.get("queries")
        if not isinstance(given, list) or not given:
            raise ValidationError({"queries": ["A list of at least one query is wanted."]})
        if len(given) > MAX_QUERIES:
            raise TooLarge(f"A request may hold at most {MAX_QUERIES} queries.")
        limit = WholeNumber(min_value=1, max_value=MAX_MATCHES)
        try:
            wanted = limit.run_validation(data.get("limit", 5))
        except ValidationError as error:
            raise ValidationError({"limit": error.detail}) from error
        checked = [MatchQuerySerializer(data=one) for one in given]
        good = [n for n, one in enumerate(checked) if one.is_valid()]
        queries = _queries([checked[n].validated_data for n in good])
        answers = dict(zip(good, match_names(queries, wanted), strict=True))
        records = Entity.objects.in_bulk({match.record_id for listed in answers.values() for match in listed})
        return Response(
            {
                "results": [
                    {"index": n, "status": 200, "matches": [_match(match, records) for match in answers[n]]}
                    if n in answers
                    else {"index": n, "status": 400, "errors": one.errors}
                    for n, one in enumerate(checked)
                ]
            }
        )


def _queries(rows: list[dict]) -> list[NameQuery]:
    states = records_named({text for row in rows for text in row["states"]})
    return [
        NameQuery(
            name=without_hidden(row["name"]), kinds=tuple(row["kinds"]), on=row["on"], start=row["start"], end=row["end"],
            states=frozenset().union(*(states[text] for text in row["states"])), office=row["office"],
            identifiers=tuple(row["identifiers"].items()),
        )
        for row in rows
    ]  # fmt: skip


def _match(match: NameMatch, records: dict[int, Entity]) -> dict:
    return {
        "record": RecordSerializer(records[match.record_id]).data,
        "probability": match.probability,
        "margin": match.margin,
        "is_match": match.is_match,
        "matched_name": match.matched_name,
        "reasons": list(match.reasons),
        "features": match.features,
    }
