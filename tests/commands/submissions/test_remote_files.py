"""Getting a task's files to TopView before anything is paid: ticket, bytes, check, once for each account."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from tasks import jobs
from tasks.causes import Code
from tasks.commands.accounts.clients import client_for
from tasks.commands.library.remote_files import send_files
from tasks.models import RemoteFile, Status, Submission, Workspace
from tests import people
from tests.causes import code_of
from tests.commands.conftest import Orders, Worker
from tests.media.samples import make_picture
from tests.parts import wait_until
from tests.ports import free_port
from tests.sandbox_fixture import SandboxDriver
from tests.threads import beside
from tests.topview.server import Request, ScriptedServer, Step, http, says

pytestmark = pytest.mark.sqlite

SUBMIT = "submitCommonImage2Video"


def calls(portal: SandboxDriver, operation: str) -> int:
    """How often an operation was called."""
    return int(portal.state()["calls"].get(operation, 0))


def share_the_file(known: Submission, other: Submission) -> None:
    """Let the other task use the upload of the first."""
    upload = known.task.uploads.get()
    other.task.uploads.set([upload])
    other.task.brief = {**other.task.brief, "image": str(upload.pk)}
    other.task.save(update_fields=["brief"])


def test_a_file_travels_through_ticket_bytes_and_check(portal: SandboxDriver, orders: Orders, worker: Worker):
    submission = worker.submit(orders.submission())
    upload = submission.task.uploads.get()
    remote = RemoteFile.objects.get()
    assert (remote.upload, remote.credential) == (upload, submission.task.credential)
    assert remote.sent == upload.blob.size and remote.arrived_at is not None
    assert portal.sandbox is not None and portal.sandbox.state is not None
    stored = portal.sandbox.state.files.get(remote.file_id).path
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == upload.blob.sha256
    for operation in ("getUploadCredential", "uploadObject", "checkUpload"):
        assert calls(portal, operation) == 1
    assert portal.violations() == []


def test_a_file_that_the_account_has_is_not_sent_again(portal: SandboxDriver, orders: Orders, worker: Worker):
    first, second = orders.submission(), orders.submission()
    share_the_file(first, second)
    assert [worker.submit(one).status for one in (first, second)] == ["running", "running"]
    assert calls(portal, "uploadObject") == 1
    assert RemoteFile.objects.count() == 1


@pytest.mark.postgres
def test_each_account_gets_the_file_under_its_own_id(
    portal: SandboxDriver, studio: Workspace, orders: Orders, worker: Worker
):
    portal.account("AnotherAccount03", "sk-sandbox-other-0123456789abcdef", 50)
    other = people.make_credential(
        studio, name="Other", uid="AnotherAccount03", key="sk-sandbox-other-0123456789abcdef"
    )
    first, second = orders.submission(), orders.submission(other)
    share_the_file(first, second)
    assert [worker.submit(one).status for one in (first, second)] == ["running", "running"]
    assert calls(portal, "uploadObject") == 2
    assert len(set(RemoteFile.objects.values_list("file_id", flat=True))) == 2


def test_a_file_whose_check_fails_is_tried_again_and_then_given_up(
    portal: SandboxDriver, orders: Orders, worker: Worker
):
    submission = orders.submission()
    portal.fault("upload-unchecked")
    turns = 0
    while submission.status == Status.QUEUED:
        worker.submit_now(submission)
        assert not RemoteFile.objects.filter(arrived_at__isnull=False).exists()
        turns += 1
        assert turns < 20
    assert submission.status == Status.FAILED
    assert last_cause(submission) == "input-refused"
    assert code_of(submission.reason) == Code.UPLOAD_REFUSED and submission.finished_at is not None
    assert 3 <= turns <= 8
    assert calls(portal, SUBMIT) == 0


@pytest.mark.parametrize(
    ("fault", "scope", "value"),
    [
        ("upload-unchecked", "global", None),
        ("upload-refused", "global", 403),
        ("upload-refused", "global", 400),
        ("upload-refused", "global", 503),
        ("upload-refused", "global", 500),
        ("code", "getUploadCredential", 5000),
        ("code", "getUploadCredential", 5003),
        ("http-before", "getUploadCredential", 500),
        ("unreadable", "getUploadCredential", None),
        ("wrong-shape", "getUploadCredential", None),
        ("http-before", "checkUpload", 500),
        ("wrong-shape", "checkUpload", None),
    ],
)
def test_a_passing_trouble_before_the_call_costs_only_time(
    fault: str, scope: str, value: int | None, portal: SandboxDriver, orders: Orders, worker: Worker
):
    submission = orders.submission()
    portal.fault(fault, scope=scope, next=1, value=value)
    worker.submit(submission)
    assert submission.status == Status.QUEUED
    assert submission.reason and submission.next_at > timezone.now()
    # Nothing that could be paid for has left, so no line may speak of an unknown outcome.
    assert last_cause(submission) in ("busy", "unreachable", "files-not-sent")
    assert worker.submit_now(submission).status == Status.RUNNING
    assert portal.accepted() == 1


def test_a_ticket_that_is_refused_for_good_fails_the_task_before_anything_is_paid(
    portal: SandboxDriver, orders: Orders, worker: Worker
):
    submission = orders.submission()
    portal.fault("code", scope="getUploadCredential", value=4000)
    worker.submit(submission)
    assert submission.status == Status.FAILED
    assert portal.accepted() == 0
    submission.task.refresh_from_db()
    assert submission.task.status == "failed"


def test_a_store_that_cannot_be_reached_is_tried_again(orders: Orders, worker: Worker, settings):
    submission = orders.submission()
    with ScriptedServer() as server:
        settings.SANDBOX_URL = server.origin
        gone = {"fileId": "f", "uploadUrl": f"http://127.0.0.1:{free_port()}/x", "format": "png"}
        server.script[:] = [says(gone)]
        worker.submit(submission)
        assert submission.status == Status.QUEUED
        server.script[:] = [
            says({**gone, "uploadUrl": f"{server.origin}/x"}),
            http(200),
            says("true"),
            says({"taskId": "t"}),
        ]
        assert worker.submit_now(submission).status == Status.RUNNING


@pytest.mark.parametrize("left", [0, 100])
def test_a_file_that_our_own_disk_has_lost_fails_the_task_before_anything_is_paid(
    left: int, portal: SandboxDriver, orders: Orders, worker: Worker
):
    submission = orders.submission()
    stored = Path(submission.task.uploads.get().blob.file.path)
    if left:
        stored.write_bytes(stored.read_bytes()[:left])
    else:
        stored.unlink()
    worker.submit(submission)
    assert (submission.status, last_cause(submission)) == (Status.FAILED, "input-refused")
    assert submission.reason and submission.finished_at is not None
    assert calls(portal, SUBMIT) == 0


def last_cause(submission: Submission) -> str:
    """Why it moved last."""
    transition = submission.transitions.last()
    assert transition is not None
    return transition.cause


def test_a_task_of_which_no_request_can_be_made_any_more_fails_before_anything_is_paid(
    portal: SandboxDriver, orders: Orders, worker: Worker
):
    """A release has taken its step away."""
    submission = orders.submission()
    Submission.objects.filter(pk=submission.pk).update(step="gone")
    submission = worker.submit(submission)
    assert submission.status == Status.FAILED
    assert code_of(submission.reason) == Code.BRIEF_OUTDATED
    assert portal.accepted() == 0


def test_a_file_that_topview_has_lost_is_sent_again_once(
    portal: SandboxDriver, orders: Orders, worker: Worker
):
    submission = orders.submission()
    portal.fault("code", scope=SUBMIT, next=1, value=4004)
    worker.submit(submission)
    assert (submission.status, submission.files_resent) == (Status.QUEUED, True)
    assert not RemoteFile.objects.exists()
    assert worker.submit(submission).status == Status.RUNNING
    assert calls(portal, "uploadObject") == 2
    assert portal.accepted() == 1
    assert [transition.cause for transition in submission.transitions.all()] == [
        *("created", "claimed", "intent", "resend-file"),
        *("claimed", "intent", "accepted"),
    ]


def test_a_second_such_answer_is_a_refusal(portal: SandboxDriver, orders: Orders, worker: Worker):
    submission = orders.submission()
    portal.fault("code", scope=SUBMIT, value=4004)
    worker.submit(submission)
    worker.submit(submission)
    assert submission.status == Status.REFUSED
    assert (calls(portal, SUBMIT), calls(portal, "uploadObject"), portal.accepted()) == (2, 2, 0)


def test_a_file_that_has_not_arrived_is_no_use_to_another_task(
    portal: SandboxDriver, orders: Orders, worker: Worker
):
    first, second = orders.submission(), orders.submission()
    share_the_file(first, second)
    portal.fault("upload-unchecked", next=1)
    worker.submit(first)
    assert RemoteFile.objects.get().arrived_at is None
    worker.submit(second)
    assert second.status == Status.RUNNING
    assert portal.violations() == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_that_send_the_same_file_at_once_leave_the_id_whose_bytes_came(orders: Orders, settings):
    first, second = orders.submission(), orders.submission()
    share_the_file(first, second)
    has_ticket, is_stored = threading.Event(), threading.Event()

    def stored_late(connection: socket.socket, request: Request) -> bool:
        has_ticket.wait(60)
        return http(200)(connection, request)

    def never_stored(_connection: socket.socket, _request: Request) -> bool:
        has_ticket.set()
        is_stored.wait(60)
        return False

    with ScriptedServer() as server:
        settings.SANDBOX_URL = server.origin
        server.script[:] = [
            *(ticket(server, "good"), stored_late, ticket(server, "never"), never_stored),
            *(says(True), says({"taskId": "task-1"})),
        ]
        one = beside(lambda: jobs.submit(str(first.pk)))
        wait_until(lambda: len(server.requests) >= 2)
        other = beside(lambda: jobs.submit(str(second.pk)))
        one.join(60)
        is_stored.set()
        other.join(60)
    assert Submission.objects.get(pk=first.pk).status == Status.RUNNING
    assert Submission.objects.get(pk=second.pk).status == Status.QUEUED
    remote = RemoteFile.objects.get()
    assert remote.arrived_at is not None
    assert remote.file_id == "good"


def ticket(server: ScriptedServer, file_id: str) -> Step:
    """An address for one file."""
    return says({"fileId": file_id, "uploadUrl": f"{server.origin}/{file_id}", "format": "png"})


class SlowStore(BaseHTTPRequestHandler):
    """A TopView that leaves a file unread for a while, so that it travels slowly."""

    seconds = 1.3
    sent_at_check = -1

    def do_GET(self) -> None:  # noqa: N802
        if "check" in self.path:
            SlowStore.sent_at_check = RemoteFile.objects.get().sent
            connections.close_all()
            return self._say(True)
        address = f"http://{self.headers['Host']}/store"
        return self._say({"fileId": "file-1", "uploadUrl": address, "format": "png"})

    def do_PUT(self) -> None:  # noqa: N802
        time.sleep(self.seconds)
        left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, 65536)))
        self._say(None)

    def _say(self, result: object) -> None:
        body = json.dumps({"code": "200", "message": "Success", "result": result}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_progress_is_written_and_the_claim_renewed_while_the_bytes_travel(
    orders: Orders, settings, tmp_path: Path
):
    submission = orders.submission()
    upload = submission.task.uploads.get()
    content = make_picture(tmp_path / "large.bmp", (2600, 2600)).read_bytes()
    big = people.make_blob(upload.workspace, content, "image/bmp")
    type(upload).objects.update(blob=big, format="bmp")
    upload.blob = big
    revision, renewals = submission.task.revision, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), SlowStore)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    try:
        settings.SANDBOX_URL = f"http://127.0.0.1:{server.server_address[1]}"
        with client_for(submission.task.credential) as client:
            send_files(task=submission.task, client=client, alive=lambda: renewals.append(1))
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
    submission.task.refresh_from_db()
    assert 0 < SlowStore.sent_at_check < big.size
    assert RemoteFile.objects.get().sent == big.size
    assert renewals
    assert submission.task.revision > revision
