"""Sends kept bytes to somebody who has been let in: parts, validators, and nothing a browser could run."""

from __future__ import annotations

import errno
import logging
import select
import socket
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header, parse_etags

from tasks.commands.blobs import BlobMissing, open_blob
from tasks.media import INLINE_MEDIA_TYPES
from tasks.models import Blob
from tasks.views.ranges import NotSatisfiable, Part, parse_range

logger = logging.getLogger(__name__)

# Small enough that a socket that reports room takes it at once.
CHUNK_BYTES = 16 * 1024
# A reader that takes nothing for so long is let go; players and downloads come back with a Range.
STALL_SECONDS = 20
_HOUR, _YEAR = 3600, 365 * 24 * 3600
# Opened by itself, a file may show its own bytes and do nothing else.
_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


def serve_blob(
    request: HttpRequest, blob: Blob, *, name: str, download: bool = False, lasting: bool = False
) -> HttpResponseBase:
    """Answer GET or HEAD with a blob that the person may see; `name` is offered as the file name.

    Understands one Range (an open end gets 2 MiB), If-Range and If-None-Match. `lasting` is for addresses
    that hold the hash. With X_ACCEL_PREFIX set the front server sends the bytes. Raises Http404 when the
    bytes are gone.
    """
    tag = f'"{blob.sha256}"'
    response = _answer(request, blob, tag)
    response["ETag"] = tag
    response["Cache-Control"] = (
        f"private, max-age={_YEAR}, immutable" if lasting else f"private, max-age={_HOUR}"
    )
    if response.status_code == 304:
        return response
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    shown = blob.media_type in INLINE_MEDIA_TYPES
    response["Content-Type"] = blob.media_type if shown else "application/octet-stream"
    attached = download or not shown
    response["Content-Disposition"] = content_disposition_header(attached, name) or "attachment"
    return response


def _answer(request: HttpRequest, blob: Blob, tag: str) -> HttpResponseBase:
    if _has_it_already(request, tag):
        return HttpResponse(status=304)
    if settings.X_ACCEL_PREFIX:
        return HttpResponse(
            headers={"X-Accel-Redirect": settings.X_ACCEL_PREFIX + quote(blob.file.name or "")}
        )
    try:
        part = _asked(request, blob, tag)
    except NotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{blob.size}"})
    whole = Part(0, blob.size)
    headers = {"Content-Length": str((part or whole).length)}
    if part:
        headers["Content-Range"] = part.content_range(blob.size)
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    try:
        file = open_blob(blob)
    except BlobMissing as error:
        raise Http404("the bytes are gone") from error
    except OSError as error:
        logger.warning("blob.unreadable", extra={"blob": str(blob.pk), "error_class": type(error).__name__})
        return HttpResponse(status=503, headers={"Retry-After": "10"})
    body = Slice(file, part or whole, request.META.get("gunicorn.socket"))
    return StreamingHttpResponse(body, status=206 if part else 200, headers=headers)


def _has_it_already(request: HttpRequest, tag: str) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or any(one.removeprefix("W/") == tag for one in known)


def _asked(request: HttpRequest, blob: Blob, tag: str) -> Part | None:
    """The part asked for; None for all. Range means something on GET only, and If-Range can annul it."""
    if request.method != "GET" or request.headers.get("If-Range", tag) != tag:
        return None
    return parse_range(request.headers.get("Range", ""), blob.size)


class Slice:
    """Part of an open file in chunks, which gives up on a reader that takes nothing."""

    def __init__(self, file: BinaryIO, part: Part, connection: socket.socket | None) -> None:
        self._file = file
        self._part = part
        self._connection = connection

    def __iter__(self) -> Iterator[bytes]:
        """The chunks. Raises ConnectionResetError, which makes the server close the connection."""
        self._file.seek(self._part.start)
        left = self._part.length
        room = _Room(self._connection)
        while left:
            chunk = self._file.read(min(CHUNK_BYTES, left))
            if not chunk:
                logger.error("blob.short", extra={"missing": left})
                raise ConnectionResetError(errno.ECONNRESET, "the file is shorter than its row says")
            room.wait()
            yield chunk
            left -= len(chunk)

    def close(self) -> None:
        """Called when the answer ends, however it ends."""
        self._file.close()


class _Room:
    """Waits until the connection takes more. Does nothing where the server does not show its socket."""

    def __init__(self, connection: socket.socket | None) -> None:
        self._poll: select.poll | None = None
        if connection is not None:
            # For a chunk that fits only in part. The server sets it back for the next request.
            connection.settimeout(STALL_SECONDS)
            self._poll = select.poll()
            self._poll.register(connection, select.POLLOUT)

    def wait(self) -> None:
        if self._poll is not None and not self._poll.poll(STALL_SECONDS * 1000):
            raise ConnectionResetError(errno.ECONNRESET, "the reader takes nothing")
