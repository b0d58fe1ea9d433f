"""Two connections at once, on the real database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connections, transaction

from tasks.models import Status, Submission, Task
from tests.models.conftest import Make

pytestmark = pytest.mark.django_db(transaction=True)


def beside(work: Callable[[], object]) -> threading.Thread:
    """Start `work` in a thread with a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_summary_is_never_older_than_what_it_sums_up(make: Make):
    submission = make(status=Status.PREPARING)
    task = submission.task
    with transaction.atomic():
        assert submission.advance(Status.CANCELLED, cause="cancelled")
        # Something else of the task becomes visible, such as how far an upload is, before this is committed.
        other = beside(lambda: Task.objects.get(pk=task.pk).touch())
        time.sleep(0.3)
    other.join(10)
    task.refresh_from_db()
    assert task.status == "cancelled"
    assert task.version == 3


def test_of_many_at_once_one_wins(make: Make):
    submission = make()
    gate = threading.Barrier(8)
    won = []

    def claim() -> None:
        mine = Submission.objects.get(pk=submission.pk)
        gate.wait(10)
        won.append(mine.advance(Status.PREPARING, cause="claimed"))

    for thread in [beside(claim) for _number in range(8)]:
        thread.join(30)
    assert sorted(won) == [False] * 7 + [True]
    assert submission.moves.count() == 1
    assert submission.task.submissions.get().status == "preparing"
