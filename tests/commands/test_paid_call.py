"""Every end a paid call can have, each over a real socket: what becomes of the row, and what was accepted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from tasks.commands.refresh.leasing import Nudges
from tasks.models import Credential, CredentialState, Move, Status, Submission
from tests.commands.conftest import Orders, Worker
from tests.parts import free_port, wait_until
from tests.sandbox_fixture import SandboxDriver
from tests.topview.server import ScriptedServer, Step, hangs_up, http, raw, refuses, resets, says

SUBMIT = "submitCommonImage2Video"
QUEUED, REFUSED, UNKNOWN, RUNNING = Status.QUEUED, Status.REFUSED, Status.UNKNOWN, Status.RUNNING


def attempts(portal: SandboxDriver) -> int:
    """How often the paid call has reached the sandbox, however it ended."""
    return int(portal.state()["calls"].get(SUBMIT, 0))


@dataclass(frozen=True)
class End:
    """One way for the call to go wrong, and what must follow."""

    fault: str
    value: Any
    status: Status
    cause: str
    accepted: int
    code: str = ""

    def __str__(self) -> str:
        return f"{self.fault}-{self.value}" if self.value else self.fault


ENDS = [
    End("drop-before", None, UNKNOWN, "no-answer", 0),
    End("drop-after", None, UNKNOWN, "no-answer", 1),
    End("unreadable", None, UNKNOWN, "unreadable", 1, "200"),
    End("wrong-shape", None, UNKNOWN, "unreadable", 1),
    *[
        End("http-before", status, REFUSED, "refused", 0, str(status))
        for status in (400, 401, 403, 404, 413, 415, 422)
    ],
    *[
        End("http-before", status, UNKNOWN, "remote-fault", 0, str(status))
        for status in (301, 302, 303, 307, 308, 405, 408, 409, 418, 451, 500, 501, 502, 503, 504, 599)
    ],
    *[
        End("http-after", status, UNKNOWN, "remote-fault", 1, str(status))
        for status in (302, 307, 408, 409, 500, 502, 503, 504)
    ],
    End("http-before", 429, QUEUED, "busy", 0, "429"),
    *[
        End("code", code, REFUSED, "refused", 0, str(code))
        for code in (401, 4000, 4001, 4002, 4003, 4005, 4006, *range(4012, 4023), 4100, 6001)
    ],
    End("code", 4007, QUEUED, "busy", 0, "4007"),
    End("code", 5003, QUEUED, "busy", 0, "5003"),
    *[
        End("code", code, UNKNOWN, "remote-fault", 0, str(code))
        for code in (5000, 5001, 5004, 5005, 4008, 4011, 4023, 4999, 5002, 6002, 201, 999999)
    ],
]


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_an_end_of_the_call_is_sorted(end: End, portal: SandboxDriver, orders: Orders, worker: Worker):
    submission = orders.submission()
    portal.fault(end.fault, scope=SUBMIT, next=1, value=end.value)

    worker.submit(submission)

    assert (submission.status, last_move(submission).cause) == (end.status, end.cause)
    assert submission.error_code == end.code
    assert submission.reason
    assert submission.remote_id == ""
    assert submission.lease_until is None
    assert (submission.finished_at is not None) == (end.status is REFUSED)
    assert attempts(portal) == 1
    assert portal.accepted() == end.accepted
    assert portal.violations() == []
    submission.task.refresh_from_db()
    assert submission.task.status == {REFUSED: "failed"}.get(end.status, end.status.value)


@pytest.mark.parametrize("end", [end for end in ENDS if end.status is not QUEUED], ids=str)
def test_an_end_that_is_not_safe_to_repeat_is_never_repeated(
    end: End, portal: SandboxDriver, orders: Orders, worker: Worker
):
    submission = worker_met(end, portal, orders, worker)
    Credential.objects.update(state=CredentialState.ACTIVE)
    for _turn in range(3):
        worker.submit_now(submission)
        worker.refresh(nudges=Nudges())
    submission.refresh_from_db()
    assert submission.status == end.status
    assert attempts(portal) == 1
    assert portal.accepted() == end.accepted


@pytest.mark.parametrize("end", [end for end in ENDS if end.status is QUEUED], ids=str)
def test_an_end_that_is_safe_to_repeat_is_accepted_once_in_the_end(
    end: End, portal: SandboxDriver, orders: Orders, worker: Worker
):
    submission = worker_met(end, portal, orders, worker)
    assert submission.next_at > timezone.now()
    worker.submit(submission)
    assert attempts(portal) == 1, "its time had not come"

    worker.submit_now(submission)
    worker.submit_now(submission)

    assert (submission.status, submission.reason) == (RUNNING, "")
    assert (attempts(portal), portal.accepted()) == (2, 1)


def worker_met(end: End, portal: SandboxDriver, orders: Orders, worker: Worker) -> Submission:
    """A submission that has met this end."""
    submission = orders.submission()
    portal.fault(end.fault, scope=SUBMIT, next=1, value=end.value)
    return worker.submit(submission)


def test_an_accepted_call_is_written_whole(portal: SandboxDriver, orders: Orders, worker: Worker):
    submission = worker.submit(orders.submission())
    (task,) = portal.state()["tasks"]
    assert (submission.status, submission.remote_id) == (RUNNING, task["taskId"])
    assert submission.accepted_at is not None and submission.intent_at is not None
    assert submission.intent_at <= submission.accepted_at
    assert len(submission.body_digest) == 64
    assert (submission.reason, submission.lease_until) == ("", None)
    assert [(move.from_status, move.to_status, move.cause) for move in submission.moves.all()] == [
        ("", "queued", "created"),
        ("queued", "preparing", "claimed"),
        ("preparing", "submitting", "intent"),
        ("submitting", "running", "accepted"),
    ]
    assert Credential.objects.get().last_success_at is not None
    assert portal.violations() == []


def test_while_topview_cannot_be_reached_nothing_is_sent_and_it_waits_longer_each_time(
    portal: SandboxDriver, orders: Orders, worker: Worker, settings
):
    submission = worker.submit(orders.submission())
    other = orders.submission()
    address = settings.SANDBOX_URL
    settings.SANDBOX_URL = f"http://127.0.0.1:{free_port()}"
    # The file is known already, so that the first call to fail is the paid one.
    copy_files(submission, other)
    waits = []
    for _try in range(3):
        before = timezone.now()
        worker.submit_now(other)
        assert other.status == QUEUED
        assert last_move(other).cause == "unreachable"
        waits.append((other.next_at - before).total_seconds())
    assert waits == sorted(waits) and waits[0] > 1
    assert other.tries == 3
    settings.SANDBOX_URL = address
    assert portal.accepted() == 1
    assert worker.submit_now(other).status == RUNNING
    assert portal.accepted() == 2


def copy_files(known: Submission, other: Submission) -> None:
    """Let the other task use the file that has been sent for the first one."""
    upload = known.task.uploads.get()
    other.task.uploads.set([upload])
    other.task.brief = {**other.task.brief, "image": str(upload.pk)}
    other.task.save(update_fields=["brief"])


def test_a_call_whose_answer_takes_too_long_is_unknown_and_was_accepted_all_the_same(
    portal: SandboxDriver, orders: Orders, worker: Worker, settings
):
    submission = orders.submission()
    settings.TOPVIEW_SUBMIT_SECONDS = 0.3
    portal.fault("latency", scope=SUBMIT, next=1, value=0.8)
    worker.submit(submission)
    assert (submission.status, last_move(submission).cause) == (UNKNOWN, "no-answer")
    wait_until(lambda: portal.accepted() == 1, seconds=10, what="the sandbox to accept")
    worker.submit_now(submission)
    assert (submission.status, attempts(portal), portal.accepted()) == (UNKNOWN, 1, 1)


def test_a_worker_whose_time_is_over_in_the_middle_of_the_call_leaves_it_unknown(
    portal: SandboxDriver, orders: Orders, worker: Worker
):
    submission = orders.submission()
    portal.fault("latency", scope=SUBMIT, next=1, value=2)
    with interrupted_when(lambda: attempts(portal) == 1), pytest.raises(SystemExit):
        worker.submit(submission)
    submission.refresh_from_db()
    assert (submission.status, last_move(submission).cause) == (UNKNOWN, "no-answer")
    assert attempts(portal) == 1


@contextmanager
def interrupted_when(holds: Callable[[], bool]) -> Iterator[None]:
    """Raise SystemExit in this thread once something holds, as the queue does when a job has no time left."""

    def leave(*_signal: object) -> None:
        raise SystemExit

    def watch() -> None:
        wait_until(holds, seconds=20)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)

    usual = signal.signal(signal.SIGALRM, leave)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        watcher.join()
        signal.signal(signal.SIGALRM, usual)


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    """A TopView that says what the test tells it; the upload calls are told as they should be."""
    with ScriptedServer() as server:
        yield server


def told(server: ScriptedServer, *answers: Step) -> list[Step]:
    """The script for one upload followed by these answers to the paid call."""
    ticket = {"fileId": "file-1", "uploadUrl": f"{server.origin}/store/file-1", "format": "png"}
    return [says(ticket), http(200), says(True), *answers]


@dataclass(frozen=True)
class Told:
    """An answer to the paid call as raw bytes, and what must follow."""

    name: str
    answer: Step
    status: Status
    cause: str

    def __str__(self) -> str:
        return self.name


BIG = b'{"code": "200", "message": "' + b"x" * 9_000_000 + b'"}'
RAW_ENDS = [
    Told("success without an id", says({"status": "success"}), UNKNOWN, "unreadable"),
    Told("success with an empty id", says({"taskId": "  "}), UNKNOWN, "unreadable"),
    Told("success with no result", says(None), UNKNOWN, "unreadable"),
    Told("success with a list", says(["task-1"]), UNKNOWN, "unreadable"),
    Told("an id that is too long", says({"taskId": "t" * 201}), UNKNOWN, "unreadable"),
    Told("nothing", http(200, b""), UNKNOWN, "unreadable"),
    Told("a number", http(200, b"42"), UNKNOWN, "unreadable"),
    Told("no code", http(200, b"{}"), UNKNOWN, "unreadable"),
    Told("not the letters it claims", http(200, b'{"code": "200", "x": "\xff"}'), UNKNOWN, "unreadable"),
    Told("an answer without end", http(200, BIG), UNKNOWN, "unreadable"),
    Told("half an answer", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"), UNKNOWN, "no-answer"),
    Told("no HTTP at all", raw(b"SSH-2.0-OpenSSH_9.6\r\n"), UNKNOWN, "no-answer"),
    Told("a hang-up", hangs_up, UNKNOWN, "no-answer"),
    Told("a reset", resets, UNKNOWN, "no-answer"),
    Told("a fault that claims to be busy", refuses("4007", status=500), UNKNOWN, "remote-fault"),
    Told("a fault that claims to refuse", refuses("4000", status=502), UNKNOWN, "remote-fault"),
    Told("a redirect", http(307, b"", {"Location": "/v2/submit"}), UNKNOWN, "remote-fault"),
    Told("a refusal in both layers", refuses("4100", status=400), REFUSED, "refused"),
    Told("a refusal with an unknown code", refuses("9999", status=422), REFUSED, "refused"),
    Told("a page of a proxy", http(404, b"<html>"), REFUSED, "refused"),
    Told("an id as long as may be", says({"taskId": "t" * 200}), RUNNING, "accepted"),
    Told("an id that is a number", says({"taskId": 12}), RUNNING, "accepted"),
    Told("a code that is a number", says({"taskId": "task-1"}, code=200), RUNNING, "accepted"),
    Told(
        "a notice id without end", says({"taskId": "task-1", "noticeUuid": "n" * 5000}), RUNNING, "accepted"
    ),
    Told(
        "letters that no database takes",
        says({"taskId": "task-1", "noticeUuid": "a\x00b\ud800"}),
        RUNNING,
        "accepted",
    ),
]


@pytest.mark.parametrize("end", RAW_ENDS, ids=str)
def test_a_strange_answer_is_sorted(
    end: Told, orders: Orders, worker: Worker, scripted: ScriptedServer, settings
):
    settings.SANDBOX_URL = scripted.origin
    scripted.script[:] = told(scripted, end.answer)
    submission = worker.submit(orders.submission())
    assert (submission.status, last_move(submission).cause) == (end.status, end.cause)
    for _turn in range(2):
        worker.submit_now(submission)
    assert len([one for one in scripted.requests if one.method == "POST"]) == 1


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("120", 118, 122), ("1", 0, 2), ("0", 0.5, 2), ("soon", 9, 31), ("-5", 9, 31)],
)
def test_the_time_that_topview_names_is_waited_for(
    header: str,
    least: float,
    most: float,
    orders: Orders,
    worker: Worker,
    scripted: ScriptedServer,
    settings,
):
    settings.SANDBOX_URL = scripted.origin
    too_many = http(429, b"slow down", {"Retry-After": header})
    scripted.script[:] = told(scripted, too_many, says({"taskId": "task-1"}))
    submission = worker.submit(orders.submission())
    assert submission.status == QUEUED
    assert least <= (submission.next_at - timezone.now()).total_seconds() <= most


def test_nothing_that_topview_says_of_the_key_is_kept(
    orders: Orders, worker: Worker, scripted: ScriptedServer, settings
):
    settings.SANDBOX_URL = scripted.origin
    scripted.script[:] = told(scripted, refuses("4000", f"bad field for {SandboxDriver.key}, sk-other-123"))
    submission = worker.submit(orders.submission())
    assert "bad field" in submission.reason
    assert "bad field" in last_move(submission).detail
    for words in (submission.reason, last_move(submission).detail):
        assert SandboxDriver.key not in words and "sk-other" not in words


def last_move(submission: Submission) -> Move:
    """The newest line of the timeline."""
    move = submission.moves.last()
    assert move is not None
    return move
