"""A small HTTP server over raw sockets that does what it is told: answer, drip, stall, hang up, babble.

Every request takes the next step of the script; the last step is repeated. What came in stands in `requests`.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    #: The number of its connection, from 1 on.
    connection: int

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    def json(self) -> Any:
        return json.loads(self.body)


# How a client begins that wants TLS. Its random bytes may well fall into three words, like a request's line.
_TLS_GREETING = b"\x16"

#: Acts on the connection; True keeps it open for another request.
Step = Callable[[socket.socket, Request], bool]


def raw(data: bytes, *, keep: bool = False) -> Step:
    """Send these bytes and nothing else."""

    def act(connection: socket.socket, _request: Request) -> bool:
        connection.sendall(data)
        return keep

    return act


def http(status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Step:
    """A complete HTTP answer; `headers` replace the usual ones of the same name."""
    all_headers = {"Content-Length": str(len(body)), "Content-Type": "application/json", **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in all_headers.items())
    return raw(f"HTTP/1.1 {status} Word\r\n{head}\r\n".encode() + body, keep=True)


def says(
    result: Any, *, code: Any = "200", message: str = "Success", status: int = 200, **headers: str
) -> Step:
    """TopView's envelope."""
    body = json.dumps({"code": code, "message": message, "result": result}).encode()
    return http(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def refuses(code: Any, message: str = "no", status: int = 200, **headers: str) -> Step:
    """An error in the envelope."""
    return says(None, code=code, message=message, status=status, **headers)


def hangs_up(_connection: socket.socket, _request: Request) -> bool:
    """Close without a word, after the request was read."""
    return False


def resets(connection: socket.socket, _request: Request) -> bool:
    """Break the connection with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def tls_context(certificate: Path) -> ssl.SSLContext:
    """For a server that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@dataclass
class ScriptedServer:
    """Listens on a free port of the loopback address for the length of a `with` block."""

    script: list[Step] = field(default_factory=list)
    context: ssl.SSLContext | None = None
    #: Whether connections are accepted and then left alone.
    mute: bool = False
    requests: list[Request] = field(default_factory=list)
    accepted: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> ScriptedServer:
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.close()

    @property
    def origin(self) -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    def drips(self, data: bytes, pause: float = 0.02) -> Step:
        """Send one byte at a time, for ever alive and never done."""

        def act(connection: socket.socket, _request: Request) -> bool:
            for position in range(len(data)):
                if self.stopping.wait(pause):
                    break
                connection.sendall(data[position : position + 1])
            return False

        return act

    def stalls(self, _connection: socket.socket, _request: Request) -> bool:
        """Say nothing until the test is over."""
        self.stopping.wait(60)
        return False

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.append(connection)
            if not self.mute:
                threading.Thread(target=self._serve, args=(connection, self.accepted), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as lines:
                while request := _read_request(lines, number):
                    if not self._next_step(request)(connection, request):
                        return
        except OSError:
            return  # The client went away, which is its right.

    def _next_step(self, request: Request) -> Step:
        with self._lock:
            self.requests.append(request)
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]


def _read_request(lines: Any, number: int) -> Request | None:
    if lines.peek(1)[:1] == _TLS_GREETING:
        return None
    first = lines.readline().decode("latin-1").split()
    if len(first) != 3:
        return None
    headers: dict[str, str] = {}
    while (line := lines.readline().decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = lines.read(int(headers.get("content-length", "0")))
    return Request(first[0], first[1], headers, body, number)
