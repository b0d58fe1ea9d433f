"""One way in for a file that came with a request: judged, stored, and examined by the worker later."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile

from tasks.access import PortalRequest
from tasks.commands.library.uploads import store_upload
from tasks.commands.refusals import NotPossible
from tasks.forms.library.uploads import UploadForm
from tasks.models import Upload


def receive(request: PortalRequest, sent: UploadedFile[Any], *, is_mask: bool) -> Upload | list[str]:
    """The stored upload, or what is wrong with the file. Raises OSError when the disk has no room."""
    workspace = request.membership.workspace
    form = UploadForm({}, {"file": sent}, workspace)
    if not form.is_valid():
        return [str(text) for text in form.errors["file"]]
    brought = form.brought
    try:
        return store_upload(workspace=workspace, owner=request.user, brought=brought, is_mask=is_mask)
    except NotPossible as reason:
        return [str(reason)]
    finally:
        brought.discard()
