"""What the link to a new mail address ends with: signed, good for a day, and in no row."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core import signing

from tasks.models import AddressChange

_SALT = "tasks.address-change"
# How long a link is good.
LIFETIME = timedelta(hours=24)


def token_of(change: AddressChange) -> str:
    """Names the wish; made when the mail is sent."""
    return signing.dumps(str(change.pk), salt=_SALT)


def change_named(token: str) -> UUID | None:
    """The id of the wish; None for a token that is too old or was not made here."""
    try:
        return UUID(signing.loads(token, salt=_SALT, max_age=LIFETIME))
    except (signing.BadSignature, ValueError):
        return None
