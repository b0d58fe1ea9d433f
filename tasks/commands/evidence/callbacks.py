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
    if not token or UNSTORABLE.search(token):
        return None
    submission = Submission.objects.filter(token=token).select_related("task__credential").first()
    if submission is None:
        return None
    keep_callback(submission=submission, body=body)
    with transaction.atomic():
        callback, is_new = _kept(submission, uid, body)
        if is_new and callback.remote_id and not submission.remote_id:
            _claim(submission, callback.remote_id)
        Submission.objects.filter(pk=submission.pk, status__in=WATCHED).update(next_at=timezone.now())
        account = submission.task.credential
        if account.callback_problem and uid == account.uid:
            # TopView knows the uid: our address is reached, whatever a check has said of it.
            Credential.objects.filter(pk=account.pk).update(callback_problem=None)
    return callback


def _kept(submission: Submission, uid: str, body: dict[str, Any]) -> tuple[Callback, bool]:
    """The callback's row, and whether it is new.

    Where there are too many, it takes the place of the one that matters least.
    """
    facts: dict[str, Any] = {name: _text(body[name], 300) for name in _KEPT if body.get(name) is not None}
    facts[_UID_MATCHES] = uid == submission.task.credential.uid
    uuid, remote_id = _text(body.get("uuid", ""), 120), _text(body.get("taskId", ""), 120)
    mine = list(Callback.objects.filter(submission=submission).order_by("pk"))
    if len(mine) >= _MOST and (uuid, remote_id) not in {(one.uuid, one.remote_id) for one in mine}:
        # Tasks that callbacks named and TopView was asked about are worth nothing more.
        claims = Claim.objects.filter(submission=submission, source=ClaimSource.CALLBACK)
        looked_into = set(claims.exclude(settled_at=None).values_list("remote_id", flat=True))
        worth = {one.pk: 0 if one.remote_id in looked_into else _worth(one.body) for one in mine}
        least = min(mine, key=lambda one: worth[one.pk])
        if worth[least.pk] > _worth(facts):
            return mine[-1], False
        _forget(least, [one for one in mine if one != least])
    defaults = {"workspace_id": submission.workspace_id, "body": facts}
    return Callback.objects.get_or_create(
        submission=submission, uuid=uuid, remote_id=remote_id, defaults=defaults
    )


def _claim(submission: Submission, remote_id: str) -> None:
    """Where nobody knows TopView's task of the call, it may be this one, though it was not a while ago."""
    claim = write_claim(submission, remote_id=remote_id, source=ClaimSource.CALLBACK)
    dropped = Claim.objects.filter(pk=claim.pk, outcome=ClaimOutcome.DROPPED)
    dropped.update(outcome=ClaimOutcome.OPEN, settled_at=None, asked_at=None)


def _forget(callback: Callback, others: list[Callback]) -> None:
    callback.delete()
    if all(one.remote_id != callback.remote_id for one in others):
        claims = Claim.objects.filter(submission=callback.submission_id, source=ClaimSource.CALLBACK)
        claims.filter(remote_id=callback.remote_id).exclude(outcome=ClaimOutcome.FOLLOWED).delete()


def _worth(facts: dict[str, Any]) -> int:
    """Most is what names the account, as strangers hardly can."""
    return 2 if facts.get(_UID_MATCHES) else 1


def _text(value: object, length: int) -> str:
    return storable(str(value)[:length])
