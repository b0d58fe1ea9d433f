"""gunicorn's worker with threads, in which one who does not hang up keeps nobody else waiting."""

from __future__ import annotations

import errno
import time
from typing import Any

from gunicorn import util  # type: ignore[import-untyped]  # it has no types
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]  # nor this

# How long a connection that is to be closed waits for the other side to read what was sent, and one that
# is kept for the rest of a body that nobody asked for.
LINGER_SECONDS = 0.5


class WebWorker(ThreadWorker):  # type: ignore[misc]  # for the same reason
    """Closes connections in the thread that had them, and waits for nothing that nobody needs.

    gunicorn closes in the thread that accepts, and waits there up to two seconds for each that does not hang
    up: thirty of those would stop the process for a minute. And it waits five seconds for the rest of a body
    that was refused unread, with a thread that holds no slot any more.
    """

    def handle(self, conn: TConn) -> Any:
        """As gunicorn's. A connection that is not kept is closed already when this returns."""
        kept = super().handle(conn)
        if not kept:
            util.close_graceful(conn.sock, timeout=LINGER_SECONDS)
        return kept

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """As gunicorn's. A reader that took nothing for too long while the kernel sent a file has gone."""
        try:
            return super().handle_request(req, conn)
        except TimeoutError as error:
            raise ConnectionResetError(errno.ECONNRESET, "the reader takes nothing") from error

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:  # noqa: FBT001  # as gunicorn has it
        """Whether the connection takes another request: what it sent for this one has been read."""
        return keepalive and bool(conn.parser.finish_body(deadline=time.monotonic() + LINGER_SECONDS))
