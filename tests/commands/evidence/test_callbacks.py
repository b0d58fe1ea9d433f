"""Callbacks: whatever comes, and whoever sends it, at most a poll is brought forward."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tasks.commands.evidence.callbacks import receive_callback
from tasks.commands.evidence.decisions import give_task_id
from tasks.models import Callback, Claim, ClaimOutcome, ClaimSource, Membership, Status, Submission
from tests.commands.conftest import Orders, Worker
from tests.sandbox_fixture import SandboxDriver

SUBMIT = "submitCommonImage2Video"


@pytest.fixture
def running(orders: Orders, worker: Worker, portal: SandboxDriver) -> Submission:
    """A submission whose next poll is a minute away."""
    portal.fault("stuck", next=1)
    submission = worker.submit(orders.submission())
    Submission.objects.update(next_at=timezone.now() + timedelta(minutes=1))
    submission.refresh_from_db()
    return submission


def body(submission: Submission, **facts: Any) -> dict[str, Any]:
    """A callback in the documented form."""
    return {
        "uuid": "notice-1",
        "taskId": submission.remote_id,
        "bizType": "COMMON_TASK_IMAGE2VIDEO",
        "status": "success",
        "errorMsg": None,
        "result": {"videos": [{"originVideo": {"filePath": "https://evil.example/film.mp4"}}]},
        **facts,
    }


def is_due(submission: Submission) -> bool:
    """Whether it is looked at now."""
    submission.refresh_from_db()
    return submission.next_at <= timezone.now()


def untouched(submission: Submission) -> dict[str, Any]:
    """Everything about it but the time of the next poll."""
    (row,) = Submission.objects.filter(pk=submission.pk).values()
    return {name: value for name, value in row.items() if name != "next_at"}


def test_a_callback_makes_its_submission_due_and_believes_nothing(running: Submission):
    before = untouched(running)
    callback = receive_callback(token=running.token, uid=SandboxDriver.uid, body=body(running))
    assert callback is not None and callback.submission == running
    assert is_due(running)
    assert untouched(running) == before
    assert callback.body == {
        "bizType": "COMMON_TASK_IMAGE2VIDEO",
        "status": "success",
        "uidMatches": True,
    }
    assert not running.outputs.exists()


@pytest.mark.parametrize("token", ["", "no-such-token", "x" * 500, "\x00"])
def test_an_address_that_is_nobodys_is_told_nothing(token: str, running: Submission):
    assert receive_callback(token=token, uid="", body={}) is None
    assert not Callback.objects.exists()
    assert not is_due(running)


def test_the_same_callback_twice_is_kept_once(running: Submission):
    first, second = (
        receive_callback(token=running.token, uid=SandboxDriver.uid, body=body(running)) for _time in range(2)
    )
    assert first == second
    assert Callback.objects.count() == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "fail", "errorMsg": "lies"},
        {"taskId": "another-task"},
        {"uuid": "another-notice"},
        {"taskId": None, "uuid": None},
        {"taskId": {"a": 1}, "uuid": [1], "status": 5, "bizType": [None]},
        {"uuid": "n" * 5000, "taskId": "t" * 5000, "errorMsg": "e" * 100_000},
        {"uuid": "a\x00b", "taskId": "\ud800", "status": "\x00", "errorMsg": "\udfff"},
    ],
)
def test_a_forged_callback_changes_nothing_but_the_time_of_the_next_look(
    facts: dict[str, Any], running: Submission, worker: Worker
):
    before = untouched(running)
    callback = receive_callback(token=running.token, uid="a stranger", body=body(running, **facts))
    assert callback is not None
    assert untouched(running) == before
    assert is_due(running)
    callback.refresh_from_db()
    assert callback.body["uidMatches"] is False
    assert len(repr(callback.body)) < 2000
    worker.refresh()
    running.refresh_from_db()
    assert running.status == Status.RUNNING


def test_an_empty_callback_is_kept_too(running: Submission):
    assert receive_callback(token=running.token, uid="", body={}) is not None


def test_one_who_knows_the_address_cannot_fill_the_disk(running: Submission):
    for number in range(60):
        receive_callback(token=running.token, uid="", body=body(running, uuid=f"forged-{number}"))
    assert Callback.objects.count() < 60


def test_a_true_callback_still_takes_effect_when_strangers_have_sent_many(
    running: Submission, worker: Worker
):
    """A stranger learnt the address, not the account; the answer to the paid call was lost."""
    remote_id = running.remote_id
    Submission.objects.update(status=Status.UNKNOWN, remote_id="")
    for number in range(60):
        forged = body(running, uuid=f"forged-{number}", taskId=f"nobodys-{number}")
        receive_callback(token=running.token, uid="a stranger", body=forged)
    receive_callback(token=running.token, uid=SandboxDriver.uid, body=body(running, taskId=remote_id))
    kept = Callback.objects.count()
    for number in range(60):
        forged = body(running, uuid=f"later-{number}", taskId=f"nobodys-{number}")
        receive_callback(token=running.token, uid="a stranger", body=forged)
    assert Callback.objects.count() == kept < 60
    for _turn in range(kept):
        worker.refresh()
    running.refresh_from_db()
    assert (running.status, running.remote_id) == (Status.RUNNING, remote_id)


def test_callbacks_that_were_looked_into_make_room_for_new_ones(running: Submission, worker: Worker):
    remote_id = running.remote_id
    Submission.objects.update(status=Status.UNKNOWN, remote_id="")
    for number in range(60):
        forged = body(running, uuid=f"forged-{number}", taskId=f"nobodys-{number}")
        receive_callback(token=running.token, uid=SandboxDriver.uid, body=forged)
    Claim.objects.update(settled_at=timezone.now(), outcome=ClaimOutcome.DROPPED)
    kept = Callback.objects.count()
    receive_callback(token=running.token, uid=SandboxDriver.uid, body=body(running, taskId=remote_id))
    assert Callback.objects.count() == kept
    worker.refresh()
    running.refresh_from_db()
    assert (running.status, running.remote_id) == (Status.RUNNING, remote_id)


def test_what_a_person_claims_is_neither_pushed_out_nor_imitated(
    running: Submission, mark: Membership, worker: Worker
):
    Submission.objects.update(status=Status.UNKNOWN, remote_id="")
    running.refresh_from_db()
    assert give_task_id(submission=running, actor=mark.user, remote_id="given")
    for number in range(60):
        forged = body(running, uuid=ClaimSource.PERSON.value, taskId=f"nobodys-{number}")
        receive_callback(token=running.token, uid=SandboxDriver.uid, body=forged)
    assert Claim.objects.get(source=ClaimSource.PERSON).remote_id == "given"
    assert Callback.objects.count() < 60 and Claim.objects.count() < 60


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "status", ["queued", "preparing", "submitting", "succeeded", "failed", "refused", "cancelled"]
)
def test_a_callback_for_a_row_that_is_not_watched_is_kept_and_does_nothing(status: str, running: Submission):
    Submission.objects.update(status=status)
    assert receive_callback(token=running.token, uid=SandboxDriver.uid, body=body(running)) is not None
    assert not is_due(running)
    assert running.status == status


def test_the_address_is_sent_only_where_there_is_one(
    portal: SandboxDriver, orders: Orders, worker: Worker, settings
):
    settings.NOTICE_URL = "https://portal.example/"
    submission = worker.submit(orders.submission())
    assert submission.callback_uuid
    (accepted,) = portal.sandbox.state.database.rows("SELECT notice_url FROM accepted")  # type: ignore
    assert accepted["notice_url"] == f"https://portal.example/notices/{submission.token}/"
    settings.NOTICE_URL = ""
    assert worker.submit(orders.submission()).callback_uuid == ""
    assert portal.violations() == []
