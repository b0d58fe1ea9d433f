"""Keeps TopView's own words about a call for a while, redacted, so that an admin can look them up."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from tasks.commands.submissions.redaction import redacted
from tasks.models import ApiLogEntry, ApiOperation, Submission
from tasks.topview.results import Envelope

logger = logging.getLogger(__name__)

# Kept of one call and sort: a callback's address may get around, and an answer may differ each time.
MOST_KEPT = 50
# Rows removed in one go, so that nobody waits for the database meanwhile.
_BATCH = 500


def keep_answer(*, submission: Submission, operation: ApiOperation, envelope: Envelope | None) -> None:
    """Keep one answer, unless it says what the last one of its sort said. Nothing came: nothing is kept.

    It is a record beside the work and never the work: a database that refuses it stops nobody.
    """
    if envelope is None:
        return
    # A bare null is no value for a column.
    body = {} if envelope.body is None else redacted(envelope.body, clean=envelope.clean)
    _keep(submission, operation, http_status=envelope.http_status, code=envelope.code or "", body=body)


def keep_callback(*, submission: Submission, body: dict[str, Any]) -> None:
    """Keep what came to a call's own address."""
    _keep(submission, ApiOperation.CALLBACK, http_status=None, code="", body=redacted(body))


def _keep(submission: Submission, operation: ApiOperation, **facts: Any) -> None:
    if not settings.ANSWERS_KEPT_DAYS:
        return
    try:
        with transaction.atomic():
            _write(submission, operation, facts)
    except DatabaseError as error:
        name = type(error).__name__
        logger.warning("answer.not-kept", extra={"submission": str(submission.pk), "error_class": name})


def _write(submission: Submission, operation: ApiOperation, facts: dict[str, Any]) -> None:
    mine = ApiLogEntry.objects.filter(submission=submission, operation=operation).order_by("-pk")
    last = mine.values("http_status", "code", "body").first()
    if last == facts:
        return
    ApiLogEntry.objects.create(
        workspace_id=submission.workspace_id, submission=submission, operation=operation, **facts
    )
    if last is not None:
        ApiLogEntry.objects.filter(
            pk__in=list(mine.values_list("pk", flat=True)[MOST_KEPT:][:_BATCH])
        ).delete()


def sweep_answers() -> None:
    """Remove what is older than ANSWERS_KEPT_DAYS, in small batches."""
    limit = timezone.now() - timedelta(days=settings.ANSWERS_KEPT_DAYS)
    while old := list(ApiLogEntry.objects.filter(at__lt=limit).values_list("pk", flat=True)[:_BATCH]):
        ApiLogEntry.objects.filter(pk__in=old).delete()
        logger.info("sweep.answers-removed", extra={"count": len(old)})
