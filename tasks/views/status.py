"""Settings: how the portal itself is doing. For admins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.http import require_GET
from django_q.models import OrmQ

from tasks.access import PortalRequest, administrator
from tasks.models import CatalogShelf, Heartbeat, Status, Submission
from tasks.views.condition import WORKER_SILENT_SECONDS
from tasks.views.shelves import shelf_label
from tasks.views.words import exact


@dataclass(frozen=True, slots=True)
class Sign:
    """A part of the worker and its last sign of life."""

    name: str
    at: datetime
    exact: str
    is_alive: bool


@dataclass(frozen=True, slots=True)
class ShelfLine:
    """A catalog of one credential."""

    credential: str
    name: str | Promise
    refreshed: str
    is_stale: bool
    error: str


@require_GET
@administrator
def portal_status(request: PortalRequest) -> HttpResponse:
    """Heartbeats, queue and catalogs."""
    workspace = request.membership.workspace_id
    waiting = Submission.objects.filter(workspace=workspace, status=Status.QUEUED)
    context = {
        "signs": _signs(),
        "queue_length": OrmQ.objects.count(),
        "waiting": waiting.count(),
        "oldest": waiting.order_by("created_at").values_list("created_at", flat=True).first(),
        "shelves": _shelves(request),
    }
    return render(request, "settings/status.html", context)


def _signs() -> list[Sign]:
    limit = timezone.now() - timedelta(seconds=WORKER_SILENT_SECONDS)
    return [
        Sign(row.name, row.at, exact(row.at), row.at > limit) for row in Heartbeat.objects.order_by("name")
    ]


def _shelves(request: PortalRequest) -> list[ShelfLine]:
    limit = timezone.now() - timedelta(hours=settings.CATALOG_HOURS)
    rows = CatalogShelf.objects.filter(workspace=request.membership.workspace_id).select_related("credential")
    return [
        ShelfLine(
            credential=row.credential.name,
            name=shelf_label(row.shelf),
            refreshed=exact(row.refreshed_at) if row.refreshed_at else "",
            is_stale=row.is_stale(limit),
            error=row.error,
        )
        for row in rows.order_by("credential__created_at", "shelf")
    ]
