"""What guests decide."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks.commands.guests.events import note
from tasks.commands.refusals import NotPossible
from tasks.commands.review.deciding import Seen, decide_as_guest
from tasks.models import Decision, GuestSession, LinkAct, ShareLink, Verdict, Version


def decide_by_link(
    *, session: GuestSession, version: Version, verdict: Verdict, reason: str, seen: Seen, address: str
) -> Decision:
    """Decide about a version that the link shows: the door has looked, and found the right.

    Raises what `decide` raises, and NotPossible where the link was changed or ended meanwhile.
    """
    if session.guest is None:
        raise NotPossible(_("Say who you are first."))
    with transaction.atomic():
        # Whoever changes or ends it at the same time waits until this is decided, or was faster.
        link = ShareLink.objects.select_for_update(no_key=True).get(pk=session.link_id)
        if not session.is_current(link, timezone.now()) or link.has_ended(timezone.now()):
            raise NotPossible(_("The link was changed or ended meanwhile. Nothing was decided."))
        decision = decide_as_guest(
            version=version, guest=session.guest, verdict=verdict, reason=reason, seen=seen
        )
        note(LinkAct.DECIDED, link, session=session, version=version, address=address)
    return decision
