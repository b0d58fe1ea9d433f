"""TopView's catalogs as pages: what there is, searched, filtered and marked as favourites."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tasks.access import PortalRequest, marketer, member
from tasks.causes import Cause
from tasks.commands.catalogs.copies import ask_for_one_catalog
from tasks.commands.catalogs.photo_avatars import ORDERS
from tasks.forms.catalogs.search import CatalogFilter, CatalogPage, search, values_of
from tasks.models import CatalogEntry, Credential
from tasks.views.catalogs.labels import (
    CATALOGS,
    CatalogLabel,
    account_asked,
    accounts_of,
    catalog_address,
    filters_of,
    freshness_of,
)
from tasks.views.http.formatting import exact
from tasks.views.http.responses import see_other
from tasks.views.tasks.selection import Chosen, of_entry
from tasks.views.tasks.usages import Usage, usages_in
from tasks.wording import cause_words

# The catalog on which portraits are made.
PORTRAITS = "photo-avatars"


@require_safe
@member
def catalog_list(request: PortalRequest) -> HttpResponse:
    accounts = accounts_of(request)
    account = account_asked(request, accounts)
    rows = CatalogEntry.objects.filter(credential=account, gone_at=None) if account else None
    counts = dict(rows.values_list("catalog").annotate(Count("pk"))) if rows is not None else {}
    cards = [(catalog, counts.get(catalog.slug, 0)) for catalog in CATALOGS.values()]
    return render(request, "catalogs/list.html", {"cards": cards, "account": account})


@require_safe
@member
def catalog_page(request: PortalRequest, catalog: str) -> HttpResponse:
    if catalog not in CATALOGS:
        raise Http404("no such catalog")
    accounts = accounts_of(request)
    account = account_asked(request, accounts)
    context: dict[str, Any] = {
        "catalog": CATALOGS[catalog],
        "catalogs": CATALOGS.values(),
        "account": account,
        "accounts": accounts if len(accounts) > 1 else [],
        "query": urlencode({"account": str(account.pk)}) if account and len(accounts) > 1 else "",
    }
    if account is not None:
        can_pick, freshness = CATALOGS[catalog].can_pick, freshness_of(account, catalog)
        read_at = freshness.row.refreshed_at if freshness.row else None
        context |= _entries(request, account, catalog) if can_pick else _ethnicities(account)
        context |= {"freshness": freshness, "read_at": exact(read_at) if read_at else ""}
        making = any(not order.facts.get("problem") for order in context.get("orders", ()))
        leaving = any(tile.is_leaving for tile in context.get("tiles", ()))
        context["is_moving"] = freshness.is_asked or making or leaving
    return render(request, "catalogs/catalog.html", context)


@require_POST
@marketer
def catalog_refresh(request: PortalRequest, catalog: str) -> HttpResponse:
    """Have the list read from TopView again."""
    if catalog not in CATALOGS:
        raise Http404("no such catalog")
    account = account_asked(request, accounts_of(request))
    if account is None:
        raise Http404("no account")
    if account.is_usable:
        ask_for_one_catalog(credential=account, catalog_name=catalog)
        messages.info(request, _("The list is being read from TopView."))
    else:
        messages.warning(request, _("This account is not in use, so nothing can be read with it."))
    return see_other(catalog_address(catalog, account.pk))


@dataclass(frozen=True, slots=True)
class Tile:
    chosen: Chosen
    entry: CatalogEntry
    url: str
    is_favourite: bool
    use_url: str
    is_leaving: bool
    problem: str


def _entries(request: PortalRequest, account: Credential, catalog: str) -> dict[str, Any]:
    asked = CatalogFilter.read(request.GET)
    found = search(account, catalog, asked, request.membership)
    uses = usages_in(catalog)
    here = reverse("catalog-page", args=[catalog])
    kept = asked.as_query() | ({"account": str(account.pk)} if "account" in request.GET else {})
    return {
        "asked": asked,
        "found": found,
        "filters": filters_of(catalog, found, asked),
        "tiles": [_tile(entry, found, uses) for entry in found.entries],
        "back": _address(here, kept, found.page),
        "newer_url": _address(here, kept, found.page - 1) if found.page > 1 else "",
        "all_url": catalog_address(catalog, account.pk),
        "older_url": _address(here, kept, found.page + 1) if found.has_more else "",
        "orders": list(CatalogEntry.objects.in_catalog(account, ORDERS)) if catalog == PORTRAITS else [],
        "has_copy": not found.is_empty,
        "makes_portraits": catalog == PORTRAITS,
    }


def _address(here: str, kept: dict[str, str], page: int) -> str:
    query = kept | ({"page": str(page)} if page > 1 else {})
    return f"{here}?{urlencode(query)}" if query else here


def _tile(entry: CatalogEntry, found: CatalogPage, uses: list[Usage]) -> Tile:
    url = reverse("entry", args=[entry.pk])
    return Tile(
        chosen=of_entry(entry),
        entry=entry,
        url=url,
        is_favourite=entry.remote_id in found.favourites,
        use_url=uses[0].address(entry) if len(uses) == 1 else f"{url}#usages" if uses else "",
        is_leaving=entry.removal_asked_at is not None,
        problem=cause_words(Cause.read(entry.facts.get("removal_problem"))),
    )


@dataclass(frozen=True, slots=True)
class Ethnicity:
    """One of TopView's ethnicities, and the catalogs that hold avatars of it."""

    name: str
    holds: list[tuple[CatalogLabel, int, str]]


def _ethnicities(account: Credential) -> dict[str, Any]:
    """Names of both scenes as one list: what differs between them is the id alone."""
    names = CatalogEntry.objects.in_catalog(account, "ethnicities").values_list("name", flat=True)
    counts = {}
    for slug in ("avatars", "product-avatars"):
        rows = CatalogEntry.objects.in_catalog(account, slug).values_list("facts", flat=True)
        counts[slug] = Counter(one for facts in rows for one in values_of(facts, "ethnicity"))
    ethnicities = []
    for name in dict.fromkeys(names):
        query = urlencode({"ethnicity": name})
        ways = {slug: f"{reverse('catalog-page', args=[slug])}?{query}" for slug in counts}
        holds = [(CATALOGS[slug], counted[name], ways[slug]) for slug, counted in counts.items()]
        ethnicities.append(Ethnicity(name, holds))
    back = catalog_address("ethnicities", account.pk)
    return {"ethnicities": ethnicities, "has_copy": bool(ethnicities), "back": back}
