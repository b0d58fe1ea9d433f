"""What is wrong with a task, and the one safe thing to do about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks.kinds import KINDS
from tasks.models import CredentialState, Membership, OddAnswer, Status, Submission, Task
from tasks.views.condition import condition_of, remedy, whom_to_ask

Words = str | Promise

_FAULT_OVER = gettext_lazy("TopView failed, and may manage now")
_NOT_ARRIVED = gettext_lazy("It never arrived at TopView")
_NEEDED = gettext_lazy("It is needed whatever it costs")


@dataclass(frozen=True)
class Question:
    """Something a person must write with an action."""

    name: str
    label: Words
    help: Words = ""
    longest: int = 500
    suggestions: tuple[Words, ...] = ()


@dataclass(frozen=True)
class Choice:
    """Something a person may tick with an action."""

    name: str
    label: Words


@dataclass(frozen=True)
class Action:
    """A button: a POST to `url`, or with `is_link` a page to go to. `confirm` is asked before it is sent."""

    url: str
    label: Words
    icon: str
    style: str = ""
    confirm: Words = ""
    question: Question | None = None
    is_link: bool = False
    choice: Choice | None = None
    key: str = ""  # tells its fields from those of other actions on the page


@dataclass(frozen=True)
class Trouble:
    """A box above the results: what is the matter, and what to do."""

    level: str  # info, warning or error
    title: Words
    texts: list[Words]
    action: Action | None = None
    others: list[Action | None] = field(default_factory=list)
    remote_id: str = ""  # TopView's name of the task, to be quoted to its support
    kept: str = ""  # an answer of TopView's that nobody understands, as JSON


_WHY_AGAIN = Question(
    "reason",
    gettext_lazy("Why once more?"),
    gettext_lazy("TopView has accepted it before, or may have. Kept in the log with your name."),
    suggestions=(_FAULT_OVER, _NOT_ARRIVED, _NEEDED),
)


def way_out(submission: Submission, membership: Membership) -> Action | None:
    """How a call that is under way can be called off, if this person may and it still can."""
    if not membership.may_spend:
        return None
    if submission.status in (Status.QUEUED, Status.PREPARING):
        asked = _("Take it back? Nothing is sent or paid yet.")
        return _post("submission-cancel", submission, _("Cancel the task"), "x", confirm=asked)
    if submission.status == Status.RUNNING:
        asked = _("Stop watching? TopView cannot be stopped: it may still finish, and charge for it.")
        action = _post("submission-stop", submission, _("Stop watching"), "square", confirm=asked)
        return replace(action, choice=Choice("unwanted", _("Do not save what it makes")))
    return None


def troubles(task: Task, shown: list[Submission], membership: Membership) -> list[Trouble]:
    """One box for each step that wants attention. People who may not spend get the words without buttons."""
    found = [box for submission in shown if (box := _box(task, submission))]
    found += _out_of_use(task, shown, membership)
    if membership.may_spend:
        return found
    return [Trouble(box.level, box.title, box.texts, kept=box.kept) for box in found]


def _out_of_use(task: Task, shown: list[Submission], membership: Membership) -> list[Trouble]:
    """A box when the account is out of use, so that a call waits for it or cannot be followed."""
    concerned = (Status.QUEUED, Status.PREPARING, Status.RUNNING)
    if task.credential.state != CredentialState.DISABLED or not any(
        submission.status in concerned for submission in shown
    ):
        return []
    condition = condition_of(task.workspace_id)
    facts = next((one for one in condition.credentials if one.id == task.credential_id), None)
    title = _("The credential “%(name)s” is disabled") % {"name": task.credential.name}
    text = _("This task goes on when it is back in use.")
    if not membership.may_administer or facts is None:
        return [Trouble("warning", title, [text, whom_to_ask(condition)])]
    return [Trouble("warning", title, [text], Action(*remedy(facts), "key-round", is_link=True))]


def _box(task: Task, submission: Submission) -> Trouble | None:
    make = _BOXES.get(Status(submission.status))
    box = make(task, submission) if make else None
    if submission.attention:
        box = _with_attention(box, submission.attention)
    odd = getattr(submission, "odd_answer", None)
    return replace(box, kept=_readable(odd)) if box and odd else box


def _readable(odd: OddAnswer) -> str:
    return json.dumps(odd.body, indent=2, ensure_ascii=False)


def _with_attention(box: Trouble | None, text: str) -> Trouble:
    if box is None:
        return Trouble("warning", _("This needs a look"), [text])
    return Trouble(box.level, box.title, [*box.texts, text], box.action, box.others)


def _waiting(task: Task, submission: Submission) -> Trouble | None:
    if submission.held_at is not None:
        return Trouble(
            "warning", _("On hold"), [submission.reason, _("An admin decides whether it is sent.")]
        )
    return Trouble("warning", _("It waits"), [submission.reason]) if submission.reason else None


def _running(task: Task, submission: Submission) -> Trouble | None:
    return Trouble("warning", "", [submission.reason]) if submission.reason else None


def _stopped(task: Task, submission: Submission) -> Trouble:
    title, goes_on = _("Nobody watches this any more"), _("TopView may still finish, and charge for it.")
    if submission.keeps_outputs:
        leave = _post("submission-leave", submission, _("Do not save what it makes"), "x")
        return Trouble("info", title, [goes_on, _("What it makes is still saved here.")], None, [leave])
    keep = _post("submission-keep", submission, _("Save it after all"), "download")
    left = _("What it makes is not saved here, as was wished. TopView keeps it for a week.")
    return Trouble("info", title, [goes_on, left], None, [keep])


def _refused(task: Task, submission: Submission) -> Trouble:
    texts: list[Words] = [submission.reason, _("Nothing was charged.")]
    return Trouble(
        "error",
        _("TopView did not accept it"),
        texts,
        _change(task),
        [_again(task, submission, _("Send it again"))],
    )


def _failed(task: Task, submission: Submission) -> Trouble:
    texts: list[Words] = [submission.reason or _("TopView gave no reason.")]
    if not submission.accepted_at:
        texts.append(_("Nothing was charged."))
        return Trouble(
            "error",
            _("It could not be sent"),
            texts,
            _change(task),
            [_again(task, submission, _("Try again"))],
        )
    again = _again(task, submission, _("Try again"))
    return Trouble("error", _("TopView could not make it"), texts, again, [_change(task)])


def _cancelled(task: Task, submission: Submission) -> Trouble:
    return Trouble("info", _("Cancelled before it was sent"), [_("Nothing was charged.")], _change(task))


def _abandoned(task: Task, submission: Submission) -> Trouble:
    texts: list[Words] = [
        submission.reason,
        _("If it turns up after all, it is shown here as a second charge."),
    ]
    return Trouble("warning", _("Given up"), texts, _again(task, submission, _("Try again")))


def _unknown(task: Task, submission: Submission) -> Trouble:
    texts: list[Words] = [
        submission.reason,
        _("It may be running, and paid, at TopView. The portal never sends it a second time by itself."),
        _evidence(submission),
    ]
    given = _post(
        "submission-adopt",
        submission,
        _("Follow this task"),
        "search",
        style="button--primary",
        question=Question(
            "remote_id", _("Task id at TopView"), _("It stands in TopView's own list of tasks."), 120
        ),
    )
    never = _post(
        "submission-abandon",
        submission,
        _("It never arrived"),
        "circle-x",
        style="button--danger",
        confirm=_("Are you sure that TopView has no such task? Trying again could pay for it twice."),
        question=Question("reason", _("How do you know?"), _("Kept in the log with your name.")),
    )
    return Trouble("warning", _("Nobody knows yet whether it arrived"), texts, given, [never])


def _evidence(submission: Submission) -> Words:
    step = KINDS[submission.task.kind].step(submission.step) if submission.task.kind in KINDS else None
    if step is not None and step.shares_task:
        return _("Its task is known: the portal looks for it there, and goes on when it shows.")
    if settings.NOTICE_URL:
        return _(
            "A message from TopView may still come; then it goes on by itself. "
            "You can also look at TopView's own list of tasks."
        )
    return _("The portal cannot find out by itself. Look at TopView's own list of tasks.")


def _partly(task: Task, submission: Submission) -> Trouble | None:
    if not submission.failed_parts:
        return None
    words = {"failed": submission.failed_parts, "asked": submission.expected_outputs}
    title = _("%(failed)s of %(asked)s could not be made") % words
    texts: list[Words] = [submission.reason, _("What was made is kept.")]
    return Trouble("warning", title, texts, _make_the_rest(task, submission))


def _make_the_rest(task: Task, submission: Submission) -> Action | None:
    """The form for what is missing and no more; of the whole where its product has no number to ask for."""
    step = KINDS[task.kind].step(submission.step) if task.kind in KINDS else None
    if step is None or not step.count_field:
        return _change(task)
    return _change(task, _("Make the missing ones"), **{step.count_field: submission.failed_parts})


_BOXES: dict[Status, Callable[[Task, Submission], Trouble | None]] = {
    Status.QUEUED: _waiting,
    Status.PREPARING: _waiting,
    Status.RUNNING: _running,
    Status.STOPPED: _stopped,
    Status.REFUSED: _refused,
    Status.FAILED: _failed,
    Status.CANCELLED: _cancelled,
    Status.ABANDONED: _abandoned,
    Status.UNKNOWN: _unknown,
    Status.SUCCEEDED: _partly,
}


def _post(
    name: str,
    submission: Submission,
    label: Words,
    icon: str,
    *,
    style: str = "",
    confirm: Words = "",
    question: Question | None = None,
) -> Action:
    url, key = reverse(name, args=[submission.pk]), submission.pk.hex[:8]
    return Action(url, label, icon, style, confirm, question, key=key)


def _again(task: Task, submission: Submission, label: Words) -> Action:
    """A new attempt; why, where an earlier one was accepted or may have been. Reads prefetched rows."""
    asked = _("This starts a new paid task at TopView with the same answers. Go on?")
    place = (submission.step, submission.item)
    attempts = [one for one in task.submissions.all() if (one.step, one.item) == place]
    question = _WHY_AGAIN if any(one.may_be_paid for one in attempts) else None
    return _post("submission-again", submission, label, "rotate-cw", confirm=asked, question=question)


def _change(task: Task, label: Words = "", **values: object) -> Action | None:
    """The form once more, filled in with this task's answers, and `values` in the place of some."""
    if task.kind not in KINDS:
        return None
    url = f"{reverse('task-new', args=[task.kind])}?{urlencode({'from': task.pk, **values})}"
    return Action(url, label or _("Change it and make it again"), "wand-sparkles", is_link=True)
