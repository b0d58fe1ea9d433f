"""Says, once, that a call is slower than such calls usually are, or past its deadline.

A call that TopView works on is measured by its own history (`slow_at` and `deadline_at`, set when it was
accepted), one that was not sent by how long it has waited. It is followed all the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Q

from tasks.commands.submissions.remarks import remark
from tasks.models import UNSENT, Lateness, Status, Submission

# A call that was not sent for so long is told of, and needs a look.
LONG_WAIT, TOO_LONG_WAIT = timedelta(hours=1), timedelta(hours=24)
# Seconds between two looks: who waits for minutes need not read it at once.
_PAUSE = 5.0
# Rows looked at in one turn.
_BATCH = 100

_CAUSES = {
    (True, Lateness.SLOW): "slow",
    (True, Lateness.OVERDUE): "overdue",
    (False, Lateness.SLOW): "waits-long",
    (False, Lateness.OVERDUE): "waits-too-long",
}


class PaceWatch:
    """Looks every few seconds, however often it is asked to."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def look(self, now: datetime) -> None:
        """One turn of the refresh loop."""
        if monotonic() >= self._next_at:
            self._next_at = monotonic() + _PAUSE
            update_lateness(now)


watch = PaceWatch()


def update_lateness(now: datetime) -> None:
    """Bring each call's lateness up to date. One query when there is nothing new to say."""
    for submission in _to_be_told(now):
        lateness = _lateness_of(submission, now)
        seen = Submission.objects.filter(
            pk=submission.pk, status=submission.status, lateness=submission.lateness
        )
        with transaction.atomic():
            if seen.update(lateness=lateness):
                _write_down(submission, lateness)
                submission.task.touch()


def _to_be_told(now: datetime) -> list[Submission]:
    """The calls whose lateness has changed, of those that the index on the status finds under way."""
    running, waiting = Q(status=Status.RUNNING), Q(status__in=UNSENT, quarantined_at=None)
    wanted = (
        running & Q(lateness=Lateness.USUAL, slow_at__lte=now)
        | running & ~Q(lateness=Lateness.OVERDUE) & Q(deadline_at__lte=now)
        | running & ~Q(lateness=Lateness.USUAL) & Q(slow_at__gt=now)
        | waiting & Q(lateness=Lateness.USUAL, created_at__lte=now - LONG_WAIT)
        | waiting & ~Q(lateness=Lateness.OVERDUE) & Q(created_at__lte=now - TOO_LONG_WAIT)
    )
    rows = Submission.objects.filter(wanted, status__in=(*UNSENT, Status.RUNNING))
    return list(rows.select_related("task")[:_BATCH])


def _lateness_of(submission: Submission, now: datetime) -> Lateness:
    """How a call does at that moment. One that was sent late begins anew when TopView accepts it."""
    slow_at, overdue_at = submission.slow_at, submission.deadline_at
    if submission.status in UNSENT:
        slow_at, overdue_at = submission.created_at + LONG_WAIT, submission.created_at + TOO_LONG_WAIT
    if overdue_at is not None and overdue_at <= now:
        return Lateness.OVERDUE
    return Lateness.SLOW if slow_at is not None and slow_at <= now else Lateness.USUAL


def _write_down(submission: Submission, lateness: Lateness) -> None:
    was_sent = submission.status not in UNSENT
    cause = _CAUSES.get((was_sent, lateness))
    if cause is not None:
        detail = submission.remote_id if was_sent else submission.reason or ""
        remark(submission=submission, cause=cause, detail=detail)
