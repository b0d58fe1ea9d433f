"""Whether an order may be the same paid work as something that is alive: one rule for every way to order.

Whoever orders it all the same says why; that stands in the audit and in the history of both tasks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from tasks import audit, kinds
from tasks.commands.refusals import ReasonNeeded
from tasks.commands.submissions.remarks import remark
from tasks.models import DEAD, Status, Submission, Task, TaskStatus, Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any
    from uuid import UUID

    from tasks.kinds.base import Step
    from tasks.models import Output, User

# TopView is at work on such a task, may be, or soon will be.
ALIVE = (
    TaskStatus.UNKNOWN,
    TaskStatus.SUBMITTING,
    TaskStatus.PREPARING,
    TaskStatus.QUEUED,
    TaskStatus.RUNNING,
    TaskStatus.STOPPED,
)


def wait_for_turn(workspace_id: UUID) -> Workspace:
    """Let one order of a workspace follow another: each sees what was ordered just before.

    To be called first in the transaction that orders. The workspace as it is now.
    """
    return Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)


def live_duplicate(
    *, workspace_id: UUID, digest: str, source: Task | None = None, besides: UUID | None = None
) -> Task | None:
    """The task whose paid work an order may be: the one it is made after, else an equal one of anybody here.

    `digest` is that of the order's brief; `source` counts also where the brief was changed since. `besides`
    is the task that is ordered from once more itself. To be called inside the transaction that orders.
    """
    if source is not None:
        now = Task.objects.filter(pk=source.pk)
        if found := now.filter(status__in=ALIVE).first():
            return found
        # Given up, it may still turn up: made again unchanged it is paid twice then.
        given_up = Submission.objects.filter(task=source.pk, status=Status.ABANDONED)
        if given_up.exists() and (found := now.filter(brief_digest=digest).first()):
            return found
    equal = Task.objects.filter(workspace=workspace_id, brief_digest=digest, status__in=ALIVE)
    if besides is not None:
        equal = equal.exclude(pk=besides)
    return equal.order_by("-created_at").first()


def demand_reason(duplicate: Task | None, reason: str) -> None:
    """Raise ReasonNeeded where an order may be a duplicate and nobody has said why it is made."""
    if duplicate is not None and not reason.strip():
        raise ReasonNeeded(
            _("TopView may be making exactly this already. Say why it is started, and paid, once more."),
            duplicate=duplicate,
        )


def demand_reason_for_step(
    task: Task, step: Step, source: Output, answers: Mapping[str, Any], reason: str
) -> bool:
    """The same for a step that may be repeated: an equal call for the same output, or one nobody knows of.

    True when there is one and it is started all the same.
    """
    is_duplicate = bool(_equal_calls(task, step, source, answers))
    demand_reason(task if is_duplicate else None, reason)
    return is_duplicate


def duplicate_of(submission: Submission) -> Task | None:
    """The task that may be making what trying a dead call again would make, perhaps its own.

    Then it needs a reason.
    """
    task, source = submission.task, submission.source
    declared = kinds.kind(task.kind)
    step = declared.step(submission.step)
    if source is not None and _equal_calls(task, step, source, submission.answers):
        return task
    if step.slug != declared.steps[0].slug:
        return None
    return live_duplicate(workspace_id=task.workspace_id, digest=task.brief_digest, besides=task.pk)


def _equal_calls(task: Task, step: Step, source: Output, answers: Mapping[str, Any]) -> list[Submission]:
    alive = live_calls(task, step, source)
    return [call for call in alive if call.status == Status.UNKNOWN or call.answers == answers]


def live_calls(task: Task, step: Step, source: Output) -> list[Submission]:
    """What a step that may be repeated is doing, or may be doing, for the same output; none of others."""
    if not step.follow_up.is_repeatable:
        return []
    mine = task.submissions.filter(step=step.slug, source__identity=source.identity)
    return list(mine.exclude(status__in=(*DEAD, Status.SUCCEEDED)))


def record_duplicate(*, task: Task, duplicate: Task | None, actor: User, reason: str) -> None:
    """Tell, on both tasks and in the audit, that one was ordered though the other may be the same."""
    if duplicate is None:
        return
    reason = reason.strip()[:500]
    audit.record(
        audit.Verb.MADE_AGAIN,
        actor=actor,
        workspace=task.workspace,
        subject=task,
        duplicate=str(duplicate.pk),
        state=duplicate.status,
        reason=reason,
    )
    if (first := duplicate.submissions.order_by("created_at").first()) is not None:
        remark(submission=first, cause="made-again", detail=reason, actor=actor)
        duplicate.touch()
