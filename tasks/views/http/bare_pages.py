"""Pages for when little works: they ask no database, need no list of static files, and read no body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

# Their own, since they are also made where the middleware that sets it has failed.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Told:
    title: str
    texts: tuple[str, ...]
    seconds: int | None = None  # until it is worth asking again
    again: bool = False  # whether the page does so by itself


def bare(
    request: HttpRequest, told: Told, *, status: int, template: str = "bare.html", **context: Any
) -> HttpResponse:
    """The page for a browser that shows one, `{"errors": […]}` for a script, the words for all others."""
    accepted = request.META.get("HTTP_ACCEPT", "")
    response: HttpResponse
    if "text/html" in accepted:
        theme = request.COOKIES.get("theme")
        facts = {"told": told, "static_url": settings.STATIC_URL, "theme": theme, **context}
        response = HttpResponse(render_to_string(template, facts))
    elif "json" in accepted:
        response = JsonResponse({"errors": list(told.texts)})
    else:
        response = HttpResponse("\n".join(told.texts), content_type="text/plain; charset=utf-8")
    response.status_code = status
    for name, value in _HEADERS.items():
        response[name] = value
    if told.seconds is not None:
        response["Retry-After"] = str(told.seconds)
    return response
