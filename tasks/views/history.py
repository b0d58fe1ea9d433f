"""How long tasks of a kind take and what they cost here, from this workspace's own past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID

from tasks.kinds.base import Step, TaskKind
from tasks.models import Status, Submission, Task, TaskStatus
from tasks.views.kept import Kept

KEPT_SECONDS = 300.0
SAMPLE = 40
ENOUGH = 3


@dataclass(frozen=True)
class Past:
    """One finished call: its step, what its brief looked like, how long it took and what it cost."""

    step: str
    shape: str
    seconds: float
    cost: Decimal | None


_kept: Kept[tuple[UUID, str], list[Past]] = Kept(seconds=KEPT_SECONDS, most=2000)


def usual_seconds(
    workspace_id: UUID, kind: TaskKind, step: Step, brief: Mapping[str, Any] | None = None
) -> float:
    """The median of past calls of the same shape, else of the same step, else the kind's own guess."""
    past = [one for one in _past(workspace_id, kind) if one.step == step.slug]
    alike = [one for one in past if brief is not None and one.shape == step.shape(brief)]
    for sample in (alike, past):
        if len(sample) >= ENOUGH:
            return median(one.seconds for one in sample)
    return float(step.usual_seconds)


def past_costs(workspace_id: UUID, kind: TaskKind, step: Step) -> list[Decimal]:
    """What recent calls of the step cost, cheapest first."""
    past = _past(workspace_id, kind)
    return sorted(one.cost for one in past if one.step == step.slug and one.cost is not None)


def _past(workspace_id: UUID, kind: TaskKind) -> list[Past]:
    return _kept.read((workspace_id, kind.slug), lambda: _read(workspace_id, kind))


def _read(workspace_id: UUID, kind: TaskKind) -> list[Past]:
    finished = Task.objects.filter(workspace=workspace_id, kind=kind.slug, status=TaskStatus.SUCCEEDED)
    briefs = dict(finished.order_by("-created_at", "-id").values_list("pk", "brief")[:SAMPLE])
    steps = {step.slug: step for step in kind.steps}
    # The tasks alone choose the rows: given a status too, SQLite would walk through every call so far.
    rows = Submission.objects.filter(task__in=list(briefs))
    facts = rows.values_list("task_id", "step", "answers", "created_at", "finished_at", "cost", "status")
    return [
        Past(
            step,
            steps[step].shape({**briefs[task_id], **answers}),
            (finished_at - created_at).total_seconds(),
            cost,
        )
        for task_id, step, answers, created_at, finished_at, cost, status in facts
        if status == Status.SUCCEEDED and step in steps and finished_at is not None
    ]
