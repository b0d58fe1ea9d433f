"""Callbacks: nothing is signed, so each is only a hint to look at once."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.utils import timezone

from tasks.models import WATCHED, Notice, Submission

# More than any honest caller sends about one paid call; whoever learnt an address cannot fill the disk.
_MOST = 20
# NUL and half surrogate pairs, which JSON may hold and no database takes.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Words of a callback that are kept; its result is asked for again with our own credential.
_KEPT = ("bizType", "status", "errorMsg")


def receive_notice(*, token: str, uid: str, body: dict[str, Any]) -> Notice | None:
    """Store a callback and make its submission due at once. None when the token is nobody's.

    It may come late, twice, out of order or from a stranger who learnt the address: none of it changes more
    than the time of the next query.
    """
    submission = _meant(token)
    if submission is None:
        return None
    with transaction.atomic():
        notice = _kept(submission, uid, body)
        Submission.objects.filter(pk=submission.pk, status__in=WATCHED).update(next_at=timezone.now())
    return notice


def _meant(token: str) -> Submission | None:
    if not token or _UNSTORABLE.search(token):
        return None
    return Submission.objects.filter(token=token).select_related("task__credential").first()


def _kept(submission: Submission, uid: str, body: dict[str, Any]) -> Notice:
    """The callback's row; the newest one when there are too many already."""
    mine = Notice.objects.filter(submission=submission)
    if mine.count() >= _MOST and (newest := mine.order_by("pk").last()):
        return newest
    return Notice.objects.get_or_create(
        submission=submission,
        uuid=_text(body.get("uuid", ""), 120),
        remote_id=_text(body.get("taskId", ""), 120),
        defaults={"workspace_id": submission.workspace_id, "body": _redacted(body, uid, submission)},
    )[0]


def _redacted(body: dict[str, Any], uid: str, submission: Submission) -> dict[str, Any]:
    kept = {name: _text(body[name], 300) for name in _KEPT if body.get(name) is not None}
    return {**kept, "uidMatches": uid == submission.task.credential.uid}


def _text(value: object, length: int) -> str:
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", str(value)[:length])
