"""``GET /api/v1/export/articles/``: articles with what was found in them and decided, streamed."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.generics import GenericAPIView

from articles.exporting import FORMATS
from articles.filters import ArticleFilter
from articles.models import Article
from config.access import Rule
from config.models import Scope
from entities.api.exporting import shape_of, streamed
from entities.api.negotiation import renderer_of
from entities.api.writing import READ_ERRORS


class ExportArticles(GenericAPIView):
    """``/api/v1/export/articles/``: whole texts, so it is for those who may see articles in the admin."""

    access = {"GET": Rule(Scope.READ, "articles.view_article")}
    renderer_classes = [renderer_of(name, one.media_type) for name, one in FORMATS.items()]
    filterset_class = ArticleFilter
    queryset = Article.objects.visible()
    pagination_class = None

    @extend_schema(
        operation_id="export_articles", summary="Articles in bulk, streamed", tags=["export"], filters=True,
        description=(
            "All articles that were not taken down, or those that the filters leave, by `format` (or `Accept`): "
            "`refdesk` (JSON Lines with every link that was ever made), `csv`, `csv-mentions`, `ftm`, `jsonld`, `nt`."
        ),
        responses={
            **{
                (200, media_type): OpenApiResponse(shape_of(media_type), description="The export, as long as it is.")
                for media_type in dict.fromkeys(one.media_type for one in FORMATS.values())
            },
            **READ_ERRORS,
        },
    )  # fmt: skip
    def get(self, request):
        """Stream it."""
        format = FORMATS[request.accepted_renderer.format]
        articles = self.filter_queryset(self.get_queryset())
        base = request.build_absolute_uri("/").rstrip("/")
        return streamed(format.write(articles, base), format.media_type, f"articles.{format.suffix}")
