"""One django-q2 cluster with its known faults mended.

- SIGTERM to the process group hung the plain cluster: its sentinel died inside a lock that `stop` waits for.
  Here only the main process reacts, by a flag; sentinel and workers are told to finish.
- Workers outlived a killed sentinel: here the kernel ends them with it.
"""

from __future__ import annotations

import os
import signal
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import sleep
from types import FrameType
from typing import Any

from django_q import cluster as plain

from tasks.commands import stopping
from tasks.worker import busy
from topview_portal.tied import tie_forks

_plain_worker = plain.worker


class QuietSentinel(plain.Sentinel):  # type: ignore[misc]  # django-q2 has no types
    """Guards the workers; is stopped by its event alone."""

    def start(self) -> None:
        """Go on guarding whatever signal the process group gets."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        super().start()

    def reincarnate(self, process: BaseProcess) -> None:
        """Replace a process. One that ran out of time is killed, since workers outlive a SIGTERM."""
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


def quiet_worker(*arguments: Any) -> None:
    """A worker that lets a running job finish after SIGTERM, and tells long jobs to hurry."""
    signal.signal(signal.SIGTERM, stopping.ask)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _plain_worker(*arguments)


def run_cluster() -> None:
    """Run the cluster that Q_CLUSTER_NAME names until SIGTERM or SIGINT, or until its sentinel dies."""
    tie_forks()
    if folder := os.environ.get(busy.FOLDER_VARIABLE):
        busy.report_to(Path(folder))
    plain.Sentinel = QuietSentinel
    plain.worker = quiet_worker
    cluster = FlagCluster()
    cluster.start()
    while not FlagCluster.stop_asked and cluster.sentinel.is_alive():
        sleep(0.1)
    cluster.stop()
