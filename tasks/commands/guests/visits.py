"""What guests do to get in: open a link, give its password, say or prove who they are."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from tasks.commands.guests.events import note
from tasks.commands.guests.limits import CODES_MAILED, PASSWORDS, TOKENS, attempt, forgive
from tasks.commands.guests.links import digest_of
from tasks.commands.notifications.email_links import guest_code
from tasks.commands.notifications.outbox import post
from tasks.commands.people.sign_ins import TooManyAttempts
from tasks.commands.refusals import NotPossible
from tasks.models import Guest, GuestSession, LinkAct, Mail, MailCause, ShareLink

# A browser is let in for so long, and never longer than the link lasts.
SESSION = timedelta(days=7)
_SESSION_BYTES = 32
# To one address, from all links.
_MAILS = (3, timedelta(hours=1))
CODE_LIFETIME = timedelta(minutes=20)
_CODE_TRIES = 6


class NoSuchLink(NotPossible):
    """No link has this token, or it has ended: which of them is nobody's business."""


def open_link(*, token: str, address: str) -> tuple[GuestSession, str]:
    """Let a browser in by the link: the session, and the secret by which the browser is known.

    Raises NoSuchLink, and TooManyAttempts where an address has tried many that there are not.
    """
    tried = attempt(TOKENS, "token", address)
    now = timezone.now()
    link = ShareLink.objects.filter(token_digest=digest_of(token)).first()
    if link is None:
        raise NoSuchLink(_("This link does not exist, or it has ended."))
    forgive(tried)
    if link.has_ended(now):
        raise NoSuchLink(_("This link does not exist, or it has ended."))
    secret = secrets.token_urlsafe(_SESSION_BYTES)
    with transaction.atomic():
        session = GuestSession.objects.create(
            digest=digest_of(secret),
            link=link,
            epoch=link.epoch,
            expires_at=min(now + SESSION, link.expires_at or datetime.max.replace(tzinfo=now.tzinfo)),
        )
        ShareLink.objects.filter(pk=link.pk).update(last_used_at=now)
        note(LinkAct.OPENED, link, session=session, address=address)
    return session, secret


def give_password(*, session: GuestSession, password: str, address: str) -> bool:
    """Whether it is the link's, which the session then has given. Raises TooManyAttempts before looking."""
    tried = attempt(PASSWORDS, f"password {session.link_id}", address)
    if not check_password(password, session.link.password):
        note(LinkAct.REFUSED, session.link, session=session, address=address)
        return False
    forgive(tried)
    GuestSession.objects.filter(pk=session.pk).update(gave_password=True)
    return True


def give_name(*, session: GuestSession, name: str, address: str) -> None:
    with transaction.atomic():
        session.guest = Guest.objects.create(link=session.link, name=name)
        session.save(update_fields=["guest"])
        note(LinkAct.IDENTIFIED, session.link, session=session, address=address)


def ask_code(*, session: GuestSession, name: str, mail: str, language: str, address: str) -> None:
    """Mail a code that proves the address. Raises TooManyAttempts when enough were mailed."""
    attempt(CODES_MAILED, f"mail {session.link_id}", address)
    mailed = Mail.objects.filter(cause=MailCause.GUEST_CODE, address=mail)
    most, within = _MAILS
    if mailed.filter(created_at__gt=timezone.now() - within).count() >= most:
        raise TooManyAttempts(int(within.total_seconds()))
    with transaction.atomic():
        session.guest = Guest.objects.create(
            link=session.link, name=name, mail=mail, code_asked_at=timezone.now()
        )
        session.save(update_fields=["guest"])
        post(MailCause.GUEST_CODE, address=mail, guest=str(session.guest.pk), language=language)
        note(LinkAct.CODE_SENT, session.link, session=session, address=address)


def forget_guest(*, session: GuestSession) -> None:
    """They want to say anew who they are."""
    session.guest = None
    session.save(update_fields=["guest"])


def prove_code(*, session: GuestSession, code: str, address: str) -> bool:
    """Whether it is the code that was mailed; the guest is then known by that address.

    Each try is counted before it is looked at; after six, or some minutes, the code is worth nothing.
    """
    guest = session.guest
    tries = Guest.objects.filter(
        sessions=session.pk,
        verified_at=None,
        code_tries__lt=_CODE_TRIES,
        code_asked_at__gt=timezone.now() - CODE_LIFETIME,
    )
    if guest is None or not _counted(tries):
        return False
    if not constant_time_compare(code, guest_code(guest)):
        note(LinkAct.CODE_REFUSED, session.link, session=session, address=address)
        return False
    session.guest = _verified(guest)
    session.save(update_fields=["guest"])
    note(LinkAct.IDENTIFIED, session.link, session=session, address=address)
    return True


def _counted(tries: QuerySet[Guest]) -> bool:
    # Asked of the row itself, too: whoever waits for it would otherwise go by what it was.
    rows = Guest.objects.filter(pk__in=tries, code_tries__lt=_CODE_TRIES)
    return bool(rows.update(code_tries=F("code_tries") + 1))


def _verified(guest: Guest) -> Guest:
    """The one guest of the link with this address, whichever browser they have proved it in."""
    known = Guest.objects.exclude(verified_at=None).filter(link=guest.link_id, mail=guest.mail)
    try:
        with transaction.atomic():
            if (found := known.first()) is not None:
                return found
            guest.verified_at = timezone.now()
            guest.save(update_fields=["verified_at"])
            return guest
    except IntegrityError:
        return known.get()


def leave(*, session: GuestSession) -> None:
    GuestSession.objects.filter(pk=session.pk).update(expires_at=timezone.now())
