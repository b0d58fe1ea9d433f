"""The bytes that are reviewed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from tasks import access
from tasks.access import PortalRequest
from tasks.commands.delivery.file_names import file_name
from tasks.commands.library.captions import cues_for
from tasks.commands.review.noting import note
from tasks.models import VersionAct
from tasks.views.http.ranges import is_beginning
from tasks.views.http.serving import serve_blob
from tasks.views.http.stage import captions_file, serve_strip


@access.member
@require_safe
def version_file(request: PortalRequest, version_id: UUID) -> HttpResponseBase:
    """What was sent for review; `?download=1` offers it under the name that the workspace's pattern makes."""
    version = access.version_for(request.membership, version_id)
    is_download = request.GET.get("download") == "1"
    if is_download and is_beginning(request):
        note(VersionAct.DOWNLOADED, version=version, person=request.user)
    return serve_blob(request, version.blob, name=file_name(version), download=is_download)


@access.member
@require_safe
def version_strip(request: PortalRequest, version_id: UUID) -> HttpResponseBase:
    """The small pictures of a film's seek bar."""
    return serve_strip(request, access.version_for(request.membership, version_id).blob)


@access.member
@require_safe
def version_captions(request: PortalRequest, version_id: UUID) -> HttpResponseBase:
    """The script as captions, about where it is spoken; without a line where there is no script."""
    version = access.version_for(request.membership, version_id)
    return captions_file(cues_for(version.output, version.blob))
