"""`advance`: compare-and-set, written whole or not at all; and what the database itself refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tasks.causes import Cause
from tasks.models import DEAD, Membership, Status, Submission, Task, TaskStatus, Transition
from tests.models.conftest import Make, make_task


def stale(submission: Submission) -> Submission:
    """The same row as another process read it a moment ago."""
    return Submission.objects.get(pk=submission.pk)


def test_of_two_that_saw_the_same_status_one_wins_and_the_other_writes_nothing(make: Make):
    submission = make()
    first, second = stale(submission), stale(submission)
    assert first.advance(Status.PREPARING, cause="claimed", lease_holder="first")
    revision = read_revision(submission)
    assert not second.advance(
        Status.CANCELLED, cause="cancelled", lease_holder="second", reason=Cause.earlier("late")
    )
    assert (second.status, second.reason, second.lease_holder) == ("queued", None, "")
    submission.refresh_from_db()
    assert (submission.status, submission.lease_holder) == ("preparing", "first")
    assert [transition.to_status for transition in Transition.objects.all()] == ["preparing"]
    assert read_revision(submission) == revision


def read_revision(submission: Submission) -> int:
    """The version of its task, as stored."""
    submission.task.refresh_from_db()
    return submission.task.revision


def test_two_with_the_same_claim_cannot_both_have_it(make: Make):
    submission = make()
    rivals = [stale(submission) for _number in range(5)]
    assert [rival.advance(Status.PREPARING, cause="claimed") for rival in rivals] == [True] + [False] * 4
    assert Transition.objects.count() == 1


def test_who_has_lost_the_lease_cannot_go_on(make: Make):
    submission = make(status=Status.PREPARING, lease_holder="new")
    assert not submission.advance(Status.SUBMITTING, cause="intent", holder="old")
    assert submission.advance(Status.SUBMITTING, cause="intent", holder="new")


def test_the_one_who_acts_is_named(make: Make, mark: Membership):
    submission = make()
    submission.advance(Status.CANCELLED, cause="cancelled", actor=mark.user)
    assert Transition.objects.get().actor == mark.user


def test_a_failure_while_writing_leaves_nothing_behind(make: Make):
    submission = make()
    with pytest.raises(IntegrityError), transaction.atomic():
        submission.advance(Status.PREPARING, cause="claimed", lease_holder=None)
    submission.refresh_from_db()
    assert submission.status == "queued"
    assert not Transition.objects.exists()


@pytest.mark.parametrize("status", [one for one in Status if one not in DEAD])
def test_a_second_living_call_of_the_same_step_is_refused_by_the_database(make: Make, status: Status):
    first = make(status=status)
    with pytest.raises(IntegrityError), transaction.atomic():
        make(first.task, attempt=2)
    make(first.task, attempt=1, item="another")


@pytest.mark.parametrize("status", DEAD)
def test_after_a_dead_call_another_may_live(make: Make, status: Status):
    first = make(status=status)
    make(first.task, attempt=2)


def test_attempts_are_counted_without_doubles(make: Make):
    first = make(status=Status.FAILED)
    with pytest.raises(IntegrityError), transaction.atomic():
        make(first.task, attempt=1)


def test_the_newest_attempt_of_each_step_sums_the_task_up(make: Make):
    first = make(status=Status.FAILED)
    task = first.task
    task.touch()
    task.refresh_from_db()
    assert task.status == TaskStatus.FAILED
    assert task.finished_at is not None
    second = make(task, attempt=2)
    task.touch()
    task.refresh_from_db()
    assert not Task.objects.filter(pk=task.pk).exclude(status=TaskStatus.QUEUED, finished_at=None).exists()
    second.advance(Status.CANCELLED, cause="cancelled")
    task.refresh_from_db()
    assert task.status == TaskStatus.CANCELLED


def test_the_time_a_task_ended_is_written_once(make: Make):
    task = make(status=Status.SUCCEEDED).task
    task.touch()
    task.refresh_from_db()
    ended = task.finished_at
    task.touch()
    task.refresh_from_db()
    assert task.finished_at == ended
    assert not task.is_moving


def test_left_behind_are_only_claims_whose_lease_is_over(make: Make):
    now = timezone.now()
    over, alive = now - timedelta(seconds=1), now + timedelta(seconds=1)
    for status in Status:
        for lease in (over, alive, None):
            make(status=status, lease_until=lease)
    found = Submission.objects.left_behind(now)
    assert sorted(found.values_list("status", flat=True)) == ["preparing", "submitting"]
    assert {one.lease_until for one in found} == {over}


def test_due_are_the_watched_ones_whose_time_has_come_the_longest_waiting_first(make: Make):
    now = timezone.now()
    for status in Status:
        for seconds in (-60, -5, 5):
            make(status=status, next_at=now + timedelta(seconds=seconds))
    due = list(Submission.objects.due(now))
    assert {one.status for one in due} == {"running", "stopped"}
    assert len(due) == 4
    assert [one.next_at for one in due] == sorted(one.next_at for one in due)


def test_nobody_asks_with_a_disabled_account(make: Make):
    now = timezone.now()
    submission = make(status=Status.RUNNING, next_at=now)
    credential = submission.task.credential
    for state, count in (("active", 1), ("paused", 1), ("disabled", 0)):
        type(credential).objects.update(state=state)
        assert Submission.objects.due(now).count() == count


@pytest.mark.parametrize("status", [*DEAD, Status.SUCCEEDED])
def test_what_is_settled_is_watched_no_more(make: Make, status: Status):
    make(status=status)
    assert not Submission.objects.watched().exists()


def test_tokens_are_unlike_each_other(mark: Membership, make: Make):
    tokens = {make(make_task(mark)).token for _number in range(20)}
    assert len(tokens) == 20
    assert all(len(token) >= 32 for token in tokens)
