"""What is said of a call that takes longer than usual: calmly first, with every choice past its deadline."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks.kinds import KINDS
from tasks.models import UNSENT, ApiOperation, Lateness, Membership, Status, Submission, Task
from tasks.models.estimates import usual_time
from tasks.text import StrOrPromise
from tasks.views.http.formatting import exact, lasting
from tasks.views.tasks.parts.alerts import Action, Trouble
from tasks.views.tasks.parts.problems import way_out


def lateness_boxes(task: Task, shown: list[Submission], membership: Membership) -> list[Trouble]:
    """A box for each call under way that is slow or overdue. Who may not spend reads the words alone."""
    now = timezone.now()
    boxes = [box for submission in shown if (box := _box(task, submission, membership, now))]
    if membership.may_spend:
        return boxes
    return [Trouble(box.level, box.title, box.texts, remote_id=box.remote_id) for box in boxes]


def _box(task: Task, submission: Submission, membership: Membership, now: datetime) -> Trouble | None:
    if submission.status in UNSENT and submission.quarantined_at is None:
        return _waiting(submission, now)
    if submission.status != Status.RUNNING:
        return None
    if submission.lateness == Lateness.SLOW:
        return _slow(task, submission)
    return _overdue(task, submission, membership, now) if submission.lateness == Lateness.OVERDUE else None


def _waiting(submission: Submission, now: datetime) -> Trouble | None:
    words = {
        Lateness.SLOW: ("info", _("It has waited for %(time)s")),
        Lateness.OVERDUE: ("warning", _("Needs attention: it has waited for %(time)s")),
    }.get(Lateness(submission.lateness))
    if words is None:
        return None
    level, title = words
    texts: list[StrOrPromise] = [_("Nothing of it was sent or paid yet. It goes on by itself when it can.")]
    return Trouble(level, title % {"time": _age(submission.created_at, now)}, texts)


def _slow(task: Task, submission: Submission) -> Trouble:
    since = exact(submission.slow_at) if submission.slow_at else ""
    texts: list[StrOrPromise] = [
        _usual(task, submission),
        _("It counts as slow since %(time)s.") % {"time": since} if since else "",
        _("There is nothing to do: it is followed, and saved when it comes."),
    ]
    return Trouble("info", _("Slower than usual"), texts)


def _overdue(task: Task, submission: Submission, membership: Membership, now: datetime) -> Trouble:
    at = submission.accepted_at or submission.created_at
    accepted = {"time": exact(at), "age": _age(at, now)}
    texts: list[StrOrPromise] = [
        _("TopView accepted it at %(time)s, %(age)s ago.") % accepted,
        _usual(task, submission),
        _asked(submission),
        _("You need do nothing: it is followed all the same, and saved when it comes."),
        _("A duplicate is a second paid task, and TopView may still finish and charge this one."),
    ]
    again = None
    if task.kind in KINDS:
        url = f"{reverse('task-new', args=[task.kind])}?from={task.pk}"
        again = Action(url, _("Duplicate"), "wand-sparkles", is_link=True)
    title = _("Needs attention: past its deadline")
    ways = way_out(submission, membership), [again]
    return Trouble("warning", title, texts, *ways, remote_id=submission.remote_id)


def _usual(task: Task, submission: Submission) -> StrOrPromise:
    kind = KINDS.get(task.kind)
    step = kind.find_step(submission.step) if kind else None
    if kind is None or step is None:
        return ""
    shape = kind.shape(step, {**task.brief, **submission.answers})
    usual = usual_time(task.workspace_id, kind, step, shape)
    return _("Such tasks usually take %(time)s.") % {"time": lasting(usual.seconds)}


def _asked(submission: Submission) -> StrOrPromise:
    """How often TopView was asked, what it says, and since when it says nothing else."""
    answers = submission.api_log.filter(operation=ApiOperation.QUERY)
    changed_at = answers.aggregate(at=Max("at"))["at"]
    words = {"count": submission.polls, "time": exact(submission.next_at)}
    asked = _("TopView was asked about it %(count)d times, and is asked again at %(time)s.") % words
    if submission.reason:
        return f"{asked} {_('The last time it gave no answer.')}"
    if changed_at is None:
        return f"{asked} {_('It says that it is at work on it.')}"
    same = _("It says that it is at work on it, and nothing new since %(time)s.") % {
        "time": exact(changed_at)
    }
    return f"{asked} {same}"


def _age(since: datetime, now: datetime) -> str:
    return lasting((now - since).total_seconds())
