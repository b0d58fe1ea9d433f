"""Sends an archive: what is made of it as chunks, and the files in it by the kernel where it can."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import BinaryIO, cast

from tasks.commands.delivery.archives import Archive
from tasks.views.http.ranges import Part
from tasks.views.http.serving import DOWNLOAD_STALL_SECONDS, Slice

# The more is read at a time, the less each byte costs. Who takes less than this in DOWNLOAD_STALL_SECONDS is
# let go.
_CHUNK_BYTES = 128 * 1024
_MOST_BYTES = 4 * 1024 * 1024


class ArchiveSlice(Slice):
    """Part of an archive. A server that asks for the next chunk has sent the one before (PEP 3333): between
    them the kernel can send a file on the same connection.
    """

    def __init__(
        self,
        archive: Archive,
        part: Part,
        connection: socket.socket | None,
        *,
        slots: ExitStack,
        may_go_on: Callable[[], bool],
    ) -> None:
        super().__init__(
            cast(BinaryIO, archive),
            part,
            connection,
            stall=DOWNLOAD_STALL_SECONDS,
            slots=slots,
            may_go_on=may_go_on,
            chunk=_CHUNK_BYTES,
        )
        self._archive = archive
        # What is sent encrypted, no kernel sends.
        self._connection = None if isinstance(connection, ssl.SSLSocket) else connection

    def __iter__(self) -> Iterator[bytes]:
        for chunk in super().__iter__():
            yield chunk
            self._send_files()

    def _send_files(self) -> None:
        """As much as lies in a file from here on. Raises ConnectionResetError."""
        while self._connection is not None and self._left and (place := self._archive.on_disk()):
            file, offset, count = place
            self._room.wait()
            self._look()
            try:
                sent = os.sendfile(
                    self._connection.fileno(), file, offset, min(count, self._left, _MOST_BYTES)
                )
            except BlockingIOError:
                continue
            if not sent:
                raise ConnectionResetError(errno.ECONNRESET, "a file is shorter than its row says")
            self._archive.skip(sent)
            self._left -= sent
