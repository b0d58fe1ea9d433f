"""What becomes of candidates: they are dismissed, or one is followed and the others are none any more."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tasks.commands.operations.queue import READ_ACCOUNT, nudge
from tasks.models import Candidate, Claim, ClaimOutcome, ClaimSource, Submission
from tasks.models.claims import ClaimQuerySet


def dismiss(*, submission: Submission, remote_id: str | None = None) -> int:
    """It is not this one, or with no id: none of those found so far. How many were dismissed."""
    rows = Candidate.objects.filter(submission=submission, dismissed_at=None)
    claims = Claim.objects.open().filter(submission=submission, source=ClaimSource.TRACE)
    if remote_id is not None:
        rows, claims = rows.filter(remote_id=remote_id), claims.filter(remote_id=remote_id)
    with transaction.atomic():
        # Whoever follows one of them at this moment is faster, or waits.
        submission.lock()
        count = rows.update(dismissed_at=timezone.now())
        # TopView may not have been asked about one yet.
        _drop(claims)
        if count:
            submission.task.touch()
    return count


def _drop(claims: ClaimQuerySet) -> None:
    claims.update(outcome=ClaimOutcome.DROPPED, settled_at=timezone.now())


def withdraw_other_claims(*, submission: Submission, remote_id: str) -> None:
    """A person names another task: what was claimed before, by people or by what fits, is not asked about."""
    sources = (ClaimSource.PERSON, ClaimSource.TRACE)
    claims = Claim.objects.open().filter(submission=submission, source__in=sources)
    _drop(claims.exclude(remote_id=remote_id))


def forget_followed(*, submission: Submission) -> None:
    """The call has its task, so it has no candidates any more, and no call of any workspace has that one."""
    account = submission.task.credential
    of_account = Q(
        submission__task__credential__service=account.service, submission__task__credential__uid=account.uid
    )
    taken = Q(of_account, remote_id=submission.remote_id)
    rows = Candidate.objects.filter(taken | Q(submission=submission))
    others = rows.exclude(submission=submission).select_related("submission__task")
    tasks = {one.submission.task_id: one.submission.task for one in others}
    with transaction.atomic():
        rows.delete()
        for task in tasks.values():
            task.touch()
        # With one thing less in question, what is left may be certain.
        for credential_id in {task.credential_id for task in tasks.values()}:
            nudge(READ_ACCOUNT, credential_id)
