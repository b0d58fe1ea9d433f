"""Sessions of `requests` whose sockets keep to one clock and know whether anything was sent.

Read in urllib3 2.8, which leaves three things to us:

- Its timeouts start again with every byte, so a server that drips holds a caller for ever. Here every read
  and every write of a call is bounded by what is left until the call's deadline. (A TLS handshake is one
  bounded step.)
- Its exceptions do not say whether the request left: `ProtocolError` covers both a proxy that hung up
  before the tunnel stood and a server that hung up after reading a paid request. Here the connection notes
  the moment before its first byte goes to the server; what fails earlier was certainly not sent.
- It looks names up by itself. Here a call can carry an AddressRule, and the socket goes to the judged
  address.

Nothing here retries, follows redirects, keeps cookies, or reads proxies and certificates from the
environment.
"""

from __future__ import annotations

import http.client
import io
import logging
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection
from urllib3.util.retry import Retry

from tasks.topview.addresses import AddressRule, look_up

# urllib3 writes whole addresses, with their signatures, at DEBUG and (for odd headers) at WARNING.
logging.getLogger("urllib3").setLevel(logging.ERROR)

USER_AGENT: Final = "TopviewPortal"
#: For each host: as many as threads that read at once.
_KEPT_CONNECTIONS: Final = 32


@dataclass
class Call:
    """What the sockets must know of the call under way, and what they learn."""

    #: On the clock of `time.monotonic()`.
    deadline: float
    connect_timeout: float
    #: The longest silence allowed, in seconds.
    read_timeout: float
    rule: AddressRule | None = None
    #: Whether any byte of the request may have left.
    sent: bool = False

    @classmethod
    def lasting(cls, seconds: float, *, connect: float, read: float, rule: AddressRule | None = None) -> Call:
        """A call that ends `seconds` from now at the latest."""
        return cls(time.monotonic() + seconds, connect, read, rule)

    def left(self, at_most: float) -> float:
        """Seconds until the deadline, or `at_most` if that is less; TimeoutError when none is left."""
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the call's deadline has passed")
        return min(remaining, at_most)


_current: ContextVar[Call] = ContextVar("call")


@contextmanager
def under(call: Call) -> Iterator[None]:
    """Every connection used inside belongs to `call`."""
    token = _current.set(call)
    try:
        yield
    finally:
        _current.reset(token)


class _ClockedReader(io.RawIOBase):
    """The receiving side of a socket; each read may last as long as its call has left."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, call: Call) -> None:
        self._raw = raw
        self._socket = sock
        self._call = call

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._call.left(self._call.read_timeout))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _ClockedResponse(http.client.HTTPResponse):
    """An answer read through the clock, from its first header byte on."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_ClockedReader(self.fp.detach(), sock, _current.get()))


class _WatchedConnection(HTTPConnection):
    """A connection that belongs to the current Call."""

    response_class = _ClockedResponse
    scheme = "http"
    _opened = False

    def connect(self) -> None:
        # What is sent before this returns (CONNECT to a proxy, the TLS handshake) carries nothing of the
        # request.
        self._opened = False
        super().connect()
        self._opened = True

    def close(self) -> None:
        self._opened = False
        super().close()

    def send(self, data: Any) -> None:
        call = _current.get()
        if self.sock is None:
            self.connect()
        if self._opened:
            self.sock.settimeout(call.left(call.read_timeout))
            call.sent = True
        super().send(data)

    def _new_conn(self) -> socket.socket:
        call = _current.get()
        failure: OSError = OSError("the name has no address")
        for address in self._addresses(call):
            try:
                seconds = call.left(call.connect_timeout)
                return create_connection((address, self.port), seconds, socket_options=self.socket_options)
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, "timed out") from failure
        raise NewConnectionError(self, "no address answered") from failure

    def _addresses(self, call: Call) -> Sequence[str]:
        """Where to go; through a proxy, `self.host` is the proxy, which is ours to choose and not judged."""
        try:
            if call.rule is None or self.proxy is not None:
                return look_up(self.host, self.port)
            return call.rule.addresses(self.scheme, self.host, self.port)
        except (socket.gaierror, UnicodeError) as error:
            raise NewConnectionError(self, "the name has no address") from error


class _WatchedTlsConnection(_WatchedConnection, HTTPSConnection):
    scheme = "https"


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTlsConnection


_POOLS: Final = {"http": _HttpPool, "https": _HttpsPool}


class _WatchedAdapter(HTTPAdapter):
    """Connections of ours, no retry of any sort, and certificates always verified."""

    def __init__(self) -> None:
        no_retry = Retry(0, read=False, redirect=False, status=0, other=0)
        super().__init__(pool_maxsize=_KEPT_CONNECTIONS, max_retries=no_retry)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        if not options.get("verify"):
            raise ValueError("TLS verification cannot be turned off.")
        return super().send(request, *args, **options)


class Session(requests.Session):
    """A session for calls made `under(call)`. Threads may share one; it holds no header of any account."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.headers.clear()
        self.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})
        for scheme in ("https://", "http://"):
            self.mount(scheme, _WatchedAdapter())

    def get_redirect_target(self, resp: requests.Response) -> None:
        """No redirect is followed; without this, requests would still read its body whole into memory."""
