"""What is tried for how long, who is told before a result is lost, and what nobody wants saved."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone
from django_q.models import OrmQ

from tasks import jobs
from tasks.causes import Cause, Code
from tasks.commands.notifications import expiry_warnings
from tasks.commands.runtime.queue import TELL_OF_LOSS
from tasks.commands.submissions import actions
from tasks.models import AuditEvent, Mail, Membership, Output, OutputState, Submission, Task
from tests.causes import code_of
from tests.commands.conftest import Orders, Worker
from tests.commands.copies import (
    QUERY_PATH,
    after_its_week,
    assert_saved,
    assert_waiting,
    finished,
    make_due,
    original,
    output,
)
from tests.outbox import deliver, some_time_later
from tests.ports import free_port
from tests.sandbox_fixture import SandboxDriver

__all__ = ["finished", "output"]

pytestmark = pytest.mark.sqlite


class TestGivingUp:
    """TopView's address lives a week."""

    def test_the_pauses_grow(self, portal: SandboxDriver, output: Output, worker: Worker):
        portal.fault("truncated-download")
        for seconds in (2, 5, 15, 60, 300, 900, 900):
            make_due(output)
            before = timezone.now()
            worker.save(output)
            # However long the try took, it failed between these two moments.
            assert output.next_at - timezone.now() <= timedelta(seconds=seconds) <= output.next_at - before

    def test_a_dead_address_alone_is_no_loss(self, portal: SandboxDriver, output: Output, worker: Worker):
        portal.fault("truncated-download")
        after_its_week()
        worker.save(output)
        assert output.state == OutputState.WAITING

    @pytest.mark.postgres
    def test_after_its_week_a_file_that_topview_has_forgotten_is_lost_and_said_so(
        self, portal: SandboxDriver, output: Output, worker: Worker
    ):
        portal.reset()
        after_its_week()
        worker.save(output)
        assert (output.state, bool(output.error)) == (OutputState.LOST, True)
        assert [one.cause for one in output.submission.remarks.all()] == ["lost"]
        make_due(output)
        calls = portal.state()["calls"]
        worker.save(output)
        assert portal.state()["calls"] == calls

    def test_within_its_week_even_a_forgotten_file_is_asked_for_again(
        self, portal: SandboxDriver, output: Output, worker: Worker
    ):
        portal.reset()
        worker.save(output)
        assert output.state == OutputState.WAITING

    def test_when_even_fresh_links_are_dead_after_its_week_it_is_lost(
        self, portal: SandboxDriver, output: Output, finished: Submission, worker: Worker
    ):
        portal.fault("expired-link", scope=finished.remote_id)
        query = f"{QUERY_PATH}?taskId={finished.remote_id}"
        dead = portal.result("GET", query)["videos"][0]["originVideo"]["filePath"]
        Output.objects.update(source_url=dead)
        assert worker.save(output).state == OutputState.WAITING
        after_its_week()
        make_due(output)
        assert worker.save(output).state == OutputState.LOST

    def test_a_disk_that_is_full_for_weeks_is_no_loss_yet(self, output: Output, worker: Worker, settings):
        after_its_week()
        settings.FILE_UPLOAD_TEMP_DIR = str(Path(settings.FILE_UPLOAD_TEMP_DIR) / "missing")
        assert worker.save(output).state == OutputState.WAITING

    @pytest.mark.postgres
    def test_the_history_tells_each_cause_once(
        self, portal: SandboxDriver, output: Output, worker: Worker, settings
    ):
        portal.fault("truncated-download", next=3)
        for _try in range(3):
            make_due(output)
            worker.save(output)
        usual = settings.FILE_UPLOAD_TEMP_DIR
        settings.FILE_UPLOAD_TEMP_DIR = str(Path(usual) / "missing")
        make_due(output)
        worker.save(output)
        told = [(one.cause, code_of(one.reason)) for one in output.submission.remarks.all()]
        assert told == [("save-failed", Code.FILE_TRUNCATED), ("save-failed", Code.FILE_NOT_WRITTEN)]

    def test_a_person_can_ask_once_more(
        self, portal: SandboxDriver, output: Output, finished: Submission, worker: Worker, mark: Membership
    ):
        Output.objects.update(state=OutputState.LOST, error=Cause.earlier("gone"))
        actions.ask_save_again(output=output, actor=mark.user)
        assert_saved(worker.save(output), original(portal, finished))
        actions.ask_save_again(output=output, actor=mark.user)
        output.refresh_from_db()
        assert output.state == OutputState.SAVED

    def test_a_key_that_cannot_be_opened_is_named(
        self, portal: SandboxDriver, output: Output, finished: Submission, worker: Worker
    ):
        portal.fault("expired-link", scope=finished.remote_id, next=1)
        dead = portal.result("GET", f"{QUERY_PATH}?taskId={finished.remote_id}")["videos"][0]["originVideo"]
        Output.objects.update(source_url=dead["filePath"])
        type(finished.task.credential).objects.update(encrypted_key=b"no token")
        worker.save(output)
        assert output.state == OutputState.WAITING
        assert code_of(output.error) == Code.KEY_UNREADABLE

    def test_a_file_that_topview_lists_no_more_is_waited_for(
        self, portal: SandboxDriver, output: Output, finished: Submission, worker: Worker, settings
    ):
        portal.fault("expired-link", scope=finished.remote_id, next=1)
        dead = portal.result("GET", f"{QUERY_PATH}?taskId={finished.remote_id}")["videos"][0]["originVideo"]
        Output.objects.update(source_url=dead["filePath"], identity="7")
        assert_waiting(worker.save(output), settings)
        assert code_of(output.error) == Code.OUTPUT_NOT_LISTED


class TestUnwanted:
    """A person stopped watching and wants nothing saved."""

    @pytest.fixture
    def unwanted(self, orders: Orders, worker: Worker, mark: Membership) -> Output:
        """What came of it all the same."""
        submission = worker.submit(orders.submission())
        assert actions.stop_watching(submission=submission, actor=mark.user, keeps_outputs=False)
        return worker.finish(submission).outputs.get()

    def test_it_is_listed_and_not_fetched(self, portal: SandboxDriver, unwanted: Output, worker: Worker):
        assert worker.save(unwanted).state == OutputState.WAITING
        assert unwanted.is_unwanted and not unwanted.is_on_its_way
        assert not Output.objects.unsaved(timezone.now()).exists()
        assert "downloadObject" not in portal.state()["calls"]

    @pytest.mark.postgres
    @pytest.mark.parametrize("by", ["the call", "the result"])
    def test_it_can_be_saved_after_all(
        self, by: str, portal: SandboxDriver, unwanted: Output, worker: Worker, mark: Membership
    ):
        if by == "the call":
            assert actions.want_outputs(submission=unwanted.submission, actor=mark.user, wanted=True)
        else:
            actions.ask_save_again(output=unwanted, actor=mark.user)
        assert_saved(worker.save(unwanted), original(portal, unwanted.submission))
        assert AuditEvent.objects.filter(verb="outputs-wanted").count() == 1

    def saving(self, output: Output, *, seconds: float) -> None:
        """As a worker left it that had begun before a person decided."""
        lease = timezone.now() + timedelta(seconds=seconds)
        Output.objects.filter(pk=output.pk).update(
            state=OutputState.SAVING, lease_holder="gone", lease_until=lease
        )

    def test_one_whose_saving_died_is_no_longer_on_its_way_and_can_be_saved_after_all(
        self, portal: SandboxDriver, unwanted: Output, worker: Worker, mark: Membership
    ):
        self.saving(unwanted, seconds=-1)
        revision = Task.objects.get(pk=unwanted.task_id).revision
        worker.refresh()
        unwanted.refresh_from_db()
        assert unwanted.is_unwanted and not unwanted.is_on_its_way
        assert Task.objects.get(pk=unwanted.task_id).revision > revision, "open pages are drawn again"
        assert worker.save(unwanted).state == OutputState.WAITING
        actions.ask_save_again(output=unwanted, actor=mark.user)
        assert_saved(worker.save(unwanted), original(portal, unwanted.submission))

    @pytest.mark.postgres
    @pytest.mark.parametrize(("seconds", "wanted"), [(60, False), (-1, True)])
    def test_one_that_is_still_being_saved_or_is_wanted_is_left_to_be_saved(
        self, seconds: float, wanted: bool, unwanted: Output, worker: Worker
    ):
        self.saving(unwanted, seconds=seconds)
        Submission.objects.filter(pk=unwanted.submission_id).update(keeps_outputs=wanted)
        worker.refresh()
        unwanted.refresh_from_db()
        assert (unwanted.state, unwanted.lease_holder) == (OutputState.SAVING, "gone")

    def test_what_is_wanted_is_saved_though_nobody_watches(
        self, portal: SandboxDriver, orders: Orders, worker: Worker, mark: Membership
    ):
        submission = worker.submit(orders.submission())
        actions.stop_watching(submission=submission, actor=mark.user)
        output = worker.finish(submission).outputs.get()
        assert_saved(worker.save(output), original(portal, submission))

    def test_nobody_is_warned_of_its_loss(self, unwanted: Output):
        after_its_week(hours_left=1)
        expiry_warnings.warn_of_loss(output=unwanted)
        assert not Output.objects.at_risk(timezone.now()).exists()


@pytest.mark.postgres
class TestAlarm:
    """TopView will soon have deleted what could not be saved."""

    @pytest.fixture
    def failing(self, portal: SandboxDriver, output: Output, worker: Worker, alice: Membership) -> Output:
        """Tried, and not saved."""
        portal.fault("truncated-download")
        return worker.save(output)

    def test_the_admins_and_the_owner_are_told_once(
        self, failing: Output, worker: Worker, mailoutbox: list[EmailMessage]
    ):
        assert mailoutbox == []
        after_its_week(hours_left=23)
        for _try in range(3):
            make_due(failing)
            worker.save(failing)
            deliver()
        assert sorted(mail.to[0].partition("-")[0] for mail in mailoutbox) == ["alice", "mark"]
        assert f"/tasks/{failing.task_id}/" in mailoutbox[0].body
        assert failing.task.title in mailoutbox[0].body
        failing.refresh_from_db()
        assert failing.warned_at is not None

    def test_with_more_time_left_nobody_is_told(self, failing: Output, worker: Worker):
        after_its_week(hours_left=25)
        make_due(failing)
        worker.save(failing)
        assert TELL_OF_LOSS not in [message.func() for message in OrmQ.objects.all()]

    def test_it_is_told_on_schedule_too(self, failing: Output, mailoutbox: list[EmailMessage]):
        after_its_week(hours_left=2)
        expiry_warnings.warn_of_losses()
        deliver()
        expiry_warnings.warn_of_losses()
        deliver()
        assert len(mailoutbox) == 2

    def test_what_has_been_saved_meanwhile_alarms_nobody(
        self, portal: SandboxDriver, failing: Output, worker: Worker, mailoutbox: list[EmailMessage]
    ):
        portal.clear()
        after_its_week(hours_left=2)
        make_due(failing)
        assert worker.save(failing).state == OutputState.SAVED
        jobs.tell_of_loss(str(failing.pk))
        deliver()
        assert mailoutbox == []

    def test_what_is_saved_before_the_mail_leaves_alarms_nobody(
        self, portal: SandboxDriver, failing: Output, worker: Worker, mailoutbox: list[EmailMessage]
    ):
        after_its_week(hours_left=2)
        jobs.tell_of_loss(str(failing.pk))
        portal.clear()
        make_due(failing)
        assert worker.save(failing).state == OutputState.SAVED
        deliver()
        assert (mailoutbox, Mail.objects.count()) == ([], 0)

    def test_when_no_mail_can_be_sent_it_is_told_later(
        self, failing: Output, settings, mailoutbox: list[EmailMessage]
    ):
        after_its_week(hours_left=2)
        usual = settings.EMAIL_BACKEND
        settings.EMAIL_BACKEND = "topview_portal.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
        jobs.tell_of_loss(str(failing.pk))
        deliver()
        assert mailoutbox == []
        settings.EMAIL_BACKEND = usual
        some_time_later()
        deliver()
        assert len(mailoutbox) == 2
