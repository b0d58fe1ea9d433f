"""Fragments for the picker's dialog: a catalog's catalog, or the library's files of one role."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tasks.access import PortalRequest, marketer
from tasks.forms.catalogs.search import CatalogFilter, search
from tasks.forms.tasks.filters import LIBRARY_ROLES, LibraryFilter
from tasks.forms.tasks.sources import facts_of
from tasks.kinds.base.limits import Limits
from tasks.models import Credential, Upload
from tasks.views.catalogs.labels import CATALOGS, account_asked, filters_of, freshness_of
from tasks.views.http.paging import address, page_of
from tasks.views.tasks.selection import Chosen, of_entry, of_upload

_TILES = 24


@require_safe
@marketer
def catalog_picker(request: PortalRequest, catalog: str) -> HttpResponse:
    """What one catalog offers on the account that the form names."""
    if catalog not in CATALOGS or not CATALOGS[catalog].can_pick:
        raise Http404("no such catalog")
    usable = Credential.objects.usable().filter(workspace=request.membership.workspace_id)
    credential = account_asked(request, list(usable.order_by("created_at")))
    asked = CatalogFilter.read(request.GET)
    here = reverse("catalog-picker", args=[catalog])
    context = {"catalog": catalog, "asked": asked, "here": here, "account": request.GET.get("account", "")}
    if credential is None:
        return render(request, "catalogs/_picker.html", context)
    found = search(credential, catalog, asked, request.membership)
    context |= {
        "found": found,
        "items": [of_entry(entry) for entry in found.entries],
        "favourites": found.favourites,
        "filters": filters_of(catalog, found, asked),
        "freshness": freshness_of(credential, catalog),
        "more_url": address(here, request.GET, page=asked.page + 1) if found.has_more else "",
    }
    template = "catalogs/_picker_items.html" if asked.page > 1 else "catalogs/_picker.html"
    return render(request, template, context)


@require_safe
@marketer
def upload_picker(request: PortalRequest, role: str) -> HttpResponse:
    """The library's files of one role, newest first."""
    if role not in LIBRARY_ROLES:
        raise Http404("no such role")
    asked = LibraryFilter(role, LibraryFilter.read(request.GET).q)
    page = page_of(
        asked.apply(Upload.objects.for_library(request.membership.workspace).ready()),
        request.GET,
        size=_TILES,
    )
    limits = Limits.from_query(role, request.GET.dict())  # type: ignore[arg-type]  # looked at above
    here = reverse("upload-picker", args=[role]) + (f"?{limits.as_query()}" if limits else "")
    context = {
        "role": role,
        "asked": asked,
        "here": here,
        "items": [_fitted(upload, limits) for upload in page.rows],
        "more_url": address(reverse("upload-picker", args=[role]), request.GET, before=page.older)
        if page.older
        else "",
    }
    first = "before" not in request.GET
    return render(request, "library/_picker.html" if first else "library/_picker_items.html", context)


def _fitted(upload: Upload, limits: Limits | None) -> Chosen:
    """A file as the picker shows it: with the reason when the field that asks does not take it."""
    problems = limits.problems(facts_of(upload)) if limits else ()
    return replace(of_upload(upload), problem=" ".join(problems))
