"""A person's mail address is what they sign in with: another one counts only once it was confirmed."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from tasks.audit import Verb, record
from tasks.commands.notifications.email_links import LIFETIME, change_named
from tasks.commands.notifications.outbox import post
from tasks.models import AddressChange, Mail, MailCause, User

# So many links within the time; more would only fill a stranger's box.
_MOST, _WITHIN = 5, timedelta(hours=1)


class AddressNotChanged(Exception):
    """It stays as it is; the subclass says why."""


class TooManyLinks(AddressNotChanged):
    """Enough links have been sent for now."""


class DeadLink(AddressNotChanged):
    """The link is another person's, too old, or was followed by another wish."""


class AddressTaken(AddressNotChanged):
    """Another person signs in with it."""


@transaction.atomic
def ask_change(*, user: User, address: str) -> AddressChange:
    """Send a link to the new address, and tell the present one. Raises TooManyLinks.

    Whoever calls has looked at the person's password a moment ago.
    """
    sent = Mail.objects.filter(user=user, cause=MailCause.ADDRESS_CONFIRM)
    if sent.filter(created_at__gt=timezone.now() - _WITHIN).count() >= _MOST:
        raise TooManyLinks
    AddressChange.objects.filter(user=user).delete()
    change = AddressChange.objects.create(user=user, address=address)
    post(MailCause.ADDRESS_CONFIRM, user=user, address=address, change=str(change.pk))
    post(MailCause.ADDRESS_ASKED, user=user, address=user.email)
    record(Verb.ADDRESS_ASKED, actor=user, workspace=None, subject=user, address=address)
    return change


def change_of(*, user: User, token: str) -> AddressChange:
    """The person's own wish that the link belongs to. Raises DeadLink."""
    pk = change_named(token)
    if pk is None:
        raise DeadLink
    change = AddressChange.objects.filter(pk=pk, user=user, asked_at__gt=timezone.now() - LIFETIME).first()
    if change is None:
        raise DeadLink
    return change


def confirm_change(*, user: User, token: str) -> None:
    """Let the new address count, and tell the old one. Raises DeadLink and AddressTaken."""
    try:
        with transaction.atomic():
            _confirm(user, change_of(user=user, token=token))
    except IntegrityError:
        raise AddressTaken from None


def _confirm(user: User, change: AddressChange) -> None:
    old = user.email
    if User.objects.filter(email=change.address).exists():
        raise AddressTaken
    # Whoever took the row away first confirms it; everybody else comes too late.
    if not AddressChange.objects.filter(pk=change.pk).delete()[0]:
        raise DeadLink
    User.objects.filter(pk=user.pk).update(email=change.address)
    note_changed(user=user, old=old, new=change.address, actor=user)


def note_changed(*, user: User, old: str, new: str, actor: User) -> None:
    """Write an address that was changed down, and tell the old one."""
    record(Verb.ADDRESS_CHANGED, actor=actor, workspace=None, subject=user, old=old, new=new)
    post(MailCause.ADDRESS_CHANGED, user=user, address=old)


def forget_change(*, user: User) -> None:
    """The person wants no other address after all."""
    AddressChange.objects.filter(user=user).delete()
