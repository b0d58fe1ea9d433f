"""The one door for guests: what a link lets a browser see and do, read anew at every request.

Every address under `shared/` has it; a test fails for one without. Guests never meet `access`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import update_wrapper
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tasks.models import DownloadRight, Guest, GuestSession, ShareLink, Version


class Right(StrEnum):
    """What an address asks for."""

    ENTER = "enter"  # only that the link was opened: for giving the password, or a name
    SEE = "see"
    DOWNLOAD = "download"  # anything at all; which bytes is the view's to find out
    COMMENT = "comment"
    DECIDE = "decide"


class GuestRequest(HttpRequest):
    """A request of a browser that a link has let in, as views see it."""

    visit: Visit


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks, by which link. The rows are of this very request."""

    session: GuestSession

    @property
    def link(self) -> ShareLink:
        return self.session.link

    @property
    def guest(self) -> Guest | None:
        return self.session.guest

    def allows(self, right: Right) -> bool:
        """Whether the link gives the right; that the guest has got so far is another matter."""
        link = self.link
        if right is Right.DOWNLOAD:
            return link.download != DownloadRight.NONE
        if right is Right.COMMENT:
            return link.may_comment
        if right is Right.DECIDE:
            return link.may_decide and self.guest is not None and self.guest.verified_at is not None
        return True

    def still_allows(self, right: Right, version_id: UUID) -> bool:
        """The same, and all that the door asks, by the rows as they are now: for answers that take long."""
        session = _sessions().filter(pk=self.session.pk).first()
        if session is None or not _is_open(session) or session.needs_password or session.needs_identity:
            return False
        now = Visit(session)
        return now.allows(right) and now.link.versions().filter(pk=version_id).exists()


View = Callable[..., HttpResponseBase]


def guest(right: Right) -> Callable[[View], View]:
    """Open to a browser that the link in the address has let in, and that has the right.

    404 where the browser is not let in, or is no longer; 410 where it was and the link has ended; 403 without
    the right. Who has to give a password or a name first is sent there. The view is given a GuestRequest and
    no `link_id`, and finds versions by `version_for`, which gives 404 for those of others.
    """

    def guard(view: View) -> View:
        def door(request: HttpRequest, /, *, link_id: UUID, **named: Any) -> HttpResponseBase:
            session = _session_of(request, link_id)
            if session is None or not _is_open(session):
                return seal(_turned_away(request, session))
            visit = Visit(session)
            if right is not Right.ENTER:
                if session.needs_password or session.needs_identity:
                    return seal(redirect("guest-enter", link_id))
                if not visit.allows(right):
                    return seal(render(request, "guests/closed.html", {"is_forbidden": True}, status=403))
            known: GuestRequest = request  # type: ignore[assignment]  # with what follows it is one
            known.visit = visit
            try:
                return seal(view(known, **named))
            except Http404:
                return seal(render(request, "guests/closed.html", {"is_missing": True}, status=404))

        door.guest_right = right  # type: ignore[attr-defined]  # by which the test knows the door
        return update_wrapper(door, view)

    return guard


def version_for(visit: Visit, version_id: UUID) -> Version:
    """A version that the link shows."""
    rows = visit.link.versions().select_related(
        "piece",
        "blob__timing",
        "blob__preview",
        "blob__player_media__strip",
        "output__task__owner",
        "output__poster",
        "workspace",
    )
    return get_object_or_404(rows, pk=version_id)


def successor_of(visit: Visit, version_id: UUID) -> Version | None:
    """What the link shows instead of a version of a piece of its own; None for those of others."""
    rows = visit.link.versions().filter(piece__versions=version_id)
    return rows.exclude(pk=version_id).first()


def cookie_name(link_id: UUID) -> str:
    """Each link has a cookie of its own, so that one browser may have been let in by several."""
    return f"{'__Secure-' if settings.SESSION_COOKIE_SECURE else ''}guest-{link_id.hex}"


def seal(response: HttpResponseBase, *, referrer: str = "same-origin") -> HttpResponseBase:
    """Nothing of it is kept or found by others. What says how its bytes are revalidated may stay so.

    Forms under `no-referrer` are sent without an origin, which Django's check of it refuses.
    """
    response["Referrer-Policy"] = referrer
    response["X-Robots-Tag"] = "noindex, nofollow"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _sessions() -> QuerySet[GuestSession]:
    return GuestSession.objects.select_related("link__workspace", "guest")


def _session_of(request: HttpRequest, link_id: UUID) -> GuestSession | None:
    secret = request.COOKIES.get(cookie_name(link_id), "")
    if not secret:
        return None
    # Found by its digest: a comparison of secrets would tell by its time how good a guess was.
    return _sessions().filter(digest=sha256(secret.encode()).hexdigest(), link=link_id).first()


def _is_open(session: GuestSession) -> bool:
    now = timezone.now()
    return session.is_current(session.link, now) and not session.link.has_ended(now)


def _turned_away(request: HttpRequest, session: GuestSession | None) -> HttpResponse:
    has_ended = session is not None and session.link.has_ended(timezone.now())
    return render(request, "guests/closed.html", {"has_ended": has_ended}, status=410 if has_ended else 404)
