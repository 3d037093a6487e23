"""The curators' pages about records: /admin/curation/…"""

from urllib.parse import quote, unquote

from django.contrib import admin
from django.urls import path, register_converter
from django.urls.converters import StringConverter

from entities.curation import taking_down, views

protected = admin.site.admin_view


class Quoted(StringConverter):
    """Text of any kind as one part of an address: names of attributes come from files, with slashes or line breaks perhaps."""

    def to_python(self, value: str) -> str:
        """The text."""
        return unquote(value)

    def to_url(self, value: object) -> str:
        """Quoted, which the address will be once more: servers undo one of the two before they look for its parts."""
        return quote(str(value), safe="")


register_converter(Quoted, "quoted")

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
        "takedown/<int:pk>/<slug:sort>/<quoted:what>/",
        protected(taking_down.confirm_page),
        name="curation-takedown-confirm",
    ),
    path("takedowns/<int:pk>/lift/", protected(taking_down.lift_page), name="curation-takedown-lift"),
    path("inspection/", protected(views.ask_inspection_page), name="curation-inspection"),
    path("radar/", protected(views.radar_page), name="curation-radar"),
    path("radar/undo/", protected(views.undo_dismissal), name="curation-radar-undo"),
    path("radar/<int:pk>/", protected(views.dismiss_page), name="curation-radar-dismiss"),
]
