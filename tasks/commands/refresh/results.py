"""Writes what TopView says about a submission. Polling and callbacks both end here."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.db import transaction
from django.utils import timezone

from tasks import kinds
from tasks.causes import Cause, Code
from tasks.commands.accounts.account_state import mark_credential
from tasks.commands.ledger.charges import ask_charges_after_task
from tasks.commands.library.products import nudge_product
from tasks.commands.outputs.listing import identity_of, is_same_file
from tasks.commands.runtime.failpoints import checkpoint
from tasks.commands.runtime.queue import CHECK_CREDENTIAL, REFRESH_ONE_CATALOG, SAVE_OUTPUT, nudge
from tasks.commands.submissions.api_log import keep_answer
from tasks.commands.submissions.next_steps import start_automatic_steps
from tasks.commands.submissions.redaction import redacted
from tasks.kinds.base import Brief, FailedPart, Step, UnexpectedShape
from tasks.kinds.base import Output as FoundOutput
from tasks.models import (
    WATCHED,
    ApiOperation,
    Credential,
    Output,
    OutputState,
    Status,
    Submission,
    UnexpectedAnswer,
)
from tasks.models.polling import PollTarget
from tasks.topview.errors import NotFound, TopViewError
from tasks.topview.expiry import dies_at
from tasks.topview.results import JsonObject, RemoteState, RemoteTask
from tasks.vault import VaultError

logger = logging.getLogger(__name__)

# How long files may be missing from the answer of a task that has finished.
LISTING_GRACE = timedelta(minutes=10)
# Many tasks may end together: the balance is asked for once in this time.
_BALANCE_AGE = timedelta(seconds=20)


def write_result(target: PollTarget, answer: RemoteTask | BaseException) -> None:
    """Write what came of one poll. For an answer like the last one there is nothing to do."""
    if isinstance(answer, RemoteTask) and target.last_answer and target.last_answer == digest_of(answer):
        return
    try:
        rows = Submission.objects.select_related("task__credential", "source__submission")
        submission = rows.filter(pk=target.pk, status__in=WATCHED).first()
    except Exception:
        # Whatever it is concerns this row alone: the rest of its batch is written.
        logger.exception("refresh.odd-row", extra={"submission": str(target.pk)})
        return
    if submission is not None:
        write(submission, answer, asked_with=target.account)


def digest_of(remote: RemoteTask) -> str:
    """Equal for equal answers, whatever came around them."""
    return blake2b(json.dumps(remote.result).encode(), digest_size=16).hexdigest()


def write(submission: Submission, answer: RemoteTask | BaseException, *, asked_with: Credential) -> None:
    """Write what came of one query: TopView's answer, or the error that stood in its way.

    `asked_with` is the account as it was when it was asked with, which the answer tells of.
    """
    try:
        if isinstance(answer, RemoteTask | TopViewError):
            keep_answer(submission=submission, operation=ApiOperation.QUERY, envelope=answer.envelope)
        if isinstance(answer, RemoteTask):
            write_answer(submission, answer)
        elif isinstance(answer, TopViewError):
            mark_credential(asked_with, answer)
            write_error(submission, answer)
        elif isinstance(answer, VaultError):
            _say(submission, Cause.of(Code.KEY_UNREADABLE))
        else:
            raise answer
    except Exception:
        # Nothing that is paid for is lost over it: the row stays, and is asked about again.
        logger.exception("refresh.odd-row", extra={"submission": str(submission.pk)})
        _ask_for_attention(submission, Cause.of(Code.ANSWER_NOT_WRITTEN))


def write_answer(submission: Submission, answer: RemoteTask) -> None:
    """Bring the row and its outputs up to TopView's answer."""
    step = kinds.step(submission.task.kind, submission.step)
    try:
        asked = submission.asked
        found = step.outputs(answer.result, asked)
        failed = step.failed_parts(answer.result, asked)
        remote = _as_this_call(answer, step, asked)
    except UnexpectedShape as error:
        logger.warning(
            "refresh.unexpected-shape", extra={"submission": str(submission.pk), "shape": str(error)}
        )
        _keep_unexpected(submission, answer.result, what=str(error))
        _ask_for_attention(submission, Cause.of(Code.UNEXPECTED_ANSWER_KEPT))
        return
    with transaction.atomic():
        is_new = [_keep(submission, output) for output in found]
        is_clear = _clear_trouble(submission)
        is_over = _finish(submission, remote, found, failed)
        if is_over:
            checkpoint("refresh.moved", submission)
        else:
            _remember(submission, digest_of(answer))
        # The task's row comes last: whoever moves a submission locks the two in this order.
        if (any(is_new) or is_clear) and not is_over:
            submission.task.touch()
    if is_over:
        checkpoint("refresh.ended", submission)
        _follow_up(submission)
    checkpoint("refresh.written", submission)


def _keep_unexpected(submission: Submission, answer: JsonObject, *, what: str) -> None:
    """Keep, redacted, the newest answer whose shape nobody knows: what was paid for may stand in it."""
    facts = {"body": redacted(answer), "what": what[:300], "at": timezone.now()}
    defaults = {"workspace_id": submission.workspace_id, **facts}
    UnexpectedAnswer.objects.update_or_create(submission=submission, defaults=defaults)


def _follow_up(submission: Submission) -> None:
    """Queue what should be read again at TopView now that the call has ended: catalogs, balance, log."""
    credential = submission.task.credential
    step = kinds.step(submission.task.kind, submission.step)
    for catalog_name in step.adds_to(submission.task.brief):
        nudge(REFRESH_ONE_CATALOG, credential.pk, catalog_name)
    now = timezone.now()
    stale = Credential.objects.filter(pk=credential.pk).exclude(check_asked_at__gt=now - _BALANCE_AGE)
    if stale.update(check_asked_at=now):
        nudge(CHECK_CREDENTIAL, credential.pk)
    ask_charges_after_task(credential=credential)


def _as_this_call(remote: RemoteTask, step: Step, asked: Brief) -> RemoteTask:
    """How far this very call is, where several calls share one task at TopView."""
    word = step.state(remote.result, asked)
    return remote if word is None else replace(remote, state=RemoteState.of(word))


def _made_at(submission: Submission) -> datetime:
    """When TopView has made what is new in its answer: an adopted task's charge says it, else just now."""
    now = timezone.now()
    charged_at = submission.accepted_at if submission.task.is_adopted else None
    return min(now, charged_at or now)


def _keep(submission: Submission, found: FoundOutput) -> bool:
    """Write an output down; True when it was not known yet.

    A fresh address of the same file replaces one not used so far.
    """
    address = {"source_url": found.url, "source_expires_at": dies_at(found.url, timezone.now())}
    output, is_new = Output.objects.get_or_create(
        submission=submission,
        role=found.role,
        identity=identity_of(found),
        defaults={
            **address,
            "workspace_id": submission.workspace_id,
            "task_id": submission.task_id,
            "position": found.position,
            "name": found.name[:200],
            "facts": dict(found.facts),
            "remote_file_id": found.remote_file_id or "",
            "width": found.width,
            "height": found.height,
            "seconds": found.seconds,
            "created_at": _made_at(submission),
        },
    )
    if is_new:
        nudge(SAVE_OUTPUT, output.pk)
    elif output.source_url != found.url and is_same_file(output, found):
        Output.objects.filter(pk=output.pk).exclude(state=OutputState.SAVED).update(**address)
    return is_new


def _clear_trouble(submission: Submission) -> bool:
    """An answer came: what was said about earlier failures to get one no longer holds. True if there were."""
    is_waiting_for_files = submission.files_awaited_since is not None
    attention = submission.attention if submission.keeps_attention or is_waiting_for_files else None
    if not submission.reason and submission.attention == attention:
        return False
    Submission.objects.filter(pk=submission.pk).update(reason=None, attention=attention)
    # The odd answer before this one is of no use any more.
    UnexpectedAnswer.objects.filter(submission=submission).delete()
    return True


def _remember(submission: Submission, digest: str) -> None:
    """What was heard last, so that the same again is known to be nothing new."""
    if submission.answer_digest != digest or submission.answer_stale_since is not None:
        Submission.objects.filter(pk=submission.pk).update(answer_digest=digest, answer_stale_since=None)
        submission.answer_digest, submission.answer_stale_since = digest, None


def _finish(
    submission: Submission, remote: RemoteTask, found: list[FoundOutput], failed: Iterable[FailedPart]
) -> bool:
    """Move on when TopView has come to an end; False while it has not, or when somebody else moved first."""
    facts: dict[str, Any] = {"finished_at": timezone.now(), "files_awaited_since": None, "cost": remote.cost}
    if remote.state is RemoteState.FAILED:
        reason = Cause.of(Code.GENERATION_FAILED, said=remote.error or "")
        return submission.advance(Status.FAILED, cause="failed", detail=reason, reason=reason, **facts)
    if remote.state is not RemoteState.SUCCEEDED:
        return False
    parts = list(failed)
    if len(found) + len(parts) < submission.expected_outputs:
        # It says that it has finished, but does not list every file: it is asked again for some minutes.
        now = timezone.now()
        if submission.files_awaited_since is None:
            Submission.objects.filter(pk=submission.pk).update(files_awaited_since=now)
            submission.files_awaited_since = now
            _ask_for_attention(submission, Cause.of(Code.OUTPUTS_NOT_LISTED))
            return False
        if now - submission.files_awaited_since < LISTING_GRACE:
            return False
    return _succeed(submission, len(found), parts, facts)


def _succeed(submission: Submission, made: int, failed: list[FailedPart], facts: dict[str, Any]) -> bool:
    missing = max(len(failed), submission.expected_outputs - made, 0)
    said = next((part.message for part in failed if part.message), "")
    if not made and (failed or submission.expected_outputs):
        reason = Cause.of(Code.NO_RESULT, said=said)
        return submission.advance(Status.FAILED, cause="failed", detail=reason, reason=reason, **facts)
    facts["reason"] = Cause.of(Code.PARTS_FAILED, said=said) if said else None
    facts["attention"] = submission.attention if submission.keeps_attention else None
    is_watched = submission.status == Status.RUNNING
    won = submission.advance(Status.SUCCEEDED, cause="succeeded", failed_parts=missing, **facts)
    if won and is_watched:
        start_automatic_steps(submission)
    if won:
        nudge_product(submission.task)
    return won


def write_error(submission: Submission, error: TopViewError) -> None:
    """A query that failed changes nothing but what the page says; the next poll comes by itself."""
    logger.info(
        "refresh.failed",
        extra={"submission": str(submission.pk), "error_class": type(error).__name__, "code": error.code},
    )
    if isinstance(error, NotFound):
        _ask_for_attention(submission, Cause.of(Code.TASK_NOT_KNOWN))
    else:
        _say(submission, error.cause)


def _say(submission: Submission, reason: Cause) -> None:
    if submission.reason != reason:
        Submission.objects.filter(pk=submission.pk).update(reason=reason, answer_stale_since=timezone.now())
        _touch(submission)


def _ask_for_attention(submission: Submission, attention: Cause) -> None:
    if submission.attention != attention and not submission.keeps_attention:
        Submission.objects.filter(pk=submission.pk).update(
            attention=attention, answer_stale_since=timezone.now()
        )
        _touch(submission)


def _touch(submission: Submission) -> None:
    with transaction.atomic():
        submission.task.touch()
