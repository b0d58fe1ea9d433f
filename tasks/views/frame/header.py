"""The header of every page, drawn once for all that look alike."""

from __future__ import annotations

from secrets import token_hex
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from cachetools import LRUCache, cached
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

# Of all headers together, in characters.
_MOST_KEPT = 4_000_000
# Stands in a kept header where each answer has the token of its own request.
_TOKEN = token_hex(16)


class Place(NamedTuple):
    """A workspace that the person is in."""

    pk: UUID
    name: str


class Header(NamedTuple):
    """All that a header shows. Its template is given nothing else, so that equal ones look alike."""

    page_name: str
    is_signed_in: bool
    name: str
    email: str
    role: str
    workspace: Place | None
    workspaces: tuple[Place, ...]
    can_create: bool
    is_admin: bool
    attention: str
    reviews: str
    service_label: str


def draw_header(header: Header, request: HttpRequest) -> SafeString:
    """The header for this request, in the language in force."""
    html = _drawn(header, get_language())
    return mark_safe(html.replace(_TOKEN, get_token(request)) if _TOKEN in html else html)  # noqa: S308  # a template drew it


# Kept by everything it shows: whatever changes makes another header, and the longest unseen one falls.
@cached(LRUCache(_MOST_KEPT, getsizeof=len), lock=Lock())
def _drawn(header: Header, language: str) -> str:
    context = {"header": header, "page_name": header.page_name, "csrf_token": _TOKEN}
    return get_template("components/header.html").render(context)
