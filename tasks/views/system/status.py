"""Settings: how the portal itself is doing. For admins; machines are the matter of owners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_q.models import OrmQ

from tasks.access import PortalRequest, caretaker, owner
from tasks.commands.operations.nodes import forget_node
from tasks.commands.runtime.disk import Room
from tasks.commands.runtime.queue import MAIN_CLUSTER, REFRESH_CLUSTER
from tasks.models import Blob, CatalogState, Heartbeat, Status, Submission
from tasks.views.catalogs.labels import catalog_label
from tasks.views.frame.alerts import clock_words
from tasks.views.frame.health_state import PARTS, Node, Signs, WrongClock, place_of, read_signs
from tasks.views.frame.status_cache import MOST_COUNTED, counted, forget
from tasks.views.http.formatting import exact
from tasks.views.http.responses import see_other
from tasks.views.system.mail import mail_part
from tasks.wording import cause_words

_PARTS = {
    f"{Heartbeat.CANARY}{MAIN_CLUSTER}": gettext_lazy("Workers"),
    Heartbeat.REFRESH: gettext_lazy("Tracking"),
    Heartbeat.SCHEDULER: gettext_lazy("Scheduler"),
}
_CLUSTERS = {MAIN_CLUSTER: gettext_lazy("Sending and saving"), REFRESH_CLUSTER: gettext_lazy("Tracking")}
_ROOMS = {
    Room.ENOUGH: (gettext_lazy("enough"), "good"),
    Room.LOW: (gettext_lazy("nearly full"), "warn"),
    Room.FULL: (gettext_lazy("full"), "bad"),
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A part of the worker and its last sign of life."""

    name: str | Promise
    at: datetime | None
    exact: str
    is_alive: bool


@dataclass(frozen=True, slots=True)
class NodeLine:
    node: Node
    seen: str
    since: str
    clusters: list[str]
    clock: str  # what is wrong with its clock


@dataclass(frozen=True, slots=True)
class DiskLine:
    place: str
    free: int
    total: int
    word: str | Promise
    tone: str


@dataclass(frozen=True, slots=True)
class CatalogRow:
    credential: str
    name: str | Promise
    refreshed: str
    is_stale: bool
    error: str


@require_safe
@caretaker
def portal_status(request: PortalRequest) -> HttpResponse:
    """Workers, queue, disks, hosts and catalogs."""
    workspace = request.membership.workspace_id
    waiting = Submission.objects.filter(workspace=workspace, status=Status.QUEUED)
    signs = read_signs()
    context = {
        "nodes": [_node_line(node) for node in signs.nodes],
        "signs": list(_signs(signs)),
        "disks": [
            DiskLine(place_of(one), one.disk.free, one.disk.total, *_ROOMS[one.disk.room])
            for one in signs.disks
        ],
        "silences": [(one.host, exact(one.until)) for one in signs.silences],
        "mail": mail_part(request, signs),
        "queue_length": OrmQ.objects.count(),
        "waiting": counted(waiting[:MOST_COUNTED].count()),
        "oldest": waiting.order_by("next_at").values_list("created_at", flat=True).first(),
        "unmeasured": _unmeasured() if request.user.is_owner else "",
        "catalogs": _catalogs(request),
    }
    return render(request, "system/status.html", context)


@require_POST
@owner
def node_forget(request: PortalRequest, name: str) -> HttpResponse:
    """A silent worker is gone for good."""
    if forget_node(name=name):
        messages.success(request, _("It is no longer waited for."))
    if request.membership:
        forget(request.membership.workspace_id)
    return see_other("portal-status")


def _unmeasured() -> str:
    """How many files of all workspaces a job still has to go through after an update; empty for none."""
    number = Blob.objects.unmeasured()[:MOST_COUNTED].count()
    return counted(number) if number else ""


def _node_line(node: Node) -> NodeLine:
    clusters = []
    for one in node.clusters:
        words = {**one, "name": _CLUSTERS.get(one["name"], one["name"])}
        at_work = _("%(name)s: %(busy)s of %(workers)s at work")
        clusters.append((at_work if one["is_running"] else _("%(name)s: starts again")) % words)
    clock = WrongClock(node.machine, node.clock_ahead)
    wrong = clock_words(clock) if clock.is_wrong else ""
    return NodeLine(node, exact(node.at), exact(node.since), clusters, wrong)


def _signs(signs: Signs) -> Iterator[Sign]:
    for part in PARTS:
        if part in _PARTS:
            at = signs.beats.get(part)
            yield Sign(_PARTS[part], at, exact(at) if at else "", not signs.is_silent(part))


def _catalogs(request: PortalRequest) -> list[CatalogRow]:
    limit = timezone.now() - timedelta(hours=settings.CATALOG_HOURS)
    rows = CatalogState.objects.filter(workspace=request.membership.workspace_id).select_related("credential")
    return [
        CatalogRow(
            credential=row.credential.name,
            name=catalog_label(row.catalog),
            refreshed=exact(row.refreshed_at) if row.refreshed_at else "",
            is_stale=row.is_stale(limit),
            error=cause_words(row.error),
        )
        for row in rows.order_by("credential__created_at", "catalog")
    ]
