"""Sends kept bytes to somebody who has been let in: parts, validators, and nothing a browser could run."""

from __future__ import annotations

import errno
import logging
import os
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import parse_etags
from django.utils.translation import gettext as _

from tasks.commands.library.blobs import BlobMissing, open_blob
from tasks.concurrency import (
    DOWNLOADS_EACH,
    SHORT_BYTES,
    Release,
    Slots,
    downloads,
    long_answers,
    take_download_of,
)
from tasks.media import INLINE_MEDIA_TYPES
from tasks.models import Blob
from tasks.names import ascii_name
from tasks.views.http.busy import busy
from tasks.views.http.ranges import OPEN_END_BYTES, NotSatisfiable, Part, parse_range

logger = logging.getLogger(__name__)

# Small enough that a socket that reports room takes it at once.
CHUNK_BYTES = 16 * 1024
# A reader that takes nothing for so long is let go, and comes back with a Range: a page's player by itself, a
# download when its connection does or a person says so.
STALL_SECONDS = 20
DOWNLOAD_STALL_SECONDS = 120
# When to come back for a slot: answers to players and pages are over soon, downloads are not.
_SOON, _UNREADABLE, _LATER = 5, 10, 30
# What asks for a file to show it in a page, and not to keep it.
_PLAYERS = ("video", "audio")
_SHOWN = (*_PLAYERS, "image")
# Opened by itself, a file may show its own bytes and do nothing else.
_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


# How often a bounded answer asks whether it may go on.
LOOK_SECONDS = 60


@dataclass(frozen=True)
class Bounds:
    """For somebody who is let in for a time: the portal sends the bytes itself, and stops when that is over.

    `asker` is by whom downloads are counted; `may_go_on` is asked before each part, every minute.
    """

    asker: str
    may_go_on: Callable[[], bool]


def serve_blob(
    request: HttpRequest, blob: Blob, *, name: str, download: bool = False, bounds: Bounds | None = None
) -> HttpResponseBase:
    """Answer GET or HEAD with a blob that the person may see; `name` is offered as the file name.

    Understands one Range, If-Range and If-None-Match. An open end gives a page's player 2 MiB and everybody
    else the rest. With X_ACCEL_PREFIX set the front server sends the bytes, unless there are `bounds`. 503
    when too much is sent already. Raises Http404 when the bytes are gone.
    """
    tag = f'"{blob.sha256}"'
    asker = "" if download else request.headers.get("Sec-Fetch-Dest", "")
    response = _answer(request, blob, tag, asker, bounds)
    if response.status_code == 503:
        return response
    response["ETag"] = tag
    # Kept by this browser, and shown only after the portal has said that this person may still see it.
    response["Cache-Control"] = "private, no-cache"
    if response.status_code == 304:
        return response
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    shown = blob.media_type in INLINE_MEDIA_TYPES
    response["Content-Type"] = blob.media_type if shown else "application/octet-stream"
    attached = download or not shown
    response["Content-Disposition"] = disposition(name, attached=attached)
    return response


def disposition(name: str, *, attached: bool) -> str:
    """The header that offers a file's name: in full, and in ASCII for those who read no more (RFC 6266)."""
    # Where a quote is not allowed in a file's name, browsers write %22 or _ for it.
    shown = name.replace('"', "'")
    plain = ascii_name(shown)
    full = "" if plain == shown else f"; filename*=utf-8''{quote(shown)}"
    return f'{"attachment" if attached else "inline"}; filename="{plain}"{full}'


def _answer(
    request: HttpRequest, blob: Blob, tag: str, asker: str, bounds: Bounds | None
) -> HttpResponseBase:
    """`asker` is what in a page asks, as the browser says; empty for a download."""
    if is_known(request, tag):
        return HttpResponse(status=304)
    if settings.X_ACCEL_PREFIX and bounds is None:
        return HttpResponse(
            headers={"X-Accel-Redirect": settings.X_ACCEL_PREFIX + quote(blob.file.name or "")}
        )
    open_end = OPEN_END_BYTES if asker in _PLAYERS else None
    try:
        part = asked_part(request, blob.size, tag, open_end=open_end)
    except NotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{blob.size}"})
    sent = part or Part(0, blob.size)
    headers = {"Content-Length": str(sent.length)}
    if part:
        headers["Content-Range"] = part.content_range(blob.size)
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    try:
        body = _body(request, blob, sent, asker, bounds)
    except Unavailable as reason:
        return busy(request, str(reason), seconds=reason.seconds)
    return SliceAnswer(body, status=206 if part else 200, headers=headers)


def _body(request: HttpRequest, blob: Blob, part: Part, asker: str, bounds: Bounds | None) -> Slice:
    """The bytes, with the slots that sending them takes. Raises Unavailable, and Http404."""
    slots = take_slots(request, part, asker, person=bounds.asker if bounds else None)
    try:
        file = open_blob(blob)
    except OSError as error:
        slots.close()
        logger.warning("blob.unreadable", extra={"blob": str(blob.pk), "error_class": type(error).__name__})
        raise Unavailable(_("The file cannot be read just now."), _UNREADABLE) from error
    except BlobMissing as error:
        slots.close()
        raise Http404("the bytes are gone") from error
    connection = request.META.get("gunicorn.socket")
    stall = STALL_SECONDS if asker in _SHOWN else DOWNLOAD_STALL_SECONDS
    may_go_on = bounds.may_go_on if bounds else None
    return Slice(file, part, connection, stall=stall, slots=slots, may_go_on=may_go_on)


class Unavailable(Exception):
    """Why nothing is sent just now, in words, and after how many `seconds` to ask again."""

    def __init__(self, words: str, seconds: int) -> None:
        super().__init__(words)
        self.seconds = seconds


def take_slots(
    request: HttpRequest, part: Part, asker: str = "", *, of: Slots = downloads, person: object = None
) -> ExitStack:
    """What sending this takes; closing it gives it back. Raises Unavailable.

    `of` counts downloads; those of a `person` together, whoever is signed in where none is named.
    """
    is_long = part.length > SHORT_BYTES
    with ExitStack() as taken:
        if is_long and asker not in _SHOWN:
            text = _("You have %(count)d downloads under way. The next can begin when one of them has ended.")
            whose = take_download_of(request.user.pk if person is None else person)
            _take(taken, whose, text % {"count": DOWNLOADS_EACH}, _LATER)
            _take(taken, of.take(), _("Many downloads are under way just now."), _LATER)
        if is_long:
            _take(taken, long_answers.take(), _("The portal sends many files just now."), _SOON)
        return taken.pop_all()


def _take(taken: ExitStack, release: Release | None, words: str, seconds: int) -> None:
    if release is None:
        raise Unavailable(words, seconds)
    taken.callback(release)


def is_known(request: HttpRequest, tag: str) -> bool:
    """Whether who asks has what bears this tag: answer 304."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or any(one.removeprefix("W/") == tag for one in known)


def asked_part(request: HttpRequest, size: int, tag: str, *, open_end: int | None = None) -> Part | None:
    """The part asked for; None for all. Range means something on GET only, and If-Range can annul it.

    Raises NotSatisfiable.
    """
    if request.method != "GET" or request.headers.get("If-Range", tag) != tag:
        return None
    return parse_range(request.headers.get("Range", ""), size, open_end=open_end)


class Slice:
    """Part of an open file, which gives up on a reader that takes nothing for `stall` seconds.

    As chunks, or as a file whose end is the part's, which a server may send by `sendfile`.
    """

    def __init__(
        self,
        file: BinaryIO,
        part: Part,
        connection: socket.socket | None,
        *,
        stall: float,
        slots: ExitStack | None = None,
        may_go_on: Callable[[], bool] | None = None,
        chunk: int = CHUNK_BYTES,
    ) -> None:
        """`slots` is closed when the answer ends; `chunk` bytes are read at a time.

        With `may_go_on` no kernel sends it: that would not ask.
        """
        self._file = file
        self._left = part.length
        self._stop = part.stop
        self._chunk = chunk
        self._room = _Room(connection, stall)
        self._slots = slots or ExitStack()
        self._may_go_on = may_go_on
        self._looked_at = time.monotonic()
        file.seek(part.start)

    @property
    def is_on_disk(self) -> bool:
        """Whether the kernel can send it: it is a file of this machine, with all the bytes of the part."""
        if self._may_go_on is not None:
            return False
        try:
            return os.fstat(self._file.fileno()).st_size >= self._stop
        except (AttributeError, OSError):
            return False

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(self._chunk):
            yield chunk

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`, when the connection has room for them.

        Raises ConnectionResetError, which makes the server close the connection.
        """
        if not self._left:
            return b""
        chunk = self._file.read(min(size, self._left))
        if not chunk:
            logger.error("blob.short", extra={"missing": self._left})
            raise ConnectionResetError(errno.ECONNRESET, "the file is shorter than its row says")
        self._room.wait()
        self._look()
        self._left -= len(chunk)
        return chunk

    def _look(self) -> None:
        if self._may_go_on is None or time.monotonic() < self._looked_at + LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        if not self._may_go_on():
            raise ConnectionResetError(errno.ECONNRESET, "the reader is not let in any more")

    def fileno(self) -> int:
        """For `sendfile`, which begins where the file stands and ends with the answer's Content-Length."""
        return self._file.fileno()

    def close(self) -> None:
        """Called when the answer ends, however it ends."""
        self._slots.close()
        self._file.close()

    def __del__(self) -> None:
        """An answer that was thrown away before the server had it is never closed."""
        self._slots.close()


class SliceAnswer(StreamingHttpResponse):
    """Says, as Django's FileResponse does, that the server may have the kernel send the file."""

    block_size = CHUNK_BYTES

    def __init__(self, body: Slice, **facts: Any) -> None:
        super().__init__(body, **facts)
        self.file_to_stream = body if body.is_on_disk else None


class _Room:
    """Waits until the connection takes more. Does nothing where the server does not show its socket."""

    def __init__(self, connection: socket.socket | None, stall: float) -> None:
        self._poll: select.poll | None = None
        self._stall = stall
        if connection is not None:
            # For a chunk that fits only in part, and for `sendfile`. The server sets it back afterwards.
            connection.settimeout(stall)
            self._poll = select.poll()
            self._poll.register(connection, select.POLLOUT)

    def wait(self) -> None:
        if self._poll is not None and not self._poll.poll(self._stall * 1000):
            raise ConnectionResetError(errno.ECONNRESET, "the reader takes nothing")
