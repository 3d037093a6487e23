"""Public pages: a record as the articles show it, an article, the list of articles."""

from __future__ import annotations

from django.conf import settings
from django.shortcuts import get_object_or_404, render
from django.template.loader import get_template
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page, require_safe
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from articles import reading
from articles.filters import ArticleFilter, ArticlePageFilter
from articles.highlighting import Mark, excerpts
from articles.models import Article, Mention
from articles.serializers import (
    MAX_LINK_CHARS,
    ArticleDetailSerializer,
    ArticleSerializer,
    LinkedTextSerializer,
    LinkRequestSerializer,
    linked_data,
)
from config.access import READ, public_page
from config.api import Pages, SparseFields, check_body_size
from config.problems import Gone, ProblemSerializer, TooLarge
from config.throttling import PerScope
from entities import reading as records
from entities.api.negotiation import as_data
from entities.api.writing import GONE
from entities.matching.types import Kind
from entities.models import Entity, Relation, Term
from entities.views import gone_page, survivor_or_404

_OFFICES = 40  # of a state or organization, the latest ones
_INCOMING = 200
_PAGE = 25


@public_page
@require_safe
@conditional_page
def record(request, public_id):
    """A record: its facts, its names, and the articles that mention it; by ``Accept`` as data."""
    entity, moved = survivor_or_404(request, public_id, "record")
    if moved is not None:
        return moved
    data = as_data(request, entity)
    if data is not None:
        return data
    kind = Kind(entity.kind)
    offices = []
    if kind in (Kind.STATE, Kind.ORGANIZATION):
        offices = records.term_rows(Term.objects.at(entity)[: _OFFICES + 1])
    incoming = Relation.objects.in_use().towards(entity)
    names = records.names_by_language(entity)
    address = request.build_absolute_uri(entity.get_absolute_url())
    context = {
        "entity": entity,
        "address": address,
        "kind": records.KIND_NAMES[kind],
        "description": records.description_of(entity),
        "scripts": records.own_scripts(entity),
        "facts": records.fact_rows(entity),
        "terms": records.term_rows(entity.terms.all()),
        "offices": offices[:_OFFICES],
        "more_offices": len(offices) > _OFFICES,
        "belongs": records.incoming_rows(incoming[:_INCOMING]),
        "names": names,
        "name_count": sum(len(group.aliases) for group in names),
        "senses": records.senses(entity),
        "identifiers": records.identifier_items(entity),
        "sources": records.sources_of(entity),
        "coverage": reading.coverage_of(entity),
        "json_ld": records.json_ld(entity, address),
    }
    page = render(request, "entities/record.html", context)
    patch_vary_headers(page, ["Accept"])
    return page


@public_page
@require_safe
def article(request, public_id):
    """An article: the sentences that mention records, or the whole text where that is allowed."""
    shown = get_object_or_404(Article, public_id=public_id)
    if shown.withdrawn_at is not None:
        return gone_page(request, shown.withdrawn_at)
    mentions = list(shown.mentions.with_live_link().order_by("start", "-end"))
    card = get_template("articles/_card.html")
    marks = reading.marks_of(
        [mention for mention in mentions if _is_shown(mention)],
        card=lambda mention, link: card.render({"mention": mention, "link": link}),
        href=_record_address,
    )
    parts = reading.parts_of(shown, marks, full=settings.PUBLIC_FULL_TEXT)
    headline, parts = reading.headline_of(shown, parts)
    context = {
        "article": shown,
        "headline": headline,
        "parts": parts,
        "full": settings.PUBLIC_FULL_TEXT,
        "records": reading.records_in(mentions),
        "json_ld": reading.json_ld(
            shown, mentions, request.build_absolute_uri(shown.get_absolute_url()), request.build_absolute_uri
        ),
    }
    return render(request, "articles/article.html", context)


def _is_shown(mention: Mention) -> bool:
    """Names of no record are the curators' business; the public sees links, sure or doubtful."""
    link = reading.live_link(mention)
    return link is not None and link.entity is not None


def _record_address(mention, link) -> str:
    return link.entity.get_absolute_url()


@public_page
@require_safe
def articles(request):
    """The articles, the latest first, with search and filters."""
    form = ArticlePageFilter(request.GET, queryset=Article.objects.visible().without_text())
    page = reading.page_of(form.qs, _PAGE, request.GET.get("before", ""), request.GET.get("after", ""))
    kept = request.GET.copy()
    for name in ("before", "after"):
        kept.pop(name, None)
    return render(
        request,
        "articles/articles.html",
        {"filter": form, "page": page, "kept": kept.urlencode(), "is_filtered": any(kept.values())},
    )


class ArticlePages(Pages):
    """Articles, the latest first."""

    ordering = ("-published_on", "-pk")


ORDERINGS = {
    "-published_on": ("-published_on", "-pk"), "published_on": ("published_on", "pk"), "-imported_at": ("-pk",),
    "imported_at": ("pk",),
}  # fmt: skip


_NOT_FOUND = OpenApiResponse(ProblemSerializer, description="No such article.")
_REFUSED = OpenApiResponse(ProblemSerializer, description="Something in the request cannot be understood.")


@extend_schema_view(
    get=extend_schema(
        operation_id="articles_list",
        summary="Articles, the latest first",
        responses={200: ArticleSerializer(many=True), 400: _REFUSED},
        tags=["articles"],
    )
)
class ArticleList(SparseFields, ListAPIView):
    """``GET /api/v1/articles/``."""

    access = {"GET": READ}
    serializer_class = ArticleSerializer
    pagination_class = ArticlePages
    filterset_class = ArticleFilter
    orderings = ORDERINGS
    queryset = Article.objects.visible().without_text().select_related("similar_to").order_by("pk")


@method_decorator(conditional_page, name="dispatch")
@extend_schema_view(
    get=extend_schema(
        operation_id="articles_retrieve",
        summary="One article with its mentions and links",
        description=(
            "Other people's articles show the sentences that mention a record; the whole text comes with it where "
            "the site is set so, or for users who may see articles in the admin."
        ),
        responses={200: ArticleDetailSerializer, 404: _NOT_FOUND, 410: GONE},
        tags=["articles"],
    )
)
class ArticleDetail(SparseFields, RetrieveAPIView):
    """``GET /api/v1/articles/{public_id}/``."""

    access = {"GET": READ}
    serializer_class = ArticleDetailSerializer
    queryset = Article.objects.select_related("similar_to")
    lookup_field = "public_id"

    def retrieve(self, request, *args, **kwargs):
        """The article; names of no record are shown only with the whole text."""
        shown = self.get_object()
        if shown.withdrawn_at is not None:
            raise Gone(f"This article was taken down on {shown.withdrawn_at:%Y-%m-%d}.")
        full = settings.PUBLIC_FULL_TEXT or request.user.has_perm("articles.view_article")
        mentions = list(shown.mentions.with_live_link().order_by("start", "-end"))
        if not full:
            mentions = [mention for mention in mentions if _is_shown(mention)]
        linked = [Mark(mention.start, mention.end) for mention in mentions if _is_shown(mention)]
        context = self.get_serializer_context() | {
            "full": full, "mentions": mentions, "parts": excerpts(shown.text, shown.segments, linked),
        }  # fmt: skip
        return Response(ArticleDetailSerializer(shown, context=context).data)


_LINK_EXAMPLE = {
    "text": "Russian President Vladimir Putin received his Iranian counterpart in the Kremlin.",
    "date": "2025-01-17",
    "language": "en",
}
# A character takes at most six bytes as a JSON escape, or twelve beyond the basic plane.
_MAX_LINK_BYTES = 12 * MAX_LINK_CHARS + 20_000


class LinkText(APIView):
    """``POST /api/v1/link/``."""

    access = {"POST": READ}
    throttle_classes = [*APIView.throttle_classes, PerScope]
    throttle_scope = "link"

    @extend_schema(
        operation_id="link",
        summary="Link a text",
        description="Mentions with their links, probabilities and reasons. Nothing is stored.",
        request=LinkRequestSerializer,
        responses={
            200: LinkedTextSerializer,
            400: _REFUSED,
            413: OpenApiResponse(ProblemSerializer, description="The text is too long."),
            429: OpenApiResponse(ProblemSerializer, description="Too many requests: see `Retry-After`."),
        },
        examples=[OpenApiExample("a sentence", value=_LINK_EXAMPLE, request_only=True)],
        tags=["linking"],
    )
    def post(self, request):
        """Link the text as an article would be."""
        check_body_size(request, _MAX_LINK_BYTES)
        text = request.data.get("text") if isinstance(request.data, dict) else None
        if isinstance(text, str) and len(text) > MAX_LINK_CHARS:
            raise TooLarge(f"The text may hold at most {MAX_LINK_CHARS:,} characters.")
        asked = LinkRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        from articles.linking import link_text

        linked = link_text(
            wanted["text"], title=wanted["title"], date=wanted["date"] or None, language=wanted["language"] or None
        )
        entities = Entity.objects.in_bulk(list(linked.records))
        return Response(LinkedTextSerializer(linked_data(linked, entities)).data)
