"""Addresses of pictures, films and sounds. Each looks the row up through the person's membership first."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponseBase
from django.views.decorators.http import require_safe

from tasks import access
from tasks.access import PortalRequest
from tasks.media import FORMATS
from tasks.models import Blob, Output, Upload
from tasks.names import download_name
from tasks.views.http.serving import serve_blob

# How much of a hash stands in an address.
HASH_SIGNS = 12


@access.member
@require_safe
def output_file(request: PortalRequest, output_id: UUID) -> HttpResponseBase:
    """A saved output; `?download=1` offers it under the task's title."""
    output = access.output_for(request.membership, output_id)
    if output.blob is None:
        raise Http404("not saved yet")
    return serve_blob(request, output.blob, name=output_name(output), download=_is_download(request))


@access.member
@require_safe
def output_poster(request: PortalRequest, output_id: UUID, digest: str) -> HttpResponseBase:
    output = access.output_for(request.membership, output_id)
    return _hashed(request, output.poster, digest, "poster.webp")


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
    return serve_blob(request, upload.blob, name=upload_name(upload), download=_is_download(request))


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
def catalog_picture(request: PortalRequest, entry_id: UUID, digest: str) -> HttpResponseBase:
    """How an avatar or a caption style looks."""
    entry = access.catalog_entry_for(request.membership, entry_id)
    return _hashed(request, entry.picture, digest, "picture")


@access.member
@require_safe
def catalog_sample(request: PortalRequest, entry_id: UUID, digest: str) -> HttpResponseBase:
    """How a voice sounds."""
    entry = access.catalog_entry_for(request.membership, entry_id)
    return _hashed(request, entry.sample, digest, "sample")


@access.member
@require_safe
def catalog_clip(request: PortalRequest, entry_id: UUID, digest: str) -> HttpResponseBase:
    """How an avatar moves."""
    entry = access.catalog_entry_for(request.membership, entry_id)
    return _hashed(request, entry.clip, digest, "clip")


def output_name(output: Output) -> str:
    """A file name people recognise: the task's title, a number from the second output on, the format."""
    title = download_name(output.task.title, fallback="video")
    number = f"-{output.position + 1}" if output.position else ""
    return f"{title}{number}.{output.format or 'bin'}"


def upload_name(upload: Upload) -> str:
    """The name that was brought, with an ending that tells what the content is."""
    known = FORMATS.get(upload.format)
    stem, dot, ending = upload.name.rpartition(".")
    if known is None or ending.lower() in known.extensions and dot:
        return upload.name
    is_media = any(ending.lower() in one.extensions for one in FORMATS.values())
    return f"{stem if dot and is_media else upload.name}.{known.extensions[0]}"


def _hashed(request: PortalRequest, blob: Blob | None, digest: str, name: str) -> HttpResponseBase:
    """The bytes of an address that holds their hash, and so never changes."""
    if blob is None or blob.sha256[:HASH_SIGNS] != digest:
        raise Http404("no such picture")
    return serve_blob(request, blob, name=name)


def _is_download(request: PortalRequest) -> bool:
    return request.GET.get("download") == "1"
