"""Slower than usual is said once, past the deadline once; what waits unsent for long is told as well."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tasks.causes import Cause, Code
from tasks.commands.refresh import lateness
from tasks.commands.refresh.lateness import update_lateness
from tasks.models import Credential, Lateness, Status, Submission, Task
from tests.causes import code_of
from tests.commands.conftest import Orders, Worker, running
from tests.sandbox_fixture import SandboxDriver


def told(submission: Submission) -> list[str]:
    """What its history says of its lateness."""
    causes = submission.remarks.order_by("pk").values_list("cause", flat=True)
    return [cause for cause in causes if cause in ("slow", "overdue", "waits-long", "waits-too-long")]


def say_often(at: datetime) -> None:
    for _time in range(3):
        update_lateness(at)


def is_wanted(submission: Submission) -> bool:
    return Task.objects.get(pk=submission.task_id).needs_attention


def test_a_slow_call_is_told_of_once_and_an_overdue_one_once_more(orders: Orders, worker: Worker) -> None:
    submission = running(orders, worker)
    slow_at, deadline_at = submission.slow_at, submission.deadline_at
    assert slow_at is not None and deadline_at is not None
    revision = submission.task.revision
    say_often(slow_at - timedelta(seconds=1))
    assert told(submission) == []

    say_often(slow_at)
    submission.refresh_from_db()
    assert (submission.lateness, told(submission)) == (Lateness.SLOW, ["slow"])
    assert not is_wanted(submission), "slow is no reason to act"
    assert Task.objects.get(pk=submission.task_id).revision > revision, "open pages show it"

    say_often(deadline_at)
    submission.refresh_from_db()
    assert (submission.lateness, told(submission)) == (Lateness.OVERDUE, ["slow", "overdue"])
    assert is_wanted(submission)
    assert submission.status == Status.RUNNING


def test_an_overdue_call_is_followed_and_wants_nobody_once_it_ends(
    portal: SandboxDriver, orders: Orders, worker: Worker
) -> None:
    submission = running(orders, worker)
    Submission.objects.update(slow_at=timezone.now(), deadline_at=timezone.now())
    update_lateness(timezone.now())
    assert is_wanted(submission)
    assert worker.finish(submission).status == Status.SUCCEEDED
    assert not is_wanted(submission)


def test_after_an_outage_of_the_loop_the_deadline_alone_is_told(orders: Orders, worker: Worker) -> None:
    submission = running(orders, worker)
    say_often(timezone.now() + timedelta(days=3))
    assert told(submission) == ["overdue"]


def test_a_clock_that_jumped_and_came_back_leaves_nothing_behind(orders: Orders, worker: Worker) -> None:
    submission = running(orders, worker)
    update_lateness(timezone.now() + timedelta(days=3))
    update_lateness(timezone.now())
    submission.refresh_from_db()
    assert submission.lateness == Lateness.USUAL
    assert not is_wanted(submission)


def test_what_waits_for_hours_before_it_is_sent_is_told_of_with_its_reason(
    portal: SandboxDriver, orders: Orders, worker: Worker, credential: Credential
) -> None:
    Credential.objects.update(state="paused", state_reason=Cause.of(Code.NO_CREDIT, said=""))
    submission = worker.submit(orders.submission())
    say_often(timezone.now() + timedelta(minutes=59))
    assert told(submission) == []
    say_often(timezone.now() + timedelta(minutes=61))
    assert told(submission) == ["waits-long"]
    assert code_of(submission.remarks.get().reason) == Code.CREDENTIAL_UNUSABLE
    assert not is_wanted(submission)
    say_often(timezone.now() + timedelta(hours=25))
    assert told(submission) == ["waits-long", "waits-too-long"]
    assert is_wanted(submission)

    Credential.objects.update(state="active")
    assert worker.submit_now(submission).status == Status.RUNNING
    update_lateness(timezone.now())
    submission.refresh_from_db()
    assert submission.lateness == Lateness.USUAL, "TopView has only begun"
    assert not is_wanted(submission)


def test_a_call_on_hold_since_a_restore_is_not_told_of_twice(orders: Orders) -> None:
    submission = orders.submission()
    Submission.objects.update(quarantined_at=timezone.now())
    say_often(timezone.now() + timedelta(days=2))
    assert told(submission) == []


@pytest.mark.parametrize("status", [Status.STOPPED, Status.UNKNOWN, Status.SUCCEEDED, Status.FAILED])
def test_only_what_is_watched_has_a_pace(status: Status, orders: Orders, worker: Worker) -> None:
    submission = running(orders, worker)
    Submission.objects.update(status=status)
    say_often(timezone.now() + timedelta(days=3))
    assert told(submission) == []


def test_the_loop_says_it(orders: Orders, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    submission = running(orders, worker)
    Submission.objects.update(slow_at=timezone.now())
    monkeypatch.setattr(lateness.watch, "_next_at", 0.0)
    worker.refresh()
    worker.refresh()
    assert told(submission) == ["slow"]


def test_looking_costs_one_query(orders: Orders, worker: Worker, django_assert_num_queries: Any) -> None:
    running(orders, worker)
    with django_assert_num_queries(1):
        update_lateness(timezone.now())
