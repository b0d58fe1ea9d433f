"""Writes down what is to leave, in the transaction of whoever has something to tell."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tasks.commands.runtime.queue import SEND_MAIL, nudge
from tasks.models import Mail, MailCause, MailState, Membership, Role, User, Workspace

# How long the page of status can tell what became of a mail.
_KEPT = timedelta(days=30)


@transaction.atomic
def post(
    cause: MailCause,
    *,
    user: User | None = None,
    address: str = "",
    workspace: Workspace | None = None,
    **facts: str,
) -> Mail:
    """Have a mail sent to the person, or to an address. `facts` are ids and codes, never words or tokens.

    With a workspace it is for members: who has left it meanwhile gets nothing.
    """
    mail = Mail.objects.create(cause=cause, user=user, address=address, workspace=workspace, facts=facts)
    nudge(SEND_MAIL, mail.pk)
    return mail


@transaction.atomic
def tell_admins(
    cause: MailCause, *, workspace: Workspace, also: User | None = None, **facts: str
) -> list[Mail]:
    """Mail each active admin of the workspace, and `also`, a further member whom it concerns."""
    concerned = Q(role=Role.ADMIN) | Q(user=also) if also else Q(role=Role.ADMIN)
    rows = Membership.objects.filter(concerned, workspace=workspace, user__is_active=True)
    people = [member.user for member in rows.select_related("user").order_by("created_at")]
    return [post(cause, user=person, workspace=workspace, **facts) for person in people]


def send_test(*, user: User) -> bool:
    """Have a mail sent that says only that mail works; False while an earlier one still waits."""
    if Mail.objects.waiting().filter(cause=MailCause.TEST, user=user).exists():
        return False
    post(MailCause.TEST, user=user)
    return True


def sweep_mail() -> None:
    """Forget what has left, or could not, some weeks ago."""
    ended = Mail.objects.exclude(state=MailState.WAITING)
    ended.filter(ended_at__lt=timezone.now() - _KEPT).delete()


def forget_waiting() -> None:
    """After a restored backup: what waited then has left since, or is out of date."""
    Mail.objects.waiting().delete()
