"""Every fault × every class of call: where the portal stands, what it says, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from tasks.commands.refusals import NotPossible
from tasks.commands.submissions import actions
from tasks.contract import load
from tasks.models import Credential, Membership, Output, OutputState, Status, Submission
from tasks.sandbox.faults import KINDS
from tests.commands.conftest import Orders, Worker
from tests.commands.faults.drives import DRIVES, Drive, NoticeDrive, ledgers, revive
from tests.commands.faults.table import DOES_NOT_APPLY, MUSIC, ROWS, SCOPES, Call, Row
from tests.commands.paid_ends import END_BY_FAULT, End
from tests.sandbox_fixture import SandboxDriver
from tests.topview.server import ScriptedServer

# How long an answer is waited for that comes too late.
PATIENCE = 0.3


# Each fault of each call once. Of further codes PostgreSQL sees nothing else.
ONCE = list({(row.call, row.fault): row for row in ROWS}.values())
OF_THIS_DATABASE = ROWS if connection.vendor == "sqlite" else ONCE


@pytest.mark.proof
@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=str(row), marks=() if row in ONCE else pytest.mark.long)
        for row in OF_THIS_DATABASE
    ],
)
def test_a_fault_is_met_as_the_table_says(
    row: Row,
    portal: SandboxDriver,
    orders: Orders,
    worker: Worker,
    alice: Membership,
    impatient: None,
    catcher: ScriptedServer,
    settings: Any,
):
    drive = DRIVES[row.call](row, portal, orders, worker)
    if isinstance(drive, NoticeDrive):
        settings.NOTICE_URL, drive.caught = catcher.origin, catcher.requests
    if row.fault == "latency" and row.value > PATIENCE:
        # Not before: what leads to the fault may take a busy machine its time.
        drive.with_the_fault = lambda: setattr(settings, "TOPVIEW_READ_SECONDS", PATIENCE)

    drive.meet()

    assert drive.state() == row.state
    assert row.words in drive.words()
    assert drive.account().state == row.account
    assert drive.account().state_reason or row.account == "active"
    assert portal.accepted() == paid(drive)
    nothing_is_called_saved_that_is_not()

    portal.clear()
    settings.TOPVIEW_READ_SECONDS = 10
    revive(orders.credential, alice.user)
    drive.go_on()

    assert Credential.objects.get().state == "active"
    if (call := drive.submission) is not None:
        call.refresh_from_db()
        assert (call.status, call.failed_parts) == (row.final, row.failed_parts)
        assert call.reason or call.status == Status.SUCCEEDED
        made = row.films - row.failed_parts if row.final == Status.SUCCEEDED else 0
        assert call.outputs.count() == made
    assert portal.accepted() == paid(drive)
    assert portal.violations() == []
    ours, charges, theirs = ledgers(portal, orders.credential)
    assert ours == charges == theirs
    nothing_is_called_saved_that_is_not()


def paid(drive: Drive) -> int:
    """How many calls the portal thinks TopView has accepted."""
    return Submission.objects.exclude(remote_id="").count()


def nothing_is_called_saved_that_is_not() -> None:
    """Each saved output has its bytes; each other one is waiting for its turn, with a reason."""
    for output in Output.objects.select_related("blob"):
        if output.state == OutputState.SAVED:
            assert output.blob is not None
            with output.blob.file.open("rb") as file:
                assert len(file.read()) == output.blob.size
        else:
            assert output.state == OutputState.WAITING and output.blob is None
            assert output.error or not output.tries


@dataclass(frozen=True)
class Rest:
    """Where a paid call rests that ended badly, and whether somebody may pay for its step again."""

    status: Status
    may_be_tried_again: bool


RESTS = {
    Status.QUEUED: Rest(Status.SUCCEEDED, may_be_tried_again=False),
    Status.REFUSED: Rest(Status.REFUSED, may_be_tried_again=True),
    Status.UNKNOWN: Rest(Status.UNKNOWN, may_be_tried_again=False),
}
# One end of each sort, with and without an accepted task behind it.
SORTS = {(end.fault, end.status, end.cause, end.accepted): end for end in END_BY_FAULT}


@pytest.mark.proof
@pytest.mark.parametrize("end", SORTS.values(), ids=str)
def test_a_paid_call_that_ended_badly_comes_to_rest(
    end: End, portal: SandboxDriver, orders: Orders, worker: Worker, alice: Membership, impatient: None
):
    call = orders.submission()
    portal.fault(end.fault, scope=SCOPES[Call.SUBMIT], next=1, value=end.value)
    worker.submit(call)
    revive(orders.credential, alice.user)
    for _turn in range(2):
        worker.submit_now(call)
        worker.refresh()
    call.refresh_from_db()
    if call.status == Status.RUNNING:
        worker.finish(call)
    rest = RESTS[end.status]
    # What TopView accepted without our hearing of it may have been found by its charge.
    found = end.accepted and call.status == Status.SUCCEEDED
    assert call.status == rest.status or found
    assert call.reason or call.status == Status.SUCCEEDED
    assert portal.accepted() == (1 if end.status is Status.QUEUED else end.accepted)
    _costs, charges, theirs = ledgers(portal, orders.credential)
    assert charges == theirs
    if rest.may_be_tried_again:
        assert actions.try_again(submission=call, actor=alice.user).attempt == 2
    else:
        with pytest.raises(NotPossible):
            actions.try_again(submission=call, actor=alice.user)


def test_every_fault_has_a_row_for_every_call_or_a_reason_why_not():
    rows = {(row.fault, row.call) for row in ROWS} | {(end.fault, Call.SUBMIT) for end in END_BY_FAULT}
    assert rows.isdisjoint(DOES_NOT_APPLY)
    assert {(fault, call) for fault in KINDS for call in Call} == rows | set(DOES_NOT_APPLY)
    assert all(DOES_NOT_APPLY.values())


def test_every_code_of_the_contract_meets_every_call_that_can_be_told_one():
    documented = set(load().error_codes) - {"200"}
    for call in set(Call) - {Call.SUBMIT, Call.NOTICE, Call.BYTES, Call.DOWNLOAD}:
        told = {row.value for row in ROWS if (row.call, row.fault) == (call, "code")}
        assert documented - MUSIC <= told, call
