"""What every request gets: an id for the log, headers, the person's workspace, language and time zone."""

import uuid
import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone, translation

from tasks import access
from tasks.logs import context_id

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


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses pages and fragments: a full list is a tenth then. Files are left alone, for their ranges.

    Attacks that guess secrets from the size of answers are met as Django's own class meets them.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress HTML."""
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class MembershipMiddleware:
    """Puts `request.membership` there for signed-in people, and their time zone and language in force."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The membership is found when first asked for, so that static files and sign-in cost no query."""
        access.attach(request)
        if not request.user.is_authenticated:
            return self.get_response(request)
        language = _language(request.user.language)
        with timezone.override(_zone(request.user.time_zone)), translation.override(language):
            return self.get_response(request)


def _language(name: str) -> str:
    """The person's choice while the portal has it, else what the browser asks for."""
    return name if name in dict(settings.LANGUAGES) else translation.get_language()


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
