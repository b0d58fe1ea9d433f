"""What TopView says of the accounts: balance and disk space; for admins, every charge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tasks.access import PortalRequest, administrator, credential_for, marketer
from tasks.commands.ledger.charges import ask_charges
from tasks.forms.accounts.charges import WHOSE, ChargeFilter
from tasks.models import Charge, Credential
from tasks.names import download_name
from tasks.views.accounts.charge_rows import csv_lines, lines_of, type_labels, type_word
from tasks.views.http.formatting import credits_words, exact
from tasks.views.http.paging import address, page_of
from tasks.views.http.responses import SeeOther
from tasks.views.http.serving import disposition

POLL_SECONDS = 2
# A reading that was asked for and has not come by then is no longer waited for.
_PATIENCE = timedelta(seconds=60)
# The schedule reads the log every ten minutes; much older, something is in the way.
_STALE = timedelta(minutes=35)
_TIMELESS_SHOWN = 50
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Card:
    credential: Credential
    balance: str
    balance_at: datetime | None
    space_used: int | None
    space_most: int | None
    space_words: str


@dataclass(frozen=True, slots=True)
class Month:
    """What an account was charged in a month."""

    begins: datetime
    total: str
    count: int


@require_safe
@marketer
def account(request: PortalRequest) -> HttpResponse:
    """Every account of the workspace: its balance for those who spend, its space and log for admins."""
    rows = Credential.objects.for_settings(request.membership.workspace)
    return render(request, "accounts/account.html", {"cards": [_card(row) for row in rows]})


@require_safe
@administrator
def account_log(request: PortalRequest, credential_id: UUID) -> HttpResponse:
    """One account with its charges, newest first."""
    credential = credential_for(request.membership, credential_id)
    labels = type_labels()
    context = {
        "types": [(name, type_word(name, labels)) for name in Charge.objects.task_types(credential)],
        "whose": WHOSE.items(),
    }
    return render(request, "accounts/credit_log.html", context | _log_context(request, credential))


@require_safe
@administrator
def account_log_rows(request: PortalRequest, credential_id: UUID) -> HttpResponse:
    """The part that changes, while a reading is waited for; 204 until it has come."""
    credential = credential_for(request.membership, credential_id)
    asked_at = _asked_at(request.GET)
    if _is_reading(credential, asked_at):
        return HttpResponse(status=204)
    return render(request, "accounts/_credit_log.html", _log_context(request, credential))


@require_POST
@administrator
def account_refresh(request: PortalRequest, credential_id: UUID) -> HttpResponse:
    """Have the worker read the log and the disk space now."""
    credential = credential_for(request.membership, credential_id)
    ask_charges(credential=credential)
    messages.success(request, _("The credit log is being read."))
    here = reverse("account-log", args=[credential.pk])
    return SeeOther(f"{here}?asked={int(timezone.now().timestamp())}")


@require_safe
@administrator
def account_csv(request: PortalRequest, credential_id: UUID) -> HttpResponseBase:
    """The log for a spreadsheet, with the page's filters; sent while it is read, however long it is."""
    credential = credential_for(request.membership, credential_id)
    rows = ChargeFilter.read(request.GET).apply(Charge.objects.for_log(credential)).with_tasks()
    name = f"{download_name(credential.name, fallback='account')}-charges.csv"
    return StreamingHttpResponse(
        csv_lines(rows.iterator(chunk_size=_CHUNK)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": disposition(name, attached=True)},
    )


def _card(credential: Credential) -> Card:
    used, most = credential.space_used, credential.space_most
    words = ""
    if used is not None:
        words = filesizeformat(used)
        if most:
            words = _("%(used)s of %(most)s") % {"used": words, "most": filesizeformat(most)}
    balance = "" if credential.balance is None else credits_words(credential.balance)
    return Card(credential, balance, credential.balance_at, used, most, words)


def _log_context(request: PortalRequest, credential: Credential) -> dict[str, Any]:
    filters = ChargeFilter.read(request.GET)
    charges = filters.apply(Charge.objects.for_log(credential))
    page = page_of(charges.with_tasks(), request.GET, by="charged_at")
    timeless = filters.apply(Charge.objects.timeless(credential)).with_tasks()
    months = charges.months(timezone.get_current_timezone(), timezone.now())
    here, kept = reverse("account-log", args=[credential.pk]), filters.kept()
    return {
        "card": _card(credential),
        "filters": filters,
        "lines": lines_of(page.rows),
        "timeless": lines_of(timeless[:_TIMELESS_SHOWN]) if page.is_first else [],
        # SQLite adds in binary fractions.
        "months": [
            Month(begins, credits_words(total.quantize(Decimal("0.0001"))), count)
            for begins, total, count in months
        ],
        "older_url": address(here, kept, before=page.older) if page.older else "",
        "newer_url": address(here, kept, after=page.newer) if page.newer else "",
        "csv_url": address(reverse("account-csv", args=[credential.pk]), kept),
        **_reading(request, credential),
    }


def _reading(request: PortalRequest, credential: Credential) -> dict[str, Any]:
    """When the log was last read, and whether a reading is on its way."""
    asked_at, read_at = _asked_at(request.GET), credential.charges_read_at
    is_reading = _is_reading(credential, asked_at)
    rows = reverse("account-log-rows", args=[credential.pk])
    return {
        "read_at": read_at,
        "read_exact": exact(read_at) if read_at else "",
        "is_reading": is_reading,
        "is_stale": read_at is not None and read_at < timezone.now() - _STALE,
        "poll_url": address(rows, request.GET) if is_reading else "",
        "poll_seconds": POLL_SECONDS,
    }


def _asked_at(asked: QueryDict) -> datetime | None:
    """When the person asked for a reading, as the address says."""
    text = asked.get("asked", "")
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) <= 10 else None


def _is_reading(credential: Credential, asked_at: datetime | None) -> bool:
    if asked_at is None or timezone.now() - asked_at > _PATIENCE:
        return False
    return credential.charges_read_at is None or credential.charges_read_at < asked_at
