"""Calls that work on an earlier call's task at TopView: without an answer, that task shows whether it came.

The task's id is known, so nobody need name it. But only a row of the call's own in the answer is evidence.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from tasks import kinds
from tasks.commands.evidence.following import write_claim
from tasks.kinds.base import Step, UnexpectedShape
from tasks.models import Claim, ClaimSource, Status, Submission
from tasks.topview.results import RemoteState, RemoteTask

logger = logging.getLogger(__name__)


def claim_own_tasks(now: datetime) -> None:
    """Note, for each such call of unknown outcome, the task that is to be asked about it. Once each."""
    lost = Submission.objects.filter(status=Status.UNKNOWN).exclude(source=None)
    lost = lost.exclude(claims__source=ClaimSource.OWN_TASK)
    for call in lost.select_related("task__credential", "source__submission"):
        if _shares_task(call) and call.source is not None and call.source.submission.remote_id:
            remote_id = call.source.submission.remote_id
            write_claim(call, remote_id=remote_id, source=ClaimSource.OWN_TASK, created_at=now)


def shows_call(claim: Claim, remote: RemoteTask) -> bool:
    """Whether TopView's answer about the claimed task shows this very call.

    Asked by ourselves, a failed row proves nothing: it may be an earlier attempt's.
    """
    call = claim.submission
    step = _step(call)
    if not step.shares_task or step.state is None:
        return True
    try:
        word = step.state(remote.result, call.asked)
    except UnexpectedShape:
        return False
    is_named = claim.source != ClaimSource.OWN_TASK
    return bool(word) and (is_named or RemoteState.of(word) is not RemoteState.FAILED)


def may_still_show(claim: Claim) -> bool:
    """Whether it is worth looking again: people are told at once, and nobody looks beyond the deadline."""
    deadline = timedelta(seconds=_step(claim.submission).deadline(claim.submission.asked))
    return claim.source != ClaimSource.PERSON and timezone.now() - claim.created_at < deadline


def _shares_task(call: Submission) -> bool:
    """False too for a call whose format or step a release has taken away."""
    try:
        return _step(call).shares_task
    except LookupError:
        logger.exception("refresh.odd-call", extra={"submission": str(call.pk)})
        return False


def _step(call: Submission) -> Step:
    return kinds.kind(call.task.kind).step(call.step)
