"""Starts the clusters, watches them with canaries, replaces a stuck one, and stops all of them cleanly."""

from __future__ import annotations

import logging
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from tasks.commands.operations.sweep import sweep
from tasks.commands.refresh.loop import ensure_loop
from tasks.commands.runtime import shutdown
from tasks.commands.runtime.queue import (
    CANARY,
    KEEP_REFRESHING,
    MAIN_CLUSTER,
    READ_ACCOUNTS,
    REFRESH_BALANCES,
    REFRESH_CLUSTER,
    REFRESH_STALE_CATALOGS,
    SEND_DUE_MAIL,
    SWEEP,
    TEND_MEDIA,
    nudge,
)
from tasks.worker.cluster_process import Cluster
from tasks.worker.node import Node, OtherNodes

logger = logging.getLogger(__name__)

# Seconds between two looks at the clusters.
_TURN_SECONDS = 1.0
# Seconds between two canaries.
CANARY_SECONDS = 3.0
# Seconds until a database that could not be used at the start is tried again.
AWAY_SECONDS = 3.0
# A turn that came late counts as no more than this: this process was stopped, the machine slept or swapped,
# and nobody has sent canaries meanwhile.
_LONGEST_TURN_SECONDS = 2.0
_LONGEST_PAUSE = 30.0


class Supervisor:
    """Keeps the clusters running until it is told to stop."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._looked_at = clock()
        self.folder = Path(tempfile.mkdtemp(prefix="portal-worker-"))
        self.clusters = [
            Cluster(MAIN_CLUSTER, settings.WORKERS, self.folder / MAIN_CLUSTER),
            Cluster(REFRESH_CLUSTER, 1, self.folder / REFRESH_CLUSTER),
        ]
        self.node = Node()
        self.other_nodes = OtherNodes(self.node.name, clock)
        self.beaten_at = float("-inf")
        self.stop_asked = False

    def run(self) -> None:
        """Start, watch, and return after SIGTERM or SIGINT once everything has ended."""
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, self._ask_to_stop)
        try:
            self._arrive()
            while not self.stop_asked:
                self.turn()
                self._sleep(_TURN_SECONDS)
        finally:
            self._stop()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _arrive(self) -> None:
        """Write the schedules and clear up; waits while the database, or its disk, takes nothing."""
        while not self.stop_asked:
            try:
                ensure_schedules()
                self.node.arrive()
            except (DatabaseError, InterfaceError) as error:
                _say_unreachable(error)
                close_old_connections()
                self._sleep(AWAY_SECONDS)
            else:
                sweep()
                return

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_asked = True

    def _sleep(self, seconds: float) -> None:
        ends_at = monotonic() + seconds
        while not self.stop_asked and monotonic() < ends_at:
            sleep(0.1)

    def turn(self) -> None:
        """Look at everything once, and do what is due."""
        now = self._clock()
        # While this process was held up, nobody else was silent.
        seconds = min(now - self._looked_at, _LONGEST_TURN_SECONDS)
        self._looked_at = now
        for cluster in self.clusters:
            self._keep_running(cluster)
        try:
            if self._clock() - self.beaten_at >= CANARY_SECONDS:
                self.beaten_at = self._clock()
                self.other_nodes.look()
                self.node.beat(cluster.facts() for cluster in self.clusters)
            # Before the canaries: one of those waiting in the queue would look like a loop that waits.
            ensure_loop()
            for cluster in self.clusters:
                self._watch(cluster, seconds)
        except (DatabaseError, InterfaceError) as error:
            _say_unreachable(error)
            close_old_connections()
            # No canary could be sent, and none taken. When the database is back, all get their whole time.
            for cluster in self.clusters:
                cluster.start_afresh()

    def _keep_running(self, cluster: Cluster) -> None:
        if cluster.is_running() or self._clock() < cluster.start_after:
            return
        if cluster.process is not None:
            logger.error("worker.cluster-died", extra={"cluster": cluster.name})
            cluster.kill()
            cluster.deaths += 1
        cluster.start_after = self._clock() + min(2.0 ** min(cluster.deaths, 10), _LONGEST_PAUSE)
        _start(cluster)

    def _watch(self, cluster: Cluster, seconds: float) -> None:
        """Replace a stuck cluster, but never while a paid call of its own is on its way. Call the others."""
        if not cluster.is_running():
            return
        cluster.look(seconds)
        if cluster.is_stuck(beside_others=self.other_nodes.are_alive()):
            if not cluster.may_be_paying(seconds):
                facts = {"cluster": cluster.name, "silent_for": cluster.silent_for}
                logger.error("worker.cluster-stuck", extra=facts)
                cluster.kill()
                _start(cluster)
        elif self._clock() - cluster.canary_sent_at >= CANARY_SECONDS:
            cluster.canary_sent_at = self._clock()
            # A sign of life, unless an earlier one still waits to be taken.
            if not OrmQ.objects.filter(key=cluster.name, lock__lte=timezone.now()).exists():
                nudge(CANARY, cluster.name, cluster=cluster.name)
            cluster.call()

    def _stop(self) -> None:
        try:
            self.node.leave()
        except (DatabaseError, InterfaceError) as error:
            _say_unreachable(error)
        for cluster in self.clusters:
            cluster.signal_group(signal.SIGTERM)
        ends_at = monotonic() + shutdown.grace_seconds()
        for cluster in self.clusters:
            try:
                if cluster.process is not None:
                    cluster.process.wait(timeout=max(0.1, ends_at - monotonic()))
            except subprocess.TimeoutExpired:
                logger.error("worker.cluster-would-not-stop", extra={"cluster": cluster.name})
            cluster.kill()


def _say_unreachable(error: Exception) -> None:
    logger.warning("worker.database-unreachable", extra={"error_class": type(error).__name__})


def _start(cluster: Cluster) -> None:
    """A machine that has no room for it now is asked again at a later turn."""
    try:
        cluster.start()
    except OSError as error:
        facts = {"cluster": cluster.name, "error_class": type(error).__name__}
        logger.warning("worker.cluster-not-started", extra=facts)


def ensure_schedules() -> None:
    """The schedules of django-q2 that keep the portal going."""
    _schedule("keep-refreshing", KEEP_REFRESHING, minutes=1)
    _schedule("refresh-stale-catalogs", REFRESH_STALE_CATALOGS, minutes=30)
    _schedule("refresh-balances", REFRESH_BALANCES, minutes=10)
    _schedule("read-accounts", READ_ACCOUNTS, minutes=10)
    _schedule("send-due-mail", SEND_DUE_MAIL, minutes=1)
    _schedule("tend-media", TEND_MEDIA, minutes=10)
    _schedule("sweep", SWEEP, minutes=24 * 60)


def _schedule(name: str, func: str, *, minutes: int) -> None:
    # Names are not unique there: two nodes that start together may both have made one.
    doubles = Schedule.objects.filter(name=name).order_by("pk").values_list("pk", flat=True)[1:]
    Schedule.objects.filter(pk__in=list(doubles)).delete()
    Schedule.objects.update_or_create(
        name=name,
        defaults={"func": func, "schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1},
    )
