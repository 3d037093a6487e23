"""Mentions and links: where a record is named, what was decided about it, by whom; decided over the API, too."""

from __future__ import annotations

import django_filters
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from articles import review
from articles.filters import PartialDateFilter
from articles.models import Link, Mention
from articles.reading import live_link
from articles.review import ReviewError, Scope
from articles.serializers import MENTION_TYPES, EvidenceSerializer, MentionSerializer, evidence_of, mention_data
from config.access import READ, Rule
from config.api import Pages, SparseFields, TextFilter, TrueOrFalseFilter, WholeNumberFilter, check_no_fields
from config.fields import Closed, Text
from config.idempotency import PARAMETER as IDEMPOTENCY_KEY
from config.idempotency import idempotent
from config.models import Scope as TokenScope
from config.preconditions import IF_MATCH, check_match, require_match, tagged
from config.problems import Conflict
from entities.api.redirects import resolve_or_none
from entities.api.writing import CHANGE_ERRORS, NOT_FOUND, POST_ERRORS, READ_ERRORS, Reason, RecordField
from entities.editing import create_record
from entities.matching.types import Outcome
from entities.models import KIND_CHOICES, Entity
from entities.serializers import RecordRefSerializer

SEE_LINKS = Rule(TokenScope.READ, "articles.view_link")
DECIDE_LINKS = Rule(TokenScope.CURATE, "articles.change_link")
OUTCOMES = [(outcome.value, outcome.value) for outcome in Outcome]


# --- Shapes -----------------------------------------------------------------------------------------------------------
class ArticleRefSerializer(serializers.Serializer):
    """An article, named."""

    id = serializers.CharField(source="public_id")
    title = serializers.CharField()
    source = serializers.CharField()
    published_on = serializers.CharField()


class FoundMentionSerializer(MentionSerializer):
    """A mention with its article."""

    article = ArticleRefSerializer()


def found_mention(mention: Mention) -> dict:
    """A mention loaded with its article and ``with_live_link``."""
    return {**mention_data(mention), "article": mention.article}


class LinkSerializer(serializers.Serializer):
    """A decision about a mention: the one that stands, or one before it."""

    id = serializers.IntegerField(source="pk")
    mention = serializers.IntegerField(source="mention_id")
    surface = serializers.CharField(source="mention.surface")
    article = ArticleRefSerializer(source="mention.article")
    status = serializers.ChoiceField(choices=OUTCOMES)
    record = RecordRefSerializer(source="entity", allow_null=True)
    probability = serializers.FloatField()
    margin = serializers.FloatField()
    reason = serializers.CharField()
    evidence = serializers.SerializerMethodField()
    by = serializers.CharField(source="actor.username", default=None, allow_null=True, help_text="Null: the engine.")
    note = serializers.CharField(help_text="A person's reason.")
    made_at = serializers.DateTimeField()
    superseded_at = serializers.DateTimeField(allow_null=True, help_text="Null: it stands.")

    @extend_schema_field(EvidenceSerializer(many=True))
    def get_evidence(self, link):
        """What spoke for and against."""
        return evidence_of(link.evidence)


class NewRecordSerializer(Closed):
    """A record to be made in the course of a decision."""

    kind = serializers.ChoiceField(choices=KIND_CHOICES)
    name = Text(max_length=500)
    description = Text(max_length=1000, required=False, allow_blank=True, default="")


class DecisionSerializer(Closed):
    """What a person says of a mention."""

    action = serializers.ChoiceField(
        choices=["accept", "link", "create", "reject", "none", "not_a_name", "unsure", "reopen"],
        help_text=(
            "`accept`: the record that stands is right. `link`: it is `record`. `create`: make `new_record` and link it. "
            "`reject`: the record that stands is wrong. `none`: no record is meant. `not_a_name`: it names nothing. "
            "`unsure`: nobody can tell; it stays in doubt (`review`) and out of the queue. `reopen`: one that was set "
            "aside as unsure waits in the queue again; `scope` does not count."
        ),
    )
    record = RecordField(required=False, help_text="With `link`: the id of the record.")
    new_record = NewRecordSerializer(required=False, help_text="With `create`.")
    scope = serializers.ChoiceField(
        choices=[scope.value for scope in Scope], required=False, default=Scope.MENTION.value,
        help_text="`chain`, `article`: the doubtful mentions alike of the article; `always`: of all articles.",
    )  # fmt: skip
    reason = Reason()

    def validate(self, attrs):
        """What an action needs is there."""
        needed = {"link": "record", "create": "new_record"}.get(attrs["action"])
        if needed and needed not in attrs:
            raise serializers.ValidationError({needed: [f"Needed for {attrs['action']}."]})
        return attrs


class DecidedSerializer(serializers.Serializer):
    """What a decision did."""

    links = LinkSerializer(many=True, help_text="The decisions that stand now, that of the mention itself first.")
    left_alone = serializers.IntegerField(help_text="Mentions that stay as people had decided them before.")


DECISION_EXAMPLES = [
    OpenApiExample(
        "link", value={"action": "link", "record": "q8rnpz9h4j", "reason": "the president"}, request_only=True
    ),
    OpenApiExample("none", value={"action": "none", "scope": "article"}, request_only=True),
    OpenApiExample(
        "create", value={"action": "create", "new_record": {"kind": "person", "name": "Jane Roe"}}, request_only=True
    ),
]


# --- Lists ------------------------------------------------------------------------------------------------------------
class MentionFilter(django_filters.FilterSet):
    """Mentions by record, article, words, sort and date."""

    record = TextFilter(
        method="filter_record", max_length=16, help_text="Id of the linked record; a merged id stands for its survivor."
    )
    article = TextFilter(field_name="article__public_id", max_length=16, help_text="Id of the article.")
    surface = TextFilter(max_length=500, help_text="The words as printed, whole.")
    type = django_filters.ChoiceFilter(
        choices=[pair for pair in MENTION_TYPES if pair[0]], help_text="Sort of mention."
    )
    status = django_filters.ChoiceFilter(
        method="filter_status", choices=OUTCOMES, help_text="Only `linked` counts as a link."
    )
    since = PartialDateFilter(
        field_name="article__published_on", lookup_expr="gte", help_text="Earliest date of the article."
    )
    until = PartialDateFilter(method="filter_until", help_text="Latest date of the article.")

    class Meta:
        model = Mention
        fields = ["record", "article", "surface", "type", "status", "since", "until"]

    def filter_record(self, queryset, name, value):
        """Linked to the record, surely or doubtfully."""
        entity = resolve_or_none(value)
        return (
            queryset.filter(pk__in=Link.objects.live().filter(entity=entity).values("mention_id"))
            if entity
            else queryset.none()
        )

    def filter_status(self, queryset, name, value):
        """By the decision that stands."""
        return queryset.filter(pk__in=Link.objects.live().filter(status=value).values("mention_id"))

    def filter_until(self, queryset, name, value):
        """Undated articles are left out."""
        return queryset.exclude(article__published_on="").filter(article__published_on__lte=(value + "-99-99")[:10])


class LatestFirst(Pages):
    """Rows, the latest first."""

    ordering = ("-pk",)


ORDERINGS = {"-id": ("-pk",), "id": ("pk",)}


def mentions_for(user):
    """Mentions that a user may see: the public those that mean a record, curators all of them."""
    rows = Mention.objects.filter(article__withdrawn_at=None)
    if not user.has_perm("articles.view_article"):
        rows = rows.filter(pk__in=Link.objects.live().filter(entity__isnull=False).values("mention_id"))
    return rows.select_related("article").defer("article__text", "article__segments").with_live_link()


class Mentions(SparseFields, ListAPIView):
    """``GET /api/v1/mentions/``."""

    access = {"GET": READ}
    serializer_class = FoundMentionSerializer
    pagination_class = LatestFirst
    filterset_class = MentionFilter
    orderings = ORDERINGS
    queryset = Mention.objects.order_by("-pk")

    def get_queryset(self):
        """What the caller may see."""
        return mentions_for(self.request.user)

    @extend_schema(
        operation_id="mentions_list", summary="Mentions, the latest first", tags=["mentions"],
        description="The public sees mentions that mean a record; users who may see articles in the admin see all.",
        responses={200: FoundMentionSerializer(many=True), **READ_ERRORS},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """Mentions in pages."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        rows = FoundMentionSerializer([found_mention(mention) for mention in page], many=True).data
        return self.get_paginated_response(rows)


class MentionDetail(SparseFields, RetrieveAPIView):
    """``GET /api/v1/mentions/{id}/``; its ETag names the decision that stands."""

    access = {"GET": READ}
    serializer_class = FoundMentionSerializer
    queryset = Mention.objects.order_by("pk")

    @extend_schema(
        operation_id="mentions_retrieve", summary="One mention", tags=["mentions"], 
        responses={200: FoundMentionSerializer, **READ_ERRORS, 404: NOT_FOUND},
    )  # fmt: skip
    def get(self, request, pk):
        """The mention and the decision that stands."""
        mention = get_object_or_404(mentions_for(request.user), pk=pk)
        link = live_link(mention)
        return tagged(Response(FoundMentionSerializer(found_mention(mention)).data), link.pk if link else 0)


# --- Links ------------------------------------------------------------------------------------------------------------
LINKS = Link.objects.select_related("mention__article", "entity", "actor").defer(
    "mention__article__text", "mention__article__segments"
)


class LinkFilter(django_filters.FilterSet):
    """Links by record, mention, article, status, and who decided."""

    record = TextFilter(
        method="filter_record", max_length=16, help_text="Id of the record; a merged id stands for its survivor."
    )
    mention = WholeNumberFilter(field_name="mention_id", help_text="Id of the mention.")
    article = TextFilter(field_name="mention__article__public_id", max_length=16, help_text="Id of the article.")
    status = django_filters.ChoiceFilter(choices=OUTCOMES, help_text="Only `linked` counts as a link.")
    live = TrueOrFalseFilter(
        field_name="superseded_at", lookup_expr="isnull", help_text="`true`: only those that stand."
    )
    by_person = TrueOrFalseFilter(
        field_name="actor", lookup_expr="isnull", exclude=True, help_text="`true`: only people's decisions."
    )

    class Meta:
        model = Link
        fields = ["record", "mention", "article", "status", "live", "by_person"]

    def filter_record(self, queryset, name, value):
        """To the record."""
        entity = resolve_or_none(value)
        return queryset.filter(entity=entity) if entity else queryset.none()


class Links(SparseFields, ListAPIView):
    """``GET /api/v1/links/``."""

    access = {"GET": SEE_LINKS}
    serializer_class = LinkSerializer
    pagination_class = LatestFirst
    filterset_class = LinkFilter
    orderings = ORDERINGS
    queryset = LINKS.filter(mention__article__withdrawn_at=None).order_by("-pk")

    @extend_schema(
        operation_id="links_list", summary="Links with their history, the latest first", tags=["mentions"],
        description="Every decision about a mention: by the engine and by people, those that stand and those before them.",
        responses={200: LinkSerializer(many=True), **READ_ERRORS},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """Links in pages."""
        return self.list(request, *args, **kwargs)


class LinkDetail(SparseFields, RetrieveAPIView):
    """``GET /api/v1/links/{id}/``."""

    access = {"GET": SEE_LINKS}
    serializer_class = LinkSerializer
    queryset = LINKS.filter(mention__article__withdrawn_at=None).order_by("pk")

    @extend_schema(
        operation_id="links_retrieve", summary="One link", tags=["mentions"], 
        responses={200: LinkSerializer, **READ_ERRORS, 404: NOT_FOUND},
    )  # fmt: skip
    def get(self, request, *args, **kwargs):
        """The link."""
        return self.retrieve(request, *args, **kwargs)


# --- Decisions --------------------------------------------------------------------------------------------------------
def decide(request, mention: Mention, standing: Link | None, data: dict) -> Response:
    """Do what was asked for by the services of the admin; 409 with their sentence where it cannot be done."""
    action, reason, scope = data["action"], data["reason"], Scope(data["scope"])
    try:
        if action == "accept":
            if standing is None:
                raise ReviewError("Nothing stands that could be confirmed.")
            done = review.accept(standing, request.user, reason, scope)
        elif action == "link":
            done = review.link_to(mention, data["record"], request.user, reason, scope)
        elif action == "create":
            if not request.user.has_perm("entities.add_entity"):
                raise PermissionDenied("This needs the permission “Can add record”.")
            record = create_record(Entity(**data["new_record"]), request.user, reason or "made from a mention")
            done = review.link_to(mention, record, request.user, reason, scope)
        elif action == "reject":
            done = review.reject(mention, request.user, reason, scope)
        elif action == "none":
            done = review.mark_nil(mention, request.user, reason, scope)
        elif action == "unsure":
            done = review.mark_unsure(mention, request.user, reason, scope)
        elif action == "reopen":
            if standing is None:
                raise ReviewError("Nothing stands that could be taken up again.")
            done = review.Decided([review.take_up(standing, request.user)])
        else:
            done = review.mark_no_name(mention, request.user, reason, scope)
    except ReviewError as error:
        raise Conflict(str(error)) from error
    rows = sorted(
        LINKS.filter(pk__in=[link.pk for link in done.links]), key=lambda link: (link.mention_id != mention.pk, link.pk)
    )
    return Response(DecidedSerializer({"links": rows, "left_alone": done.left_alone}).data, status=201)


class DecideMention(APIView):
    """``POST /api/v1/mentions/{id}/decision/``."""

    access = {"POST": DECIDE_LINKS}

    def initial(self, request, *args, **kwargs):
        """Also a request that is answered from its Idempotency-Key says what it is a change of."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            require_match(request)

    @extend_schema(
        operation_id="mentions_decide", summary="Decide about a mention", tags=["mentions"],
        description=(
            "The decision that stood is superseded, never changed; it can be taken back (`/links/{id}/undo/`). "
            "`If-Match` takes the mention's ETag: nobody decides over a decision that he has not seen."
        ),
        parameters=[IF_MATCH, IDEMPOTENCY_KEY], request=DecisionSerializer,
        responses={201: DecidedSerializer, **POST_ERRORS, **CHANGE_ERRORS}, examples=DECISION_EXAMPLES,
    )  # fmt: skip
    @idempotent
    def post(self, request, pk):
        """Decide."""
        mention = get_object_or_404(mentions_for(request.user), pk=pk)
        asked = DecisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        # Locked here already, so that what If-Match is held against is what the decision supersedes.
        if not Mention.objects.select_for_update(of=("self",)).filter(pk=pk).exists():
            raise Http404
        standing = Link.objects.live().filter(mention=pk).select_related("mention", "entity").first()
        check_match(request, standing.pk if standing else 0)
        return decide(request, mention, standing, asked.validated_data)


class UndoLink(APIView):
    """``POST /api/v1/links/{id}/undo/``."""

    access = {"POST": DECIDE_LINKS}

    @extend_schema(
        operation_id="links_undo", summary="Take a person's decision back", tags=["mentions"], parameters=[IDEMPOTENCY_KEY],
        description="What stood before it stands again, as a new link. 409 if somebody decided anew in the meantime.",
        request=None, responses={201: LinkSerializer, **POST_ERRORS, 404: NOT_FOUND},
    )  # fmt: skip
    @idempotent
    def post(self, request, pk):
        """Take it back."""
        check_no_fields(request)
        link = get_object_or_404(LINKS.filter(Q(mention__article__withdrawn_at=None)), pk=pk)
        try:
            with transaction.atomic():
                again = review.take_back(link, request.user)
        except ReviewError as error:
            raise Conflict(str(error)) from error
        return Response(LinkSerializer(LINKS.get(pk=again.pk)).data, status=201)
