"""The JSON of records."""

from __future__ import annotations

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from entities import reading
from entities.matching.types import AliasType
from entities.models import Alias, Entity, Identifier, Relation, Source, Term

ALIAS_TYPES = [(type_.value, type_.value or "ordinary name") for type_ in AliasType]


class SourceSerializer(serializers.ModelSerializer):
    """Where a fact came from, and under which licence."""

    class Meta:
        model = Source
        fields = ["name", "licence", "url"]


class RecordRefSerializer(serializers.ModelSerializer):
    """A record, named."""

    id = serializers.CharField(source="public_id", help_text="Opaque, stable, never reused.")

    class Meta:
        model = Entity
        fields = ["id", "kind", "name"]


class AliasSerializer(serializers.ModelSerializer):
    """A name, or a word that stands for the record in some uses (demonym, adjective, metonym)."""

    type = serializers.ChoiceField(choices=ALIAS_TYPES, help_text="Empty: sort unknown.")
    quality = serializers.SerializerMethodField(help_text="`weak`: shared by many, or unspecific.")
    source = SourceSerializer(allow_null=True)

    class Meta:
        model = Alias
        fields = ["id", "name", "lang", "script", "type", "quality", "valid_from", "valid_to", "source"]

    @extend_schema_field(serializers.ChoiceField(choices=["normal", "weak"]))
    def get_quality(self, alias):
        """``normal`` or ``weak``."""
        return "weak" if alias.is_weak else "normal"


class IdentifierSerializer(serializers.ModelSerializer):
    """The record's id elsewhere."""

    source = SourceSerializer(allow_null=True)

    class Meta:
        model = Identifier
        fields = ["id", "scheme", "value", "is_contested", "source"]


class TermSerializer(serializers.ModelSerializer):
    """A term of office."""

    state = RecordRefSerializer(allow_null=True)
    organization = RecordRefSerializer(allow_null=True)
    source = SourceSerializer(allow_null=True)

    class Meta:
        model = Term
        fields = [
            "id",
            "title",
            "state",
            "state_text",
            "organization",
            "organization_text",
            "start",
            "end",
            "as_of",
            "source",
        ]
        extra_kwargs = {
            "end": {"help_text": "Empty: still held, or held on `as_of` where that is given."},
            "state_text": {"help_text": "The state as given, where no record answers to it."},
            "organization_text": {"help_text": "The organization as given, where no record answers to it."},
        }


class HeldTermSerializer(serializers.ModelSerializer):
    """A term of office without its source: in lists."""

    state = RecordRefSerializer(allow_null=True)
    organization = RecordRefSerializer(allow_null=True)

    class Meta:
        model = Term
        fields = ["title", "state", "organization", "start", "end"]


class RelationSerializer(serializers.ModelSerializer):
    """A tie to another record, or to text that no record answers to."""

    target = RecordRefSerializer(allow_null=True)
    source = SourceSerializer(allow_null=True)

    class Meta:
        model = Relation
        fields = ["id", "type", "target", "target_text", "start", "end", "source"]


class RecordSerializer(serializers.ModelSerializer):
    """A record in a list."""

    id = serializers.CharField(source="public_id", help_text="Opaque, stable, never reused.")
    description = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="The record's page.")

    class Meta:
        model = Entity
        fields = ["id", "kind", "name", "description", "subtype", "valid_from", "valid_to", "prominence", "url"]

    def get_description(self, entity) -> str:
        """A person's words, or those made from the facts."""
        return reading.description_of(entity)

    def get_url(self, entity) -> str:
        """Address of the page, without the host."""
        return entity.get_absolute_url()


class FoundRecordSerializer(RecordSerializer):
    """A record in the answer of a look-up: with how well it fits, why, and the offices held on the date asked for."""

    score = serializers.SerializerMethodField(help_text="How well the name fits, 0 to 1; null without `q`.")
    reason = serializers.SerializerMethodField(help_text="Why the record is shown, in words; empty without `q`.")
    terms = serializers.SerializerMethodField(help_text="Offices held on the date `on`; empty without it.")

    class Meta(RecordSerializer.Meta):
        fields = [*RecordSerializer.Meta.fields, "score", "reason", "terms"]

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_score(self, entity):
        """Of the hit, if there was a query."""
        hit = self.context.get("hits", {}).get(entity.pk)
        return round(hit.score, 3) if hit is not None else None

    def get_reason(self, entity) -> str:
        """Of the hit, if there was a query."""
        hit = self.context.get("hits", {}).get(entity.pk)
        return hit.reason if hit is not None else ""

    @extend_schema_field(HeldTermSerializer(many=True))
    def get_terms(self, entity):
        """Loaded for the whole page at once."""
        return HeldTermSerializer(self.context.get("terms", {}).get(entity.pk, ()), many=True).data


def found_record(entity: Entity, *, score: float | None = None, reason: str = "", terms=()) -> dict:
    """What ``FoundRecordSerializer`` says, many times as fast: look-ups spend their time on this."""
    return {
        "id": entity.public_id, "kind": entity.kind, "name": entity.name, "description": reading.description_of(entity),
        "subtype": entity.subtype, "valid_from": entity.valid_from, "valid_to": entity.valid_to,
        "prominence": entity.prominence, "url": entity.get_absolute_url(),
        "score": round(score, 3) if score is not None else None, "reason": reason,
        "terms": HeldTermSerializer(terms, many=True).data if terms else [],
    }  # fmt: skip


class RecordDetailSerializer(RecordSerializer):
    """A record with all its facts, each with its source."""

    aliases = AliasSerializer(many=True)
    identifiers = IdentifierSerializer(many=True)
    terms = TermSerializer(many=True)
    relations = RelationSerializer(many=True)
    source = SourceSerializer(allow_null=True)
    sources = serializers.SerializerMethodField(help_text="Every source behind any of the facts.")
    merged_ids = serializers.SerializerMethodField(help_text="Ids of records that were merged into this one.")
    merged_into = RecordRefSerializer(allow_null=True, help_text="Set on a record that was merged away.")

    class Meta(RecordSerializer.Meta):
        fields = [
            *RecordSerializer.Meta.fields, "capital", "signed", "in_force", "attributes", "aliases", "identifiers",
            "terms", "relations", "source", "sources", "merged_ids", "merged_into", "version", "updated_at",
        ]  # fmt: skip

    @extend_schema_field(SourceSerializer(many=True))
    def get_sources(self, entity):
        """From the facts that were loaded."""
        return SourceSerializer(reading.sources_of(entity), many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_merged_ids(self, entity):
        """Flat: all of them name this record directly."""
        return [old.public_id for old in entity.absorbed.all()]


def terms_on(entities: list[Entity], on: str) -> dict[int, list[Term]]:
    """The offices that any of these records held on a date, by record; one query."""
    found: dict[int, list[Term]] = {}
    terms = Term.objects.in_use().held_on(on).filter(entity__in=entities)
    for term in terms.select_related("state", "organization").order_by(models.F("start").desc(), "pk"):
        found.setdefault(term.entity_id, []).append(term)
    return found
