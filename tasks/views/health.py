"""Whether the portal is alive, for load balancers and watchdogs. No sign-in, no secrets, no session."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tasks.models import Heartbeat
from tasks.views.condition import WORKER_SILENT_SECONDS


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """200 while pages can be served. A silent worker is "degraded", which is no reason to restart the web."""
    try:
        age = Heartbeat.age("worker")
    except DatabaseError:
        return JsonResponse({"status": "down", "database": "unreachable", "worker_seconds": None}, status=503)
    seconds = None if age is None else round(age.total_seconds(), 1)
    works = seconds is not None and seconds <= WORKER_SILENT_SECONDS
    status = "ok" if works else "degraded"
    return JsonResponse({"status": status, "database": "ok", "worker_seconds": seconds})
