"""Calls that work on an earlier call's task at TopView: without an answer, that task shows whether it came.

The task's id is known, so nobody need name it. But only a row of the call's own in the answer is evidence.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from tasks import kinds
from tasks.kinds.base import Step, UnexpectedShape
from tasks.models import BY_PERSON, OWN_TASK, Notice, Status, Submission
from tasks.topview.results import RemoteState, RemoteTask

logger = logging.getLogger(__name__)


def claim_own_tasks(now: datetime) -> None:
    """Note, for each such call of unknown outcome, the task that is to be asked about it. Once each."""
    lost = Submission.objects.filter(status=Status.UNKNOWN).exclude(source=None)
    for call in lost.exclude(notices__uuid=OWN_TASK).select_related("task", "source__submission"):
        if _shares_task(call) and call.source is not None:
            Notice.objects.get_or_create(
                submission=call,
                uuid=OWN_TASK,
                remote_id=call.source.submission.remote_id,
                defaults={"workspace_id": call.workspace_id, "look_at": now},
            )


def shows_call(claim: Notice, remote: RemoteTask) -> bool:
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
    return bool(word) and (claim.uuid != OWN_TASK or RemoteState.of(word) is not RemoteState.FAILED)


def may_still_show(claim: Notice) -> bool:
    """Whether it is worth looking again: people are told at once, and nobody looks beyond the deadline."""
    deadline = timedelta(seconds=_step(claim.submission).deadline(claim.submission.asked))
    return claim.uuid != BY_PERSON and timezone.now() - claim.received_at < deadline


def _shares_task(call: Submission) -> bool:
    """False too for a call whose product or step a release has taken away."""
    try:
        return _step(call).shares_task
    except LookupError:
        logger.exception("refresh.odd-call", extra={"submission": str(call.pk)})
        return False


def _step(call: Submission) -> Step:
    return kinds.kind(call.task.kind).step(call.step)
