"""Several worker nodes beside each other: none is stopped or spared because of what another does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tasks.commands.holders import MARK_VARIABLE, new_holder
from tasks.commands.queue import MAIN_CLUSTER
from tasks.models import Heartbeat, Membership, Status
from tasks.worker.supervisor import SHARED_STUCK_SECONDS, Cluster, Supervisor
from tests import people
from tests.views.rows import make_task

pytestmark = pytest.mark.django_db


class StuckCluster(Cluster):
    """A cluster without processes, which remembers that it was replaced."""

    was_replaced = False

    silent_for = 20.0

    def is_running(self) -> bool:
        return True

    def kill(self) -> None:
        self.was_replaced = True

    def start(self) -> None:
        """Nothing to start."""

    def silence(self) -> float:
        return self.silent_for


@pytest.fixture
def cluster(tmp_path: Path) -> StuckCluster:
    return StuckCluster(MAIN_CLUSTER, 2, tmp_path, started_at=-1000.0)


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    supervisor = Supervisor()
    yield supervisor
    supervisor.folder.rmdir()


@pytest.fixture
def mark(db: None) -> Membership:
    return people.make_mark(people.make_workspace())


def submit_by(member: Membership, holder: str) -> None:
    """A paid call is on its way."""
    lease = timezone.now() + timedelta(minutes=1)
    make_task(member, status=Status.SUBMITTING, lease_holder=holder, lease_until=lease)


def test_a_stuck_cluster_is_spared_while_a_paid_call_of_its_own_is_on_its_way(
    supervisor: Supervisor, cluster: StuckCluster, mark: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MARK_VARIABLE, cluster.mark)
    submit_by(mark, new_holder())

    supervisor._replace(cluster)

    assert not cluster.was_replaced


def test_a_stuck_cluster_is_replaced_though_other_nodes_send_paid_calls(
    supervisor: Supervisor, cluster: StuckCluster, mark: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy portal there is always one on its way somewhere."""
    monkeypatch.setenv(MARK_VARIABLE, Cluster(MAIN_CLUSTER, 2, cluster.folder).mark)
    submit_by(mark, new_holder())

    supervisor._replace(cluster)

    assert cluster.was_replaced


def test_a_silent_cluster_is_replaced_when_it_is_alone(supervisor: Supervisor, cluster: StuckCluster) -> None:
    Heartbeat.objects.create(name=f"{Heartbeat.NODE}gone:1", at=timezone.now() - timedelta(hours=1))

    supervisor._watch(cluster)

    assert cluster.was_replaced


def test_a_cluster_whose_canaries_another_node_took_is_healthy(
    supervisor: Supervisor, cluster: StuckCluster
) -> None:
    """Each goes to whoever is first: a few in a row may well go to the other."""
    Heartbeat.beat(f"{Heartbeat.NODE}other:1")

    supervisor._watch(cluster)
    assert not cluster.was_replaced

    cluster.silent_for = SHARED_STUCK_SECONDS + 1
    supervisor._watch(cluster)
    assert cluster.was_replaced
