"""The JSON of articles, their mentions, and of texts that are linked without being stored."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from articles.highlighting import SEGMENT_NAMES
from articles.models import Article
from articles.reading import live_link
from config.api import PARTIAL_DATE
from config.fields import Closed, PatternText, Text
from entities.matching.types import MentionType, Outcome
from entities.serializers import RecordRefSerializer

MENTION_TYPES = [(type_.value, type_.value or "other") for type_ in MentionType]


class ArticleSerializer(serializers.ModelSerializer):
    """An article in a list."""

    id = serializers.CharField(source="public_id", help_text="Opaque, stable, never reused.")
    similar_to = serializers.SlugRelatedField(
        slug_field="public_id",
        read_only=True,
        allow_null=True,
        help_text="The first article of its group of near-duplicates.",
    )

    class Meta:
        model = Article
        fields = [
            "id", "title", "source", "author", "url", "language", "published_on", "published_at", "date_source",
            "similar_to", "imported_at", "linked_at",
        ]  # fmt: skip


class EvidenceSerializer(serializers.Serializer):
    """One piece of evidence for a link."""

    feature = serializers.CharField()
    weight = serializers.FloatField(help_text="Log-odds that it added; negative: spoke against.")
    text = serializers.CharField(help_text="The finding in words.")


class MentionSerializer(serializers.Serializer):
    """A mention with the decision about it."""

    id = serializers.IntegerField(help_text="For `explain` and decisions; gone once the article is linked anew.")
    start = serializers.IntegerField(help_text="In code points of the text.")
    end = serializers.IntegerField()
    surface = serializers.CharField()
    type = serializers.ChoiceField(choices=MENTION_TYPES)
    chain = serializers.IntegerField(help_text="Mentions of one chain mean one thing.")
    status = serializers.ChoiceField(
        choices=[(outcome.value, outcome.value) for outcome in Outcome], help_text="Only `linked` counts as a link."
    )
    record = RecordRefSerializer(allow_null=True, help_text="For `review`: the best candidate.")
    probability = serializers.FloatField()
    margin = serializers.FloatField(help_text="Lead over the runner-up.")
    reason = serializers.CharField(help_text="Why, in words.")
    by_person = serializers.BooleanField(help_text="A person decided.")
    evidence = EvidenceSerializer(many=True)


def evidence_of(rows) -> list[dict]:
    """``[feature, weight, words]`` rows as objects; rows of another shape are left out."""
    return [
        {"feature": str(row[0]), "weight": float(row[1]), "text": str(row[2])}
        for row in rows or ()
        if isinstance(row, list | tuple) and len(row) == 3 and isinstance(row[1], int | float)
    ]


def mention_data(mention) -> dict:
    """A stored mention, loaded ``with_live_link``."""
    link = live_link(mention)
    return {
        "id": mention.pk,
        "start": mention.start,
        "end": mention.end,
        "surface": mention.surface,
        "type": mention.type,
        "chain": mention.chain,
        "status": link.status if link is not None else Outcome.NIL.value,
        "record": link.entity if link is not None else None,
        "probability": link.probability if link is not None else 0.0,
        "margin": link.margin if link is not None else 0.0,
        "reason": link.reason if link is not None else "",
        "by_person": link is not None and link.actor_id is not None,
        "evidence": evidence_of(link.evidence) if link is not None else [],
    }


class SentenceSerializer(serializers.Serializer):
    """A sentence of an article."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    text = serializers.CharField()


class SegmentSerializer(serializers.Serializer):
    """A part of a text."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    kind = serializers.CharField(help_text=f"Among others: {', '.join(f'`{kind}`' for kind in SEGMENT_NAMES)}.")


def segment_data(segments) -> list[dict]:
    """``[start, end, kind]`` rows as objects."""
    return [{"start": start, "end": end, "kind": kind} for start, end, kind in segments]


class ArticleDetailSerializer(ArticleSerializer):
    """An article with its mentions and their links."""

    text = serializers.SerializerMethodField(help_text="Null unless the site shows whole texts, or you may see them.")
    sentences = serializers.SerializerMethodField(help_text="The sentences that mention a record.")
    segments = serializers.SerializerMethodField(help_text="Which parts of the text are headline, body or junk.")
    mentions = serializers.SerializerMethodField()

    class Meta(ArticleSerializer.Meta):
        fields = [*ArticleSerializer.Meta.fields, "text", "segments", "sentences", "mentions"]

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_text(self, article):
        """The whole text, where that is allowed."""
        return article.text if self.context["full"] else None

    @extend_schema_field(SentenceSerializer(many=True))
    def get_sentences(self, article):
        """Made by the view from the mentions it shows."""
        return [
            {"start": part.start, "end": part.end, "text": article.text[part.start : part.end]}
            for part in self.context["parts"]
        ]

    @extend_schema_field(SegmentSerializer(many=True))
    def get_segments(self, article):
        """As stored."""
        return segment_data(article.segments)

    @extend_schema_field(MentionSerializer(many=True))
    def get_mentions(self, article):
        """Those that the reader may see."""
        return MentionSerializer([mention_data(mention) for mention in self.context["mentions"]], many=True).data


MAX_LINK_CHARS = 100_000


class LinkRequestSerializer(Closed):
    """A text to be linked; nothing of it is stored."""

    text = Text(
        max_length=MAX_LINK_CHARS, trim_whitespace=False,
        help_text=f"At most {MAX_LINK_CHARS:,} characters; offsets in the answer concern it.",
    )  # fmt: skip
    title = Text(max_length=1000, required=False, allow_blank=True, default="")
    date = Text(
        max_length=10, required=False, allow_null=True, default=None, validators=[PARTIAL_DATE],
        help_text="ISO date or prefix; decides who held an office. Looked for in the text where absent.",
    )  # fmt: skip
    language = PatternText(
        r"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?\Z", max_length=16, required=False, allow_null=True, default=None,
        help_text="ISO 639 code; detected where absent.",
    )  # fmt: skip


class RankedSerializer(serializers.Serializer):
    """A record that was considered."""

    record = RecordRefSerializer()
    probability = serializers.FloatField()


class LinkedMentionSerializer(serializers.Serializer):
    """A mention found in the text."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    surface = serializers.CharField()
    type = serializers.ChoiceField(choices=MENTION_TYPES)
    chain = serializers.IntegerField()
    status = serializers.ChoiceField(
        choices=[(outcome.value, outcome.value) for outcome in Outcome], help_text="Only `linked` counts as a link."
    )
    record = RecordRefSerializer(allow_null=True)
    probability = serializers.FloatField()
    margin = serializers.FloatField()
    reason = serializers.CharField()
    evidence = EvidenceSerializer(many=True)
    candidates = RankedSerializer(many=True, help_text="Every record that was considered, best first.")


class LinkedTextSerializer(serializers.Serializer):
    """A text with what was found in it."""

    date = serializers.CharField(allow_null=True, help_text="As given, or as found in the text.")
    language = serializers.CharField()
    segments = SegmentSerializer(many=True)
    mentions = LinkedMentionSerializer(many=True)


def linked_data(linked, entities) -> dict:
    """A ``LinkedText`` as plain data.

    Args:
        entities: the records of its ``records``, by key.
    """
    mentions = []
    for one in linked.resolutions:
        decision = one.decision
        known = [(entities[scored.record_id], scored) for scored in one.ranking if scored.record_id in entities]
        mentions.append(
            {
                "start": one.span.start,
                "end": one.span.end,
                "surface": one.span.surface,
                "type": one.type.value,
                "chain": one.chain,
                "status": decision.outcome.value,
                "record": entities.get(decision.record_id) if decision.outcome is not Outcome.NIL else None,
                "probability": round(decision.probability, 4),
                "margin": round(decision.margin, 4),
                "reason": decision.reason,
                "evidence": evidence_of([[name, round(weight, 2), words] for name, weight, words in one.evidence]),
                "candidates": [
                    {"record": entity, "probability": round(scored.probability, 4)} for entity, scored in known[:10]
                ],
            }
        )
    mentions.sort(key=lambda mention: (mention["start"], -mention["end"]))
    return {
        "date": linked.date,
        "language": linked.language,
        "segments": segment_data(linked.segments),
        "mentions": mentions,
    }
