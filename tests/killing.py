"""kill -9 for every part of a running portal, and a new start for what nothing else starts again."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter

from tests.parts import Parts, descendants, end_group

WEB, SANDBOX, WORKER, ONE = "web", "sandbox", "worker", "one process of the worker"
SORTS = (WEB, SANDBOX, WORKER, ONE)


class Killer:
    """The parts of a portal. What is killed is started at once, and waited for by `wait_for`."""

    def __init__(self, parts: Parts, chance: random.Random, *, seconds: float, **variables: str) -> None:
        """`seconds` is how long a task takes at the sandbox, `variables` are the worker's."""
        self.parts, self.chance = parts, chance
        self.kills: Counter[str] = Counter()
        self._seconds, self._variables = seconds, variables

    def start(self, *names: str) -> None:
        """Start these parts and wait for them."""
        for name in names:
            self._start(name)
        for name in names:
            self.wait_for(name)

    def wait_for(self, sort: str) -> None:
        """Wait until what is to be killed is at work."""
        self.parts.wait_for(_part(sort))

    def kill(self, sort: str) -> None:
        """One kill of a sort; the part is on its way again when this returns."""
        self.kills[sort] += 1
        if sort == ONE:
            self._kill_one()
        else:
            self._end(sort)
            self._start(sort)

    def gone(self) -> list[str]:
        """Parts that have ended by themselves."""
        return [name for name, process in self.parts.processes.items() if process.poll() is not None]

    def _start(self, part: str) -> None:
        if part == WEB:
            self.parts.start_web(waits=False)
        elif part == SANDBOX:
            self.parts.start_sandbox(seconds=self._seconds, waits=False)
        else:
            self.parts.start_worker(**self._variables)

    def _end(self, part: str) -> None:
        if part == WEB:
            web = self.parts.processes[part]
            end_group(web.pid)
            web.wait()
        elif part == SANDBOX:
            self.parts.kill(part)
        else:
            self.parts.kill_node(part)

    def _kill_one(self) -> None:
        """Any below the supervisor, who must notice, or whose parent must."""
        try:
            os.kill(self.chance.choice(descendants(self.parts.processes[WORKER].pid)), signal.SIGKILL)
        except ProcessLookupError:
            return


def _part(sort: str) -> str:
    return WORKER if sort == ONE else sort
