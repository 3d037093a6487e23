"""What people may send about records: shapes are checked here, meaning by the services."""

from __future__ import annotations

import re
from contextlib import contextmanager

from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError, IntegrityError
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema_field
from rest_framework import serializers

from config.api import PARTIAL_DATE
from config.fields import Closed, PatternText, Text, WholeNumber
from config.problems import Conflict, ProblemSerializer
from entities.editing import EditError
from entities.matching.types import Kind
from entities.models import KIND_CHOICES, Entity
from entities.serializers import ALIAS_TYPES, RecordDetailSerializer, TermSerializer

BAD = OpenApiResponse(ProblemSerializer, description="Something in the request is not valid: see `errors`.")
UNAUTHENTICATED = OpenApiResponse(ProblemSerializer, description="No token or session, or one that is not valid.")
FORBIDDEN = OpenApiResponse(ProblemSerializer, description="The role, or the token's scope, does not reach so far.")
NOT_FOUND = OpenApiResponse(ProblemSerializer, description="There is no such thing.")
GONE = OpenApiResponse(ProblemSerializer, description="It was there, and was taken out of use for good.")
MOVED = OpenApiResponse(description="Merged: the address of the surviving record is in `Location`.")
CONFLICT = OpenApiResponse(ProblemSerializer, description="It contradicts what is there by now; nothing was changed.")
OUTDATED = OpenApiResponse(ProblemSerializer, description="It was changed in the meantime: read it again.")
TOO_LARGE = OpenApiResponse(ProblemSerializer, description="The body is too large.")
UNSUPPORTED = OpenApiResponse(ProblemSerializer, description="The body is not `application/json`.")
KEY_REUSED = OpenApiResponse(ProblemSerializer, description="The Idempotency-Key was used for another request.")
NO_ETAG = OpenApiResponse(ProblemSerializer, description="If-Match is missing.")

#: Of any request that carries no body; and of those that write.
READ_ERRORS = {400: BAD, 401: UNAUTHENTICATED, 403: FORBIDDEN}
POST_ERRORS = {**READ_ERRORS, 409: CONFLICT, 413: TOO_LARGE, 415: UNSUPPORTED, 422: KEY_REUSED}
CHANGE_ERRORS = {
    **READ_ERRORS,
    404: NOT_FOUND,
    409: CONFLICT,
    412: OUTDATED,
    413: TOO_LARGE,
    415: UNSUPPORTED,
    428: NO_ETAG,
}


_PUBLIC_ID = re.compile(r"[2-9a-z]{10}")


@contextmanager
def refusals_told():
    """Inside: what services and constraints refuse is the caller's to put right, and nothing was changed."""
    try:
        yield
    except EditError as error:
        raise Conflict(str(error)) from error
    except ModelValidationError as error:
        raise serializers.ValidationError(error.message_dict) from error
    except (IntegrityError, DataError) as error:
        raise Conflict("This is there already, or contradicts what is there.") from error


def record_or_404(public_id: str) -> Entity:
    """A record by its id, merged ones as well."""
    return get_object_or_404(Entity, public_id=public_id)


class PartialDate(Text):
    """An ISO date or prefix; empty: unknown."""

    def __init__(self, **kwargs):
        super().__init__(max_length=10, required=False, allow_blank=True, validators=[PARTIAL_DATE], **kwargs)


@extend_schema_field({"type": "string", "pattern": _PUBLIC_ID.pattern.join("^$")})
class RecordField(Text):
    """The id of a live record; a merged one stands for its survivor."""

    default_error_messages = {"unknown": "There is no such record.", "kind": "This must be of kind {kind}."}

    def __init__(self, *, kind: Kind | None = None, **kwargs):
        self.kind = kind
        super().__init__(max_length=16, **kwargs)

    def to_internal_value(self, data):
        """The record."""
        public_id = super().to_internal_value(data)
        if not _PUBLIC_ID.fullmatch(public_id):
            self.fail("unknown")
        try:
            record = Entity.objects.resolve(public_id)
        except Entity.DoesNotExist:
            self.fail("unknown")
        if self.kind is not None and record.kind != self.kind:
            self.fail("kind", kind=self.kind.value)
        return record

    def run_validators(self, value):
        """The text is checked by its look-up; what comes out is a record."""


class Reason(Text):
    """Why, for the history."""

    def __init__(self):
        super().__init__(
            max_length=2000, required=False, allow_blank=True, default="", help_text="Why: kept in the history."
        )


_MOST_ATTRIBUTES, _LONGEST_NAME, _LONGEST_VALUE = 50, 100, 1000


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": _MOST_ATTRIBUTES,
        "propertyNames": {"minLength": 1, "maxLength": _LONGEST_NAME, "pattern": r"^[^\u0000]+$"},
        "additionalProperties": {"type": "string", "maxLength": _LONGEST_VALUE, "pattern": r"^[^\u0000]*$"},
    }
)
class Attributes(serializers.DictField):
    """Name → text: few and short."""

    def __init__(self, **kwargs):
        super().__init__(child=Text(max_length=_LONGEST_VALUE, allow_blank=True), **kwargs)


class RecordWriteSerializer(Closed):
    """Fields of a record that a person sets; no import changes them afterwards."""

    answered = frozenset(RecordDetailSerializer.Meta.fields)

    name = Text(max_length=500)
    description = Text(max_length=1000, required=False, allow_blank=True)
    valid_from = PartialDate(help_text="Birth, founding, start of existence.")
    valid_to = PartialDate(help_text="Death, end of existence or of force.")
    prominence = WholeNumber(
        min_value=1, max_value=3, required=False, allow_null=True, help_text="1 is the best known."
    )
    subtype = Text(max_length=100, required=False, allow_blank=True)
    capital = Text(max_length=200, required=False, allow_blank=True, help_text="Of states alone.")
    signed = PartialDate(help_text="Of agreements alone.")
    in_force = PartialDate(help_text="Of agreements alone.")
    attributes = Attributes(required=False, help_text="Further facts: `birth_place`, `occupation`, `gender` …")
    reason = Reason()

    def validate_attributes(self, value):
        """Few and short."""
        if len(value) > _MOST_ATTRIBUTES or any(not 0 < len(key) <= _LONGEST_NAME for key in value):
            raise serializers.ValidationError(
                f"At most {_MOST_ATTRIBUTES} attributes, with names of 1 to {_LONGEST_NAME} characters."
            )
        if any("\0" in key or any("\ud800" <= char <= "\udfff" for char in key) for key in value):
            raise serializers.ValidationError("A name holds a NUL character or half a character.")
        return value

    def validate(self, attrs):
        """A kind has its own fields; nothing ends before it begins."""
        kind = attrs.get("kind") or getattr(self.instance, "kind", "")
        if attrs.get("capital") and kind != Kind.STATE:
            raise serializers.ValidationError({"capital": "Only a state has a capital."})
        for name in ("signed", "in_force"):
            if attrs.get(name) and kind != Kind.AGREEMENT:
                raise serializers.ValidationError({name: "Only an agreement has this date."})
        stored = {name: getattr(self.instance, name, "") for name in ("valid_from", "valid_to")}
        if "valid_from" in attrs or "valid_to" in attrs:
            _check_order({**stored, **attrs}, "valid_from", "valid_to")
        return attrs


class RecordCreateSerializer(RecordWriteSerializer):
    """A new record."""

    kind = serializers.ChoiceField(choices=KIND_CHOICES)


def _check_order(attrs, start: str, end: str) -> None:
    first, last = attrs.get(start) or "", attrs.get(end) or ""
    length = min(len(first), len(last))
    if length and first[:length] > last[:length]:
        raise serializers.ValidationError({end: "This ends before it begins."})


class AliasWriteSerializer(Closed):
    """A name of a record."""

    name = Text(max_length=500)
    lang = PatternText(
        r"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", max_length=16, required=False, allow_blank=True, default="",
        help_text="ISO 639 code.",
    )  # fmt: skip
    type = serializers.ChoiceField(choices=ALIAS_TYPES, required=False, allow_blank=True, default="")
    quality = serializers.ChoiceField(choices=["normal", "weak"], required=False, default="normal")
    valid_from = PartialDate(default="")
    valid_to = PartialDate(default="")
    reason = Reason()

    def validate(self, attrs):
        """Nothing ends before it begins."""
        _check_order(attrs, "valid_from", "valid_to")
        return attrs


class TermWriteSerializer(Closed):
    """A person's term of office."""

    answered = frozenset({"record", *TermSerializer.Meta.fields})

    title = Text(max_length=300)
    state = RecordField(kind=Kind.STATE, required=False, allow_null=True, help_text="Id of the state.")
    state_text = Text(max_length=300, required=False, allow_blank=True)
    organization = RecordField(
        kind=Kind.ORGANIZATION, required=False, allow_null=True, help_text="Id of the organization."
    )
    organization_text = Text(max_length=300, required=False, allow_blank=True)
    start = PartialDate()
    end = PartialDate(help_text="Empty: still held, or held on `as_of`.")
    as_of = PartialDate()
    reason = Reason()

    def validate(self, attrs):
        """Nothing ends before it begins, also together with what is stored."""
        if "start" not in attrs and "end" not in attrs:
            return attrs
        stored = {name: getattr(self.instance, name, "") for name in ("start", "end")}
        _check_order({**stored, **attrs}, "start", "end")
        return attrs


class ReasonSerializer(Closed):
    """Why something is done."""

    reason = Reason()
