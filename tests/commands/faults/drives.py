"""Drives the portal to one class of call, lets the fault meet it, and drives on when the fault is over."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import ClassVar

from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from tasks import jobs
from tasks.commands.accounts.credentials import enable
from tasks.models import (
    WATCHED,
    CatalogState,
    Charge,
    Credential,
    CredentialState,
    Output,
    OutputState,
    Status,
    Submission,
    User,
)
from tasks.wording import cause_words
from tests.commands.conftest import Orders, Worker
from tests.commands.faults.table import SCOPES, Call, Row
from tests.parts import wait_until
from tests.sandbox_fixture import SandboxDriver
from tests.topview.server import Request


class Drive:
    """The portal, and the account the faults concern."""

    #: The submission this is about, once there is one.
    submission: Submission | None = None

    def __init__(self, row: Row, portal: SandboxDriver, orders: Orders, worker: Worker) -> None:
        self.row, self.portal, self.orders, self.worker = row, portal, orders, worker
        #: What else changes when the fault comes.
        self.with_the_fault: Callable[[], None] = lambda: None

    def meet(self) -> None:
        """Come to the call, and make it while the fault is on."""
        raise NotImplementedError

    def state(self) -> str:
        """Where the portal stands."""
        raise NotImplementedError

    def words(self) -> str:
        """What people are told."""
        raise NotImplementedError

    def go_on(self) -> None:
        """The fault is over: let time pass until everything is at rest."""

    def break_it(self, *, scope: str | None = None) -> None:
        """Turn the row's fault on for its class of call."""
        self.portal.fault(self.row.fault, scope=scope or SCOPES[self.row.call], value=self.row.value)
        self.with_the_fault()

    def account(self) -> Credential:
        """The account as it is now."""
        return Credential.objects.get(pk=self.orders.credential.pk)


class SubmissionDrive(Drive):
    """What happens to a paid call, before, in and after it."""

    submission: Submission

    def state(self) -> str:
        self.submission.refresh_from_db()
        return self.submission.status

    def words(self) -> str:
        return f"{cause_words(self.submission.reason)} {cause_words(self.submission.attention)}"

    def order(self) -> None:
        """A task for as many films as the row says."""
        self.submission = self.orders.submission(count=str(self.row.films))

    def end(self) -> None:
        """Let TopView finish, unless its task is stuck or slow, and look."""
        waits = self.row.state == "running"
        if not waits:
            self.portal.finish(self.submission.remote_id)
            self.wait_for_render()
        self.worker.refresh()

    def wait_for_render(self) -> None:
        """TopView's own work takes a moment."""

        def is_over() -> bool:
            tasks = {task["taskId"]: task["status"] for task in self.portal.state()["tasks"]}
            return tasks.get(self.submission.remote_id) not in ("init", "running")

        wait_quickly(is_over, what="TopView to end")

    def go_on(self) -> None:
        for _turn in range(3):
            self.submission.refresh_from_db()
            if self.submission.status == Status.QUEUED:
                self.worker.submit_now(self.submission)
        if self.submission.status in WATCHED:
            self.worker.finish(self.submission)


class SubmitDrive(SubmissionDrive):
    """The task is made under the fault."""

    def meet(self) -> None:
        self.order()
        if self.row.fault == "one-at-a-time":
            # An unfinished task of the same product stands in the way.
            self.portal.fault("slow", scope=SCOPES[Call.SUBMIT], next=1, value=3600)
            self.other = self.worker.submit(self.orders.submission())
        self.break_it()
        self.worker.submit(self.submission)
        if self.submission.status == Status.RUNNING:
            self.end()

    def go_on(self) -> None:
        if self.row.fault == "one-at-a-time":
            self.worker.finish(self.other)
        super().go_on()


class QueryDrive(SubmissionDrive):
    """The task is under way when the fault comes."""

    def meet(self) -> None:
        self.portal.speed(3600)
        self.order()
        self.worker.submit(self.submission)
        by_task = self.row.fault in ("task-fail", "task-failed", "partial", "stuck", "slow")
        self.break_it(scope=self.submission.remote_id if by_task else None)
        self.end()


class FileDrive(SubmissionDrive):
    """The fault meets the file on its way."""

    def meet(self) -> None:
        self.order()
        self.break_it()
        self.worker.submit(self.submission)


class DownloadDrive(SubmissionDrive):
    """The film is there, and its copying meets the fault."""

    def meet(self) -> None:
        self.order()
        self.worker.finish(self.worker.submit(self.submission))
        if self.row.fault == "expired-link":
            self.break_it(scope=SCOPES[Call.QUERY])
            # An address of the days when links had died, as the one that was kept by now.
            Output.objects.update(source_url=Output.objects.get().source_url + "0")
        else:
            self.break_it()
        jobs.save_output(str(Output.objects.get().pk))

    def state(self) -> str:
        return Output.objects.get().state

    def words(self) -> str:
        return cause_words(Output.objects.get().error)

    def go_on(self) -> None:
        save_all()


class ReadingDrive(Drive):
    """A reading that is made on a schedule."""

    #: What the queue calls.
    job: ClassVar[Callable[..., None]]

    def read(self) -> None:
        """Run the job once."""
        type(self).job(str(self.orders.credential.pk))

    def meet(self) -> None:
        self.read()
        self.known = self.what_is_known()
        self.forget()
        self.break_it()
        self.read()

    def what_is_known(self) -> object:
        """What a good reading brings."""
        raise NotImplementedError

    def forget(self) -> None:
        """Make the time of the last reading show whether there is a new one."""
        raise NotImplementedError

    def go_on(self) -> None:
        self.read()
        assert (self.state(), self.what_is_known()) == ("read", self.known)


class CatalogDrive(ReadingDrive):
    """One catalog of the catalogs."""

    job = jobs.refresh_one_catalog

    def read(self) -> None:
        jobs.refresh_one_catalog(str(self.orders.credential.pk), "captions")

    def what_is_known(self) -> object:
        return sorted(
            self.orders.credential.catalog_entries.filter(gone_at=None).values_list("remote_id", flat=True)
        )

    def forget(self) -> None:
        CatalogState.objects.update(refreshed_at=None)

    def state(self) -> str:
        assert self.what_is_known() == self.known, "what was in the catalog stays there"
        return "read" if CatalogState.objects.get().refreshed_at else "not read"

    def words(self) -> str:
        return cause_words(CatalogState.objects.get().error)


class BalanceDrive(ReadingDrive):
    """The account's balance."""

    job = jobs.check_credential

    def what_is_known(self) -> object:
        return self.account().balance

    def forget(self) -> None:
        Credential.objects.update(balance_at=None)

    def state(self) -> str:
        assert self.what_is_known() == self.known, "the last balance that was told stays"
        return "read" if self.account().balance_at else "not read"

    def words(self) -> str:
        return cause_words(self.account().state_reason)


class LogDrive(ReadingDrive):
    """The credit log; there is one charge in it."""

    job = jobs.read_account

    def meet(self) -> None:
        self.worker.finish(self.worker.submit(self.orders.submission()))
        super().meet()

    def what_is_known(self) -> object:
        return sorted(Charge.objects.values_list("remote_id", "cost"))

    def forget(self) -> None:
        Charge.objects.all().delete()
        Credential.objects.update(charges_read_at=None)

    def state(self) -> str:
        return "read" if self.account().charges_read_at else "not read"

    def words(self) -> str:
        return cause_words(self.account().state_reason)


class NoticeDrive(SubmissionDrive):
    """TopView calls back, in its way. What was caught is handed to the portal's own address."""

    #: What TopView posted to us.
    caught: list[Request]

    def meet(self) -> None:
        is_forged = self.row.fault == "callback-forged"
        self.portal.speed(3600)
        self.order()
        self.break_it()
        self.worker.submit(self.submission)
        if is_forged:
            wait_quickly(lambda: self.caught, what="the forged callback")
        else:
            self.let_it_end()
        for request in self.caught:
            answer = hand_over(request)
            assert answer == json.loads(request.body)["uuid"]
        self.worker.refresh()

    def let_it_end(self) -> None:
        """Finish, with a second call whose callback the first may wait for."""
        expected = {"callback-missing": 0, "callback-duplicated": 2, "callback-reordered": 2}
        if self.row.fault == "callback-reordered":
            self.portal.clear()
            self.portal.fault(self.row.fault, scope=self.submission.remote_id)
            other = self.worker.submit(self.orders.submission())
        self.portal.finish(self.submission.remote_id)
        self.wait_for_render()
        if self.row.fault == "callback-reordered":
            self.portal.finish(other.remote_id)
        count = expected.get(self.row.fault, 1)
        wait_quickly(lambda: len(self.caught) >= count, what=f"{count} callbacks")


DRIVES: dict[Call, type[Drive]] = {
    Call.SUBMIT: SubmitDrive,
    Call.QUERY: QueryDrive,
    Call.TICKET: FileDrive,
    Call.BYTES: FileDrive,
    Call.CHECK: FileDrive,
    Call.DOWNLOAD: DownloadDrive,
    Call.CATALOG: CatalogDrive,
    Call.BALANCE: BalanceDrive,
    Call.LOG: LogDrive,
    Call.NOTICE: NoticeDrive,
}


def revive(credential: Credential, admin: User) -> None:
    """What an admin does, or the schedule: a disabled account is enabled, and either is checked."""
    credential.refresh_from_db()
    if credential.state == CredentialState.DISABLED:
        enable(credential=credential, actor=admin)
    if credential.state != CredentialState.ACTIVE:
        jobs.check_credential(str(credential.pk))


def save_all() -> None:
    """Save whatever is not saved yet, as if its time had come."""
    Output.objects.filter(state=OutputState.WAITING).update(next_at=timezone.now())
    for output in Output.objects.unsaved(timezone.now()):
        jobs.save_output(str(output.pk))


def hand_over(request: Request) -> str:
    """Post a callback to the portal as it came; the uuid that is acknowledged."""
    answer = Client().post(
        request.path,
        request.body,
        content_type="application/json",
        headers={"Topview-Uid": request.headers["topview-uid"]},
    )
    assert answer.status_code == 200, answer.content
    return str(answer.json()["result"]["uuid"])


def wait_quickly(holds: Callable[[], object], *, what: str) -> None:
    """Like `wait_until`, for what usually takes some hundredths of a second."""
    for _try in range(50):
        if holds():
            return
        time.sleep(0.01)
    wait_until(holds, what=what)


def ledgers(portal: SandboxDriver, credential: Credential) -> tuple[Decimal, Decimal, Decimal]:
    """The sum of our calls' costs, of the charges that we read, and of the sandbox's own log."""
    jobs.read_account(str(credential.pk))
    log = portal.result("GET", "/user/credit/logs?pageNo=1&pageSize=100")["data"]
    costs = Submission.objects.aggregate(sum=Sum("cost"))["sum"] or Decimal(0)
    charges = Charge.objects.aggregate(sum=Sum("cost"))["sum"] or Decimal(0)
    return costs, charges, sum((Decimal(str(row["costCredit"])) for row in log), Decimal(0))
