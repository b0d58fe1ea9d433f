"""One django-q2 cluster with its known faults mended.

- SIGTERM to the process group hung the plain cluster: its sentinel died inside a lock that `stop` waits for.
  Here it only raises a flag, and the workers are told to finish.
- Its main process does nothing but wait for the sentinel, in as much memory: here it is the sentinel.
- Workers outlived a killed sentinel: here the kernel ends them with it.
- A killed monitor, or pusher, left its lock locked and its successor waiting: here the supervisor is told.
- Its scheduler fails in silence: here each look at the schedules that left nothing undone is a sign of life.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from types import FrameType
from typing import Any
from uuid import uuid4

from django.db import DatabaseError
from django.utils import timezone
from django_q import cluster as plain
from django_q.models import Schedule

from tasks.commands.runtime import shutdown
from tasks.models import Heartbeat
from tasks.worker import running_jobs
from topview_portal.parent_death import bind_forks

logger = logging.getLogger(__name__)

_plain_worker = plain.worker
_plain_scheduler = plain.scheduler


class Stop:
    """Whether the cluster should stop: what the sentinel waits for between two looks at its processes.

    A plain flag, since a signal's handler may not take a lock that the interrupted code holds.
    """

    def __init__(self) -> None:
        self._is_asked = False

    def ask(self, number: int, frame: FrameType | None) -> None:
        """A signal's handler."""
        self._is_asked = True

    def is_set(self) -> bool:
        return self._is_asked

    def wait(self, seconds: float) -> bool:
        ends_at = monotonic() + seconds
        while not self._is_asked and (left := ends_at - monotonic()) > 0:
            sleep(min(left, 0.25))
        return self._is_asked


class GracefulSentinel(plain.Sentinel):  # type: ignore[misc]  # django-q2 has no types
    """Guards the workers until a signal asks it to stop."""

    def start(self) -> None:
        """Go on guarding; whatever signal the process group gets, the workers end first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop_event.ask)
        super().start()

    def reincarnate(self, process: BaseProcess) -> None:
        """Replace a process. One that ran out of time is killed, since workers outlive a SIGTERM."""
        if process in (self.monitor, self.pusher):
            running_jobs.mark_broken()
        super().reincarnate(process)
        timer: Any = getattr(process, "timer", None)
        if timer is not None and timer.value == 0:
            process.kill()


def graceful_worker(*arguments: Any) -> None:
    """A worker that lets a running job finish after SIGTERM, and tells long jobs to hurry."""
    signal.signal(signal.SIGTERM, shutdown.ask)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _plain_worker(*arguments)


def reporting_scheduler(**options: Any) -> None:
    """Look at the schedules, every 30 seconds or so, and say so unless one that was due was left behind."""
    began = timezone.now()
    _plain_scheduler(**options)
    try:
        if not Schedule.objects.exclude(repeats=0).filter(cluster=None, next_run__lt=began).exists():
            Heartbeat.beat(Heartbeat.SCHEDULER)
    except DatabaseError as error:
        logger.warning("worker.database-unreachable", extra={"error_class": type(error).__name__})


def run_cluster() -> None:
    """Run the cluster that Q_CLUSTER_NAME names until SIGTERM or SIGINT."""
    bind_forks()
    if folder := os.environ.get(running_jobs.FOLDER_VARIABLE):
        running_jobs.mark_jobs_in(Path(folder))
    plain.worker = graceful_worker
    plain.scheduler = reporting_scheduler
    # Loaded before the processes part, and kept from the collector: what none of them changes they share.
    import_module("tasks.jobs")
    gc.collect()
    gc.freeze()
    GracefulSentinel(Stop(), Event(), uuid4())
