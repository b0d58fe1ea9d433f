"""Random faults of the sandbox, some for the next calls and some for a while."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from time import monotonic
from typing import Any

from tests.sandbox_fixture import SandboxDriver


@dataclass(frozen=True)
class Fault:
    """A switch of the sandbox, where it may be set, and what it may be set to.

    It holds for the next few calls; with `seconds` for all of them, in a time drawn between those.
    """

    name: str
    scopes: tuple[str, ...]
    values: tuple[Any, ...] = (None,)
    seconds: tuple[float, float] | None = None


_CALLS = ("submits", "submits", "global")
_DOWNLOADS = ("downloadObject",)
_UPLOADS = ("getUploadCredential", "uploadObject", "checkUpload")
FAULTS = (
    # 401 and 4100 take the account out of use until its admin has it tested.
    Fault("http-before", _CALLS, (500, 502, 503, 504, 429, 401)),
    Fault("http-after", _CALLS, (500, 502)),
    Fault("drop-before", _CALLS),
    Fault("drop-after", _CALLS),
    Fault("latency", _CALLS, (0.3, 1, 2)),
    Fault("unreadable", _CALLS),
    Fault("wrong-shape", _CALLS),
    Fault("code", _CALLS, ("5003", "4007", "5000")),
    Fault("code", _CALLS, ("401", "4100")),
    Fault("rate-limit", ("global",), (2, 10), seconds=(2, 6)),
    Fault("one-at-a-time", ("global",), seconds=(1, 3)),
    Fault("http-before", (*_UPLOADS, *_DOWNLOADS), (500, 503)),
    Fault("drop-before", (*_UPLOADS, *_DOWNLOADS)),
    Fault("task-fail", ("submits",)),
    Fault("task-failed", ("submits",)),
    # Somebody stops watching these.
    Fault("stuck", ("submits",)),
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
# Where few calls are made, what nothing has met goes away after these seconds: else all would be trouble.
_UNMET = (3.0, 8.0)
# To clear this one would end what it has caused.
_STAYS = "stuck"


class Breaker:
    """Sets faults of a running sandbox, which keeps them when it is killed."""

    def __init__(self, sandbox: SandboxDriver, chance: random.Random, faults: Counter[str]) -> None:
        """`faults` counts what was set."""
        self._sandbox, self._chance, self._faults = sandbox, chance, faults
        self._until: dict[tuple[str, str], float] = {}

    def break_something(self) -> None:
        """Set a fault, and clear those whose time is over."""
        for name, scope in [which for which, until in self._until.items() if until < monotonic()]:
            self._sandbox.clear(name, scope=scope)
            del self._until[name, scope]
        fault = self._chance.choice(FAULTS)
        scope, value = self._chance.choice(fault.scopes), self._chance.choice(fault.values)
        calls = None if fault.seconds else self._chance.randint(1, _LONGEST)
        self._sandbox.fault(fault.name, scope=scope, next=calls, value=value)
        if fault.name != _STAYS:
            until = monotonic() + self._chance.uniform(*(fault.seconds or _UNMET))
            self._until[fault.name, scope] = until
        self._faults[fault.name if value is None else f"{fault.name} {value}"] += 1
