"""Packages that were made: all of them, and one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.http.request import QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tasks.access import PortalRequest, member, package_for
from tasks.commands.delivery.approval import not_approved
from tasks.commands.delivery.archives import may_revoke, revoke
from tasks.commands.refusals import NotPossible
from tasks.models import Package, PackageAct, PackageEntry, PackageEvent
from tasks.views.http.formatting import ago, exact
from tasks.views.http.paging import address, page_of
from tasks.views.http.responses import see_other

_NOTHING_NEW = 204


@dataclass(frozen=True, slots=True)
class Row:
    """One package as the list shows it."""

    package: Package
    files: int
    downloads: int
    age: str
    made: str
    expires: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody did with it."""

    event: PackageEvent
    when: str


@require_safe
@member
def package_list(request: PortalRequest) -> HttpResponse:
    """The workspace's packages, newest first."""
    rows = Package.objects.filter(workspace=request.membership.workspace_id).select_related("made_by")
    page = page_of(rows.order_by("-created_at", "-id"), request.GET)
    # Of this page's packages alone: counted in one query with the list, all of them would be.
    files = _counted(PackageEntry.objects.filter(package__in=page.rows, blob__isnull=False))
    taken = _counted(PackageEvent.objects.filter(package__in=page.rows, act=PackageAct.DOWNLOADED))
    here, now = reverse("package-list"), timezone.now()
    context = {
        "rows": [_row(one, files.get(one.pk, 0), taken.get(one.pk, 0), now) for one in page.rows],
        "older_url": address(here, QueryDict(), before=page.older) if page.older else "",
        "newer_url": address(here, QueryDict(), after=page.newer) if page.newer else "",
    }
    return render(request, "delivery/list.html", context)


def _counted(rows: QuerySet[Any]) -> dict[UUID, int]:
    """How many there are of each package."""
    counts = rows.order_by().values_list("package").annotate(count=Count("pk"))
    return dict(counts)


def _row(package: Package, files: int, downloads: int, now: datetime) -> Row:
    return Row(
        package=package,
        files=files,
        downloads=downloads,
        age=ago(package.created_at, now),
        made=exact(package.created_at),
        expires=exact(package.expires_at),
        is_over=package.is_over(now),
    )


@require_safe
@member
def package_page(request: PortalRequest, package_id: UUID) -> HttpResponse:
    """What is in it, for how long, and who took it."""
    package = package_for(request.membership, package_id)
    if request.htmx and package.entries.filter(blob__isnull=False, blob__crc32=None).exists():
        return HttpResponse(status=_NOTHING_NEW)
    entries = list(package.entries.select_related("blob", "version__piece").defer("text"))
    is_prepared = all(entry.crc32 is not None for entry in entries)
    url = reverse("package-file", args=[package.pk, package.name])
    context = {
        "package": package,
        "files": [entry for entry in entries if entry.blob is not None],
        "texts": [entry for entry in entries if entry.blob is None],
        "refused": not_approved(package) if package.only_approved else [],
        "is_over": package.is_over(timezone.now()),
        "is_prepared": is_prepared,
        "may_revoke": may_revoke(package, request.membership),
        "made": exact(package.created_at),
        "expires": exact(package.expires_at),
        "url": url,
        "whole_url": request.build_absolute_uri(url),
        "events": [Said(one, exact(one.at)) for one in package.events.all()[:100]],
        "unapproved": _unapproved(entries) if not package.only_approved else set(),
    }
    return render(request, "delivery/package.html", context)


def _unapproved(entries: list[PackageEntry]) -> set[UUID]:
    """Versions that are not approved, of a package that may hold such."""
    return {entry.version.pk for entry in entries if entry.version and entry.version.state != "approved"}


@require_POST
@member
def package_revoke(request: PortalRequest, package_id: UUID) -> HttpResponse:
    """Hand it out no more."""
    package = package_for(request.membership, package_id)
    try:
        if revoke(package=package, membership=request.membership):
            messages.success(request, _("Nobody can download this package any more."))
    except NotPossible as refusal:
        messages.warning(request, str(refusal))
    return see_other("package-page", package.pk)
