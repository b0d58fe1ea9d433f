"""What happened to a task, in words, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tasks.models import AssetRole, Status, Task
from tasks.models.task_pages import Happening
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


def timeline(task: Task, history: Sequence[Happening]) -> list[Event]:
    """What is worth telling of each happening. Reads prefetched calls."""
    attempts = {call.pk: call.attempt for call in task.submissions.all()}
    make = {"change": _changed, "remark": _remarked, "saved": _saved}
    return [make[one.sort](one, attempts.get(one.submission_id, 1)) for one in history]


def _when(moment: datetime) -> str:
    """To the second; with the day, unless that is today."""
    local = timezone.localtime(moment)
    return f"{local:%H:%M:%S}" if local.date() == timezone.localdate() else f"{local:%Y-%m-%d %H:%M:%S}"


def _event(one: Happening, word: str | Promise, look: str) -> Event:
    return Event(word, cause_words(one.reason) or one.detail, one.who, one.at, _when(one.at), look)


def _changed(one: Happening, attempt: int) -> Event:
    # Repetitions of an earlier release have no cause of their own.
    cause = "repeated" if one.cause == "created" and attempt > 1 else one.cause
    return _event(one, WORDS.get(cause) or Status(one.word).label, tone(one.word))


def _remarked(one: Happening, _attempt: int) -> Event:
    return _event(one, WORDS.get(one.cause) or one.cause, tone("warning") if one.cause in _BAD else "")


def _saved(one: Happening, _attempt: int) -> Event:
    name = f"{AssetRole(one.word).label} {one.place}" if one.place else AssetRole(one.word).label
    return _event(one, _("%(name)s saved here") % {"name": name}, tone("succeeded"))
