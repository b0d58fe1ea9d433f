"""Tells the admins of a workspace by mail what they should not have to find out by themselves.

Whoever has something to tell notes by a conditional update that it is told, in the transaction that puts the
mails into the outbox: a job that runs twice tells once, and what is noted leaves.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F

from tasks.commands.notifications.outbox import tell_admins
from tasks.commands.runtime.queue import TELL_OF_CREDENTIAL, nudge
from tasks.models import Credential, CredentialState, MailCause


@transaction.atomic
def tell_of_credential(*, credential_id: UUID) -> None:
    """Tell of a credential that TopView's answers took out of use; once for each such change."""
    idle = Credential.objects.exclude(state=CredentialState.ACTIVE)
    credential = idle.select_related("workspace").filter(pk=credential_id).first()
    if credential is None or credential.told_state == credential.state:
        return
    # What was last told comes along: another job for the same change finds it different.
    seen = Credential.objects.filter(
        pk=credential.pk, state=credential.state, told_state=credential.told_state
    )
    if seen.update(told_state=credential.state):
        tell_admins(
            MailCause.CREDENTIAL,
            workspace=credential.workspace,
            credential=str(credential.pk),
            state=credential.state,
        )


def tell_what_was_missed() -> None:
    """On schedule: queue what could not be told, since the worker had died."""
    untold = Credential.objects.exclude(state=CredentialState.ACTIVE).exclude(told_state=F("state"))
    for pk in untold.values_list("pk", flat=True):
        nudge(TELL_OF_CREDENTIAL, pk)
