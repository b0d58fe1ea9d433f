"""What happened with a link, written down and forgotten again."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from tasks.commands.people.sign_ins import shortened
from tasks.commands.review.noting import note_guest
from tasks.models import GuestSession, LinkAct, LinkEvent, ShareLink, Version, VersionAct

_KEPT = timedelta(days=90)
# Of sessions that have ended, which tell their guest from another browser's.
_SESSIONS_KEPT = timedelta(days=1)
# A page that is looked at again within the time is no further event.
_AGAIN = timedelta(hours=1)
# What the proof of a piece tells of.
_KEPT_FOR_GOOD = {LinkAct.SEEN: VersionAct.SEEN, LinkAct.DOWNLOADED: VersionAct.DOWNLOADED}
_USE_STEPS = timedelta(minutes=5)


def note(
    act: LinkAct,
    link: ShareLink,
    *,
    who: str = "",
    address: str = "",
    session: GuestSession | None = None,
    version: Version | None = None,
) -> LinkEvent:
    """Write it down; of the address only its network is kept."""
    return LinkEvent.objects.create(
        link=link,
        act=act,
        who=(who or _name(session))[:254],
        network=shortened(address),
        session=session.pk if session else None,
        version=version,
    )


def note_use(session: GuestSession, act: LinkAct, version: Version | None, address: str) -> None:
    """A guest has looked at a version, downloaded it, or opened the list."""
    now, link = timezone.now(), session.link
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _USE_STEPS)
    ShareLink.objects.filter(stale, pk=link.pk).update(last_used_at=now)
    if version is None:
        return
    if session.guest is not None:
        note_guest(_KEPT_FOR_GOOD[act], version=version, guest=session.guest)
    known = LinkEvent.objects.filter(session=session.pk, version=version, act=act, at__gt=now - _AGAIN)
    if not known.exists():
        note(act, link, session=session, version=version, address=address)


def sweep_links() -> None:
    """Forget events after 90 days, and sessions a day after their end."""
    now = timezone.now()
    LinkEvent.objects.filter(at__lt=now - _KEPT).delete()
    GuestSession.objects.filter(expires_at__lt=now - _SESSIONS_KEPT).delete()


def _name(session: GuestSession | None) -> str:
    return session.guest.signature if session is not None and session.guest is not None else ""
