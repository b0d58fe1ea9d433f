"""Every end a paid call can have, each over a real socket: what becomes of the row, and what was accepted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tasks.causes import Code
from tasks.commands.refresh.leasing import Nudges
from tasks.contract import load
from tasks.models import Circuit, Credential, CredentialState, Submission, Transition
from tasks.topview.outcomes import CODES, OUTCOMES, STATUSES
from tests.causes import code_of
from tests.commands.conftest import Orders, Worker
from tests.commands.paid_ends import (
    END_BY_ANSWER,
    END_BY_FAULT,
    END_BY_WAY,
    QUEUED,
    REFUSED,
    RUNNING,
    UNKNOWN,
    End,
    Told,
    Way,
)
from tests.parts import wait_until
from tests.ports import free_port
from tests.sandbox_fixture import SandboxDriver
from tests.topview.server import ScriptedServer, Step, http, refuses, resets, says, tls_context

pytestmark = pytest.mark.sqlite

SUBMIT = "submitCommonImage2Video"


def told_apart(ends: Iterable[End | Told | Way]) -> list[Any]:
    """All ends, of which the first of each class that is written down runs on both databases.

    So does every accepted one: what TopView says then is stored, as odd as it may be.
    """
    known, params = set(), []
    for end in ends:
        written = (end.status, end.cause, getattr(end, "error", ""))
        is_first = end.status is RUNNING or written not in known
        params.append(pytest.param(end, id=str(end), marks=pytest.mark.postgres if is_first else ()))
        known.add(written)
    return params


def attempts(portal: SandboxDriver) -> int:
    """How often the paid call has reached the sandbox, however it ended."""
    return int(portal.state()["calls"].get(SUBMIT, 0))


@pytest.mark.parametrize("end", told_apart(END_BY_FAULT))
def test_an_end_of_the_call_is_sorted(
    end: End, portal: SandboxDriver, orders: Orders, worker: Worker, caplog: pytest.LogCaptureFixture
):
    submission = orders.submission()
    portal.fault(end.fault, scope=SUBMIT, next=1, value=end.value)

    worker.submit(submission)

    assert (submission.status, last_transition(submission).cause) == (end.status, end.cause)
    assert error_class(caplog) == end.error
    assert submission.error_code == end.code
    assert submission.reason
    assert submission.remote_id == ""
    assert submission.lease_until is None
    assert (submission.finished_at is not None) == (end.status is REFUSED)
    assert attempts(portal) == 1
    assert portal.accepted() == end.accepted
    submission.task.refresh_from_db()
    assert submission.task.status == {REFUSED: "failed"}.get(end.status, end.status.value)
    (repeat_once if end.status is QUEUED else never_repeat)(submission, end, portal, worker)
    assert portal.violations() == []


def repeat_once(submission: Submission, end: End, portal: SandboxDriver, worker: Worker) -> None:
    """What is safe to repeat waits for its time, and is accepted once in the end."""
    if end.cause != "resend-file":
        sent_at = submission.transitions.get(cause="intent").at
        assert submission.next_at >= sent_at + timedelta(seconds=1)
        # In that second a busy machine may not get this far.
        later = timezone.now() + timedelta(minutes=1)
        Submission.objects.filter(pk=submission.pk).update(next_at=later)
        worker.submit(submission)
        assert attempts(portal) == 1, "its time had not come"
    for _turn in range(2):
        worker.submit_now(submission)
    assert (submission.status, submission.reason) == (RUNNING, None)
    assert (attempts(portal), portal.accepted()) == (2, 1)


def never_repeat(submission: Submission, end: End, portal: SandboxDriver, worker: Worker) -> None:
    """What is not safe to repeat is never sent again, whoever asks for it."""
    Credential.objects.update(state=CredentialState.ACTIVE)
    for _turn in range(3):
        worker.submit_now(submission)
        worker.refresh(nudges=Nudges())
    submission.refresh_from_db()
    assert submission.status == end.status
    assert (attempts(portal), portal.accepted()) == (1, end.accepted)


def error_class(caplog: pytest.LogCaptureFixture) -> str:
    """The class of the error that ended the paid call, as the log has it."""
    (line,) = [record for record in caplog.records if record.message == "submit.ended"]
    return str(line.__dict__["error_class"])


def test_every_code_status_and_failure_has_been_made_to_end_a_call():
    codes = {str(end.value) for end in END_BY_FAULT if end.fault == "code"}
    assert set(CODES) == set(load().error_codes) - {"200"} and set(CODES) <= codes
    statuses = {end.value for end in END_BY_FAULT if end.fault == "http-before"}
    assert set(STATUSES) <= statuses and {301, 408, 409, 500, 503} <= statuses
    met = {end.error for end in END_BY_FAULT} | {way.error for way in END_BY_WAY}
    # The two roots are for classes that no answer stands for.
    assert {end.error.__name__ for end in OUTCOMES} == met | {"Refused", "TopViewError"}
    assert {end.cause for end in OUTCOMES} | {"resend-file"} == {end.cause for end in END_BY_FAULT} | {
        "unreachable"
    }


@pytest.fixture
def listening(certificate: Path) -> Iterator[Callable[[str], str]]:
    """A function that has somebody listen, and gives the address."""
    stranger, plain = ScriptedServer(context=tls_context(certificate)), ScriptedServer()
    with stranger, plain:

        def listen(who: str) -> str:
            plain.script[:] = [resets if who == "one who resets" else plain.stalls]
            return {
                "nobody": f"http://127.0.0.1:{free_port()}",
                "a stranger's certificate": stranger.origin,
                "no TLS": f"https://127.0.0.1:{plain.port}",
            }.get(who, plain.origin)

        yield listen


@pytest.mark.parametrize("way", told_apart(END_BY_WAY))
def test_a_way_that_breaks_is_sorted(
    way: Way,
    portal: SandboxDriver,
    orders: Orders,
    worker: Worker,
    listening: Callable[[str], str],
    settings,
    caplog: pytest.LogCaptureFixture,
):
    submission = orders.submission()
    # The file is known already, so that the first call to fail is the paid one.
    copy_files(worker.submit(orders.submission()), submission)
    settings.SANDBOX_URL = listening(way.listening)
    settings.TOPVIEW_READ_SECONDS = 0.5

    worker.submit(submission)

    assert (submission.status, last_transition(submission).cause) == (way.status, way.cause)
    assert error_class(caplog) == way.error
    assert submission.reason and submission.remote_id == ""
    settings.SANDBOX_URL = portal.base_url
    worker.submit_now(submission)
    assert portal.accepted() == (2 if way.status is QUEUED else 1)


@pytest.mark.postgres
def test_an_accepted_call_is_written_whole(portal: SandboxDriver, orders: Orders, worker: Worker):
    submission = worker.submit(orders.submission())
    (task,) = portal.state()["tasks"]
    assert (submission.status, submission.remote_id) == (RUNNING, task["taskId"])
    assert submission.accepted_at is not None and submission.intent_at is not None
    assert submission.intent_at <= submission.accepted_at
    assert len(submission.body_digest) == 64
    assert (submission.reason, submission.lease_until) == (None, None)
    assert [
        (transition.from_status, transition.to_status, transition.cause)
        for transition in submission.transitions.all()
    ] == [
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
        assert last_transition(other).cause == "unreachable"
        waits.append((other.next_at - before).total_seconds())
    assert waits == sorted(waits) and waits[0] > 1
    assert other.tries == 3
    settings.SANDBOX_URL = address
    assert portal.accepted() == 1
    assert worker.submit_now(other).status == RUNNING
    assert portal.accepted() == 2


def test_a_portal_that_lost_its_sandbox_sends_nothing_to_it_and_says_so(
    portal: SandboxDriver, orders: Orders, worker: Worker, settings
):
    submission, running = orders.submission(), worker.submit(orders.submission())
    settings.SANDBOX_URL = ""
    worker.submit_now(submission)
    assert submission.status == QUEUED
    assert code_of(submission.reason) == Code.NO_SANDBOX
    worker.refresh()
    running.refresh_from_db()
    assert running.status == RUNNING
    assert not Circuit.objects.filter(host="").exists()
    assert portal.accepted() == 1


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
    assert (submission.status, last_transition(submission).cause) == (UNKNOWN, "no-answer")
    wait_until(lambda: portal.accepted() == 1, what="the sandbox to accept")
    worker.submit_now(submission)
    assert (submission.status, attempts(portal), portal.accepted()) == (UNKNOWN, 1, 1)


def test_a_worker_whose_time_is_over_in_the_middle_of_the_call_leaves_it_unknown(
    portal: SandboxDriver, orders: Orders, worker: Worker
):
    submission = orders.submission()
    portal.fault("latency", scope=SUBMIT, next=1, value=20)
    with interrupted_when(lambda: attempts(portal) == 1), pytest.raises(SystemExit):
        worker.submit(submission)
    submission.refresh_from_db()
    assert (submission.status, last_transition(submission).cause) == (UNKNOWN, "no-answer")
    assert attempts(portal) == 1


@contextmanager
def interrupted_when(holds: Callable[[], bool]) -> Iterator[None]:
    """Raise SystemExit in this thread once something holds, as the queue does when a job has no time left."""

    def leave(*_signal: object) -> None:
        raise SystemExit

    def watch() -> None:
        wait_until(holds)
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


@pytest.mark.parametrize("end", told_apart(END_BY_ANSWER))
def test_a_strange_answer_is_sorted(
    end: Told, orders: Orders, worker: Worker, scripted: ScriptedServer, settings
):
    settings.SANDBOX_URL = scripted.origin
    scripted.script[:] = told(scripted, end.answer)
    submission = worker.submit(orders.submission())
    assert (submission.status, last_transition(submission).cause) == (end.status, end.cause)
    for _turn in range(2):
        worker.submit_now(submission)
    assert len([one for one in scripted.requests if one.method == "POST"]) == 1


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("120", 120, 120), ("1", 1, 1), ("0", 1, 1), ("soon", 10, 30), ("-5", 10, 30)],
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
    submission, before = orders.submission(), timezone.now()
    worker.submit(submission)
    assert submission.status == QUEUED
    # The answer came between these two moments, however long all of it took.
    assert submission.next_at - before >= timedelta(seconds=least)
    assert submission.next_at - timezone.now() <= timedelta(seconds=most)


def test_nothing_that_topview_says_of_the_key_is_kept(
    orders: Orders, worker: Worker, scripted: ScriptedServer, settings
):
    settings.SANDBOX_URL = scripted.origin
    scripted.script[:] = told(scripted, refuses("4000", f"bad field for {SandboxDriver.key}, sk-other-123"))
    submission = worker.submit(orders.submission())
    reason = str(submission.reason)
    assert "bad field" in reason
    assert "bad field" in last_transition(submission).detail
    for words in (reason, last_transition(submission).detail):
        assert SandboxDriver.key not in words and "sk-other" not in words


def last_transition(submission: Submission) -> Transition:
    """The newest line of the timeline."""
    transition = submission.transitions.last()
    assert transition is not None
    return transition
