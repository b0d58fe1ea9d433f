"""The money path: one claimed row, one intent on disk, one POST, and every end of it written down."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks.commands.blobs import BlobMissing
from tasks.commands.checkpoint import checkpoint
from tasks.commands.clients import client_for
from tasks.commands.outcomes import (
    cause_of,
    detail_of,
    ending_of,
    mark_credential,
    reason_of,
    wait_before_repeat,
)
from tasks.commands.prepare import forget_files, send_files
from tasks.kinds import kind
from tasks.kinds.base import Step, UnusableBrief
from tasks.models import IN_FLIGHT, Credential, Status, Submission
from tasks.topview.client import TopViewClient
from tasks.topview.errors import AfterSubmit, NotFound, TopViewError, UploadRefused
from tasks.topview.results import Accepted
from tasks.vault import VaultError

logger = logging.getLogger(__name__)

# The lease of a submit outlasts the POST's own deadline by this at most.
_SUBMIT_MARGIN_SECONDS = 30.0
# How soon a row that has to wait for its credential is looked at again.
_WAIT_SECONDS = 5
# TopView's code for a file, a task or an avatar that it does not have. A bare HTTP 404 says nothing of files.
_FILE_UNKNOWN = "4004"
# How often a file may be refused by the store before the task fails.
_MOST_UPLOAD_TRIES = 5


def submit(*, submission_id: UUID) -> None:
    """Carry a queued submission to TopView. Does nothing when somebody else has it."""
    holder = secrets.token_hex(8)
    submission = _claim(submission_id, holder)
    if submission is None:
        return
    checkpoint("submit.claimed")
    try:
        client = client_for(submission.task.credential)
    except VaultError:
        _put_back(
            submission, holder, reason=_("The credential's key cannot be read. An admin must add it again.")
        )
        return
    try:
        body = _prepare(submission, holder, client)
        if body is not None and _intend(submission, holder, body):
            checkpoint("submit.intent")
            _send(submission, client, body)
    finally:
        client.close()


def _claim(submission_id: UUID, holder: str) -> Submission | None:
    rows = Submission.objects.select_related("task__credential", "task__owner")
    submission = rows.filter(pk=submission_id, status=Status.QUEUED, next_at__lte=timezone.now()).first()
    if submission is None or _must_wait(submission):
        return None
    lease = timezone.now() + timedelta(seconds=settings.TAKEOVER_SECONDS)
    won = submission.advance(Status.PREPARING, cause="claimed", lease_holder=holder, lease_until=lease)
    return submission if won else None


def _must_wait(submission: Submission) -> bool:
    """Whether the credential has no room now; the row then says why and is looked at again soon."""
    credential = submission.task.credential
    if not credential.is_usable:
        words = _("Waiting: the credential “%(name)s” cannot be used. %(reason)s")
        _wait(submission, words % {"name": credential.name, "reason": credential.state_reason})
        return True
    busy = Submission.objects.filter(task__credential=credential, status__in=IN_FLIGHT).count()
    if busy >= credential.max_in_flight:
        _wait(
            submission,
            _("Waiting for its turn: TopView is at work on as many tasks as this account may have."),
        )
        return True
    return False


def _wait(submission: Submission, reason: str) -> None:
    later = timezone.now() + timedelta(seconds=_WAIT_SECONDS)
    rows = Submission.objects.filter(pk=submission.pk, status=Status.QUEUED)
    if rows.update(next_at=later, reason=reason[:500]) and submission.reason != reason[:500]:
        submission.task.touch()


def _prepare(submission: Submission, holder: str, client: TopViewClient) -> dict[str, Any] | None:
    """The body to send, or None when the submission has moved elsewhere."""
    task = submission.task
    try:
        file_ids = send_files(task=task, client=client, alive=lambda: _renew(submission, holder))
        checkpoint("submit.files-sent")
        return {**_step(submission).body(task.brief, file_ids), **_notice_address(submission)}
    except UnusableBrief as error:
        _fail(submission, holder, reason=_("The task's input cannot be used: %s") % error)
    except BlobMissing:
        words = _(
            "A file of this task is no longer whole in the portal's storage. Bring it again in a new task."
        )
        _fail(submission, holder, reason=words)
    except TopViewError as error:
        _settle_preparation(submission, holder, error)
    return None


def _settle_preparation(submission: Submission, holder: str, error: TopViewError) -> None:
    """Nothing was paid yet: wait and prepare again, unless the input is refused for good."""
    task = submission.task
    mark_credential(task.credential, error)
    log_error("submit.preparation-failed", submission, error)
    hopeless = error.after_submit is AfterSubmit.REFUSED and not _credential_is_to_blame(task.credential)
    if hopeless and (not isinstance(error, UploadRefused) or submission.tries >= _MOST_UPLOAD_TRIES):
        _fail(submission, holder, reason=reason_of(error), detail=detail_of(error))
        return
    later = wait_before_repeat(error, tries=submission.tries)
    _put_back(submission, holder, reason=reason_of(error), cause=cause_of(error), next_at=later)


def _credential_is_to_blame(credential: Credential) -> bool:
    credential.refresh_from_db(fields=["state"])
    return not credential.is_usable


def _renew(submission: Submission, holder: str) -> None:
    lease = timezone.now() + timedelta(seconds=settings.TAKEOVER_SECONDS)
    Submission.objects.filter(pk=submission.pk, lease_holder=holder).update(lease_until=lease)


def _put_back(
    submission: Submission, holder: str, *, reason: str, cause: str = "unreachable", **facts: Any
) -> None:
    facts.setdefault("next_at", timezone.now() + timedelta(seconds=60))
    submission.advance(
        Status.QUEUED,
        cause=cause,
        holder=holder,
        detail=reason,
        reason=reason[:500],
        tries=F("tries") + 1,
        **facts,
    )


def _fail(submission: Submission, holder: str, *, reason: str, detail: str = "") -> None:
    submission.advance(
        Status.FAILED,
        cause="input-refused",
        holder=holder,
        detail=detail,
        reason=reason[:500],
        finished_at=timezone.now(),
    )


def _intend(submission: Submission, holder: str, body: dict[str, Any]) -> bool:
    """Put the intent on disk. Whoever wins this move, and nobody else, may send."""
    now = timezone.now()
    margin = min(_SUBMIT_MARGIN_SECONDS, settings.TAKEOVER_SECONDS)
    return submission.advance(
        Status.SUBMITTING,
        cause="intent",
        holder=holder,
        body_digest=hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest(),
        intent_at=now,
        reason="",
        lease_until=now + timedelta(seconds=settings.TOPVIEW_SUBMIT_SECONDS + margin),
    )


def _send(submission: Submission, client: TopViewClient, body: dict[str, Any]) -> None:
    """The one POST. Whatever happens to it is written before this process does anything else."""
    try:
        accepted = client.submit(_step(submission).submit_path, body)
    except TopViewError as error:
        checkpoint("submit.answered")
        _write_error(submission, error)
    except SystemExit:
        # The queue's own time limit: the request may be on its way, so the outcome is not known.
        _write_unknown(submission, cause="no-answer")
        raise
    else:
        checkpoint("submit.answered")
        write_acceptance(submission, accepted)
        checkpoint("submit.accepted")


def write_acceptance(submission: Submission, accepted: Accepted) -> None:
    """Write TopView's answer, even one so late that the outcome already counted as unknown."""
    now = timezone.now()
    facts: dict[str, Any] = {
        "remote_id": accepted.task_id,
        "notice_uuid": accepted.notice_uuid or "",
        "accepted_at": now,
        "next_at": now + timedelta(seconds=settings.REFRESH_SECONDS),
        "lease_until": None,
        "reason": "",
    }
    if submission.advance(Status.RUNNING, cause="accepted", **facts):
        Credential.objects.filter(pk=submission.task.credential_id).update(last_success_at=now)
        logger.info("submit.accepted", extra={"submission": str(submission.pk)})
        return
    submission.refresh_from_db()
    if submission.status in (Status.UNKNOWN, Status.ABANDONED):
        submission.advance(Status.RUNNING, cause="evidence", **facts)
    elif submission.remote_id != accepted.task_id:
        words = _("TopView answered late with another task id: %s. Compare both on TopView's own site.")
        Submission.objects.filter(pk=submission.pk).update(attention=(words % accepted.task_id)[:500])
        submission.task.touch()


def _write_error(submission: Submission, error: TopViewError) -> None:
    ending = ending_of(error)
    mark_credential(submission.task.credential, error)
    log_error("submit.ended", submission, error, status=ending.status)
    if error.code == _FILE_UNKNOWN and isinstance(error, NotFound) and _resend_files(submission):
        return
    facts: dict[str, Any] = {"reason": ending.reason, "error_code": ending.code, "lease_until": None}
    if ending.status == Status.QUEUED:
        facts |= {"next_at": wait_before_repeat(error, tries=submission.tries), "tries": F("tries") + 1}
    elif ending.status == Status.REFUSED:
        facts["finished_at"] = timezone.now()
    submission.advance(ending.status, cause=ending.cause, detail=ending.detail, **facts)


def _resend_files(submission: Submission) -> bool:
    """TopView does not know an input any more: once, its file ids are dropped and the files sent again."""
    if submission.files_resent or not submission.task.uploads.exists():
        return False
    forget_files(task=submission.task)
    words = _("TopView no longer had a file of this task. It is sent again.")
    return submission.advance(
        Status.QUEUED,
        cause="resend-file",
        files_resent=True,
        lease_until=None,
        next_at=timezone.now(),
        reason=words,
    )


def _write_unknown(submission: Submission, *, cause: str) -> None:
    words = _("The connection to TopView broke before it answered. It may have accepted the task.")
    submission.advance(Status.UNKNOWN, cause=cause, lease_until=None, reason=words)


def _step(submission: Submission) -> Step:
    return kind(submission.task.kind).step(submission.step)


def _notice_address(submission: Submission) -> dict[str, str]:
    """Where TopView may call back, when the portal has a public address for it."""
    base = settings.NOTICE_URL.rstrip("/")
    return {"noticeUrl": f"{base}/notices/{submission.token}/"} if base else {}


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
