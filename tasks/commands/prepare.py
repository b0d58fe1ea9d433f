"""Gets a task's files to TopView: ticket, bytes, check. Each account keeps its own file ids."""

from __future__ import annotations

from collections.abc import Callable
from os import SEEK_END
from time import monotonic
from typing import BinaryIO

from django.utils import timezone

from tasks.commands.blobs import BlobMissing, open_blob
from tasks.models import Credential, RemoteFile, Task, Upload
from tasks.topview.client import TopViewClient
from tasks.topview.errors import UploadRefused

# How often progress is written down, in seconds: often enough to watch, seldom enough for the disk.
_PROGRESS_SECONDS = 1.0

Alive = Callable[[], None]


def send_files(*, task: Task, client: TopViewClient, alive: Alive) -> dict[str, str]:
    """Send what the account does not have yet; file ids by upload id.

    `alive` is called while bytes travel, so that the caller can renew its lease.
    Raises TopViewError, or BlobMissing for a file that our own storage has lost.
    """
    return {
        str(upload.pk): send_file(upload=upload, credential=task.credential, client=client, alive=alive)
        for upload in task.uploads.select_related("blob").order_by("pk")
    }


def forget_files(*, task: Task) -> None:
    """Drop the file ids of a task's uploads: TopView says that it does not know one of them."""
    RemoteFile.objects.filter(upload__in=task.uploads.all(), credential=task.credential).delete()


def send_file(*, upload: Upload, credential: Credential, client: TopViewClient, alive: Alive) -> str:
    """Send one file unless the account has it; its file id. Raises like `send_files`."""
    remote = _row(upload, credential)
    if remote.arrived_at:
        return remote.file_id
    ticket = client.upload_ticket(upload.format)
    RemoteFile.objects.filter(pk=remote.pk, arrived_at=None).update(sent=0)
    progress = _Progress(remote, alive)
    with _whole(upload) as stream:
        client.upload(ticket, stream, upload.blob.size, on_progress=progress)
    if not client.uploaded(ticket.file_id):
        raise UploadRefused("the store took the bytes but the check says they are not there")
    # Id and arrival together: another task may be sending the same file under an id of its own.
    RemoteFile.objects.filter(pk=remote.pk).update(
        file_id=ticket.file_id, sent=upload.blob.size, arrived_at=timezone.now()
    )
    return ticket.file_id


def _whole(upload: Upload) -> BinaryIO:
    """The upload's bytes as they were brought. Raises BlobMissing when the storage has lost some."""
    stream = open_blob(upload.blob)
    if stream.seek(0, SEEK_END) != upload.blob.size:
        stream.close()
        raise BlobMissing(str(upload.blob.pk))
    stream.seek(0)
    return stream


def _row(upload: Upload, credential: Credential) -> RemoteFile:
    return RemoteFile.objects.get_or_create(
        upload=upload, credential=credential, defaults={"workspace_id": upload.workspace_id}
    )[0]


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
