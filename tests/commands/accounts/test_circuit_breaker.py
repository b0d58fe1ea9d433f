"""A host that does not answer is left alone, found out about by one, and comes back slowly."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tasks.causes import Code
from tasks.commands.accounts import circuit_breaker
from tasks.commands.accounts.circuit_breaker import FAILURES, RAMP_FIRST, RAMP_SECONDS
from tasks.commands.refresh.leasing import Nudges
from tasks.commands.refresh.loop import Asker, Turns, refresh_once
from tasks.models import Circuit, Service, Status, Submission
from tasks.topview.errors import BadInput, Busy, Interrupted, NotSent, RemoteFault, TopViewError, Unauthorised
from tests.causes import code_of
from tests.commands.conftest import Orders, Worker, running
from tests.sandbox_fixture import SandboxDriver

SANDBOX = Service.SANDBOX
QUERY = "queryCommonImage2Video"


def row() -> Circuit:
    """The one host there is."""
    return Circuit.objects.get()


def fail(times: int, error: TopViewError | None = None) -> None:
    """So many calls in a row are not answered."""
    for _number in range(times):
        circuit_breaker.note(SANDBOX, error or Interrupted("no answer"))


def queries(portal: SandboxDriver) -> int:
    """How often the sandbox was asked about a task."""
    return int(portal.state()["calls"].get(QUERY, 0))


def all_due() -> None:
    """Everything is overdue."""
    Submission.objects.update(next_at=timezone.now() - timedelta(minutes=1))


def look() -> None:
    """One turn of a loop that has just begun."""
    with Asker() as asker:
        refresh_once(asker, Nudges())


def later() -> None:
    """Let the open circuit's time pass."""
    Circuit.objects.update(open_until=timezone.now() - timedelta(minutes=1))


def stays_open() -> None:
    """Its time does not pass while the test looks, however slow the machine is."""
    Circuit.objects.update(open_until=timezone.now() + timedelta(minutes=1))


class TestOpening:
    """Only silence counts, and only enough of it in a row."""

    @pytest.mark.sqlite
    @pytest.mark.parametrize(
        "error",
        [
            BadInput("no", http_status=400),
            Unauthorised("no", http_status=401),
            Busy("no", http_status=429),
            RemoteFault("no", code="5000", http_status=200),
        ],
    )
    def test_what_an_account_is_told_opens_nothing(self, db: None, error: TopViewError):
        fail(FAILURES * 3, error)
        assert not Circuit.objects.exclude(open_until=None).exists()

    @pytest.mark.sqlite
    @pytest.mark.parametrize(
        "error",
        [NotSent("x"), Interrupted("x"), RemoteFault("x", http_status=503)],
        ids=lambda e: type(e).__name__,
    )
    def test_enough_failures_in_a_row_open_it(self, db: None, error: TopViewError):
        fail(FAILURES - 1, error)
        assert row().open_until is None
        fail(1, error)
        opened = row()
        assert opened.open_until is not None and opened.open_until > timezone.now()

    def test_an_answer_in_between_starts_the_count_anew(self, db: None):
        for _number in range(4):
            fail(FAILURES - 1)
            circuit_breaker.note(SANDBOX)
        assert (row().failures, row().open_until) == (0, None)

    def test_each_probe_that_fails_makes_the_next_wait_longer_up_to_the_longest(self, db: None):
        fail(FAILURES)
        host, waits = row().host, []
        for _number in range(9):
            later()
            now = timezone.now()
            assert circuit_breaker.may_probe(host, now)
            circuit_breaker.note_failure(host, now, is_probe=True)
            waits.append((row().open_until - now).total_seconds())  # type: ignore[operator]
        assert waits[0] < waits[2] < waits[4]
        assert waits[-1] <= circuit_breaker.LONGEST_SECONDS * 1.2

    def test_one_at_a_time_may_probe_and_only_when_it_is_time(self, db: None):
        fail(FAILURES)
        host, now = row().host, timezone.now()
        assert not circuit_breaker.may_probe(host, now)
        later()
        assert circuit_breaker.may_probe(host, now)
        assert not circuit_breaker.may_probe(host, now)
        assert circuit_breaker.may_probe(host, now + timedelta(seconds=circuit_breaker.PROBE_SECONDS + 1)), (
            "the prober died"
        )

    def test_a_clock_that_was_set_back_keeps_nobody_out(self, db: None):
        fail(FAILURES)
        Circuit.objects.update(open_until=timezone.now() + timedelta(hours=3))
        assert circuit_breaker.may_probe(row().host, timezone.now())


class TestWhileItIsOpen:
    """Nobody asks; who waits is told why."""

    def test_nothing_is_sent_and_the_page_says_since_when(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        submission = running(orders, worker)
        waiting = orders.submission()
        fail(FAILURES)
        stays_open()
        before = portal.state()["calls"]
        all_due()
        look()
        worker.submit(waiting)
        assert portal.state()["calls"] == before
        waiting.refresh_from_db()
        submission.refresh_from_db()
        assert (waiting.status, submission.status) == (Status.QUEUED, Status.RUNNING)
        assert code_of(waiting.reason) == Code.HOST_SILENT
        revision = Submission.objects.get(pk=waiting.pk).task.revision
        worker.submit(waiting)
        assert Submission.objects.get(pk=waiting.pk).task.revision == revision, "said once"

    def test_one_probe_that_is_no_paid_call_and_no_task_finds_out(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        submission = running(orders, worker)
        waiting = orders.submission()
        fail(FAILURES)
        later()
        all_due()
        before = portal.state()["calls"]
        look()
        after = portal.state()["calls"]
        assert {
            name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)
        } == {"getCredit": 1}
        assert row().open_until is None
        portal.finish(submission.remote_id)
        assert worker.finish(submission).status == Status.SUCCEEDED
        assert worker.submit_now(waiting).status == Status.RUNNING

    def test_a_task_whose_query_alone_fails_keeps_no_paid_call_waiting_for_long(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        running(orders, worker)
        portal.fault("http-before", scope=QUERY, value=500)
        for _turn in range(FAILURES):
            all_due()
            look()
        assert row().open_until is not None
        later()
        look()
        assert row().open_until is None
        assert worker.submit(orders.submission()).status == Status.RUNNING


class TestComingBack:
    """Not everybody at once."""

    def test_the_ramp_doubles_and_ends(self, db: None):
        now = timezone.now()
        closed = Circuit(host="x", changed_at=now)

        def at(seconds: float) -> float:
            return circuit_breaker.ramp(closed, now + timedelta(seconds=seconds))

        assert at(0) == RAMP_FIRST
        assert at(circuit_breaker.RAMP_DOUBLES_SECONDS) == pytest.approx(2 * RAMP_FIRST)
        assert at(RAMP_SECONDS) == float("inf")
        assert circuit_breaker.ramp(None, now) == float("inf")

    def test_five_hundred_overdue_rows_come_back_no_faster_than_the_ramp(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, settings: Any
    ):
        settings.REFRESH_RATE = 0
        settings.REFRESH_SECONDS = 60
        first = running(orders, worker)
        portal.fault("stuck", scope=first.remote_id)
        copies = []
        for number in range(499):
            copy = Submission.objects.get(pk=first.pk)
            copy.pk, copy.token, copy.item, copy.attempt = None, f"token-{number}", str(number), 1
            copies.append(copy)
        Submission.objects.bulk_create(copies)
        fail(FAILURES)
        later()
        all_due()
        look()
        assert row().open_until is None
        asked_before, begun = queries(portal), timezone.now()
        counted = _count_calls(portal, seconds=3.0)
        asked = queries(portal) - asked_before
        closed_at = row().changed_at
        assert closed_at is not None
        # Whatever the machine was doing meanwhile: up to each moment, no more than the ramp allows in all.
        for at, calls in counted:
            assert calls - asked_before <= _allowed(closed_at, begun, at), f"after {at - begun}"
        assert 0 < asked < 100, "of five hundred"


def _count_calls(portal: SandboxDriver, *, seconds: float) -> list[tuple[datetime, int]]:
    """Run turns for a while; how often was asked up to each of several moments."""
    counted, ends_at = [], time.monotonic() + seconds
    with Asker() as asker:
        turns = Turns(asker, Nudges(), bool)
        while time.monotonic() < ends_at:
            turns.go_on()
            calls = queries(portal)
            counted.append((timezone.now(), calls))
        asker.drop_waiting()
    return counted


def _allowed(closed_at: datetime, begun: datetime, at: datetime) -> float:
    """The calls that the ramp has let through since it closed, and a few that were just leaving."""
    doubles = circuit_breaker.RAMP_DOUBLES_SECONDS
    seconds = (at - closed_at).total_seconds()
    whole = RAMP_FIRST * doubles / 0.693 * (2 ** (seconds / doubles) - 1)
    return whole + 4
