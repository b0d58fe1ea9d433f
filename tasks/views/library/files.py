"""Addresses of pictures, films and sounds. Each looks the row up through the person's membership first."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponseBase
from django.views.decorators.http import require_safe

from tasks import access
from tasks.access import PortalRequest
from tasks.commands.library.captions import cues_for
from tasks.media import FORMATS
from tasks.media.thumbnails import THUMBNAIL_WIDTH
from tasks.models import Blob, Thumbnail
from tasks.names import download_name
from tasks.views.http.serving import serve_blob
from tasks.views.http.stage import captions_file, serve_strip

# How much of a hash stands in an address.
HASH_SIGNS = 12


@access.member
@require_safe
def output_file(request: PortalRequest, output_id: UUID) -> HttpResponseBase:
    """A saved output; `?download=1` offers it under the task's title.

    A number follows from the second output on, and the format.
    """
    output = access.output_for(request.membership, output_id)
    if output.blob is None:
        raise Http404("not saved yet")
    title = download_name(output.task.title, fallback="video")
    number = f"-{output.position + 1}" if output.position else ""
    name = f"{title}{number}.{output.format or 'bin'}"
    return serve_blob(request, output.blob, name=name, download=_is_download(request))


@access.member
@require_safe
def output_poster(request: PortalRequest, output_id: UUID, digest: str) -> HttpResponseBase:
    output = access.output_for(request.membership, output_id)
    return _hashed(request, output.poster, digest, "poster.webp")


@access.member
@require_safe
def output_strip(request: PortalRequest, output_id: UUID) -> HttpResponseBase:
    """The small pictures of a film's seek bar."""
    return serve_strip(request, access.output_for(request.membership, output_id).blob)


@access.member
@require_safe
def output_captions(request: PortalRequest, output_id: UUID) -> HttpResponseBase:
    """The script as captions, about where it is spoken; without a line where there is no script."""
    output = access.output_for(request.membership, output_id)
    return captions_file(cues_for(output, output.blob))


@access.member
@require_safe
def upload_file(request: PortalRequest, upload_id: UUID) -> HttpResponseBase:
    """A file somebody brought, once it was found good; of a converted one the original with `?original=1`.

    The original is offered under its own name, what was made of it with the ending of its format.
    """
    upload = access.upload_for(request.membership, upload_id)
    if not upload.is_ready:
        raise Http404("not examined")
    if request.GET.get("original") == "1" and upload.original is not None:
        return serve_blob(request, upload.original, name=upload.name, download=True)
    name, known = upload.name, FORMATS.get(upload.format)
    stem, dot, ending = name.rpartition(".")
    if known is not None and not (dot and ending.lower() in known.extensions):
        is_media = any(ending.lower() in one.extensions for one in FORMATS.values())
        name = f"{stem if dot and is_media else name}.{known.extensions[0]}"
    return serve_blob(request, upload.blob, name=name, download=_is_download(request))


@access.member
@require_safe
def preview_file(request: PortalRequest, preview_id: UUID) -> HttpResponseBase:
    """What browsers can play of a file that not all of them play."""
    preview = access.preview_for(request.membership, preview_id)
    if preview.blob is None:
        raise Http404("not made yet")
    return serve_blob(request, preview.blob, name="preview.mp4")


@access.member
@require_safe
def upload_poster(request: PortalRequest, upload_id: UUID, digest: str) -> HttpResponseBase:
    upload = access.upload_for(request.membership, upload_id)
    return _hashed(request, upload.poster, digest, "poster.webp")


@access.member
@require_safe
def catalog_file(request: PortalRequest, entry_id: UUID, digest: str, sort: str) -> HttpResponseBase:
    """How an avatar or a caption style looks (`picture`) or moves (`clip`), how a voice sounds (`sample`)."""
    entry = access.catalog_entry_for(request.membership, entry_id)
    return _hashed(request, getattr(entry, sort), digest, sort)


def _hashed(request: PortalRequest, blob: Blob | None, digest: str, name: str) -> HttpResponseBase:
    """The bytes of an address that holds their hash; with `?width=192` the thumbnail where there is one."""
    if blob is None or blob.sha256[:HASH_SIGNS] != digest:
        raise Http404("no such picture")
    if request.GET.get("width") == str(THUMBNAIL_WIDTH):
        made = Thumbnail.objects.select_related("blob").filter(picture=blob).first()
        blob = made.blob if made is not None and made.blob is not None else blob
    return serve_blob(request, blob, name=name)


def _is_download(request: PortalRequest) -> bool:
    return request.GET.get("download") == "1"
