"""What is wrong with a task, and the one safe thing to do about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from tasks.commands.ledger.adoption import adoptable_as, is_mistaken
from tasks.commands.submissions.duplicates import duplicate_of
from tasks.kinds import KINDS, find_step
from tasks.models import CredentialState, Membership, Status, Submission, Task
from tasks.text import StrOrPromise
from tasks.views.frame.status_cache import condition_of, remedy, whom_to_ask
from tasks.views.tasks.confirmations import WHY_AGAIN
from tasks.views.tasks.parts.alerts import Action, Choice, Trouble, post_to
from tasks.views.tasks.parts.unknown_outcome import unknown, with_candidates
from tasks.views.tasks.parts.unreachable import silence_of
from tasks.wording import cause_words


def way_out(submission: Submission, membership: Membership) -> Action | None:
    """How a call that is under way can be called off, if this person may and it still can."""
    if not membership.may_spend:
        return None
    if submission.status in (Status.QUEUED, Status.PREPARING):
        asked = _("Take it back? Nothing is sent or paid yet.")
        return post_to("submission-cancel", submission, _("Cancel the task"), "x", confirm=asked)
    if submission.status == Status.RUNNING:
        asked = _("Stop watching? TopView cannot be stopped: it may still finish, and charge for it.")
        action = post_to("submission-stop", submission, _("Stop watching"), "square", confirm=asked)
        return replace(action, choice=Choice("unwanted", _("Do not save what it makes")))
    return None


def troubles(task: Task, shown: list[Submission], membership: Membership) -> list[Trouble]:
    """One box for each step that wants attention. People who may not spend get the words without buttons."""
    found = [box for submission in shown if (box := _box(task, submission))]
    found += _out_of_use(task, shown, membership)
    found += _of_another_format(task, shown, membership)
    if membership.may_spend:
        return found
    return [
        Trouble(
            box.level,
            box.title,
            box.texts,
            found=[replace(fit, action=None) for fit in box.found],
            kept=box.kept,
        )
        for box in found
    ]


def _of_another_format(task: Task, shown: list[Submission], membership: Membership) -> list[Trouble]:
    """A box for what was adopted as something that TopView does not know it as."""
    call = shown[0] if shown else None
    if call is None or not membership.may_administer or not is_mistaken(task, call):
        return []
    charge = call.charges.first()
    if charge is None or len(adoptable_as(charge)) < 2:
        return []
    url = reverse("charge-adopt", args=[charge.pk])
    text = _("TopView's log has one name for several formats. It may be another one than was chosen.")
    action = Action(url, _("Choose another format"), "search", is_link=True)
    return [Trouble("warning", _("Perhaps another format"), [text], action)]


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
        text = cause_words(submission.attention)
        if box is None:
            box = Trouble("warning", _("This needs a look"), [text])
        else:
            box = replace(box, texts=[*box.texts, text])
    odd = getattr(submission, "unexpected_answer", None)
    return replace(box, kept=json.dumps(odd.body, indent=2, ensure_ascii=False)) if box and odd else box


def _waiting(task: Task, submission: Submission) -> Trouble | None:
    if submission.quarantined_at is not None:
        return Trouble(
            "warning",
            _("On hold"),
            [cause_words(submission.reason), _("An admin decides whether it is sent.")],
        )
    return Trouble("warning", _("In queue"), [cause_words(submission.reason)]) if submission.reason else None


def _running(task: Task, submission: Submission) -> Trouble | None:
    # While nobody answers, one box says so of all calls of the task.
    if not submission.reason or silence_of(task) is not None:
        return None
    return Trouble("warning", "", [cause_words(submission.reason)])


def _stopped(task: Task, submission: Submission) -> Trouble:
    title, goes_on = _("Nobody watches this any more"), _("TopView may still finish, and charge for it.")
    if submission.keeps_outputs:
        leave = post_to("submission-discard-outputs", submission, _("Do not save what it makes"), "x")
        return Trouble("info", title, [goes_on, _("What it makes is still saved here.")], None, [leave])
    keep = post_to("submission-save-outputs", submission, _("Save it after all"), "download")
    left = _("What it makes is not saved here, as was wished. TopView keeps it for a week.")
    return Trouble("info", title, [goes_on, left], None, [keep])


def _refused(task: Task, submission: Submission) -> Trouble:
    texts: list[StrOrPromise] = [cause_words(submission.reason), _("Nothing was charged.")]
    return Trouble(
        "error",
        _("TopView did not accept it"),
        texts,
        _change(task),
        [_again(task, submission, _("Send it again"))],
    )


def _failed(task: Task, submission: Submission) -> Trouble:
    texts: list[StrOrPromise] = [cause_words(submission.reason) or _("TopView gave no reason.")]
    if submission.was_never_accepted:
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
    # What was written by whoever gave it up. Reads prefetched rows.
    notes = [one.detail for one in submission.transitions.all() if one.to_status == Status.ABANDONED]
    texts: list[StrOrPromise] = [
        notes[-1] if notes else "",
        _("If it turns up after all, it is shown here as a second charge."),
    ]
    box = Trouble("warning", _("Given up"), texts, _again(task, submission, _("Try again")))
    return with_candidates(box, submission)


def _partly(task: Task, submission: Submission) -> Trouble | None:
    if not submission.failed_parts:
        return None
    counts = {"failed": submission.failed_parts, "asked": submission.expected_outputs}
    title = _("%(failed)s of %(asked)s could not be made") % counts
    texts: list[StrOrPromise] = [cause_words(submission.reason), _("What was made is kept.")]
    # The form for what is missing and no more; of the whole where its format has no number to ask for.
    step = find_step(task.kind, submission.step)
    change = _change(task)
    if step is not None and step.wire.count_field:
        missing = {step.wire.count_field: submission.failed_parts}
        change = _change(task, _("Make the missing ones"), **missing)
    return Trouble("warning", title, texts, change)


_BOXES: dict[Status, Callable[[Task, Submission], Trouble | None]] = {
    Status.QUEUED: _waiting,
    Status.PREPARING: _waiting,
    Status.RUNNING: _running,
    Status.STOPPED: _stopped,
    Status.REFUSED: _refused,
    Status.FAILED: _failed,
    Status.CANCELLED: _cancelled,
    Status.ABANDONED: _abandoned,
    Status.UNKNOWN: unknown,
    Status.SUCCEEDED: _partly,
}


def _again(task: Task, submission: Submission, label: StrOrPromise) -> Action | None:
    """A new attempt; why, where an earlier one may have been accepted. None of what was made elsewhere."""
    if task.is_adopted or task.kind not in KINDS:
        return None
    asked = _("This starts a new paid task at TopView with the same answers. Go on?")
    place = (submission.step, submission.item)
    attempts = [one for one in task.submissions.all() if (one.step, one.item) == place]
    needs_reason = any(one.may_be_paid for one in attempts) or duplicate_of(submission) is not None
    question = WHY_AGAIN if needs_reason else None
    return post_to("submission-retry", submission, label, "rotate-cw", confirm=asked, question=question)


def _change(task: Task, label: StrOrPromise = "", **values: object) -> Action | None:
    """The form once more, filled in with this task's answers, and `values` in the place of some."""
    if task.kind not in KINDS or task.is_adopted:
        return None
    url = f"{reverse('task-new', args=[task.kind])}?{urlencode({'from': task.pk, **values})}"
    return Action(url, label or _("Duplicate with changes"), "wand-sparkles", is_link=True)
