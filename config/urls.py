"""Every address of the site: the admin, the REST API (one router), the public pages, the health checks."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

from articles import explain_api, export_api, feeds, searches, takedown_api
from articles import views as articles
from config import health, problems
from entities import views as entities
from entities.api import changes, exporting, facts, matching, merges, takedowns

api = [
    path("records/", entities.RecordList.as_view(), name="api-records"),
    path("records/<slug:public_id>/", entities.RecordDetail.as_view(), name="api-record"),
    path("records/<slug:public_id>/aliases/", facts.RecordAliases.as_view(), name="api-record-aliases"),
    path("records/<slug:public_id>/terms/", facts.RecordTerms.as_view(), name="api-record-terms"),
    path("aliases/", facts.AliasList.as_view(), name="api-aliases"),
    path("aliases/<int:pk>/", facts.AliasDetail.as_view(), name="api-alias"),
    path("terms/", facts.TermList.as_view(), name="api-terms"),
    path("terms/<int:pk>/", facts.TermDetail.as_view(), name="api-term"),
    path("merges/", merges.Merges.as_view(), name="api-merges"),
    path("merges/<int:pk>/", merges.MergeDetail.as_view(), name="api-merge"),
    path("merges/<int:pk>/undo/", merges.UndoMerge.as_view(), name="api-merge-undo"),
    path("takedowns/", takedowns.Takedowns.as_view(), name="api-takedowns"),
    path("takedowns/<int:pk>/", takedowns.TakedownDetail.as_view(), name="api-takedown"),
    path("takedowns/<int:pk>/lift/", takedowns.LiftTakedown.as_view(), name="api-takedown-lift"),
    path("export/records/", exporting.ExportRecords.as_view(), name="api-export-records"),
    path("export/articles/", export_api.ExportArticles.as_view(), name="api-export-articles"),
    path("changes/", changes.Changes.as_view(), name="api-changes"),
    path("articles/", articles.ArticleList.as_view(), name="api-articles"),
    path("articles/<slug:public_id>/", articles.ArticleDetail.as_view(), name="api-article"),
    path("articles/<slug:public_id>/takedown/", takedown_api.TakeDownArticle.as_view(), name="api-article-takedown"),
    path("articles/<slug:public_id>/lift/", takedown_api.LiftArticleTakedown.as_view(), name="api-article-lift"),
    path("match/", matching.MatchNames.as_view(), name="api-match"),
    path("explain/", explain_api.Explain.as_view(), name="api-explain"),
    path("link/", articles.LinkText.as_view(), name="api-link"),
]

urlpatterns = [
    path("", entities.home, name="home"),
    path("records/<slug:public_id>/", articles.record, name="record"),
    path("records/<slug:public_id>/feed.atom", feeds.record_feed, name="record-feed"),
    path("searches/", searches.saved_searches, name="saved-searches"),
    path("searches/<int:pk>/revoke/", searches.revoke_search, name="saved-search-revoke"),
    path("searches/<int:pk>/delete/", searches.delete_search, name="saved-search-delete"),
    path("searches/<int:pk>/<str:key>/feed.atom", feeds.search_feed, name="search-feed"),
    path("articles/", articles.articles, name="articles"),
    path("articles/<slug:public_id>/", articles.article, name="article"),
    path("admin/curation/review/", include("articles.curation.urls")),
    path("admin/curation/", include("entities.curation.urls")),
    path("admin/", admin.site.urls),
    path("", include("entities.reconciliation.urls")),
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="refdesk/swagger.html"),
        name="api-docs",
    ),
    path(
        "api/redoc/",
        SpectacularRedocView.as_view(url_name="api-schema", template_name="refdesk/redoc.html"),
        name="api-redoc",
    ),
    re_path(r"^api/", problems.not_found),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
