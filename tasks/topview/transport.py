"""Sends one request once, and says in our own errors what became of it."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from tasks.topview.errors import Interrupted, NotSent, TopViewError, Unreadable, Untrusted
from tasks.topview.sockets import Call, Session, under

__all__ = ["FAILURES", "Call", "Session", "failed", "read", "send"]

_PIECE: Final = 64 * 1024
#: What a session, or reading its answer, raises when the network fails.
FAILURES: Final = (requests.RequestException, HTTPError, http.client.HTTPException, OSError)


def send(
    session: Session,
    request: requests.Request,
    call: Call,
    *,
    proxies: Mapping[str, str],
    ca_bundle: str | None,
) -> requests.Response:
    """Send one request once and return the answer with its body unread.

    Raises `TopViewError` alone: NotSent (or Untrusted), Interrupted, or what the call's AddressRule says.
    """
    what = f"{request.method} {urlsplit(request.url).path}"
    try:
        with under(call):
            return session.send(
                session.prepare_request(request),
                stream=True,
                timeout=(call.connect_timeout, call.read_timeout),
                verify=ca_bundle or True,
                allow_redirects=False,
                proxies=dict(proxies),
            )
    except FAILURES as error:
        # Not chained: the exceptions of requests carry the request, and with it the key.
        raise failed(what, error, call) from None


def read(response: requests.Response, call: Call, *, what: str, limit: int, cut: bool = False) -> bytes:
    """The body of an answer, whole; past `limit` bytes it is Unreadable, or with `cut` only its beginning."""
    body = bytearray()
    try:
        for piece in response.iter_content(_PIECE):
            body += piece
            if len(body) > limit:
                break
    except FAILURES as error:
        raise failed(what, error, call) from None
    if len(body) > limit and not cut:
        raise Unreadable(f"{what}: an answer of more than {limit} bytes", http_status=response.status_code)
    return bytes(body[:limit])


def failed(what: str, error: BaseException, call: Call) -> TopViewError:
    """The error of ours for a failure of the network."""
    causes = list(_causes(error))
    summary = f"{what}: {'/'.join(dict.fromkeys(type(cause).__name__ for cause in causes))}"
    if call.sent:
        return Interrupted(summary)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Untrusted(summary)
    return NotSent(summary)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and what lies under it. Only classes are told: texts may hold addresses and headers."""
    inner: BaseException | None = error
    while inner is not None:
        yield inner
        reason = getattr(inner, "reason", None)
        parts = [reason, *inner.args] if isinstance(reason, BaseException) else inner.args
        inner = next((part for part in parts if isinstance(part, BaseException)), None)
