"""Brings back what a clock that was set back has put out of reach."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from tasks.models import CLAIMABLE, Claim, Credential, Output, OutputState, Status, Submission

# Nothing waits for longer than this by our own doing: what does was written before the clock was set back.
_FURTHEST = timedelta(minutes=15)
_MARGIN = timedelta(minutes=2)


def mind_the_clock(now: datetime) -> None:
    """Whatever waits for a time that is too far ahead is due now; leases too long to be true are over."""
    beyond = now + _FURTHEST + _MARGIN
    waiting = (Status.QUEUED, Status.RUNNING, Status.STOPPED)
    _put_right(Submission.objects.filter(status__in=waiting, next_at__gt=beyond), next_at=now)
    _put_right(Output.objects.filter(state=OutputState.WAITING, next_at__gt=beyond), next_at=now)
    longest = now + timedelta(seconds=settings.TAKEOVER_SECONDS) + _MARGIN
    _put_right(Output.objects.filter(state=OutputState.SAVING, lease_until__gt=longest), lease_until=now)
    asked = Claim.objects.open().filter(submission__status__in=CLAIMABLE, asked_at__gt=now + _MARGIN)
    _put_right(asked, asked_at=None)
    # Until when a log was really read nobody knows any more: it is read again from its beginning.
    ahead = now + _MARGIN
    accounts = Credential.objects.filter(Q(charges_read_at__gt=ahead) | Q(read_whole_at__gt=ahead))
    _put_right(accounts, charges_read_at=None, read_whole_at=None)


def _put_right(rows: QuerySet[Any], **facts: datetime | None) -> None:
    # Looked for first: an UPDATE of nothing would still wait for its turn to write.
    if rows.exists():
        rows.update(**facts)
