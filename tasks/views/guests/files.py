"""Bytes for guests: by this portal alone, and no longer than their link lets them."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponseBase
from django.views.decorators.http import require_safe

from tasks.commands.delivery.file_names import file_name
from tasks.commands.guests.copies import small_copy
from tasks.commands.guests.events import note_use
from tasks.commands.library.captions import cues_for
from tasks.guest_access import GuestRequest, Right, guest, version_for
from tasks.models import Blob, DownloadRight, LinkAct
from tasks.views.guests.entering import visitor_address
from tasks.views.http.playback import preview_of
from tasks.views.http.ranges import is_beginning
from tasks.views.http.serving import Bounds, serve_blob
from tasks.views.http.stage import captions_file, player_media_of

# Each whose downloads are counted has files of that name; guests come and go, so they share so many names.
_ASKERS = 256


@require_safe
@guest(Right.SEE)
def guest_file(request: GuestRequest, version_id: UUID) -> HttpResponseBase:
    """What was sent for review, to be shown in the page."""
    version = version_for(request.visit, version_id)
    name = f"{version.output.role}.{version.output.format or 'bin'}"
    return _served(request, version_id, version.blob, name)


@require_safe
@guest(Right.SEE)
def guest_poster(request: GuestRequest, version_id: UUID) -> HttpResponseBase:
    version = version_for(request.visit, version_id)
    return _served(request, version_id, version.poster, "poster.webp")


@require_safe
@guest(Right.SEE)
def guest_preview(request: GuestRequest, version_id: UUID) -> HttpResponseBase:
    """What browsers can play of a film that not all of them play."""
    preview = preview_of(version_for(request.visit, version_id).blob)
    return _served(request, version_id, preview.blob if preview else None, "preview.mp4")


@require_safe
@guest(Right.SEE)
def guest_strip(request: GuestRequest, version_id: UUID) -> HttpResponseBase:
    """Small pictures for the seek bar."""
    made = player_media_of(version_for(request.visit, version_id).blob)
    return _served(request, version_id, made.strip if made else None, "strip.webp")


@require_safe
@guest(Right.SEE)
def guest_captions(request: GuestRequest, version_id: UUID) -> HttpResponseBase:
    """The script as captions, about where it is spoken."""
    version = version_for(request.visit, version_id)
    return captions_file(cues_for(version.output, version.blob))


@require_safe
@guest(Right.DOWNLOAD)
def guest_download(request: GuestRequest, version_id: UUID) -> HttpResponseBase:
    """What the link lets guests keep, under the name that the workspace's pattern makes."""
    version = version_for(request.visit, version_id)
    blob, name = version.blob, file_name(version)
    if request.visit.link.download == DownloadRight.PREVIEW:
        small = small_copy(version)
        if small is None:
            raise Http404("no small copy")
        blob, name = small, _small_name(name, small)
    if is_beginning(request):
        note_use(request.visit.session, LinkAct.DOWNLOADED, version, visitor_address(request))
    return _served(request, version_id, blob, name, right=Right.DOWNLOAD, download=True)


def _small_name(name: str, small: Blob) -> str:
    return f"{name.rpartition('.')[0] or name}-preview.{small.media_type.rpartition('/')[2]}"


def _served(
    request: GuestRequest,
    version_id: UUID,
    blob: Blob | None,
    name: str,
    *,
    right: Right = Right.SEE,
    download: bool = False,
) -> HttpResponseBase:
    if blob is None:
        raise Http404("no such file")
    visit = request.visit
    bounds = Bounds(f"guest-{visit.session.pk.int % _ASKERS}", lambda: visit.still_allows(right, version_id))
    return serve_blob(request, blob, name=name, download=download, bounds=bounds)
