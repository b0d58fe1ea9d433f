"""Writes how a paid call ended: accepted, certainly not accepted, or unknown. `classification` sorts them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from time import sleep
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from tasks.causes import Cause, Code
from tasks.commands.accounts.account_state import mark_credential, note_answer
from tasks.commands.evidence.boards import forget_board
from tasks.commands.evidence.claims import write_claim
from tasks.commands.evidence.following import Taken, follow, title_of
from tasks.commands.library.remote_files import forget_files
from tasks.commands.submissions.api_log import keep_answer
from tasks.commands.submissions.classification import ending_of, wait_before_repeat
from tasks.models import (
    CLAIMABLE,
    ApiOperation,
    Claim,
    ClaimOutcome,
    ClaimSource,
    Credential,
    Status,
    Submission,
)
from tasks.topview.errors import TopViewError
from tasks.topview.outcomes import may_lack_a_file
from tasks.topview.results import Accepted

logger = logging.getLogger(__name__)

# Pauses, in seconds, before an answer is tried to be written once more: a locked or restarting database.
_WRITE_AGAIN = (0.2, 1.0, 3.0, 8.0)


def write_acceptance(submission: Submission, accepted: Accepted) -> None:
    """Write TopView's answer, even one so late that the outcome already counted as unknown.

    A database that is away for a moment is tried again. When all fails, the id stands in the log.
    """
    _patiently(lambda: _write_acceptance(submission, accepted), submission, remote_id=accepted.task_id)
    keep_answer(submission=submission, operation=ApiOperation.SUBMIT, envelope=accepted.envelope)


def _patiently(write: Callable[[], object], submission: Submission, **facts: Any) -> None:
    """Write what became of a paid call, though the database may be away for a moment.

    `write` may be repeated after any part of it. When all fails, `facts` stand in the log, and it raises.
    """
    for pause in _WRITE_AGAIN:
        try:
            write()
        except (OperationalError, InterfaceError):
            connection.close()
            sleep(pause)
        else:
            return
    try:
        write()
    except DatabaseError:
        logger.critical("submit.answer-not-written", extra={"submission": str(submission.pk), **facts})
        raise


def _write_acceptance(submission: Submission, accepted: Accepted) -> None:
    try:
        if _follow_answer(submission, accepted) or submission.remote_id == accepted.task_id:
            return
    except Taken as taken:
        _write_second_claim(submission, accepted.task_id, taken.claim)
        return
    attention = Cause.of(Code.SECOND_REMOTE_ID, remote_id=accepted.task_id)
    rows = Submission.objects.filter(pk=submission.pk)
    rows.update(second_remote_id=accepted.task_id, attention=attention)
    submission.task.touch()


def _follow_answer(submission: Submission, accepted: Accepted) -> bool:
    """False when the call follows a task already; then the row is read afresh. Raises Taken."""
    now = timezone.now()
    facts: dict[str, Any] = {
        "remote_id": accepted.task_id,
        "source": ClaimSource.ANSWER,
        "callback_uuid": (accepted.callback_uuid or "")[:120],
        "accepted_at": now,
        "next_at": now + timedelta(seconds=settings.REFRESH_SECONDS),
        "lease_until": None,
        "reason": None,
    }
    if submission.status == Status.SUBMITTING and follow(submission, cause="accepted", **facts):
        Credential.objects.filter(pk=submission.task.credential_id).update(last_success_at=now)
        note_answer(submission.task.credential)
        logger.info("submit.accepted", extra={"submission": str(submission.pk)})
        return True
    submission.refresh_from_db()
    while submission.status in CLAIMABLE:
        if follow(submission, cause="evidence", **facts):
            return True
        # A person may have given it up in between.
        submission.refresh_from_db()
    return False


def _write_second_claim(submission: Submission, remote_id: str, follower: Claim) -> None:
    """TopView says that it is this call's task, while another call follows it: a person compares the two."""
    whose = title_of(follower, workspace_id=submission.workspace_id)
    told = Cause.of(Code.SECOND_CLAIM, remote_id=remote_id, follower=whose)
    with transaction.atomic():
        status = submission.lock()
        write_claim(
            submission,
            remote_id=remote_id,
            source=ClaimSource.ANSWER,
            outcome=ClaimOutcome.SECOND,
            settled_at=timezone.now(),
        )
        if status == Status.SUBMITTING:
            submission.advance(
                Status.UNKNOWN, cause="second-claim", detail=remote_id, lease_until=None, reason=told
            )
        else:
            Submission.objects.filter(pk=submission.pk).update(attention=told)
            submission.task.touch()


def write_error(submission: Submission, error: TopViewError) -> None:
    """Write what an error makes of the call, and keep the answer in which it stood.

    A database that is away for a moment is tried again: what was surely refused must not become unknown.
    """
    facts = {"error_class": type(error).__name__, "code": error.code, "http_status": error.http_status}
    _patiently(lambda: _write_error(submission, error), submission, **facts)
    keep_answer(submission=submission, operation=ApiOperation.SUBMIT, envelope=error.envelope)


def _write_error(submission: Submission, error: TopViewError) -> None:
    ending = ending_of(error)
    mark_credential(submission.task.credential, error)
    log_error("submit.ended", submission, error, status=ending.status)
    if may_lack_a_file(error) and _resend_files(submission):
        return
    facts: dict[str, Any] = {"reason": ending.reason, "error_code": ending.code, "lease_until": None}
    if ending.status == Status.QUEUED:
        facts |= {"next_at": wait_before_repeat(error, tries=submission.tries), "tries": F("tries") + 1}
    elif ending.status == Status.REFUSED:
        facts["finished_at"] = timezone.now()
    if submission.advance(ending.status, cause=ending.cause, detail=ending.detail, **facts):
        return
    if ending.status in (Status.REFUSED, Status.QUEUED):
        # The answer came when the outcome already counted as unknown: who must decide should know it.
        unknown = Submission.objects.filter(pk=submission.pk, status=Status.UNKNOWN)
        if unknown.update(attention=Cause.of(Code.LATE_REFUSAL, reason=ending.reason)):
            submission.task.touch()


def _resend_files(submission: Submission) -> bool:
    """TopView does not know an input any more: once, its file ids are dropped and the files sent again.

    Its board, which may be what TopView does not know, is dropped too.
    """
    board_id = submission.board_id
    if submission.files_resent or not (board_id or submission.task.uploads.exists()):
        return False
    forget_files(task=submission.task)
    if board_id:
        forget_board(credential=submission.task.credential, board_id=board_id)
    return submission.advance(
        Status.QUEUED,
        cause="resend-file",
        files_resent=True,
        lease_until=None,
        next_at=timezone.now(),
        reason=Cause.of(Code.INPUT_SENT_AGAIN),
    )


def write_not_sent(submission: Submission) -> None:
    """Somebody else may have taken over by now. Nothing was sent, so it may wait for its turn again."""
    _patiently(
        lambda: submission.advance(
            Status.QUEUED, cause="lease-expired", lease_until=None, next_at=timezone.now()
        ),
        submission,
    )


def write_unknown(submission: Submission, *, cause: str) -> None:
    submission.advance(Status.UNKNOWN, cause=cause, lease_until=None, reason=Cause.of(Code.ANSWER_LOST))


def log_error(event: str, submission: Submission, error: TopViewError, **facts: Any) -> None:
    """A line for operators: what failed, never whose words or keys."""
    logger.warning(
        event,
        extra={
            "submission": str(submission.pk),
            "error_class": type(error).__name__,
            "code": error.code,
            "http_status": error.http_status,
            **facts,
        },
    )
