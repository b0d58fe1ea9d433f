"""Shows a cluster's supervisor which jobs run there, that another one has begun, and that it is broken.

django-q2 tells nobody; without the count two long jobs would look like a stuck cluster. Each running job has
a file that its process holds a lock on: the kernel gives the lock up when the process dies, though its number
may be another's by then.
"""

import fcntl
import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from django_q.signals import post_execute_in_worker, pre_execute

logger = logging.getLogger(__name__)

# The file whose time stamp changes whenever a job begins.
_LAST = "last"
_JOB = "job-"
# A job's file before its lock is held. Under its last name it is never seen without.
_COMING = "coming-"
# The file that says that the cluster is of no use any more.
_BROKEN = "broken"
# Environment variable with the folder that supervisor and cluster share.
FOLDER_VARIABLE = "TOPVIEW_PORTAL_BUSY_FOLDER"


def count(folder: Path) -> int:
    """How many processes are in the middle of a job. Takes away what dead ones have left."""
    return sum(1 for mark in folder.glob(f"{_JOB}*") if _is_held(mark))


def last_begun(folder: Path) -> int | None:
    """A number that is another one after each begin of a job, and nothing else: clocks may be set."""
    try:
        return (folder / _LAST).stat().st_mtime_ns
    except FileNotFoundError:
        return None


def mark_broken() -> None:
    """Have the supervisor, if there is one, replace the cluster that this process belongs to."""
    if folder := os.environ.get(FOLDER_VARIABLE):
        with suppress(OSError):
            (Path(folder) / _BROKEN).touch()


def is_broken(folder: Path) -> bool:
    """Whether a process of the cluster has said that it is of no use any more."""
    return (folder / _BROKEN).exists()


def _is_held(mark: Path) -> bool:
    try:
        with mark.open("rb") as file:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    mark.unlink(missing_ok=True)
    return False


class _Mark:
    """The file of the job that this process runs."""

    def __init__(self, folder: Path) -> None:
        number, coming = tempfile.mkstemp(prefix=_COMING, dir=folder)
        # A lock of the process: children that it forks do not hold it, and its death releases it.
        fcntl.lockf(number, fcntl.LOCK_EX)
        self._number = number
        self._path = folder / f"{_JOB}{Path(coming).name.removeprefix(_COMING)}"
        Path(coming).rename(self._path)

    def remove(self) -> None:
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        os.close(self._number)


def mark_jobs_in(folder: Path) -> None:
    """Have this process and its forks mark each job they run."""
    marks: list[_Mark] = []

    def begin(**_facts: object) -> None:
        try:
            # Whoever tidies up temporary files may have taken it.
            folder.mkdir(parents=True, exist_ok=True)
            (folder / _LAST).touch()
            marks.append(_Mark(folder))
        except OSError as error:
            # A full disk, perhaps. The job goes on; it only may be taken for idleness.
            logger.warning("worker.job-not-marked", extra={"error_class": type(error).__name__})

    def end(**_facts: object) -> None:
        while marks:
            marks.pop().remove()

    pre_execute.connect(begin, weak=False)
    post_execute_in_worker.connect(end, weak=False)
