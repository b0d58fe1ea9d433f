"""The library: every file of the workspace that may be used again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tasks.access import PortalRequest, marketer, member, upload_for
from tasks.commands.library.uploads import hide_upload
from tasks.forms.library.rejections import why_not_usable
from tasks.forms.tasks.filters import LIBRARY_ROLES, LibraryFilter
from tasks.forms.tasks.sources import facts_of
from tasks.kinds.base.limits import UPLOAD_LIMITS
from tasks.models import UNEXAMINED, AssetRole, Output, Upload
from tasks.models.upload_uses import MOST_USES, use_counts
from tasks.views.http.addresses import PageAddress, PictureAddress
from tasks.views.http.formatting import ago, exact
from tasks.views.http.paging import address, page_of
from tasks.views.http.playback import playback_of, preview_of
from tasks.views.http.responses import see_other
from tasks.views.tasks.selection import conversion_words, of_upload, upload_words
from tasks.views.tasks.usages import fits_nowhere, usages

TILES = 48


@require_safe
@member
def library(request: PortalRequest) -> HttpResponse:
    """Tiles, newest first, filtered by role and by words of the name."""
    context = {
        **_found(request, LibraryFilter.read(request.GET)),
        "roles": [AssetRole(role) for role in LIBRARY_ROLES],
        "accept": ",".join(limits.accept for limits in UPLOAD_LIMITS.values()),
    }
    return render(request, "library/list.html", context)


@require_safe
@member
def library_found(request: PortalRequest) -> HttpResponse:
    """The tiles of a page; 204 while no file on it has changed its state."""
    context = _found(request, LibraryFilter.read(request.GET))
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "library/_files.html", context)


def _found(request: PortalRequest, filters: LibraryFilter) -> dict[str, Any]:
    uploads = Upload.objects.for_tiles(request.membership.workspace)
    page = page_of(filters.apply(uploads), request.GET, size=TILES)
    kept = QueryDict(mutable=True)
    kept.update({"role": filters.role, "q": filters.q})
    # Which files the page shows, and in which state.
    states = " ".join(f"{row.pk.hex}.{row.state}.{row.progress}" for row in page.rows)
    seen = hashlib.sha256(states.encode()).hexdigest()[:16]
    here, asked = reverse("library"), request.GET.copy()
    asked["seen"] = seen
    return {
        "filters": filters,
        "tiles": _tiles(page.rows),
        "older_url": address(here, kept, before=page.older) if page.older else "",
        "newer_url": address(here, kept, after=page.newer) if page.newer else "",
        "here": address(here, kept),
        "seen": seen,
        "is_moving": any(upload.state in UNEXAMINED for upload in page.rows),
        "poll_url": f"{reverse('library-results')}?{asked.urlencode()}",
    }


@require_safe
@member
def library_item(request: PortalRequest, upload_id: UUID) -> HttpResponse:
    """One file with its player, what it is used for, and what it can be used for.

    204 while its state is as the asker has `seen` it.
    """
    upload = upload_for(request.membership, upload_id)
    preview = preview_of(upload.blob)
    state_seen = f"{upload.state}.{upload.progress}.{preview.state if preview else ''}"
    if request.GET.get("seen") == state_seen:
        return HttpResponse(status=204)
    is_usable = upload.is_ready and not upload.hidden_at
    context = {
        "upload": upload,
        "chosen": of_upload(upload),
        "file_url": reverse("upload-file", args=[upload.pk]) if upload.is_ready else "",
        "playback": playback_of(upload.blob, reverse("upload-file", args=[upload.pk])),
        "why_not": why_not_usable(upload),
        "conversion": conversion_words(upload),
        "state_seen": state_seen,
        "poll_seconds": 2 if upload.state in UNEXAMINED or (preview is not None and preview.is_coming) else 0,
        "added": exact(upload.created_at),
        "uses": list(upload.tasks.order_by("-created_at", "-id")[:20]),
        "usages": [(one, one.address(upload)) for one in usages(facts_of(upload))] if is_usable else [],
        "fits_nowhere": fits_nowhere(facts_of(upload)) if upload.is_ready else "",
        "made_from": Output.objects.select_related("task").filter(used_as=upload).first(),
    }
    return render(request, "library/item.html", context)


@require_POST
@marketer
def library_remove(request: PortalRequest, upload_id: UUID) -> HttpResponse:
    """Take a file out of the library; tasks keep it."""
    upload = upload_for(request.membership, upload_id)
    hide_upload(upload=upload, actor=request.user)
    messages.success(
        request, _("“%(name)s” is out of the library. Tasks that use it keep it.") % {"name": upload.name}
    )
    return see_other("library")


@dataclass(frozen=True, slots=True)
class Tile:
    url: str
    name: str
    detail: str
    role: str
    preview: str
    added: str
    uses: int  # counted to MOST_USES
    is_rejected: bool = False

    @property
    def has_many_uses(self) -> bool:
        """Whether nobody counted on."""
        return self.uses >= MOST_USES

    @property
    def icon(self) -> str:
        """What stands where no picture does."""
        return "triangle-alert" if self.is_rejected else self.role


def _tiles(uploads: list[Upload]) -> list[Tile]:
    uses = use_counts([upload.pk for upload in uploads])
    page, picture, now = PageAddress("library-item"), PictureAddress("upload-poster"), timezone.now()
    return [
        Tile(
            url=page(upload.pk),
            name=upload.name,
            detail=upload_words(upload),
            role=upload.role,
            preview=picture(upload.pk, upload.poster.sha256) if upload.poster else "",
            added=ago(upload.created_at, now),
            uses=uses.get(upload.pk, 0),
            is_rejected=upload.is_rejected,
        )
        for upload in uploads
    ]
