"""The sandbox as one object: start it in a thread for tests, or for as long as a process lives."""

import fcntl
import threading
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from tasks.sandbox.options import Options
from tasks.sandbox.rendering import InChild, Renderer
from tasks.sandbox.server import Server
from tasks.sandbox.state import State


class StoreInUse(Exception):
    """Another sandbox works with this store."""


class Sandbox:
    """A local TopView. `port=0` takes a free port; `renderer` is a child process unless another is given.

    `start()` raises OSError when the port is taken, and StoreInUse.
    """

    def __init__(
        self,
        store: Path,
        *,
        port: int = 0,
        seconds: float = 0.2,
        renderer: Renderer | None = None,
        **more: Any,
    ) -> None:
        self.options = Options(store=Path(store), port=port, seconds=seconds, **more)
        self._renderer = renderer
        self._lock: TextIOWrapper | None = None
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self.state: State | None = None

    @property
    def base_url(self) -> str:
        """Its address without a slash at the end."""
        if self._server is None:
            raise RuntimeError("the sandbox is not running")
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> "Sandbox":
        """Serve, in threads; returns when it answers. A running one is left as it is."""
        if self._server is not None:
            return self
        self._lock = _locked(self.options.store)
        try:
            self.state = State(self.options, self._renderer or InChild())
            self._server = Server((self.options.host, self.options.port), self.state)
        except OSError:
            if self.state is not None:
                self.state.stop()
            self._lock.close()
            raise
        self.state.start()
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answer no more, and leave the store as it is; a later start goes on from there."""
        if self._server is None or self.state is None or self._lock is None:
            return
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self.state.stop()
        self._lock.close()
        self._server = None

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()


def _locked(store: Path) -> TextIOWrapper:
    store.mkdir(parents=True, exist_ok=True)
    lock = (store / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise StoreInUse(f"another sandbox works with {store}") from None
    return lock
