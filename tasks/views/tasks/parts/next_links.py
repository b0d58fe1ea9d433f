"""What a person may do next with a task: the further steps that are open."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from tasks.kinds import KINDS
from tasks.models import Membership, Status, Task, TaskStatus


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step that may be started now; `is_awaited` when the task waits for it."""

    label: str | Promise
    summary: str | Promise
    action: str | Promise
    url: str
    is_awaited: bool


def next_steps(task: Task, membership: Membership) -> list[NextStep]:
    """The awaited ones first. Reads prefetched rows."""
    kind = KINDS.get(task.kind)
    if kind is None or task.is_adopted or not membership.may_spend:
        return []
    calls = task.submissions.all()
    done = {call.step for call in calls if call.status == Status.SUCCEEDED}
    started = {call.step for call in calls}
    found = [
        NextStep(
            label=step.label,
            summary=step.follow_up.summary,
            action=step.follow_up.action or step.label,
            url=reverse("task-next", args=[task.pk, step.slug]),
            is_awaited=task.status == TaskStatus.CHOOSING
            and not step.follow_up.is_optional
            and step.slug not in started,
        )
        for step in kind.open_steps(task.brief, done=done, started=started)
    ]
    return sorted(found, key=lambda step: not step.is_awaited)
