"""The judgement finds each kind of breach; a judge that always agrees would prove nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import transaction

from tasks.causes import Cause
from tasks.commands.ledger.charges import read_log
from tasks.commands.submissions import actions
from tasks.models import (
    Blob,
    Candidate,
    Charge,
    Credential,
    EvidenceKind,
    Membership,
    Output,
    OutputState,
    Status,
    Submission,
    Task,
)
from tests.commands.conftest import Orders, Worker, running
from tests.judging import Judgement, judge
from tests.marketer import OrderBook
from tests.parts import wait_until
from tests.sandbox_fixture import SandboxDriver
from tests.upstream import Upstream


@pytest.fixture
def judged(orders: Orders, worker: Worker, credential: Credential, tmp_path: Path) -> Callable[[], Judgement]:
    """One order that has come to its end, to be judged again and again."""
    submission = worker.finish(running(orders, worker))
    for output in submission.outputs.all():
        worker.save(output)
    read_log(credential=credential)
    book = OrderBook()
    book.note_order(submission.task.kind, submission.task_id, answered=True)
    return lambda: judge(book, tmp_path / "sandbox", credential)


@contextmanager
def undone() -> Iterator[None]:
    """What is changed here is as it was afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def lose_the_task() -> None:
    Task.objects.all().delete()


def count_as_refused() -> None:
    Submission.objects.update(status=Status.REFUSED, remote_id="")


def keep_other_bytes() -> None:
    Blob.objects.update(size=1)


def make_unknown(*, offered: bool = False) -> None:
    call = Submission.objects.get()
    remote_id = call.remote_id
    Submission.objects.update(status=Status.UNKNOWN, remote_id="", reason=Cause.earlier("No answer came."))
    Charge.objects.update(submission=None)
    if offered:
        Candidate.objects.create(
            workspace=call.workspace, submission=call, evidence=EvidenceKind.CHARGE, remote_id=remote_id
        )


def forget_that_it_left() -> None:
    Submission.objects.update(intent_at=None)


def make_a_task_that_nobody_ordered() -> None:
    task = Task.objects.get()
    task.pk = uuid4()
    task.save(force_insert=True)


def leave_waiting() -> None:
    Output.objects.update(state=OutputState.WAITING)


def leave_saving() -> None:
    Output.objects.update(state=OutputState.SAVING)


def leave_running() -> None:
    Submission.objects.update(status=Status.RUNNING)


def stop_and_never_see_its_end() -> None:
    Submission.objects.update(status=Status.STOPPED)


def charge_otherwise() -> None:
    Charge.objects.update(cost=7)


def charge_nothing() -> None:
    Charge.objects.all().delete()


BREACHES: dict[Callable[[], None], str] = {
    lose_the_task: "lost",
    count_as_refused: "lost",
    keep_other_bytes: "lost",
    make_unknown: "lost",
    forget_that_it_left: "double",
    make_a_task_that_nobody_ordered: "double",
    leave_waiting: "stuck",
    leave_saving: "stuck",
    leave_running: "stuck",
    stop_and_never_see_its_end: "stuck",
    charge_otherwise: "unequal",
    charge_nothing: "unequal",
}


def test_each_breach_is_found_and_an_order_that_went_well_breaks_no_promise(
    judged: Callable[[], Judgement],
) -> None:
    assert judged().holds, judged().verdicts
    for breach, promise in BREACHES.items():
        with undone():
            breach()
            assert getattr(judged(), promise), breach.__name__
    assert judged().holds


def test_a_call_of_unknown_outcome_may_be_at_topview_when_that_is_offered(
    judged: Callable[[], Judgement],
) -> None:
    make_unknown(offered=True)
    found = judged()
    assert found.holds, found.verdicts
    assert [(call.is_offered, call.reason) for call in found.unknown] == [(True, "No answer came.")]


def test_what_topview_keeps_to_itself_while_a_task_goes_on_is_not_lost(
    portal: SandboxDriver,
    orders: Orders,
    worker: Worker,
    credential: Credential,
    alice: Membership,
    tmp_path: Path,
) -> None:
    portal.fault("stuck", next=1)
    call = worker.submit(orders.submission())
    assert actions.stop_watching(submission=call, actor=alice.user)
    book = OrderBook()
    book.note_order(call.task.kind, call.task_id, answered=True)
    upstream = Upstream(tmp_path / "sandbox")
    wait_until(lambda: upstream.files(call.remote_id), what="the file that nobody is told of")
    found = judge(book, tmp_path / "sandbox", credential)
    assert found.holds, found.verdicts
