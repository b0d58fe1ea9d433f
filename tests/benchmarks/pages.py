"""What is asked for, and what it may cost."""

from __future__ import annotations

import re

from django.db.models import QuerySet
from django.urls import reverse

from tasks.kinds import KINDS
from tasks.models import Task, TaskStatus, Version, VersionState
from tasks.views.http.paging import Cursor
from tests.benchmarks.filling import Portal
from tests.benchmarks.sizes import FORM, LIST, MOVES, ON_HOLD, OUTPUTS, UNCLAIMED
from tests.benchmarks.visitor import Page, Visitor
from tests.benchmarks.workspace_rows import CATALOG

# How far back in the list the deep page begins, in tasks, where there are so many.
DEEP = 10_000
# What does not grow may still cost so much more at the largest size: no two runs are alike.
FLAT = 1.2
# Of two filters at once, where fewer rows than a page holds may be all there are at the smallest size.
FILTERED_TWICE = 2.0
_TASK, _LONGER, _NO_DEARER = "task page, finished", 1.5, 1.3


def bare_page() -> Page:
    """What all others are compared with."""
    return Page("bare signed-in view", reverse("bare"))


def pages(portal: Portal, visitor: Visitor) -> list[Page]:
    """The pages people ask for most, at the portal's present size, and those that hold the most."""
    return [
        *_lists(portal, visitor),
        *_tasks(portal, visitor),
        *_forms(portal),
        *_review(portal),
        *_settings(portal),
        Page(f"frame, nothing kept, {UNCLAIMED:,} unclaimed charges", reverse("framed"), growth=FLAT),
        Page("health, not signed in", reverse("health"), signed_in=False),
    ]


def _lists(portal: Portal, visitor: Visitor) -> list[Page]:
    listed, product = reverse("task-list"), portal.studio.orders[0].kind
    return [
        Page("unchanged list poll", _poll(visitor, listed), 204, aim=1.35),
        Page(LIST, listed, aim=6, growth=FLAT),
        Page("list, every row drawn anew", reverse("undrawn"), growth=FLAT),
        Page("list by status", f"{listed}?status=failed", growth=FLAT),
        Page("list by several statuses", f"{listed}?status=attention", growth=FILTERED_TWICE),
        Page("list by format", f"{listed}?kind={product}", growth=FLAT),
        Page("list by both", f"{listed}?status=failed&kind={product}", growth=FILTERED_TWICE),
        Page("list, 10,000 tasks back", f"{listed}?before={_cursor(portal)}", growth=FLAT),
    ]


def _tasks(portal: Portal, visitor: Visitor) -> list[Page]:
    finished, running = (
        _page_of(_in(portal).filter(status=status)[0])
        for status in (TaskStatus.SUCCEEDED, TaskStatus.RUNNING)
    )
    long, beside = portal.long_tasks, (_TASK, _LONGER)
    return [
        Page(_TASK, finished, aim=3, growth=FLAT),
        Page("task page, running", running, aim=4.5, growth=FLAT),
        Page("unchanged task poll", _poll(visitor, running), 204),
        Page(f"task page, {OUTPUTS} outputs", _page_of(long.outputs), beside=beside, growth=FLAT),
        Page(f"task page, {MOVES:,} moves", _page_of(long.moves), beside=beside, growth=FLAT),
    ]


def _forms(portal: Portal) -> list[Page]:
    account = f"account={portal.studio.account.pk}"
    picker, catalog = (reverse(name, args=[CATALOG]) for name in ("catalog-picker", "catalog-page"))
    return [
        *(
            Page(f"{FORM}{kind.label}", reverse("task-new", args=[kind.slug]), aim=6, growth=FLAT)
            for kind in KINDS.values()
        ),
        Page("picker of a catalog", f"{picker}?{account}", growth=FLAT),
        Page("picker of a catalog, a word typed", f"{picker}?{account}&q={CATALOG}+29", growth=FLAT),
        Page("page of a catalog", f"{catalog}?{account}", growth=FLAT),
        Page("library", reverse("library"), aim=5, growth=FLAT),
        Page("picker of the library", reverse("upload-picker", args=["image"]), growth=FLAT),
    ]


def _review(portal: Portal) -> list[Page]:
    versions = Version.objects.filter(workspace=portal.studio.workspace, output__role="video")
    waiting = versions.filter(state=VersionState.OPEN).order_by("sort_at")[0]
    inbox, beside = reverse("review-inbox"), (_TASK, _NO_DEARER)
    return [
        Page("inbox of reviews", inbox, growth=FLAT),
        Page("inbox, decided", f"{inbox}?tab=decided", growth=FLAT),
        Page("review page", reverse("review-page", args=[waiting.pk]), beside=beside, growth=FLAT),
    ]


def _settings(portal: Portal) -> list[Page]:
    log = reverse("account-log", args=[portal.studio.account.pk])
    reconciliation = f"reconciliation, {UNCLAIMED:,} unclaimed"
    return [
        Page("profile", reverse("profile"), aim=3, growth=FLAT),
        Page("account log", log, aim=6, growth=FLAT),
        Page(reconciliation, reverse("reconciliation"), aim=6, growth=FLAT),
        Page(f"on hold, {ON_HOLD} rows", reverse("quarantine"), growth=FLAT),
    ]


def _poll(visitor: Visitor, page: str) -> str:
    """The address that a page's live part asks."""
    found = re.search(r'id="task-(?:rows|live)" hx-get="([^"]+)"', visitor.read(page))
    assert found, f"{page} does not poll"
    return found[1].replace("&amp;", "&")


def _page_of(task: Task) -> str:
    return reverse("task-page", args=[task.pk])


def _cursor(portal: Portal) -> Cursor:
    assert portal.size
    return Cursor.of(_in(portal)[min(DEEP, portal.size.tasks // 2)])


def _in(portal: Portal) -> QuerySet[Task]:
    """The workspace's tasks, newest first."""
    return Task.objects.filter(workspace=portal.studio.workspace).order_by("-created_at", "-id")
