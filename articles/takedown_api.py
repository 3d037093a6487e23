"""``POST /api/v1/articles/{id}/takedown/`` and ``…/lift/``: an article goes for good, or may come again."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from articles import takedown
from articles.models import Article, ArticleTakedown
from config.access import Rule
from config.fields import Closed, Text
from config.idempotency import PARAMETER as IDEMPOTENCY_KEY
from config.idempotency import idempotent
from config.models import Scope
from config.problems import Conflict
from entities.api.writing import NOT_FOUND, POST_ERRORS, ReasonSerializer

_DO = Rule(Scope.CURATE, "articles.takedown_article")


class ArticleTakedownSerializer(serializers.ModelSerializer):
    """That an article was taken down, when, by whom and why."""

    article = serializers.CharField(source="article.public_id")
    by = serializers.CharField(source="actor.username", default=None, allow_null=True, read_only=True)
    lifted_by = serializers.CharField(source="lifted_by.username", default=None, allow_null=True, read_only=True)

    class Meta:
        model = ArticleTakedown
        fields = ["article", "reason", "by", "made_at", "lifted_at", "lifted_by", "lift_reason"]


class ArticleTakedownRequestSerializer(Closed):
    """Why, and whether what says nearly the same goes along."""

    reason = Text(max_length=2000, help_text="Why. It is all that is kept.")
    with_similar = serializers.BooleanField(
        required=False, default=False, help_text="Articles whose text is nearly the same go, too."
    )


class ArticleTakedownsSerializer(serializers.Serializer):
    """What was taken down together."""

    takedowns = ArticleTakedownSerializer(many=True)


class TakeDownArticle(APIView):
    """``POST /api/v1/articles/{public_id}/takedown/``."""

    access = {"POST": _DO}

    @extend_schema(
        operation_id="articles_takedown", summary="Take an article down for good", tags=["takedowns"],
        description=(
            "Its text, title, address, mentions and links are deleted; it comes back neither under its own address nor, "
            "nearly unchanged, under another."
        ),
        parameters=[IDEMPOTENCY_KEY], request=ArticleTakedownRequestSerializer,
        responses={201: ArticleTakedownsSerializer, **POST_ERRORS, 404: NOT_FOUND},
        examples=[
            OpenApiExample("an order", value={"reason": "court order 12/26", "with_similar": True}, request_only=True)
        ],
    )  # fmt: skip
    @idempotent
    def post(self, request, public_id):
        """Do it."""
        article = get_object_or_404(Article, public_id=public_id)
        asked = ArticleTakedownRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        similar = takedown.similar_articles(article) if data["with_similar"] else []
        try:
            done = takedown.take_down([article, *similar], actor=request.user, reason=data["reason"])
        except takedown.TakedownError as error:
            raise Conflict(str(error)) from error
        if not done:
            raise Conflict("This article was taken down already.")
        return Response(ArticleTakedownsSerializer({"takedowns": done}).data, status=201)


class LiftArticleTakedown(APIView):
    """``POST /api/v1/articles/{public_id}/lift/``."""

    access = {"POST": _DO}

    @extend_schema(
        operation_id="articles_lift", summary="Let an article be imported again", tags=["takedowns"],
        parameters=[IDEMPOTENCY_KEY], request=ReasonSerializer,
        responses={200: ArticleTakedownSerializer, **POST_ERRORS, 404: NOT_FOUND},
        examples=[OpenApiExample("why", value={"reason": "the order was overturned"}, request_only=True)],
    )  # fmt: skip
    @idempotent
    def post(self, request, public_id):
        """Lift it."""
        standing = ArticleTakedown.objects.filter(lifted_at=None).select_related("article", "actor")
        found = get_object_or_404(standing, article__public_id=public_id)
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        done = takedown.lift(found, actor=request.user, reason=asked.validated_data["reason"])
        return Response(ArticleTakedownSerializer(done).data)
