"""This worker as the others see it: a heartbeat of its own, gone when the worker ends as it should.

One that dies leaves its heartbeat behind, which the web side then shows as silent. The next worker on the
same machine takes it away.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from tasks.commands.runtime.clock_offset import seconds_ahead
from tasks.commands.runtime.disk import disks
from tasks.models import Heartbeat

# A node that gave no sign for this long takes no canaries.
_GONE_SECONDS = 60.0
# Names stay within the column.
_LONGEST_NAME = 50


class Node:
    """The heartbeat of the worker process that makes it."""

    def __init__(self) -> None:
        self.machine = settings.NODE_NAME[:_LONGEST_NAME]
        self.name = f"{Heartbeat.NODE}{self.machine}:{os.getpid()}"
        self.since = timezone.now().isoformat()

    def arrive(self) -> None:
        """Take away what dead workers of this machine have left."""
        for row in Heartbeat.objects.nodes().exclude(name=self.name):
            if row.facts.get("machine") == self.machine and not _is_alive(row.facts.get("pid")):
                row.delete()

    def beat(self, clusters: Iterable[dict[str, Any]]) -> None:
        """Say that this worker lives, how its clusters are and what room its disks have."""
        facts = {
            "machine": self.machine,
            "pid": os.getpid(),
            "since": self.since,
            "clusters": list(clusters),
            "disks": [disk._asdict() for disk in disks()],
            "clock_ahead": seconds_ahead(),
        }
        Heartbeat.beat(self.name, facts=facts)

    def leave(self) -> None:
        """Say that this worker takes no more work: it was stopped, which is no alarm."""
        Heartbeat.objects.filter(name=self.name).delete()


class OtherNodes:
    """The other workers that take from the same queues: those whose heartbeat was seen to change lately.

    Seen by this process, since clocks may be set and those of other machines may differ.
    """

    def __init__(self, own: str, clock: Callable[[], float]) -> None:
        self._own = own
        self._clock = clock
        self._beats: dict[str, datetime] = {}
        self._seen_at = float("-inf")

    def look(self) -> None:
        """Read their heartbeats, a few seconds after the last time."""
        beats = dict(Heartbeat.objects.nodes().exclude(name=self._own).values_list("name", "at"))
        if any(at != self._beats.get(name, at) for name, at in beats.items()):
            self._seen_at = self._clock()
        self._beats = beats

    def are_alive(self) -> bool:
        return self._clock() - self._seen_at < _GONE_SECONDS


def _is_alive(pid: object) -> bool:
    if not isinstance(pid, int) or pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
