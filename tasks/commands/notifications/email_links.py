"""What proves a mail address, made when the mail is sent and in no row: a link's end, or a guest's code."""

from __future__ import annotations

from datetime import UTC, timedelta
from uuid import UUID

from django.core import signing
from django.utils.crypto import salted_hmac

from tasks.models import AddressChange, Guest

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


def guest_code(guest: Guest) -> str:
    """Six digits; another one for each time that the guest asks."""
    asked_at = guest.code_asked_at.astimezone(UTC).isoformat() if guest.code_asked_at else ""
    mac = salted_hmac("tasks.guest-code", f"{guest.pk} {guest.mail} {asked_at}", algorithm="sha256")
    return f"{int.from_bytes(mac.digest()) % 1_000_000:06}"
