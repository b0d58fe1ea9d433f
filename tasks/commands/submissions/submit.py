"""The money path: one claimed row, one intent on disk, one POST, and every end of it written down."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tasks import kinds
from tasks.causes import Cause, Code
from tasks.commands.accounts import circuit_breaker
from tasks.commands.accounts.account_state import mark_credential
from tasks.commands.accounts.callback_check import callback_address
from tasks.commands.accounts.clients import client_for
from tasks.commands.library.blobs import BlobMissing
from tasks.commands.library.remote_files import send_files
from tasks.commands.library.renditions import NotConvertible
from tasks.commands.runtime.failpoints import checkpoint
from tasks.commands.runtime.lease_owner import new_holder
from tasks.commands.submissions.classification import detail_of, wait_before_repeat
from tasks.commands.submissions.recording import (
    log_error,
    write_acceptance,
    write_error,
    write_not_sent,
    write_unknown,
)
from tasks.commands.submissions.scheduling import what_delays, what_stands_in_the_way
from tasks.kinds.base import Step, UnknownStep, UnusableBrief
from tasks.media import NotNow
from tasks.models import Credential, Status, Submission
from tasks.topview.client import TopViewClient
from tasks.topview.errors import Busy, Interrupted, NotSent, TopViewError, UploadRefused
from tasks.topview.outcomes import AfterSubmit, outcome_of
from tasks.vault import VaultError

logger = logging.getLogger(__name__)

# The lease of a submit outlasts the POST's own deadline by this at most.
_SUBMIT_MARGIN_SECONDS = 30.0
# How soon a row that has to wait for its credential is looked at again.
_WAIT_SECONDS = 5
# After this the job's own time limit could end it in the middle of the paid call.
_LONGEST_PREPARATION_SECONDS = 3600.0
# How often a file may be refused by the store before the task fails.
_MOST_UPLOAD_TRIES = 5


def submit(*, submission_id: UUID) -> None:
    """Carry a queued submission to TopView. Does nothing when somebody else has it."""
    holder = new_holder()
    submission = _claim(submission_id, holder)
    if submission is None:
        return
    checkpoint("submit.claimed", submission)
    try:
        client = client_for(submission.task.credential)
    except VaultError:
        _put_back(submission, holder, reason=Cause.of(Code.KEY_UNREADABLE))
        return
    started_at = monotonic()
    try:
        body = _prepare(submission, holder, client)
        if body is not None and monotonic() - started_at > _LONGEST_PREPARATION_SECONDS:
            # The files are there now: the paid call gets a fresh job, with all its time before it.
            _put_back(submission, holder, reason=None, cause="files-sent", next_at=timezone.now())
        elif body is not None:
            intended_at = monotonic()
            if _intend(submission, holder, body):
                checkpoint("submit.intent", submission)
                _send(submission, client, body, intended_at)
    finally:
        client.close()


def _claim(submission_id: UUID, holder: str) -> Submission | None:
    rows = Submission.objects.select_related("task__credential", "task__owner", "source__submission")
    submission = rows.forgotten(timezone.now()).filter(pk=submission_id).first()
    if submission is None:
        return None
    if reason := what_delays(submission):
        # Its time has come, so the refresh sends for it as soon as it may go.
        waiting = Submission.objects.filter(pk=submission.pk, status=Status.QUEUED).exclude(reason=reason)
        if waiting.update(reason=reason):
            submission.task.touch()
        return None
    lease = timezone.now() + timedelta(seconds=settings.TAKEOVER_SECONDS)
    won = submission.advance(Status.PREPARING, cause="claimed", lease_holder=holder, lease_until=lease)
    return submission if won else None


def _prepare(submission: Submission, holder: str, client: TopViewClient) -> dict[str, Any] | None:
    """The body to send, or None when the submission is in another state."""
    task = submission.task
    try:
        file_ids = send_files(task=task, client=client, alive=lambda: _renew(submission, holder))
        checkpoint("submit.files-sent", submission)
        body = _step(submission).body(submission.asked, file_ids)
        return {**body, **_places(submission)}
    except UnusableBrief as error:
        _fail(submission, holder, reason=error.cause)
    except BlobMissing:
        _fail(submission, holder, reason=Cause.of(Code.STORED_FILE_DAMAGED))
    except NotConvertible as error:
        facts = {"name": error.upload.name, "format": error.format.upper()}
        _fail(submission, holder, reason=Cause.of(Code.FILE_NOT_CONVERTIBLE, **facts))
    except NotNow as error:
        logger.warning("submit.not-converted", extra={"submission": str(submission.pk), "reason": str(error)})
        _put_back(submission, holder, reason=Cause.of(Code.CONVERSION_DELAYED), cause="files-not-sent")
    except OSError as error:
        name = type(error).__name__
        logger.warning("submit.storage", extra={"submission": str(submission.pk), "error_class": name})
        _put_back(submission, holder, reason=Cause.of(Code.STORAGE_UNREADABLE), cause="files-not-sent")
    except TopViewError as error:
        _settle_preparation(submission, holder, error)
    except (kinds.UnknownKind, UnknownStep):
        logger.exception("submit.unknown-step", extra={"submission": str(submission.pk)})
        _fail(submission, holder, reason=Cause.of(Code.BRIEF_OUTDATED))
    return None


def _settle_preparation(submission: Submission, holder: str, error: TopViewError) -> None:
    """Nothing was paid yet: wait and prepare again, unless the input is refused for good."""
    account = submission.task.credential
    mark_credential(account, error)
    circuit_breaker.note(account.service, error)
    log_error("submit.preparation-failed", submission, error)
    is_refused = outcome_of(error).after is AfterSubmit.REFUSED
    if is_refused:
        account.refresh_from_db(fields=["state"])
    is_last = not isinstance(error, UploadRefused) or submission.tries >= _MOST_UPLOAD_TRIES
    # Where the credential is to blame, the input is not.
    if is_refused and account.is_usable and is_last:
        _fail(submission, holder, reason=error.cause, detail=detail_of(error))
        return
    # The timeline's word. Whatever went wrong, the paid call has not left: its outcome is not in doubt.
    if isinstance(error, Busy):
        cause = "busy"
    else:
        cause = "unreachable" if isinstance(error, NotSent | Interrupted) else "files-not-sent"
    later = wait_before_repeat(error, tries=submission.tries)
    _put_back(submission, holder, reason=error.cause, cause=cause, next_at=later)


def _renew(submission: Submission, holder: str) -> None:
    lease = timezone.now() + timedelta(seconds=settings.TAKEOVER_SECONDS)
    Submission.objects.filter(pk=submission.pk, lease_holder=holder).update(lease_until=lease)


def _put_back(
    submission: Submission, holder: str, *, reason: Cause | None, cause: str = "unreachable", **facts: Any
) -> None:
    facts.setdefault("next_at", timezone.now() + timedelta(seconds=60))
    submission.advance(
        Status.QUEUED,
        cause=cause,
        holder=holder,
        detail=reason or "",
        reason=reason,
        tries=F("tries") + 1,
        **facts,
    )


def _fail(submission: Submission, holder: str, *, reason: Cause, detail: str = "") -> None:
    submission.advance(
        Status.FAILED,
        cause="input-refused",
        holder=holder,
        detail=detail,
        reason=reason,
        finished_at=timezone.now(),
    )


def _intend(submission: Submission, holder: str, body: dict[str, Any]) -> bool:
    """Put the intent on disk. Whoever wins this transition, and nobody else, may send.

    Much may have happened while files travelled, so the account is looked at again, one sender at a time.
    """
    now = timezone.now()
    with transaction.atomic():
        account = Credential.objects.select_for_update(no_key=True).get(pk=submission.task.credential_id)
        if reason := what_stands_in_the_way(account):
            later = now + timedelta(seconds=_WAIT_SECONDS)
            _put_back(submission, holder, reason=reason, cause="no-room", next_at=later)
            return False
        return submission.advance(
            Status.SUBMITTING,
            cause="intent",
            holder=holder,
            body_digest=hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest(),
            intent_at=now,
            board_id=body.get("boardId", ""),
            reason=None,
            lease_until=now + timedelta(seconds=settings.TOPVIEW_SUBMIT_SECONDS + _margin()),
        )


def _margin() -> float:
    """Seconds by which the lease of a submit outlasts the POST's own deadline."""
    return min(_SUBMIT_MARGIN_SECONDS, settings.TAKEOVER_SECONDS)


def _send(submission: Submission, client: TopViewClient, body: dict[str, Any], intended_at: float) -> None:
    """The one POST. Whatever happens to it is written before this process does anything else."""
    # Stopped for a while after its intent, this process could post beyond its lease. Two clocks are asked:
    # one may be set, and the other stands still while the machine sleeps.
    ends_at = timezone.now() + timedelta(seconds=settings.TOPVIEW_SUBMIT_SECONDS)
    is_late = monotonic() - intended_at > _margin()
    if is_late or submission.lease_until is None or ends_at > submission.lease_until:
        write_not_sent(submission)
        return
    try:
        accepted = client.submit(_step(submission).wire.submit_path, body)
    except TopViewError as error:
        checkpoint("submit.answered", submission)
        write_error(submission, error)
        circuit_breaker.note(submission.task.credential.service, error)
    except SystemExit:
        # The queue's own time limit: the request may be on its way, so the outcome is not known.
        write_unknown(submission, cause="no-answer")
        raise
    else:
        checkpoint("submit.answered", submission)
        write_acceptance(submission, accepted)
        circuit_breaker.note(submission.task.credential.service)
        checkpoint("submit.accepted", submission)


def _step(submission: Submission) -> Step:
    return kinds.step(submission.task.kind, submission.step)


def _places(submission: Submission) -> dict[str, str]:
    """On which board TopView files it and where it may call back: what the call takes, and there is."""
    wire = _step(submission).wire
    board_id = submission.task.credential.board_id if wire.board_media else ""
    address = callback_address(submission.token) if wire.takes_notice else ""
    return {key: value for key, value in (("boardId", board_id), ("noticeUrl", address)) if value}
