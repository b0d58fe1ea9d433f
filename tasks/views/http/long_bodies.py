"""Bodies that are as long as a file: so many at a time, and none that stops coming."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from tasks.concurrency import SHORT_BYTES, long_answers
from tasks.views.http.busy import busy

# The other side of a connection that neither sends nor takes anything for so long is let go.
STALL_SECONDS = 20
_RETRY_SECONDS = 5


class LongBodiesMiddleware:
    """Gives a long body one of the slots of long answers; without one nothing of it is read (503)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer; its slot is free again when it is made."""
        connection = request.META.get("gunicorn.socket")
        if connection is not None:
            # The server sets it back for the next request.
            connection.settimeout(STALL_SECONDS)
        if announced_bytes(request) <= SHORT_BYTES:
            return self.get_response(request)
        release = long_answers.take()
        if release is None:
            return _refused(request)
        try:
            return self.get_response(request)
        finally:
            release()


def _refused(request: HttpRequest) -> HttpResponseBase:
    answer = busy(request, _("Many files are under way just now."), seconds=_RETRY_SECONDS)
    if "gunicorn.socket" not in request.META:
        return answer
    headers = {**answer.headers, "Content-Length": str(len(answer.content))}
    return StreamingHttpResponse(_then_closed(answer.content), status=answer.status_code, headers=headers)


def _then_closed(content: bytes) -> Iterator[bytes]:
    """The content; then the connection is closed, else the server reads the rest of the body for seconds."""
    yield content
    raise ConnectionResetError(errno.ECONNRESET, "the body is not wanted")


def announced_bytes(request: HttpRequest) -> int:
    """How long the body is, as the request says; 0 where it says nothing that makes sense."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
