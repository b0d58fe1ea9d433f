"""Keeps the parts of the portal running: starts them, passes on what they say, restarts them, stops them.

One thread: a selector waits for output of the parts and for signals. Each part has a session of its own, so a
Ctrl-C reaches this process alone, which then stops the parts in order.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from topview_portal.log_file import LogFile
from topview_portal.parent_death import bound_to_parent

# Parts run in the project's folder, wherever the command was given.
ROOT = Path(__file__).resolve().parent.parent
# A part that has lived this long (seconds) is healthy again: earlier deaths are forgotten.
HEALTHY_AFTER = 60.0
# Deaths in a row after which everything is stopped, unless the part was healthy before: what keeps it from
# working now, such as a full disk, passes.
MOST_DEATHS = 5
# The longest wait (seconds) before a part is started again.
LONGEST_WAIT = 30.0
# A second request to stop counts as impatience only after this (seconds): `make` repeats the first at once.
IMPATIENT_AFTER = 1.0


class PartFailed(Exception):
    """A part could not be started, or ended again and again; `str()` says which and where to look."""


@dataclass(frozen=True)
class Part:
    """A process to keep running. `answers` tells whether it is up; `grace` is the time to stop (seconds)."""

    name: str
    command: Sequence[str]
    answers: Callable[[], bool] = lambda: True
    start_within: float = 60.0
    grace: float = 10.0


@dataclass
class Running:
    """A part and its present process."""

    part: Part
    log: LogFile
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    was_healthy: bool = False
    restart_at: float | None = None
    unfinished_line: bytes = b""


@dataclass
class Supervisor:
    """Runs parts until a signal sets `stopping`. `say(name, line)` is told what they write."""

    folder: Path
    say: Callable[[str, str], None]
    stopping: bool = False
    _asked_at: float = 0.0
    _running: list[Running] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def catch_signals(self) -> None:
        """From now on a request to stop sets `stopping`; a later one kills the parts at once."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop_requested)

    def start(self, part: Part) -> None:
        """Start a part and wait until it answers. Raises PartFailed when it does not in time."""
        if self.stopping:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        running = Running(part, LogFile(self.folder / f"{part.name}.log"))
        running.log.set_aside()
        self._running.append(running)
        self._spawn(running)
        deadline = time.monotonic() + part.start_within
        while not self.stopping and not part.answers():
            if time.monotonic() > deadline:
                waited = f"{part.start_within:.0f} s"
                raise PartFailed(f"{part.name} did not answer within {waited}; see {running.log.path}")
            self._turn_for(0.2)

    def watch(self) -> None:
        """Pass on output and restart what ends, until asked to stop. Raises PartFailed at the last straw."""
        while not self.stopping:
            self._turn()

    def stop(self) -> None:
        """Stop the parts, the last started first, each within its grace; what is left of them is killed."""
        for running in reversed(self._running):
            self._stop_one(running)
        self._running.clear()

    def _stop_requested(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if not self.stopping:
            self.stopping, self._asked_at = True, now
        elif now - self._asked_at > IMPATIENT_AFTER:
            for running in self._running:
                _kill_group(running)

    def _spawn(self, running: Running) -> None:
        running.restart_at = None
        running.started = time.monotonic()
        running.process = subprocess.Popen(
            bound_to_parent(list(running.part.command)),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert running.process.stdout
        os.set_blocking(running.process.stdout.fileno(), False)
        self._selector.register(running.process.stdout, selectors.EVENT_READ, running)

    def _turn_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._turn()

    def _turn(self) -> None:
        for key, _ in self._selector.select(timeout=0.1):
            self._read(key.data)
        for running in self._running:
            self._look_after(running)

    def _look_after(self, running: Running) -> None:
        if running.restart_at is not None:
            if time.monotonic() >= running.restart_at:
                self._start_again(running)
        elif running.process and running.process.poll() is not None and not self.stopping:
            self._bury(running)

    def _bury(self, running: Running) -> None:
        """A part ended by itself: say so and plan its restart, later each time."""
        assert running.process
        self._close(running)
        lived = time.monotonic() - running.started
        running.was_healthy |= lived > HEALTHY_AFTER
        running.deaths = 1 if lived > HEALTHY_AFTER else running.deaths + 1
        code = running.process.returncode
        ending = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        running.process = None
        if running.deaths >= MOST_DEATHS and not running.was_healthy:
            raise PartFailed(
                f"{running.part.name} {ending} {running.deaths} times in a row; see {running.log.path}"
            )
        self._plan_restart(running, ending)

    def _plan_restart(self, running: Running, ending: str) -> None:
        wait = min(2.0 ** min(running.deaths - 1, 10), LONGEST_WAIT)
        self._pass_on(running.part.name, f"{ending}; starting it again in {wait:.0f} s")
        running.restart_at = time.monotonic() + wait

    def _start_again(self, running: Running) -> None:
        try:
            self._spawn(running)
        except OSError as error:
            running.deaths += 1
            self._plan_restart(running, f"could not be started ({error.strerror})")

    def _stop_one(self, running: Running) -> None:
        process = running.process
        if not process:
            return
        if process.poll() is None:
            process.terminate()
        deadline = time.monotonic() + running.part.grace
        while process.poll() is None and time.monotonic() < deadline:
            for key, _ in self._selector.select(timeout=0.05):
                self._read(key.data)
        self._close(running)
        process.wait()

    def _read(self, running: Running) -> None:
        """Write what a part said to its log, and say its whole lines; stop listening where it ends."""
        assert running.process and running.process.stdout
        chunk = running.process.stdout.read(65536)
        if chunk == b"":
            self._selector.unregister(running.process.stdout)
            return
        if not chunk:
            return
        running.log.write(chunk)
        *lines, running.unfinished_line = (running.unfinished_line + chunk).split(b"\n")
        for line in lines:
            self._pass_on(running.part.name, line.decode(errors="replace"))

    def _pass_on(self, name: str, line: str) -> None:
        """Say a line. Who reads them may be gone, or their disk full: that stops nothing."""
        with suppress(OSError, ValueError):
            self.say(name, line)

    def _close(self, running: Running) -> None:
        """Kill what the part left in its session, and take its last words."""
        assert running.process and running.process.stdout
        _kill_group(running)
        if running.process.stdout in self._selector.get_map():
            self._read(running)
        if running.process.stdout in self._selector.get_map():
            self._selector.unregister(running.process.stdout)
        running.process.stdout.close()
        if running.unfinished_line:
            self._pass_on(running.part.name, running.unfinished_line.decode(errors="replace"))
            running.unfinished_line = b""


def _kill_group(running: Running) -> None:
    if running.process:
        try:
            os.killpg(running.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
