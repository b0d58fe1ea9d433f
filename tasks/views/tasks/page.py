"""One task: what was asked, where it stands, what came out. The live part asks until nothing moves."""

from __future__ import annotations

from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tasks.access import PortalRequest, asked_workspace, member, signed_in, task_page_for
from tasks.kinds import KINDS
from tasks.models import MOVING, Product, Status, Task, TaskStatus, revision_and_bytes_sent
from tasks.models.task_pages import Results, history_of, results_for_page
from tasks.views.http.formatting import credits_words, exact
from tasks.views.tasks.brief import inputs_of
from tasks.views.tasks.confirmations import PriceQuestion
from tasks.views.tasks.parts.activity import timeline
from tasks.views.tasks.parts.duplicates import versions_of
from tasks.views.tasks.parts.lateness import lateness_boxes
from tasks.views.tasks.parts.next_links import next_steps
from tasks.views.tasks.parts.problems import troubles
from tasks.views.tasks.parts.progress import noteworthy, sending, stages, tracks
from tasks.views.tasks.parts.queue_position import queue_places
from tasks.views.tasks.parts.results import results_of
from tasks.views.tasks.parts.reviews import can_send, reviews_of
from tasks.views.tasks.parts.unreachable import silence_boxes, silence_marks
from tasks.views.tasks.parts.whole import ACTIVITY, RESULTS, Whole
from tasks.views.tasks.rows import took_words

# An end should be seen within two seconds of a callback; an answer without news costs next to nothing.
POLL_SECONDS, PATIENT_POLL_SECONDS = 1.5, 15


@require_safe
@member
def task_page(request: PortalRequest, task_id: UUID) -> HttpResponse:
    return render_task(request, task_id)


def render_task(
    request: PortalRequest,
    task_id: UUID,
    *,
    refused: Form | None = None,
    price: PriceQuestion | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; with `refused`, what somebody typed into one of its small forms stands there again.

    `price` is what that form asks once more.
    """
    task = task_page_for(request.membership, task_id)
    asked = {"refused": refused, "price": price}
    context = {**_live_context(request, task), **asked, "versions": versions_of(task)}
    return render(request, "tasks/page.html", context, status=status)


@require_safe
@signed_in
def task_live(request: PortalRequest, task_id: UUID) -> HttpResponse:
    """What changes; 204 while it is as the asker has seen it."""
    workspace_id = asked_workspace(request)
    facts = revision_and_bytes_sent(task_id, workspace_id=workspace_id, user_id=request.user.pk)
    if facts is None:
        raise Http404("no such task")
    if _revision(task_id, workspace_id, *facts) == request.GET.get("seen"):
        return HttpResponse(status=204)
    task = task_page_for(request.membership, task_id)
    return render(request, "tasks/_task_live.html", _live_context(request, task))


def _revision(task_id: UUID, workspace_id: UUID, revision: int, sent: int) -> str:
    place = queue_places(workspace_id).get(task_id)
    marks = (*(since for _, since in silence_marks(workspace_id)), *([f"q{place.number}"] if place else []))
    return ".".join(str(one) for one in (revision, sent, *marks))


def _live_context(request: PortalRequest, task: Task) -> dict[str, object]:
    kind, shown, whole = KINDS.get(task.kind), noteworthy(task), Whole.asked_by(request)
    steps = [step.slug for step in kind.steps] if kind else []
    results = results_for_page(task, steps, everything=RESULTS in whole.parts)
    history = history_of(task.pk, everything=ACTIVITY in whole.parts)
    is_quick, reviews = _is_quick(task, results), reviews_of(task)
    boxes = [
        *silence_boxes(task, shown),
        *lateness_boxes(task, shown, request.membership),
        *troubles(task, shown, request.membership),
    ]
    return {
        "task": task,
        "kind": kind,
        "product": Product.objects.filter(task=task).first() if kind and kind.product_of else None,
        "tracks": tracks(task, request.membership, results),
        "sending": sending(task),
        "troubles": boxes,
        "stages": stages(task),
        "next_steps": next_steps(task, request.membership),
        "results": results_of(task, results),
        "more_results": whole.rest(task, RESULTS, shown=results.count, total=results.totals.total()),
        "reviews": reviews,
        "can_review": request.membership.may_spend and can_send(results, reviews),
        "events": timeline(task, history.shown),
        "more_events": whole.rest(task, ACTIVITY, shown=len(history.shown), total=history.total),
        "is_history_whole": ACTIVITY in whole.parts,
        "inputs": inputs_of(task),
        "remote_ids": [one for call in shown for one in (call.remote_id, call.second_remote_id) if one],
        "cost": _cost(task),
        "took": took_words(task),
        "created_exact": exact(task.created_at),
        "poll_url": _poll_url(request, task, whole, is_quick=is_quick),
        "poll_seconds": POLL_SECONDS if is_quick else PATIENT_POLL_SECONDS,
    }


def _cost(task: Task) -> str:
    """What TopView charged, in words; empty while that is not known."""
    submissions = task.submissions.all()
    costs = [submission.cost for submission in submissions if submission.cost is not None]
    if costs:
        return credits_words(sum(costs[1:], costs[0]))
    is_over = submissions and all(submission.was_never_accepted for submission in submissions)
    return _("nothing was charged") if is_over else ""


def _is_quick(task: Task, results: Results) -> bool:
    """Whether something may change at any moment; most lost calls, too, are found within seconds."""
    now = timezone.now()
    lost = (call for call in task.submissions.all() if call.status == Status.UNKNOWN)
    is_looked_for = any(call.settle_until is not None and call.settle_until > now for call in lost)
    return task.status in MOVING or is_looked_for or results.is_unsaved


def _poll_url(request: PortalRequest, task: Task, whole: Whole, *, is_quick: bool) -> str:
    """Empty once nothing can change by itself."""
    if not is_quick and task.status not in (TaskStatus.UNKNOWN, TaskStatus.STOPPED):
        return ""
    facts = revision_and_bytes_sent(task.pk, workspace_id=task.workspace_id, user_id=request.user.pk)
    sent = facts[1] if facts else 0
    seen = _revision(task.pk, task.workspace_id, task.revision, sent)
    return f"{reverse('task-live', args=[task.pk])}?seen={seen}{'&' if whole.parts else ''}{whole.query}"
