"""How long tasks of a kind take and what they cost here, from this workspace's own past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID

from tasks.kinds.base import Step, TaskKind
from tasks.models.kept import Kept
from tasks.models.moves import Status
from tasks.models.submissions import Submission
from tasks.models.tasks import Task

KEPT_SECONDS = 300.0
SAMPLE = 100
ENOUGH = 3


@dataclass(frozen=True)
class Past:
    """One finished call: its step, what its brief looked like, how long it took and what it cost."""

    step: str
    shape: str
    seconds: float
    cost: Decimal | None


@dataclass(frozen=True)
class Usual:
    """How long a call usually takes, and how many past calls say so; none: the kind's own guess."""

    seconds: float
    sample: int


@dataclass(frozen=True)
class Costs:
    """What past calls of a step cost, cheapest first. `are_alike`: all were asked for in the same shape."""

    amounts: tuple[Decimal, ...]
    are_alike: bool

    @property
    def median(self) -> Decimal:
        """The middle one. Only where there is any."""
        return median(self.amounts)


_kept: Kept[tuple[UUID, str], list[Past]] = Kept(seconds=KEPT_SECONDS, most=2000)


def usual_time(workspace_id: UUID, kind: TaskKind, step: Step, shape: str | None = None) -> Usual:
    """The median of past calls of the same shape, else of the same step, else the kind's own guess."""
    past = [one for one in _past(workspace_id, kind) if one.step == step.slug]
    alike = [one for one in past if one.shape == shape]
    for sample in (alike, past):
        if len(sample) >= ENOUGH:
            return Usual(median(one.seconds for one in sample), len(sample))
    return Usual(float(step.usual_seconds), 0)


def usual_seconds(
    workspace_id: UUID, kind: TaskKind, step: Step, brief: Mapping[str, Any] | None = None
) -> float:
    """The same in seconds alone, for what a task asks for."""
    return usual_time(workspace_id, kind, step, None if brief is None else step.shape(brief)).seconds


def past_costs(workspace_id: UUID, kind: TaskKind, step: Step, shape: str | None = None) -> Costs:
    """What calls of the same shape cost; where none is known, what any call of the step cost."""
    past = [one for one in _past(workspace_id, kind) if one.step == step.slug]
    alike = sorted(one.cost for one in past if one.shape == shape and one.cost is not None)
    if alike:
        return Costs(tuple(alike), are_alike=True)
    return Costs(tuple(sorted(one.cost for one in past if one.cost is not None)), are_alike=False)


def _past(workspace_id: UUID, kind: TaskKind) -> list[Past]:
    return _kept.read((workspace_id, kind.slug), lambda: _read(workspace_id, kind))


def _read(workspace_id: UUID, kind: TaskKind) -> list[Past]:
    newest = Task.objects.filter(workspace=workspace_id, kind=kind.slug).order_by("-created_at", "-id")
    briefs = dict(newest.values_list("pk", "brief")[:SAMPLE])
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
