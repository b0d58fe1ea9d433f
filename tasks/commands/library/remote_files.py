"""Gets a task's files to TopView: ticket, bytes, check. Each account keeps its own file ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import SEEK_END
from time import monotonic
from typing import Any, BinaryIO

from django.conf import settings
from django.utils import timezone

from tasks import kinds
from tasks.commands.library.blobs import BlobMissing, open_blob
from tasks.commands.library.renditions import make_rendition
from tasks.kinds.base import FromLibrary, KindForm
from tasks.media import Role
from tasks.media.conversion import made_for
from tasks.models import Blob, Credential, RemoteFile, Task, Upload
from tasks.topview.client import TopViewClient
from tasks.topview.errors import UploadRefused

# How often progress is written down, in seconds: often enough to watch, seldom enough for the disk.
_PROGRESS_SECONDS = 1.0

Alive = Callable[[], None]


def send_files(*, task: Task, client: TopViewClient, alive: Alive) -> dict[str, str]:
    """Send what the account does not have yet; file ids by upload id.

    `alive` is called while bytes travel and files are converted, so that the caller can renew its lease.
    Raises TopViewError, BlobMissing for a file that our own storage has lost, and NotConvertible.
    """
    wanted = _formats(task)
    return {
        str(upload.pk): send_file(
            upload=upload,
            format=wanted.get(str(upload.pk), upload.format),
            credential=task.credential,
            client=client,
            alive=alive,
        )
        for upload in task.uploads.select_related("blob", "workspace").order_by("pk")
    }


def arrived_ids(*, task: Task) -> dict[str, str]:
    """The file ids that the task's account has of its uploads, by upload id, in the formats it was sent."""
    wanted = _formats(task)
    rows = RemoteFile.objects.filter(upload__in=task.uploads.all(), credential=task.credential_id)
    found = {}
    for row in rows.filter(arrived_at__isnull=False).select_related("upload"):
        upload = row.upload
        if row.format == _noted(upload, wanted.get(str(upload.pk), upload.format)):
            found[str(upload.pk)] = row.file_id
    return found


def forget_files(*, task: Task) -> None:
    """Drop the file ids of a task's uploads: TopView says that it does not know one of them."""
    RemoteFile.objects.filter(upload__in=task.uploads.all(), credential=task.credential).delete()


def send_file(
    *, upload: Upload, format: str, credential: Credential, client: TopViewClient, alive: Alive
) -> str:
    """Send one file in this format unless the account has it; its file id. Raises like `send_files`.

    What leaves is a rendition: upright, and without the place where it was taken.
    """
    if not upload.is_ready:
        raise BlobMissing(str(upload.pk))
    remote = _row(upload, credential, format)
    if remote.arrived_at:
        return remote.file_id
    rendition = make_rendition(upload=upload, format=format, on_progress=_Converting(remote, alive))
    blob = rendition.blob or upload.blob
    ticket = client.upload_ticket(format)
    fresh = RemoteFile.objects.filter(pk=remote.pk, arrived_at=None)
    fresh.update(sent=0, size=blob.size, converted=100 if rendition.blob else 0)
    progress = _Progress(remote, alive)
    with _whole(blob) as stream:
        client.upload(ticket, stream, blob.size, on_progress=progress)
    if not client.uploaded(ticket.file_id):
        raise UploadRefused("the store took the bytes but the check says they are not there")
    # Id and arrival together: another task may be sending the same file under an id of its own.
    RemoteFile.objects.filter(pk=remote.pk).update(
        file_id=ticket.file_id,
        rendition=rendition,
        size=blob.size,
        sent=blob.size,
        arrived_at=timezone.now(),
    )
    return ticket.file_id


def _formats(task: Task) -> dict[str, str]:
    """In which format each upload of a task is sent, as far as its fields say: one that all of them take."""
    allowed = _allowed(task)
    wanted = {}
    for upload in task.uploads.filter(pk__in=allowed.keys()):
        takes = [field.formats(upload.role) for field in allowed[str(upload.pk)]]
        common = set(takes[0]).intersection(*takes[1:])
        role: Role = upload.role  # type: ignore[assignment]  # an upload is a picture, a film or sound
        wanted[str(upload.pk)] = made_for(role, upload.format, common) or upload.format
    return wanted


def _allowed(task: Task) -> dict[str, list[FromLibrary]]:
    """The fields that hold each upload, in the task's own form and in those of its later steps."""
    kind = kinds.KINDS.get(task.kind)
    if kind is None:
        return {}
    answered: list[tuple[type[KindForm], Mapping[str, Any]]] = [(kind.inputs, task.brief)]
    for call in task.submissions.exclude(answers={}):
        step = kind.find_step(call.step)
        if step is not None and step.follow_up.inputs is not None:
            answered.append((step.follow_up.inputs, call.answers))
    found: dict[str, list[FromLibrary]] = {}
    for inputs, answers in answered:
        for name, field in inputs.own_fields():
            if isinstance(field, FromLibrary) and name in answers:
                for upload_id in field.upload_ids(answers[name]):
                    found.setdefault(upload_id, []).append(field)
    return found


def _whole(blob: Blob) -> BinaryIO:
    """The bytes as they are kept. Raises BlobMissing when the storage has lost some."""
    stream = open_blob(blob)
    if stream.seek(0, SEEK_END) != blob.size:
        stream.close()
        raise BlobMissing(str(blob.pk))
    stream.seek(0)
    return stream


def _noted(upload: Upload, format: str) -> str:
    """How a format stands in a row: empty for the upload's own."""
    return "" if format == upload.format else format


def _row(upload: Upload, credential: Credential, format: str) -> RemoteFile:
    return RemoteFile.objects.get_or_create(
        upload=upload,
        credential=credential,
        format=_noted(upload, format),
        defaults={"workspace_id": upload.workspace_id},
    )[0]


class _Converting:
    """Writes how much of a conversion is done, and says that somebody is at it."""

    def __init__(self, remote: RemoteFile, alive: Alive) -> None:
        self.remote, self.alive = remote, alive
        self.written, self.told_at = 0, monotonic()

    def __call__(self, done: int) -> None:
        if monotonic() - self.told_at > settings.TAKEOVER_SECONDS / 8:
            self.told_at = monotonic()
            self.alive()
        if done >= self.written + 5:
            self.written = done
            RemoteFile.objects.filter(pk=self.remote.pk).update(converted=done)


class _Progress:
    """Writes how far a file is, about once a second."""

    def __init__(self, remote: RemoteFile, alive: Alive) -> None:
        self.remote, self.alive = remote, alive
        self.written_at = monotonic()

    def __call__(self, sent: int) -> None:
        if monotonic() - self.written_at < _PROGRESS_SECONDS:
            return
        self.written_at = monotonic()
        self.alive()
        RemoteFile.objects.filter(pk=self.remote.pk).update(sent=sent)
