"""A breaker for each host: while it does not answer nobody asks it, and afterwards calls come back slowly.

What counts is whether the host answers at all. A refusal, a rate limit or a fault in TopView's envelope is an
answer; so no account can cut off the others.
"""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cachetools import TTLCache, cachedmethod
from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from tasks.causes import Cause, Code
from tasks.models import Circuit, Credential, Service
from tasks.topview.errors import Interrupted, NotSent, TopViewError

logger = logging.getLogger(__name__)

# Failures in a row after which nobody asks any more.
FAILURES = 5
# How long the first time; twice as long each further time, and never longer than the last.
SHORTEST_SECONDS, LONGEST_SECONDS = 2.0, 60.0
# Longer than one call that finds out whether it answers again.
PROBE_SECONDS = 20.0
# After an outage: calls a second at first, the seconds in which that doubles, and when it is over.
RAMP_FIRST, RAMP_DOUBLES_SECONDS, RAMP_SECONDS = 4.0, 3.0, 24.0
# How long a process may go by what it read.
_READ_AGAIN_SECONDS = 1.0
_FAILED = 500


def host_of(service: str) -> str:
    """The host on which a service is asked; empty for a sandbox that the portal does not have."""
    url = settings.SANDBOX_URL if service == Service.SANDBOX else settings.TOPVIEW_URL
    return urlsplit(url).netloc


def is_outage(error: object) -> bool:
    """Whether this is no answer of TopView's at all, or one that says that its server does not work."""
    if isinstance(error, (NotSent, Interrupted)):
        return True
    return isinstance(error, TopViewError) and (error.http_status or 0) >= _FAILED


def note(service: str, error: object = None) -> None:
    """Write down how a call to the host of a service ended."""
    if is_outage(error):
        note_failure(host_of(service), timezone.now())
    else:
        note_answer(host_of(service), timezone.now())


def note_failure(host: str, now: datetime, *, is_probe: bool = False) -> None:
    """One more failure in a row. After enough of them, or when a probe fails, nobody asks for a while."""
    if not host:
        return
    Circuit.objects.get_or_create(host=host)
    mine = Circuit.objects.filter(host=host)
    mine.update(failures=F("failures") + 1)
    if is_probe:
        _open(host, now, mine.exclude(open_until=None).values_list("trips", flat=True).first() or 0)
    elif mine.filter(open_until=None, failures__gte=FAILURES).update(changed_at=now, trips=0, open_until=now):
        _open(host, now, 0)
        logger.warning("circuit.opened", extra={"host": host})


def _open(host: str, now: datetime, trips: int) -> None:
    seconds = min(SHORTEST_SECONDS * 2.0 ** min(trips, 10), LONGEST_SECONDS) * random.uniform(0.8, 1.2)
    later = now + timedelta(seconds=seconds)
    Circuit.objects.filter(host=host).exclude(open_until=None).update(trips=trips + 1, open_until=later)


def note_answer(host: str, now: datetime) -> None:
    """It answers. If it did not before, the calls come back, few at first."""
    mine = Circuit.objects.filter(host=host)
    if mine.exclude(open_until=None).update(failures=0, trips=0, open_until=None, changed_at=now):
        logger.warning("circuit.closed", extra={"host": host})
    else:
        mine.exclude(failures=0).update(failures=0)


def may_probe(host: str, now: datetime) -> bool:
    """Whether the caller, and nobody else for a while, may find out whether the host answers again."""
    waited = Q(open_until__lte=now) | Q(open_until__gt=now + _furthest())
    until = now + timedelta(seconds=PROBE_SECONDS)
    return bool(Circuit.objects.filter(waited, host=host).update(open_until=until))


def _furthest() -> timedelta:
    """What is further ahead was written before the clock was set back."""
    return timedelta(seconds=2 * LONGEST_SECONDS)


def is_open(circuit: Circuit | None) -> bool:
    """Whether nobody asks the host, but for one probe at a time."""
    return circuit is not None and circuit.open_until is not None


def is_ripe(circuit: Circuit, now: datetime) -> bool:
    """Whether an open one may be probed now."""
    return circuit.open_until is not None and (
        circuit.open_until <= now or circuit.open_until > now + _furthest()
    )


def ramp(circuit: Circuit | None, now: datetime) -> float:
    """Calls a second that the host is asked at most now; infinite but for a while after an outage."""
    if circuit is None or circuit.changed_at is None or circuit.open_until is not None:
        return float("inf")
    seconds = (now - circuit.changed_at).total_seconds()
    if not 0 <= seconds < RAMP_SECONDS:
        return float("inf")
    return RAMP_FIRST * float(2.0 ** (seconds / RAMP_DOUBLES_SECONDS))


def outage_of(credential: Credential) -> Cause | None:
    """Why nothing is sent to the credential's host; None while it answers. The same all the time."""
    circuit = Circuit.objects.filter(host=host_of(credential.service)).exclude(open_until=None).first()
    if circuit is None or circuit.changed_at is None:
        return None
    return Cause.of(Code.HOST_SILENT, since=circuit.changed_at.isoformat(timespec="minutes"))


class Circuits:
    """All of them, as this process read them a moment ago."""

    def __init__(self) -> None:
        self._kept: TTLCache[Any, dict[str, Circuit]] = TTLCache(maxsize=1, ttl=_READ_AGAIN_SECONDS)

    def of(self, service: str) -> Circuit | None:
        """The row of a service's host; none while nothing was ever wrong with it."""
        return self._rows().get(host_of(service))

    @cachedmethod(lambda self: self._kept)
    def _rows(self) -> dict[str, Circuit]:
        return {row.host: row for row in Circuit.objects.all()}

    def forget(self) -> None:
        self._kept.clear()

    def note(self, service: str, error: object, *, is_probe: bool = False) -> None:
        """The same as `note`, writing nothing when an answer is nothing new."""
        if isinstance(error, BaseException) and not isinstance(error, TopViewError):
            return
        if is_outage(error):
            note_failure(host_of(service), timezone.now(), is_probe=is_probe)
        elif (known := self.of(service)) is not None and (known.failures or known.open_until):
            note_answer(host_of(service), timezone.now())
        else:
            return
        self.forget()
