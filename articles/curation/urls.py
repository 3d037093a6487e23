"""The curators' queues: /admin/curation/review/…"""

from django.contrib import admin
from django.urls import path, register_converter

from articles.curation import views
from articles.queue import Queue


class QueueConverter:
    """A queue's name in an address."""

    regex = "|".join(queue.value for queue in Queue)

    def to_python(self, value: str) -> Queue:
        """The queue."""
        return Queue(value)

    def to_url(self, value) -> str:
        """Its name."""
        return str(value)


register_converter(QueueConverter, "queue")

protected = admin.site.admin_view

urlpatterns = [
    path("", protected(views.first), name="review-first"),
    path("scorecard/", protected(views.scorecard_page), name="scorecard"),
    path("scorecard/decisions/", protected(views.decided_page), name="scorecard-decisions"),
    path("<queue:queue>/", protected(views.page), name="review"),
    path("<queue:queue>/ahead/", protected(views.ahead), name="review-ahead"),
    path("proposals/reject/", protected(views.reject_marked), name="review-reject"),
    path("<queue:queue>/undo/", protected(views.undo), name="review-undo"),
    path("<queue:queue>/release/", protected(views.release), name="review-release"),
    path("<queue:queue>/unskip/", protected(views.unskip), name="review-unskip"),
    path("<queue:queue>/<int:pk>/", protected(views.item), name="review-item"),
    path("links/<int:pk>/reach/", protected(views.reach), name="review-reach"),
    path("<queue:queue>/<int:pk>/find/", protected(views.find), name="review-find"),
]
