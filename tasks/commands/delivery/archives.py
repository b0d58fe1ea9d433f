"""The archive of a package as a file that is made where it is read, and what is done with packages."""

from __future__ import annotations

import errno
import io
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import BinaryIO

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks.audit import Verb, record
from tasks.commands.delivery.freezing import layout_of, note
from tasks.commands.delivery.zip_layout import FilePart
from tasks.commands.library.blobs import BlobMissing, open_blob
from tasks.commands.refusals import NotPossible
from tasks.models import Membership, Package, PackageAct, PackageEntry

logger = logging.getLogger(__name__)

# What somebody asks for again within so long is the same download: it was cut, or fetched in parts.
_SAME_DOWNLOAD = timedelta(hours=1)


class NotMeasured(Exception):
    """The CRC of some of its files is not known yet: it can be sent in a moment."""


class Archive(io.RawIOBase):
    """A package's archive, readable from any place; one file of it is open at a time.

    Raises NotMeasured when made. Reading raises ConnectionResetError where bytes are not there as they should
    be, so that nobody takes what came for a whole archive.
    """

    def __init__(self, package: Package) -> None:
        super().__init__()
        rows = package.entries.select_related("blob").defer("text")
        self._entries = list(rows)
        if any(entry.crc32 is None for entry in self._entries):
            raise NotMeasured
        self._layout = layout_of(package, self._entries)
        self.size = self._layout.size
        self._parts: Iterator[bytes | FilePart] = iter(())
        # What comes next: bytes as they are, or as many of the open file.
        self._ready = memoryview(b"")
        self._file: BinaryIO | None = None
        self._left = self._offset = 0
        self.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place, counted from the beginning; nothing is read by that."""
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("places are counted from the beginning")
        self._end_file()
        self._ready = memoryview(b"")
        self._parts = self._layout.parts(offset, self.size)
        return offset

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`; none only at the end."""
        if size < 0:
            size = self.size
        if not (self._ready or self._left):
            self._go_on()
        if self._left:
            return self._of_file(min(size, self._left))
        piece = bytes(self._ready[:size])
        self._ready = self._ready[size:]
        return piece

    def _go_on(self) -> None:
        part = next(self._parts, b"")
        if isinstance(part, bytes):
            self._ready = memoryview(part)
            return
        self._end_file()
        self._file = self._open(self._entries[part.index])
        self._file.seek(part.start)
        self._offset, self._left = part.start, part.stop - part.start

    def _open(self, entry: PackageEntry) -> BinaryIO:
        if entry.blob is None:
            return io.BytesIO(entry.text.encode())
        try:
            file = open_blob(entry.blob)
            if file.seek(0, io.SEEK_END) == entry.size:
                return file
            file.close()
            error: Exception = BlobMissing("its size is another")
        except (BlobMissing, OSError) as found:
            error = found
        raise _broken(entry, error) from error

    def _of_file(self, size: int) -> bytes:
        assert self._file is not None
        try:
            piece = self._file.read(size)
        except OSError as error:
            raise ConnectionResetError(errno.ECONNRESET, "a file cannot be read") from error
        if not piece:
            raise ConnectionResetError(errno.ECONNRESET, "a file is shorter than its row says")
        self._left -= len(piece)
        self._offset += len(piece)
        return piece

    def on_disk(self) -> tuple[int, int, int] | None:
        """Where what comes next lies: an open file of this machine, the place in it, and how much is of it.

        None where it is made, or kept elsewhere. Who has taken some of it there says so to `skip`.
        """
        if not (self._ready or self._left):
            self._go_on()
        if self._file is None or not self._left:
            return None
        try:
            return self._file.fileno(), self._offset, self._left
        except OSError:
            return None

    def skip(self, count: int) -> None:
        """Go on behind so many bytes of what `on_disk` has told."""
        assert self._file is not None
        self._left -= count
        self._offset += count
        self._file.seek(self._offset)

    def _end_file(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._left = None, 0

    def close(self) -> None:
        self._end_file()
        super().close()


def _broken(entry: PackageEntry, error: Exception) -> ConnectionResetError:
    facts = {
        "package": str(entry.package_id),
        "blob": str(entry.blob_id),
        "error_class": type(error).__name__,
    }
    logger.error("package.file-missing", extra=facts)
    return ConnectionResetError(errno.ECONNRESET, "a file of the package is missing")


def note_download(*, package: Package, membership: Membership) -> None:
    """Write down that somebody takes it; what follows soon is the same download."""
    now = timezone.now()
    mine = package.events.filter(act=PackageAct.DOWNLOADED, person=membership.user)
    last = mine.filter(last_at__gt=now - _SAME_DOWNLOAD).order_by("-last_at").first()
    if last is None:
        note(package, PackageAct.DOWNLOADED, membership)
    else:
        mine.filter(id=last.id).update(last_at=now, requests=F("requests") + 1)


def may_revoke(package: Package, membership: Membership) -> bool:
    """Whoever made it, and admins."""
    return membership.may_administer or package.made_by_id == membership.user_id


def revoke(*, package: Package, membership: Membership) -> bool:
    """Hand it out no more. False when that was so already. Raises NotPossible."""
    if not may_revoke(package, membership):
        raise NotPossible(_("Only whoever made it, or an admin, can revoke a package."))
    with transaction.atomic():
        rows = Package.objects.filter(pk=package.pk, revoked_at=None)
        if not rows.update(revoked_at=timezone.now(), revoked_by=membership.user):
            return False
        note(package, PackageAct.REVOKED, membership)
        record(Verb.PACKAGE_REVOKED, actor=membership.user, workspace=package.workspace, subject=package)
    return True
