"""Settings: the address at which TopView calls back, and whether it can be reached. For admins."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tasks.access import PortalRequest, administrator, credential_for
from tasks.audit import Verb
from tasks.commands.accounts.callback_check import ask_callback_check, callback_address
from tasks.models import AuditEvent, Callback, Credential, Workspace
from tasks.views.http.responses import see_other
from tasks.wording import cause_words

POLL_SECONDS = 2
DAYS = 7
# A check that has not answered by then is no longer waited for.
_PATIENCE = timedelta(seconds=90)
# Stands in the page where the secret part of an address would be.
_HIDDEN = "••••••••"


@dataclass(frozen=True, slots=True)
class Line:
    """One credential and the last check with it."""

    credential: Credential
    is_checking: bool
    is_overdue: bool
    problem: str
    checked_at: datetime | None


@require_safe
@administrator
def callbacks(request: PortalRequest) -> HttpResponse:
    """What callbacks do here, where they come in, and how many came."""
    since = timezone.now() - timedelta(days=DAYS)
    came = Callback.objects.filter(workspace=request.membership.workspace_id)
    context = {
        "address": callback_address(_HIDDEN),
        "days": DAYS,
        "count": came.filter(received_at__gte=since).count(),
        "newest": came.aggregate(newest=Max("received_at"))["newest"],
    }
    return render(request, "accounts/callbacks.html", context | _checks(request.membership.workspace))


@require_safe
@administrator
def callback_rows(request: PortalRequest) -> HttpResponse:
    """The checks, while one is on its way; 204 while nothing has changed."""
    context = _checks(request.membership.workspace)
    if context["revision"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    return render(request, "accounts/_callback_rows.html", context)


@require_POST
@administrator
def callback_check(request: PortalRequest, credential_id: UUID) -> HttpResponse:
    """Have TopView test the address with this account."""
    credential = credential_for(request.membership, credential_id)
    if settings.NOTICE_URL:
        ask_callback_check(credential=credential, actor=request.user)
        messages.success(request, _("TopView is asked to test the address."))
    else:
        messages.error(request, _("This portal has no public address, so there is nothing to test."))
    return see_other("callbacks")


def _checks(workspace: Workspace) -> dict[str, Any]:
    day_ago = timezone.now() - timedelta(days=1)
    recent = AuditEvent.objects.filter(workspace=workspace, verb=Verb.NOTICE_CHECKED, at__gte=day_ago)
    # When a check was last asked for, by the credential's id.
    asked = dict(recent.order_by("at").values_list("subject_id", "at"))
    rows = Credential.objects.for_settings(workspace)
    lines = [_line(row, asked.get(str(row.pk))) for row in rows]
    seen = [
        (str(one.credential.pk), one.is_checking, one.is_overdue, one.problem, one.checked_at)
        for one in lines
    ]
    revision = hashlib.blake2b(repr(seen).encode(), digest_size=9).hexdigest()
    waits = any(line.is_checking for line in lines)
    return {
        "lines": lines,
        "revision": revision,
        "can_check": bool(settings.NOTICE_URL),
        "poll_url": f"{reverse('callback-rows')}?seen={revision}" if waits else "",
        "poll_seconds": POLL_SECONDS,
    }


def _line(credential: Credential, asked_at: datetime | None) -> Line:
    checked_at = credential.callback_checked_at
    waits = asked_at is not None and (checked_at is None or checked_at < asked_at)
    is_late = asked_at is not None and timezone.now() - asked_at > _PATIENCE
    return Line(
        credential,
        waits and not is_late,
        waits and is_late,
        cause_words(credential.callback_problem),
        checked_at,
    )
