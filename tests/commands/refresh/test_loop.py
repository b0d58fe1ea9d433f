"""The loop that follows tasks: whom it asks in which order, what it finds forgotten, and that it is alone."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from tasks.commands.refresh import leasing, loop
from tasks.commands.refresh.leasing import LONG_QUEUE, Nudges, lease_due
from tasks.commands.refresh.loop import Asker, Turns, ensure_loop, refresh_loop, refresh_once
from tasks.commands.refresh.results import write_result
from tasks.commands.runtime import shutdown
from tasks.commands.runtime.queue import CANARY, REFRESH_CLUSTER, REFRESH_LOOP, SWEEP, nudge
from tasks.commands.submissions import actions
from tasks.models import (
    Credential,
    CredentialState,
    Heartbeat,
    Lease,
    Membership,
    Status,
    Submission,
    Workspace,
)
from tasks.topview.errors import Unauthorised
from tasks.topview.results import RemoteTask
from tests import people
from tests.commands.conftest import Orders, Worker, running
from tests.parts import wait_until
from tests.sandbox_fixture import SandboxDriver
from tests.threads import all_at_once, beside


class TestBatches:
    """Many rows in one turn."""

    def test_a_poisoned_row_does_not_stop_the_others(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        rows = [running(orders, worker) for _number in range(3)]
        poisoned = rows[1]
        type(poisoned.task).objects.filter(pk=poisoned.task_id).update(kind="no-such-product")
        for row in rows:
            portal.finish(row.remote_id)
            portal.wait("/v1/common_task/image2video/result", row.remote_id)
        worker.refresh()
        statuses = [Submission.objects.get(pk=row.pk).status for row in rows]
        assert statuses == ["succeeded", "running", "succeeded"]
        poisoned.refresh_from_db()
        assert poisoned.attention
        assert poisoned.next_at > poisoned.created_at, "it waits like any other"

    def test_a_step_that_no_product_has_any_more_is_that_rows_own_trouble(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        first, second = running(orders, worker), running(orders, worker)
        Submission.objects.filter(pk=first.pk).update(step="no-such-step")
        worker.finish(second)
        first.refresh_from_db()
        assert (first.status, second.status) == (Status.RUNNING, Status.SUCCEEDED)
        assert first.attention

    def test_a_rows_next_turn_is_pushed_forward_before_anyone_asks(
        self, orders: Orders, worker: Worker, settings
    ):
        submission = running(orders, worker)
        settings.REFRESH_SECONDS = 30
        now = timezone.now()
        Submission.objects.update(next_at=now - timedelta(minutes=1))
        (taken,) = lease_due(now)
        assert taken.pk == submission.pk
        submission.refresh_from_db()
        assert submission.next_at > now + timedelta(seconds=20)
        assert submission.polls == 1
        assert lease_due(now) == []

    def test_the_turns_of_many_are_pushed_forward_in_one_statement(self, orders: Orders, worker: Worker):
        for _number in range(3):
            running(orders, worker)
        Submission.objects.update(next_at=timezone.now() - timedelta(seconds=1))
        updates: list[str] = []

        def note(execute, sql, params, many, context):
            updates.extend([sql] * (len(params) if many and connection.vendor == "postgresql" else 1))
            return execute(sql, params, many, context)

        now = timezone.now()
        with connection.execute_wrapper(note):
            assert len(lease_due(now)) == 3
        assert sum("UPDATE tasks_submission" in sql for sql in updates) == 1
        assert set(Submission.objects.values_list("polls", flat=True)) == {1}
        assert not Submission.objects.filter(next_at__lte=now).exists()

    def test_the_longest_waiting_come_first_and_a_turn_takes_only_so_many(
        self, orders: Orders, worker: Worker
    ):
        rows = [running(orders, worker) for _number in range(3)]
        now = timezone.now()
        for place, row in enumerate(rows):
            Submission.objects.filter(pk=row.pk).update(next_at=now - timedelta(seconds=place))
        assert [one.pk for one in lease_due(now)] == [row.pk for row in reversed(rows)]

    def test_an_account_is_not_asked_more_often_than_allowed(self, orders: Orders, worker: Worker, settings):
        for _number in range(3):
            running(orders, worker)
        settings.REFRESH_RATE = 4
        begun = time.monotonic()
        worker.refresh()
        assert time.monotonic() - begun >= 0.5
        assert set(Submission.objects.values_list("polls", flat=True)) == {1}

    def test_one_account_does_not_wait_for_another(
        self, portal: SandboxDriver, studio: Workspace, orders: Orders, worker: Worker, settings
    ):
        key = "sk-sandbox-other-0123456789abcdef"
        portal.account("AnotherAccount03", key, 50)
        other = people.make_credential(studio, name="Other", uid="AnotherAccount03", key=key)
        mine, theirs = running(orders, worker), worker.submit(orders.submission(other))
        # So slow that one waiting behind the other would take a minute.
        settings.REFRESH_RATE = 1 / 60
        for row in (mine, theirs):
            portal.finish(row.remote_id)
        wait_until(lambda: {task["status"] for task in portal.state()["tasks"]} == {"success"})
        worker.refresh()
        assert set(Submission.objects.values_list("status", flat=True)) == {"succeeded"}

    def test_one_account_whose_calls_hang_keeps_no_other_waiting(
        self, portal: SandboxDriver, studio: Workspace, orders: Orders, worker: Worker
    ):
        key = "sk-sandbox-other-0123456789abcdef"
        portal.account("AnotherAccount03", key, 50)
        other = people.make_credential(studio, name="Other", uid="AnotherAccount03", key=key)
        mine, theirs = running(orders, worker), worker.submit(orders.submission(other))
        many = [Submission.objects.get(pk=theirs.pk) for _number in range(30)]
        for number, copy in enumerate(many):
            copy.pk, copy.token, copy.item = None, f"token-{number}", str(number)
        Submission.objects.bulk_create(many)
        portal.finish(mine.remote_id)
        portal.wait("/v1/common_task/image2video/result", mine.remote_id)
        portal.fault("latency", scope=theirs.remote_id, value=1.5)
        now = timezone.now()
        Submission.objects.update(next_at=now - timedelta(minutes=1))
        Submission.objects.filter(pk=mine.pk).update(next_at=now)
        with Asker() as asker:
            turns = Turns(asker, Nudges(), bool)
            while not Submission.objects.filter(pk=mine.pk, status=Status.SUCCEEDED).exists():
                turns.go_on()
                assert asker.is_busy, "all those that hang came first"
            asked = portal.state()["calls"]["queryCommonImage2Video"]
            assert asked < 20, "most of those that hang were still to come"
            asker.drop_waiting()

    def test_an_answer_like_the_last_one_reads_and_writes_nothing(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, django_assert_num_queries
    ):
        submission = running(orders, worker)
        portal.fault("stuck", scope=submission.remote_id)
        worker.refresh()
        Submission.objects.update(next_at=timezone.now() - timedelta(seconds=1))
        (target,) = lease_due(timezone.now())
        assert target.last_answer
        with Asker() as asker:
            (heard,) = [answer for _target, answer in asker.ask([target])]
        assert isinstance(heard, RemoteTask)
        with django_assert_num_queries(0):
            write_result(target, heard)

    def test_an_answer_to_an_old_key_disables_no_new_one(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        running(orders, worker)
        Submission.objects.update(next_at=timezone.now() - timedelta(seconds=1))
        (target,) = lease_due(timezone.now())
        Credential.objects.update(encrypted_key=b"another one")
        write_result(target, Unauthorised("the old key", http_status=401))
        assert Credential.objects.get().state == CredentialState.ACTIVE


def fill_queue() -> int:
    """Have many messages wait: the number of the last one."""
    for _message in range(LONG_QUEUE):
        nudge(SWEEP)
    return int(OrmQ.objects.latest("pk").pk)


class TestForgotten:
    """The queue has lost its messages."""

    def test_a_queued_row_without_a_message_is_named_again_once(self, orders: Orders):
        submission = orders.submission()
        OrmQ.objects.all().delete()
        nudges, now = Nudges(), timezone.now()
        for _turn in range(3):
            nudges.send(now)
        (message,) = OrmQ.objects.all()
        assert (message.func(), message.task["args"]) == ("tasks.jobs.submit", (str(submission.pk),))

    def test_a_row_whose_time_has_not_come_is_left_alone(self, orders: Orders):
        orders.submission()
        OrmQ.objects.all().delete()
        Submission.objects.update(next_at=timezone.now() + timedelta(seconds=30))
        Nudges().send(timezone.now())
        assert not OrmQ.objects.exists()

    def test_in_a_long_queue_a_row_is_named_again_once_what_came_before_has_been_taken(
        self, orders: Orders, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(leasing, "_NUDGE_AGAIN_SECONDS", -1)
        orders.submission()
        OrmQ.objects.all().delete()
        before = [fill_queue() for _turn in range(2)]
        nudges = Nudges()
        nudges.send(timezone.now())
        assert OrmQ.objects.count() == 2 * LONG_QUEUE, "its message may be among them"
        after = fill_queue()
        OrmQ.objects.filter(pk__lte=before[1]).delete()
        for _turn in range(3):
            nudges.send(timezone.now())
        assert [message.func() for message in OrmQ.objects.filter(pk__gt=after)] == ["tasks.jobs.submit"]

    def test_an_unsaved_output_without_a_message_is_named_again(self, orders: Orders, worker: Worker):
        submission = worker.finish(running(orders, worker))
        OrmQ.objects.all().delete()
        Nudges().send(timezone.now())
        (message,) = OrmQ.objects.all()
        output = submission.outputs.get()
        assert (message.func(), message.task["args"]) == ("tasks.jobs.save_output", (str(output.pk),))


@pytest.mark.django_db(transaction=True)
class TestLoops:
    """One at a time, for ever."""

    def test_only_one_of_two_loops_is_active(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, monkeypatch: pytest.MonkeyPatch
    ):
        running(orders, worker)
        is_over = threading.Event()
        monkeypatch.setattr(shutdown, "is_asked", is_over.is_set)
        first = beside(lambda: refresh_loop(seconds=120))
        try:
            wait_until(lambda: Lease.held(loop.LEASE, timezone.now()), what="the first loop")
            holder = Lease.objects.get(name=loop.LEASE).holder
            refresh_loop(seconds=120)
            assert first.is_alive(), "the second one returned at once"
            assert Lease.objects.get(name=loop.LEASE).holder == holder
        finally:
            is_over.set()
            first.join(60)
        assert not Lease.objects.filter(name=loop.LEASE).exists()

    def test_a_canary_on_its_way_does_not_stand_for_a_loop(self, db: None):
        OrmQ.objects.all().delete()
        nudge(CANARY, REFRESH_CLUSTER, cluster=REFRESH_CLUSTER)
        for _turn in range(2):
            loop.ensure_loop()
        waiting = [message.func() for message in OrmQ.objects.all()]
        assert sorted(waiting) == [CANARY, REFRESH_LOOP]

    def test_a_loop_follows_a_task_to_its_end_and_queues_its_successor(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        submission = running(orders, worker)
        portal.finish(submission.remote_id)
        portal.wait("/v1/common_task/image2video/result", submission.remote_id)
        OrmQ.objects.all().delete()
        refresh_loop(seconds=1.5)
        submission.refresh_from_db()
        assert submission.status == Status.SUCCEEDED
        assert Heartbeat.age("refresh") is not None
        messages = OrmQ.objects.filter(key=REFRESH_CLUSTER)
        assert [message.func() for message in messages] == ["tasks.jobs.refresh_loop"]

    def test_messages_for_a_loop_do_not_pile_up(self):
        for _minute in range(5):
            ensure_loop()
        assert OrmQ.objects.filter(key=REFRESH_CLUSTER).count() == 1

    def test_while_a_loop_is_active_none_is_queued(self):
        assert Lease.take(loop.LEASE, "somebody", seconds=20)
        ensure_loop()
        assert not OrmQ.objects.exists()

    def test_a_loop_that_died_is_replaced(self, monkeypatch: pytest.MonkeyPatch):
        Lease.objects.create(name=loop.LEASE, holder="dead", until=timezone.now() - timedelta(seconds=1))
        # Its message was taken from the queue and will come back only much later.
        ensure_loop()
        OrmQ.objects.update(lock=timezone.now() + timedelta(seconds=180))
        ensure_loop()
        assert OrmQ.objects.filter(key=REFRESH_CLUSTER).count() == 2
        monkeypatch.setattr(shutdown, "is_asked", lambda: Heartbeat.age("refresh") is not None)
        refresh_loop(seconds=60)
        assert Heartbeat.age("refresh") is not None

    def test_a_lease_has_one_holder_whoever_comes_at_once(self):
        won: list[str] = []

        def take(name: str) -> None:
            if Lease.take("any", name, seconds=20):
                won.append(name)

        all_at_once([partial(take, name) for name in "abcdefgh"])
        assert len(won) == 1
        assert Lease.take("any", won[0], seconds=20), "it is renewed by its holder"
        Lease.give_back("any", "z")
        assert Lease.objects.exists()
        Lease.give_back("any", won[0])
        assert Lease.take("any", "z", seconds=0)

    def test_a_turn_without_anything_to_do_asks_nobody(self, portal: SandboxDriver):
        with Asker() as asker:
            refresh_once(asker, Nudges())
        assert portal.state()["calls"] == {}

    def test_a_loop_with_nothing_to_follow_asks_the_database_one_question_a_turn(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, django_assert_num_queries
    ):
        submission = running(orders, worker)
        Submission.objects.update(next_at=timezone.now() + timedelta(minutes=5))
        with Asker() as asker:
            turns = Turns(asker, Nudges(), bool)
            turns.go_on()
            with django_assert_num_queries(4):
                for _turn in range(4):
                    turns.go_on()
            # What a callback does: the row is due, and the very next turn asks about it.
            Submission.objects.update(next_at=timezone.now())
            turns.go_on()
            asker.drop_waiting()
        submission.refresh_from_db()
        assert submission.polls == 1

    @pytest.mark.parametrize("turn", range(4))
    def test_a_person_who_stops_watching_while_the_answer_is_written_blocks_nobody(
        self, turn: int, portal: SandboxDriver, orders: Orders, worker: Worker, mark: Membership
    ):
        submission = running(orders, worker, count="3")
        portal.finish(submission.remote_id)
        portal.wait("/v1/common_task/image2video/result", submission.remote_id)
        won: list[bool] = []

        def stop() -> None:
            seen = Submission.objects.get(pk=submission.pk)
            won.append(actions.stop_watching(submission=seen, actor=mark.user))

        all_at_once([worker.refresh, stop])
        submission.refresh_from_db()
        assert won == [submission.transitions.filter(cause="stopped").exists()]
        worker.refresh()
        submission.refresh_from_db()
        submission.task.refresh_from_db()
        assert (submission.status, submission.task.status) == (Status.SUCCEEDED, "succeeded")
        assert submission.outputs.count() == 3
