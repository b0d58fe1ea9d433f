"""What follows from the end of a paid call: transition, cause, how long to wait, what the account is told.

Which ends there are, and what each says about the money, stands in `tasks.topview.outcomes`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from tasks.causes import Cause
from tasks.commands.accounts.account_state import SHORTEST_WAIT_SECONDS
from tasks.models import Status
from tasks.topview.errors import Busy, TopViewError
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
_LONGEST_WAIT_SECONDS = 300.0


@dataclass(frozen=True)
class Ending:
    status: Status
    cause: str
    reason: Cause
    detail: str
    code: str


def ending_of(error: TopViewError) -> Ending:
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
    if error.retry_after is not None:
        seconds = max(SHORTEST_WAIT_SECONDS, min(error.retry_after, _LONGEST_WAIT_SECONDS))
    elif error.code == "4007":
        seconds = _UNFINISHED_TASK_SECONDS
    elif isinstance(error, Busy):
        seconds = random.uniform(*_BUSY_SECONDS)
    else:
        seconds = min(float(2 ** min(tries + 1, 9)), _LONGEST_WAIT_SECONDS) * random.uniform(0.8, 1.2)
    return timezone.now() + timedelta(seconds=seconds)
