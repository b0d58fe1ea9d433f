"""The part of the status page about mail, and its test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tasks.access import PortalRequest, caretaker
from tasks.commands.notifications.outbox import send_test
from tasks.models import Mail, MailState
from tasks.views.frame.health_state import MailSigns, Signs
from tasks.views.http.formatting import exact
from tasks.views.http.responses import see_other

_MOST_COUNTED = 1000
_GIVEN_UP_SHOWN = 5
_LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class MailLine:
    cause: str
    recipient: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class MailPart:
    signs: MailSigns
    is_late: bool
    sent: str
    failed: str
    waiting: int
    oldest: datetime | None
    given_up: list[MailLine]
    is_shown_only: bool


def mail_part(request: PortalRequest, signs: Signs) -> MailPart:
    """How mail is; what could not be sent is named to whom it concerns."""
    mail = signs.mail
    return MailPart(
        signs=mail,
        is_late=mail.is_late(signs.now),
        sent=exact(mail.sent_at) if mail.sent_at else "",
        failed=exact(mail.failed_at) if mail.failed_at else "",
        waiting=Mail.objects.waiting()[:_MOST_COUNTED].count(),
        oldest=mail.oldest,
        given_up=_given_up(request),
        is_shown_only=settings.EMAIL_BACKEND.endswith("console.EmailBackend"),
    )


def _given_up(request: PortalRequest) -> list[MailLine]:
    """An admin reads of the workspace's own mail, an owner of all."""
    rows = Mail.objects.filter(state=MailState.GIVEN_UP, ended_at__gt=timezone.now() - _LATELY)
    if not request.user.is_owner:
        rows = rows.filter(workspace=request.membership.workspace_id)
    return [
        MailLine(
            row.get_cause_display(),
            row.recipient,
            row.get_error_display(),
            exact(row.ended_at or row.created_at),
        )
        for row in rows.select_related("user").order_by("-ended_at")[:_GIVEN_UP_SHOWN]
    ]


@require_POST
@caretaker
def mail_test(request: PortalRequest) -> HttpResponse:
    """Have a mail sent to the person who asks."""
    words = {"address": request.user.email}
    if send_test(user=request.user):
        messages.success(request, _("A test mail to %(address)s is on its way.") % words)
    else:
        messages.info(request, _("An earlier test mail to %(address)s still waits.") % words)
    return see_other("portal-status")
