"""``GET /api/v1/export/articles/``: articles with what was found in them and decided, streamed."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from articles.exporting import FORMATS
from articles.filters import ArticleFilter
from articles.models import Article
from config.access import Rule
from config.models import Scope
from entities.api.exporting import Export, answers_of, renderers_of


class ExportArticles(Export):
    """``/api/v1/export/articles/``: whole texts, so it is for those who may see articles in the admin."""

    access = {"GET": Rule(Scope.READ, "articles.view_article")}
    formats, name = FORMATS, "articles"
    renderer_classes = renderers_of(FORMATS)
    filterset_class = ArticleFilter
    queryset = Article.objects.visible()

    @extend_schema(
        operation_id="export_articles", summary="Articles in bulk, streamed", tags=["export"], filters=True,
        description=(
            "All articles that were not taken down, or those that the filters leave, by `format` (or `Accept`): "
            "`refdesk` (JSON Lines with every link that was ever made), `csv`, `csv-mentions`, `ftm`, `jsonld`, `nt`."
        ),
        responses=answers_of(FORMATS),
    )  # fmt: skip
    def get(self, request):
        """Stream it."""
        return self.stream(request)
