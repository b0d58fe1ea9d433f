"""How fast each credential and each host may be asked."""

from __future__ import annotations

from collections.abc import Hashable
from time import monotonic

from django.conf import settings
from django.utils import timezone

from tasks.commands.accounts.circuit_breaker import Circuits, host_of, ramp
from tasks.models.polling import PollTarget

# At a fast rate, slots that passed unused for so long may be used at once: nobody wakes every millisecond.
_GRACE_SECONDS = 0.05


class Slots:
    """Hands out the moments at which calls may leave."""

    def __init__(self, circuits: Circuits) -> None:
        self._circuits = circuits
        self._next: dict[Hashable, float] = {}

    def take(self, target: PollTarget) -> float:
        """0 when the call may leave now, and its slot is used; else the seconds until it may."""
        pace = self._pace(target)
        now = monotonic()
        wait = max((self._next.get(key, 0.0) - now for key in pace), default=0.0)
        if wait > 0:
            return wait
        for key, apart in pace.items():
            grace = _GRACE_SECONDS if apart < _GRACE_SECONDS else 0.0
            self._next[key] = max(self._next.get(key, 0.0), now - grace) + apart
        return 0.0

    def is_free(self, target: PollTarget) -> bool:
        return not self._pace(target)

    def room(self, target: PollTarget) -> float:
        """Calls a second, as things are."""
        return min((1 / apart for apart in self._pace(target).values()), default=float("inf"))

    def _pace(self, target: PollTarget) -> dict[Hashable, float]:
        pace: dict[Hashable, float] = {}
        if settings.REFRESH_RATE:
            pace[target.account.pk] = 1 / settings.REFRESH_RATE
        climb = ramp(self._circuits.of(target.account.service), timezone.now())
        if climb < float("inf"):
            pace[host_of(target.account.service)] = 1 / climb
        return pace
