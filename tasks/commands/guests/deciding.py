"""What guests decide."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks.commands.guests.events import note
from tasks.commands.notifications.outbox import post
from tasks.commands.refusals import NotPossible
from tasks.commands.review.deciding import Outdated, Seen, decide_as_guest
from tasks.models import (
    Decision,
    Guest,
    GuestSession,
    LinkAct,
    Mail,
    MailCause,
    ShareLink,
    User,
    Verdict,
    Version,
)


def decide_by_link(
    *, session: GuestSession, version: Version, verdict: Verdict, reason: str, seen: Seen, address: str
) -> Decision:
    """Decide about a version that the link shows: the door has looked, and found the right.

    Raises what `decide` raises, and NotPossible where the link was changed or ended meanwhile. Where the file
    was replaced, whoever sent the version is told.
    """
    if session.guest is None:
        raise NotPossible(_("Say who you are first."))
    try:
        return _decided(session, session.guest, version, verdict, reason, seen, address)
    except Outdated:
        _tell_of_replaced(version)
        raise


def keeper_of(version: Version) -> User | None:
    """Whom guests are referred to: whoever sent it, or ordered what it shows."""
    return version.sender or version.output.task.owner


def _decided(
    session: GuestSession,
    guest: Guest,
    version: Version,
    verdict: Verdict,
    reason: str,
    seen: Seen,
    address: str,
) -> Decision:
    with transaction.atomic():
        # Whoever changes or ends it at the same time waits until this is decided, or was faster.
        link = ShareLink.objects.select_for_update(no_key=True).get(pk=session.link_id)
        if not session.is_current(link, timezone.now()) or link.has_ended(timezone.now()):
            raise NotPossible(_("The link was changed or ended meanwhile. Nothing was decided."))
        decision = decide_as_guest(version=version, guest=guest, verdict=verdict, reason=reason, seen=seen)
        note(LinkAct.DECIDED, link, session=session, version=version, address=address)
    return decision


def _tell_of_replaced(version: Version) -> None:
    """Once for these bytes, whichever guest finds it, and however often."""
    with transaction.atomic():
        current = version.lock()
        keeper, blob = keeper_of(current), current.output.blob
        if keeper is None or blob is None or not current.is_replaced:
            return
        facts = {"version": str(current.pk), "sha256": blob.sha256}
        told = Mail.objects.filter(cause=MailCause.VERSION_REPLACED, user=keeper, facts=facts)
        if not told.exists():
            post(MailCause.VERSION_REPLACED, user=keeper, workspace=current.workspace, **facts)
