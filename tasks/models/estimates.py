"""How long tasks of a kind take and what they cost here, from this workspace's own past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from threading import Lock
from typing import Any
from uuid import UUID

from cachetools import TTLCache, cached

from tasks.kinds import kind as kind_of
from tasks.kinds.base import Step, TaskKind, UnusableBrief
from tasks.models.submissions import Submission
from tasks.models.tasks import Task
from tasks.models.transitions import Status

KEPT_SECONDS = 300.0
SAMPLE = 100
ENOUGH = 3
# A call is slow when it takes longer than nearly all of its like did, and some more; never before twice the
# usual time, nor before this many times a first guess.
_SLOW_SHARE, _SLOW_MARGIN, _SLOW_TIMES, _SLOW_GUESSES = 0.9, 1.25, 2.0, 3.0


@dataclass(frozen=True)
class Past:
    """One finished call: its step, what its brief looked like, how long it took and what it cost.

    `seconds` are those from the order to the end, `making` those that TopView took, `deadline` those it had.
    """

    step: str
    shape: str | None  # None for a brief that cannot be read any more
    seconds: float
    making: float | None
    deadline: int
    cost: Decimal | None


@dataclass(frozen=True)
class Usual:
    """How long a call usually takes, and how many past calls say so; none: the kind's own guess."""

    seconds: float
    sample: int


@dataclass(frozen=True)
class Forecast:
    """When a call that TopView works on should end, counts as slow, and needs a look."""

    usual_at: datetime
    slow_at: datetime
    deadline_at: datetime


def usual_time(workspace_id: UUID, kind: TaskKind, step: Step, shape: str | None = None) -> Usual:
    """The median of past calls of the same shape, else of the same step, else the kind's own guess."""
    past = [one for one in _past(workspace_id, kind) if one.step == step.slug]
    alike = [one for one in past if one.shape == shape]
    for sample in (alike, past):
        if len(sample) >= ENOUGH:
            return Usual(median(one.seconds for one in sample), len(sample))
    return Usual(float(step.usual_seconds), 0)


def forecast(submission: Submission, since: datetime) -> Forecast:
    """What may be expected of a call that TopView has worked on since then.

    Raises LookupError for a format or a step that a release has taken away.
    """
    kind = kind_of(submission.task.kind)
    step = kind.step(submission.step)
    asked = {**submission.task.brief, **submission.answers}
    deadline = step.deadline(asked)
    usual, slow = _making(submission.workspace_id, kind, step, kind.shape(step, asked), deadline)
    return Forecast(
        usual_at=since + timedelta(seconds=usual),
        slow_at=since + timedelta(seconds=min(slow, deadline)),
        deadline_at=since + timedelta(seconds=deadline),
    )


def _making(workspace_id: UUID, kind: TaskKind, step: Step, shape: str, deadline: int) -> tuple[float, float]:
    """The seconds that TopView usually takes for such a call, and those after which it is slow.

    Calls that had another deadline are of another sort: an off-peak one may take a day.
    """
    past = [one for one in _past(workspace_id, kind) if (one.step, one.deadline) == (step.slug, deadline)]
    alike = [one for one in past if one.shape == shape]
    for sample in (alike, past):
        seconds = sorted(one.making for one in sample if one.making is not None)
        if len(seconds) >= ENOUGH:
            usual, nearly_all = median(seconds), seconds[int(_SLOW_SHARE * (len(seconds) - 1))]
            return usual, max(nearly_all * _SLOW_MARGIN, usual * _SLOW_TIMES)
    guess = step.usual_seconds * deadline / step.deadline_seconds
    return guess, guess * _SLOW_GUESSES


def usual_seconds(
    workspace_id: UUID, kind: TaskKind, step: Step, brief: Mapping[str, Any] | None = None
) -> float:
    """The same in seconds alone, for what a task asks for."""
    return usual_time(workspace_id, kind, step, None if brief is None else kind.shape(step, brief)).seconds


def past_costs(workspace_id: UUID, kind: TaskKind, step: Step, shape: str) -> list[Decimal]:
    """What calls of the same shape cost, cheapest first. What others cost says nothing about it."""
    past = _past(workspace_id, kind)
    alike = [one.cost for one in past if (one.step, one.shape) == (step.slug, shape)]
    return sorted(cost for cost in alike if cost is not None)


@cached(
    TTLCache(maxsize=2000, ttl=KEPT_SECONDS),
    key=lambda workspace_id, kind: (workspace_id, kind.slug),
    lock=Lock(),
)
def _past(workspace_id: UUID, kind: TaskKind) -> list[Past]:
    newest = Task.objects.filter(workspace=workspace_id, kind=kind.slug).order_by("-created_at", "-id")
    briefs = dict(newest.values_list("pk", "brief")[:SAMPLE])
    # The tasks alone choose the rows: given a status too, SQLite would walk through every call so far.
    rows = Submission.objects.filter(task__in=list(briefs))
    facts = rows.values(
        "task_id", "step", "answers", "created_at", "accepted_at", "finished_at", "cost", "status"
    )
    return [
        _past_of(kind, step, briefs[row["task_id"]], row)
        for row in facts
        if row["status"] == Status.SUCCEEDED and row["finished_at"] is not None
        if (step := kind.find_step(row["step"])) is not None
    ]


def _past_of(kind: TaskKind, step: Step, brief: Mapping[str, Any], row: Mapping[str, Any]) -> Past:
    asked = {**brief, **row["answers"]}
    accepted_at, finished_at = row["accepted_at"], row["finished_at"]
    return Past(
        step=step.slug,
        shape=shape_of(kind, step, asked),
        seconds=(finished_at - row["created_at"]).total_seconds(),
        making=None if accepted_at is None else (finished_at - accepted_at).total_seconds(),
        deadline=step.deadline(asked),
        cost=row["cost"],
    )


def shape_of(kind: TaskKind, step: Step, asked: Mapping[str, Any] | None) -> str | None:
    """The shape of a call; None where the answers cannot be read."""
    try:
        return None if asked is None else kind.shape(step, asked)
    except UnusableBrief:
        return None
