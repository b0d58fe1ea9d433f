"""Callbacks: nothing is signed, so each is only a hint to poll at once."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from tasks.commands.evidence.claims import write_claim
from tasks.commands.submissions.api_log import keep_callback
from tasks.models import WATCHED, Callback, Claim, ClaimOutcome, ClaimSource, Credential, Submission
from tasks.text import UNSTORABLE, storable

# Kept of one paid call: more than any honest caller sends. Whoever learnt its address cannot fill the disk,
# nor keep a true callback out.
_MOST = 20
# Words of a callback that are kept; its result is asked for again with our own credential.
_KEPT = ("bizType", "status", "errorMsg")
# How it is noted whether the sender knew the account's uid.
_UID_MATCHES = "uidMatches"


def receive_callback(*, token: str, uid: str, body: dict[str, Any]) -> Callback | None:
    """Store a callback and make its submission due at once. None when the token is nobody's.

    It may come late, twice, out of order or from a stranger who learnt the address: none of it changes more
    than the time of the next query.
    """
    submission = _meant(token)
    if submission is None:
        return None
    keep_callback(submission=submission, body=body)
    with transaction.atomic():
        callback, is_new = _kept(submission, uid, body)
        if is_new and callback.remote_id and not submission.remote_id:
            _claim(submission, callback.remote_id)
        Submission.objects.filter(pk=submission.pk, status__in=WATCHED).update(next_at=timezone.now())
        _note_reached(submission, uid)
    return callback


def _note_reached(submission: Submission, uid: str) -> None:
    """What names the account came from TopView: our address is reached, whatever a check has said of it."""
    credential = submission.task.credential
    if credential.callback_problem and uid == credential.uid:
        Credential.objects.filter(pk=credential.pk).update(callback_problem=None)


def _meant(token: str) -> Submission | None:
    if not token or UNSTORABLE.search(token):
        return None
    return Submission.objects.filter(token=token).select_related("task__credential").first()


def _kept(submission: Submission, uid: str, body: dict[str, Any]) -> tuple[Callback, bool]:
    """The callback's row, and whether it is new.

    Where there are too many, it takes the place of the one that matters least.
    """
    facts = _redacted(body, uid, submission)
    names = {"uuid": _text(body.get("uuid", ""), 120), "remote_id": _text(body.get("taskId", ""), 120)}
    mine = list(Callback.objects.filter(submission=submission).order_by("pk"))
    if len(mine) >= _MOST and not any(_is_named(one, names) for one in mine):
        looked_into = _looked_into(submission)
        worth = {one.pk: 0 if one.remote_id in looked_into else _worth(one.body) for one in mine}
        least = min(mine, key=lambda one: worth[one.pk])
        if worth[least.pk] > _worth(facts):
            return mine[-1], False
        _forget(least, [one for one in mine if one != least])
    defaults = {"workspace_id": submission.workspace_id, "body": facts}
    return Callback.objects.get_or_create(submission=submission, **names, defaults=defaults)


def _claim(submission: Submission, remote_id: str) -> None:
    """Where nobody knows TopView's task of the call, it may be this one, though it was not a while ago."""
    claim = write_claim(submission, remote_id=remote_id, source=ClaimSource.CALLBACK)
    dropped = Claim.objects.filter(pk=claim.pk, outcome=ClaimOutcome.DROPPED)
    dropped.update(outcome=ClaimOutcome.OPEN, settled_at=None, asked_at=None)


def _looked_into(submission: Submission) -> set[str]:
    """Tasks that callbacks named and TopView was asked about: they are worth nothing more."""
    claims = Claim.objects.filter(submission=submission, source=ClaimSource.CALLBACK)
    return set(claims.exclude(settled_at=None).values_list("remote_id", flat=True))


def _forget(callback: Callback, others: list[Callback]) -> None:
    callback.delete()
    if all(one.remote_id != callback.remote_id for one in others):
        claims = Claim.objects.filter(submission=callback.submission_id, source=ClaimSource.CALLBACK)
        claims.filter(remote_id=callback.remote_id).exclude(outcome=ClaimOutcome.FOLLOWED).delete()


def _is_named(callback: Callback, names: dict[str, str]) -> bool:
    return callback.uuid == names["uuid"] and callback.remote_id == names["remote_id"]


def _worth(facts: dict[str, Any]) -> int:
    """Most is what names the account, as strangers hardly can."""
    return 2 if facts.get(_UID_MATCHES) else 1


def _redacted(body: dict[str, Any], uid: str, submission: Submission) -> dict[str, Any]:
    kept = {name: _text(body[name], 300) for name in _KEPT if body.get(name) is not None}
    return {**kept, _UID_MATCHES: uid == submission.task.credential.uid}


def _text(value: object, length: int) -> str:
    return storable(str(value)[:length])
