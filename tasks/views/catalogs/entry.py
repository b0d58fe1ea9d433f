"""One entry of a catalog: looked at, heard, marked, used, and deleted at TopView when it is one's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tasks.access import PortalRequest, catalog_entry_for, marketer, member
from tasks.causes import Cause
from tasks.commands.catalogs.favourites import set_favourite
from tasks.commands.catalogs.own_entries import NotOurs, ask_removal, can_remove
from tasks.forms.catalogs.search import favourites_of
from tasks.kinds.base.vendor_words import fact_word
from tasks.models import CatalogEntry
from tasks.views.catalogs.labels import CATALOGS, catalog_address
from tasks.views.http.responses import see_other
from tasks.views.tasks.selection import of_entry
from tasks.views.tasks.usages import usages_in
from tasks.wording import cause_words


@require_safe
@member
def entry(request: PortalRequest, entry_id: UUID) -> HttpResponse:
    """Its picture, clip or sample, what is known of it, and every form it can be put into."""
    row = _shown(request, entry_id)
    context = _about(row) | {
        "is_favourite": row.remote_id in favourites_of(request.membership, row.catalog),
        "poll_seconds": 4 if row.removal_asked_at else 0,
        "usages": []
        if row.gone_at or row.removal_asked_at
        else [(one, one.address(row)) for one in usages_in(row.catalog)],
        "can_remove": can_remove(row),
        "problem": cause_words(Cause.read(row.facts.get("removal_problem"))),
    }
    return render(request, "catalogs/entry.html", context)


def _about(row: CatalogEntry) -> dict[str, Any]:
    return {
        "entry": row,
        "chosen": of_entry(row),
        "plan": fact_word("plan", row.facts.get("plan")),
        "catalog": CATALOGS[row.catalog],
        "catalog_url": catalog_address(row.catalog, row.credential_id),
    }


def _shown(request: PortalRequest, entry_id: UUID) -> CatalogEntry:
    row = catalog_entry_for(request.membership, entry_id)
    if row.catalog not in CATALOGS:
        raise Http404("no page for this")
    return row


@require_POST
@member
def entry_favourite(request: PortalRequest, entry_id: UUID) -> HttpResponse:
    """Mark or unmark it for this person, then back to where they were."""
    row = catalog_entry_for(request.membership, entry_id)
    wanted = request.POST.get("wanted") == "yes"
    set_favourite(entry=row, membership=request.membership, wanted=wanted)
    asked = request.POST.get("back", "")
    is_ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    back = asked if is_ours else reverse("entry", args=[row.pk])
    if not request.htmx:
        return see_other(back)
    # Not cut out of the page one came from: the entry may have left it with its star.
    context = {"entry": row, "name": row.name, "is_favourite": wanted, "back": back}
    return render(request, "catalogs/_favourite.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@marketer
def entry_remove(request: PortalRequest, entry_id: UUID) -> HttpResponse:
    """Ask first; then have the worker delete it at TopView."""
    row = _shown(request, entry_id)
    if request.method != "POST":
        if not can_remove(row):
            raise Http404("nothing to delete")
        return render(request, "catalogs/remove.html", _about(row))
    try:
        ask_removal(entry=row, actor=request.user)
    except NotOurs:
        messages.error(request, _("TopView does not let anyone delete this."))
        return see_other("entry", row.pk)
    messages.info(request, _("“%(name)s” is being deleted at TopView.") % {"name": row.name})
    return see_other("entry", row.pk)
