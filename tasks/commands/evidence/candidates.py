"""What fits a lost call is offered to people, until they dismiss it or the call follows one of them."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tasks.commands.evidence.claims import drop
from tasks.commands.evidence.matching import Sighting
from tasks.commands.runtime.queue import READ_ACCOUNT, nudge
from tasks.models import Candidate, Claim, ClaimSource, Submission


def offer(call: Submission, found: Mapping[str, Sighting]) -> None:
    """Bring the call's candidates up to what fits it; its page changes only where they did."""
    known = {one.remote_id: one for one in Candidate.objects.filter(submission=call, dismissed_at=None)}
    gone = [one.pk for remote_id, one in known.items() if remote_id not in found]
    told = {remote_id: (one.evidence, one.facts) for remote_id, one in known.items()}
    changed = [one for one in found.values() if told.get(one.remote_id) != (one.evidence, one.facts)]
    if not gone and not changed:
        return
    with transaction.atomic():
        Candidate.objects.filter(pk__in=gone).delete()
        for one in changed:
            facts = {"evidence": one.evidence, "charge": one.charge, "facts": one.facts}
            defaults = {"workspace_id": call.workspace_id, **facts}
            Candidate.objects.update_or_create(submission=call, remote_id=one.remote_id, defaults=defaults)
        call.task.touch()


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
        drop(claims)
        if count:
            submission.task.touch()
    return count


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
