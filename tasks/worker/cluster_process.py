"""One cluster as its supervisor sees it: its processes, the silence it keeps, and whether it is stuck.

Silence is counted only while a job is known to wait for the cluster and a worker of it is free. It is counted
in the supervisor's own looks: time in which nobody looked, or could have put a canary into the queue, says
nothing about the cluster.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from tasks.commands.runtime import shutdown
from tasks.commands.runtime.lease_owner import MARK_VARIABLE, new_mark
from tasks.models import Status, Submission
from tasks.worker import running_jobs
from topview_portal.parent_death import bound_to_parent

# How long silence must last where a healthy cluster may keep it: while it starts, which takes long on a busy
# machine, and beside other nodes, since each canary goes to whoever is first.
PATIENT_SECONDS = 60.0


@dataclass
class Cluster:
    """One cluster's process group."""

    name: str
    workers: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    # How often it died since it last took a job.
    deaths: int = 0
    start_after: float = 0.0
    canary_sent_at: float = float("-inf")
    # Seconds in which it could have begun a job and did not.
    silent_for: float = 0.0
    # Whether it has begun any job since its start.
    has_begun: bool = False
    # What the holders of its leases begin with, whichever nodes and earlier processes there are besides.
    mark: str = field(default_factory=new_mark)
    _is_called: bool = False
    _last_begun: int | None = None
    _paying: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        """Start it with nothing said about it yet."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.mark, self.has_begun, self._last_begun, self._paying = new_mark(), False, None, {}
        self.start_afresh()
        self._start_process()

    def _start_process(self) -> None:
        """In a session of its own: a signal to our group reaches us alone. It dies with us."""
        own = {
            "Q_CLUSTER_NAME": self.name,
            running_jobs.FOLDER_VARIABLE: str(self.folder),
            MARK_VARIABLE: self.mark,
        }
        # The settings were checked when this process started.
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", "--cluster", self.name]
        command += ["--skip-checks"]
        self.process = subprocess.Popen(
            bound_to_parent(command, by=signal.SIGKILL), env={**os.environ, **own}, start_new_session=True
        )

    def is_running(self) -> bool:
        """Whether its main process lives."""
        return self.process is not None and self.process.poll() is None

    def call(self) -> None:
        """A job waits for it from now on, be it a canary: what it does not take counts as silence."""
        self._is_called = True

    def start_afresh(self) -> None:
        """Forget its silence, until it is called again."""
        self.silent_for, self._is_called = 0.0, False

    def look(self, seconds: float) -> None:
        """See what it did in the seconds since the last look."""
        begun = running_jobs.last_begun(self.folder)
        if begun not in (None, self._last_begun):
            self._last_begun, self.has_begun, self.deaths = begun, True, 0
            self.start_afresh()
        elif running_jobs.count(self.folder) >= self.workers:
            # Long jobs. Silence counts from the moment one of them ends, however it does.
            self.start_afresh()
        elif self._is_called:
            self.silent_for += seconds

    def is_stuck(self, *, beside_others: bool) -> bool:
        """Whether it is broken, or took no job for so long although it could. Two long jobs are not that."""
        if running_jobs.is_broken(self.folder):
            return True
        longest = float(settings.STUCK_SECONDS)
        if beside_others or not self.has_begun:
            longest = max(longest, PATIENT_SECONDS)
        return self.silent_for > longest

    def may_be_paying(self, seconds: float) -> bool:
        """Whether a paid call of its own may be on its way, asked again after so many seconds.

        Each is believed for as long as it can take at most, by no clock that can be set: a jump may have put
        the end of its lease anywhere.
        """
        paying = Submission.objects.filter(status=Status.SUBMITTING, lease_holder__startswith=self.mark)
        holders = paying.values_list("lease_holder", flat=True)
        self._paying = {holder: self._paying.get(holder, 0.0) + seconds for holder in holders}
        return any(watched < shutdown.grace_seconds() for watched in self._paying.values())

    def facts(self) -> dict[str, Any]:
        """How it is, for its worker's heartbeat."""
        return {
            "name": self.name,
            "is_running": self.is_running(),
            "workers": self.workers,
            "busy": running_jobs.count(self.folder),
        }

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to all its processes."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def kill(self) -> None:
        """End it at once, with everything it started."""
        self.signal_group(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
