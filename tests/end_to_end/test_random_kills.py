"""kill -9 at random moments, with real processes: paid once and saved, or a plain *unknown*; never two."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.db import close_old_connections
from django.db.models import Count

from tasks.kinds import KINDS
from tasks.kinds.base import TaskKind
from tasks.models import Credential, Membership, Output, OutputState, Status, Submission
from tests.parts import Parts, descendants, end_group, wait_until
from tests.people import (
    browser_of,
    fill_form,
    make_credential,
    make_mark,
    make_workspace,
    ready_catalogs,
)

pytestmark = pytest.mark.django_db(transaction=True)

RANDOM_KILLS = 50
SEED = 20261122


def talking_kind() -> TaskKind:
    """The first product that is offered."""
    return next(iter(KINDS.values()))


def ready_credential(parts: Parts) -> tuple[Membership, Credential]:
    """A marketer, and an account whose catalogs are on the shelves."""
    member = make_mark(make_workspace())
    return member, ready_catalogs(make_credential(member.workspace))


def is_settled(submission: Submission) -> bool:
    """Whether nothing more will happen to it by itself."""
    if submission.status == Status.UNKNOWN:
        return True
    outputs = Output.objects.filter(submission=submission)
    saved = outputs.exists() and not outputs.exclude(state=OutputState.SAVED).exists()
    return submission.status == Status.SUCCEEDED and saved


def all_settled() -> bool:
    """Whether every submission is."""
    close_old_connections()
    return all(is_settled(submission) for submission in Submission.objects.all())


def standing() -> str:
    """Where every submission stands, for the message of a test that waited in vain."""
    lines = [
        f"{row.status} next {row.next_at} {row.reason} {row.attention}" for row in Submission.objects.all()
    ]
    lines += [f"output {row.state} {row.error}" for row in Output.objects.all()]
    return "; ".join(lines)


class Shopper:
    """A marketer's browser that sends its form again, unchanged, until the portal has answered."""

    def __init__(self, parts: Parts, member: Membership) -> None:
        self.parts = parts
        self.page = f"{parts.web_url}/tasks/new/{talking_kind().slug}/"
        session = browser_of(member).cookies["sessionid"].value
        answer = requests.get(self.page, headers={"Cookie": f"sessionid={session}"}, timeout=30)
        self.token = answer.cookies["csrftoken"]
        self.headers = {"Cookie": f"sessionid={session}; csrftoken={self.token}", "Connection": "close"}

    def send(self, data: dict[str, str]) -> None:
        """Order one video; the server may die while it answers."""
        posted = {**data, "task_id": str(uuid4()), "csrfmiddlewaretoken": self.token}
        for _attempt in range(5):
            try:
                answer = requests.post(
                    self.page, posted, headers=self.headers, allow_redirects=False, timeout=30
                )
            except requests.ConnectionError:
                self.parts.start_web()
                continue
            assert answer.status_code == 303, answer.text
            return
        raise AssertionError("the portal never answered")


def test_fifty_random_kills_never_pay_twice_and_lose_nothing(parts: Parts, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    parts.start_sandbox(seconds=2.0)
    member, credential = ready_credential(parts)
    parts.start_worker()
    parts.start_web()
    shopper = Shopper(parts, member)
    data = dict(fill_form(talking_kind(), member, credential, tmp_path).data)
    for turn in range(RANDOM_KILLS):
        with kill_later(parts, chance):
            shopper.send({**data, "script": f"Sentence number {turn}."})
        _kill_something(parts, chance)
    wait_until(all_settled, seconds=180, what=standing)

    assert Submission.objects.count() == RANDOM_KILLS
    _assert_each_was_paid_once_at_most(parts)
    assert not parts.sandbox.violations()


@contextmanager
def kill_later(parts: Parts, chance: random.Random) -> Iterator[None]:
    """In one of four cases, kill the web server somewhere in the middle of what it is asked meanwhile."""
    if chance.random() >= 0.25:
        yield
        return
    web = parts.processes["web"]
    timer = Timer(chance.uniform(0.0, 0.06), end_group, [web.pid])
    timer.start()
    yield
    timer.join()
    if web.poll() is not None and parts.processes["web"] is web:
        parts.start_web()


def _kill_something(parts: Parts, chance: random.Random) -> None:
    """The sandbox, the whole worker, or one of the worker's processes; what does not come back is started."""
    sleep(chance.uniform(0.1, 1.2))
    victim = chance.choice(["sandbox", "worker", "one", "one"])
    if victim == "one":
        below = descendants(parts.processes["worker"].pid)
        if below:
            end_one(chance.choice(below))
        return
    if victim == "worker":
        parts.kill_node("worker")
        parts.start_worker()
    else:
        parts.kill("sandbox")
        parts.start_sandbox(seconds=2.0)


def end_one(pid: int) -> None:
    """kill -9 for one process that may be gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _assert_each_was_paid_once_at_most(parts: Parts) -> None:
    accepted: dict[str, Any] = parts.sandbox.state()["accepted"]
    rows = Submission.objects.all()
    paid = rows.exclude(status=Status.UNKNOWN)
    assert max(row["count"] for row in accepted["bodies"]) == 1
    assert paid.count() <= accepted["total"] <= rows.count()
    assert paid.values("remote_id").annotate(n=Count("pk")).filter(n__gt=1).count() == 0
    assert Output.objects.filter(submission__in=paid).count() == paid.count()
    assert all(row.reason for row in rows.filter(status=Status.UNKNOWN))
