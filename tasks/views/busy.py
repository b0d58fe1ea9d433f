"""Says that the portal cannot do something just now, and when to ask again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks.views.bare import Told, bare

UNAVAILABLE = 503


def busy(request: HttpRequest, text: str, *, seconds: int) -> HttpResponse:
    """503 with Retry-After; where somebody looks at it, a page that asks again by itself.

    What was sent is neither read nor taken, and not sent again by itself.
    """
    again = request.method in ("GET", "HEAD")
    told = Told(_("The portal is busy just now"), (text, _next(seconds, again=again)), seconds, again)
    return bare(request, told, status=UNAVAILABLE)


def _next(seconds: int, *, again: bool) -> str:
    if not again:
        return _("Nothing was taken. Go back, wait a moment and send it once more.")
    text = ngettext(
        "This page tries again by itself after %(count)d second.",
        "This page tries again by itself after %(count)d seconds.",
        seconds,
    )
    return text % {"count": seconds}
