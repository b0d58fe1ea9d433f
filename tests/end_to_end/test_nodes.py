"""Two web nodes and two worker nodes at once: one may die, come back, or sleep through its replacement."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.conf import settings as portal_settings
from django.db import close_old_connections, connection
from django.db.models import Count

from tasks.commands.refresh import loop
from tasks.kinds import image_to_video
from tasks.models import Credential, Membership, Output, OutputState, Status, Submission
from tasks.worker.supervisor import CANARY_SECONDS
from tests.parts import Parts, wait_until
from tests.people import browser_of, fill_form, make_credential, make_mark, make_workspace, order

pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]

KIND = image_to_video.KIND
WEBS = ("web", "web-2")
ORDERS = 12
# Each worker node submits at most so many at a time: they may be on their way when it dies.
PROCESSES = portal_settings.WORKERS


class Visitor:
    """A marketer's browser at one web node."""

    def __init__(self, address: str, member: Membership) -> None:
        self.page = f"{address}/tasks/new/{KIND.slug}/"
        session = browser_of(member).cookies["sessionid"].value
        answer = requests.get(self.page, headers={"Cookie": f"sessionid={session}"}, timeout=60)
        self.token = answer.cookies["csrftoken"]
        self.headers = {"Cookie": f"sessionid={session}; csrftoken={self.token}", "Connection": "close"}

    def send(self, data: dict[str, Any], task_id: str) -> int:
        """Send the form; the HTTP status of the answer."""
        posted = {**data, "task_id": task_id, "csrfmiddlewaretoken": self.token}
        answer = requests.post(self.page, posted, headers=self.headers, allow_redirects=False, timeout=60)
        return answer.status_code


def settled(submission: Submission) -> bool:
    """Whether nothing more happens to it by itself."""
    if submission.status != Status.SUCCEEDED:
        return submission.status == Status.UNKNOWN
    states = set(Output.objects.filter(submission=submission).values_list("state", flat=True))
    return states == {OutputState.SAVED}


def all_settled() -> bool:
    close_old_connections()
    return all(settled(submission) for submission in Submission.objects.all())


def standing() -> str:
    return str(list(Submission.objects.values_list("status", "reason", "lease_holder")))


def at_work(parts: Parts) -> tuple[Membership, Credential]:
    """A marketer and the account that pays."""
    parts.start_sandbox()
    member = make_mark(make_workspace())
    return member, make_credential(member.workspace, max_in_flight=100)


def start_node(parts: Parts, name: str) -> None:
    """A worker node that gives no call up because the machine is busy: the killed one's are counted."""
    parts.start_worker(name, NODE_NAME=name, TOPVIEW_SUBMIT_SECONDS="12")


def test_two_nodes_of_each_share_the_work_though_one_is_killed_and_comes_back(
    parts: Parts, tmp_path: Path
) -> None:
    member, credential = at_work(parts)
    for worker in ("worker", "worker-2"):
        start_node(parts, worker)
    for web in WEBS:
        parts.start_web(web)
    visitors = [Visitor(parts.url_of(web), member) for web in WEBS]
    data = dict(fill_form(KIND, member, credential, tmp_path).data)
    for number in range(ORDERS):
        task_id = str(uuid4())

        def send(visitor: Visitor, number: int = number, task_id: str = task_id) -> int:
            return visitor.send({**data, "prompt": f"It turns {number} times."}, task_id)

        # Both nodes get the same form at the same time, as after a double click behind a balancer.
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(send, visitors)) == [303, 303]
        if number == ORDERS // 3:
            parts.kill_node("worker")
        if number == ORDERS * 2 // 3:
            start_node(parts, "worker")
    wait_until(all_settled, seconds=150, what=standing)

    rows = Submission.objects.all()
    unknown = rows.filter(status=Status.UNKNOWN).count()
    accepted = parts.sandbox.state()["accepted"]
    assert rows.count() == ORDERS
    assert max(row["count"] for row in accepted["bodies"]) == 1
    assert ORDERS - unknown <= accepted["total"] <= ORDERS
    assert unknown <= PROCESSES
    assert not rows.exclude(remote_id="").values("remote_id").annotate(n=Count("pk")).filter(n__gt=1)
    assert not parts.sandbox.violations()
    for part in ("worker", "worker-2", *WEBS):
        assert "database is locked" not in parts.log(part)
        assert "cluster-stuck" not in parts.log(part)


def sends_files(submission: Submission) -> bool:
    return submission.status == Status.PREPARING


def is_on_its_way(submission: Submission) -> bool:
    return submission.status == Status.SUBMITTING


@pytest.mark.parametrize(
    ("slow_call", "asleep_when"),
    [("getUploadCredential", sends_files), ("submits", is_on_its_way)],
)
def test_a_node_that_sleeps_through_its_replacement_does_no_harm_when_it_wakes(
    parts: Parts, tmp_path: Path, slow_call: str, asleep_when: Callable[[Submission], bool]
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("a process asleep may hold the one lock of SQLite, which is for one machine")
    member, credential = at_work(parts)
    parts.sandbox.fault("latency", scope=slow_call, next=1, value="3.5")
    submission = order(KIND, member, credential, tmp_path).submissions.get()
    parts.start_worker("worker", NODE_NAME="worker")

    def reached() -> bool:
        submission.refresh_from_db()
        return asleep_when(submission)

    wait_until(reached, seconds=90, what=f"{slow_call} to be waited for")
    holder = submission.lease_holder
    frozen = parts.freeze("worker")
    parts.start_worker("worker-2", NODE_NAME="worker-2")

    def taken_over() -> bool:
        submission.refresh_from_db()
        return not asleep_when(submission) or submission.lease_holder != holder

    wait_until(taken_over, seconds=90, what=standing)
    wait_until(all_settled, seconds=90, what=standing)
    parts.thaw(frozen)
    again = order(KIND, member, credential, tmp_path, {"prompt": "Another one."})
    wait_until(all_settled, seconds=90, what=standing)

    submission.refresh_from_db()
    assert parts.sandbox.accepted() == 2
    assert again.submissions.get().status == Status.SUCCEEDED
    if asleep_when is sends_files:
        assert submission.status == Status.SUCCEEDED
    assert Submission.objects.count() == 2


def test_a_dead_node_is_taken_over_within_two_minutes() -> None:
    """What the leases of the defaults add up to: its rows', then the next turn of whoever refreshes."""
    submitting = portal_settings.TOPVIEW_SUBMIT_SECONDS + 30
    rows = max(portal_settings.TAKEOVER_SECONDS, submitting)
    refresh = loop._LEASE_SECONDS + CANARY_SECONDS + 5  # the loop's own lease, the next look at it, its start
    assert refresh < rows
    assert timedelta(seconds=rows + loop._TIDY_SECONDS + 20) <= timedelta(minutes=2)
