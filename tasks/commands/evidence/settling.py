"""Settles claims: TopView's answer about a task decides whether the call that it is claimed for follows it.

Only a task that TopView knows on the call's own account, and that no other call follows, is followed. Calls
that share a task are followed only when the task shows them.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tasks import kinds
from tasks.causes import Cause, Code
from tasks.commands.accounts.account_state import mark_credential
from tasks.commands.evidence.candidates import dismiss
from tasks.commands.evidence.claims import claim_own_tasks
from tasks.commands.evidence.following import Taken, follow, title_of
from tasks.commands.evidence.search import ask_for_searches, note_when_over
from tasks.commands.runtime.failpoints import checkpoint
from tasks.kinds.base import Step, UnexpectedShape
from tasks.models import (
    CLAIMABLE,
    DEAD,
    Claim,
    ClaimOutcome,
    ClaimSource,
    CredentialState,
    Status,
    Submission,
)
from tasks.topview.errors import BadInput, NotFound, TopViewError
from tasks.topview.results import RemoteState, RemoteTask
from tasks.vault import VaultError

# How soon a claim is looked at again when TopView could not be asked.
_LATER = timedelta(seconds=30)
# Claims looked at in one turn.
_SOME = 10


def lease_claims() -> dict[UUID, Claim]:
    """Claims to ask TopView about, one for each call. The next turn of each is pushed forward first.

    One query while nothing is unknown: the refresh asks every second.
    """
    if not Submission.objects.filter(status__in=CLAIMABLE).exists():
        return {}
    now = timezone.now()
    claim_own_tasks(now)
    ask_for_searches(now)
    note_when_over(now)
    due = Q(asked_at=None) | Q(asked_at__lte=now - _LATER)
    # Of a call that was given up, its own task cannot tell whether it shows that one or the next attempt.
    useless = Q(source=ClaimSource.OWN_TASK, submission__status=Status.ABANDONED)
    useless |= Q(submission__task__credential__state=CredentialState.DISABLED)
    claims = Claim.objects.open().filter(due, submission__status__in=CLAIMABLE).exclude(useless)
    rows = claims.select_related("actor", "submission__task__credential", "submission__source__submission")
    taken: dict[UUID, Claim] = {}
    for claim in rows.order_by("pk")[:_SOME]:
        turn = Claim.objects.filter(pk=claim.pk, asked_at=claim.asked_at)
        if claim.submission_id not in taken and turn.update(asked_at=now):
            taken[claim.submission_id] = claim
    return taken


def settle_claim(claim: Claim, answer: RemoteTask | BaseException) -> bool:
    """Have the call follow the claimed task, when TopView shows that it is the call's, or put the claim away.

    Whether the call follows the task now, so that the answer is its own. People decide about a call under its
    lock, too: what one takes back before this is not followed, and what is followed cannot be taken back.
    Raises the answer when it is a fault of ours.
    """
    if not isinstance(answer, RemoteTask | TopViewError | VaultError):
        raise answer
    if isinstance(answer, TopViewError) and not isinstance(answer, NotFound | BadInput):
        mark_credential(claim.submission.task.credential, answer)
    if not isinstance(answer, RemoteTask | NotFound | BadInput):
        return False
    with transaction.atomic():
        claim.submission.lock()
        is_open = Claim.objects.open().filter(pk=claim.pk).exists()
        is_followed = is_open and _is_borne_out(claim, answer) and _follow(claim)
    if is_followed:
        checkpoint("settle.adopted", claim.submission)
    return is_followed


def _is_borne_out(claim: Claim, answer: RemoteTask | NotFound | BadInput) -> bool:
    """Whether TopView shows the task as the call's. What it does not, and will not, is put away."""
    if not isinstance(answer, RemoteTask):
        _put_away(claim, Code.CLAIM_NOT_KNOWN)
        return False
    if _shows_call(claim, answer):
        return True
    # People are told at once. Else it is worth looking again, though not beyond the call's deadline.
    deadline = timedelta(seconds=_step(claim.submission).deadline(claim.submission.asked))
    if claim.source == ClaimSource.PERSON or timezone.now() - claim.created_at >= deadline:
        _put_away(claim, Code.CLAIM_NOT_SHOWN)
    return False


def _shows_call(claim: Claim, remote: RemoteTask) -> bool:
    """Whether TopView's answer about the claimed task shows this very call.

    Asked by ourselves, a failed row proves nothing: it may be an earlier attempt's.
    """
    call = claim.submission
    step = _step(call)
    if not step.wire.shares_task:
        return True
    try:
        word = step.state(remote.result, call.asked)
    except UnexpectedShape:
        return False
    if word is None:
        return True
    is_named = claim.source != ClaimSource.OWN_TASK
    return bool(word) and (is_named or RemoteState.of(word) is not RemoteState.FAILED)


def _step(call: Submission) -> Step:
    return kinds.step(call.task.kind, call.step)


def _follow(claim: Claim) -> bool:
    if _is_row_of_another(claim):
        _put_away(claim, Code.CLAIM_TAKEN_BY_SAME_TASK)
        return False
    now = timezone.now()
    try:
        # False where a person gave the call up meanwhile: the claim still holds, and is looked at again.
        return follow(
            claim.submission,
            remote_id=claim.remote_id,
            source=ClaimSource(claim.source),
            cause="given-by-person" if claim.source == ClaimSource.PERSON else "evidence",
            actor=claim.actor,
            detail=claim.remote_id,
            accepted_at=now,
            next_at=now,
            reason=None,
            attention=None,
        )
    except Taken as taken:
        _put_away(claim, Code.CLAIM_TAKEN, follower=title_of(taken.claim, workspace_id=claim.workspace_id))
        return False


def _is_row_of_another(claim: Claim) -> bool:
    """Whether what a shared task shows may be another call on the same output, which is still at work."""
    call = claim.submission
    if not _step(call).wire.shares_task:
        return False
    key = call.source.identity if call.source else ""
    others = Submission.objects.filter(task=call.task_id, remote_id=claim.remote_id, step=call.step)
    others = others.filter(source__identity=key).exclude(status__in=(*DEAD, Status.SUCCEEDED))
    return others.exclude(pk=call.pk).exists()


def _put_away(claim: Claim, code: Code, **facts: str) -> None:
    rows = Claim.objects.open().filter(pk=claim.pk)
    rows.update(outcome=ClaimOutcome.DROPPED, settled_at=timezone.now())
    if claim.source == ClaimSource.TRACE:
        dismiss(submission=claim.submission, remote_id=claim.remote_id)
    if claim.source == ClaimSource.PERSON:
        attention = Cause.of(code, remote_id=claim.remote_id, **facts)
        if Submission.objects.filter(pk=claim.submission_id).update(attention=attention):
            claim.submission.task.touch()
