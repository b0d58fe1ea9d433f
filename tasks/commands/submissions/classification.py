"""What follows from the end of a paid call: the move, its words, how long to wait, what the account is told.

Which ends there are, and what each says about the money, stands in `tasks.topview.outcomes`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from tasks.causes import Cause
from tasks.commands.operations.queue import TELL_OF_CREDENTIAL, nudge
from tasks.models import Credential, CredentialState, Status
from tasks.models.credentials import LONGEST_SLOWED, CredentialQuerySet
from tasks.topview.errors import Busy, NoCredit, TopViewError, Unauthorised
from tasks.topview.outcomes import AfterSubmit, outcome_of

# The status that follows a submit which met an error.
AFTER: dict[AfterSubmit, Status] = {
    AfterSubmit.REPEAT: Status.QUEUED,
    AfterSubmit.REFUSED: Status.REFUSED,
    AfterSubmit.UNKNOWN: Status.UNKNOWN,
}

# TopView's advice: about 30 s after "an unfinished task exists", 10 to 30 s when busy.
_UNFINISHED_TASK_SECONDS = 30.0
_BUSY_SECONDS = (10.0, 30.0)
# How long an account is slowed down when TopView does not say for how long.
_TOO_MANY, _SLOWED_SECONDS = 429, 5.0
_SHORTEST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 1.0, 300.0


@dataclass(frozen=True)
class Ending:
    """What becomes of a submission after an error."""

    status: Status
    cause: str
    reason: Cause
    detail: str
    code: str


def ending_of(error: TopViewError) -> Ending:
    """The row of the table for this error."""
    end = outcome_of(error)
    return Ending(
        status=AFTER[end.after],
        cause=end.cause,
        reason=error.cause,
        detail=detail_of(error),
        code=str(error.code or error.http_status or "")[:20],
    )


def detail_of(error: TopViewError) -> str:
    """Words for the timeline: TopView's code and message."""
    code = error.code or (f"HTTP {error.http_status}" if error.http_status else "")
    return " ".join(part for part in (code, error.remote_message or "") if part)[:500]


def wait_before_repeat(error: TopViewError, *, tries: int) -> datetime:
    """When a call that was certainly not accepted may be made again."""
    return timezone.now() + timedelta(seconds=_seconds_to_wait(error, tries))


def _seconds_to_wait(error: TopViewError, tries: int) -> float:
    if error.retry_after is not None:
        return max(_SHORTEST_WAIT_SECONDS, min(error.retry_after, _LONGEST_WAIT_SECONDS))
    if error.code == "4007":
        return _UNFINISHED_TASK_SECONDS
    if isinstance(error, Busy):
        return random.uniform(*_BUSY_SECONDS)
    return min(float(2 ** min(tries + 1, 9)), _LONGEST_WAIT_SECONDS) * random.uniform(0.8, 1.2)


def mark_credential(credential: Credential, error: TopViewError) -> None:
    """Disable a credential that TopView does not accept, pause one out of credits; tell its admins."""
    if error.http_status == _TOO_MANY:
        _slow_down(credential, error)
    if isinstance(error, Unauthorised):
        state = CredentialState.DISABLED
    elif isinstance(error, NoCredit):
        state = CredentialState.PAUSED
    else:
        return
    now = timezone.now()
    changed = (
        asked_with(credential)
        .filter(state=CredentialState.ACTIVE)
        .update(
            state=state,
            state_reason=error.bare_cause,
            last_failure_at=now,
            refused_at=now if state is CredentialState.DISABLED else None,
        )
    )
    if changed:
        nudge(TELL_OF_CREDENTIAL, credential.pk)


def note_answer(credential: Credential) -> None:
    """A good answer came: why the last check of an account in use did not get through holds no longer.

    Writes nothing while nothing is said of it. Why one is paused or disabled only a check's answer disproves.
    """
    if credential.state_reason:
        told = asked_with(credential).filter(state=CredentialState.ACTIVE).exclude(state_reason=None)
        told.update(state_reason=None, last_success_at=timezone.now())


def asked_with(credential: Credential) -> CredentialQuerySet:
    """Its row, unless its key was replaced meanwhile: an answer to the old key says nothing about the new."""
    return Credential.objects.filter(pk=credential.pk, encrypted_key=bytes(credential.encrypted_key))


def _slow_down(credential: Credential, error: TopViewError) -> None:
    """Leave TopView alone for a moment, in all processes."""
    seconds = error.retry_after if error.retry_after is not None else _SLOWED_SECONDS
    wait = min(timedelta(seconds=max(seconds, _SHORTEST_WAIT_SECONDS)), LONGEST_SLOWED)
    Credential.objects.filter(pk=credential.pk).update(slow_until=timezone.now() + wait)
