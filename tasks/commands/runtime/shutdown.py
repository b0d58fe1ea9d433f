"""Whether this worker process was asked to stop, so that long jobs can end early, and when it is killed."""

import threading

from django.conf import settings

# What a worker gets beyond the deadline of a submit: to write the answer down and to end.
_BEYOND_SUBMIT = 40.0

_asked = threading.Event()


def ask(*_signal: object) -> None:
    """Signal handler: note that the process should come to an end."""
    _asked.set()


def is_asked() -> bool:
    return _asked.is_set()


def grace_seconds() -> float:
    """How long the worker's processes may take to end after they were asked to; then they are killed."""
    return float(settings.TOPVIEW_SUBMIT_SECONDS) + _BEYOND_SUBMIT
