"""Where each step of a task stands, as phases that people can follow from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tasks.kinds import KINDS
from tasks.kinds.base import Step, TaskKind
from tasks.models import Lateness, Membership, RemoteFile, Status, Submission, Task
from tasks.models.estimates import usual_seconds
from tasks.models.task_pages import Results
from tasks.text import StrOrPromise
from tasks.views.http.formatting import lasting
from tasks.views.tasks.parts.alerts import Action
from tasks.views.tasks.parts.problems import way_out
from tasks.views.tasks.parts.queue_position import place_words, queue_places

_PHASES: tuple[StrOrPromise, ...] = (
    _("In queue"),
    _("Sending files"),
    _("Sent to TopView"),
    _("Generating"),
    _("Saved"),
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

    word: StrOrPromise
    state: str


@dataclass(frozen=True, slots=True)
class Sending:
    """A file on its way to TopView; before that `converted` hundredths of a conversion are done."""

    name: str
    sent: int
    size: int
    converted: int

    @property
    def is_converting(self) -> bool:
        return 0 < self.converted < 100


@dataclass(frozen=True)
class Track:
    """One step of the task: its newest submission, and how far it is."""

    label: StrOrPromise
    phases: list[Phase]
    is_moving: bool = False
    since: datetime | None = None
    usual: str = ""
    is_unpaid: bool = False
    way_out: Action | None = None
    place: str = ""  # in the queue, in words

    @property
    def phase(self) -> StrOrPromise:
        """The phase it is in now, for those who hear the page; "" when it is in none."""
        return next((phase.word for phase in self.phases if phase.state == "now"), "")


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


def tracks(task: Task, membership: Membership, results: Results) -> list[Track]:
    """The tracks of what was started, one for each call."""
    kind = KINDS.get(task.kind)
    started = newest(task)
    return [_track(kind, task, submission, membership, results) for submission in started]


@dataclass(frozen=True)
class Stage:
    """One step of a task in the row of all of them: done, now, wait (for a choice), bad or todo."""

    label: StrOrPromise
    state: str
    count: int = 0  # how often it was started, when more than once


def stages(task: Task) -> list[Stage]:
    """Where each step stands, for kinds that have several. Reads prefetched rows."""
    kind = KINDS.get(task.kind)
    if kind is None or len(kind.steps) < 2:
        return []
    calls = newest(task)
    done = {call.step for call in calls if call.status == Status.SUCCEEDED}
    waiting = (
        []
        if task.choice_closed
        else kind.waiting_steps(task.brief, done=done, started={call.step for call in calls})
    )
    ours = [step for step in kind.steps if step.applies(task.brief)]
    return [
        _stage(step, [call for call in calls if call.step == step.slug], waits=step in waiting)
        for step in ours
        if not step.follow_up.is_optional or any(call.step == step.slug for call in calls)
    ]


def _stage(step: Step, calls: list[Submission], *, waits: bool) -> Stage:
    statuses = {call.status for call in calls}
    count = len(calls) if len(calls) > 1 else 0
    if statuses & set(_MOVING):
        return Stage(step.label, "now", count)
    if waits or statuses & {Status.UNKNOWN, Status.STOPPED}:
        return Stage(step.label, "wait", count)
    if Status.SUCCEEDED in statuses:
        return Stage(step.label, "done", count)
    return Stage(step.label, "bad" if statuses & set(_BROKEN) else "todo", count)


def _track(
    kind: TaskKind | None, task: Task, submission: Submission, membership: Membership, results: Results
) -> Track:
    step = kind.find_step(submission.step) if kind else None
    label = step.label if step else submission.step
    # Where several may run at once, the result that it works on tells them apart.
    name = submission.source.name if submission.source else ""
    moving = submission.status in _MOVING
    asked = {**task.brief, **submission.answers}
    usual = usual_seconds(task.workspace_id, kind, step, asked) if kind and step and moving else 0
    # Its own box offers it, among the other choices.
    is_overdue = submission.status == Status.RUNNING and submission.lateness == Lateness.OVERDUE
    place = queue_places(submission.workspace_id).get(submission.task_id)
    return Track(
        label=f"{label}: {name}" if name else label,
        phases=list(_phases(submission, results)),
        is_moving=moving,
        since=submission.created_at,
        usual=lasting(usual) if usual else "",
        is_unpaid=submission.status in (Status.QUEUED, Status.PREPARING),
        way_out=None if is_overdue else way_out(submission, membership),
        place=place_words(place) if place and submission.status == Status.QUEUED else "",
    )


def _phases(submission: Submission, results: Results) -> Iterator[Phase]:
    place, state = _place(submission, results)
    for number, word in enumerate(_PHASES):
        if number < place:
            yield Phase(word, "done")
        elif number == place:
            yield Phase(word, state)
        else:
            yield Phase(word, "todo")


def _place(submission: Submission, results: Results) -> tuple[int, str]:
    """Which phase it is in, and the state of that phase."""
    status = Status(submission.status)
    if status == Status.FAILED:
        return (_MAKING if submission.accepted_at else _FILES), "bad"
    if status == Status.SUCCEEDED:
        if submission.pk in results.on_their_way:
            return _SAVING, "now"
        return _SAVING, "bad" if submission.pk in results.lost else "done"
    place = _PLACE[status]
    if status in _BROKEN:
        return place, "bad"
    return place, "now" if status in _MOVING else "wait"


def sending(task: Task) -> list[Sending]:
    """The files on their way to TopView; asked only while a step is being prepared."""
    if not any(submission.status == Status.PREPARING for submission in newest(task)):
        return []
    rows = RemoteFile.objects.filter(credential=task.credential_id, upload__tasks=task, arrived_at=None)
    facts = rows.order_by("created_at").values_list(
        "upload__name", "sent", "size", "upload__blob__size", "converted"
    )
    return [
        Sending(name, sent, size or original, converted) for name, sent, size, original, converted in facts
    ]
