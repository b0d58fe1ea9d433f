"""Keeps bytes: once for each workspace and hash, and never half of them.

The file comes before the row, so that a row always has its file; a file whose row was never written is
found again by its name, which is its hash. Call outside a transaction: large files take seconds.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import stat
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import IntegrityError, transaction

from tasks.commands.library.object_store import ObjectReader, StorageFailed, failures_named, is_object_store
from tasks.models import Blob, Workspace
from tasks.models.files import blob_path

logger = logging.getLogger(__name__)

# Rights that a folder hands on to new files.
_ACCESS_LIST = "system.posix_acl_default"
# Bytes that are read at a time.
_PIECE = 1024 * 1024


class BlobMissing(Exception):
    """A row whose bytes are not in the storage: it was emptied, or a backup lacks them."""


def keep_blob(
    *,
    workspace: Workspace,
    source: Path,
    sha256: str,
    size: int,
    media_type: str,
    crc32: int | None = None,
    is_final: bool = False,
) -> Blob:
    """Keep the bytes of `source`, whose hash and size the caller has measured, and return their one row.

    `source` stays where it is. Equal bytes of the same workspace are stored once, also when two come at the
    same time; a stored file that has vanished is put back. Raises ValueError when the size is not `size`,
    and OSError when the storage does not take it: then nothing stands under its name that is not whole.
    With `is_final` nobody changes the file's bytes, rights or owner any more: a folder then takes the file
    itself under another name, where it can, and no copy.
    """
    if (found := source.stat().st_size) != size:
        raise ValueError(f"{found} bytes where {size} were measured")
    known = Blob.objects.filter(workspace=workspace, sha256=sha256).first()
    blob = known or Blob(workspace=workspace, sha256=sha256, size=size, media_type=media_type, crc32=crc32)
    name = blob_path(blob, source.name)
    storage = storages["default"]
    with failures_named():
        # A file without a row may be about to be swept: it is replaced, and not relied on.
        if known is None or not (storage.exists(name) and storage.size(name) == size):
            _publish(storage, name, source, is_final=is_final)
    if known is not None:
        return known
    blob.file.name = name
    try:
        with transaction.atomic():
            blob.save(force_insert=True)
    except IntegrityError:
        return Blob.objects.get(workspace=workspace, sha256=sha256)
    return blob


def keep_file(*, workspace: Workspace, source: Path, media_type: str) -> Blob:
    """The same for a file that nobody has measured yet, such as a poster we made."""
    with source.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        crc32 = crc32_of(file)
    size = source.stat().st_size
    return keep_blob(
        workspace=workspace, source=source, sha256=sha256, size=size, media_type=media_type, crc32=crc32
    )


def crc32_of(file: BinaryIO) -> int:
    """The CRC-32 of the rest of a file, as ZIP archives tell it."""
    crc32 = 0
    while piece := file.read(_PIECE):
        crc32 = zlib.crc32(piece, crc32)
    return crc32


def is_stored(blob: Blob) -> bool:
    """Whether the bytes are in the storage, as many as they should be. Raises OSError for now."""
    storage, name = storages["default"], str(blob.file.name)
    with failures_named():
        return storage.exists(name) and storage.size(name) == blob.size


def open_blob(blob: Blob) -> BinaryIO:
    """The stored bytes, to be closed by the caller. Raises BlobMissing, or OSError for now."""
    try:
        return open_stored(str(blob.file.name))
    except FileNotFoundError as error:
        logger.error("blob.missing", extra={"blob": str(blob.pk)})
        raise BlobMissing(str(blob.pk)) from error


def open_stored(name: str) -> BinaryIO:
    """The bytes that are stored under a name. Raises FileNotFoundError, or OSError for now."""
    storage = storages["default"]
    if is_object_store(storage):
        return cast(BinaryIO, ObjectReader(storage, name))
    return cast(BinaryIO, storage.open(name, "rb"))


@contextmanager
def local_copy(blob: Blob, into: Path) -> Iterator[Path]:
    """The stored bytes as a file of this machine: the stored one itself, else a copy at `into`.

    Raises BlobMissing, or OSError for now.
    """
    storage = storages["default"]
    if isinstance(storage, FileSystemStorage):
        path = Path(storage.path(str(blob.file.name)))
        if not path.is_file() or path.stat().st_size != blob.size:
            raise BlobMissing(str(blob.pk))
        yield path
        return
    with open_blob(blob) as source, into.open("xb") as target:
        shutil.copyfileobj(source, target, _PIECE)
    if into.stat().st_size != blob.size:
        raise BlobMissing(str(blob.pk))
    yield into


def put_back(*, name: str, source: Path) -> None:
    """Store a file under the name that a row has for it, over whatever is there; from a backup."""
    with failures_named():
        _publish(storages["default"], name, source)


def half_copies() -> Iterator[Path]:
    """Files that are being copied into the storage's folder, or were when their process was killed.

    None of an object store: what did not arrive there whole is not there.
    """
    storage = storages["default"]
    if isinstance(storage, FileSystemStorage):
        # As deep as `blob_path` puts a file: beside it is where its copy is made.
        yield from Path(storage.location).glob("*/??/.*.part")


def _publish(storage: Storage, name: str, source: Path, *, is_final: bool = False) -> None:
    """Make the file appear whole or not at all. Object stores do so by themselves, and are asked whether."""
    if isinstance(storage, FileSystemStorage):
        mode = storage.file_permissions_mode
        _publish_in_folder(Path(storage.path(name)), source, mode, is_final=is_final)
        return
    with source.open("rb") as file:
        kept_as = storage.save(name, File(file))
    if kept_as != name or storage.size(name) != source.stat().st_size:
        raise StorageFailed("the store kept it under another name, or not whole")


def _publish_in_folder(target: Path, source: Path, mode: int | None, *, is_final: bool = False) -> None:
    """Have a temporary file beside the target, force it to disk, rename it over the target."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.parent / f".{uuid.uuid4().hex}.part"
    try:
        if not (is_final and _is_linked(part, source)):
            with source.open("rb") as read, part.open("xb") as write:
                shutil.copyfileobj(read, write, _PIECE)
        _sync(part)
        if mode is not None:
            part.chmod(mode)
        part.replace(target)
        # A rename lasts through a power cut only when its folder is on disk too.
        _sync(target.parent)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _is_linked(part: Path, source: Path) -> bool:
    """Whether the file has got a second name, with the rights that a new file would have there.

    On another disk it cannot, nor where those rights are not ours to give.
    """
    folder = part.parent
    try:
        if hasattr(os, "listxattr") and _ACCESS_LIST in os.listxattr(folder):
            return False
        part.hardlink_to(source)
        if folder.stat().st_mode & stat.S_ISGID:
            # The group of the web server in front, as production.md has it.
            os.chown(part, -1, folder.stat().st_gid)
    except OSError:
        part.unlink(missing_ok=True)
        return False
    return True


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
