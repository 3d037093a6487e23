"""Every address of the site: the admin, the REST API (one router), the public pages, the health checks."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

from articles import explain_api, export_api, feeds, imports_api, searches, takedown_api
from articles import views as articles
from articles.api import mentions, waiting
from config import health, metrics, problems
from entities import views as entities
from entities.api import changes, exporting, facts, judgements, matching, merges, takedowns

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
    path("imports/", imports_api.Imports.as_view(), name="api-imports"),
    path("imports/<int:pk>/", imports_api.ImportDetail.as_view(), name="api-import"),
    path("imports/<int:pk>/cancel/", imports_api.CancelImport.as_view(), name="api-import-cancel"),
    path("imports/<int:pk>/resume/", imports_api.ResumeImport.as_view(), name="api-import-resume"),
    path("imports/<int:pk>/errors/", imports_api.ImportErrors.as_view(), name="api-import-errors"),
    path("imports/<int:pk>/errors.jsonl", imports_api.ErrorsAsLines.as_view(), name="api-import-errors-jsonl"),
    path("imports/<int:pk>/errors.csv", imports_api.ErrorsAsTable.as_view(), name="api-import-errors-csv"),
    path("mentions/", mentions.Mentions.as_view(), name="api-mentions"),
    path("mentions/<int:pk>/", mentions.MentionDetail.as_view(), name="api-mention"),
    path("mentions/<int:pk>/decision/", mentions.DecideMention.as_view(), name="api-mention-decision"),
    path("links/", mentions.Links.as_view(), name="api-links"),
    path("links/<int:pk>/", mentions.LinkDetail.as_view(), name="api-link-detail"),
    path("links/<int:pk>/undo/", mentions.UndoLink.as_view(), name="api-link-undo"),
    path("review/links/", waiting.LinkQueue.as_view(), name="api-review-links"),
    path("review/links/<int:pk>/", waiting.LinkItem.as_view(), name="api-review-link"),
    path("review/links/<int:pk>/decision/", waiting.DecideLink.as_view(), name="api-review-link-decision"),
    path("review/duplicates/", waiting.PairQueue.as_view(), name="api-review-duplicates"),
    path("review/duplicates/<int:pk>/", waiting.PairItem.as_view(), name="api-review-duplicate"),
    path("review/duplicates/<int:pk>/decision/", waiting.DecidePair.as_view(), name="api-review-duplicate-decision"),
    path("review/names/", waiting.NameQueue.as_view(), name="api-review-names"),
    path("review/names/<int:pk>/", waiting.NameItem.as_view(), name="api-review-name"),
    path("review/names/<int:pk>/decision/", waiting.DecideName.as_view(), name="api-review-name-decision"),
    path("judgements/", judgements.Judgements.as_view(), name="api-judgements"),
    path("judgements/<int:pk>/", judgements.JudgementDetail.as_view(), name="api-judgement"),
    path("judgements/<int:pk>/undo/", judgements.UndoJudgement.as_view(), name="api-judgement-undo"),
    path("match/", matching.MatchNames.as_view(), name="api-match"),
    path("explain/", explain_api.Explain.as_view(), name="api-explain"),
    path("link/", articles.LinkText.as_view(), name="api-link"),
]

urlpatterns = [
    path("api/v1/", include(api)),  # first: addresses are tried in this order, and look-ups are what most ask for
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
    # Browsers ask for it on pages that name no icon, such as those that need nothing but themselves.
    path(
        "favicon.ico", require_safe(RedirectView.as_view(url=f"{settings.STATIC_URL}refdesk/icon.svg")), name="favicon"
    ),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("readyz", health.readyz, name="readyz"),
]

handler500 = "config.problems.server_error"
