"""A proxy on loopback that passes bytes on and breaks its first connections in the middle of the answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class CuttingProxy:
    """Passes each connection on to `port` of this machine; the first `times` long answers are cut."""

    def __init__(self, port: int, *, after: int, times: int = 1) -> None:
        """`after` so many bytes of an answer its connection is reset."""
        self._to, self._after, self._left = port, after, times
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def cuts_left(self) -> int:
        """How many connections are still to be cut."""
        return self._left

    def serve(self) -> None:
        """Until the listener is closed."""
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._to))
            threading.Thread(target=self._pass, args=(near, far), daemon=True).start()
            threading.Thread(target=self._pass_answers, args=(far, near), daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(65536):
                target.sendall(chunk)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _pass_answers(self, source: socket.socket, target: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while chunk := source.recv(65536):
                target.sendall(chunk)
                passed += len(chunk)
                if passed >= self._after and self._may_cut():
                    break
        # The other thread still listens to them: closing alone would end nothing.
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _may_cut(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0


@contextmanager
def cutting_proxy(port: int, *, after: int, times: int = 1) -> Iterator[CuttingProxy]:
    """The proxy, listening."""
    proxy = CuttingProxy(port, after=after, times=times)
    threading.Thread(target=proxy.serve, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.close()
