"""Sends what waits in the outbox, one at a time over all workers.

A mail server that is silent can so hold one process of one worker, for EMAIL_TIMEOUT seconds; after a failure
that is the server's nobody asks it for a while, longer each time. A mail that was accepted while its process
died is sent once more under the same Message-ID.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tasks.commands.notifications.letters import write
from tasks.commands.runtime.lease_owner import new_holder
from tasks.commands.runtime.queue import SEND_MAIL, nudge
from tasks.models import Heartbeat, Lease, Mail, MailCause, MailState, MailTrouble

logger = logging.getLogger(__name__)

_LEASE = "mail"
# A mail has ended long before its lease does.
_MARGIN_SECONDS = 30.0
# Seconds until a mail that the server would not take yet is tried again; the last one from then on.
_PAUSES = (60, 300, 900, 3600, 3 * 3600)
# Seconds in which nobody asks a server after failures in a row.
_SILENCES = (30, 60, 120, 300, 600)
# After so long a mail is given up; what nobody waits for that long sooner.
_LIFETIME = timedelta(days=3)
_LIFETIMES = {
    MailCause.PASSWORD_RESET: timedelta(hours=1),
    MailCause.TEST: timedelta(hours=1),
    MailCause.ADDRESS_CONFIRM: timedelta(hours=12),
}
_NEVER = 500  # SMTP's codes from here on say that trying again is of no use
# What is the recipient's or the message's matter; everything else is the server's.
_OF_ONE_MAIL = (MailTrouble.RECIPIENT, MailTrouble.CONTENT)


def send_mail(*, mail_id: UUID) -> None:
    """Send this one, unless another one is being sent or the server is left alone; then see to the next."""
    holder = new_holder()
    seconds = settings.EMAIL_TIMEOUT + _MARGIN_SECONDS
    if not Lease.take(_LEASE, holder, seconds=seconds):
        return
    try:
        mail = _claim(mail_id, holder, seconds)
        if mail is not None:
            _deliver(mail, holder)
    finally:
        Lease.give_back(_LEASE, holder)
    # Only who sent goes on: a chain for each message in the queue would never end.
    if mail is not None and not _is_left_alone(timezone.now()):
        send_next()


def _claim(mail_id: UUID, holder: str, seconds: float) -> Mail | None:
    now = timezone.now()
    until = now + timedelta(seconds=seconds)
    claim = {"lease_holder": holder, "lease_until": until, "tries": F("tries") + 1, "next_at": until}
    if _is_left_alone(now) or not Mail.objects.due(now).filter(pk=mail_id).update(**claim):
        return None
    return Mail.objects.select_related("user").get(pk=mail_id)


def send_next() -> None:
    """Have the mail sent that has been due for longest."""
    for pk in Mail.objects.due(timezone.now()).values_list("pk", flat=True)[:1]:
        nudge(SEND_MAIL, pk)


def _deliver(mail: Mail, holder: str) -> None:
    mine = Mail.objects.filter(pk=mail.pk, lease_holder=holder)
    lifetime = _LIFETIMES.get(MailCause(mail.cause), _LIFETIME)
    if timezone.now() > mail.created_at + lifetime:
        _give_up(mine, mail, MailTrouble(mail.error or MailTrouble.TOO_OLD))
        return
    message = write(mail)
    if message is None:
        mine.delete()
        return
    trouble, is_final = _send(message)
    if trouble is None:
        mine.update(state=MailState.SENT, ended_at=timezone.now(), error="", lease_until=None)
        well = {"sent_at": _stamp(), "failures": 0, "alone_until": ""}
        Heartbeat.beat(Heartbeat.MAIL, facts={**_facts(), **well})
        return
    if is_final:
        _give_up(mine, mail, trouble)
    else:
        _put_off(mine, mail, trouble)
    if trouble not in _OF_ONE_MAIL:
        _note_failure(trouble)


def _give_up(mine: QuerySet[Mail], mail: Mail, trouble: MailTrouble) -> None:
    logger.error("mail.given-up", extra={"mail": str(mail.pk), "cause": mail.cause, "trouble": trouble.value})
    mine.update(state=MailState.GIVEN_UP, ended_at=timezone.now(), error=trouble, lease_until=None)


def _put_off(mine: QuerySet[Mail], mail: Mail, trouble: MailTrouble) -> None:
    logger.warning(
        "mail.not-sent", extra={"mail": str(mail.pk), "cause": mail.cause, "trouble": trouble.value}
    )
    pause = timedelta(seconds=_PAUSES[min(mail.tries, len(_PAUSES)) - 1])
    mine.update(next_at=timezone.now() + pause, error=trouble, lease_until=None)


def _send(message: EmailMessage) -> tuple[MailTrouble | None, bool]:
    """What stood in the way, None for nothing, and whether that is so for good."""
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _words in error.recipients.values()]
        return MailTrouble.RECIPIENT, min(codes, default=0) >= _NEVER
    except smtplib.SMTPDataError as error:
        return MailTrouble.CONTENT, error.smtp_code >= _NEVER
    except (smtplib.SMTPException, OSError) as error:
        return _trouble_of(error), False
    return None, False


def _trouble_of(error: Exception) -> MailTrouble:
    kinds: list[tuple[Any, MailTrouble]] = [
        (TimeoutError, MailTrouble.TIMEOUT),
        (ssl.SSLError, MailTrouble.INSECURE),
        (smtplib.SMTPNotSupportedError, MailTrouble.INSECURE),
        (smtplib.SMTPAuthenticationError, MailTrouble.SIGN_IN),
        (smtplib.SMTPSenderRefused, MailTrouble.SENDER),
        (smtplib.SMTPServerDisconnected, MailTrouble.UNREACHABLE),
        (smtplib.SMTPException, MailTrouble.OTHER),
    ]
    return next((trouble for kind, trouble in kinds if isinstance(error, kind)), MailTrouble.UNREACHABLE)


def _facts() -> dict[str, Any]:
    row = Heartbeat.objects.filter(name=Heartbeat.MAIL).first()
    return row.facts if row else {}


def _is_left_alone(now: datetime) -> bool:
    until = parse_datetime(_facts().get("alone_until", ""))
    # One further ahead than any can be was written before the clock was set back.
    return until is not None and now < until <= now + timedelta(seconds=2 * _SILENCES[-1])


def _note_failure(trouble: MailTrouble) -> None:
    facts = _facts()
    failures = int(facts.get("failures", 0)) + 1
    silence = timedelta(seconds=_SILENCES[min(failures, len(_SILENCES)) - 1])
    news = {"failed_at": _stamp(), "trouble": trouble.value, "failures": failures}
    if failures == 1:
        news["failing_since"] = _stamp()
    alone_until = (timezone.now() + silence).isoformat()
    Heartbeat.beat(Heartbeat.MAIL, facts={**facts, **news, "alone_until": alone_until})


def _stamp() -> str:
    return timezone.now().isoformat()
