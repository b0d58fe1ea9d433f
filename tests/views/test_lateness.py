"""What pages say of calls that are slow or overdue, and how people find what needs them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.models import (
    ApiLogEntry,
    ApiOperation,
    Lateness,
    Membership,
    OutputState,
    Status,
    Submission,
    Task,
)
from tasks.views.frame.status_cache import forget
from tests.people import browser_of
from tests.views.rows import make_output, make_submission, make_task

ATTENTION = f"{reverse('task-list')}?status=attention"


def page_of(member: Membership, task: Task) -> str:
    return browser_of(member).get(reverse("task-page", args=[task.pk])).content.decode()


def late(member: Membership, lateness: Lateness, **facts: Any) -> Task:
    """A task that TopView has worked on for two hours."""
    at = timezone.now() - timedelta(hours=2)
    columns = {
        "lateness": lateness,
        "remote_id": "task-0123",
        "accepted_at": at,
        "slow_at": at + timedelta(minutes=9),
        "deadline_at": at + timedelta(minutes=20),
        "polls": 77,
    }
    return make_task(member, status=Status.RUNNING, created_at=at, **{**columns, **facts})


def test_a_slow_call_is_told_calmly_with_what_is_usual(mark: Membership) -> None:
    page = page_of(mark, late(mark, Lateness.SLOW))
    assert page.count("Slower than usual") == 1
    assert "Such tasks usually take 3 min." in page
    assert "Needs attention" not in page


def test_an_overdue_call_says_what_is_known_and_every_choice(mark: Membership) -> None:
    task = late(mark, Lateness.OVERDUE)
    submission = task.submissions.get()
    ApiLogEntry.objects.create(
        workspace=task.workspace,
        submission=submission,
        operation=ApiOperation.QUERY,
        at=submission.created_at,
    )
    page = page_of(mark, task)
    for words in (
        "Needs attention: past its deadline",
        "TopView accepted it at",
        "2 hr ago",
        "usually take 3 min",
        "asked about it 77 times",
        "nothing new since",
        "You need do nothing",
        "a second paid task",
        'data-copy-text="task-0123"',
        reverse("submission-stop", args=[submission.pk]),
        f"?from={task.pk}",
    ):
        assert words in page, words


def test_a_reviewer_reads_it_without_the_buttons(mark: Membership, rita: Membership) -> None:
    task = late(mark, Lateness.OVERDUE)
    page = page_of(rita, task)
    assert "past its deadline" in page
    assert reverse("submission-stop", args=[task.submissions.get().pk]) not in page
    assert " Duplicate</a>" not in page.partition("past its deadline")[2]


def test_a_failed_look_is_said(mark: Membership) -> None:
    page = page_of(mark, late(mark, Lateness.OVERDUE, reason="TopView could not be reached."))
    assert "The last time it gave no answer." in page
    assert "TopView could not be reached." in page


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.STOPPED, Status.UNKNOWN])
def test_what_is_over_says_nothing_of_its_pace(status: Status, mark: Membership) -> None:
    task = late(mark, Lateness.OVERDUE)
    Submission.objects.update(status=status)
    task.touch()
    assert "past its deadline" not in page_of(mark, task)


def test_what_waits_unsent_says_since_when_and_why(mark: Membership) -> None:
    at = timezone.now() - timedelta(hours=26)
    reason = "Waiting: no credits."
    task = make_task(mark, status=Status.QUEUED, created_at=at, lateness=Lateness.OVERDUE, reason=reason)
    page = page_of(mark, task)
    assert "Needs attention: it has waited for" in page
    assert "Nothing of it was sent or paid yet." in page
    assert "Waiting: no credits." in page


def test_the_list_says_it_in_the_row(mark: Membership) -> None:
    late(mark, Lateness.SLOW)
    late(mark, Lateness.OVERDUE)
    page = browser_of(mark).get(reverse("task-list")).content.decode()
    assert page.count("Slower than usual") == 1
    assert page.count("Needs attention: past its deadline") == 1


def test_the_list_finds_all_that_needs_a_person(mark: Membership) -> None:
    wanted = {
        late(mark, Lateness.OVERDUE, attention="").pk,
        make_task(mark, status=Status.UNKNOWN).pk,
        make_task(mark, status=Status.RUNNING, attention="TopView does not know it.").pk,
    }
    lost = make_task(mark)
    make_output(lost, state=OutputState.LOST)
    lost.touch()
    wanted.add(lost.pk)
    late(mark, Lateness.SLOW)
    make_task(mark)
    make_task(mark, status=Status.FAILED)
    client = browser_of(mark)
    assert set(Task.objects.filter(needs_attention=True).values_list("pk", flat=True)) == wanted
    page = client.get(ATTENTION).content.decode()
    assert {task for task in Task.objects.values_list("pk", flat=True) if str(task) in page} == wanted
    rows = client.get(f"{reverse('task-rows')}?status=attention").content.decode()
    assert rows.count('class="task"') == len(wanted)


def test_a_loss_that_was_made_again_is_no_longer_waited_for(mark: Membership) -> None:
    task = make_task(mark)
    make_output(task, state=OutputState.LOST)
    Submission.objects.update(status=Status.FAILED)
    make_submission(task, Status.SUCCEEDED)
    task.touch()
    assert not Task.objects.get(pk=task.pk).needs_attention


def test_the_navigation_counts_what_needs_a_person(mark: Membership, stefan: Membership) -> None:
    late(mark, Lateness.OVERDUE)
    make_task(mark, status=Status.UNKNOWN)
    for member, count in ((mark, 2), (stefan, 0)):
        forget(member.workspace_id)
        page = browser_of(member).get(reverse("profile")).content.decode()
        assert ('<span class="count">2' in page) is bool(count)
