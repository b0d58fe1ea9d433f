"""Callbacks: nothing is signed, so each is only a hint to look at once."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from tasks.models import WATCHED, Notice, Submission

# Words of a callback that are kept; its result is asked for again with our own credential.
_KEPT = ("bizType", "status", "errorMsg")


def receive_notice(*, token: str, uid: str, body: dict[str, Any]) -> Notice | None:
    """Store a callback and make its submission due at once. None when the token is nobody's.

    It may come late, twice, out of order or from a stranger who learnt the address: none of it changes more
    than the time of the next query.
    """
    submission = Submission.objects.filter(token=token).select_related("task__credential").first()
    if submission is None:
        return None
    with transaction.atomic():
        notice, _is_new = Notice.objects.get_or_create(
            submission=submission,
            uuid=str(body.get("uuid", ""))[:120],
            remote_id=str(body.get("taskId", ""))[:120],
            defaults={"workspace_id": submission.workspace_id, "body": _redacted(body, uid, submission)},
        )
        Submission.objects.filter(pk=submission.pk, status__in=WATCHED).update(next_at=timezone.now())
    return notice


def _redacted(body: dict[str, Any], uid: str, submission: Submission) -> dict[str, Any]:
    kept = {name: str(body[name])[:300] for name in _KEPT if body.get(name) is not None}
    return {**kept, "uidMatches": uid == submission.task.credential.uid}
