"""Work beside the test, each with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from django.db import connections


def beside(work: Callable[[], object]) -> threading.Thread:
    """Start `work` in a thread; the caller joins it."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def all_at_once(works: Sequence[Callable[[], object]], *, seconds: float = 60) -> None:
    """Let all of them begin at the same moment, and wait for the last."""
    gate = threading.Barrier(len(works))

    def when_all_are_there(work: Callable[[], object]) -> Callable[[], object]:
        def run() -> None:
            gate.wait(seconds)
            work()

        return run

    threads = [beside(when_all_are_there(work)) for work in works]
    for thread in threads:
        thread.join(seconds)
        assert not thread.is_alive(), "a thread did not come to an end"
