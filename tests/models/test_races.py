"""Two connections at once, on the real database."""

from __future__ import annotations

import time
from functools import partial

import pytest
from django.db import transaction

from tasks.models import Status, Submission, Task
from tests.models.conftest import Make
from tests.threads import all_at_once, beside

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_summary_is_never_older_than_what_it_sums_up(make: Make):
    submission = make(status=Status.PREPARING)
    task = submission.task
    with transaction.atomic():
        assert submission.advance(Status.CANCELLED, cause="cancelled")
        # Something else of the task becomes visible, such as how far an upload is, before this is committed.
        other = beside(lambda: Task.objects.get(pk=task.pk).touch())
        time.sleep(0.3)
    other.join(60)
    task.refresh_from_db()
    assert task.status == "cancelled"
    assert task.revision == 3


def test_of_many_at_once_one_wins(make: Make):
    submission = make()
    rivals = [Submission.objects.get(pk=submission.pk) for _number in range(8)]
    won: list[bool] = []

    def claim(rival: Submission) -> None:
        won.append(rival.advance(Status.PREPARING, cause="claimed"))

    all_at_once([partial(claim, rival) for rival in rivals])
    assert sorted(won) == [False] * 7 + [True]
    assert submission.transitions.count() == 1
    assert submission.task.submissions.get().status == "preparing"
