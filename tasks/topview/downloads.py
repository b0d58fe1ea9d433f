"""The one function that fetches addresses given by others: results, catalog pictures, voice samples.

https to the open internet only (and the exact origin of the sandbox), no redirects, a limit on size, a
limit on time, an allow-list of media types, and every announced byte must come.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import requests
from urllib3.exceptions import ProtocolError

from tasks.topview import transport
from tasks.topview.addresses import AddressRule
from tasks.topview.errors import (
    Busy,
    Expired,
    Interrupted,
    NotAllowed,
    NotSent,
    RemoteFault,
    TooLarge,
    TopViewError,
    Truncated,
    Untrusted,
    WrongMedia,
)

__all__ = [
    "MEDIA_TYPES",
    "Busy",
    "DownloadRules",
    "Downloaded",
    "Expired",
    "Interrupted",
    "NotAllowed",
    "NotSent",
    "RemoteFault",
    "TooLarge",
    "Truncated",
    "Untrusted",
    "WrongMedia",
    "download",
]

WHAT: Final = "GET file"
_PIECE: Final = 256 * 1024

#: SVG and HTML are not among them: they can carry scripts. File stores often know only `octet-stream`.
MEDIA_TYPES: Final = frozenset(
    {
        "application/octet-stream",
        "audio/aac",
        "audio/m4a",
        "audio/mp3",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "audio/wave",
        "audio/x-m4a",
        "audio/x-wav",
        "binary/octet-stream",
        "image/avif",
        "image/bmp",
        "image/gif",
        "image/jpeg",
        "image/jpg",
        "image/png",
        "image/webp",
        "video/mp4",
        "video/quicktime",
        "video/webm",
        "video/x-msvideo",
    }
)


@dataclass(frozen=True)
class DownloadRules:
    """What may be fetched, and how much of it. Times are in seconds.

    Through a proxy names are looked up by the proxy, so that only literal addresses are judged here.
    """

    max_bytes: int
    addresses: AddressRule = field(default_factory=AddressRule)
    #: None takes all, for callers that judge by the content.
    media_types: frozenset[str] | None = MEDIA_TYPES
    #: For the whole file.
    seconds: float = 900.0
    connect_timeout: float = 5.0
    #: The longest silence.
    read_timeout: float = 30.0
    proxies: Mapping[str, str] = field(default_factory=dict)
    ca_bundle: str | None = None


@dataclass(frozen=True)
class Downloaded:
    sha256: str
    size: int
    #: As the server calls it, in small letters without parameters; the bytes may be something else.
    media_type: str
    #: Whether the server said how long it is, so that it is known to be whole.
    is_whole: bool = True


def download(url: str, into: BinaryIO, *, rules: DownloadRules) -> Downloaded:
    """Fetch `url` into `into`, hashing on the way. Whatever was written must be thrown away after an error.

    Raises Expired (HTTP 403, 404, 410), Truncated, NotAllowed, TooLarge, WrongMedia, Interrupted, NotSent,
    Busy or RemoteFault, all of them `TopViewError`.
    """
    rules.addresses.check_url(url)
    call = transport.Call.lasting(
        rules.seconds, connect=rules.connect_timeout, read=rules.read_timeout, rule=rules.addresses
    )
    request = requests.Request("GET", url, headers={"Connection": "close"})
    with transport.Session() as session:
        proxies, ca_bundle = rules.proxies, rules.ca_bundle
        with transport.send(session, request, call, proxies=proxies, ca_bundle=ca_bundle) as response:
            _check_status(response.status_code)
            media_type = _checked_media_type(response, rules)
            return _copy(response, into, call, rules, media_type)


def _check_status(status: int) -> None:
    if status == 200:
        return
    kind: type[TopViewError] = RemoteFault
    if status in (403, 404, 410):
        kind = Expired
    elif status in (429, 503):
        kind = Busy
    elif 300 <= status < 400:
        kind = NotAllowed
    raise kind(f"{WHAT}: HTTP {status}", http_status=status)


def _checked_media_type(response: requests.Response, rules: DownloadRules) -> str:
    """What it is; raises WrongMedia or TooLarge for what its headers say already."""
    header = response.headers.get("Content-Type", "application/octet-stream")
    media_type = header.partition(";")[0].strip().lower()
    if rules.media_types is not None and media_type not in rules.media_types:
        raise WrongMedia(f"{WHAT}: media type {media_type[:60]!r}")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongMedia(f"{WHAT}: compressed, though we asked for the bytes as they are")
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > rules.max_bytes:
        raise TooLarge(f"{WHAT}: {announced} bytes announced")
    return media_type


def _copy(
    response: requests.Response,
    into: BinaryIO,
    call: transport.Call,
    rules: DownloadRules,
    media_type: str,
) -> Downloaded:
    digest, size = hashlib.sha256(), 0
    pieces = response.raw.stream(_PIECE, decode_content=False)
    while piece := _next_piece(pieces, call):
        size += len(piece)
        if size > rules.max_bytes:
            raise TooLarge(f"{WHAT}: more than {rules.max_bytes} bytes")
        digest.update(piece)
        into.write(piece)
    if size == 0:
        raise Truncated(f"{WHAT}: no bytes at all")
    # Without either header the closing of the connection is the end, as it is after a failure.
    is_chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
    is_whole = is_chunked or response.headers.get("Content-Length", "").isdecimal()
    return Downloaded(digest.hexdigest(), size, media_type, is_whole)


def _next_piece(pieces: Iterator[bytes], call: transport.Call) -> bytes:
    """The next bytes, or none at the end. Failures of our own disk are not among the translated ones."""
    try:
        return next(pieces, b"")
    except ProtocolError as error:
        # A server that closed early, unlike one whose connection broke.
        if not any(isinstance(part, OSError) for part in error.args):
            raise Truncated(f"{WHAT}: it ended early") from None
        raise transport.failed(WHAT, error, call) from None
    except transport.FAILURES as error:
        raise transport.failed(WHAT, error, call) from None
