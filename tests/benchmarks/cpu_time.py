"""The CPU time of a running server's processes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, and the processes that answer; PostgreSQL's first one, if it is
    asked.
    """

    port: int
    pids: tuple[int, ...]
    database_pid: int | None = None

    def cpu_seconds(self) -> float:
        """Of the answering processes and those of the database so far, in user and kernel mode."""
        return sum(_cpu_time(pid) for pid in [*self.pids, *self._backends()]) / _NANOSECONDS

    def _backends(self) -> list[int]:
        if self.database_pid is None:
            return []
        place = Path(f"/proc/{self.database_pid}/task/{self.database_pid}/children")
        return [int(pid) for pid in place.read_text().split()]


def _cpu_time(pid: int) -> int:
    """In nanoseconds; 0 of a process that has just ended, as PostgreSQL's do with their connections."""
    try:
        return time.clock_gettime_ns(_cpu_clock(pid))
    except OSError:
        return 0


def _cpu_clock(pid: int) -> int:
    """The clock of a process' CPU time, as clock_getcpuclockid(3) names it on Linux: /proc counts only
    in hundredths of a second.
    """
    return (~pid << 3) | 2
