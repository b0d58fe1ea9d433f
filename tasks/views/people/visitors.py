"""Where a request comes from, and whether this browser is one in which the person has signed in before."""

from __future__ import annotations

import math
import secrets
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks.access import PortalRequest
from tasks.commands.people import sign_ins
from tasks.commands.people.sign_ins import TooManyAttempts, Visitor
from tasks.models import User
from tasks.views.http.bare_pages import Told, bare

TOO_MANY = 429
_SALT = "tasks.known-browser"
_AGE = 400 * 24 * 3600  # seconds; browsers keep no cookie for longer
# A browser that several people share remembers the last of them.
_MOST_PEOPLE = 10


def visitor_of(request: HttpRequest, login: str) -> Visitor:
    """Who tries to sign in with this mail address."""
    known = _known(request)
    person = User.objects.filter(email=login.strip().lower()).values_list("pk", flat=True).first()
    is_known = person is not None and person in known["people"]
    try:
        address = str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        # A server behind a socket file that names nobody.
        address = ""
    return Visitor(
        address=address,
        user_agent=request.headers.get("User-Agent", ""),
        browser_id=known["id"] if is_known else "",
    )


def remember(request: HttpRequest, response: HttpResponse, person: User) -> None:
    """Note in a signed cookie that the person has signed in with this browser."""
    known = _known(request)
    people = [person.pk, *(one for one in known["people"] if one != person.pk)][:_MOST_PEOPLE]
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        signing.dumps({"id": known["id"], "people": people}, salt=_SALT),
        max_age=_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def password_is_right(request: PortalRequest, password: str) -> bool:
    """Whether it is the signed-in person's; counted like a sign-in. Raises TooManyAttempts."""
    email = request.user.email
    attempt = sign_ins.begin(login=email, visitor=visitor_of(request, email))
    if not request.user.check_password(password):
        return False
    sign_ins.succeed(attempt)
    return True


def too_many_words(error: TooManyAttempts) -> str:
    """What a person reads instead of an answer about their password."""
    minutes = math.ceil(error.seconds / 60)
    text = ngettext(
        "Too many wrong passwords. Try again in a minute.",
        "Too many wrong passwords. Try again in %(minutes)s minutes.",
        minutes,
    )
    return text % {"minutes": minutes}


def too_many(request: HttpRequest, error: TooManyAttempts) -> HttpResponse:
    """429 with Retry-After, for pages of somebody signed in."""
    told = Told(_("Wait a moment"), (too_many_words(error),), error.seconds)
    return bare(request, told, status=TOO_MANY)


def _known(request: HttpRequest) -> dict[str, Any]:
    try:
        cookie = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
        known: dict[str, Any] = signing.loads(cookie, salt=_SALT, max_age=_AGE)
    except signing.BadSignature:
        return {"id": secrets.token_hex(12), "people": []}
    return known
