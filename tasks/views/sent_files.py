"""Files that came inside a product's form, which happens where the page's script does not run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _

from tasks.access import PortalRequest
from tasks.commands.refusals import NotPossible
from tasks.commands.uploads import store_upload
from tasks.forms.uploads import CheckedFile, UploadForm, safe_name
from tasks.kinds.base import Assets, FromLibrary, KindForm, Mask


def take_files(request: PortalRequest, inputs: type[KindForm]) -> tuple[QueryDict, Mapping[str, list[str]]]:
    """The posted values with each sent file stored and named by its id, and what was wrong with others."""
    data = request.POST.copy()
    problems: dict[str, list[str]] = {}
    for name, field in inputs.own_fields():
        sent = request.FILES.getlist(f"{name}-file")
        if not isinstance(field, FromLibrary) or not sent:
            continue
        before = data.getlist(name) if isinstance(field, Assets) else []
        taken, said = _take(request, field, sent)
        if taken:
            data.setlist(name, [*before, *taken])
        if said:
            problems[name] = said
    return data, problems


def _take(
    request: PortalRequest, field: FromLibrary, sent: Sequence[UploadedFile[Any]]
) -> tuple[list[str], list[str]]:
    """The ids of the stored files, and what was wrong with the others."""
    if not isinstance(field, Assets):
        return _take_one(request, field, sent[-1])
    if len(sent) > field.most:
        return [], [field.too_many(len(sent))]
    ids, problems = [], []
    for one in sent:
        taken, said = _take_one(request, field, one)
        ids += taken
        problems += [f"{safe_name(one.name or '')}: {text}" for text in said]
    return ids, problems


def _take_one(
    request: PortalRequest, field: FromLibrary, sent: UploadedFile[Any]
) -> tuple[list[str], list[str]]:
    form = UploadForm({}, {"file": sent}, workspace=request.membership.workspace)
    if form.is_valid():
        try:
            return [_stored(request, form.checked, is_mask=isinstance(field, Mask))], []
        except NotPossible as reason:
            return [], [str(reason)]
        except OSError:
            text = _(
                "The portal's disk is nearly full: the file cannot be kept. Tell an admin, and try later."
            )
            return [], [text]
    return [], [str(message) for message in form.errors.get("file", [])]


def _stored(request: PortalRequest, checked: CheckedFile, *, is_mask: bool) -> str:
    workspace = request.membership.workspace
    try:
        upload = store_upload(workspace=workspace, owner=request.user, checked=checked, is_mask=is_mask)
    finally:
        checked.discard()
    return str(upload.pk)
