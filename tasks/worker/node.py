"""This worker as the others see it: a heartbeat of its own, gone when the worker ends as it should.

One that dies leaves its heartbeat behind, which the web side then shows as silent. The next worker on the
same machine takes it away.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import timezone

from tasks.commands.disk import disks
from tasks.models import Heartbeat

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
        }
        Heartbeat.beat(self.name, facts=facts)

    def leave(self) -> None:
        """Say that this worker takes no more work: it was stopped, which is no alarm."""
        Heartbeat.objects.filter(name=self.name).delete()


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
