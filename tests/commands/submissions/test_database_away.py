"""The database goes away for a moment just when TopView's answer to a paid call has come."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from time import sleep

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models.signals import post_save

from tasks.models import Credential, CredentialState, Status, Transition
from tests.commands.conftest import Orders, Worker
from tests.sandbox_fixture import SandboxDriver

pytestmark = pytest.mark.django_db(transaction=True)
SUBMIT = "submitCommonImage2Video"


@pytest.fixture
def blink() -> Iterator[Callable[[], None]]:
    """Makes the database refuse the next write of this connection; a moment later it is back."""
    locks: list[threading.Thread] = []

    def lock_for_a_moment(is_locked: threading.Event) -> None:
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, uri=True)
        other.execute("BEGIN IMMEDIATE")
        is_locked.set()
        sleep(1)
        other.close()

    def away() -> None:
        if connection.vendor == "sqlite":
            # Of this connection alone, so that the next one waits as it does in use.
            connection.connection.execute("PRAGMA busy_timeout = 10")
            is_locked = threading.Event()
            locks.append(threading.Thread(target=lock_for_a_moment, args=[is_locked]))
            locks[-1].start()
            assert is_locked.wait(10)
        else:
            info = connection.connection.info
            with psycopg.connect(info.dsn, password=info.password or None, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [info.backend_pid])

    yield away
    for lock in locks:
        lock.join(10)


@pytest.fixture
def once_intended(blink: Callable[[], None]) -> Iterator[None]:
    """The database blinks as soon as the next intent is on disk: the answer meets it."""

    def listen(instance: Transition, **_facts: object) -> None:
        if instance.to_status == Status.SUBMITTING:
            post_save.disconnect(listen, sender=Transition)
            transaction.on_commit(blink)

    post_save.connect(listen, sender=Transition)
    yield
    post_save.disconnect(listen, sender=Transition)


@pytest.mark.usefixtures("once_intended")
class TestWhileTheAnswerIsWritten:
    @pytest.mark.parametrize(
        ("fault", "value", "status"),
        [
            ("code", 6001, Status.REFUSED),
            ("http-before", 422, Status.REFUSED),
            ("code", 5003, Status.QUEUED),
            ("code", 4004, Status.QUEUED),
        ],
    )
    def test_what_was_surely_not_accepted_does_not_become_unknown(
        self, fault: str, value: int, status: Status, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        portal.fault(fault, scope=SUBMIT, next=1, value=value)
        submission = worker.submit(orders.submission())
        assert (submission.status, submission.lease_until) == (status, None)
        assert portal.accepted() == 0

    def test_an_account_that_was_refused_is_out_of_use(
        self, portal: SandboxDriver, orders: Orders, worker: Worker
    ):
        portal.fault("code", scope=SUBMIT, next=1, value=401)
        assert worker.submit(orders.submission()).status == Status.REFUSED
        assert Credential.objects.get().state == CredentialState.DISABLED

    def test_what_was_accepted_is_followed(self, portal: SandboxDriver, orders: Orders, worker: Worker):
        submission = worker.submit(orders.submission())
        assert submission.status == Status.RUNNING
        assert submission.remote_id == portal.state()["tasks"][0]["taskId"]
