"""``POST /api/v1/match/``: names and what is known of their bearers → the records that may be meant."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from config.access import READ
from config.api import MAX_BODY_BYTES, PARTIAL_DATE, check_body_size
from entities.api.writing import READ_ERRORS, TOO_LARGE, UNSUPPORTED
from entities.lookup import MAX_BATCH, NameQuery, match_names
from entities.matching.lookup import MAX_NAME_CHARS
from entities.matching.types import Kind
from entities.models import KIND_CHOICES

MAX_MATCHES = 50


def _date(words: str) -> serializers.CharField:
    return serializers.CharField(
        max_length=10, required=False, allow_blank=True, default="", validators=[PARTIAL_DATE], help_text=words
    )


class MatchQuerySerializer(serializers.Serializer):
    """A name and what is known of the thing that bears it."""

    name = serializers.CharField(max_length=MAX_NAME_CHARS, help_text="In any script.")
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=KIND_CHOICES), required=False, default=list,
        max_length=len(Kind), help_text="Only these; none means all.",
    )  # fmt: skip
    on = _date("A date, or its beginning, on which it existed.")
    valid_from = _date("Birth, founding, signature.")
    valid_to = _date("Death, end.")
    states = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, default=list, max_length=10,
        help_text="States it belongs to: ids, ISO codes or names.",
    )  # fmt: skip
    identifiers = serializers.DictField(
        child=serializers.CharField(max_length=300), required=False, default=dict,
        help_text="Its ids elsewhere by scheme: `wikidata`, `iso3` …",
    )  # fmt: skip
    properties = serializers.DictField(
        child=serializers.CharField(max_length=300), required=False, default=dict,
        help_text="`office`, `subtype`, `occupation`, `birth_place`, `gender` …",
    )  # fmt: skip

    def _few(self, value):
        if len(value) > 20 or any(len(key) > 100 for key in value):
            raise serializers.ValidationError("At most 20 entries, with names of at most 100 characters.")
        return value

    validate_identifiers = validate_properties = _few


class MatchRequestSerializer(serializers.Serializer):
    """Names to be matched."""

    queries = serializers.ListField(
        child=MatchQuerySerializer(), min_length=1, max_length=MAX_BATCH,
        help_text=f"At most {MAX_BATCH}. One that is not valid is answered by itself; the others are not held up.",
    )  # fmt: skip
    limit = serializers.IntegerField(min_value=1, max_value=MAX_MATCHES, required=False, default=10)


class MatchSerializer(serializers.Serializer):
    """A record that a name may mean."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=KIND_CHOICES)
    name = serializers.CharField()
    description = serializers.CharField()
    probability = serializers.FloatField(
        help_text="That this one is meant; those of all matches, and of none, add up to 1."
    )
    margin = serializers.FloatField(help_text="Lead over the best other one; negative for those that follow.")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="In words, for and against.")
    features = serializers.DictField(child=serializers.FloatField(), help_text="Log-odds of each piece of evidence.")


class MatchAnswerSerializer(serializers.Serializer):
    """The answer to one query."""

    index = serializers.IntegerField(help_text="Place of the query.")
    status = serializers.IntegerField(help_text="200, or 400 for a query that is not valid.")
    matches = MatchSerializer(many=True)
    errors = serializers.DictField(required=False, help_text="By field, with status 400.")


class MatchResponseSerializer(serializers.Serializer):
    """The answers, in the order of the queries."""

    results = MatchAnswerSerializer(many=True)


class _Shell(serializers.Serializer):
    """The request apart from what each query says."""

    queries = serializers.ListField(child=serializers.JSONField(allow_null=True), min_length=1, max_length=MAX_BATCH)
    limit = serializers.IntegerField(min_value=1, max_value=MAX_MATCHES, required=False, default=10)


_EXAMPLE = {
    "queries": [
        {"name": "Masud Pezeshkyan", "kinds": ["person"], "states": ["IRN"], "valid_from": "1954"},
        {"name": "НАТО", "kinds": ["organization"]},
    ],
    "limit": 3,
}


class MatchNames(APIView):
    """``POST /api/v1/match/``."""

    access = {"POST": READ}

    @extend_schema(
        operation_id="match", summary="Match names with records", tags=["linking"], request=MatchRequestSerializer,
        description=(
            "For tables and programs: names with what is known beside them. For names in running text `POST /link/` "
            "uses the text around them. Nothing is stored."
        ),
        responses={200: MatchResponseSerializer, **READ_ERRORS, 413: TOO_LARGE, 415: UNSUPPORTED},
        examples=[OpenApiExample("two names", value=_EXAMPLE, request_only=True)],
    )  # fmt: skip
    def post(self, request):
        """Match all valid queries together."""
        check_body_size(request, MAX_BODY_BYTES)
        shell = _Shell(data=request.data)
        shell.is_valid(raise_exception=True)
        answers, queries, places = [], [], []
        for place, item in enumerate(shell.validated_data["queries"]):
            asked = MatchQuerySerializer(data=item)
            answers.append({"index": place, "status": 200, "matches": []})
            if not asked.is_valid():
                answers[place] |= {"status": 400, "errors": asked.errors}
                continue
            data = asked.validated_data
            queries.append(NameQuery(**{**data, "kinds": tuple(data["kinds"]), "states": tuple(data["states"])}))
            places.append(place)
        found = match_names(queries, limit=shell.validated_data["limit"])
        for place, matches in zip(places, found, strict=True):
            answers[place]["matches"] = [
                {
                    "id": match.public_id, "kind": match.kind, "name": match.name, "description": match.description,
                    "probability": match.probability, "margin": match.margin, "reasons": match.reasons,
                    "features": match.features,
                }
                for match in matches
            ]  # fmt: skip
        return Response({"results": answers})
