"""Looks at passwords: counted in rows, so that every process counts alike, and refused without waiting.

Counted are failures of one account from one address; so a stranger elsewhere locks nobody out, and one person
not their office. Beside that a slow limit for one account from all addresses meets guesses that come from
many. A browser in which the person has signed in before is counted by itself alone: whatever strangers do, it
can be used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tasks.models import SignInAttempt, User

# So many failures within the time.
_FROM_ONE_ADDRESS = (5, timedelta(minutes=5))
_FROM_ALL_ADDRESSES = (20, timedelta(hours=1))
_KEPT = timedelta(days=90)
# What was typed for an account that does not exist is of no use to anybody later.
_KEPT_OF_NOBODY = timedelta(days=1)
# The first word found in what a browser says of itself; most also name those whose kin they are.
_FAMILIES = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chrom": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}


class TooManyAttempts(Exception):
    """The password was not looked at; `seconds` until one will be."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True)
class Visitor:
    """Where an attempt comes from. `browser_id` names a browser in which the person has signed in before."""

    address: str
    user_agent: str
    browser_id: str = ""


def begin(*, login: str, visitor: Visitor) -> SignInAttempt:
    """Count a look at the password of the account with this mail address, before it is taken.

    Raises TooManyAttempts. Of several at once that share the last allowed one, none may get it; never two.
    """
    login = login.strip().lower()
    is_known = bool(visitor.browser_id)
    source = f"browser {visitor.browser_id}" if is_known else f"address {counted_as(visitor.address)}"
    attempt = SignInAttempt.objects.create(
        user=User.objects.filter(email=login).first(),
        login=_digest(login),
        source=_digest(source),
        network=shortened(visitor.address),
        browser=family(visitor.user_agent),
    )
    failures = SignInAttempt.objects.filter(login=attempt.login, succeeded=False).exclude(pk=attempt.pk)
    from_there = failures.filter(source=attempt.source)
    slow = seconds_to_wait(from_there if is_known else failures, *_FROM_ALL_ADDRESSES)
    if seconds := max(seconds_to_wait(from_there, *_FROM_ONE_ADDRESS), slow):
        attempt.delete()
        raise TooManyAttempts(seconds)
    return attempt


def succeed(attempt: SignInAttempt) -> None:
    SignInAttempt.objects.filter(pk=attempt.pk).update(succeeded=True)


def sweep_attempts() -> None:
    """Forget attempts after 90 days."""
    now = timezone.now()
    old, nobodys = Q(at__lt=now - _KEPT), Q(at__lt=now - _KEPT_OF_NOBODY, user=None)
    SignInAttempt.objects.filter(old | nobodys).delete()


def shortened(address: str) -> str:
    """The network of an address, /24 or /48; "" for what is none."""
    ip = _ip(address)
    if ip is None:
        return ""
    return str(ip_network((ip, 48 if isinstance(ip, IPv6Address) else 24), strict=False))


def family(user_agent: str) -> str:
    """What a browser is, without its version."""
    return next((name for word, name in _FAMILIES.items() if word in user_agent), "")


def seconds_to_wait(failures: QuerySet[Any], most: int, within: timedelta) -> int:
    """Seconds until one of the last `most` failures no longer counts; 0 while there are fewer.

    The rows say when they were in `at`.
    """
    now = timezone.now()
    times: list[datetime] = list(
        failures.filter(at__gt=now - within).order_by("-at").values_list("at", flat=True)[:most]
    )
    if len(times) < most:
        return 0
    return max(1, math.ceil((times[-1] + within - now).total_seconds()))


def counted_as(address: str) -> str:
    """What counts as one address: whoever has one of IPv6 has a whole /64 of them."""
    ip = _ip(address)
    return str(ip_network((ip, 64), strict=False)) if isinstance(ip, IPv6Address) else str(ip or address)


def _ip(address: str) -> IPv4Address | IPv6Address | None:
    try:
        ip = ip_address(address)
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip


def _digest(text: str) -> str:
    return salted_hmac("tasks.sign-in-attempt", text, algorithm="sha256").hexdigest()
