"""What becomes of an account that TopView refuses or that is out of credits, and of what waits for it."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from functools import partial
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from tasks import jobs
from tasks.causes import Cause, Code
from tasks.commands.accounts import credentials
from tasks.commands.accounts.account_state import asked_with, mark_credential
from tasks.models import AuditEvent, Credential, CredentialState, Membership, Status, Submission, Workspace
from tasks.topview.errors import Unauthorised
from tasks.views.accounts.credentials import is_checking
from tasks.wording import cause_words
from tests import people
from tests.causes import code_of
from tests.commands.conftest import Orders, Worker
from tests.commands.submissions.test_double_sends import once_moved
from tests.sandbox_fixture import SandboxDriver
from tests.threads import all_at_once
from tests.topview.server import ScriptedServer, http, refuses

SUBMIT = "submitCommonImage2Video"


@pytest.mark.sqlite
@pytest.mark.parametrize("step", [SUBMIT, "getUploadCredential", "checkUpload"])
def test_a_key_that_is_not_accepted_takes_the_account_out_of_use(
    step: str, portal: SandboxDriver, orders: Orders, worker: Worker, credential: Credential
):
    first, second = orders.submission(), orders.submission()
    portal.fault("code", scope=step, value=401)
    worker.submit(first)
    credential.refresh_from_db()
    assert credential.state == CredentialState.DISABLED
    assert code_of(credential.state_reason) == Code.UNAUTHORISED
    worker.submit(second)
    assert second.status == Status.QUEUED
    waits = {"name": credential.name, "reason": credential.state_reason}
    assert second.reason == Cause.of(Code.CREDENTIAL_UNUSABLE, **waits)
    assert portal.accepted() == 0


def test_a_key_refused_while_files_are_sent_costs_the_task_nothing(
    portal: SandboxDriver, orders: Orders, worker: Worker, credential: Credential, alice: Membership
):
    submission = orders.submission()
    portal.fault("code", scope="getUploadCredential", next=1, value=401)
    assert worker.submit(submission).status == Status.QUEUED
    credentials.enable(credential=credential, actor=alice.user)
    jobs.check_credential(str(credential.pk))
    assert worker.submit_now(submission).status == Status.RUNNING
    assert portal.accepted() == 1


def test_out_of_credits_pauses_the_account_until_a_check_finds_some(
    portal: SandboxDriver, studio: Workspace, orders: Orders, worker: Worker
):
    empty = people.make_credential(studio, uid=portal.empty_uid, key=portal.empty_key, name="Empty")
    first, second = orders.submission(empty), orders.submission(empty)
    assert worker.submit(first).status == Status.REFUSED
    assert code_of(first.reason) == Code.NO_CREDIT
    empty.refresh_from_db()
    assert empty.state == CredentialState.PAUSED

    assert worker.submit(second).status == Status.QUEUED
    assert second.reason == Cause.of(Code.CREDENTIAL_UNUSABLE, name="Empty", reason=empty.state_reason)
    assert code_of(empty.state_reason) == Code.NO_CREDIT
    jobs.check_credential(str(empty.pk))
    empty.refresh_from_db()
    assert empty.state == CredentialState.PAUSED
    assert empty.balance == 0
    worker.submit_now(second)
    assert second.status == Status.QUEUED

    portal.account(portal.empty_uid, portal.empty_key, 100)
    jobs.check_credential(str(empty.pk))
    empty.refresh_from_db()
    second.refresh_from_db()
    assert (empty.state, empty.state_reason) == (CredentialState.ACTIVE, None)
    assert empty.balance == 100
    assert second.next_at <= timezone.now(), "what waited for the credits is woken"
    assert worker.submit(second).status == Status.RUNNING
    assert portal.accepted() == 1


def test_a_check_does_not_wake_what_waits_for_another_reason(
    portal: SandboxDriver, orders: Orders, worker: Worker, credential: Credential
):
    submission = orders.submission()
    portal.fault("code", scope=SUBMIT, next=1, value=4007)
    worker.submit(submission)
    when = submission.next_at
    jobs.check_credential(str(credential.pk))
    submission.refresh_from_db()
    assert submission.next_at == when


@pytest.mark.sqlite
def test_an_empty_account_is_known_before_anything_is_sent(portal: SandboxDriver, studio: Workspace):
    empty = people.make_credential(studio, uid=portal.empty_uid, key=portal.empty_key)
    jobs.check_credential(str(empty.pk))
    empty.refresh_from_db()
    assert empty.state == CredentialState.PAUSED


def test_no_more_than_allowed_are_at_topview_at_once(
    portal: SandboxDriver, orders: Orders, worker: Worker, credential: Credential
):
    Credential.objects.update(max_in_flight=2)
    rows = [orders.submission() for _number in range(3)]
    assert [worker.submit(row).status for row in rows] == ["running", "running", "queued"]
    assert code_of(rows[2].reason) == Code.ACCOUNT_FULL
    worker.finish(rows[0])
    assert worker.submit_now(rows[2]).status == Status.RUNNING
    assert rows[2].reason is None


@pytest.mark.parametrize("status", ["submitting", "running", "stopped", "unknown"])
def test_what_may_be_at_topview_keeps_its_place(
    status: str, orders: Orders, worker: Worker, credential: Credential
):
    Credential.objects.update(max_in_flight=1)
    first, second = orders.submission(), orders.submission()
    Submission.objects.filter(pk=first.pk).update(status=status)
    assert worker.submit(second).status == Status.QUEUED


@pytest.mark.django_db(transaction=True)
def test_two_that_prepare_at_the_same_time_do_not_both_take_the_last_place(
    portal: SandboxDriver, orders: Orders, credential: Credential
):
    Credential.objects.update(max_in_flight=1)
    rows = [orders.submission(), orders.submission()]
    portal.fault("latency", scope="getUploadCredential", value=0.4)
    all_at_once([partial(jobs.submit, str(row.pk)) for row in rows])
    assert portal.accepted() == 1
    assert sorted(row.status for row in Submission.objects.all()) == ["queued", "running"]
    assert Submission.objects.get(status="queued").reason == Cause.of(Code.ACCOUNT_FULL)


@pytest.mark.django_db(transaction=True)
def test_what_is_being_prepared_is_not_sent_when_the_account_goes_out_of_use(
    portal: SandboxDriver, orders: Orders, worker: Worker, credential: Credential, alice: Membership
):
    submission = orders.submission()
    once_moved(Status.PREPARING, lambda: credentials.disable(credential=credential, actor=alice.user))
    worker.submit(submission)
    assert submission.status == Status.QUEUED
    assert "Disabled by Alice" in cause_words(submission.reason)
    assert portal.accepted() == 0


def test_a_key_that_cannot_be_opened_makes_everything_wait(
    portal: SandboxDriver, orders: Orders, worker: Worker, credential: Credential
):
    submission = orders.submission()
    Credential.objects.update(encrypted_key=b"not a token")
    worker.submit(submission)
    assert submission.status == Status.QUEUED
    assert submission.reason and "key" in str(submission.reason)
    assert submission.next_at > timezone.now()
    jobs.check_credential(str(credential.pk))
    jobs.refresh_catalog(str(credential.pk))
    credential.refresh_from_db()
    assert credential.state == CredentialState.DISABLED
    assert code_of(credential.state_reason) == Code.KEY_UNREADABLE
    assert portal.state()["calls"] == {}


def test_running_tasks_survive_a_key_that_cannot_be_opened(
    orders: Orders, worker: Worker, credential: Credential
):
    submission = worker.submit(orders.submission())
    Credential.objects.update(encrypted_key=b"not a token")
    worker.refresh()
    submission.refresh_from_db()
    assert submission.status == Status.RUNNING
    assert submission.reason and "key" in str(submission.reason)


class TestTheAdminsPage:
    """add, check, disable, enable."""

    def test_a_new_account_is_checked_and_its_catalogs_are_read(
        self, portal: SandboxDriver, studio: Workspace, alice: Membership
    ):
        credential = credentials.add_credential(
            workspace=studio, actor=alice.user, name="Main", service="sandbox", uid=portal.uid, key=portal.key
        )
        assert credential.check_asked_at is not None
        assert (credential.last_four, credential.masked_key) == (portal.key[-4:], f"••••{portal.key[-4:]}")
        assert [message.func() for message in OrmQ.objects.all()] == ["tasks.jobs.check_credential"]
        jobs.check_credential(str(credential.pk))
        credential.refresh_from_db()
        assert credential.state == CredentialState.ACTIVE
        assert credential.balance == 1000
        assert credential.last_success_at is not None and credential.balance_at is not None
        queued = [message.func() for message in OrmQ.objects.order_by("pk")]
        assert queued[1:] == ["tasks.jobs.read_account", "tasks.jobs.refresh_catalog"]
        assert AuditEvent.objects.get().verb == "credential-added"

    def test_an_account_is_added_once(self, studio: Workspace, credential: Credential, alice: Membership):
        with pytest.raises(credentials.Duplicate):
            people.make_credential(studio, key="sk-another-key-of-the-same-account")
        assert Credential.objects.count() == 1
        stranger = people.make_stranger()
        people.make_credential(stranger.workspace)
        assert Credential.objects.count() == 2

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("is_right", [True, False])
    def test_who_watches_a_check_sees_it_end_with_its_outcome(
        self, portal: SandboxDriver, studio: Workspace, monkeypatch: pytest.MonkeyPatch, is_right: bool
    ):
        """A page that saw the end alone would look no further, and say the state before for ever."""
        key = portal.key if is_right else "sk-wrong"
        credential = people.make_credential(studio, key=key)
        before = CredentialState.DISABLED if is_right else CredentialState.ACTIVE
        now = timezone.now()
        Credential.objects.update(state=before, refused_at=now, check_asked_at=now)
        seen: list[tuple[bool, str]] = []

        def look() -> None:
            row = Credential.objects.get()
            seen.append((is_checking(row), row.state))
            connection.close()

        def watched(row: Credential) -> Any:
            watcher = Thread(target=look)
            watcher.start()
            watcher.join()
            return asked_with(row)

        monkeypatch.setattr(credentials, "asked_with", watched)
        jobs.check_credential(str(credential.pk))
        look()
        after = CredentialState.ACTIVE if is_right else CredentialState.DISABLED
        assert seen == [(True, before), (False, after)]

    @pytest.mark.sqlite
    def test_a_wrong_key_is_found_by_the_check(self, studio: Workspace):
        credential = people.make_credential(studio, key="sk-sandbox-demo-wrong-wrong-wrong")
        jobs.check_credential(str(credential.pk))
        credential.refresh_from_db()
        assert credential.state == CredentialState.DISABLED
        assert credential.last_failure_at is not None and credential.last_success_at is None

    @pytest.mark.sqlite
    def test_a_check_that_does_not_get_through_changes_no_state(
        self, portal: SandboxDriver, credential: Credential
    ):
        portal.fault("http-before", scope="getCredit", value=500)
        jobs.check_credential(str(credential.pk))
        credential.refresh_from_db()
        assert credential.state == CredentialState.ACTIVE
        assert credential.state_reason and credential.last_failure_at is not None
        portal.clear()
        jobs.check_credential(str(credential.pk))
        credential.refresh_from_db()
        assert credential.state_reason is None
        assert credential.balance == 1000

    def test_what_a_person_has_disabled_no_check_enables(
        self, portal: SandboxDriver, credential: Credential, alice: Membership
    ):
        credentials.disable(credential=credential, actor=alice.user)
        jobs.check_credential(str(credential.pk))
        portal.fault("http-before", scope="getCredit", next=1, value=500)
        jobs.check_credential(str(credential.pk))
        credential.refresh_from_db()
        assert credential.state == CredentialState.DISABLED
        assert credential.state_reason == Cause.of(Code.DISABLED_BY_PERSON, person="Alice")
        assert AuditEvent.objects.get(verb="credential-disabled").actor == alice.user

    def test_enabling_uses_an_account_only_after_a_good_check(
        self, orders: Orders, worker: Worker, credential: Credential, alice: Membership
    ):
        submission = orders.submission()
        credentials.disable(credential=credential, actor=alice.user)
        OrmQ.objects.all().delete()
        credentials.enable(credential=credential, actor=alice.user)
        credential.refresh_from_db()
        assert credential.state == CredentialState.PAUSED
        assert credential.check_asked_at is not None
        assert [message.func() for message in OrmQ.objects.all()] == ["tasks.jobs.check_credential"]
        assert AuditEvent.objects.filter(verb="credential-enabled").count() == 1
        assert worker.submit(submission).status == Status.QUEUED
        jobs.check_credential(str(credential.pk))
        credential.refresh_from_db()
        assert (credential.state, credential.state_reason) == (CredentialState.ACTIVE, None)
        assert worker.submit_now(submission).status == Status.RUNNING

    @pytest.mark.sqlite
    @pytest.mark.parametrize(
        ("fault", "value", "state"),
        [
            ("code", 401, CredentialState.DISABLED),
            ("http-before", 500, CredentialState.PAUSED),
        ],
    )
    def test_enabling_uses_no_account_whose_check_fails(
        self,
        fault: str,
        value: int,
        state: CredentialState,
        portal: SandboxDriver,
        orders: Orders,
        worker: Worker,
        credential: Credential,
        alice: Membership,
    ):
        submission = orders.submission()
        credentials.disable(credential=credential, actor=alice.user)
        credentials.enable(credential=credential, actor=alice.user)
        portal.fault(fault, scope="getCredit", value=value)
        jobs.check_credential(str(credential.pk))
        credential.refresh_from_db()
        assert credential.state == state
        assert worker.submit_now(submission).status == Status.QUEUED
        assert portal.accepted() == 0

    @pytest.mark.sqlite
    def test_enabling_an_account_without_credits_says_so(
        self, portal: SandboxDriver, studio: Workspace, alice: Membership
    ):
        empty = people.make_credential(studio, uid=portal.empty_uid, key=portal.empty_key)
        credentials.disable(credential=empty, actor=alice.user)
        credentials.enable(credential=empty, actor=alice.user)
        jobs.check_credential(str(empty.pk))
        empty.refresh_from_db()
        assert empty.state == CredentialState.PAUSED
        assert code_of(empty.state_reason) == Code.NO_CREDIT

    def test_enabling_what_is_in_use_takes_nothing_out_of_use(
        self, credential: Credential, alice: Membership
    ):
        credentials.enable(credential=credential, actor=alice.user)
        credential.refresh_from_db()
        assert credential.state == CredentialState.ACTIVE

    def test_a_replaced_key_brings_a_refused_account_back_to_work(
        self, orders: Orders, worker: Worker, studio: Workspace, alice: Membership, portal: SandboxDriver
    ):
        wrong = people.make_credential(
            studio, uid=portal.empty_uid, key="sk-sandbox-withdrawn-withdrawn", name="Agency"
        )
        portal.account(portal.empty_uid, portal.empty_key, 100)
        submission = worker.submit(orders.submission(wrong))
        Submission.objects.update(next_at=timezone.now() + timedelta(hours=1))
        OrmQ.objects.all().delete()
        credentials.replace_key(credential=wrong, actor=alice.user, key=portal.empty_key)
        wrong.refresh_from_db()
        assert (wrong.state, wrong.state_reason) == (CredentialState.ACTIVE, None)
        assert wrong.last_four == portal.empty_key[-4:]
        assert wrong.check_asked_at is not None
        assert [message.func() for message in OrmQ.objects.all()] == ["tasks.jobs.check_credential"]
        event = AuditEvent.objects.get(verb="key-replaced")
        assert (event.actor, event.subject_id) == (alice.user, str(wrong.pk))
        assert portal.empty_key not in everything_stored()
        submission.refresh_from_db()
        assert submission.next_at <= timezone.now()
        assert worker.submit(submission).status == Status.RUNNING

    def test_an_answer_to_the_old_key_does_not_condemn_the_new_one(
        self, portal: SandboxDriver, credential: Credential, alice: Membership
    ):
        Credential.objects.filter(pk=credential.pk).update(encrypted_key=b"the old one")
        seen_before = Credential.objects.get(pk=credential.pk)
        credentials.replace_key(credential=seen_before, actor=alice.user, key=portal.key)
        credentials.check_credential(credential=seen_before)
        mark_credential(seen_before, Unauthorised("refused"))
        credential.refresh_from_db()
        assert credential.state == CredentialState.ACTIVE

    @pytest.mark.sqlite
    def test_a_balance_that_is_no_number_of_credits_is_a_failed_check(self, credential: Credential, settings):
        body = b'{"code": "200", "message": "Success", "result": {"remainCredit": 1e30}}'
        with ScriptedServer() as server:
            settings.SANDBOX_URL = server.origin
            server.script[:] = [http(200, body)]
            jobs.check_credential(str(credential.pk))
        credential.refresh_from_db()
        assert credential.state == CredentialState.ACTIVE
        assert credential.last_failure_at is not None


def everything_stored() -> str:
    """All rows of all tables as text, and what the queue's messages hold."""
    found: list[Any] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [bytes(cell) if isinstance(cell, memoryview) else cell for row in cursor for cell in row]
    found += [message.task for message in OrmQ.objects.all()]
    return repr(found)


@pytest.mark.sqlite
def test_the_key_is_nowhere_to_be_read(
    portal: SandboxDriver,
    orders: Orders,
    worker: Worker,
    credential: Credential,
    alice: Membership,
    caplog: pytest.LogCaptureFixture,
    settings,
):
    caplog.set_level(logging.DEBUG)
    settings.NOTICE_URL = "https://portal.example"
    people.ready_catalogs(credential)
    submission = worker.submit(orders.submission())
    for name, value in [("code", 4000), ("http-before", 500), ("drop-before", None), ("unreadable", None)]:
        portal.fault(name, scope=SUBMIT, next=1, value=value)
        worker.submit(orders.submission())
    worker.finish(submission)
    worker.save(submission.outputs.get())
    credentials.ask_check(credential=credential, actor=alice.user)
    jobs.check_credential(str(credential.pk))
    portal.fault("code", scope=SUBMIT, next=1, value=401)
    worker.submit(orders.submission())
    with ScriptedServer([refuses("401", f"the key {portal.key} of {portal.uid} is wrong")]) as server:
        settings.SANDBOX_URL = server.origin
        credentials.enable(credential=credential, actor=alice.user)
        jobs.check_credential(str(credential.pk))
        worker.submit(orders.submission())

    assert portal.key not in everything_stored()
    assert "submit.accepted" in caplog.text, "logs were looked at"
    logged = repr([vars(record) for record in caplog.records])
    assert portal.key not in logged + caplog.text
    assert "X-Amz-Signature" not in logged
    assert json.dumps(portal.key) not in repr(Credential.objects.values())


def test_nothing_is_paid_while_the_disk_is_too_full_to_keep_it(
    portal: SandboxDriver, orders: Orders, worker: Worker, settings: Any
):
    submission = orders.submission()
    settings.DISK_FULL_BYTES = 2**62
    assert worker.submit(submission).status == Status.QUEUED
    assert code_of(submission.reason) == Code.DISK_NEARLY_FULL
    assert portal.accepted() == 0
    settings.DISK_FULL_BYTES = 0
    assert worker.submit_now(submission).status == Status.RUNNING
    assert submission.reason is None
