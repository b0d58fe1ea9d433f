"""How often strangers may try something: counted in rows before anything is looked at, as at sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from tasks.commands.people.sign_ins import TooManyAttempts, counted_as, seconds_to_wait
from tasks.models import GuestAttempt

_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """So many failures within the time from one address, and from all of them together.

    Once there are that many of all, each address may try once within its time: guessing becomes slow, and
    whoever has not tried yet is still let in.
    """

    each: tuple[int, timedelta]
    together: tuple[int, timedelta]


PASSWORDS = Limit((5, timedelta(minutes=15)), (60, timedelta(hours=1)))
TOKENS = Limit((20, timedelta(hours=1)), (1000, timedelta(hours=1)))
CODES_MAILED = Limit((6, timedelta(hours=1)), (200, timedelta(hours=1)))
COMMENTS = Limit((30, timedelta(hours=1)), (300, timedelta(hours=1)))


def attempt(limit: Limit, target: str, address: str) -> GuestAttempt:
    """Count a try at `target` from an IP address, before it is made. Raises TooManyAttempts.

    It counts until `forgive` is called. Of several at once that share the last allowed one, none may get it.
    """
    made = GuestAttempt.objects.create(target=_digest(target), source=_digest(counted_as(address)))
    failures = GuestAttempt.objects.filter(target=made.target, succeeded=False).exclude(pk=made.pk)
    most, within = limit.each
    if seconds_to_wait(failures, *limit.together):
        most = 1
    if seconds := seconds_to_wait(failures.filter(source=made.source), most, within):
        made.delete()
        raise TooManyAttempts(seconds)
    return made


def forgive(made: GuestAttempt) -> None:
    """It was no failure."""
    GuestAttempt.objects.filter(pk=made.pk).update(succeeded=True)


def sweep_guest_attempts() -> None:
    """Forget attempts that no limit counts any more."""
    GuestAttempt.objects.filter(at__lt=timezone.now() - _KEPT).delete()


def _digest(text: str) -> str:
    return salted_hmac("tasks.guest-attempt", text, algorithm="sha256").hexdigest()
