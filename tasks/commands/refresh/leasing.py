"""Which submissions are asked about next, and who takes over from a worker that died."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from tasks.commands.queue import SAVE_OUTPUT, SUBMIT, nudge
from tasks.models import Output, Status, Submission

# The longest time between two looks, in seconds: a task may take a day.
LONGEST_INTERVAL = 60.0
# Age at which the interval has doubled, in seconds.
_DOUBLING_AGE = 90.0
# A nudge for a row is sent again when nobody has taken the row for this long.
_NUDGE_AGAIN_SECONDS = 15.0
# Rows taken in one turn.
BATCH = 50


def interval(age_seconds: float) -> float:
    """Seconds until the next look at a submission of this age: short at first, then longer, never regular."""
    grown = settings.REFRESH_SECONDS * (1 + age_seconds / _DOUBLING_AGE)
    return min(grown, LONGEST_INTERVAL) * random.uniform(0.85, 1.15)


def lease_due(now: datetime) -> list[Submission]:
    """Take what is due. Each row's next turn is pushed forward first, so that a poisoned one cannot spin."""
    taken = []
    for submission in Submission.objects.due(now).select_related("task__credential", "source__submission")[
        :BATCH
    ]:
        later = now + timedelta(seconds=interval(_age(submission, now)))
        seen = Submission.objects.filter(
            pk=submission.pk, next_at=submission.next_at, status=submission.status
        )
        if seen.update(next_at=later, polls=F("polls") + 1):
            submission.next_at = later
            taken.append(submission)
    return taken


def _age(submission: Submission, now: datetime) -> float:
    since = submission.accepted_at or submission.created_at
    return max(0.0, (now - since).total_seconds())


def recover_left_behind(now: datetime) -> None:
    """Settle rows whose worker died: preparing goes back to the queue, a sent submit is unknown."""
    for submission in Submission.objects.left_behind(now).select_related("task")[:BATCH]:
        if submission.status == Status.PREPARING:
            submission.advance(
                Status.QUEUED,
                cause="lease-expired",
                lease_until=None,
                next_at=now,
                holder=submission.lease_holder,
            )
        else:
            words = _("The worker stopped while TopView's answer was awaited. It may have accepted the task.")
            submission.advance(
                Status.UNKNOWN,
                cause="lease-expired",
                lease_until=None,
                reason=words,
                holder=submission.lease_holder,
            )


class Nudges:
    """Queues jobs for rows whose turn has come, in case the message about them was lost or never sent."""

    def __init__(self) -> None:
        self._sent: dict[UUID, float] = {}

    def send(self, now: datetime) -> None:
        """One turn. A row is named again only when nobody has taken it for a while."""
        for pk in Submission.objects.forgotten(now).values_list("pk", flat=True)[:BATCH]:
            self._once(SUBMIT, pk)
        for pk in Output.objects.unsaved(now).values_list("pk", flat=True)[:BATCH]:
            self._once(SAVE_OUTPUT, pk)

    def _once(self, job: str, pk: UUID) -> None:
        last = self._sent.get(pk)
        if last is None or monotonic() - last > _NUDGE_AGAIN_SECONDS:
            self._sent[pk] = monotonic()
            nudge(job, pk)
