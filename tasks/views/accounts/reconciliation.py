"""Settings: what TopView charged and nobody here knows of, and what was made here and never charged."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tasks.access import PortalRequest, administrator, charge_for
from tasks.commands.ledger import adoption
from tasks.commands.ledger.report import never_charged, set_aside, unclaimed
from tasks.commands.refusals import NotPossible
from tasks.forms.accounts.findings import SORTS, AdoptForm, AsideForm, FindingFilter
from tasks.models import Charge, Credential
from tasks.views.accounts.finding_rows import csv_lines, lines_of
from tasks.views.frame.status_cache import answer_change
from tasks.views.http.paging import address, page_of
from tasks.views.http.responses import REFUSED, see_other
from tasks.views.tasks.follower import words_of

_CHUNK = 500
# How the lists are made, and the time by which each stands in order.
_LISTS = {
    "charged": (unclaimed, "charged_at"),
    "uncharged": (never_charged, "finished_at"),
    "aside": (set_aside, "charged_at"),
}


@require_safe
@administrator
def findings(request: PortalRequest) -> HttpResponse:
    """One sort of findings, newest first."""
    return _page(request)


@require_safe
@administrator
def findings_csv(request: PortalRequest) -> HttpResponseBase:
    """The same for a spreadsheet, with the page's filters; sent while it is read, however long it is."""
    filters = FindingFilter.read(request.GET)
    return StreamingHttpResponse(
        csv_lines(_rows(request, filters).iterator(chunk_size=_CHUNK)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="reconciliation-{filters.sort}.csv"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrator
def charge_adopt(request: PortalRequest, charge_id: int) -> HttpResponse:
    """Say what a charge was for, and have it followed."""
    charge = charge_for(request.membership, charge_id)
    form = AdoptForm(
        request.POST if request.method == "POST" else None, possible=adoption.adoptable_as(charge)
    )
    if not form.is_bound or not form.is_valid():
        status = REFUSED if form.is_bound else 200
        (line,) = lines_of([charge])
        return render(request, "accounts/charge_adopt.html", {"line": line, "form": form}, status=status)
    kind, step = form.chosen()
    try:
        task = adoption.adopt_charge(charge=charge, kind=kind, step=step, actor=request.user)
    except NotPossible as reason:
        messages.warning(request, words_of(reason))
        return see_other("reconciliation")
    said = _("TopView is asked about it, and what it has made is saved. Nothing is paid.")
    return answer_change(request, said, "task-page", task.pk)


@require_POST
@administrator
def charge_set_aside(request: PortalRequest, charge_id: int) -> HttpResponse:
    """It is nothing of this portal's."""
    charge = charge_for(request.membership, charge_id)
    form = AsideForm(request.POST)
    if not form.is_valid():
        return _page(request, refused=charge_id, form=form, status=REFUSED)
    reason = form.cleaned_data["reason"]
    won = adoption.set_charge_aside(charge=charge, actor=request.user, reason=reason)
    return _back(request, _("Set aside."), won=won)


@require_POST
@administrator
def charge_restore(request: PortalRequest, charge_id: int) -> HttpResponse:
    """It is in question again."""
    charge = charge_for(request.membership, charge_id)
    return _back(request, _("Taken back."), won=adoption.take_charge_back(charge=charge, actor=request.user))


def _back(request: PortalRequest, said: str, *, won: bool) -> HttpResponse:
    late = _("A colleague was faster: nothing was changed.")
    return answer_change(request, said, "reconciliation", won=won, late=late)


def _rows(request: PortalRequest, filters: FindingFilter) -> QuerySet[Any]:
    make, _by = _LISTS[filters.sort]
    rows: QuerySet[Any] = make(request.membership.workspace_id)
    if filters.account is None:
        return rows
    column = "credential" if rows.model is Charge else "task__credential"
    return rows.filter(**{column: filters.account})


def _page(
    request: PortalRequest, *, refused: int | None = None, form: AsideForm | None = None, status: int = 200
) -> HttpResponse:
    filters = FindingFilter.read(request.GET)
    page = page_of(_rows(request, filters), request.GET, by=_LISTS[filters.sort][1])
    here, kept = reverse("reconciliation"), filters.kept()
    context = {
        "filters": filters,
        "sorts": SORTS.items(),
        "accounts": list(Credential.objects.for_settings(request.membership.workspace)),
        "lines": lines_of(page.rows),
        "refused": refused,
        "form": form,
        "older_url": address(here, kept, before=page.older) if page.older else "",
        "newer_url": address(here, kept, after=page.newer) if page.newer else "",
        "csv_url": address(reverse("reconciliation-csv"), kept),
    }
    return render(request, "accounts/reconciliation.html", context, status=status)
