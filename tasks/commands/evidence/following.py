"""The one door to a task at TopView: whatever makes a call follow one, goes through here.

The answer to a submit, a callback, what a log or a board shows, a person's word and an adopted charge all end
in a `Claim`. The database lets one call follow a task, over all workspaces that use the account; calls that
work on an earlier call's task join its claim.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks.causes import Cause, Code
from tasks.commands.evidence.candidates import forget_followed
from tasks.commands.evidence.claims import shares_task, write_claim
from tasks.commands.refusals import FollowedElsewhere
from tasks.models import Claim, ClaimOutcome, ClaimSource, Status, Submission, User
from tasks.models.estimates import forecast

logger = logging.getLogger(__name__)


class Taken(Exception):
    """Another call follows that task at TopView already: the one of `claim`."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(f"{claim.remote_id} is followed by {claim.submission_id}")
        self.claim = claim


def title_of(claim: Claim, *, workspace_id: UUID) -> str:
    """The task that follows, as far as people of a workspace may know; empty for another workspace's."""
    return claim.submission.task.title[:80] if claim.workspace_id == workspace_id else ""


def refusal(claim: Claim, *, workspace_id: UUID) -> FollowedElsewhere:
    """What a person is told who wants that task to be followed."""
    if claim.workspace_id != workspace_id:
        return FollowedElsewhere(
            _("That task is followed by another workspace of this portal already."), None
        )
    words = _("That task is followed by “%(title)s” already.")
    told = words % {"title": title_of(claim, workspace_id=workspace_id)}
    return FollowedElsewhere(told, claim.submission.task)


def refuse_taken(submission: Submission, remote_id: str) -> None:
    """Raises FollowedElsewhere when another task here follows that one at TopView."""
    follower = Claim.objects.follower(submission.task.credential, remote_id)
    if follower is not None and follower.submission.task_id != submission.task_id:
        raise refusal(follower, workspace_id=submission.workspace_id)


def follow(
    submission: Submission,
    *,
    remote_id: str,
    source: ClaimSource,
    cause: str,
    actor: User | None = None,
    detail: str = "",
    **facts: Any,
) -> bool:
    """Have a call follow a task at TopView from now on. Beside a newer attempt it is a second charge.

    False when somebody else moved first. Raises Taken when another call follows that task. Neither has
    written anything then.
    """
    seen = Status(submission.status)
    facts |= {"remote_id": remote_id}
    try:
        with transaction.atomic():
            if submission.lock() != seen:
                return False
            take(submission, remote_id=remote_id, source=source, actor=actor)
            _move(submission, cause=cause, actor=actor, detail=detail, **facts)
    except DatabaseError:
        # The row is as it was, and so must be what the next try goes by.
        submission.status = seen
        raise
    # TopView has worked on a lost one since it was sent, however late that was found out.
    is_late = seen is not Status.SUBMITTING
    look_ahead(submission, since=(submission.intent_at if is_late else None) or timezone.now())
    if is_late:
        forget_followed(submission=submission)
    return True


def _move(submission: Submission, **facts: Any) -> None:
    try:
        with transaction.atomic():
            submission.advance(Status.RUNNING, **facts)
    except IntegrityError:
        facts |= {"is_second_charge": True, "attention": Cause.of(Code.SECOND_CHARGE)}
        submission.advance(Status.RUNNING, **facts)


def take(submission: Submission, *, remote_id: str, source: ClaimSource, actor: User | None = None) -> Claim:
    """Write down that a call follows a task at TopView, and nobody else may. Must be in a transaction.

    Raises Taken when another call follows it.
    """
    account = submission.task.credential
    follower = Claim.objects.follower(account, remote_id)
    if follower is not None and follower.submission_id == submission.pk:
        return follower
    joins = None
    if follower is not None and follower.submission.task_id == submission.task_id and shares_task(submission):
        # TopView answers such a call with the id of the task that it works on, and this is that task.
        joins = follower
    # What else was claimed for the call is not asked about any more, and compared with nothing.
    mine = Claim.objects.filter(submission=submission).exclude(outcome=ClaimOutcome.DROPPED)
    mine.update(outcome=ClaimOutcome.DROPPED, settled_at=timezone.now(), joins=None)
    facts = {"outcome": ClaimOutcome.FOLLOWED, "settled_at": timezone.now(), "joins": joins}
    try:
        with transaction.atomic():
            return write_claim(submission, remote_id=remote_id, source=source, actor=actor, **facts)
    except IntegrityError:
        follower = Claim.objects.follower(account, remote_id)
        if follower is None:
            raise
        raise Taken(follower) from None


def look_ahead(submission: Submission, *, since: datetime) -> None:
    """Note when a call that TopView works on should end. Without that it is followed all the same."""
    try:
        with transaction.atomic():
            expected = asdict(forecast(submission, since))
            Submission.objects.filter(pk=submission.pk).update(**expected)
    except Exception:
        logger.exception("submit.no-forecast", extra={"submission": str(submission.pk)})
        return
    for name, moment in expected.items():
        setattr(submission, name, moment)
