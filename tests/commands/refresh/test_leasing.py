"""What is left behind by a worker that died, what comes late, and what people decide about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError, transaction
from django.db.models.signals import post_save, pre_save
from django.utils import timezone

from tasks import jobs
from tasks.causes import Cause, Code
from tasks.commands.evidence import decisions, following
from tasks.commands.evidence.callbacks import receive_callback
from tasks.commands.refresh.leasing import recover_left_behind
from tasks.commands.refusals import FollowedElsewhere, NotPossible
from tasks.commands.submissions import actions, recording
from tasks.commands.submissions.recording import write_acceptance
from tasks.models import AuditEvent, Membership, Status, Submission, Transition
from tasks.topview.results import Accepted
from tests.causes import code_of
from tests.commands.conftest import Orders, Worker
from tests.sandbox_fixture import SandboxDriver

SUBMIT = "submitCommonImage2Video"


def claimed(submission: Submission, *, holder: str = "gone", seconds: float = -1) -> Submission:
    """As a worker left it in the middle of preparing; its lease ends in so many seconds."""
    lease = timezone.now() + timedelta(seconds=seconds)
    assert submission.advance(Status.PREPARING, cause="claimed", lease_holder=holder, lease_until=lease)
    return submission


def sent(submission: Submission, *, seconds: float = -1) -> Submission:
    """As a worker left it after the intent."""
    claimed(submission, seconds=seconds)
    assert submission.advance(Status.SUBMITTING, cause="intent", holder="gone")
    return submission


def unknown(submission: Submission) -> Submission:
    """As nobody knows what became of it."""
    sent(submission)
    recover_left_behind(timezone.now())
    submission.refresh_from_db()
    assert submission.status == Status.UNKNOWN
    return submission


def last_transition(submission: Submission) -> Transition:
    """The newest line of the timeline."""
    transition = submission.transitions.last()
    assert transition is not None
    return transition


def accepted(remote_id: str) -> Accepted:
    """TopView's answer to a submit."""
    return Accepted(task_id=remote_id, callback_uuid=None, raw={})


class TestLeftBehind:
    """A worker dies; its lease runs out."""

    def test_a_claim_goes_back_to_the_queue_and_is_carried_on(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        submission = claimed(orders.submission())
        worker.refresh()
        submission.refresh_from_db()
        assert (submission.status, last_transition(submission).cause) == (Status.QUEUED, "lease-expired")
        assert submission.lease_until is None
        assert worker.submit(submission).status == Status.RUNNING
        assert portal.accepted() == 1

    def test_a_call_whose_answer_nobody_heard_is_unknown_and_stays_so(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        submission = sent(orders.submission())
        worker.refresh()
        submission.refresh_from_db()
        assert (submission.status, last_transition(submission).cause) == (Status.UNKNOWN, "lease-expired")
        assert code_of(submission.reason) == Code.WORKER_STOPPED
        for _turn in range(3):
            worker.submit_now(submission)
            worker.refresh()
        submission.refresh_from_db()
        assert submission.status == Status.UNKNOWN
        assert portal.state()["calls"] == {}

    @pytest.mark.parametrize("make", [claimed, sent])
    def test_a_lease_that_still_holds_is_respected(self, make, orders: Orders, worker: Worker):
        submission = make(orders.submission(), seconds=30)
        worker.refresh()
        worker.submit_now(submission)
        assert submission.status == (Status.PREPARING if make is claimed else Status.SUBMITTING)
        assert submission.lease_holder == "gone"

    def test_who_comes_back_after_its_lease_finds_the_row_taken(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        first = claimed(orders.submission())
        worker.refresh()
        second = Submission.objects.get(pk=first.pk)
        claimed(second, holder="new", seconds=60)
        assert not first.advance(Status.SUBMITTING, cause="intent", holder="gone")
        assert not first.advance(Status.QUEUED, cause="unreachable", holder="gone")
        second.refresh_from_db()
        assert (second.status, second.lease_holder) == (Status.PREPARING, "new")

    @pytest.mark.django_db(transaction=True)
    def test_a_process_that_slept_after_its_intent_sends_nothing(
        self, portal: SandboxDriver, orders: Orders, settings
    ):
        submission = orders.submission()
        settings.TOPVIEW_SUBMIT_SECONDS = 5
        clock = time_machine.travel(timezone.now() + timedelta(minutes=10))

        def sleep_once_it_is_on_disk(sender: object, instance: Transition, **_facts: object) -> None:
            if instance.to_status == Status.SUBMITTING:
                transaction.on_commit(clock.start)

        post_save.connect(sleep_once_it_is_on_disk, sender=Transition)
        try:
            jobs.submit(str(submission.pk))
        finally:
            post_save.disconnect(sleep_once_it_is_on_disk, sender=Transition)
            clock.stop()
        submission.refresh_from_db()
        assert (submission.status, last_transition(submission).cause) == (Status.QUEUED, "lease-expired")
        assert SUBMIT not in portal.state()["calls"]


class TestLateAnswers:
    """The answer comes when the row has moved on."""

    def test_it_finds_the_unknown_one(self, orders: Orders):
        submission = orders.submission()
        late = Submission.objects.get(pk=unknown(submission).pk)
        late.status = Status.SUBMITTING  # as its own worker still sees it
        write_acceptance(late, accepted("task-1"))
        submission.refresh_from_db()
        assert (submission.status, submission.remote_id) == (Status.RUNNING, "task-1")
        assert (last_transition(submission).cause, submission.reason) == ("evidence", None)

    def test_its_forecast_counts_from_when_it_was_sent(self, orders: Orders):
        submission = orders.submission()
        intent_at = timezone.now() - timedelta(hours=3)
        Submission.objects.filter(pk=submission.pk).update(intent_at=intent_at)
        late = Submission.objects.get(pk=unknown(Submission.objects.get(pk=submission.pk)).pk)
        late.status = Status.SUBMITTING
        write_acceptance(late, accepted("task-1"))
        submission.refresh_from_db()
        assert submission.usual_at is not None and submission.usual_at < timezone.now()
        assert submission.deadline_at is not None and submission.deadline_at < timezone.now()

    def test_a_forecast_that_cannot_be_made_keeps_no_id_from_being_written(
        self, orders: Orders, worker: Worker, monkeypatch: pytest.MonkeyPatch
    ):
        def fails(*_anything: object) -> None:
            raise OperationalError("the disk is away")

        monkeypatch.setattr(following, "forecast", fails)
        submission = worker.submit(orders.submission())
        assert (submission.status, submission.usual_at) == (Status.RUNNING, None)
        assert submission.remote_id

    def test_the_same_id_twice_changes_nothing(self, orders: Orders, worker: Worker):
        submission = worker.submit(orders.submission())
        transitions, before = submission.transitions.count(), Submission.objects.values().get()
        late = Submission.objects.get(pk=submission.pk)
        late.status = Status.SUBMITTING
        write_acceptance(late, accepted(submission.remote_id))
        assert Submission.objects.values().get() == before
        assert submission.transitions.count() == transitions

    def test_another_id_needs_a_person_and_no_later_answer_hides_it(self, orders: Orders, worker: Worker):
        submission = worker.submit(orders.submission())
        first = submission.remote_id
        late = Submission.objects.get(pk=submission.pk)
        late.status = Status.SUBMITTING
        write_acceptance(late, accepted("task-2"))
        submission.refresh_from_db()
        assert (submission.status, submission.remote_id) == (Status.RUNNING, first)
        assert submission.attention == Cause.of(Code.SECOND_REMOTE_ID, remote_id="task-2")
        worker.finish(submission)
        assert submission.status == Status.SUCCEEDED
        assert submission.attention == Cause.of(Code.SECOND_REMOTE_ID, remote_id="task-2")

    def test_a_given_up_one_is_adopted_and_said_to_be_so(self, orders: Orders, alice: Membership):
        submission = unknown(orders.submission())
        assert decisions.abandon(submission=submission, actor=alice.user, reason="Not on the site.")
        late = Submission.objects.get(pk=submission.pk)
        late.status = Status.SUBMITTING
        write_acceptance(late, accepted("task-1"))
        submission.refresh_from_db()
        assert (submission.status, submission.remote_id) == (Status.RUNNING, "task-1")

    def test_one_given_up_and_made_again_is_adopted_as_a_second_charge(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, alice: Membership
    ):
        first = unknown(orders.submission())
        decisions.abandon(submission=first, actor=alice.user, reason="Not on the site.")
        second = worker.submit(actions.try_again(submission=first, actor=alice.user, reason="Needed."))
        assert second.status == Status.RUNNING
        made = portal.result(
            "POST",
            "/v1/common_task/image2video/submit",
            {
                "imageFileId": second.task.uploads.get().remote_files.get().file_id,
                "mode": "lite",
                "duration": 5,
                "generatingCount": 1,
            },
        )
        late = Submission.objects.get(pk=first.pk)
        late.status = Status.SUBMITTING
        write_acceptance(late, accepted(made["taskId"]))
        first.refresh_from_db()
        assert (first.status, first.remote_id) == (Status.RUNNING, made["taskId"])
        assert code_of(first.attention) == Code.SECOND_CHARGE
        for one in (first, second):
            worker.finish(one)
        assert (first.status, second.status) == (Status.SUCCEEDED, Status.SUCCEEDED)
        assert code_of(first.attention) == Code.SECOND_CHARGE
        assert first.outputs.count() == second.outputs.count() == 1


class TestPeople:
    """What only a person may say."""

    def test_a_given_id_is_followed(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, alice: Membership
    ):
        submission = orders.submission()
        portal.fault("drop-after", scope=SUBMIT, next=1)
        assert worker.submit(submission).status == Status.UNKNOWN
        (task,) = portal.state()["tasks"]
        assert decisions.give_task_id(
            submission=submission, actor=alice.user, remote_id=f" {task['taskId']} "
        )
        worker.refresh()
        submission.refresh_from_db()
        assert worker.finish(submission).status == Status.SUCCEEDED
        assert portal.accepted() == 1
        assert submission.transitions.get(cause="given-by-person").actor == alice.user
        assert AuditEvent.objects.get(verb="outcome-given").facts["remote_id"] == task["taskId"]

    @pytest.mark.parametrize("status", [one for one in Status if one not in ("unknown", "abandoned")])
    def test_an_id_is_taken_only_where_it_is_missing(self, status: str, orders: Orders, alice: Membership):
        submission = orders.submission()
        Submission.objects.update(status=status)
        submission.refresh_from_db()
        assert not decisions.give_task_id(submission=submission, actor=alice.user, remote_id="task-1")
        submission.refresh_from_db()
        assert (submission.status, submission.remote_id) == (status, "")

    @pytest.mark.parametrize("remote_id", ["", "   "])
    def test_no_id_is_none(self, remote_id: str, orders: Orders, alice: Membership):
        submission = unknown(orders.submission())
        assert not decisions.give_task_id(submission=submission, actor=alice.user, remote_id=remote_id)
        submission.refresh_from_db()
        assert submission.status == Status.UNKNOWN

    def test_an_id_that_another_task_follows_is_not_taken(
        self, orders: Orders, worker: Worker, alice: Membership
    ):
        other = worker.submit(orders.submission())
        submission = unknown(orders.submission())
        with pytest.raises(FollowedElsewhere) as refused:
            decisions.give_task_id(submission=submission, actor=alice.user, remote_id=other.remote_id)
        assert refused.value.task == other.task
        submission.refresh_from_db()
        assert submission.status == Status.UNKNOWN

    def test_a_mistyped_id_is_said_and_can_be_corrected(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, alice: Membership
    ):
        submission = orders.submission()
        portal.fault("drop-after", scope=SUBMIT, next=1)
        worker.submit(submission)
        assert decisions.give_task_id(submission=submission, actor=alice.user, remote_id="mistyped")
        worker.refresh()
        submission.refresh_from_db()
        assert (submission.status, submission.remote_id) == (Status.UNKNOWN, "")
        assert submission.attention == Cause.of(Code.CLAIM_NOT_KNOWN, remote_id="mistyped")
        (task,) = portal.state()["tasks"]
        assert decisions.give_task_id(submission=submission, actor=alice.user, remote_id=task["taskId"])
        worker.refresh()
        submission.refresh_from_db()
        assert (submission.remote_id, submission.attention) == (task["taskId"], None)

    def test_while_topview_cannot_be_asked_the_id_is_kept(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, alice: Membership
    ):
        submission = orders.submission()
        portal.fault("drop-after", scope=SUBMIT, next=1)
        worker.submit(submission)
        (task,) = portal.state()["tasks"]
        decisions.give_task_id(submission=submission, actor=alice.user, remote_id=task["taskId"])
        portal.fault("code", value="5003")
        worker.refresh()
        submission.refresh_from_db()
        assert submission.status == Status.UNKNOWN
        portal.clear()
        submission.claims.update(asked_at=None)
        worker.refresh()
        submission.refresh_from_db()
        assert submission.remote_id == task["taskId"]

    def test_the_unknown_one_blocks_its_step_until_it_is_given_up(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, alice: Membership
    ):
        submission = unknown(orders.submission())
        with pytest.raises(NotPossible):
            actions.try_again(submission=submission, actor=alice.user, reason="Needed.")
        assert decisions.abandon(submission=submission, actor=alice.user, reason="Not on the site.")
        assert not decisions.abandon(submission=submission, actor=alice.user, reason="Twice.")
        assert AuditEvent.objects.get(verb="outcome-abandoned").facts["reason"] == "Not on the site."
        again = actions.try_again(submission=submission, actor=alice.user, reason="Needed.")
        assert worker.submit(again).status == Status.RUNNING
        assert portal.accepted() == 1

    @pytest.mark.parametrize("status", [one for one in Status if one != "unknown"])
    def test_only_the_unknown_is_given_up(self, status: str, orders: Orders, alice: Membership):
        submission = orders.submission()
        Submission.objects.update(status=status)
        submission.refresh_from_db()
        assert not decisions.abandon(submission=submission, actor=alice.user, reason="No.")
        assert not AuditEvent.objects.filter(verb="outcome-abandoned").exists()

    def test_a_stopped_task_settles_all_the_same(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, mark: Membership
    ):
        submission = orders.submission()
        assert not actions.stop_watching(submission=submission, actor=mark.user)
        worker.submit(submission)
        assert actions.stop_watching(submission=submission, actor=mark.user)
        assert submission.status == Status.STOPPED
        assert worker.finish(submission).status == Status.SUCCEEDED
        assert submission.outputs.count() == 1
        assert AuditEvent.objects.filter(verb="watching-stopped").count() == 1


class TestEvidence:
    """A callback may name the task whose id never came."""

    def test_a_callback_finds_the_call_whose_answer_was_lost(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        submission = orders.submission()
        portal.fault("drop-after", scope=SUBMIT, next=1)
        assert worker.submit(submission).status == Status.UNKNOWN
        (task,) = portal.state()["tasks"]
        receive_callback(token=submission.token, uid="anyone", body={"uuid": "u", "taskId": task["taskId"]})
        worker.refresh()
        submission.refresh_from_db()
        assert worker.finish(submission).status == Status.SUCCEEDED
        assert portal.accepted() == 1
        assert submission.transitions.filter(cause="evidence").exists()

    def test_a_forged_callback_changes_nothing(self, orders: Orders, worker: Worker):
        submission = unknown(orders.submission())
        receive_callback(token=submission.token, uid="anyone", body={"uuid": "u", "taskId": "made-up"})
        worker.refresh()
        submission.refresh_from_db()
        assert (submission.status, submission.remote_id, submission.attention) == (Status.UNKNOWN, "", None)

    def test_a_callback_that_names_somebody_elses_task_changes_nothing(self, orders: Orders, worker: Worker):
        other = worker.submit(orders.submission())
        submission = unknown(orders.submission())
        receive_callback(token=submission.token, uid="anyone", body={"uuid": "u", "taskId": other.remote_id})
        worker.refresh()
        submission.refresh_from_db()
        assert (submission.status, submission.remote_id) == (Status.UNKNOWN, "")


class TestSummaryOfTwoCharges:
    """A call given up, made again, and found after all."""

    def test_the_task_stands_where_its_paid_call_stands(self, orders: Orders, alice: Membership):
        submission = unknown(orders.submission())
        decisions.abandon(submission=submission, actor=alice.user, reason="Not on the site.")
        again = actions.try_again(submission=submission, actor=alice.user, reason="Needed.")
        submission.status = Status.SUBMITTING  # as the worker that waits for the answer still sees it
        write_acceptance(submission, Accepted(task_id="found", callback_uuid=None, raw={}))
        assert actions.cancel(submission=again, actor=alice.user)
        submission.task.refresh_from_db()
        assert submission.task.status == "running"


@pytest.mark.django_db(transaction=True)
class TestAnswersAndTheDatabase:
    """The answer to a paid call is worth more than a database that is away for a moment."""

    def test_an_answer_is_written_after_a_moment_without_the_database(self, orders: Orders):
        submission = sent(orders.submission(), seconds=60)
        broken = iter([True, True, False])

        def away(*_arguments: object, **_named: object) -> None:
            if next(broken, False):
                raise OperationalError("the server closed the connection")

        pre_save.connect(away, sender=Transition)
        try:
            write_acceptance(submission, Accepted(task_id="t-1", callback_uuid=None, raw={}))
        finally:
            pre_save.disconnect(away, sender=Transition)
        submission.refresh_from_db()
        assert (submission.status, submission.remote_id) == (Status.RUNNING, "t-1")

    def test_an_answer_that_cannot_be_written_stands_in_the_log(
        self, orders: Orders, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ):
        monkeypatch.setattr(recording, "_WRITE_AGAIN", (0.0,))
        submission = sent(orders.submission(), seconds=60)

        def away(*_arguments: object, **_named: object) -> None:
            raise OperationalError("the server closed the connection")

        pre_save.connect(away, sender=Transition)
        try:
            with pytest.raises(OperationalError):
                write_acceptance(submission, Accepted(task_id="t-1", callback_uuid=None, raw={}))
        finally:
            pre_save.disconnect(away, sender=Transition)
        (record,) = [one for one in caplog.records if one.message == "submit.answer-not-written"]
        assert record.__dict__["remote_id"] == "t-1"
