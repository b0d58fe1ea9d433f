"""What every request gets: an id for the log, headers, the person's workspace, language and time zone."""

import uuid
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone, translation

from tasks import access
from tasks.logs import context_id

# When the person signed in, and when they last did something, in seconds since 1970.
_BEGAN_AT, _VISITED_AT = "began_at", "visited_at"
# Where the addresses of watchdogs begin.
HEALTH = "/health/"
Next = Callable[[HttpRequest], HttpResponseBase]


class RequestContextMiddleware:
    """Names the request in the log and adds the headers that no other part sets."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with `X-Request-Id`, so that a person can quote it.

        What says nothing else of caches is kept by none: it may be one person's alone.
        """
        name = uuid.uuid4().hex
        token = context_id.set(name)
        try:
            response = self.get_response(request)
        finally:
            context_id.reset(token)
        response["X-Request-Id"] = name
        response.headers.setdefault("Cache-Control", "no-store")
        if getattr(request, "has_signed_out", False):
            # Pictures and films, too, which this browser keeps to ask for less.
            response["Clear-Site-Data"] = '"cache"'
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        return response


@receiver(user_logged_out)
def _note_sign_out(*, request: HttpRequest | None, **_facts: object) -> None:
    if request is not None:
        request.has_signed_out = True  # type: ignore[attr-defined]  # read above


class HeadMiddleware:
    """Takes the body away where only headers were asked for. The server would, too, but warns each time."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as to a GET, its Content-Length among it."""
        response = self.get_response(request)
        if request.method == "HEAD" and isinstance(response, HttpResponse):
            response.content = b""
        return response


class HealthMiddleware:
    """Lets watchdogs ask by plain http, and by the address of the machine, which is none of ALLOWED_HOSTS."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Take such a request for one to this machine; its answer depends on no host and names none."""
        if request.path_info.startswith(HEALTH):
            request.META["HTTP_HOST"] = "localhost"
        return self.get_response(request)


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses pages and fragments: a full list is a tenth then. Files are left alone, for their ranges.

    Attacks that guess secrets from the size of answers are met as Django's own class meets them.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class SessionAgeMiddleware:
    """Ends sessions that nobody uses, and each one some day: their rows die at that moment.

    What a page does by itself is no use of it: a browser left open would stay signed in for ever.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Put off the end of a session that was used, now and then: each time is a write."""
        response = self.get_response(request)
        session = request.session
        if session.accessed and SESSION_KEY in session and _is_visit(request):
            passed = timezone.now().timestamp() - session.get(_VISITED_AT, 0.0)
            if not 0 <= passed < settings.SESSION_COOKIE_AGE / 20:
                put_off_end(session)
        return response


def put_off_end(session: SessionBase) -> None:
    """Let the session live for as long as without a visit, and no longer than it may live at all."""
    now = timezone.now()
    session[_VISITED_AT] = now.timestamp()
    began_at = session.setdefault(_BEGAN_AT, now.timestamp())
    last = datetime.fromtimestamp(began_at, UTC) + timedelta(seconds=settings.SESSION_MAX_SECONDS)
    session.set_expiry(min(now + timedelta(seconds=settings.SESSION_COOKIE_AGE), last))


def begin_session(*, request: HttpRequest, **_facts: Any) -> None:
    """Somebody has signed in: their session begins now, whatever stood in it before."""
    request.session[_BEGAN_AT] = timezone.now().timestamp()
    put_off_end(request.session)


def _is_visit(request: HttpRequest) -> bool:
    """Whether a person opened a page or sent a form; a page asks for its parts by itself."""
    if request.method not in ("GET", "HEAD"):
        return True
    asks_by_itself = request.headers.get("HX-Request") == "true"
    return not asks_by_itself and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


class MembershipMiddleware:
    """Puts `request.membership` there for signed-in people, and their time zone and language in force."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The membership is found when first asked for, so that static files and sign-in cost no query."""
        access.attach(request)
        if not request.user.is_authenticated:
            return self.get_response(request)
        # The person's choice while the portal has it, else what the browser asks for.
        chosen = request.user.language
        language = chosen if chosen in dict(settings.LANGUAGES) else translation.get_language()
        try:
            zone = zoneinfo.ZoneInfo(request.user.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            zone = zoneinfo.ZoneInfo("UTC")
        with timezone.override(zone), translation.override(language):
            return self.get_response(request)
