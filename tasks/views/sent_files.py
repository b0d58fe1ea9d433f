"""Files that came inside a product's form, which happens where the page's script does not run."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import QueryDict

from tasks.access import PortalRequest
from tasks.commands.uploads import store_upload
from tasks.forms.uploads import CheckedFile, UploadForm
from tasks.kinds.base import Asset, KindForm


def take_files(request: PortalRequest, inputs: type[KindForm]) -> tuple[QueryDict, Mapping[str, list[str]]]:
    """The posted values with each sent file stored and named by its id, and what was wrong with others."""
    data = request.POST.copy()
    problems: dict[str, list[str]] = {}
    workspace = request.membership.workspace
    for name, field in inputs.own_fields():
        if not isinstance(field, Asset) or (sent := request.FILES.get(f"{name}-file")) is None:
            continue
        form = UploadForm({}, {"file": sent}, workspace=workspace)
        if form.is_valid():
            data[name] = _stored(request, form.checked)
        else:
            problems[name] = [str(message) for message in form.errors.get("file", [])]
    return data, problems


def _stored(request: PortalRequest, checked: CheckedFile) -> str:
    try:
        upload = store_upload(workspace=request.membership.workspace, owner=request.user, checked=checked)
    finally:
        checked.discard()
    return str(upload.pk)
