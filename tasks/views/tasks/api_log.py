"""What TopView itself answered about a task's calls: for admins who must look into something odd."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tasks.access import PortalRequest, administrator, task_for
from tasks.kinds import find_step
from tasks.models import ApiLogEntry, Task
from tasks.views.http.formatting import exact
from tasks.views.http.paging import address, page_of

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: to what, of which attempt, when, and every word of it that may be shown."""

    operation: str
    step: str
    attempt: int
    code: str
    at: str
    body: str


@require_safe
@administrator
def task_api_log(request: PortalRequest, task_id: UUID) -> HttpResponse:
    """The answers that are still kept, newest first."""
    task = task_for(request.membership, task_id)
    rows = (
        ApiLogEntry.objects.filter(submission__task=task).select_related("submission").order_by("-at", "-id")
    )
    page = page_of(rows, request.GET, size=_SHOWN, by="at")
    here = reverse("task-api-log", args=[task.pk])
    context = {
        "task": task,
        "lines": [_line(task, row) for row in page.rows],
        "days": settings.ANSWERS_KEPT_DAYS,
        "older_url": address(here, request.GET, before=page.older) if page.older else "",
        "newer_url": address(here, request.GET, after=page.newer) if page.newer else "",
    }
    return render(request, "tasks/api_log.html", context)


def _line(task: Task, answer: ApiLogEntry) -> Line:
    call = answer.submission
    step = find_step(task.kind, call.step)
    http = f"HTTP {answer.http_status}" if answer.http_status else ""
    return Line(
        operation=answer.get_operation_display(),
        step=str(step.label) if step else call.step,
        attempt=call.attempt,
        code=" · ".join(part for part in (http, answer.code) if part),
        at=exact(answer.at),
        body=json.dumps(answer.body, indent=2, ensure_ascii=False),
    )
