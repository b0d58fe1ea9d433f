"""A worker that starts while its database takes nothing waits for it, and then is there as always."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django_q.models import Schedule

from tasks.models import Heartbeat
from tasks.worker import supervisor
from tasks.worker.supervisor import Supervisor


class OneTurn(Supervisor):
    """A worker that is told to stop as soon as it has started."""

    def turn(self) -> None:
        self.node.beat([])
        self.stop_asked = True

    def _stop(self) -> None:
        """Nothing was started."""


class FullDisk:
    """Refuses so many statements as SQLite does then."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self, execute: Any, sql: str, *facts: Any) -> Any:
        if self.times:
            self.times -= 1
            raise OperationalError("database or disk is full")
        return execute(sql, *facts)


@pytest.fixture
def worker(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OneTurn:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_facts: None)
    monkeypatch.setattr(supervisor, "AWAY_SECONDS", 0.01)
    return OneTurn()


@pytest.mark.django_db(transaction=True)
def test_a_worker_waits_for_a_database_that_takes_nothing_yet(worker: OneTurn) -> None:
    with connection.execute_wrapper(disk := FullDisk(times=4)):
        worker.run()
    assert disk.times == 0
    assert Schedule.objects.filter(name="keep-refreshing").count() == 1
    assert Heartbeat.objects.nodes().count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_waits_can_be_stopped(worker: OneTurn) -> None:
    def refuse(*_facts: Any) -> Any:
        worker.stop_asked = True
        raise OperationalError("database or disk is full")

    with connection.execute_wrapper(refuse):
        worker.run()
    assert not Schedule.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_cluster_for_which_there_is_no_room_is_started_at_a_later_turn(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    plain, started = Supervisor(lambda: now[0]), []
    cluster = plain.clusters[0]
    plain.clusters = [cluster]

    def start() -> None:
        started.append(now[0])
        if len(started) < 3:
            raise OSError(28, "No space left on device")
        plain.clusters = []

    monkeypatch.setattr(cluster, "start", start)
    for _second in range(10):
        now[0] += 1
        plain.turn()
    assert len(started) == 3
    plain.folder.rmdir()
