"""Where each step of a task stands, as phases that people can follow from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tasks.kinds import KINDS
from tasks.models import Membership, Output, OutputState, RemoteFile, Status, Submission, Task
from tasks.views.history import usual_seconds
from tasks.views.trouble import Action, way_out
from tasks.views.words import lasting

Words = str | Promise

_PHASES: tuple[Words, ...] = (
    _("Waiting for its turn"),
    _("Files go to TopView"),
    _("Handed over to TopView"),
    _("TopView makes it"),
    _("Saved here"),
)
_WAITING, _FILES, _HANDOVER, _MAKING, _SAVING = range(len(_PHASES))
_PLACE = {
    Status.QUEUED: _WAITING,
    Status.PREPARING: _FILES,
    Status.SUBMITTING: _HANDOVER,
    Status.UNKNOWN: _HANDOVER,
    Status.ABANDONED: _HANDOVER,
    Status.REFUSED: _HANDOVER,
    Status.RUNNING: _MAKING,
    Status.STOPPED: _MAKING,
    Status.SUCCEEDED: _SAVING,
    Status.CANCELLED: _WAITING,
}
_MOVING = (Status.QUEUED, Status.PREPARING, Status.SUBMITTING, Status.RUNNING)
_BROKEN = (Status.FAILED, Status.REFUSED)


@dataclass(frozen=True, slots=True)
class Phase:
    """One line of a track: `state` is done, now, wait (a person is needed), bad or todo."""

    word: Words
    state: str


@dataclass(frozen=True, slots=True)
class Sending:
    """A file on its way to TopView."""

    name: str
    sent: int
    size: int


@dataclass(frozen=True)
class Track:
    """One step of the task: its newest submission, and how far it is."""

    label: Words
    phases: list[Phase]
    is_moving: bool = False
    since: datetime | None = None
    usual: str = ""
    is_late: bool = False
    is_unpaid: bool = False
    way_out: Action | None = None


def newest(task: Task) -> list[Submission]:
    """The newest attempt of each step and item, oldest first. Reads prefetched rows."""
    found: dict[tuple[str, str], Submission] = {}
    for submission in sorted(task.submissions.all(), key=lambda one: one.attempt):
        found[submission.step, submission.item] = submission
    return sorted(found.values(), key=lambda one: one.created_at)


def noteworthy(task: Task) -> list[Submission]:
    """The newest attempts, and older ones about which something must be said (a second charge)."""
    newest_ones = newest(task)
    older = [one for one in task.submissions.all() if one.keeps_attention and one not in newest_ones]
    return sorted([*newest_ones, *older], key=lambda one: one.created_at)


def tracks(task: Task, membership: Membership, now: datetime) -> list[Track]:
    """The tracks of what was started, then one for each step still to come."""
    kind = KINDS.get(task.kind)
    started = newest(task)
    shown = [_track(task, submission, membership, now) for submission in started]
    seen = {submission.step for submission in started}
    ahead = [step for step in kind.steps if step.slug not in seen] if kind else []
    return shown + [Track(step.label, []) for step in ahead]


def _track(task: Task, submission: Submission, membership: Membership, now: datetime) -> Track:
    kind = KINDS.get(task.kind)
    step = next((step for step in kind.steps if step.slug == submission.step), None) if kind else None
    moving = submission.status in _MOVING
    usual = usual_seconds(task.workspace_id, kind, step, task.brief) if kind and step and moving else 0
    age = (now - submission.created_at).total_seconds()
    return Track(
        label=step.label if step else submission.step,
        phases=list(_phases(submission)),
        is_moving=moving,
        since=submission.created_at,
        usual=lasting(usual) if usual else "",
        is_late=bool(step and moving and age > step.deadline_seconds),
        is_unpaid=submission.status in (Status.QUEUED, Status.PREPARING),
        way_out=way_out(submission, membership),
    )


def _phases(submission: Submission) -> Iterator[Phase]:
    place, state = _place(submission)
    for number, word in enumerate(_PHASES):
        if number < place:
            yield Phase(word, "done")
        elif number == place:
            yield Phase(word, state)
        else:
            yield Phase(word, "todo")


def _place(submission: Submission) -> tuple[int, str]:
    """Which phase it is in, and the state of that phase."""
    status = Status(submission.status)
    if status == Status.FAILED:
        return (_MAKING if submission.accepted_at else _FILES), "bad"
    if status == Status.SUCCEEDED:
        return _SAVING, _saving_state(list(submission.outputs.all()))
    place = _PLACE[status]
    if status in _BROKEN:
        return place, "bad"
    return place, "now" if status in _MOVING else "wait"


def _saving_state(outputs: list[Output]) -> str:
    states = {output.state for output in outputs}
    if states & {OutputState.WAITING, OutputState.SAVING}:
        return "now"
    return "bad" if OutputState.LOST in states else "done"


def sending(task: Task) -> list[Sending]:
    """The files on their way to TopView; asked only while a step is being prepared."""
    if not any(submission.status == Status.PREPARING for submission in newest(task)):
        return []
    rows = RemoteFile.objects.filter(credential=task.credential_id, upload__tasks=task, arrived_at=None)
    facts = rows.order_by("created_at").values_list("upload__name", "sent", "upload__blob__size")
    return [Sending(name, sent, size) for name, sent, size in facts]
