"""The bytes that are reviewed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from tasks import access
from tasks.access import PortalRequest
from tasks.names import download_name
from tasks.views.http.serving import serve_blob


@access.member
@require_safe
def version_file(request: PortalRequest, version_id: UUID) -> HttpResponseBase:
    """What was sent for review; `?download=1` offers it under the piece's title and the version's number."""
    version = access.version_for(request.membership, version_id)
    title = download_name(version.piece.title, fallback="video")
    name = f"{title}-v{version.number}.{version.output.format or 'bin'}"
    return serve_blob(request, version.blob, name=name, download=request.GET.get("download") == "1")
