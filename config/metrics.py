"""Figures for Prometheus at ``/metrics``: requests by view, and what waits in the database.

The address exists only where ``METRICS_TOKEN`` is set, and asks for it: ``Authorization: Bearer …``. With several
processes set ``PROMETHEUS_MULTIPROC_DIR`` to an empty folder, so that one scrape sees the requests of all.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

from articles import queue as queues
from articles.models import Article, ImportJob, Link
from articles.queue import Queue
from entities.index_models import IndexChange, IndexSegment
from entities.models import Entity

REQUESTS = Counter("refdesk_requests", "Requests answered", ["view", "method", "status"])
SECONDS = Histogram(
    "refdesk_request_seconds", "Time to the answer", ["view"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10),
)  # fmt: skip
_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
_KEPT_SECONDS = 30  # counting a long table takes longer than a scraper should make it happen


class Measured:
    """Middleware: counts each request under the name of its view, of which there are few, never under its address."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        begun = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        view = (match.view_name or "unnamed") if match is not None else "none"
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(view, method, str(response.status_code)).inc()
        SECONDS.labels(view).observe(time.perf_counter() - begun)
        return response


def counted() -> dict[str, list[tuple[tuple[str, ...], int]]]:
    """Rows of the database by what they are: ``name → [(labels, count)]``; at most half a minute old."""
    known = cache.get("metrics")
    if known is None:
        decided = Count("pk", filter=Q(actor=None)), Count("pk", filter=Q(actor__isnull=False))
        links = Link.objects.live().order_by().values_list("status").annotate(engine=decided[0], people=decided[1])
        jobs = ImportJob.objects.order_by().values_list("status").annotate(n=Count("pk"))
        known = {
            "records": [((kind,), n) for kind, n in Entity.objects.counts_by_kind().items()],
            "articles_unlinked": [((), Article.objects.visible().filter(linked_at=None).count())],
            "queue": [((queue.value,), queues.tally_of(queue)) for queue in Queue],
            "jobs": [((status,), n) for status, n in jobs],
            "decisions": [
                (labels, n)
                for status, engine, people in links
                for labels, n in (((status, "engine"), engine), ((status, "people"), people))
            ],
            "index_segments": [((), IndexSegment.objects.filter(retired_at=None).count())],
            "index_tail": [((), IndexChange.objects.count())],
        }
        cache.set("metrics", known, _KEPT_SECONDS)
    return known


_GAUGES = {
    "records": ("Live records", ["kind"]),
    "articles_unlinked": ("Articles that wait to be linked", []),
    "queue": (f"Items that wait for people, counted up to {queues.COUNTED}", ["queue"]),
    "jobs": ("Import jobs", ["status"]),
    "decisions": ("Decisions about mentions that stand", ["status", "by"]),
    "index_segments": ("Segments of the candidate index", []),
    "index_tail": ("Names in the tail of the candidate index", []),
}


class Counts(Collector):
    """The rows as gauges; read when somebody asks."""

    def collect(self) -> Iterator[Metric]:
        """A family for each."""
        for name, rows in counted().items():
            words, labels = _GAUGES[name]
            family = GaugeMetricFamily(f"refdesk_{name}", words, labels=labels)
            for values, count in rows:
                family.add_metric(values, count)
            yield family

    def describe(self) -> list[Metric]:
        """Nothing: a registry that asks would read the database at start."""
        return []


@never_cache
@require_safe
def metrics(request):
    """Everything, as Prometheus reads it; 404 without a token in the settings, 401 without it in the request."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not secrets.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse("The token is wanted.\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)
        body = generate_latest(registry)
    else:
        body = generate_latest(REGISTRY)
    registry = CollectorRegistry()
    registry.register(Counts())
    return HttpResponse(body + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
