"""Whether the process lives, and whether it can work: for load balancers and containers."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from entities.index_models import IndexChange, IndexSegment
from entities.models import Alias


@never_cache
@require_safe
def healthz(request):
    """200 while the process answers; touches nothing else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request):
    """200 if the database answers every migration is applied and names can be looked up, else 503 naming what is missing."""
    checks: dict[str, str] = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        checks["database"] = "ok"
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        checks["index"] = "ok" if _index_is_built() else "never built: run manage.py rebuild_index"
        checks["migrations"] = "ok" if not pending else f"{len(pending)} not applied"
    except DatabaseError:
        # A table that is not there yet is a migration that is missing, which the checks that went before tell.
        checks.setdefault("database", "does not answer")
        checks.setdefault("migrations", "not applied")
    ready = all(value == "ok" for value in checks.values())
    return JsonResponse({"status": "ok" if ready else "unavailable", "checks": checks}, status=200 if ready else 503)


def _index_is_built() -> bool:
    """False where names are stored and none of them can be found."""
    known = IndexSegment.objects.filter(retired_at=None).exists() or IndexChange.objects.exists()
    return known or not Alias.objects.filter(withdrawn_at=None).exists()
