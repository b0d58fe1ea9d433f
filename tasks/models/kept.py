"""Values that a process keeps for a moment, so that fifty people looking do not read them fifty times."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class Kept(Generic[KeyT, ValueT]):
    """At most `most` values, each for `seconds`. Threads may share it: at worst two read the same."""

    def __init__(self, *, seconds: float, most: int) -> None:
        self._seconds, self._most = seconds, most
        self._found: dict[KeyT, tuple[float, ValueT]] = {}

    def get(self, key: KeyT) -> ValueT | None:
        """The value, unless it is too old or was never kept."""
        found = self._found.get(key)
        if found is None or time.monotonic() - found[0] >= self._seconds:
            return None
        return found[1]

    def keep(self, key: KeyT, value: ValueT) -> ValueT:
        """Keep a value and give it back. When there are too many, all go: that is rare and cheap."""
        if len(self._found) >= self._most:
            self._found = {}
        self._found[key] = (time.monotonic(), value)
        return value

    def read(self, key: KeyT, make: Callable[[], ValueT]) -> ValueT:
        """The kept value, else a new one."""
        found = self.get(key)
        return self.keep(key, make()) if found is None else found

    def forget(self, key: KeyT) -> None:
        """Read it anew the next time."""
        self._found.pop(key, None)
