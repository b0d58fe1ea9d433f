"""What is asked for, and what it may cost."""

from __future__ import annotations

import re

from django.db.models import QuerySet
from django.urls import reverse

from tasks.models import Task, TaskStatus
from tasks.views.http.paging import Cursor
from tests.benchmarks.filling import UNCLAIMED, Portal
from tests.benchmarks.visitor import Page, Visitor

# How far back in the list the deep page begins, in tasks, where there are so many.
DEEP = 10_000


def bare_page() -> Page:
    """What all others are compared with."""
    return Page("bare signed-in view", reverse("bare"))


def pages(portal: Portal, visitor: Visitor) -> list[Page]:
    """The pages people ask for most, at the portal's present size."""
    listed, product = reverse("task-list"), portal.studio.orders[0].kind
    return [
        Page("unchanged list poll", _poll(visitor, listed), 204, aim=1.35),
        Page("list, 50 rows", listed, aim=6, flat=True),
        Page("list, every row drawn anew", reverse("undrawn"), flat=True),
        Page("list by status", f"{listed}?status=failed", flat=True),
        Page("list by several statuses", f"{listed}?status=attention"),
        Page("list by format", f"{listed}?kind={product}", flat=True),
        Page("list by both", f"{listed}?status=failed&kind={product}", flat=True),
        Page("list, 10,000 tasks back", f"{listed}?before={_cursor(portal)}", flat=True),
        Page("task page", _page_of(_finished(portal)), flat=True),
        Page("unchanged task poll", _poll(visitor, _page_of(_moving(portal))), 204),
        Page(f"frame, nothing kept, {UNCLAIMED} unclaimed charges", reverse("framed"), flat=True),
        Page("health, not signed in", reverse("health"), signed_in=False),
    ]


def _poll(visitor: Visitor, page: str) -> str:
    """The address that a page's live part asks."""
    found = re.search(r'id="task-(?:rows|live)" hx-get="([^"]+)"', visitor.read(page))
    assert found, f"{page} does not poll"
    return found[1].replace("&amp;", "&")


def _page_of(task: Task) -> str:
    return reverse("task-page", args=[task.pk])


def _finished(portal: Portal) -> Task:
    return _tasks(portal).filter(status=TaskStatus.SUCCEEDED)[0]


def _moving(portal: Portal) -> Task:
    return _tasks(portal).filter(status=TaskStatus.RUNNING)[0]


def _cursor(portal: Portal) -> Cursor:
    return Cursor.of(_tasks(portal)[min(DEEP, portal.size // 2)])


def _tasks(portal: Portal) -> QuerySet[Task]:
    return Task.objects.filter(workspace=portal.studio.workspace).order_by("-created_at", "-id")
