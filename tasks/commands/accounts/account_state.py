"""What TopView's answers say of an account: no longer accepted, out of credits, too fast, or well again."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tasks.commands.runtime.queue import TELL_OF_CREDENTIAL, nudge
from tasks.models import Credential, CredentialState
from tasks.models.credentials import LONGEST_SLOWED, CredentialQuerySet
from tasks.topview.errors import NoCredit, TopViewError, Unauthorised

# How long an account is slowed down when TopView does not say for how long, and the least in any case.
_TOO_MANY, _SLOWED_SECONDS, SHORTEST_WAIT_SECONDS = 429, 5.0, 1.0


def mark_credential(credential: Credential, error: TopViewError) -> None:
    """Disable a credential that TopView does not accept, pause one out of credits; tell its admins."""
    if error.http_status == _TOO_MANY:
        _slow_down(credential, error)
    if isinstance(error, Unauthorised):
        state = CredentialState.DISABLED
    elif isinstance(error, NoCredit):
        state = CredentialState.PAUSED
    else:
        return
    now = timezone.now()
    changed = (
        asked_with(credential)
        .filter(state=CredentialState.ACTIVE)
        .update(
            state=state,
            state_reason=error.bare_cause,
            last_failure_at=now,
            refused_at=now if state is CredentialState.DISABLED else None,
        )
    )
    if changed:
        nudge(TELL_OF_CREDENTIAL, credential.pk)


def note_answer(credential: Credential) -> None:
    """A good answer came: why the last check of an account in use did not get through holds no longer.

    Writes nothing while nothing is said of it. Why one is paused or disabled only a check's answer disproves.
    """
    if credential.state_reason:
        told = asked_with(credential).filter(state=CredentialState.ACTIVE).exclude(state_reason=None)
        told.update(state_reason=None, last_success_at=timezone.now())


def asked_with(credential: Credential) -> CredentialQuerySet:
    """Its row, unless its key was replaced meanwhile: an answer to the old key says nothing about the new."""
    return Credential.objects.filter(pk=credential.pk, encrypted_key=bytes(credential.encrypted_key))


def _slow_down(credential: Credential, error: TopViewError) -> None:
    """Leave TopView alone for a moment, in all processes."""
    seconds = error.retry_after if error.retry_after is not None else _SLOWED_SECONDS
    wait = min(timedelta(seconds=max(seconds, SHORTEST_WAIT_SECONDS)), LONGEST_SLOWED)
    Credential.objects.filter(pk=credential.pk).update(slow_until=timezone.now() + wait)
