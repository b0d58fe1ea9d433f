"""Callbacks: nothing is signed, so each is only a hint to look at once."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.utils import timezone

from tasks.commands.answers import keep_callback
from tasks.models import OUR_CLAIMS, WATCHED, Credential, Notice, Submission

# Kept of one paid call: more than any honest caller sends. Whoever learnt its address cannot fill the disk,
# nor keep a true callback out.
_MOST = 20
# NUL and half surrogate pairs, which JSON may hold and no database takes.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Words of a callback that are kept; its result is asked for again with our own credential.
_KEPT = ("bizType", "status", "errorMsg")
# How it is noted whether the sender knew the account's uid.
_UID_MATCHES = "uidMatches"


def receive_notice(*, token: str, uid: str, body: dict[str, Any]) -> Notice | None:
    """Store a callback and make its submission due at once. None when the token is nobody's.

    It may come late, twice, out of order or from a stranger who learnt the address: none of it changes more
    than the time of the next query.
    """
    submission = _meant(token)
    if submission is None:
        return None
    keep_callback(submission=submission, body=body)
    with transaction.atomic():
        notice = _kept(submission, uid, body)
        Submission.objects.filter(pk=submission.pk, status__in=WATCHED).update(next_at=timezone.now())
        _note_reached(submission, uid)
    return notice


def _note_reached(submission: Submission, uid: str) -> None:
    """What names the account came from TopView: our address is reached, whatever a check has said of it."""
    credential = submission.task.credential
    if credential.notice_problem and uid == credential.uid:
        Credential.objects.filter(pk=credential.pk).update(notice_problem="")


def _meant(token: str) -> Submission | None:
    if not token or _UNSTORABLE.search(token):
        return None
    return Submission.objects.filter(token=token).select_related("task__credential").first()


def _kept(submission: Submission, uid: str, body: dict[str, Any]) -> Notice:
    """The callback's row. Where there are too many, it takes the place of the one that matters least."""
    facts = _redacted(body, uid, submission)
    uuid, remote_id = _text(body.get("uuid", ""), 120), _text(body.get("taskId", ""), 120)
    # Nobody speaks as a person by a callback.
    names = {"uuid": "" if uuid in OUR_CLAIMS else uuid, "remote_id": remote_id}
    mine = list(Notice.objects.that_came().filter(submission=submission).order_by("pk"))
    if len(mine) >= _MOST and not any(_is_named(one, names) for one in mine):
        least = min(mine, key=_worth)
        if _worth(least) > _worth_unseen(facts):
            return mine[-1]
        least.delete()
    defaults = {"workspace_id": submission.workspace_id, "body": facts}
    return Notice.objects.get_or_create(submission=submission, **names, defaults=defaults)[0]


def _is_named(notice: Notice, names: dict[str, str]) -> bool:
    return notice.uuid == names["uuid"] and notice.remote_id == names["remote_id"]


def _worth(notice: Notice) -> int:
    """What was looked into is worth nothing more; most is what names the account, as strangers hardly can."""
    return 0 if notice.seen_at else _worth_unseen(notice.body)


def _worth_unseen(facts: dict[str, Any]) -> int:
    return 2 if facts.get(_UID_MATCHES) else 1


def _redacted(body: dict[str, Any], uid: str, submission: Submission) -> dict[str, Any]:
    kept = {name: _text(body[name], 300) for name in _KEPT if body.get(name) is not None}
    return {**kept, _UID_MATCHES: uid == submission.task.credential.uid}


def _text(value: object, length: int) -> str:
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", str(value)[:length])
