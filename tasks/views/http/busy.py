"""Says that the portal cannot do something just now, and when to ask again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks.views.http.bare_pages import Told, bare

UNAVAILABLE = 503
# When a locked database is worth asking again.
_LOCKED_SECONDS = 5
# Fields whose values are never written into a page.
_SECRET = ("password", "key", "secret", "code")
# Methods that change nothing.
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class WritesMiddleware:
    """Notes on `request.has_written` that a request has changed a row: what fails later was taken in part."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in SAFE:
            return self.get_response(request)

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
            result = execute(sql, params, many, context)
            if sql.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
                request.has_written = True  # type: ignore[attr-defined]  # its home is here
            return result

        with connection.execute_wrapper(note):
            return self.get_response(request)


def busy(request: HttpRequest, text: str, *, seconds: int) -> HttpResponse:
    """503 with Retry-After; where somebody looks at it, a page that asks again by itself.

    What was sent is neither read nor taken, and not sent again by itself.
    """
    again = request.method in SAFE
    what_next = _("Nothing was taken. Go back, wait a moment and send it once more.")
    if again:
        what_next = ngettext(
            "This page tries again by itself after %(count)d second.",
            "This page tries again by itself after %(count)d seconds.",
            seconds,
        ) % {"count": seconds}
    told = Told(_("The portal is busy just now"), (text, what_next), seconds, again)
    return bare(request, told, status=UNAVAILABLE)


def database_is_busy(request: HttpRequest) -> HttpResponse:
    """503 for a locked or missing database. What was typed comes back, to be sent again.

    It is sent again by itself where nothing of it can have been taken; a script says so to nobody twice.
    """
    title, seconds = _("The portal is busy just now"), _LOCKED_SECONDS
    if request.method in SAFE:
        return busy(request, _("Its database does not answer."), seconds=seconds)
    if getattr(request, "has_written", False):
        text = _("Look whether it has what you sent before you send it again: that is not certain.")
        return bare(request, Told(title, (text,), seconds), status=UNAVAILABLE)
    typed = _typed(request)
    if typed is None:
        text = _("Nothing was taken. Go back, wait a moment and send it once more.")
        return bare(request, Told(title, (text,), seconds), status=UNAVAILABLE)
    told = Told(title, (_("Nothing was taken. What you typed is kept here and sent again."),), seconds)
    return bare(
        request, told, status=UNAVAILABLE, template="resend.html", typed=typed, url=request.get_full_path()
    )


def _typed(request: HttpRequest) -> list[tuple[str, str]] | None:
    """The fields of a form that has been read already; None where it cannot or must not be sent again."""
    read: QueryDict | None = getattr(request, "_post", None)
    if not read or getattr(request, "_files", None):
        return None
    if any(secret in name.lower() for name in read for secret in _SECRET):
        return None
    return [(name, value) for name, values in read.lists() for value in values]
