"""The socket side: one thread a connection, HTTP/1.1 with kept connections."""

import logging
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, BinaryIO, cast

from tasks.sandbox.admin import Admin
from tasks.sandbox.messages import MAX_BODY, Answer, Refusal, Request, storage_error
from tasks.sandbox.service import Service
from tasks.sandbox.state import State
from tasks.sandbox.storage import Interrupted, Storage

logger = logging.getLogger(__name__)

CHUNK = 256 * 1024
IDLE_SECONDS = 75
LINGER_SECONDS = 1.0
MOST_DRAINED = 64 * 1024 * 1024
LOOPBACK = ("127.", "::1", "::ffff:127.")


class Server(ThreadingHTTPServer):
    """Listens; every connection is served by a thread of its own."""

    daemon_threads = True
    request_queue_size = 512
    # A second sandbox on the same port must fail; only the time-wait of an old one may be ignored.
    allow_reuse_address = True
    allow_reuse_port = False

    def __init__(self, address: tuple[str, int], state: State) -> None:
        self.state = state
        self.service = Service(state)
        self.storage = Storage(state)
        self.admin = Admin(state)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._stopping = False
        super().__init__(address, Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Close every connection, so that none is answered after a stop."""
        self._stopping = True
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not self._stopping:
            logger.exception("sandbox.request_failed")


class Handler(BaseHTTPRequestHandler):
    """Reads one request after the other, and writes what the parts behind it answer."""

    protocol_version = "HTTP/1.1"
    server_version = "TopViewSandbox"
    sys_version = ""
    timeout = IDLE_SECONDS
    wbufsize = 64 * 1024
    server: Server

    def answer_request(self) -> None:
        try:
            answer = self._answer()
        except Refusal as refusal:
            answer = refusal.answer()
        except (Interrupted, ConnectionError, TimeoutError):
            self.close_connection = True
            return
        try:
            self._send(answer)
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = answer_request  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        if self.server.state.options.noisy:
            # The query is left out: it holds signatures.
            logger.info("sandbox.request", extra={"method": self.command, "path": self.path.split("?")[0]})

    def _answer(self) -> Answer:
        path = self.path.split("?")[0]
        storage = self.server.storage
        if path.startswith("/sandbox/store/"):
            if self.command != "PUT":
                return storage_error(405, "MethodNotAllowed", "The method is not allowed.")
            return storage.upload(self._request(b""), cast(BinaryIO, self.rfile))
        request = self._request(self._read_body())
        if path.startswith(("/sandbox/results/", "/sandbox/cdn/", "/sandbox/media/")):
            if self.command not in ("GET", "HEAD"):
                return storage_error(405, "MethodNotAllowed", "The method is not allowed.")
            return storage.media(request) if path.startswith("/sandbox/media/") else storage.download(request)
        if path == "/" or path.startswith("/sandbox/"):
            return self.server.admin.answer(request)
        return self.server.service.answer(request)

    def _request(self, body: bytes) -> Request:
        host = self.headers.get("Host") or "{}:{}".format(*self.server.server_address[:2])
        return Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            base_url=f"http://{host}",
            from_loopback=str(self.client_address[0]).startswith(LOOPBACK),
        )

    def _read_body(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise Refusal("4001", "chunked bodies are not taken", status=411)
        text = self.headers.get("Content-Length", "0")
        if not text.isdigit() or int(text) > MAX_BODY:
            self.close_connection = True
            raise Refusal("4001", "the body is too large", status=413)
        body = self.rfile.read(int(text))
        if len(body) < int(text):
            raise Interrupted
        return body

    def _send(self, answer: Answer) -> None:
        if answer.drop:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        start, end = answer.part or (0, len(answer.body))
        # A fault may set any number.
        self.send_response(answer.status, self.responses.get(answer.status, ("Fault",))[0])
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(end - start))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.close:
            # Something of the request may be unread, which would be taken for the next one.
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(answer, start, end)
        if answer.close:
            self._linger()

    def _send_body(self, answer: Answer, start: int, end: int) -> None:
        if answer.file is None:
            self.wfile.write(answer.body)
            return
        stop = end if answer.cut is None else start + int((end - start) * answer.cut)
        with answer.file.open("rb") as file:
            file.seek(start)
            left = stop - start
            while left > 0 and (piece := file.read(min(CHUNK, left))):
                self.wfile.write(piece)
                left -= len(piece)
        if stop < end:
            self.wfile.flush()
            self.close_connection = True

    def _linger(self) -> None:
        # Closing with unread bytes resets the connection, and the caller might never see the answer.
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(LINGER_SECONDS)
        left = MOST_DRAINED
        try:
            while left > 0 and (piece := self.connection.recv(CHUNK)):
                left -= len(piece)
        except OSError:
            return
