"""The curators' pages about records: /admin/curation/…"""

from django.contrib import admin
from django.urls import path

from entities.curation import taking_down, views

protected = admin.site.admin_view

urlpatterns = [
    path("merge/", protected(views.merge_page), name="curation-merge"),
    path("merge/<int:pk>/", protected(views.merged_page), name="curation-merged"),
    path("merge/<int:pk>/undo/", protected(views.undo_merge), name="curation-merge-undo"),
    path("merge/<int:pk>/redo/", protected(views.redo_merge), name="curation-merge-redo"),
    path("split/<int:pk>/", protected(views.split_page), name="curation-split"),
    path("splits/<int:pk>/", protected(views.parted_page), name="curation-parted"),
    path("splits/<int:pk>/undo/", protected(views.undo_split), name="curation-split-undo"),
    path("splits/<int:pk>/redo/", protected(views.redo_split), name="curation-split-redo"),
    path("history/<int:pk>/", protected(views.history_page), name="curation-history"),
    path("takedown/<int:pk>/", protected(taking_down.choose_page), name="curation-takedown"),
    path(
        "takedown/<int:pk>/<slug:sort>/<str:what>/",
        protected(taking_down.confirm_page),
        name="curation-takedown-confirm",
    ),
    path("takedowns/<int:pk>/lift/", protected(taking_down.lift_page), name="curation-takedown-lift"),
    path("radar/", protected(views.radar_page), name="curation-radar"),
]
