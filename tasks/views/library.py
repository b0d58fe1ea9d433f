"""The library: every file of the workspace that may be used again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tasks.access import PortalRequest, marketer, member, upload_for
from tasks.commands.uploads import hide_upload
from tasks.forms.filters import LIBRARY_ROLES, LibraryFilter
from tasks.kinds.base.limits import UPLOAD_LIMITS
from tasks.models import AssetRole, Output, Upload
from tasks.views.answers import see_other
from tasks.views.chosen import of_upload
from tasks.views.paging import address, page_of
from tasks.views.ways import ways
from tasks.views.words import ago, exact

TILES = 48


@require_safe
@member
def library(request: PortalRequest) -> HttpResponse:
    """Tiles, newest first, filtered by role and by words of the name."""
    filters = LibraryFilter.read(request.GET)
    uploads = Upload.objects.for_library(request.membership.workspace)
    page = page_of(filters.apply(uploads), request.GET, size=TILES)
    kept = QueryDict(mutable=True)
    kept.update({"role": filters.role, "q": filters.q})
    here = reverse("library")
    context = {
        "filters": filters,
        "roles": [AssetRole(role) for role in LIBRARY_ROLES],
        "tiles": [_tile(upload, filters) for upload in _with_uses(page.rows)],
        "older_url": address(here, kept, before=page.older) if page.older else "",
        "newer_url": address(here, kept, after=page.newer) if page.newer else "",
        "here": address(here, kept),
        "accept": ",".join(limits.accept for limits in UPLOAD_LIMITS.values()),
    }
    return render(request, "library/library.html", context)


@require_safe
@member
def library_item(request: PortalRequest, upload_id: UUID) -> HttpResponse:
    """One file with its player, what it is used for, and what it can be used for."""
    upload = upload_for(request.membership, upload_id)
    context = {
        "upload": upload,
        "chosen": of_upload(upload),
        "file_url": reverse("upload-file", args=[upload.pk]),
        "added": exact(upload.created_at),
        "uses": list(upload.tasks.order_by("-created_at", "-id")[:20]),
        "ways": [(way, way.address(upload)) for way in ways(upload.role)],
        "made_from": _made_from(upload),
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
    """One file as the library shows it."""

    url: str
    name: str
    detail: str
    role: str
    preview: str
    added: str
    uses: int


def _with_uses(uploads: list[Upload]) -> list[tuple[Upload, int]]:
    """Each upload with the number of tasks that use it, in one query."""
    counted = _counts(Upload.objects.filter(pk__in=[upload.pk for upload in uploads]))
    return [(upload, counted.get(upload.pk, 0)) for upload in uploads]


def _counts(uploads: QuerySet[Upload]) -> dict[UUID, int]:
    return dict(uploads.annotate(uses=Count("tasks")).values_list("pk", "uses"))


def _tile(counted: tuple[Upload, int], filters: LibraryFilter) -> Tile:
    upload, uses = counted
    chosen = of_upload(upload)
    return Tile(
        url=reverse("library-item", args=[upload.pk]),
        name=upload.name,
        detail=chosen.detail,
        role=upload.role,
        preview=chosen.preview,
        added=ago(upload.created_at, timezone.now()),
        uses=uses,
    )


def _made_from(upload: Upload) -> Output | None:
    """The result that this file is, with its task."""
    return Output.objects.select_related("task").filter(used_as=upload).first()
