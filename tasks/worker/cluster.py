"""One django-q2 cluster with its known faults mended.

- SIGTERM to the process group hung the plain cluster: its sentinel died inside a lock that `stop` waits for.
  Here only the main process reacts, by a flag; sentinel and workers are told to finish.
- Workers outlived a killed sentinel: here the kernel ends them with it.
- A killed monitor, or pusher, left its lock locked and its successor waiting: here the supervisor is told.
- Its scheduler fails in silence: here each look at the schedules that left nothing undone is a sign of life.
"""

from __future__ import annotations

import logging
import os
import signal
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import sleep
from types import FrameType
from typing import Any

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


class GracefulSentinel(plain.Sentinel):  # type: ignore[misc]  # django-q2 has no types
    """Guards the workers; is stopped by its event alone."""

    def start(self) -> None:
        """Go on guarding whatever signal the process group gets."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        super().start()

    def reincarnate(self, process: BaseProcess) -> None:
        """Replace a process. One that ran out of time is killed, since workers outlive a SIGTERM."""
        if process in (self.monitor, self.pusher):
            running_jobs.mark_broken()
        super().reincarnate(process)
        timer: Any = getattr(process, "timer", None)
        if timer is not None and timer.value == 0:
            process.kill()


class FlagCluster(plain.Cluster):  # type: ignore[misc]  # django-q2 has no types
    """Its signal handler only raises a flag; the main loop does the stopping."""

    stop_asked = False

    def sig_handler(self, signum: int, frame: FrameType | None) -> None:
        """Note that the cluster should stop."""
        type(self).stop_asked = True


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
    """Run the cluster that Q_CLUSTER_NAME names until SIGTERM or SIGINT, or until its sentinel dies."""
    bind_forks()
    if folder := os.environ.get(running_jobs.FOLDER_VARIABLE):
        running_jobs.mark_jobs_in(Path(folder))
    plain.Sentinel = GracefulSentinel
    plain.worker = graceful_worker
    plain.scheduler = reporting_scheduler
    cluster = FlagCluster()
    cluster.start()
    while not FlagCluster.stop_asked and cluster.sentinel.is_alive():
        sleep(0.1)
    cluster.stop()
