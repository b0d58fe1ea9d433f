"""Keeps answers whose shape nobody knows, redacted: what was paid for may stand in them."""

from __future__ import annotations

from django.utils import timezone

from tasks.commands.submissions.redaction import redacted
from tasks.models import Submission, UnexpectedAnswer
from tasks.topview.results import JsonObject


def keep(submission: Submission, answer: JsonObject, *, what: str) -> None:
    """Keep the newest odd answer of a submission; `what` says what is odd about it."""
    facts = {"body": redacted(answer), "what": what[:300], "at": timezone.now()}
    defaults = {"workspace_id": submission.workspace_id, **facts}
    UnexpectedAnswer.objects.update_or_create(submission=submission, defaults=defaults)


def forget(submission: Submission) -> None:
    """The next answer was understood: the odd one is of no use any more."""
    UnexpectedAnswer.objects.filter(submission=submission).delete()
