"""Addresses of the reconciliation service, with and without a last slash: clients differ."""

from django.urls import path, re_path

from entities.reconciliation import views

urlpatterns = [
    re_path(r"^reconcile/?$", views.Service.as_view(), name="reconcile"),
    re_path(r"^reconcile/suggest/(?P<what>entity|type|property)/?$", views.Suggest.as_view(), name="reconcile-suggest"),
    re_path(r"^reconcile/properties/?$", views.Properties.as_view(), name="reconcile-properties"),
    path("reconcile/preview/<slug:public_id>/", views.Preview.as_view(), name="reconcile-preview"),
    re_path(r"^reconcile/v1/?$", views.DraftManifest.as_view(), name="reconcile-draft"),
    re_path(r"^reconcile/v1/match/?$", views.DraftMatch.as_view()),
    re_path(r"^reconcile/v1/suggest/(?P<what>entity|type|property)/?$", views.Suggest.as_view()),
    re_path(r"^reconcile/v1/extend/propose/?$", views.Properties.as_view()),
    re_path(r"^reconcile/v1/extend/?$", views.DraftExtend.as_view()),
    re_path(r"^reconcile/v1/preview/?$", views.Preview.as_view()),
]
