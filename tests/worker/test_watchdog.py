"""The watchdog never kills a healthy busy cluster, and does kill a wedged one.

Whatever clocks and the database do meanwhile. `test_cluster.py` shows the same with whole clusters.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from tasks.commands.runtime.lease_owner import MARK_VARIABLE, new_holder
from tasks.commands.runtime.shutdown import grace_seconds
from tasks.models import Heartbeat, Membership, Status
from tasks.worker import running_jobs
from tasks.worker.cluster_process import PATIENT_SECONDS, Cluster
from tasks.worker.supervisor import CANARY_SECONDS
from tests import people
from tests.views.rows import make_task
from tests.worker.watching import Watch, Worker, workers

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]

STUCK = 15
# From the last job to the replacement of a cluster that takes no other: the next canary comes first.
BORNE = range(STUCK, STUCK + int(CANARY_SECONDS) + 3)


@pytest.fixture
def watch(tmp_path: Path, settings: Any) -> Watch:
    settings.STUCK_SECONDS = STUCK
    return Watch(tmp_path / "busy")


@pytest.fixture
def pair(watch: Watch) -> Iterator[list[Worker]]:
    """The cluster's two workers, which have had a job each."""
    with workers(watch.cluster.folder, 2) as pair:
        for worker in pair:
            worker.run()
        watch.turns(1)
        yield pair


def test_a_cluster_that_takes_no_job_is_replaced(watch: Watch, pair: list[Worker]) -> None:
    assert watch.seconds_until_replaced() in BORNE


def test_one_that_takes_canaries_is_left_alone(watch: Watch, pair: list[Worker]) -> None:
    for _canary in range(20):
        watch.turns(CANARY_SECONDS * 2)
        pair[0].run()
    assert not watch.cluster.replaced


def test_a_cluster_that_starts_slowly_on_a_busy_machine_gets_its_time(watch: Watch) -> None:
    watch.turns(PATIENT_SECONDS)
    assert not watch.cluster.replaced
    assert watch.seconds_until_replaced() <= CANARY_SECONDS + 2


def test_the_end_of_one_of_many_long_jobs_begins_the_count(watch: Watch, pair: list[Worker]) -> None:
    for worker in pair:
        worker.begin()
    watch.turns(100)
    pair[0].end()
    assert watch.seconds_until_replaced() in BORNE


def test_a_job_whose_process_was_killed_counts_no_longer(watch: Watch, pair: list[Worker]) -> None:
    """Nobody has reaped it, or another has its number: there is a process, but no job."""
    for worker in pair:
        worker.begin()
    watch.turns(1)
    pair[0].kill()
    os.kill(pair[0].process.pid or 0, 0)  # raises if there is none
    assert running_jobs.count(watch.cluster.folder) == 1
    assert watch.seconds_until_replaced() in BORNE


def test_jobs_are_counted_though_their_folder_was_tidied_away(watch: Watch, pair: list[Worker]) -> None:
    shutil.rmtree(watch.cluster.folder)
    assert watch.cluster.facts()["busy"] == 0
    pair[0].begin()
    assert watch.cluster.facts()["busy"] == 1


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_clock_that_is_set_changes_nothing(watch: Watch, pair: list[Worker], hours: int) -> None:
    """To files, a job that began before the clock was set seems to have begun long ago, or not yet."""
    pair[0].run()
    last = watch.cluster.folder / "last"
    then = last.stat().st_mtime + hours * 3600
    os.utime(last, (then, then))
    assert watch.seconds_until_replaced() in BORNE


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_silence_is_counted_while_the_database_is_away(watch: Watch, pair: list[Worker]) -> None:
    def refuse(*_query: object) -> None:
        raise OperationalError("the database is away")

    watch.turns(STUCK - 1)
    with connection.execute_wrapper(refuse):
        watch.turns(60)
    assert not watch.cluster.replaced
    assert watch.seconds_until_replaced() in BORNE


def test_a_supervisor_that_slept_gives_a_canary_its_chance(watch: Watch, pair: list[Worker]) -> None:
    """It was stopped, or the machine swapped, just after a canary was sent."""
    watch.turns(CANARY_SECONDS + 1)
    watch.clock.now += 3600
    watch.turns(STUCK - CANARY_SECONDS - 3)
    assert not watch.cluster.replaced
    watch.turns(CANARY_SECONDS + 3)
    assert watch.cluster.replaced, "not for ever"


def test_a_supervisor_that_is_always_late_finds_a_stuck_cluster_all_the_same(
    watch: Watch, pair: list[Worker]
) -> None:
    for _turn in range(STUCK):
        watch.clock.now += 10
        watch.supervisor.turn()
    assert watch.cluster.replaced


@pytest.fixture
def submit(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A paid call is on its way, by default one of the watched cluster's own."""
    member: Membership = people.make_mark(people.make_workspace())

    def submit(*, lease: timedelta = timedelta(minutes=1), mark: str = watch.cluster.mark) -> None:
        monkeypatch.setenv(MARK_VARIABLE, mark)
        until = timezone.now() + lease
        make_task(member, status=Status.SUBMITTING, lease_holder=new_holder(), lease_until=until)

    return submit


@pytest.mark.postgres
@pytest.mark.parametrize("hours", [-5, 5])
def test_a_paid_call_spares_its_cluster_as_long_as_it_can_take_whatever_the_clock_says(
    watch: Watch, pair: list[Worker], submit: Callable[..., None], hours: int
) -> None:
    submit(lease=timedelta(hours=hours))
    borne = watch.seconds_until_replaced()
    assert grace_seconds() <= borne - STUCK <= grace_seconds() + CANARY_SECONDS + 3


@pytest.mark.postgres
def test_a_paid_call_of_another_node_spares_nobody(
    watch: Watch, pair: list[Worker], submit: Callable[..., None], tmp_path: Path
) -> None:
    """On a busy portal there is always one on its way somewhere."""
    submit(mark=Cluster("portal", 2, tmp_path).mark)
    assert watch.seconds_until_replaced() in BORNE


def beat_elsewhere(at: datetime) -> None:
    """Another node gave a sign, by its own clock."""
    Heartbeat.objects.update_or_create(name=f"{Heartbeat.NODE}other:1", defaults={"at": at})


@pytest.mark.postgres
@pytest.mark.parametrize("behind", [0, 3])
def test_beside_another_node_a_cluster_may_miss_some_canaries(
    watch: Watch, pair: list[Worker], behind: int
) -> None:
    """Each goes to whoever is first; and the other's clock may differ by hours."""
    for second in range(int(PATIENT_SECONDS)):
        beat_elsewhere(timezone.now() + timedelta(seconds=second, hours=-behind))
        watch.turns(1)
    assert not watch.cluster.replaced
    assert watch.seconds_until_replaced() <= CANARY_SECONDS + 2


def test_a_node_that_was_gone_before_is_no_company(watch: Watch, pair: list[Worker]) -> None:
    beat_elsewhere(timezone.now())
    assert watch.seconds_until_replaced() in BORNE


@pytest.mark.postgres
def test_a_node_that_went_is_no_company_after_a_minute(watch: Watch, pair: list[Worker]) -> None:
    for second in (0, 1):
        beat_elsewhere(timezone.now() + timedelta(seconds=second))
        watch.turns(CANARY_SECONDS)
    for _canary in range(10):
        watch.turns(PATIENT_SECONDS / 10)
        pair[0].run()
    assert watch.seconds_until_replaced() in BORNE
