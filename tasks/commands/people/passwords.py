"""Passwords: one that is forgotten, and what follows from a change."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tasks.audit import Verb, record
from tasks.commands.notifications.outbox import post
from tasks.commands.people.email_address import forget_change
from tasks.models import Mail, MailCause, User

# So many mails to one address within the time; more would only fill somebody's box.
_MOST, _WITHIN = 3, timedelta(minutes=10)


def ask_reset(*, address: str) -> None:
    """Somebody has forgotten the password of the account with this address.

    Whether there is such an account is found out when the mail is sent: here it costs the same and leaves the
    same behind.
    """
    asked = Mail.objects.filter(cause=MailCause.PASSWORD_RESET, address=address)
    if asked.filter(created_at__gt=timezone.now() - _WITHIN)[:_MOST].count() < _MOST:
        post(MailCause.PASSWORD_RESET, address=address)


@transaction.atomic
def note_change(*, user: User, forgotten: bool, by_operator: bool = False) -> None:
    """Tell a person that their password was changed, and write it down; `forgotten`: by the reset mail."""
    # Whoever knew the old one may have asked for another address with it.
    forget_change(user=user)
    actor = None if by_operator else user
    record(Verb.PASSWORD_CHANGED, actor=actor, workspace=None, subject=user, forgotten=forgotten)
    post(MailCause.PASSWORD_CHANGED, user=user, address=user.email)
