"""The client against the sandbox: the whole way of one task, and what the sandbox's faults become."""

from __future__ import annotations

import datetime
import hashlib
import io
import time
from collections.abc import Iterator

import pytest

from tasks.contract import load
from tasks.secret import Secret
from tasks.topview import errors
from tasks.topview.client import Endpoint, TopViewClient
from tasks.topview.downloads import DownloadRules, download
from tasks.topview.outcomes import AfterSubmit, outcome_of
from tasks.topview.results import JsonObject, RemoteState, RemoteTask
from tests.sandbox.sketch import Sketch, png
from tests.sandbox_fixture import SandboxDriver, sandbox

__all__ = ["sandbox"]

SUBMIT = "/v1/common_task/image2video/submit"
QUERY = "/v1/common_task/image2video/result"
OPERATION = "submitCommonImage2Video"


@pytest.fixture
def sandbox_renderer() -> Sketch:
    return Sketch()


@pytest.fixture
def account(sandbox: SandboxDriver) -> Iterator[TopViewClient]:
    with client_for(sandbox) as client:
        yield client


def client_for(sandbox: SandboxDriver, **changes) -> TopViewClient:
    endpoint = Endpoint(sandbox.base_url, **{"allow_plain_http": True, "retry_pause": 0.02, **changes})
    return TopViewClient(uid=sandbox.uid, key=Secret(sandbox.key), endpoint=endpoint)


def rules(sandbox: SandboxDriver) -> DownloadRules:
    addresses = Endpoint(sandbox.base_url, allow_plain_http=True).files
    return DownloadRules(max_bytes=10_000_000, addresses=addresses)


def upload(client: TopViewClient) -> str:
    ticket = client.upload_ticket("png")
    client.upload(ticket, io.BytesIO(png()), len(png()))
    assert client.uploaded(ticket.file_id)
    return ticket.file_id


def body(file_id: str) -> JsonObject:
    return {
        "imageFileId": file_id,
        "mode": "lite",
        "prompt": "Slow push in.",
        "duration": 5,
        "generatingCount": 1,
    }


def finished(client: TopViewClient, task_id: str) -> RemoteTask:
    deadline = time.monotonic() + 30
    while (task := client.query(QUERY, task_id)).state is RemoteState.RUNNING:
        assert time.monotonic() < deadline, task
        time.sleep(0.05)
    return task


def address(task: RemoteTask) -> str:
    videos = task.result["videos"]
    assert isinstance(videos, list)
    assert isinstance(videos[0], dict)
    origin = videos[0]["originVideo"]
    assert isinstance(origin, dict)
    return str(origin["filePath"])


def test_a_task_goes_its_whole_way_without_a_violation(sandbox, account):
    before = account.credit().remaining
    accepted = account.submit(SUBMIT, body(upload(account)))
    task = finished(account, accepted.task_id)
    assert task.state is RemoteState.SUCCEEDED
    into = io.BytesIO()
    got = download(address(task), into, rules=rules(sandbox))
    assert got.sha256 == hashlib.sha256(into.getvalue()).hexdigest()
    assert task.cost is not None
    assert task.cost > 0
    assert account.credit().remaining == before - task.cost
    now = datetime.datetime.now(datetime.UTC)
    hour = datetime.timedelta(hours=1)
    charges = list(account.credit_logs(start=now - hour, end=now + hour))
    assert [(charge.task_id, charge.cost) for charge in charges] == [(accepted.task_id, task.cost)]
    assert not sandbox.violations()
    assert sandbox.accepted() == 1


@pytest.mark.parametrize(
    "catalog_name", ["voices", "ai_avatars", "captions", "anyshoot_templates", "public_product_avatars"]
)
def test_every_catalog_comes_whole(sandbox, account, catalog_name):
    calls = {
        "voices": account.voices,
        "ai_avatars": account.avatars,
        "captions": account.captions,
        "anyshoot_templates": account.anyshoot_templates,
        "public_product_avatars": account.product_avatars,
    }
    assert len(list(calls[catalog_name]())) == len(load().rows(catalog_name))
    assert not sandbox.violations()


@pytest.mark.parametrize(
    ("fault", "value", "expected", "after", "accepted"),
    [
        ("http-before", None, errors.RemoteFault, AfterSubmit.UNKNOWN, 0),
        ("http-before", 429, errors.Busy, AfterSubmit.REPEAT, 0),
        ("http-before", 301, errors.RemoteFault, AfterSubmit.UNKNOWN, 0),
        ("http-after", None, errors.RemoteFault, AfterSubmit.UNKNOWN, 1),
        ("drop-before", None, errors.Interrupted, AfterSubmit.UNKNOWN, 0),
        ("drop-after", None, errors.Interrupted, AfterSubmit.UNKNOWN, 1),
        ("unreadable", None, errors.Unreadable, AfterSubmit.UNKNOWN, 1),
        ("wrong-shape", None, errors.Unreadable, AfterSubmit.UNKNOWN, 1),
        ("code", 4007, errors.Busy, AfterSubmit.REPEAT, 0),
        ("code", 4100, errors.NoCredit, AfterSubmit.REFUSED, 0),
        ("code", 5003, errors.Busy, AfterSubmit.REPEAT, 0),
        ("code", 6001, errors.Blocked, AfterSubmit.REFUSED, 0),
        ("code", 401, errors.Unauthorised, AfterSubmit.REFUSED, 0),
    ],
)
def test_a_fault_of_the_submit_says_what_it_means_for_the_money(
    sandbox, account, fault, value, expected, after, accepted
):
    file_id = upload(account)
    sandbox.fault(fault, scope=OPERATION, next=1, value=value)
    with pytest.raises(errors.TopViewError) as caught:
        account.submit(SUBMIT, body(file_id))
    assert type(caught.value) is expected
    assert outcome_of(caught.value).after is after
    assert sandbox.accepted() == accepted


def test_a_submit_that_answers_too_late_is_unknown_and_was_sent_once(sandbox, account):
    file_id = upload(account)
    sandbox.fault("latency", scope=OPERATION, next=1, value=1)
    with client_for(sandbox, submit_deadline=0.4) as hasty, pytest.raises(errors.Interrupted):
        hasty.submit(SUBMIT, body(file_id))
    deadline = time.monotonic() + 10
    while not sandbox.accepted() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sandbox.accepted() == 1


def test_a_wrong_key_is_unauthorised(sandbox):
    endpoint = Endpoint(sandbox.base_url, allow_plain_http=True)
    stranger = TopViewClient(uid=sandbox.uid, key=Secret("sk-wrong-000000000"), endpoint=endpoint)
    with stranger, pytest.raises(errors.Unauthorised):
        stranger.credit()


def test_expired_and_truncated_results_are_told_apart(sandbox, account):
    task = finished(account, account.submit(SUBMIT, body(upload(account))).task_id)
    sandbox.fault("truncated-download", next=1)
    with pytest.raises(errors.Truncated):
        download(address(task), io.BytesIO(), rules=rules(sandbox))
    sandbox.fault("expired-link", next=1)
    expired = address(account.query(QUERY, str(task.result["taskId"])))
    with pytest.raises(errors.Expired):
        download(expired, io.BytesIO(), rules=rules(sandbox))


def test_a_refused_upload_asks_for_a_new_ticket(sandbox, account):
    ticket = account.upload_ticket("png")
    sandbox.fault("upload-refused", next=1)
    with pytest.raises(errors.UploadRefused) as caught:
        account.upload(ticket, io.BytesIO(png()), len(png()))
    assert caught.value.code
