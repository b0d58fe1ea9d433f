"""A supervisor with one cluster whose jobs run where a test says, and a clock that goes where it wants."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from django_q.signals import post_execute_in_worker, pre_execute

from tasks.commands.runtime.queue import MAIN_CLUSTER
from tasks.worker import running_jobs
from tasks.worker.cluster_process import Cluster
from tasks.worker.supervisor import Supervisor


class Clock:
    """Stands still unless it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class WatchedCluster(Cluster):
    """A cluster without processes of its own, which counts how often it was replaced."""

    replaced = 0

    def is_running(self) -> bool:
        return True

    def kill(self) -> None:
        self.replaced += 1

    def _start_process(self) -> None:
        """Nothing to start."""


class Watch:
    """The supervisor, and time that passes for it."""

    def __init__(self, folder: Path, *, workers: int = 2) -> None:
        self.clock = Clock()
        self.cluster = WatchedCluster(MAIN_CLUSTER, workers, folder)
        self.supervisor = Supervisor(self.clock)
        self.supervisor.folder.rmdir()
        self.supervisor.clusters = [self.cluster]
        self.cluster.start()

    def turns(self, seconds: float) -> None:
        """The supervisor looks once a second."""
        for _turn in range(int(seconds)):
            self.clock.now += 1.0
            self.supervisor.turn()

    def seconds_until_replaced(self, *, most: int = 300) -> int:
        """How long it bears the silence from now on."""
        before = self.cluster.replaced
        for second in range(1, most + 1):
            self.turns(1)
            if self.cluster.replaced > before:
                return second
        raise AssertionError(f"not replaced within {most} seconds")


class Worker:
    """A process forked off like a cluster's, which runs the jobs that the test begins and ends."""

    def __init__(self, folder: Path) -> None:
        context = get_context("fork")
        self._here, there = context.Pipe()
        self.process = context.Process(target=_work, args=(folder, there))
        self.process.start()
        there.close()

    def begin(self) -> None:
        """Take a job; returns when it runs."""
        self._tell("begin")

    def end(self) -> None:
        """Finish it."""
        self._tell("end")

    def run(self) -> None:
        """A short job, such as a canary."""
        self.begin()
        self.end()

    def kill(self) -> None:
        """kill -9; nobody reaps it, so that its number stays taken."""
        self.process.kill()
        # The pipe closes when it has died.
        with suppress(EOFError, ConnectionResetError):
            self._here.recv()

    def _tell(self, what: str) -> None:
        self._here.send(what)
        self._here.recv()


def _work(folder: Path, there: Connection) -> None:
    running_jobs.mark_jobs_in(folder)
    with suppress(EOFError):
        while True:
            signal = pre_execute if there.recv() == "begin" else post_execute_in_worker
            signal.send(sender="test")
            there.send("done")


@contextmanager
def workers(folder: Path, number: int) -> Iterator[list[Worker]]:
    """So many processes, ended afterwards."""
    hired = [Worker(folder) for _worker in range(number)]
    try:
        yield hired
    finally:
        for worker in hired:
            worker.process.kill()
            worker.process.join()
