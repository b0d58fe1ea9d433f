"""Starts the clusters, watches them with canaries, replaces a stuck one, and stops all of them cleanly."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from tasks.commands import stopping
from tasks.commands.holders import MARK_VARIABLE, new_mark
from tasks.commands.queue import (
    CANARY,
    KEEP_REFRESHING,
    MAIN_CLUSTER,
    READ_ACCOUNTS,
    REFRESH_BALANCES,
    REFRESH_CLUSTER,
    REFRESH_STALE_CATALOGS,
    SWEEP,
    nudge,
)
from tasks.commands.refresh.loop import ensure_loop
from tasks.commands.sweep import sweep
from tasks.models import Heartbeat, Status, Submission
from tasks.worker import busy
from tasks.worker.node import Node
from topview_portal.tied import tied

logger = logging.getLogger(__name__)

# Seconds between two looks at the clusters.
_TURN_SECONDS = 1.0
# Seconds between two canaries.
CANARY_SECONDS = 3.0
# A cluster with a free worker that has not returned a canary for this long is stuck.
STUCK_SECONDS = 12.0
# The same beside other nodes: each canary goes to whoever is first, so that a healthy cluster may miss some.
SHARED_STUCK_SECONDS = 60.0
# A cluster needs this long to start before it can be judged.
_START_SECONDS = 10.0
_LONGEST_PAUSE = 30.0


@dataclass
class Cluster:
    """One cluster's process group, as its supervisor sees it."""

    name: str
    workers: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_after: float = 0.0
    canary_sent_at: float = field(default=0.0)
    # What the holders of its leases begin with, whichever nodes there are besides.
    mark: str = field(default_factory=new_mark)

    def start(self) -> None:
        """Start it in a session of its own: a signal to our group reaches us alone. It dies with us."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        own = {
            "Q_CLUSTER_NAME": self.name,
            busy.FOLDER_VARIABLE: str(self.folder),
            MARK_VARIABLE: self.mark,
        }
        # The settings were checked when this process started.
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", "--cluster", self.name]
        command += ["--skip-checks"]
        self.process = subprocess.Popen(
            tied(command, by=signal.SIGKILL), env={**os.environ, **own}, start_new_session=True
        )
        self.started_at = monotonic()

    def is_running(self) -> bool:
        """Whether its main process lives."""
        return self.process is not None and self.process.poll() is None

    def has_free_worker(self) -> bool:
        """Whether fewer jobs run than it has workers."""
        return busy.count(self.folder) < self.workers

    def silence(self) -> float:
        """Seconds since it last began a job, canaries among them, or since it started."""
        age = busy.seconds_since_last(self.folder)
        since_start = monotonic() - self.started_at
        return since_start if age is None else min(age, since_start)

    def is_stuck(self, *, after: float = STUCK_SECONDS) -> bool:
        """Whether it has taken no work for so long although it could. Two long jobs are not that."""
        grown_up = monotonic() - self.started_at > _START_SECONDS
        return grown_up and self.silence() > after and self.has_free_worker()

    def facts(self) -> dict[str, Any]:
        """How it is, for its worker's heartbeat."""
        return {
            "name": self.name,
            "is_running": self.is_running(),
            "workers": self.workers,
            "busy": busy.count(self.folder) if self.folder.is_dir() else 0,
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


class Supervisor:
    """Keeps the clusters running until it is told to stop."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="portal-worker-"))
        self.clusters = [
            Cluster(MAIN_CLUSTER, settings.WORKERS, self.folder / MAIN_CLUSTER),
            Cluster(REFRESH_CLUSTER, 1, self.folder / REFRESH_CLUSTER),
        ]
        self.node = Node()
        self.beaten_at = -CANARY_SECONDS
        self.stop_asked = False

    def run(self) -> None:
        """Start, watch, and return after SIGTERM or SIGINT once everything has ended."""
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, self._ask_to_stop)
        ensure_schedules()
        self.node.arrive()
        sweep()
        try:
            while not self.stop_asked:
                self._turn()
                self._sleep(_TURN_SECONDS)
        finally:
            self._stop()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_asked = True

    def _sleep(self, seconds: float) -> None:
        ends_at = monotonic() + seconds
        while not self.stop_asked and monotonic() < ends_at:
            sleep(0.1)

    def _turn(self) -> None:
        for cluster in self.clusters:
            self._keep_running(cluster)
        try:
            self._beat()
            # Before the canaries: one of those waiting in the queue would look like a loop that waits.
            ensure_loop()
            for cluster in self.clusters:
                self._watch(cluster)
        except DatabaseError as error:
            logger.warning("worker.database-unreachable", extra={"error_class": type(error).__name__})
            close_old_connections()

    def _beat(self) -> None:
        if monotonic() - self.beaten_at >= CANARY_SECONDS:
            self.beaten_at = monotonic()
            self.node.beat(cluster.facts() for cluster in self.clusters)

    def _keep_running(self, cluster: Cluster) -> None:
        if cluster.is_running() or monotonic() < cluster.start_after:
            return
        if cluster.process is not None:
            logger.error("worker.cluster-died", extra={"cluster": cluster.name})
            cluster.kill()
            cluster.deaths += 1
        cluster.start_after = monotonic() + min(2.0**cluster.deaths, _LONGEST_PAUSE)
        cluster.start()

    def _watch(self, cluster: Cluster) -> None:
        if not cluster.is_running():
            return
        if cluster.is_stuck() and (not self._has_company() or cluster.is_stuck(after=SHARED_STUCK_SECONDS)):
            self._replace(cluster)
            return
        if cluster.silence() <= STUCK_SECONDS:
            cluster.deaths = 0
        if monotonic() - cluster.canary_sent_at < CANARY_SECONDS:
            return
        cluster.canary_sent_at = monotonic()
        send_canary(cluster.name)

    def _has_company(self) -> bool:
        """Whether other nodes take from the same queues."""
        recently = timezone.now() - timedelta(seconds=SHARED_STUCK_SECONDS)
        return Heartbeat.objects.nodes().exclude(name=self.node.name).filter(at__gt=recently).exists()

    def _replace(self, cluster: Cluster) -> None:
        """Kill a stuck cluster, but never while a paid call of its own is on its way."""
        leaving = Submission.objects.filter(status=Status.SUBMITTING, lease_until__gt=timezone.now())
        if leaving.filter(lease_holder__startswith=cluster.mark).exists():
            return
        logger.error("worker.cluster-stuck", extra={"cluster": cluster.name, "silent_for": cluster.silence()})
        cluster.kill()
        cluster.start()

    def _stop(self) -> None:
        try:
            self.node.leave()
        except DatabaseError as error:
            logger.warning("worker.database-unreachable", extra={"error_class": type(error).__name__})
        for cluster in self.clusters:
            cluster.signal_group(signal.SIGTERM)
        ends_at = monotonic() + stopping.grace_seconds()
        for cluster in self.clusters:
            try:
                if cluster.process is not None:
                    cluster.process.wait(timeout=max(0.1, ends_at - monotonic()))
            except subprocess.TimeoutExpired:
                logger.error("worker.cluster-would-not-stop", extra={"cluster": cluster.name})
            cluster.kill()


def send_canary(cluster: str) -> None:
    """Queue a sign of life, unless an earlier one still waits to be taken."""
    waiting = OrmQ.objects.filter(key=cluster, lock__lte=timezone.now()).exists()
    if not waiting:
        nudge(CANARY, cluster, cluster=cluster)


def ensure_schedules() -> None:
    """The schedules of django-q2 that keep the portal going."""
    _schedule("keep-refreshing", KEEP_REFRESHING, minutes=1)
    _schedule("refresh-stale-catalogs", REFRESH_STALE_CATALOGS, minutes=30)
    _schedule("refresh-balances", REFRESH_BALANCES, minutes=10)
    _schedule("read-accounts", READ_ACCOUNTS, minutes=10)
    _schedule("sweep", SWEEP, minutes=24 * 60)


def _schedule(name: str, func: str, *, minutes: int) -> None:
    # Names are not unique there: two nodes that start together may both have made one.
    doubles = Schedule.objects.filter(name=name).order_by("pk").values_list("pk", flat=True)[1:]
    Schedule.objects.filter(pk__in=list(doubles)).delete()
    Schedule.objects.update_or_create(
        name=name,
        defaults={"func": func, "schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1},
    )
