"""What guests say."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from tasks.commands.guests.events import note
from tasks.commands.guests.limits import COMMENTS, attempt, forgive
from tasks.commands.refusals import NotPossible
from tasks.commands.review.comments import Place, add_guest_comment
from tasks.models import Comment, GuestSession, LinkAct, Version


def say(
    *,
    session: GuestSession,
    version: Version,
    comment_id: UUID,
    body: str,
    place: Place,
    parent_id: UUID | None,
    address: str,
) -> Comment:
    """Write what a guest says, or answers; the same id writes, and counts, once.

    Their link allows it: the door has looked. Raises TooManyAttempts after 30 in an hour, and NotPossible.
    """
    if session.guest is None:
        raise NotPossible(_("Say who you are first."))
    same = Comment.objects.filter(pk=comment_id, version=version, guest=session.guest)
    if (sent_before := same.first()) is not None:
        return sent_before
    parent = None
    if parent_id is not None:
        parent = Comment.objects.filter(pk=parent_id, version=version).select_related("author").first()
        if parent is None:
            raise NotPossible(_("This comment was deleted meanwhile."))
    tried = attempt(COMMENTS, f"comment {session.link_id}", address)
    with transaction.atomic():
        # Whoever sends the same at the same time waits here, and finds it.
        version.lock()
        is_new = not same.exists()
        comment = add_guest_comment(
            version=version,
            guest=session.guest,
            comment_id=comment_id,
            body=body,
            place=None if parent else place,
            parent=parent,
        )
        if is_new:
            note(LinkAct.COMMENTED, session.link, session=session, version=version, address=address)
        else:
            forgive(tried)
    return comment
