"""What waits for the reader's decision, and what others wait for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.request import QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tasks.access import PortalRequest, member
from tasks.commands.review.rules import waiting_for
from tasks.models import Version, VersionState
from tasks.models.pieces import DECIDED
from tasks.views.http.addresses import PictureAddress
from tasks.views.http.formatting import ago, exact
from tasks.views.http.paging import Page, address, page_of
from tasks.views.review.page import MOST_WAITING

TABS = {
    "": _("Waiting for me"),
    "open": _("All in review"),
    "mine": _("Sent by me"),
    "decided": _("Decided"),
}
_COLUMNS = (
    *("number", "state", "due_on", "sort_at", "sent_at", "changed_at", "note"),
    *("piece__title", "sender__name", "sender__email"),
    *("blob", "output__blob", "output__width", "output__height", "output__role", "output__poster__sha256"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One version as the inbox shows it."""

    version: Version
    url: str
    poster_url: str
    is_upright: bool
    age: str
    sent: str
    is_overdue: bool


@require_safe
@member
def review_inbox(request: PortalRequest) -> HttpResponse:
    """What waits for the reader, the most urgent first; other tabs are newest first."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else ""
    page = _waiting(request) if not tab else page_of(_listed(request, tab), request.GET, by="changed_at")
    kept = QueryDict(mutable=True)
    kept["tab"] = tab
    here, now, picture = reverse("review-inbox"), timezone.now(), PictureAddress("output-poster")
    context = {
        "tabs": TABS.items(),
        "tab": tab,
        "rows": [_row(version, picture, now) for version in page.rows],
        "older_url": address(here, kept, before=page.older) if page.older else "",
        "newer_url": address(here, kept, after=page.newer) if page.newer else "",
    }
    return render(request, "review/inbox.html", context)


def _waiting(request: PortalRequest) -> Page:
    # One page of it is enough: what is decided makes room for the rest.
    return Page(list(_shown(waiting_for(request.membership))[:MOST_WAITING]), None, None, is_first=True)


def _listed(request: PortalRequest, tab: str) -> QuerySet[Version]:
    rows = Version.objects.filter(workspace=request.membership.workspace_id)
    if tab == "mine":
        rows = rows.filter(sender=request.user)
    elif tab == "open":
        rows = rows.filter(state=VersionState.OPEN)
    else:
        rows = rows.filter(state__in=DECIDED)
    return _shown(rows).order_by("-changed_at", "-id")


def _shown(rows: QuerySet[Version, Any]) -> QuerySet[Version, Any]:
    return rows.select_related("piece", "sender", "output__poster").only(*_COLUMNS)


def _row(version: Version, picture: PictureAddress, now: datetime) -> Row:
    output, poster = version.output, version.poster
    return Row(
        version=version,
        url=reverse("review-page", args=[version.pk]),
        poster_url=picture(output.pk, poster.sha256) if poster else "",
        is_upright=(output.height or 0) > (output.width or 0),
        age=ago(version.sent_at, now),
        sent=exact(version.sent_at),
        is_overdue=version.state == VersionState.OPEN and bool(version.due_on) and version.sort_at < now,
    )
