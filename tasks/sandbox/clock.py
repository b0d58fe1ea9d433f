"""Time, and the names made from it. All times are seconds since 1970, UTC."""

import time
import uuid
from datetime import UTC, datetime


def now() -> float:
    """The time of day; rows hold it, so that a restart goes on where it was."""
    return time.time()


def iso(moment: float) -> str:
    """`2026-01-31T12:00:00Z`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp(moment: float) -> str:
    """`2026-01-31 12:00:00`, as TopView's lists write it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


def new_id() -> str:
    """32 lower-case hex characters, like TopView's ids."""
    return uuid.uuid4().hex
