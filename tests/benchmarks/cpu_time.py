"""The CPU time of a running server's processes."""

from __future__ import annotations

import os
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
        spent = sum(map(_cpu_seconds, self.pids))
        return spent + _below(self.database_pid) if self.database_pid else spent


def _below(pid: int) -> float:
    """Of all children that a process has or ever had: PostgreSQL's end with their connections."""
    before = _ended_below(pid)
    living = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    try:
        spent = sum(_cpu_seconds(int(child)) for child in living)
    except OSError:
        return _below(pid)
    # One that has ended meanwhile may have been counted in neither place.
    return before + spent if _ended_below(pid) == before else _below(pid)


def _ended_below(pid: int) -> float:
    """Of children that have ended, in whole hundredths of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def _cpu_seconds(pid: int) -> float:
    return time.clock_gettime_ns(_cpu_clock(pid)) / _NANOSECONDS


def _cpu_clock(pid: int) -> int:
    """The clock of a process' CPU time, as clock_getcpuclockid(3) names it on Linux: /proc counts only
    in hundredths of a second.
    """
    return (~pid << 3) | 2
