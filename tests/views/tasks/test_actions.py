"""What people decide about a submission: each act, who may do it, and what happens when it comes too late."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.models import AuditEvent, Membership, OutputState, Status, Submission
from tests.people import browser_of
from tests.views.rows import make_output, make_submission, make_task

ACTS = ["cancel", "stop", "save-outputs", "discard-outputs", "retry", "adopt", "abandon"]


def act(member: Membership, submission: Submission, name: str, **data: str) -> int:
    """Post it and give the status of the answer."""
    url = reverse(f"submission-{name}", args=[submission.pk])
    return browser_of(member).post(url, data).status_code


def standing(submission: Submission) -> str:
    return Submission.objects.get(pk=submission.pk).status


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("name", "before", "after", "data"),
    [
        ("cancel", Status.QUEUED, Status.CANCELLED, {}),
        ("cancel", Status.PREPARING, Status.CANCELLED, {}),
        ("stop", Status.RUNNING, Status.STOPPED, {}),
        ("abandon", Status.UNKNOWN, Status.ABANDONED, {"reason": "Not on the board."}),
    ],
)
def test_an_act_moves_the_submission_and_leads_back(
    mark: Membership, name: str, before: Status, after: Status, data: dict[str, str]
) -> None:
    submission = make_task(mark, status=before).submissions.get()
    assert act(mark, submission, name, **data) == 303
    assert standing(submission) == after
    assert submission.transitions.latest("pk").actor == mark.user


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("status", list(Status))
def test_an_act_that_comes_too_late_is_no_fault(mark: Membership, name: str, status: Status) -> None:
    submission = make_task(mark, status=status).submissions.get()
    assert act(mark, submission, name, remote_id="abc", reason="Gone.") == 303


@pytest.mark.parametrize("name", ACTS)
def test_a_reviewer_may_not(mark: Membership, rita: Membership, name: str) -> None:
    submission = make_task(mark, status=Status.UNKNOWN).submissions.get()
    assert act(rita, submission, name, remote_id="abc", reason="Gone.") == 403
    assert standing(submission) == Status.UNKNOWN


@pytest.mark.parametrize("name", ACTS)
def test_a_stranger_finds_nothing(mark: Membership, stefan: Membership, name: str) -> None:
    submission = make_task(mark, status=Status.UNKNOWN).submissions.get()
    assert act(stefan, submission, name, remote_id="abc", reason="Gone.") == 404
    assert standing(submission) == Status.UNKNOWN


@pytest.mark.parametrize("name", ACTS)
def test_looking_changes_nothing(mark: Membership, name: str) -> None:
    submission = make_task(mark, status=Status.QUEUED).submissions.get()
    assert browser_of(mark).get(reverse(f"submission-{name}", args=[submission.pk])).status_code == 405
    assert standing(submission) == Status.QUEUED


@pytest.mark.postgres
def test_a_given_id_is_kept_and_asked_about(mark: Membership) -> None:
    submission = make_task(mark, status=Status.UNKNOWN).submissions.get()
    url = reverse("submission-adopt", args=[submission.pk])
    page = browser_of(mark).post(url, {"remote_id": "abc-123"}, follow=True).content.decode()
    assert "asks TopView about that task" in page


@pytest.mark.postgres
def test_cancelling_too_late_says_so(mark: Membership) -> None:
    submission = make_task(mark, status=Status.RUNNING).submissions.get()
    client = browser_of(mark)
    answer = client.post(reverse("submission-cancel", args=[submission.pk]), follow=True)
    assert "had already moved on" in answer.content.decode()
    assert standing(submission) == Status.RUNNING


@pytest.mark.postgres
def test_trying_again_makes_a_second_attempt(mark: Membership) -> None:
    submission = make_task(mark, status=Status.FAILED, accepted_at=timezone.now()).submissions.get()
    assert act(mark, submission, "retry", reason="TopView had a bad day.") == 303
    fresh = submission.task.submissions.latest("attempt")
    assert (fresh.attempt, fresh.status) == (2, Status.QUEUED)


def task_page(member: Membership, submission: Submission) -> str:
    url = reverse("task-page", args=[submission.task_id])
    return html.unescape(browser_of(member).get(url).content.decode())


@pytest.mark.postgres
@pytest.mark.parametrize(
    "before",
    [
        {"status": Status.FAILED, "accepted_at": timezone.now()},
        {"status": Status.ABANDONED},
    ],
    ids=["failed after it was accepted", "given up"],
)
@pytest.mark.parametrize("reason", [{}, {"reason": "  "}])
def test_what_may_have_been_paid_is_not_repeated_without_a_reason(
    mark: Membership, before: dict[str, Any], reason: dict[str, str]
) -> None:
    submission = make_task(mark, **before).submissions.get()
    url = reverse("submission-retry", args=[submission.pk])
    answer = browser_of(mark).post(url, reason)
    assert answer.status_code == 422
    page = html.unescape(answer.content.decode())
    assert "Say why it is started, and paid, once more." in page
    assert page.count('aria-invalid="true"') == 1
    assert submission.task.submissions.count() == 1


@pytest.mark.postgres
@pytest.mark.parametrize("before", [Status.REFUSED, Status.CANCELLED, Status.FAILED])
def test_what_was_never_accepted_needs_no_reason(mark: Membership, before: Status) -> None:
    submission = make_task(mark, status=before).submissions.get()
    assert "Reason for retrying" not in task_page(mark, submission)
    assert act(mark, submission, "retry") == 303


@pytest.mark.postgres
def test_a_refusal_does_not_make_people_forget_that_an_attempt_before_it_was_accepted(
    mark: Membership,
) -> None:
    first = make_task(mark, status=Status.FAILED, accepted_at=timezone.now()).submissions.get()
    second = make_submission(first.task, Status.REFUSED)
    assert "Reason for retrying" in task_page(mark, second)
    assert act(mark, second, "retry") == 422


@pytest.mark.postgres
def test_the_reason_of_a_repetition_is_on_the_record_and_in_the_history(
    mark: Membership, alice: Membership
) -> None:
    submission = make_task(mark, status=Status.FAILED, accepted_at=timezone.now()).submissions.get()
    act(alice, submission, "retry", reason="  The client <waits>.  ")
    event = AuditEvent.objects.get(verb="tried-again")
    assert (event.actor, event.facts["reason"], event.facts["attempt"]) == (
        alice.user,
        "The client <waits>.",
        2,
    )
    page = task_page(mark, submission)
    assert "Tried again: in queue" in page
    assert "The client <waits>." in page
    assert "Alice" in page


@pytest.mark.postgres
def test_a_reason_that_is_too_long_is_refused_and_kept(mark: Membership) -> None:
    submission = make_task(mark, status=Status.ABANDONED).submissions.get()
    answer = browser_of(mark).post(reverse("submission-retry", args=[submission.pk]), {"reason": "x" * 501})
    assert answer.status_code == 422
    assert f'value="{"x" * 501}"' in answer.content.decode()


@pytest.mark.postgres
def test_stopping_may_leave_the_results_at_topview(mark: Membership) -> None:
    submission = make_task(mark, status=Status.RUNNING).submissions.get()
    page = task_page(mark, submission)
    assert "it may still finish, and charge for it" in page and "Do not save what it makes" in page
    assert act(mark, submission, "stop", unwanted="on") == 303
    submission.refresh_from_db()
    assert (submission.status, submission.keeps_outputs) == (Status.STOPPED, False)
    page = task_page(mark, submission)
    assert "is not saved here, as was wished" in page
    assert "what it makes is not to be saved" in page


@pytest.mark.postgres
def test_stopping_saves_what_comes_unless_told_otherwise(mark: Membership) -> None:
    submission = make_task(mark, status=Status.RUNNING).submissions.get()
    act(mark, submission, "stop")
    submission.refresh_from_db()
    assert submission.keeps_outputs
    assert "still saved here" in task_page(mark, submission)


@pytest.mark.postgres
def test_the_choice_can_be_changed_and_each_change_is_on_the_record(mark: Membership) -> None:
    submission = make_task(mark, status=Status.STOPPED).submissions.get()
    for name, keeps in (
        ("discard-outputs", False),
        ("discard-outputs", False),
        ("save-outputs", True),
        ("save-outputs", True),
    ):
        assert act(mark, submission, name) == 303
        submission.refresh_from_db()
        assert submission.keeps_outputs is keeps
    verbs = [event.verb for event in AuditEvent.objects.order_by("pk")]
    assert verbs == ["outputs-unwanted", "outputs-wanted"]
    page = task_page(mark, submission)
    assert "What it makes is to be saved after all" in page


@pytest.mark.parametrize("status", [one for one in Status if one != Status.STOPPED])
def test_only_what_nobody_watches_is_left_at_topview(mark: Membership, status: Status) -> None:
    submission = make_task(mark, status=status).submissions.get()
    act(mark, submission, "discard-outputs")
    submission.refresh_from_db()
    assert submission.keeps_outputs


@pytest.mark.postgres
def test_what_is_not_wanted_is_shown_so_and_can_be_saved_after_all(mark: Membership) -> None:
    task = make_task(mark, keeps_outputs=False)
    output = make_output(task, state=OutputState.WAITING)
    page = task_page(mark, task.submissions.get())
    assert "Not saved, as was wished" in page
    assert "saving a copy here" not in page
    assert 'hx-get="/tasks/' not in page.partition('id="task-live"')[2].partition(">")[0]
    assert browser_of(mark).post(reverse("output-retry-save", args=[output.pk])).status_code == 303
    assert task.submissions.get().keeps_outputs


@pytest.mark.postgres
def test_pressing_try_again_twice_pays_once(mark: Membership) -> None:
    submission = make_task(mark, status=Status.FAILED).submissions.get()
    act(mark, submission, "retry")
    act(mark, submission, "retry")
    assert submission.task.submissions.count() == 2


@pytest.mark.postgres
@pytest.mark.parametrize("remote_id", ["", "two words", "x" * 121, "../../etc", "id\x00"])
def test_an_id_that_cannot_be_one_is_refused_and_kept(mark: Membership, remote_id: str) -> None:
    submission = make_task(mark, status=Status.UNKNOWN).submissions.get()
    url = reverse("submission-adopt", args=[submission.pk])
    answer = browser_of(mark).post(url, {"remote_id": remote_id})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    if remote_id.isprintable():
        assert f'value="{remote_id}"' in answer.content.decode()
    assert standing(submission) == Status.UNKNOWN


@pytest.mark.postgres
def test_giving_up_needs_a_reason(mark: Membership) -> None:
    submission = make_task(mark, status=Status.UNKNOWN).submissions.get()
    answer = browser_of(mark).post(reverse("submission-abandon", args=[submission.pk]), {"reason": " "})
    assert answer.status_code == 422
    assert "Say how you know" in answer.content.decode()
    assert standing(submission) == Status.UNKNOWN


@pytest.mark.postgres
def test_a_lost_output_is_saved_again_on_request(
    mark: Membership, rita: Membership, stefan: Membership
) -> None:
    output = make_output(make_task(mark), state=OutputState.LOST)
    url = reverse("output-retry-save", args=[output.pk])
    assert browser_of(rita).post(url).status_code == 403
    assert browser_of(stefan).post(url).status_code == 404
    assert browser_of(mark).post(url).status_code == 303
    output.refresh_from_db()
    assert output.state == OutputState.WAITING
