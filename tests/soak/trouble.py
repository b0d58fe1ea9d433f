"""Random faults of the sandbox, and random kill -9 of every part."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.parts import Parts, descendants, end_group
from tests.sandbox_fixture import SandboxDriver
from tests.soak.diary import Diary

# How long a task takes at the sandbox, in seconds.
TASK_SECONDS = 1.0


@dataclass(frozen=True)
class Fault:
    """A switch of the sandbox, where it may be set, and what it may be set to."""

    name: str
    scopes: tuple[str, ...]
    values: tuple[Any, ...] = (None,)


_CALLS = ("submits", "submits", "global")
_DOWNLOADS = ("downloadObject",)
_UPLOADS = ("getUploadCredential", "uploadObject", "checkUpload")
FAULTS = (
    Fault("http-before", _CALLS, (500, 502, 503, 504, 429)),
    Fault("http-after", _CALLS, (500, 502)),
    Fault("drop-before", _CALLS),
    Fault("drop-after", _CALLS),
    Fault("latency", _CALLS, (0.3, 1, 2)),
    Fault("unreadable", _CALLS),
    Fault("wrong-shape", _CALLS),
    Fault("code", _CALLS, ("5003", "4007", "5000")),
    Fault("http-before", (*_UPLOADS, *_DOWNLOADS), (500, 503)),
    Fault("drop-before", (*_UPLOADS, *_DOWNLOADS)),
    Fault("task-fail", ("submits",)),
    Fault("task-failed", ("submits",)),
    Fault("partial", ("submits",), (1,)),
    Fault("slow", ("submits",), (4, 8)),
    Fault("expired-link", ("global",)),
    Fault("truncated-download", _DOWNLOADS, ("0.2", "0.9")),
    Fault("upload-unchecked", ("checkUpload",)),
    Fault("upload-refused", ("uploadObject",), (403, 500)),
    Fault("callback-missing", ("global",)),
    Fault("callback-duplicated", ("global",)),
    Fault("callback-reordered", ("global",)),
    Fault("callback-late", ("global",), (3, 10)),
    Fault("callback-forged", ("global",), ("status", "uuid", "task", "uid")),
)
_LONGEST = 4


class Breaker:
    """The running portal, whose parts are killed and started again."""

    def __init__(self, parts: Parts, diary: Diary, chance: random.Random, **variables: str) -> None:
        self.parts, self.diary, self.chance, self._variables = parts, diary, chance, variables

    def start(self) -> None:
        """Start what talks to the sandbox, which runs already."""
        self.start_worker()
        self.parts.start_web()

    def start_worker(self) -> None:
        """Start the worker with its supervisor."""
        self.parts.start_worker(**self._variables)

    def start_sandbox(self) -> None:
        """Start the sandbox on the store it had."""
        self.parts.start_sandbox(seconds=TASK_SECONDS)

    def break_something(self) -> None:
        """Set a fault for the next calls."""
        fault = self.chance.choice(FAULTS)
        scope, value = self.chance.choice(fault.scopes), self.chance.choice(fault.values)
        self.sandbox.fault(fault.name, scope=scope, next=self.chance.randint(1, _LONGEST), value=value)
        self.diary.faults[fault.name] += 1

    def kill_something(self) -> None:
        """kill -9 for one part, which is started again unless something else has to do that."""
        ways: list[tuple[str, Callable[[], None]]] = [
            ("web", self._kill_web),
            ("sandbox", self._kill_sandbox),
            ("worker", self._kill_worker),
            *[("one process of the worker", self._kill_one)] * 3,
        ]
        name, kill = self.chance.choice(ways)
        self.diary.kills[name] += 1
        kill()

    @property
    def sandbox(self) -> SandboxDriver:
        """The switches."""
        return self.parts.sandbox

    def _kill_web(self) -> None:
        web = self.parts.processes["web"]
        end_group(web.pid)
        web.wait()
        self.parts.start_web()

    def _kill_sandbox(self) -> None:
        self.parts.kill("sandbox")
        self.start_sandbox()

    def _kill_worker(self) -> None:
        self.parts.kill_node("worker")
        self.start_worker()

    def _kill_one(self) -> None:
        """Its supervisor must notice."""
        if below := descendants(self.parts.processes["worker"].pid):
            try:
                os.kill(self.chance.choice(below), signal.SIGKILL)
            except ProcessLookupError:
                return
