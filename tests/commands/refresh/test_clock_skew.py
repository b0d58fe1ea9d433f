"""The clock is set forward or back by hours: nothing is lost, doubled or forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone
from django_q.models import OrmQ

from tasks import jobs
from tasks.commands.evidence.claims import write_claim
from tasks.commands.refresh import loop
from tasks.commands.refresh.clock_skew import mind_the_clock
from tasks.commands.refresh.leasing import Nudges, lease_due, recover_left_behind
from tasks.commands.refresh.loop import ensure_loop
from tasks.commands.submissions import submit as submitting
from tasks.commands.submissions.recording import write_acceptance
from tasks.kinds import photo_avatar
from tasks.models import (
    Charge,
    ClaimSource,
    Credential,
    Lease,
    Membership,
    Output,
    OutputState,
    Status,
    Submission,
    Transition,
)
from tests.commands.conftest import Orders, Worker, running
from tests.commands.refresh.test_leasing import claimed, last_transition, sent
from tests.sandbox_fixture import SandboxDriver
from tests.views.rows import make_task

JUMP = timedelta(hours=5)


class TestSetBack:
    """What was written before lies hours ahead."""

    def test_a_running_task_is_asked_about_at_once(self, orders: Orders, worker: Worker):
        submission = running(orders, worker)
        Submission.objects.update(next_at=timezone.now() + JUMP)
        mind_the_clock(timezone.now())
        assert [target.pk for target in lease_due(timezone.now())] == [submission.pk]

    def test_a_queued_call_is_sent_for(self, orders: Orders):
        submission = orders.submission()
        Submission.objects.update(next_at=timezone.now() + JUMP)
        OrmQ.objects.all().delete()
        mind_the_clock(timezone.now())
        Nudges().send(timezone.now())
        assert [message.task["args"] for message in OrmQ.objects.all()] == [(str(submission.pk),)]

    def test_a_wait_that_was_meant_is_left_alone(self, orders: Orders):
        orders.submission()
        meant = timezone.now() + timedelta(minutes=6)
        Submission.objects.update(next_at=meant)
        mind_the_clock(timezone.now())
        assert Submission.objects.get().next_at == meant

    @pytest.mark.parametrize("state", [OutputState.WAITING, OutputState.SAVING])
    def test_a_result_that_was_being_saved_or_waited_for_its_next_try_is_saved(
        self, state: OutputState, orders: Orders, worker: Worker
    ):
        output = worker.finish(running(orders, worker)).outputs.get()
        ahead = timezone.now() + JUMP
        Output.objects.update(state=state, next_at=ahead, lease_until=ahead, lease_holder="dead")
        mind_the_clock(timezone.now())
        assert worker.save(output).state == OutputState.SAVED

    def test_a_save_that_is_under_way_is_left_alone(self, orders: Orders, worker: Worker):
        worker.finish(running(orders, worker))
        meant = timezone.now() + timedelta(seconds=900)
        lease = timezone.now() + timedelta(seconds=settings.TAKEOVER_SECONDS)
        Output.objects.update(state=OutputState.SAVING, next_at=meant, lease_until=lease)
        mind_the_clock(timezone.now())
        assert list(Output.objects.values_list("next_at", "lease_until")) == [(meant, lease)]

    def test_charges_from_before_a_reading_that_lies_ahead_are_read_all_the_same(
        self, orders: Orders, worker: Worker, credential: Credential
    ):
        worker.finish(running(orders, worker))
        Credential.objects.update(charges_read_at=timezone.now() + timedelta(hours=10))
        mind_the_clock(timezone.now())
        with time_machine.travel(timezone.now() + timedelta(hours=11)):
            jobs.read_account(str(credential.pk))
        assert Charge.objects.count() == 1

    def test_a_task_id_that_was_claimed_is_asked_about(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        submission = running(orders, worker)
        remote_id = submission.remote_id
        Submission.objects.update(status=Status.UNKNOWN, remote_id="")
        write_claim(
            submission,
            remote_id=remote_id,
            source=ClaimSource.CALLBACK,
            asked_at=timezone.now() + JUMP,
        )
        worker.refresh()
        submission.refresh_from_db()
        assert submission.remote_id == remote_id

    @pytest.mark.parametrize(("make", "becomes"), [(claimed, Status.QUEUED), (sent, Status.UNKNOWN)])
    def test_the_lease_of_a_dead_worker_ends_all_the_same(self, make, becomes: Status, orders: Orders):
        submission = make(orders.submission(), seconds=JUMP.total_seconds())
        Submission.objects.update(lease_until=timezone.now() + JUMP)
        recover_left_behind(timezone.now())
        submission.refresh_from_db()
        assert (submission.status, last_transition(submission).cause) == (becomes, "lease-expired")

    def test_a_worker_that_was_alive_has_sent_once_and_its_answer_counts(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, monkeypatch: pytest.MonkeyPatch
    ):
        submission = orders.submission()
        send = submitting._send

        def taken_for_dead_meanwhile(*arguments) -> None:
            Submission.objects.update(lease_until=timezone.now() + JUMP)
            recover_left_behind(timezone.now())
            send(*arguments)

        monkeypatch.setattr(submitting, "_send", taken_for_dead_meanwhile)
        worker.submit(submission)
        monkeypatch.undo()
        assert submission.status == Status.RUNNING
        for _turn in range(2):
            worker.submit_now(submission)
        assert portal.accepted() == 1

    def test_the_lease_of_a_loop_that_died_keeps_nobody_out(self, db: None):
        OrmQ.objects.all().delete()
        Lease.objects.create(name=loop.LEASE, holder="dead", until=timezone.now() + JUMP)
        ensure_loop()
        assert OrmQ.objects.count() == 1
        assert Lease.take(loop.LEASE, "new", seconds=20)

    def test_one_that_is_alive_keeps_its_lease(self, db: None):
        assert Lease.take(loop.LEASE, "alive", seconds=20)
        assert not Lease.take(loop.LEASE, "new", seconds=20)


class TestSetForward:
    """Everything is over at once."""

    def test_a_claim_is_taken_over_and_sent_once(self, portal: SandboxDriver, orders: Orders, worker: Worker):
        submission = claimed(orders.submission(), holder="alive", seconds=60)
        alive = Submission.objects.get(pk=submission.pk)
        with time_machine.travel(timezone.now() + JUMP):
            worker.refresh()
            assert worker.submit(submission).status == Status.RUNNING
            assert not alive.advance(Status.SUBMITTING, cause="intent", holder="alive")
        assert portal.accepted() == 1

    def test_a_call_on_its_way_is_unknown_until_its_answer_comes(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, monkeypatch: pytest.MonkeyPatch
    ):
        submission = orders.submission()
        write = write_acceptance

        def too_late(row: Submission, *arguments) -> None:
            with time_machine.travel(timezone.now() + JUMP):
                recover_left_behind(timezone.now())
                assert Submission.objects.get(pk=row.pk).status == Status.UNKNOWN
                write(row, *arguments)

        monkeypatch.setattr(submitting, "write_acceptance", too_late)
        jobs.submit(str(submission.pk))
        submission.refresh_from_db()
        assert (submission.status, portal.accepted()) == (Status.RUNNING, 1)

    def test_many_that_are_due_at_once_get_turns_of_their_own_again(self, orders: Orders, worker: Worker):
        for _number in range(3):
            running(orders, worker)
        with time_machine.travel(timezone.now() + JUMP):
            now = timezone.now()
            assert len(lease_due(now)) == 3
            assert lease_due(now) == []
            turns = list(Submission.objects.values_list("next_at", flat=True))
            assert len(set(turns)) == 3, "never in step"


class TestADayLong:
    """Off-peak tasks."""

    def test_it_is_looked_at_every_minute_or_so_even_past_its_deadline(self, mark: Membership, settings: Any):
        settings.REFRESH_SECONDS = 3
        begun = timezone.now()
        facts: dict[str, Any] = {
            "accepted_at": begun,
            "usual_at": begun + timedelta(hours=8),
            "next_at": begun,
        }
        make_task(
            mark,
            kind=photo_avatar.KIND,
            brief={"off_peak": True},
            status=Status.RUNNING,
            **facts,
        )
        for hours in (1, 8, 23, 30):
            now = begun + timedelta(hours=hours)
            assert len(lease_due(now)) == 1
            wait = Submission.objects.get().next_at - now
            assert timedelta(seconds=45) < wait < timedelta(seconds=75)

    def test_its_answer_after_23_hours_ends_it(self, portal: SandboxDriver, orders: Orders, worker: Worker):
        submission = running(orders, worker)
        portal.finish(submission.remote_id)
        with time_machine.travel(timezone.now() + timedelta(hours=23)):
            worker.finish(submission)
        assert submission.status == Status.SUCCEEDED
        assert Transition.objects.filter(submission=submission, cause="succeeded").count() == 1
