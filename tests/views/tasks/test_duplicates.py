"""A second order of what may be on its way already: each door asks why, on the record."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from tasks.models import AuditEvent, Membership, Status, Submission, Task
from tests.people import browser_of
from tests.views.rows import COUNTING, make_account, make_file, make_submission

NEW = reverse("task-new", args=[COUNTING.slug])
FILE = next(name for name, field in COUNTING.inputs.own_fields() if field.widget_kind == "asset")
LIVE = (
    Status.UNKNOWN,
    Status.QUEUED,
    Status.PREPARING,
    Status.SUBMITTING,
    Status.RUNNING,
    Status.STOPPED,
)
REASON = "The client wants a second take."


def answers(member: Membership) -> dict[str, Any]:
    own = {FILE: str(make_file(member).pk), "prompt": "It turns.", "mode": "lite", "duration": "5"}
    return {"count": "2", **own}


def send(member: Membership, sent: dict[str, Any], **more: str) -> HttpResponseBase:
    return browser_of(member).post(NEW, {**sent, "task_id": str(uuid4()), **more})


def ordered(member: Membership, sent: dict[str, Any], status: Status, **more: str) -> Task:
    """An order of the form that has got as far as `status` since."""
    order_id = str(uuid4())
    assert browser_of(member).post(NEW, {**sent, **more, "task_id": order_id}).status_code == 303
    task = Task.objects.get(pk=order_id)
    task.submissions.update(status=status)
    task.touch()
    return Task.objects.get(pk=order_id)


@pytest.mark.parametrize("status", LIVE)
def test_made_again_from_what_is_alive_it_asks_why_and_keeps_all_that_was_typed(
    status: Status, mark: Membership
) -> None:
    make_account(mark.workspace)
    sent = answers(mark)
    first = ordered(mark, sent, status)
    again = {**sent, "from": str(first.pk)}
    answer = browser_of(mark).post(NEW, {**again, "task_id": str(uuid4())})
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert f'data-status="{first.status}"' in page and reverse("task-page", args=[first.pk]) in page
    assert 'name="reason"' in page and "It turns." in page and f'value="{sent[FILE]}"' in page
    assert f'name="from" value="{first.pk}"' in page
    assert Submission.objects.count() == 1
    assert send(mark, again, another="1").status_code == 422
    assert send(mark, again, reason="  ").status_code == 422
    assert send(mark, again, reason=REASON).status_code == 303
    assert Submission.objects.count() == 2


@pytest.mark.postgres
def test_the_reason_stands_in_the_audit_and_in_the_history_of_both_tasks(mark: Membership) -> None:
    make_account(mark.workspace)
    sent = answers(mark)
    first = ordered(mark, sent, Status.UNKNOWN)
    send(mark, sent, reason=REASON, **{"from": str(first.pk)})
    second = Task.objects.exclude(pk=first.pk).get()
    event = AuditEvent.objects.get(verb="made-again")
    assert (event.actor, event.subject_id) == (mark.user, str(second.pk))
    facts = {"duplicate": str(first.pk), "state": "unknown", "reason": REASON}
    assert event.facts == facts
    for task in (first, second):
        page = browser_of(mark).get(reverse("task-page", args=[task.pk])).content.decode()
        assert REASON in page


@pytest.mark.postgres
def test_a_reason_without_a_duplicate_is_told_nowhere(mark: Membership) -> None:
    make_account(mark.workspace)
    assert send(mark, answers(mark), reason=REASON).status_code == 303
    assert not AuditEvent.objects.filter(verb="made-again").exists()
    assert Submission.objects.get().transitions.get().detail == ""


@pytest.mark.postgres
def test_a_colleague_who_makes_the_same_again_is_asked_too(mark: Membership, alice: Membership) -> None:
    make_account(mark.workspace)
    sent = answers(mark)
    first = ordered(mark, sent, Status.UNKNOWN)
    assert send(alice, sent, **{"from": str(first.pk)}).status_code == 422
    assert send(alice, sent).status_code == 422
    assert Submission.objects.count() == 1


@pytest.mark.postgres
def test_however_old_it_is_what_nobody_knows_the_outcome_of_is_asked_about(mark: Membership) -> None:
    make_account(mark.workspace)
    sent = answers(mark)
    ordered(mark, sent, Status.UNKNOWN)
    Task.objects.update(created_at=timezone.now() - timedelta(days=3))
    assert send(mark, sent).status_code == 422


@pytest.mark.postgres
def test_made_again_with_other_answers_it_asks_too_while_the_first_is_alive(mark: Membership) -> None:
    make_account(mark.workspace)
    sent = answers(mark)
    first = ordered(mark, sent, Status.UNKNOWN)
    changed = {**sent, "prompt": "It turns slowly.", "from": str(first.pk)}
    assert send(mark, changed).status_code == 422
    assert send(mark, {**changed, "from": ""}).status_code == 303


@pytest.mark.postgres
def test_a_duplicate_of_a_duplicate_is_asked_about_for_either(mark: Membership) -> None:
    make_account(mark.workspace)
    sent = answers(mark)
    first = ordered(mark, sent, Status.UNKNOWN)
    second = ordered(mark, sent, Status.FAILED, reason=REASON, **{"from": str(first.pk)})
    assert send(mark, sent, **{"from": str(second.pk)}).status_code == 422
    assert Submission.objects.count() == 2


@pytest.mark.postgres
def test_what_was_given_up_and_may_turn_up_is_asked_about_when_it_is_made_again(mark: Membership) -> None:
    make_account(mark.workspace)
    sent = answers(mark)
    first = ordered(mark, sent, Status.ABANDONED)
    assert send(mark, sent, **{"from": str(first.pk)}).status_code == 422
    assert send(mark, {**sent, "prompt": "Else."}, **{"from": str(first.pk)}).status_code == 303


@pytest.mark.postgres
def test_what_is_over_is_made_again_without_a_question(mark: Membership) -> None:
    make_account(mark.workspace)
    sent = answers(mark)
    for status in (Status.FAILED, Status.REFUSED, Status.CANCELLED, Status.SUCCEEDED):
        first = ordered(mark, sent, status)
        assert send(mark, sent, **{"from": str(first.pk)}).status_code == 303
        Submission.objects.update(status=Status.FAILED)
        for task in Task.objects.all():
            task.touch()


@pytest.mark.postgres
def test_trying_again_what_was_made_again_meanwhile_asks_for_a_reason(mark: Membership) -> None:
    make_account(mark.workspace)
    sent = answers(mark)
    first = ordered(mark, sent, Status.REFUSED)
    ordered(mark, sent, Status.RUNNING, **{"from": str(first.pk)})
    call = first.submissions.get()
    again = reverse("submission-retry", args=[call.pk])
    answer = browser_of(mark).post(again)
    assert answer.status_code == 422
    assert 'name="reason"' in answer.content.decode()
    assert Submission.objects.count() == 2
    assert browser_of(mark).post(again, {"reason": REASON}).status_code == 303
    assert Submission.objects.count() == 3


@pytest.mark.postgres
def test_a_strangers_equal_order_asks_nobody_here(mark: Membership, stefan: Membership) -> None:
    make_account(mark.workspace)
    make_account(stefan.workspace)
    sent = answers(mark)
    first = ordered(mark, sent, Status.UNKNOWN)
    Task.objects.update(workspace=stefan.workspace)
    assert send(mark, sent).status_code == 303
    assert send(mark, sent, **{"from": str(first.pk)}).status_code == 404


@pytest.mark.postgres
def test_a_second_attempt_that_is_alive_counts_like_the_first(mark: Membership) -> None:
    make_account(mark.workspace)
    sent = answers(mark)
    first = ordered(mark, sent, Status.REFUSED)
    make_submission(first, Status.RUNNING)
    first.touch()
    assert send(mark, sent, **{"from": str(first.pk)}).status_code == 422
