"""After a restored backup: what is on hold, and what an admin can do about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tasks import kinds
from tasks.models import Candidate, Charge, Credential, EvidenceKind, Membership, Status, Submission
from tasks.views.frame.status_cache import forget
from tasks.views.http.formatting import exact
from tests.people import browser_of, let_traces_appear
from tests.views.rows import make_task

pytestmark = pytest.mark.django_db
PAGE = "/settings/on-hold/"


def make_held(member: Membership, title: str = "A cup on hold") -> Submission:
    """A call that stood in the backup."""
    task = make_task(
        member, title=title, status=Status.QUEUED, quarantined_at=timezone.now(), reason="On hold: why."
    )
    forget(member.workspace_id)
    return task.submissions.get()


def read_log(call: Submission) -> None:
    """As the worker does after a restoring."""
    later = timezone.now() + timedelta(seconds=1)
    account = Credential.objects.filter(pk=call.task.credential_id)
    account.update(read_whole_at=later)


def show(member: Membership, url: str = PAGE) -> str:
    return browser_of(member).get(url).content.decode()


def post(member: Membership, name: str, *parts: object, **data: Any) -> Any:
    return browser_of(member).post(reverse(name, args=parts), data)


def test_admins_are_told_above_every_page_and_others_are_not(alice: Membership, mark: Membership) -> None:
    make_held(mark)

    assert "1 call is on hold since a backup was restored." in show(alice, "/tasks/")
    assert f'href="{PAGE}"' in show(alice, "/settings/profile/")
    assert "since a backup was restored" not in show(mark, "/tasks/")


def test_a_workspace_without_any_has_an_empty_page_and_no_alert(alice: Membership) -> None:
    page = show(alice)

    assert "Nothing is on hold" in page
    assert "Release all" not in page


@pytest.mark.postgres
def test_a_page_of_many_calls_asks_the_database_no_more_than_of_a_few(
    alice: Membership, mark: Membership
) -> None:
    def hold(number: int) -> None:
        call = make_held(mark, f"Cup {number}")
        charge = Charge.objects.create(
            workspace=call.workspace,
            credential=call.task.credential,
            charged_at=timezone.now(),
            cost=1,
            remote_id=f"remote-{number}",
            task_type="common_task_image2video",
        )
        Candidate.objects.create(
            workspace=call.workspace,
            submission=call,
            evidence=EvidenceKind.CHARGE,
            remote_id=charge.remote_id,
            charge=charge,
        )

    def queries() -> int:
        show(alice)  # and keep the frame's facts
        with CaptureQueriesContext(connection) as seen:
            assert "Cup 0" in show(alice)
        return len(seen)

    hold(0)
    few = queries()
    for number in range(1, 50):
        hold(number)
    assert "Cup 49" in show(alice)
    assert queries() <= few


def test_the_task_page_says_why_it_waits(mark: Membership) -> None:
    call = make_held(mark)

    page = show(mark, reverse("task-page", args=[call.task_id]))

    assert "On hold: why." in page
    assert "An admin decides whether it is sent." in page


@pytest.mark.postgres
def test_a_call_is_shown_with_the_charges_that_may_be_its_own(alice: Membership, mark: Membership) -> None:
    call = make_held(mark)
    assert "Not looked for yet" in show(alice)
    read_log(call)
    assert f"a trace may come until {exact(call.evidence_until())}" in show(alice)
    let_traces_appear(call)
    assert "No trace at TopView" in show(alice)
    found = Charge.objects.create(
        workspace=call.workspace,
        credential=call.task.credential,
        charged_at=timezone.now(),
        cost=2,
        remote_id="lost-and-paid",
        task_type=kinds.step(call.task.kind, call.step).pricing.credit_log_type or "",
    )
    Candidate.objects.create(
        workspace=call.workspace,
        submission=call,
        evidence=EvidenceKind.CHARGE,
        remote_id=found.remote_id,
        charge=found,
    )

    page = show(alice)

    assert "May have been paid" in page
    assert "lost-and-paid" in page
    assert "Release all" not in page


def test_one_is_released_and_another_cancelled(alice: Membership, mark: Membership) -> None:
    first, second = make_held(mark), make_held(mark)

    assert post(alice, "quarantine-release", first.pk).status_code == 303
    assert post(alice, "quarantine-cancel", second.pk).status_code == 303

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.quarantined_at, second.status) == (Status.QUEUED, None, Status.CANCELLED)


@pytest.mark.postgres
def test_all_without_a_trace_are_released_together(alice: Membership, mark: Membership) -> None:
    calls = make_held(mark), make_held(mark)
    for call in calls:
        read_log(call)
    assert "Release all without a trace" not in show(alice)
    for call in calls:
        let_traces_appear(call)
    assert "Release all without a trace" in show(alice)

    post(alice, "quarantine-release-all")

    assert not Submission.objects.quarantined().exists()
    assert "Nothing is on hold" in show(alice)


def test_one_that_was_sent_is_looked_for(alice: Membership, mark: Membership) -> None:
    call = make_held(mark)

    post(alice, "quarantine-sent", call.pk, remote_id="task-77")

    call.refresh_from_db()
    assert call.status == Status.UNKNOWN
    assert call.claims.get().remote_id == "task-77"


def test_a_mistyped_id_is_refused_with_what_was_typed(alice: Membership, mark: Membership) -> None:
    call = make_held(mark)

    answer = post(alice, "quarantine-sent", call.pk, remote_id="task 77!")

    assert answer.status_code == 422
    assert 'value="task 77!"' in answer.content.decode()
    assert "A task id has only letters" in answer.content.decode()
    assert Submission.objects.quarantined().filter(pk=call.pk).exists()


@pytest.mark.postgres
def test_a_decision_that_came_too_late_changes_nothing_and_says_so(
    alice: Membership, mark: Membership
) -> None:
    call = make_held(mark)
    post(alice, "quarantine-sent", call.pk)

    answer = browser_of(alice).post(reverse("quarantine-release", args=[call.pk]), follow=True)

    assert "A colleague was faster" in answer.content.decode()


def test_strangers_see_none_of_it(stefan: Membership, mark: Membership) -> None:
    call = make_held(mark)

    assert call.task.title not in show(stefan)
    post(stefan, "quarantine-release-all")
    assert Submission.objects.quarantined().filter(pk=call.pk).exists()
