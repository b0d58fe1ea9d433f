"""Whether an account may take another task now, and whether what comes of it could be kept here."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tasks.commands.disk import why_nothing_is_sent
from tasks.models import Credential, Submission


def what_stands_in_the_way(credential: Credential) -> str:
    """Why nothing may be sent with the account now, in words for people; empty when it has room."""
    if not credential.is_usable:
        words = _("Waiting: the credential “%(name)s” cannot be used. %(reason)s")
        return words % {"name": credential.name, "reason": credential.state_reason}
    if words := why_nothing_is_sent():
        return words
    busy = Submission.objects.in_flight().get(credential.pk, 0)
    if busy >= credential.max_in_flight:
        return _("Waiting for its turn: TopView is at work on as many tasks as this account may have.")
    return ""
