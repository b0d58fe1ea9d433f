"""The web server as `manage.py run` starts it, and the CPU time of its processes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tasks.management.commands.run import web_part
from tests.parts import descendants, wait_until
from tests.ports import free_port
from topview_portal.parent_death import bound_to_parent
from topview_portal.processes import ROOT
from topview_portal.server import workers

_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, and the processes that answer."""

    port: int
    pids: tuple[int, ...]

    def cpu_seconds(self) -> float:
        """CPU time of the answering processes so far, in user and kernel mode."""
        return sum(time.clock_gettime_ns(_cpu_clock(pid)) for pid in self.pids) / _NANOSECONDS


def _cpu_clock(pid: int) -> int:
    """The clock of a process' CPU time, as clock_getcpuclockid(3) names it on Linux: /proc counts only
    in hundredths of a second.
    """
    return (~pid << 3) | 2


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server that answers, on a free port of loopback; stopped afterwards, and with this process."""
    port = free_port()
    part = web_part(port)
    with (folder / "web.log").open("ab") as log:
        process = subprocess.Popen(bound_to_parent(list(part.command)), cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_until(lambda: process.poll() is not None or part.answers(), what="the web server")
        assert process.poll() is None, (folder / "web.log").read_text()
        wait_until(lambda: len(descendants(process.pid)) == workers, what="its processes")
        yield Server(port, tuple(descendants(process.pid)))
    finally:
        process.terminate()
        try:
            process.wait(timeout=part.grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
