"""What people decide about a submission: each act, who may do it, and what happens when it comes too late."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.models import Membership, OutputState, Status, Submission
from tests.people import browser_of
from tests.views.rows import make_output, make_task

ACTS = ["cancel", "stop", "again", "adopt", "abandon"]


def act(member: Membership, submission: Submission, name: str, **data: str) -> int:
    """Post it and give the status of the answer."""
    url = reverse(f"submission-{name}", args=[submission.pk])
    return browser_of(member).post(url, data).status_code


def standing(submission: Submission) -> str:
    return Submission.objects.get(pk=submission.pk).status


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
    assert submission.moves.latest("pk").actor == mark.user


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


def test_a_given_id_is_kept_and_asked_about(mark: Membership) -> None:
    submission = make_task(mark, status=Status.UNKNOWN).submissions.get()
    url = reverse("submission-adopt", args=[submission.pk])
    page = browser_of(mark).post(url, {"remote_id": "abc-123"}, follow=True).content.decode()
    assert "asks TopView about that task" in page


def test_cancelling_too_late_says_so(mark: Membership) -> None:
    submission = make_task(mark, status=Status.RUNNING).submissions.get()
    client = browser_of(mark)
    answer = client.post(reverse("submission-cancel", args=[submission.pk]), follow=True)
    assert "had already moved on" in answer.content.decode()
    assert standing(submission) == Status.RUNNING


def test_trying_again_makes_a_second_attempt(mark: Membership) -> None:
    submission = make_task(mark, status=Status.FAILED, accepted_at=timezone.now()).submissions.get()
    assert act(mark, submission, "again") == 303
    fresh = submission.task.submissions.latest("attempt")
    assert (fresh.attempt, fresh.status) == (2, Status.QUEUED)


def test_pressing_try_again_twice_pays_once(mark: Membership) -> None:
    submission = make_task(mark, status=Status.FAILED).submissions.get()
    act(mark, submission, "again")
    act(mark, submission, "again")
    assert submission.task.submissions.count() == 2


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


def test_giving_up_needs_a_reason(mark: Membership) -> None:
    submission = make_task(mark, status=Status.UNKNOWN).submissions.get()
    answer = browser_of(mark).post(reverse("submission-abandon", args=[submission.pk]), {"reason": " "})
    assert answer.status_code == 422
    assert "Say how you know" in answer.content.decode()
    assert standing(submission) == Status.UNKNOWN


def test_a_lost_output_is_saved_again_on_request(
    mark: Membership, rita: Membership, stefan: Membership
) -> None:
    output = make_output(make_task(mark), state=OutputState.LOST)
    url = reverse("output-save-again", args=[output.pk])
    assert browser_of(rita).post(url).status_code == 403
    assert browser_of(stefan).post(url).status_code == 404
    assert browser_of(mark).post(url).status_code == 303
    output.refresh_from_db()
    assert output.state == OutputState.WAITING
