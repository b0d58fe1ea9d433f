"""Puts one file into TopView's file store: raw bytes, a Content-Length, and none of TopView's headers.

The store refuses chunked bodies and multipart forms, and answers errors in XML, of which only the word in
`<Code>` is read, as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

import requests

from tasks.topview import transport
from tasks.topview.endpoint import Endpoint
from tasks.topview.errors import Busy, RemoteFault, TicketExpired, TopViewError, UploadRefused
from tasks.topview.reading import retry_after
from tasks.topview.results import UploadTicket

ProgressReport = Callable[[int], None]

WHAT: Final = "PUT file"
#: Bytes a second below which an upload is given up; a weak line at home sends some 100,000.
_SLOWEST: Final = 32 * 1024
_LONGEST_ERROR: Final = 64 * 1024
_PIECE: Final = 64 * 1024
_ERROR_WORD: Final = re.compile(rb"<Code>\s*([A-Za-z0-9._-]{1,64})\s*</Code>")


def put(
    ticket: UploadTicket,
    stream: BinaryIO,
    size: int,
    *,
    endpoint: Endpoint,
    on_progress: ProgressReport | None = None,
) -> None:
    """Send `size` bytes from `stream`, once. `on_progress` gets the number of bytes sent so far.

    Raises TicketExpired when a new ticket is needed, NotAllowed when the ticket leads to a forbidden address,
    and ValueError when the stream ends before `size` bytes.
    """
    if size <= 0:
        raise ValueError("An empty file cannot be uploaded.")
    rule = endpoint.files
    rule.check_url(ticket.upload_url)
    call = endpoint.call(endpoint.submit_deadline + size / _SLOWEST, rule)
    request = requests.Request(
        "PUT",
        ticket.upload_url,
        data=_MeteredBody(stream, size, on_progress),
        headers={"Content-Type": "application/octet-stream", "Connection": "close"},
    )
    with transport.Session() as session:
        proxies, ca_bundle = endpoint.proxies, endpoint.ca_bundle
        with transport.send(session, request, call, proxies=proxies, ca_bundle=ca_bundle) as response:
            if not 200 <= response.status_code < 300:
                raise _refusal(response, call)
    if on_progress is not None:
        on_progress(size)


class _MeteredBody:
    """A body of known length that tells how much of it is gone."""

    def __init__(self, stream: BinaryIO, size: int, report: ProgressReport | None) -> None:
        self._stream = stream
        self._size = size
        self._report = report
        self._given = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(_PIECE), b"")

    def read(self, amount: int = -1) -> bytes:
        # Being asked for more means that what was given before is on its way.
        if self._report is not None and 0 < self._given < self._size:
            self._report(self._given)
        wanted = self._size - self._given
        piece = self._stream.read(min(amount, wanted) if amount >= 0 else wanted) if wanted else b""
        if wanted and not piece:
            raise ValueError(f"The file ended after {self._given} of {self._size} bytes.")
        self._given += len(piece)
        return piece


def _refusal(response: requests.Response, call: transport.Call) -> TopViewError:
    status = response.status_code
    body = transport.read(response, call, what=WHAT, limit=_LONGEST_ERROR, cut=True)
    word = _ERROR_WORD.search(body)
    code = word.group(1).decode("ascii") if word else None
    kind: type[TopViewError] = UploadRefused
    if status == 403:
        kind = TicketExpired
    elif status in (429, 503):
        kind = Busy
    elif not 400 <= status < 500:
        kind = RemoteFault
    after = retry_after(response.headers.get("Retry-After"))
    return kind(f"{WHAT}: HTTP {status}, {code}", code=code, http_status=status, retry_after=after)
