"""Fragments for the picker's dialog: a catalog's shelf, or the library's files of one role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tasks.access import PortalRequest, marketer
from tasks.forms.filters import LIBRARY_ROLES, LibraryFilter
from tasks.forms.shelf import FILTERS, ShelfFilter, sift
from tasks.models import CatalogShelf, Credential, Upload
from tasks.views.chosen import capital, gender_word, language_word, of_entry, of_upload
from tasks.views.paging import address, page_of

SHELVES = ("avatars", "own-avatars", "voices", "captions")
_TILES = 24
_LABELS: dict[str, str | Promise] = {
    "language": _("Language"),
    "gender": _("Gender"),
    "ethnicity": _("Looks"),
}


@require_GET
@marketer
def catalog_picker(request: PortalRequest, shelf: str) -> HttpResponse:
    """What one shelf offers on the account that the form names."""
    if shelf not in SHELVES:
        raise Http404("no such shelf")
    credential = _credential(request)
    asked = ShelfFilter.read(request.GET)
    here = reverse("catalog-picker", args=[shelf])
    context = {"shelf": shelf, "asked": asked, "here": here, "account": request.GET.get("account", "")}
    if credential is None:
        return render(request, "pickers/_catalog.html", context)
    found = sift(credential, shelf, asked)
    context |= {
        "found": found,
        "items": [of_entry(entry) for entry in found.entries],
        "filters": _filters(found.options, asked),
        "freshness": _freshness(credential, shelf),
        "more_url": _page_url(request.GET, here, asked.page + 1) if found.has_more else "",
    }
    template = "pickers/_catalog_items.html" if asked.page > 1 else "pickers/_catalog.html"
    return render(request, template, context)


def _credential(request: PortalRequest) -> Credential | None:
    """The account asked for, if it is the workspace's and usable; else the first one that is."""
    usable = (
        Credential.objects.usable().filter(workspace=request.membership.workspace_id).order_by("created_at")
    )
    try:
        return usable.filter(pk=UUID(request.GET.get("account", ""))).first() or usable.first()
    except ValueError:
        return usable.first()


def _page_url(asked: QueryDict, here: str, page: int) -> str:
    return address(here, asked, page=page)


@dataclass(frozen=True)
class Filter:
    """A drop-down above the shelf."""

    name: str
    label: str | Promise
    chosen: str
    options: list[tuple[str, str]]


def _filters(options: dict[str, list[str]], asked: ShelfFilter) -> list[Filter]:
    chosen = dict(asked.chosen)
    return [
        Filter(
            name,
            _LABELS[name],
            chosen.get(name, ""),
            sorted(_worded(name, options[name]), key=lambda one: one[1]),
        )
        for name in FILTERS
        if name in options
    ]


def _worded(name: str, values: list[str]) -> list[tuple[str, str]]:
    words = {"language": language_word, "gender": gender_word}.get(name, str)
    return [(value, capital(words(value))) for value in values]


@dataclass(frozen=True)
class Freshness:
    """How far the copy of a shelf can be trusted."""

    is_stale: bool
    is_asked: bool
    error: str


def _freshness(credential: Credential, shelf: str) -> Freshness:
    row = CatalogShelf.objects.filter(credential=credential, shelf=shelf).first()
    if row is None:
        return Freshness(is_stale=True, is_asked=True, error="")
    limit = timezone.now() - timedelta(hours=settings.CATALOG_HOURS)
    asked = row.asked_at is not None and (row.refreshed_at is None or row.asked_at > row.refreshed_at)
    return Freshness(row.is_stale(limit), asked and not row.error, row.error)


@require_GET
@marketer
def upload_picker(request: PortalRequest, role: str) -> HttpResponse:
    """The library's files of one role, newest first."""
    if role not in LIBRARY_ROLES:
        raise Http404("no such role")
    asked = LibraryFilter(role, LibraryFilter.read(request.GET).q)
    page = page_of(
        asked.apply(Upload.objects.for_library(request.membership.workspace)), request.GET, size=_TILES
    )
    here = reverse("upload-picker", args=[role])
    context = {
        "role": role,
        "asked": asked,
        "here": here,
        "items": [of_upload(upload) for upload in page.rows],
        "more_url": address(here, request.GET, before=page.older) if page.older else "",
    }
    first = "before" not in request.GET
    return render(request, "pickers/_uploads.html" if first else "pickers/_upload_items.html", context)
