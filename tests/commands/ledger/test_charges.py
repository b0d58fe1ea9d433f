"""The credit log: every charge is written once, whatever happens, and stands beside its task."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from tasks import jobs
from tasks.commands.ledger.charges import ask_charges_after_task
from tasks.models import Charge, Credential, CredentialState, Status, Submission
from tests.commands.accounts.test_credential_state import everything_stored
from tests.commands.conftest import Orders, Worker
from tests.sandbox_fixture import SandboxDriver
from tests.threads import all_at_once
from tests.topview.server import ScriptedServer, Step, says

LATELY = (timezone.now() - timedelta(hours=1)).isoformat(timespec="seconds")
SPACE = says({"usedDiskSpace": {"size": 500, "unit": "byte"}, "maxDiskSpace": {"size": 2000, "unit": "byte"}})


def row(task: str = "t1", cost: float = 5, at: str = LATELY, kind: str = "m2v") -> dict[str, Any]:
    """A charge as TopView tells it, with the key that must not be kept."""
    return {
        "uid": SandboxDriver.uid,
        "apiKey": SandboxDriver.key,
        "date": at,
        "costCredit": cost,
        "taskId": task,
        "taskType": kind,
    }


def page(*rows: dict[str, Any], total: int | None = None) -> Step:
    """One page of the log."""
    return says(
        {"total": len(rows) if total is None else total, "pageNo": 1, "pageSize": 50, "data": [*rows]}
    )


@pytest.fixture
def told(credential: Credential, settings: Any) -> Any:
    """Read the account from a TopView that says exactly this, one window long."""

    def told(*steps: Step) -> list[Charge]:
        Credential.objects.update(charges_read_at=timezone.now())
        credential.refresh_from_db()
        with ScriptedServer([*steps, SPACE]) as server:
            settings.SANDBOX_URL = server.origin
            jobs.read_account(str(credential.pk))
        return list(Charge.objects.order_by("pk"))

    return told


def read(credential: Credential) -> Credential:
    """Run the job; the row as it is afterwards."""
    jobs.read_account(str(credential.pk))
    credential.refresh_from_db()
    return credential


def finished(orders: Orders, worker: Worker) -> Submission:
    """A call that was made, charged and saved."""
    return worker.finish(worker.submit(orders.submission()))


def test_a_charge_stands_beside_the_call_it_was_for(
    portal: SandboxDriver, orders: Orders, worker: Worker, credential: Credential
):
    submission = finished(orders, worker)
    read(credential)
    (charge,) = Charge.objects.all()
    assert charge.submission == submission
    assert charge.cost == submission.cost
    assert charge.remote_id == submission.remote_id
    assert charge.charged_at is not None
    assert portal.violations() == []


def test_reading_again_and_again_writes_each_charge_once(
    orders: Orders, worker: Worker, credential: Credential
):
    for _number in range(3):
        finished(orders, worker)
        read(credential)
    read(credential)
    assert Charge.objects.count() == 3
    assert Charge.objects.filter(submission=None).count() == 0


def test_the_disk_space_is_read_with_the_log(orders: Orders, worker: Worker, credential: Credential):
    finished(orders, worker)
    read(credential)
    assert credential.space_used is not None
    assert credential.space_most is not None
    assert 0 < credential.space_used < credential.space_most


def test_the_key_in_the_log_never_reaches_the_database(
    portal: SandboxDriver, orders: Orders, worker: Worker, credential: Credential, told: Any
):
    finished(orders, worker)
    read(credential)
    assert portal.result("GET", "/user/credit/logs")["data"][0]["apiKey"] == portal.key
    told(page(row(), row(task="", kind="")))
    assert Charge.objects.count() == 3
    assert portal.key not in everything_stored()


def test_the_first_reading_goes_back_a_month_in_windows(credential: Credential, settings: Any):
    with ScriptedServer([page()] * 5 + [SPACE]) as server:
        settings.SANDBOX_URL = server.origin
        read(credential)
        windows = [
            (request.query["startTime"], request.query["endTime"])
            for request in server.requests
            if request.path == "/user/credit/logs"
        ]
    first = datetime.strptime(windows[0][0], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert timezone.now() - first >= timedelta(days=30)
    assert [start for start, _end in windows[1:]] == [end for _start, end in windows[:-1]]
    assert credential.charges_read_at is not None
    assert credential.charges_read_at.strftime("%Y-%m-%d %H:%M:%S") == windows[-1][1]


def test_a_later_reading_overlaps_the_one_before(credential: Credential, settings: Any):
    before = timezone.now() - timedelta(minutes=5)
    Credential.objects.update(charges_read_at=before)
    with ScriptedServer([page(), SPACE]) as server:
        settings.SANDBOX_URL = server.origin
        read(credential)
        start = server.requests[0].query["startTime"]
    assert start < before.strftime("%Y-%m-%d %H:%M:%S")


def test_what_was_read_before_a_failure_is_kept_and_the_rest_is_read_later(
    credential: Credential, settings: Any
):
    now = timezone.now()
    old = row(at=(now - timedelta(days=25)).isoformat())
    with ScriptedServer([page(old), says({"nothing": "like a page"})]) as server:
        settings.SANDBOX_URL = server.origin
        read(credential)
    assert Charge.objects.count() == 1
    assert credential.charges_read_at is not None
    assert credential.charges_read_at < now - timedelta(days=20)
    assert credential.read_whole_at is None
    with ScriptedServer([page()] * 4 + [SPACE]) as server:
        settings.SANDBOX_URL = server.origin
        read(credential)
    assert Charge.objects.count() == 1
    assert credential.charges_read_at >= now
    assert credential.is_read_since(now)


def test_equal_charges_are_told_apart_by_number(told: Any):
    assert len(told(page(row(), row()), page(row(), row()))) == 2
    charges = told(page(row(), row(), row()), page(row(), row(), row()))
    assert [charge.number for charge in charges] == [0, 1, 2]
    assert len(told(page(row()))) == 3


def test_a_charge_seen_twice_because_a_page_moved_on_is_written_once(told: Any):
    moved = [page(row("new"), row("a"), total=4), page(row("a"), row("b"), total=4)]
    steady = [page(row("new"), row("a"), row("b"))]
    assert [charge.remote_id for charge in told(*moved, *steady)] == ["new", "a", "b"]


def test_charges_without_a_time_are_kept_and_not_repeated(told: Any):
    odd = [row(at="some day"), row(task="t2", at="")]
    assert len(told(page(*odd))) == 2
    assert [charge.charged_at for charge in told(page(*odd))] == [None, None]


def test_a_charge_of_another_program_is_kept_as_not_ours(told: Any):
    (charge,) = told(page(row(task="made elsewhere")))
    assert charge.submission is None


def test_a_charge_finds_its_call_when_that_becomes_known_later(
    orders: Orders, worker: Worker, credential: Credential
):
    submission = finished(orders, worker)
    remote_id = submission.remote_id
    Submission.objects.update(remote_id="")
    read(credential)
    assert Charge.objects.get().submission is None
    Submission.objects.update(remote_id=remote_id)
    read(credential)
    assert Charge.objects.get().submission == submission


def test_a_task_of_another_credential_is_not_taken_for_ours(
    orders: Orders, worker: Worker, credential: Credential, told: Any, portal: SandboxDriver
):
    other = Credential.objects.create(
        workspace=credential.workspace, name="Other", service="sandbox", uid="Other", encrypted_key=b"-"
    )
    submission = finished(orders, worker)
    submission.task.credential = other
    submission.task.save()
    read(credential)
    assert Charge.objects.get().submission is None


def test_several_charges_of_one_task_id_are_shared_out_among_its_calls(
    orders: Orders, worker: Worker, told: Any
):
    first = finished(orders, worker)
    second = Submission.objects.create(
        workspace=first.workspace,
        task=first.task,
        step=first.step,
        item="1",
        status=Status.SUCCEEDED,
        remote_id=first.remote_id,
    )
    remote_id = first.remote_id
    later = (timezone.now() + timedelta(seconds=5)).isoformat()
    told(page(row(remote_id), row(remote_id, at=later)))
    assert {charge.submission for charge in Charge.objects.all()} == {first, second}


def test_a_call_whose_cost_is_not_told_keeps_it_untold_beside_its_charge(
    orders: Orders, worker: Worker, credential: Credential
):
    submission = finished(orders, worker)
    Submission.objects.update(cost=None)
    read(credential)
    submission.refresh_from_db()
    assert submission.cost is None
    assert submission.charges.get().cost > 0


def test_amounts_are_exact(told: Any):
    (charge,) = told(page(row(cost=0.1)))
    assert charge.cost == Decimal("0.1")
    assert len(told(page(row(cost=0.1)))) == 1


def test_a_refused_key_takes_the_account_out_of_use(portal: SandboxDriver, credential: Credential):
    portal.fault("code", scope="listCreditLogs", value=401)
    assert read(credential).state == CredentialState.DISABLED
    assert credential.charges_read_at is None


def test_a_lost_key_stops_nothing_else(credential: Credential):
    Credential.objects.update(encrypted_key=b"not a token")
    assert read(credential).charges_read_at is None


def test_a_task_that_ends_has_the_log_read_but_not_again_at_once(
    orders: Orders, worker: Worker, credential: Credential
):
    OrmQ.objects.all().delete()
    finished(orders, worker)
    finished(orders, worker)
    asked = [message.args() for message in OrmQ.objects.all() if message.func() == "tasks.jobs.read_account"]
    assert asked == [(str(credential.pk),)]


def test_the_schedule_reads_every_account_that_is_not_disabled(credential: Credential):
    OrmQ.objects.all().delete()
    jobs.read_accounts()
    assert [message.func() for message in OrmQ.objects.all()] == ["tasks.jobs.read_account"]
    Credential.objects.update(state=CredentialState.DISABLED)
    jobs.read_accounts()
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_readings_at_the_same_time_write_each_charge_once(
    orders: Orders, worker: Worker, credential: Credential
):
    finished(orders, worker)
    all_at_once([partial(jobs.read_account, str(credential.pk)) for _reader in range(3)])
    assert Charge.objects.count() == 1


def test_two_credentials_are_asked_for_each(credential: Credential):
    other = Credential.objects.create(
        workspace=credential.workspace, name="Other", service="sandbox", uid="Other", encrypted_key=b"-"
    )
    OrmQ.objects.all().delete()
    ask_charges_after_task(credential=credential)
    ask_charges_after_task(credential=other)
    ask_charges_after_task(credential=other)
    assert OrmQ.objects.count() == 2
