"""A child that is out of time ends by a signal that tells it from one that somebody ends."""

from __future__ import annotations

import signal
import subprocess
import sys

from django.conf import settings

from tasks.media import Cause, Interrupted, Undecodable
from tasks.media.child_process import ending

_BUSY = """
from tasks.media.limits import limit_resources
limit_resources(cpu_seconds=1, file_bytes=1)
while True:
    pass
"""


def test_a_child_that_is_out_of_time_was_too_slow_and_was_not_interrupted() -> None:
    ended = subprocess.run([sys.executable, "-c", _BUSY], cwd=settings.BASE_DIR, timeout=60, check=False)
    assert ended.returncode == -signal.SIGXCPU
    found = ending(ended.returncode)
    assert isinstance(found, Undecodable)
    assert found.cause is Cause.TOO_SLOW


def test_a_child_that_somebody_ends_says_nothing_of_the_file() -> None:
    for outside in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
        assert isinstance(ending(-outside), Interrupted)
