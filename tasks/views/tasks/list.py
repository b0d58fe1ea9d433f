"""The task list: live, filtered by its address, paged by keyset."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.request import QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tasks.access import PortalRequest, asked_workspace, member, signed_in, workspace_of
from tasks.forms.tasks.filters import STATUS_GROUPS, TaskFilter
from tasks.kinds import KINDS
from tasks.models import MOVING, Task, newest_revisions
from tasks.views.http.paging import PAGE_SIZE, address, page_of
from tasks.views.tasks.parts.queue_position import queue_marks
from tasks.views.tasks.parts.unreachable import silence_marks
from tasks.views.tasks.rows import drawn_rows, revision_of

POLL_SECONDS, IDLE_POLL_SECONDS = 3, 30


@require_safe
@member
def task_list(request: PortalRequest) -> HttpResponse:
    context = _rows_context(request, request.membership.workspace_id)
    filters = TaskFilter.read(request.GET)
    context |= {"filters": filters, "groups": STATUS_GROUPS.items(), "kinds": KINDS.values()}
    return render(request, "tasks/list.html", context)


@require_safe
@signed_in
def task_rows(request: PortalRequest) -> HttpResponse:
    """The first page's rows; 204 while they are as the asker has seen them."""
    workspace_id = asked_workspace(request)
    filters = TaskFilter.read(request.GET)
    shown = newest_revisions(
        workspace_id,
        request.user.pk,
        statuses=filters.statuses,
        needs_attention=filters.needs_attention,
        kind=filters.kind,
        limit=PAGE_SIZE,
    )
    if revision_of([*shown, *_marks(workspace_id)]) == request.GET.get("seen"):
        return HttpResponse(status=204)
    return render(request, "tasks/_task_rows.html", _rows_context(request, workspace_of(request)))


def _rows_context(request: PortalRequest, workspace_id: UUID) -> dict[str, object]:
    filters = TaskFilter.read(request.GET)
    tasks = filters.apply(Task.objects.filter(workspace=workspace_id))
    # As little of each as tells its place and whether it must be drawn anew.
    places: QuerySet[Task, Any] = tasks.values_list(
        "pk", "id", "revision", "status", "created_at", named=True
    )
    page = page_of(places, request.GET)
    here, kept = reverse("task-list"), QueryDict(mutable=True)
    kept.update({"status": filters.status, "kind": filters.kind})
    seen = revision_of([*((place.pk, place.revision) for place in page.rows), *_marks(workspace_id)])
    moving = any(place.status in MOVING for place in page.rows)
    return {
        "rows": drawn_rows(workspace_id, page.rows),
        "filters": filters,
        "poll_url": address(reverse("task-rows"), kept, seen=seen) if page.is_first else "",
        "poll_seconds": POLL_SECONDS if moving else IDLE_POLL_SECONDS,
        "older_url": address(here, kept, before=page.older) if page.older else "",
        "newer_url": address(here, kept, after=page.newer) if page.newer else "",
    }


def _marks(workspace_id: UUID) -> list[tuple[str, int]]:
    """What rows show beside what their tasks' revisions tell of."""
    return [*silence_marks(workspace_id), *queue_marks(workspace_id)]
