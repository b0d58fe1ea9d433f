"""Tells the admins of a workspace by mail what they should not have to find out by themselves.

Jobs call this: a mail server may take its time. Whoever has something to tell notes first, by a conditional
update, that it is being told, so that a job that runs twice tells once.
"""

from __future__ import annotations

import logging
from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from tasks.commands.queue import TELL_OF_CREDENTIAL, nudge
from tasks.models import Credential, CredentialState, Membership, Role, User, Workspace

logger = logging.getLogger(__name__)

Words = str | Promise

_SUBJECTS = {
    CredentialState.PAUSED: gettext_lazy("A TopView credential is paused"),
    CredentialState.DISABLED: gettext_lazy("A TopView credential is disabled"),
}
_TEXTS = {
    CredentialState.PAUSED: gettext_lazy(
        "The credential “%(name)s” of the workspace “%(workspace)s” is paused.\n%(reason)s\n\n"
        "What is queued on it waits, and goes on by itself when the account has credits again."
    ),
    CredentialState.DISABLED: gettext_lazy(
        "The credential “%(name)s” of the workspace “%(workspace)s” is disabled.\n%(reason)s\n\n"
        "What is queued on it waits, and what TopView works on is not followed until it is back in use."
    ),
}


def tell_admins(
    *, workspace: Workspace, subject: Words, text: Words, path: str = "/", also: User | None = None
) -> bool:
    """Mail each active admin of the workspace, in their language, with a link to the page at `path`.

    `also` is a further member whom it concerns. False when nobody could be reached though there is
    somebody: then it may be told again later.
    """
    concerned = Q(role=Role.ADMIN) | Q(user=also) if also else Q(role=Role.ADMIN)
    rows = Membership.objects.filter(concerned, workspace=workspace, user__is_active=True)
    admins = [member.user for member in rows.select_related("user").order_by("created_at")]
    told = [admin for admin in admins if _mail(admin, subject, f"{settings.PORTAL_URL}{path}", text)]
    return bool(told) or not admins


def _mail(admin: User, subject: Words, url: str, text: Words) -> bool:
    """One message a person: an address that is refused keeps nobody else from being told."""
    with translation.override(admin.language or settings.LANGUAGE_CODE):
        message = EmailMessage(f"Topview Portal: {subject}", f"{text}\n\n{url}\n", to=[admin.email])
    try:
        message.send()
    except (SMTPException, OSError) as error:
        logger.warning("tell.not-sent", extra={"user": str(admin.pk), "error_class": type(error).__name__})
        return False
    return True


def tell_of_credential(*, credential_id: UUID) -> None:
    """Tell of a credential that TopView's answers took out of use; once for each such change."""
    credential = Credential.objects.select_related("workspace").filter(pk=credential_id).first()
    if credential is None or credential.state not in _SUBJECTS:
        return
    state = CredentialState(credential.state)
    # What was last told comes along: another job for the same change finds it different.
    seen = Credential.objects.filter(pk=credential.pk, state=state, told_state=credential.told_state)
    if credential.told_state == state or not seen.update(told_state=state):
        return
    text = _TEXTS[state] % {
        "name": credential.name,
        "workspace": credential.workspace.name,
        "reason": credential.state_reason,
    }
    path = _remedy(credential)
    if not tell_admins(workspace=credential.workspace, subject=_SUBJECTS[state], text=text, path=path):
        Credential.objects.filter(pk=credential.pk, told_state=state).update(told_state=credential.told_state)


def _remedy(credential: Credential) -> str:
    """The page on which it is put back to use."""
    if credential.state == CredentialState.DISABLED:
        return reverse("credential-key", args=[credential.pk])
    return reverse("credential-list")


def tell_what_was_missed() -> None:
    """On schedule: queue what could not be told, since the mail server was away or the worker had died."""
    untold = Credential.objects.exclude(state=CredentialState.ACTIVE).exclude(told_state=F("state"))
    for pk in untold.values_list("pk", flat=True):
        nudge(TELL_OF_CREDENTIAL, pk)
