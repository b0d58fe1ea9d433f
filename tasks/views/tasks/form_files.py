"""Files that came inside a format's form, which happens where the page's script does not run.

They are kept at once and examined by the worker, for which the request waits a while; whatever has not been
examined by then stands in the form with its state, and the same form can be sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from tasks.access import PortalRequest
from tasks.commands.library.examinations import wait_until_examined
from tasks.concurrency import waiters
from tasks.kinds.base import Assets, FromLibrary, KindForm, Mask
from tasks.models import Upload
from tasks.names import safe_name
from tasks.views.http.disk_space import NO_ROOM_WORDS
from tasks.views.http.receiving import receive

_MOST_AWAITED = 100


def take_files(request: PortalRequest, inputs: type[KindForm]) -> tuple[QueryDict, Mapping[str, list[str]]]:
    """The posted values with each sent file stored and named by its id, and what was wrong with others.

    Waits for the files that the form names to be examined.
    """
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
    _await_files(data, inputs)
    return data, problems


def _await_files(data: QueryDict, inputs: type[KindForm]) -> None:
    """Wait for the uploads that the fields hold, unless so many do that threads would become scarce."""
    ids = set()
    for name, field in inputs.own_fields():
        for text in data.getlist(name)[:_MOST_AWAITED] if isinstance(field, FromLibrary) else ():
            with suppress(ValueError):
                ids.add(UUID(text))
    release = waiters.take() if ids else None
    if release is None:
        return
    try:
        wait_until_examined(ids=ids, seconds=settings.EXAMINATION_WAIT_SECONDS)
    finally:
        release()


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
    try:
        found = receive(request, sent, is_mask=isinstance(field, Mask))
    except OSError:
        return [], [str(NO_ROOM_WORDS)]
    return ([str(found.pk)], []) if isinstance(found, Upload) else ([], found)
