"""Holds back what a restored backup would send: since it was made, each of these calls may have been paid.

What was queued is queued again but claimed by nobody; what was on its way has an unknown outcome. A person
releases each call, takes it back, or says that it was sent. What TopView works on is followed at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tasks.audit import Verb, record_about_call
from tasks.causes import Cause, Code
from tasks.commands.catalogs.photo_avatars import ORDERS
from tasks.commands.evidence.decisions import claim_by_person
from tasks.commands.evidence.following import refuse_taken
from tasks.commands.evidence.lost_calls import traces_of
from tasks.commands.runtime.queue import SUBMIT, nudge
from tasks.commands.submissions.remarks import remark
from tasks.models import (
    IN_FLIGHT,
    CatalogEntry,
    Output,
    OutputState,
    Status,
    Submission,
    User,
)

RESTORED = "backup-restored"
RELEASED = "released"
SENT_BEFORE = "sent-before-restore"


def quarantine_everything() -> int:
    """Put on hold whatever could be sent; the number of those calls. Nothing else may run meanwhile."""
    now = timezone.now()
    with transaction.atomic():
        for call in _calls(Status.SUBMITTING):
            reason = Cause.of(Code.IN_FLIGHT_AT_BACKUP)
            call.advance(Status.UNKNOWN, cause=RESTORED, lease_until=None, reason=reason)
        for call in _calls(Status.PREPARING):
            call.advance(Status.QUEUED, cause=RESTORED, lease_until=None)
        queued = list(_calls(Status.QUEUED))
        for call in queued:
            _hold(call, now)
        _follow_at_once(now)
        _hold_portraits()
    return len(queued)


def _calls(status: Status) -> Iterable[Submission]:
    return Submission.objects.filter(status=status).select_related("task").order_by("created_at")


def _hold(call: Submission, now: datetime) -> None:
    facts = {
        "quarantined_at": now,
        "reason": Cause.of(Code.ON_HOLD_AFTER_RESTORE),
        "next_at": now,
        "lease_holder": "",
        "lease_until": None,
    }
    Submission.objects.filter(pk=call.pk).update(**facts)
    remark(submission=call, cause=RESTORED)
    call.task.touch()


def _follow_at_once(now: datetime) -> None:
    """Also: a step that starts by itself after one of these may have been sent already.

    So may one after a call that was given up: when evidence comes all the same, it is followed.
    """
    rows = Submission.objects.filter(status__in=IN_FLIGHT)
    rows.update(next_at=now, quarantined_at=now, answer_stale_since=now)
    Submission.objects.filter(status=Status.ABANDONED).update(quarantined_at=now)
    saving = Output.objects.filter(state__in=(OutputState.SAVING, OutputState.WAITING))
    saving.update(state=OutputState.WAITING, lease_holder="", lease_until=None, next_at=now)


def _hold_portraits() -> None:
    """A portrait that was asked for may be there: people look before they ask again."""
    problem = Cause.of(Code.PORTRAIT_UNCERTAIN).as_json()
    for order in CatalogEntry.objects.filter(catalog=ORDERS):
        if not order.facts.get("problem"):
            CatalogEntry.objects.filter(pk=order.pk).update(facts={"problem": problem})


def release(*, submission: Submission, actor: User) -> bool:
    """Let it be sent. False when it is not on hold any more."""
    now = timezone.now()
    with transaction.atomic():
        held = Submission.objects.filter(pk=submission.pk, status=Status.QUEUED, quarantined_at__isnull=False)
        if not held.update(quarantined_at=None, reason=None, next_at=now):
            return False
        remark(submission=submission, cause=RELEASED, actor=actor)
        submission.task.touch()
        record_about_call(Verb.CALL_RELEASED, submission, actor)
        nudge(SUBMIT, submission.pk)
    return True


def release_untraced(*, workspace_id: UUID, actor: User) -> int:
    """Release every call of a workspace of which TopView shows no trace, and would. How many."""
    held = Submission.objects.quarantined().filter(workspace=workspace_id)
    calls = list(held.select_related("task__credential", "task__workspace"))
    return sum(
        release(submission=call, actor=actor)
        for call, traces in zip(calls, traces_of(calls), strict=True)
        if traces.say_not_sent
    )


def say_sent(*, submission: Submission, actor: User, remote_id: str = "") -> bool:
    """A person says that it was sent after the backup was made: it is looked for, and never sent.

    It walks the transitions that it made then; its outcome is unknown until TopView is found to have it,
    at once where its task id is given. False when it is not on hold any more. Raises FollowedElsewhere.
    """
    if submission.status != Status.QUEUED or submission.quarantined_at is None:
        return False
    refuse_taken(submission, remote_id)
    reason = Cause.of(Code.SENT_BEFORE_RESTORE)
    with transaction.atomic():
        if not submission.advance(Status.PREPARING, cause=SENT_BEFORE, actor=actor):
            return False
        submission.advance(Status.SUBMITTING, cause=SENT_BEFORE, actor=actor, intent_at=submission.created_at)
        submission.advance(Status.UNKNOWN, cause=SENT_BEFORE, actor=actor, reason=reason)
        record_about_call(Verb.CALL_SENT_BEFORE, submission, actor, remote_id=remote_id)
        if remote_id:
            claim_by_person(submission=submission, actor=actor, remote_id=remote_id)
    return True
