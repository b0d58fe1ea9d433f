"""What happened to a task, in words, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tasks.models import AssetRole, Remark, Status, Task, Transition
from tasks.templatetags.portal import tone
from tasks.wording import cause_words

WORDS: dict[str, str | Promise] = {
    "created": _("Ordered: in queue"),
    "followed": _("Started by itself: in queue"),
    "repeated": _("Tried again: in queue"),
    "ordered-again": _("Ordered beside one that may be the same: in queue"),
    "made-again": _("Ordered once more, as another task"),
    "claimed": _("Preparing"),
    "lease-expired": _("The worker went away; another one takes over"),
    "unreachable": _("TopView could not be reached; it is tried again"),
    "busy": _("TopView is busy; it is tried again"),
    "files-sent": _("Its files are at TopView: in queue"),
    "files-not-sent": _("Its files could not be sent; it is tried again"),
    "no-room": _("The account had no room for it: in queue"),
    "resend-file": _("TopView asked for a file again"),
    "input-refused": _("A file or an answer cannot be used"),
    "intent": _("Sent to TopView"),
    "accepted": _("TopView accepted it"),
    "refused": _("TopView refused it"),
    "no-answer": _("No answer came: the outcome is unknown"),
    "remote-fault": _("TopView answered with a fault: the outcome is unknown"),
    "unreadable": _("TopView's answer could not be read: the outcome is unknown"),
    "succeeded": _("TopView finished it"),
    "failed": _("TopView could not make it"),
    "cancelled": _("Cancelled"),
    "stopped": _("Watching stopped"),
    "stopped-unwanted": _("Watching stopped; what it makes is not to be saved"),
    "outputs-wanted": _("What it makes is to be saved after all"),
    "outputs-unwanted": _("What it makes is not to be saved"),
    "save-failed": _("A copy could not be saved here; it is tried again"),
    "not-checked": _("A result is saved, but could not be checked"),
    "asked-to-save": _("Asked to save it again"),
    "lost": _("TopView no longer has it: it could not be saved"),
    "evidence": _("Found at TopView"),
    "second-claim": _("TopView named a task that another call follows: the outcome is unknown"),
    "nothing-came": _("No evidence came in time; a person has to decide"),
    "adopted": _("Followed because of a charge at TopView"),
    "given-by-person": _("Found at TopView by a colleague"),
    "abandoned": _("Given up: it never arrived"),
    "slow": _("Slower than usual"),
    "overdue": _("Past its deadline: it needs attention"),
    "waits-long": _("It has waited for an hour"),
    "waits-too-long": _("It has waited for a day: it needs attention"),
    "backup-restored": _("The portal was restored from a backup"),
    "released": _("Released: it may be sent"),
    "sent-before-restore": _("It was sent before the portal was restored"),
}


_BAD = ("save-failed", "not-checked", "lost", "overdue", "waits-too-long")


@dataclass(frozen=True, slots=True)
class Event:
    word: str | Promise
    detail: str
    who: str
    at: datetime
    when: str
    tone: str


def timeline(task: Task) -> list[Event]:
    """Transitions and remarks of every attempt, and the saving of every output. Reads prefetched rows."""
    events = []
    for submission in task.submissions.all():
        events += [_event(one, submission.attempt) for one in submission.transitions.all()]
        events += [_remarked(one) for one in submission.remarks.all()]
        saved = [output for output in submission.outputs.all() if output.saved_at]
        for output in saved:
            number = f" {output.position + 1}" if len(saved) > 1 else ""
            word = _("%(name)s saved here") % {"name": f"{AssetRole(output.role).label}{number}"}
            at = output.saved_at or output.created_at
            events.append(Event(word, "", "", at, _when(at), tone("succeeded")))
    return sorted(events, key=lambda event: event.at)


def _when(moment: datetime) -> str:
    """To the second; with the day, unless that is today."""
    local = timezone.localtime(moment)
    return f"{local:%H:%M:%S}" if local.date() == timezone.localdate() else f"{local:%Y-%m-%d %H:%M:%S}"


def _remarked(remark: Remark) -> Event:
    word = WORDS.get(remark.cause) or remark.cause
    who = str(remark.actor) if remark.actor else ""
    look = tone("warning") if remark.cause in _BAD else ""
    return Event(word, cause_words(remark.reason) or remark.detail, who, remark.at, _when(remark.at), look)


def _event(transition: Transition, attempt: int) -> Event:
    # Repetitions of an earlier release have no cause of their own.
    cause = "repeated" if transition.cause == "created" and attempt > 1 else transition.cause
    word = WORDS.get(cause) or Status(transition.to_status).label
    who = str(transition.actor) if transition.actor else ""
    return Event(
        word,
        cause_words(transition.reason) or transition.detail,
        who,
        transition.at,
        _when(transition.at),
        tone(transition.to_status),
    )
