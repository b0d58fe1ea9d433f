"""Whether this worker process was asked to stop, so that long jobs can end early."""

import threading

_asked = threading.Event()


def ask(*_signal: object) -> None:
    """Signal handler: note that the process should come to an end."""
    _asked.set()


def is_asked() -> bool:
    """Whether long jobs should end now."""
    return _asked.is_set()
