"""Claims: who or what says that a task at TopView is the one of a call.

None is trusted by itself: callbacks are unsigned, people mistype, and a charge may be another's. TopView is
asked about each, on the task's own account, before it is followed.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.utils import timezone

from tasks import kinds
from tasks.models import Claim, ClaimOutcome, ClaimSource, Status, Submission, User
from tasks.models.claims import ClaimQuerySet

logger = logging.getLogger(__name__)


def write_claim(
    submission: Submission,
    *,
    remote_id: str,
    source: ClaimSource,
    actor: User | None = None,
    **facts: Any,
) -> Claim:
    """A claim as `facts` say, whatever became of it before. Who made it stays known."""
    account = submission.task.credential
    if actor is not None:
        facts["actor"] = actor
    made = {"workspace_id": submission.workspace_id, "service": account.service, "uid": account.uid}
    claim, _is_new = Claim.objects.update_or_create(
        submission=submission,
        source=source,
        remote_id=remote_id,
        defaults=facts,
        create_defaults={**made, **facts},
    )
    return claim


def claim_own_tasks(now: datetime) -> None:
    """Note, for each such call of unknown outcome, the task that is to be asked about it. Once each."""
    lost = Submission.objects.filter(status=Status.UNKNOWN).exclude(source=None)
    lost = lost.exclude(claims__source=ClaimSource.OWN_TASK)
    for call in lost.select_related("task__credential", "source__submission"):
        if shares_task(call) and call.source is not None and call.source.submission.remote_id:
            remote_id = call.source.submission.remote_id
            write_claim(call, remote_id=remote_id, source=ClaimSource.OWN_TASK, created_at=now)


def shares_task(call: Submission) -> bool:
    """Whether it works on an earlier call's task; False for one whose step a release has taken away."""
    step = kinds.find_step(call.task.kind, call.step)
    if step is None:
        logger.error("evidence.odd-call", extra={"submission": str(call.pk)})
    return step is not None and step.wire.shares_task


def drop(claims: ClaimQuerySet) -> None:
    claims.update(outcome=ClaimOutcome.DROPPED, settled_at=timezone.now())
