"""What becomes of candidates: they are dismissed, or one is followed and the others are none any more."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tasks.commands.queue import READ_ACCOUNT, nudge
from tasks.models import BY_PERSON, BY_TRACE, Candidate, Notice, Submission


def dismiss(*, submission: Submission, remote_id: str | None = None) -> int:
    """It is not this one, or with no id: none of those found so far. How many were dismissed."""
    rows = Candidate.objects.filter(submission=submission, dismissed_at=None)
    claims = Notice.objects.filter(submission=submission, uuid=BY_TRACE, seen_at=None)
    if remote_id is not None:
        rows, claims = rows.filter(remote_id=remote_id), claims.filter(remote_id=remote_id)
    with transaction.atomic():
        count = rows.update(dismissed_at=timezone.now())
        # TopView may not have been asked about one yet.
        claims.update(seen_at=timezone.now())
        if count:
            submission.task.touch()
    return count


def withdraw_other_claims(*, submission: Submission, remote_id: str) -> None:
    """A person names another task: what was claimed before, by people or by what fits, is not asked about."""
    claims = Notice.objects.filter(submission=submission, uuid__in=(BY_PERSON, BY_TRACE), seen_at=None)
    claims.exclude(remote_id=remote_id).update(seen_at=timezone.now())


def forget_followed(*, submission: Submission) -> None:
    """The call has its task: it has no candidates any more, and its task is nobody else's."""
    taken = Q(workspace=submission.workspace_id, remote_id=submission.remote_id)
    rows = Candidate.objects.filter(taken | Q(submission=submission))
    others = rows.exclude(submission=submission).select_related("submission__task")
    tasks = {one.submission.task_id: one.submission.task for one in others}
    with transaction.atomic():
        rows.delete()
        for task in tasks.values():
            task.touch()
        if tasks:
            # With one thing less in question, what is left may be certain.
            nudge(READ_ACCOUNT, submission.task.credential_id)
