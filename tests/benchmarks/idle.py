"""`python -m tests.benchmarks.idle`: what a portal takes that nobody uses: processor time, memory, processes.

Starts `manage.py run` on an empty scratch folder, waits until its demo is made and everything is at rest, and
looks at each process but the sandbox's for a minute. Bounded, on loopback only. Linux only: memory is the
proportional set size (PSS), in which what processes share is counted once.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.scratch import scratch
from tests.parts import children, descendants, wait_until
from tests.ports import free_port
from topview_portal.ports import answers
from topview_portal.processes import ROOT

# What is made of the demo, as the run says it.
_DEMO_IS_MADE = "save.done"
# Seconds until the last job's traces are gone.
_REST = 20.0


@dataclass(frozen=True)
class Cost:
    """One process over a while: its part of a core, in percent, and its memory in megabytes."""

    words: str
    cpu: float
    memory: float


def main() -> None:
    """Run, and leave nothing behind however it ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.idle", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with scratch("sqlite", "topview_portal.settings") as folder:
        port, sandbox_port = free_port(), free_port()
        own = {"PORT": str(port), "SANDBOX_PORT": str(sandbox_port)}
        log = folder / "run.log"
        with log.open("wb") as said:
            command = [sys.executable, str(ROOT / "manage.py"), "run"]
            run = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said, env={**os.environ, **own})
        try:
            wait_until(lambda: _DEMO_IS_MADE in log.read_text(), seconds=240, what="the demo")
            # As the first visitor does, who has the pages loaded.
            wait_until(answers(port, "/accounts/login/"), what="the web server")
            time.sleep(_REST)
            sys.stdout.write(_report(_costs(run.pid, options.seconds)))
        finally:
            run.terminate()
            run.wait(timeout=90)


def _costs(run: int, seconds: float) -> list[Cost]:
    """Of the process and all below it, but for the sandbox's."""
    sandbox = next(pid for pid in children()[run] if "manage.py sandbox" in _command(pid))
    pids = sorted({run, *descendants(run)} - {sandbox, *descendants(sandbox)})
    before = {pid: _cpu_seconds(pid) for pid in pids}
    began = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    # A child that examined a file, say, has ended meanwhile.
    pids = [pid for pid in pids if pid == run or pid in descendants(run)]
    return [Cost(_command(pid), (_cpu_seconds(pid) - before[pid]) / took * 100, _pss(pid)) for pid in pids]


def _report(costs: list[Cost]) -> str:
    lines = [f"{cost.cpu:6.2f} %  {cost.memory:6.1f} MB  {cost.words}" for cost in costs]
    cpu, memory = sum(cost.cpu for cost in costs), sum(cost.memory for cost in costs)
    lines.append(f"{cpu:6.2f} %  {memory:6.1f} MB  {len(costs)} processes, the sandbox's not counted")
    return "\n".join((*lines, ""))


def _cpu_seconds(pid: int) -> float:
    # The clock of its processor time, as clock_getcpuclockid(3) names it.
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e9


def _pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _command(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return words.replace(f"{sys.executable} ", "").replace(f"{ROOT}/", "")


if __name__ == "__main__":
    main()
