"""What waits for people, over the API: doubtful links, pairs that may be one record, unknown names.

The same queues and services as the admin's pages. Nothing is claimed here: a decision about what somebody decided in the
meantime is refused with 409.
"""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from articles import proposals
from articles.api.mentions import (
    DECIDE_LINKS,
    DECISION_EXAMPLES,
    LINKS,
    SEE_LINKS,
    DecidedSerializer,
    DecisionSerializer,
    LinkSerializer,
    decide,
)
from articles.highlighting import Mark, excerpts
from articles.models import Candidate, Link, Mention, NilGroup
from articles.proposals import ProposalError
from articles.queue import Filters, Queue, waiting
from articles.serializers import EvidenceSerializer, evidence_of
from config.access import Rule
from config.api import Pages, SparseFields, TextFilter, TrueOrFalseFilter, WholeNumberFilter
from config.fields import Closed, Text, WholeNumber
from config.idempotency import PARAMETER as IDEMPOTENCY_KEY
from config.idempotency import idempotent
from config.models import Scope
from config.problems import Conflict
from entities.api.judgements import JUDGE, VERDICTS, JudgementSerializer
from entities.api.redirects import resolve_or_none
from entities.api.writing import NOT_FOUND, POST_ERRORS, READ_ERRORS, Reason, RecordField, refusals_told
from entities.judging import JudgeError, judge
from entities.matching.types import Kind
from entities.models import KIND_CHOICES, DuplicateSuggestion, Entity, Judgement
from entities.serializers import RecordRefSerializer, RecordSerializer

_SEE_PAIRS = Rule(Scope.READ, "entities.view_duplicatesuggestion")
_SEE_NAMES = Rule(Scope.READ, "articles.view_nilgroup")
_DECIDE_NAMES = Rule(Scope.CURATE, "articles.change_nilgroup")


# --- Filters ----------------------------------------------------------------------------------------------------------
class QueueFilter(django_filters.FilterSet):
    """The filters of the admin's queues."""

    queue: Queue

    kind = django_filters.ChoiceFilter(
        method="keep", choices=[(kind.value, kind.value) for kind in Kind], help_text="Kind of the record in question."
    )
    age = WholeNumberFilter(method="keep", least=1, most=36_500, help_text="Not older than so many days.")

    def keep(self, queryset, name, value):
        """All filters go into the queue's own reading at once: see ``filter_queryset``."""
        return queryset

    def filter_queryset(self, queryset):
        """As the admin's pages filter."""
        asked = self.form.cleaned_data
        state = resolve_or_none(asked["state"]) if asked.get("state") else None
        if asked.get("state") and state is None:
            return queryset.none()
        return waiting(
            self.queue,
            Filters(
                kind=asked.get("kind") or "", state=state.pk if state else None, outlet=asked.get("source") or "",
                language=asked.get("language") or "", max_age_days=int(asked["age"]) if asked.get("age") else None,
                is_aside=bool(asked.get("aside")),
            ),
        )  # fmt: skip


class _Aside(TrueOrFalseFilter):
    def __init__(self):
        super().__init__(
            method="keep", help_text="`true`: those that a person set aside as unsure, in place of those that wait."
        )


class _State(TextFilter):
    def __init__(self):
        super().__init__(method="keep", max_length=16, help_text="Id of a state that the record belongs to.")


class _Outlet(TextFilter):
    def __init__(self):
        super().__init__(method="keep", max_length=300, help_text="The outlet's name, whole.")


class _Language(TextFilter):
    def __init__(self):
        super().__init__(method="keep", max_length=16, help_text="Code of the article's language.")


class LinkQueueFilter(QueueFilter):
    """Doubtful links."""

    queue = Queue.LINKS
    state, source, language, aside = _State(), _Outlet(), _Language(), _Aside()


class PairQueueFilter(QueueFilter):
    """Pairs."""

    queue = Queue.DUPLICATES
    state, aside = _State(), _Aside()


class NameQueueFilter(QueueFilter):
    """Unknown names."""

    queue = Queue.PROPOSALS
    source, language = _Outlet(), _Language()


class WorthMost(Pages):
    """What a decision is worth most about first."""

    ordering = ("-priority", "pk")


class MostSeen(Pages):
    """Names in most articles first."""

    ordering = ("-article_count", "-mention_count", "pk")


# --- Doubtful links ---------------------------------------------------------------------------------------------------
class CandidateSerializer(serializers.ModelSerializer):
    """A record that was considered."""

    record = RecordSerializer(source="entity")
    evidence = serializers.SerializerMethodField()

    class Meta:
        model = Candidate
        fields = ["record", "rank", "probability", "evidence"]

    @extend_schema_field(EvidenceSerializer(many=True))
    def get_evidence(self, candidate):
        """What speaks for and against."""
        return evidence_of(candidate.evidence)


class LinkItemSerializer(LinkSerializer):
    """A doubtful link with all that a decision needs."""

    sentence = serializers.SerializerMethodField(help_text="In which the mention stands.")
    candidates = serializers.SerializerMethodField(help_text="Best first.")

    def get_sentence(self, link) -> str:
        """The first sentence of the mention; the words around it where it stands in none."""
        article, mention = link.mention.article, link.mention
        parts = excerpts(article.text, article.segments, [Mark(mention.start, mention.end, is_plain=True)], limit=1)
        start, end = (parts[0].start, parts[0].end) if parts else (max(0, mention.start - 200), mention.end + 200)
        return article.text[start:end]

    @extend_schema_field(CandidateSerializer(many=True))
    def get_candidates(self, link):
        """Live records alone."""
        rows = link.mention.candidates.filter(entity__merged_into=None).select_related("entity").order_by("rank", "pk")
        return CandidateSerializer(rows, many=True).data


@extend_schema_view(
    get=extend_schema(
        operation_id="review_links_list", summary="Doubtful links, worth most first", tags=["review"],
        responses={200: LinkSerializer(many=True), **READ_ERRORS},
    )
)  # fmt: skip
class LinkQueue(SparseFields, ListAPIView):
    """``GET /api/v1/review/links/``."""

    access = {"GET": SEE_LINKS}
    serializer_class = LinkSerializer
    pagination_class = WorthMost
    filterset_class = LinkQueueFilter
    queryset = waiting(Queue.LINKS)

    def filter_queryset(self, queryset):
        """With who decided, without the texts."""
        rows = super().filter_queryset(queryset).select_related("mention__article", "entity", "actor")
        return rows.defer("mention__article__text", "mention__article__segments")


@extend_schema_view(
    get=extend_schema(
        operation_id="review_links_retrieve", summary="A doubtful link with its candidates", tags=["review"],
        description="All that a decision needs; a link that was decided in the meantime is told by its status.",
        responses={200: LinkItemSerializer, **READ_ERRORS, 404: NOT_FOUND},
    )
)  # fmt: skip
class LinkItem(RetrieveAPIView):
    """``GET /api/v1/review/links/{id}/``."""

    access = {"GET": SEE_LINKS}
    serializer_class = LinkItemSerializer
    queryset = Link.objects.select_related("mention__article", "entity", "actor").filter(
        mention__article__withdrawn_at=None
    )


class Decide(APIView):
    """``POST`` of a decision about one row."""

    rows: QuerySet
    serializer_class: type[serializers.Serializer]

    @idempotent
    def post(self, request, pk):
        """Decide about the row."""
        row = get_object_or_404(self.rows, pk=pk)
        asked = self.serializer_class(data=request.data)
        asked.is_valid(raise_exception=True)
        return self.decide(request, row, asked.validated_data)

    def decide(self, request, row, asked: dict) -> Response:
        """What becomes of it."""
        raise NotImplementedError


@extend_schema_view(
    post=extend_schema(
        operation_id="review_links_decide", summary="Decide about a doubtful link", tags=["review"],
        description="409 if the link does not stand any more: somebody was faster. Taken back by `/links/{id}/undo/`.",
        parameters=[IDEMPOTENCY_KEY], request=DecisionSerializer,
        responses={201: DecidedSerializer, **POST_ERRORS, 404: NOT_FOUND}, examples=DECISION_EXAMPLES,
    )
)  # fmt: skip
class DecideLink(Decide):
    """``POST /api/v1/review/links/{id}/decision/``."""

    access = {"POST": DECIDE_LINKS}
    rows = LINKS.filter(mention__article__withdrawn_at=None)
    serializer_class = DecisionSerializer

    def decide(self, request, row, asked):
        """The link is locked by its mention: of two people at once the second is told."""
        mention = Mention.objects.select_for_update(of=("self",)).filter(pk=row.mention_id).first()
        if mention is None or not Link.objects.live().filter(pk=row.pk).exists():
            raise Conflict("Somebody else decided about this mention in the meantime; look at it again.")
        return decide(request, mention, row, asked)


# --- Pairs ------------------------------------------------------------------------------------------------------------
class PairSerializer(serializers.ModelSerializer):
    """Two records that the engine thinks may be one."""

    a = RecordSerializer()
    b = RecordSerializer()
    reasons = serializers.SerializerMethodField()

    class Meta:
        model = DuplicateSuggestion
        fields = ["id", "a", "b", "probability", "reasons", "suggested_at", "closed_at"]

    def get_reasons(self, pair) -> list[str]:
        """What speaks for and against, in words."""
        return [str(reason) for reason in pair.reasons or ()]


class PairItemSerializer(PairSerializer):
    """A pair with the verdicts that people gave on it."""

    verdicts = serializers.SerializerMethodField(help_text="The latest first.")

    class Meta(PairSerializer.Meta):
        fields = [*PairSerializer.Meta.fields, "verdicts"]

    @extend_schema_field(JudgementSerializer(many=True))
    def get_verdicts(self, pair):
        """All of them, those superseded as well."""
        rows = Judgement.objects.filter(a=pair.a_id, b=pair.b_id).select_related("a", "b", "actor").order_by("-pk")
        return JudgementSerializer(rows, many=True).data


class VerdictRequestSerializer(Closed):
    """A verdict on a pair."""

    verdict = serializers.ChoiceField(choices=VERDICTS)
    reason = Reason()


@extend_schema_view(
    get=extend_schema(
        operation_id="review_duplicates_list", summary="Pairs that may be one record, worth most first", tags=["review"],
        responses={200: PairSerializer(many=True), **READ_ERRORS},
    )
)  # fmt: skip
class PairQueue(SparseFields, ListAPIView):
    """``GET /api/v1/review/duplicates/``."""

    access = {"GET": _SEE_PAIRS}
    serializer_class = PairSerializer
    pagination_class = WorthMost
    filterset_class = PairQueueFilter
    queryset = waiting(Queue.DUPLICATES)


@extend_schema_view(
    get=extend_schema(
        operation_id="review_duplicates_retrieve", summary="A pair that may be one record, with its verdicts",
        tags=["review"], responses={200: PairItemSerializer, **READ_ERRORS, 404: NOT_FOUND},
    )
)  # fmt: skip
class PairItem(RetrieveAPIView):
    """``GET /api/v1/review/duplicates/{id}/``."""

    access = {"GET": _SEE_PAIRS}
    serializer_class = PairItemSerializer
    queryset = DuplicateSuggestion.objects.select_related("a", "b")


@extend_schema_view(
    post=extend_schema(
        operation_id="review_duplicates_decide", summary="Give a verdict on a pair", tags=["review"],
        description="Merges nothing; taken back by `/judgements/{id}/undo/`.",
        parameters=[IDEMPOTENCY_KEY], request=VerdictRequestSerializer,
        responses={201: JudgementSerializer, **POST_ERRORS, 404: NOT_FOUND},
        examples=[OpenApiExample("different", value={"verdict": "different", "reason": "namesakes"}, request_only=True)],
    )
)  # fmt: skip
class DecidePair(Decide):
    """``POST /api/v1/review/duplicates/{id}/decision/``."""

    access = {"POST": JUDGE}
    rows = PairItem.queryset
    serializer_class = VerdictRequestSerializer

    def decide(self, request, row, asked):
        """A verdict is given; nothing is merged."""
        try:
            done = judge(row.a_id, row.b_id, asked["verdict"], actor=request.user, reason=asked["reason"])
        except JudgeError as error:
            raise Conflict(str(error)) from error
        return Response(JudgementSerializer(done).data, status=201)


# --- Unknown names ----------------------------------------------------------------------------------------------------
class NameSerializer(serializers.ModelSerializer):
    """A name that articles mention and no record answers to."""

    kind = serializers.CharField(help_text="What it probably is; empty: unknown.")
    record = RecordRefSerializer(source="entity", allow_null=True, help_text="What was made of it.")

    class Meta:
        model = NilGroup
        fields = ["id", "name", "kind", "status", "mention_count", "article_count", "record", "decided_at", "reason"]


class PassageSerializer(serializers.Serializer):
    """Where a name stands."""

    article = serializers.CharField(source="article_id", help_text="Id of the article.")
    title = serializers.CharField()
    published_on = serializers.CharField()
    before = serializers.CharField()
    surface = serializers.CharField()
    after = serializers.CharField()


class CountSerializer(serializers.Serializer):
    """A text and how often it occurs."""

    text = serializers.CharField()
    count = serializers.IntegerField()


class NearSerializer(serializers.Serializer):
    """A record with a name like the unknown one."""

    record = RecordSerializer()
    name = serializers.CharField(help_text="The name of it that is alike.")
    likeness = serializers.FloatField(help_text="0 to 1.")


class CompanySerializer(serializers.Serializer):
    """A record in the same articles."""

    record = RecordRefSerializer()
    count = serializers.IntegerField()


class NameItemSerializer(serializers.Serializer):
    """A name with all that a decision needs."""

    name = NameSerializer()
    surfaces = CountSerializer(many=True)
    outlets = CountSerializer(many=True)
    first_seen = serializers.CharField()
    last_seen = serializers.CharField()
    sentences = PassageSerializer(many=True)
    company = CompanySerializer(many=True)
    near = NearSerializer(many=True)
    alike = NameSerializer(many=True, help_text="Other open names that may be the same.")


class NameDecisionSerializer(Closed):
    """What becomes of an unknown name."""

    action = serializers.ChoiceField(
        choices=["create", "choose", "reject", "reopen"],
        help_text=(
            "`create`: a record is made of it and every mention linked. `choose`: it is `record`. `reject`: no record is "
            "wanted, for good. `reopen`: a rejection is taken back."
        ),
    )
    kind = serializers.ChoiceField(
        choices=KIND_CHOICES, required=False, help_text="With `create`; else the name's own."
    )
    name = Text(max_length=500, required=False, help_text="With `create`; else the name as it stands.")
    aliases = serializers.ListField(
        child=Text(max_length=500), required=False, max_length=50,
        help_text="With `create`: further names; absent: every form that is more than a part of the name.",
    )  # fmt: skip
    description = Text(max_length=1000, required=False, allow_blank=True, default="")
    record = RecordField(required=False, help_text="With `choose`: the id of the record.")
    also = serializers.ListField(
        child=WholeNumber(min_value=1, max_value=2**62), required=False, default=list, max_length=20,
        help_text="Ids of other open names that are the same.",
    )  # fmt: skip
    reason = Reason()

    def validate(self, attrs):
        """What an action needs is there."""
        if attrs["action"] == "choose" and "record" not in attrs:
            raise serializers.ValidationError({"record": ["Needed for choose."]})
        return attrs


@extend_schema_view(
    get=extend_schema(
        operation_id="review_names_list", summary="Unknown names, those in most articles first", tags=["review"],
        responses={200: NameSerializer(many=True), **READ_ERRORS},
    )
)  # fmt: skip
class NameQueue(SparseFields, ListAPIView):
    """``GET /api/v1/review/names/``."""

    access = {"GET": _SEE_NAMES}
    serializer_class = NameSerializer
    pagination_class = MostSeen
    filterset_class = NameQueueFilter
    queryset = waiting(Queue.PROPOSALS)

    def filter_queryset(self, queryset):
        """With the record that was made of it."""
        return super().filter_queryset(queryset).select_related("entity")


_NAMES = NilGroup.objects.select_related("entity")


class NameItem(APIView):
    """``GET /api/v1/review/names/{id}/``."""

    access = {"GET": _SEE_NAMES}

    @extend_schema(
        operation_id="review_names_retrieve", summary="An unknown name with all that a decision needs", tags=["review"],
        responses={200: NameItemSerializer, **READ_ERRORS, 404: NOT_FOUND},
    )  # fmt: skip
    def get(self, request, pk):
        """Where it stands, in whose company, and which record it may be."""
        group = get_object_or_404(_NAMES, pk=pk)
        told = proposals.describe(group)
        found = Entity.objects.current().in_bulk([one.entity_id for one in told.near])
        data = {
            "name": group,
            "surfaces": [{"text": text, "count": count} for text, count in told.surfaces],
            "outlets": [{"text": text, "count": count} for text, count in told.outlets],
            "first_seen": told.first_seen,
            "last_seen": told.last_seen,
            "sentences": told.sentences,
            "company": [{"record": record, "count": count} for record, count in told.company],
            "near": [
                {"record": found[one.entity_id], "name": one.name, "likeness": one.score}
                for one in told.near
                if one.entity_id in found
            ],
            "alike": told.alike,
        }
        return Response(NameItemSerializer(data).data)


@extend_schema_view(
    post=extend_schema(
        operation_id="review_names_decide", summary="Decide about an unknown name", tags=["review"],
        description="All mentions of it follow. Making a record needs the permission to add records as well.",
        parameters=[IDEMPOTENCY_KEY], request=NameDecisionSerializer,
        responses={201: NameSerializer, **POST_ERRORS, 404: NOT_FOUND},
        examples=[
            OpenApiExample("a record", value={"action": "create", "kind": "person", "name": "Jane Roe"}, request_only=True),
            OpenApiExample("known", value={"action": "choose", "record": "q8rnpz9h4j"}, request_only=True),
            OpenApiExample("unwanted", value={"action": "reject", "reason": "a byline"}, request_only=True),
        ],
    )
)  # fmt: skip
class DecideName(Decide):
    """``POST /api/v1/review/names/{id}/decision/``."""

    access = {"POST": _DECIDE_NAMES}
    rows = _NAMES
    serializer_class = NameDecisionSerializer

    def decide(self, request, row, asked):
        """A record is made of it, it is one, none is wanted, or a rejection is taken back."""
        user, reason = request.user, asked["reason"]
        also = list(NilGroup.objects.filter(pk__in=asked["also"], status=NilGroup.Status.OPEN).exclude(pk=row.pk))
        try:
            with refusals_told():
                if asked["action"] == "create":
                    proposals.accept(
                        row, actor=user, kind=asked.get("kind", ""), name=asked.get("name", ""),
                        aliases=asked.get("aliases"), fields={"description": asked["description"]}, reason=reason, also=also,
                    )  # fmt: skip
                elif asked["action"] == "choose":
                    proposals.accept_into(row, asked["record"], actor=user, reason=reason, also=also)
                elif asked["action"] == "reject":
                    proposals.reject(row, actor=user, reason=reason)
                else:
                    proposals.reopen(row, actor=user, reason=reason)
        except ProposalError as error:
            raise Conflict(str(error)) from error
        return Response(NameSerializer(_NAMES.get(pk=row.pk)).data, status=201)
