"""Settles calls whose outcome is unknown: a task id is claimed for one, and TopView is asked about it.

Callbacks, people and what `reconcile` finds name ids. None is trusted by itself: callbacks are unsigned,
people mistype, and a charge may be another's. Only an id that TopView knows on the task's own account, and
that no other submission follows, is adopted. Calls that share a task are asked about without being named, and
are adopted only when the task shows them.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks import kinds
from tasks.commands.checkpoint import checkpoint
from tasks.commands.endings import adopt
from tasks.commands.outcomes import mark_credential
from tasks.commands.reconcile.candidates import dismiss, forget_followed, withdraw_other_claims
from tasks.commands.reconcile.looking import ask_looks, say_when_over
from tasks.commands.refresh.results import write
from tasks.commands.refresh.shared_tasks import claim_own_tasks, may_still_show, shows_call
from tasks.models import (
    BY_PERSON,
    BY_TRACE,
    DEAD,
    OWN_TASK,
    CredentialState,
    Notice,
    Status,
    Submission,
    User,
)
from tasks.topview.errors import BadInput, NotFound, TopViewError
from tasks.topview.results import RemoteTask

_ACTOR = "actor"
# How soon a claim is looked at again when TopView could not be asked.
_LATER = timedelta(seconds=30)
# Claims looked at in one turn.
_SOME = 10


def lease_claims() -> dict[UUID, Notice]:
    """Claims to ask TopView about, one for each submission. Each one's next turn is pushed forward first.

    In memory alone, `notice.submission.remote_id` is what is claimed.
    """
    now = timezone.now()
    claim_own_tasks(now)
    ask_looks(now)
    say_when_over(now)
    # Of a call that was given up, its own task cannot tell whether it shows that one or the next attempt.
    useless = Q(uuid=OWN_TASK, submission__status=Status.ABANDONED)
    open_claims = Notice.objects.filter(
        submission__status__in=(Status.UNKNOWN, Status.ABANDONED), seen_at=None, look_at__lte=now
    ).exclude(useless | Q(remote_id="") | Q(submission__task__credential__state=CredentialState.DISABLED))
    taken: dict[UUID, Notice] = {}
    for notice in open_claims.select_related(
        "submission__task__credential", "submission__source__submission"
    ).order_by("pk")[:_SOME]:
        if notice.submission_id in taken:
            continue
        if Notice.objects.filter(pk=notice.pk, look_at=notice.look_at).update(look_at=now + _LATER):
            notice.submission.remote_id = notice.remote_id
            taken[notice.submission_id] = notice
    return taken


def settle_claim(claim: Notice, answer: RemoteTask | BaseException) -> None:
    """Adopt a claimed task that TopView knows; put away a claim that it does not know."""
    if not Notice.objects.filter(pk=claim.pk, seen_at=None).exists():
        # A person has taken it back while TopView was asked.
        return
    if isinstance(answer, (NotFound, BadInput)):
        _put_away(claim, _("TopView does not know a task %s on this account.") % claim.remote_id)
    elif isinstance(answer, TopViewError):
        mark_credential(claim.submission.task.credential, answer)
    elif not isinstance(answer, RemoteTask):
        return
    elif _is_followed(claim):
        _put_away(claim, _("The task %s already belongs to another call of this portal.") % claim.remote_id)
    elif not shows_call(claim, answer):
        if not may_still_show(claim):
            _put_away(claim, _("TopView's task %s shows nothing of this call.") % claim.remote_id)
    elif _adopt(claim):
        write(claim.submission, answer)


def _adopt(claim: Notice) -> bool:
    now = timezone.now()
    person = _person(claim)
    cause = "given-by-person" if person else "evidence"
    won = adopt(
        claim.submission,
        cause=cause,
        actor=person,
        detail=claim.remote_id,
        remote_id=claim.remote_id,
        accepted_at=now,
        next_at=now,
        reason="",
        attention="",
    )
    checkpoint("settle.adopted", claim.submission)
    if won:
        # Else a person gave the call up meanwhile: the claim still holds, and is looked at again.
        Notice.objects.filter(pk=claim.pk).update(seen_at=now)
        forget_followed(submission=claim.submission)
    return won


def _person(claim: Notice) -> User | None:
    # Of a callback's body nothing is kept under this name, so that a stranger cannot speak as a person.
    actor = claim.body.get(_ACTOR)
    return User.objects.filter(pk=actor).first() if actor else None


def _is_followed(claim: Notice) -> bool:
    call = claim.submission
    others = Submission.objects.filter(workspace=claim.workspace_id, remote_id=claim.remote_id)
    if kinds.kind(call.task.kind).step(call.step).shares_task:
        # A row there may be that of another call on the same output, which is still at work.
        key = call.source.identity if call.source else ""
        own = Q(step=call.step, source__identity=key) & ~Q(status__in=(*DEAD, Status.SUCCEEDED))
        others = others.exclude(Q(task=call.task_id) & ~own)
    return others.exclude(pk=call.pk).exists()


def _put_away(claim: Notice, words: str) -> None:
    Notice.objects.filter(pk=claim.pk).update(seen_at=timezone.now())
    if claim.uuid == BY_TRACE:
        dismiss(submission=claim.submission, remote_id=claim.remote_id)
    if _ACTOR in claim.body:
        unknown = Submission.objects.filter(pk=claim.submission_id)
        if unknown.update(attention=words[:500]):
            claim.submission.task.touch()


def claim_by_person(*, submission: Submission, actor_id: int, remote_id: str) -> None:
    """Note that a person says which task it is; the refresh asks TopView about it, and no other, at once."""
    withdraw_other_claims(submission=submission, remote_id=remote_id)
    Notice.objects.update_or_create(
        submission=submission,
        uuid=BY_PERSON,
        remote_id=remote_id,
        defaults={
            "workspace_id": submission.workspace_id,
            "body": {_ACTOR: actor_id},
            "seen_at": None,
            "look_at": timezone.now(),
        },
    )
    words = _("TopView is asked about the task %s.") % remote_id
    Submission.objects.filter(pk=submission.pk).update(attention=words[:500])
    submission.task.touch()
