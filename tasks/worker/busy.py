"""Counts the jobs a cluster runs right now, where its supervisor can see it: one small file per busy process.

django-q2 tells nobody; without the count two long jobs would look like a stuck cluster.
"""

import os
from contextlib import suppress
from pathlib import Path
from time import time

from django_q.signals import post_execute_in_worker, pre_execute

# The file whose time stamp tells when a job last began.
_LAST = "last"
# Environment variable with the folder that supervisor and cluster share.
FOLDER_VARIABLE = "TOPVIEW_PORTAL_BUSY_FOLDER"


def count(folder: Path) -> int:
    """How many living processes are in the middle of a job."""
    return sum(1 for mark in folder.iterdir() if _is_alive(mark.name))


def seconds_since_last(folder: Path) -> float | None:
    """How long ago a job last began here; None when none ever did."""
    try:
        return max(0.0, time() - (folder / _LAST).stat().st_mtime)
    except FileNotFoundError:
        return None


def _is_alive(name: str) -> bool:
    try:
        os.kill(int(name), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def report_to(folder: Path) -> None:
    """Have this process and its forks mark each job they run."""

    def begin(**_facts: object) -> None:
        (folder / str(os.getpid())).touch()
        (folder / _LAST).touch()

    def end(**_facts: object) -> None:
        with suppress(FileNotFoundError):
            (folder / str(os.getpid())).unlink()

    pre_execute.connect(begin, weak=False)
    post_execute_in_worker.connect(end, weak=False)
