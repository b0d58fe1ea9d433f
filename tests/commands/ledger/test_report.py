"""Charges that nobody here made, and calls that nobody was charged for: found, adopted, set aside."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tasks import jobs
from tasks.commands.evidence import decisions
from tasks.commands.ledger.adoption import adopt_charge, adoptable_as, set_charge_aside, take_charge_back
from tasks.commands.ledger.report import never_charged, set_aside, unclaimed
from tasks.commands.refusals import NotPossible
from tasks.commands.submissions import actions
from tasks.commands.submissions.submit import submit
from tasks.kinds import KINDS
from tasks.kinds.base import Step, TaskKind
from tasks.models import (
    AuditEvent,
    Charge,
    Credential,
    Membership,
    Output,
    Status,
    Submission,
    Task,
    Workspace,
)
from tasks.topview.expiry import LIFETIME
from tests.commands.conftest import Orders, Worker, running
from tests.commands.evidence.test_lost_calls import made_elsewhere
from tests.people import browser_of
from tests.sandbox_fixture import SandboxDriver

QUERY = "/v1/common_task/image2video/result"
LOGGED = [(kind, step) for kind in KINDS.values() for step in kind.steps if step.pricing.credit_log_type]


def read(credential: Credential, *, minutes: float = 10) -> None:
    """Read the log, and let some time go by."""
    jobs.read_account(str(credential.pk))
    earlier = timezone.now() - timedelta(minutes=minutes)
    Charge.objects.update(charged_at=earlier)
    Credential.objects.update(created_at=earlier - timedelta(days=1))


@pytest.fixture
def foreign(portal: SandboxDriver, credential: Credential, tmp_path: Path) -> Charge:
    """A charge for a film that somebody made on TopView's own site."""
    remote_id = made_elsewhere(portal, tmp_path)
    portal.finish(remote_id)
    portal.wait(QUERY, remote_id)
    read(credential)
    return Charge.objects.get()


def as_film(charge: Charge) -> tuple[TaskKind, Step]:
    """The first product that the log names so."""
    return next((kind, step) for kind, step in adoptable_as(charge) if kind.slug == "image-to-video")


def adopt(charge: Charge, actor: Membership) -> Task:
    kind, step = as_film(charge)
    return adopt_charge(charge=charge, kind=kind, step=step, actor=actor.user)


def test_a_charge_that_nobody_here_made_is_found(foreign: Charge, studio: Workspace) -> None:
    assert list(unclaimed(studio.pk)) == [foreign]


def test_adopted_it_is_a_task_with_its_films_saved_and_nothing_is_paid(
    foreign: Charge, studio: Workspace, alice: Membership, worker: Worker, portal: SandboxDriver
) -> None:
    accepted = portal.accepted()
    task = adopt(foreign, alice)
    assert (task.is_adopted, task.owner) == (True, alice.user)
    assert not unclaimed(studio.pk).exists()
    call = worker.finish(task.submissions.get())
    assert call.status == Status.SUCCEEDED
    assert call.cost == foreign.cost
    assert worker.save(call.outputs.get()).state == "saved"
    foreign.refresh_from_db()
    assert foreign.submission == call
    transition = call.transitions.get(cause="adopted")
    assert (transition.actor, transition.detail) == (alice.user, foreign.remote_id)
    assert AuditEvent.objects.get(verb="charge-adopted").actor == alice.user
    task.refresh_from_db()
    assert task.status == "succeeded"
    assert portal.accepted() == accepted


def test_the_days_that_topview_keeps_an_adopted_film_are_counted_from_its_charge(
    foreign: Charge, alice: Membership, worker: Worker
) -> None:
    foreign.charged_at = timezone.now() - LIFETIME + timedelta(hours=3)
    foreign.save()

    call = worker.finish(adopt(foreign, alice).submissions.get())

    assert call.outputs.get().kept_until == foreign.charged_at + LIFETIME
    assert Output.objects.at_risk(timezone.now()).exists()


def test_adopting_twice_lands_on_the_same_task(
    foreign: Charge, alice: Membership, portal: SandboxDriver
) -> None:
    assert adopt(foreign, alice) == adopt(foreign, alice)
    assert Task.objects.count() == Submission.objects.count() == 1


def test_what_a_call_follows_is_not_adopted(
    foreign: Charge, orders: Orders, worker: Worker, alice: Membership
) -> None:
    call = running(orders, worker)
    Submission.objects.filter(pk=call.pk).update(remote_id=foreign.remote_id)
    with pytest.raises(NotPossible):
        adopt(foreign, alice)


def test_a_wrong_guess_is_put_right_on_the_same_task(
    foreign: Charge, alice: Membership, worker: Worker
) -> None:
    kind, step = next(one for one in adoptable_as(foreign) if one[0].slug != "image-to-video")
    task = adopt_charge(charge=foreign, kind=kind, step=step, actor=alice.user)
    worker.refresh()
    call = task.submissions.get()
    assert call.attention
    page = browser_of(alice).get(f"/tasks/{task.pk}/").content.decode()
    assert "Choose another format" in page
    assert adopt(foreign, alice) == task
    assert worker.finish(task.submissions.get()).status == Status.SUCCEEDED


def test_nothing_of_an_adopted_task_is_ever_sent(
    foreign: Charge, alice: Membership, worker: Worker, portal: SandboxDriver
) -> None:
    task = adopt(foreign, alice)
    call = worker.finish(task.submissions.get())
    accepted = portal.accepted()
    Submission.objects.filter(pk=call.pk).update(status=Status.FAILED)
    call.refresh_from_db()
    with pytest.raises(NotPossible):
        actions.try_again(submission=call, actor=alice.user, reason="Once more.")
    submit(submission_id=call.pk)
    assert Submission.objects.count() == 1
    assert portal.accepted() == accepted


def test_a_charge_that_a_lost_call_may_still_be_is_not_offered(
    orders: Orders, worker: Worker, portal: SandboxDriver, credential: Credential, studio: Workspace
) -> None:
    portal.speed(600)
    for _number in range(2):
        portal.fault("drop-after", scope="submits", next=1)
        assert worker.submit(orders.submission()).status == Status.UNKNOWN
    remote_id = portal.state()["tasks"][0]["taskId"]
    portal.finish(remote_id)
    portal.wait(QUERY, remote_id)
    read(credential)
    assert Charge.objects.count() == 1
    assert not unclaimed(studio.pk).exists()
    for call in Submission.objects.all():
        decisions.dismiss_candidates(submission=call, actor=orders.member.user)
    assert unclaimed(studio.pk).count() == 1


def test_what_was_charged_before_the_account_came_here_is_no_finding(
    foreign: Charge, studio: Workspace
) -> None:
    Credential.objects.update(created_at=timezone.now())
    assert not unclaimed(studio.pk).exists()


def test_a_charge_is_set_aside_with_a_reason_and_taken_back(
    foreign: Charge, studio: Workspace, alice: Membership
) -> None:
    assert set_charge_aside(charge=foreign, actor=alice.user, reason="Made for a fair.")
    assert not set_charge_aside(charge=foreign, actor=alice.user, reason="Again.")
    assert not unclaimed(studio.pk).exists()
    assert set_aside(studio.pk).get().set_aside_reason == "Made for a fair."
    assert take_charge_back(charge=foreign, actor=alice.user)
    assert list(unclaimed(studio.pk)) == [foreign]
    assert AuditEvent.objects.get(verb="charge-set-aside").facts["reason"] == "Made for a fair."
    assert AuditEvent.objects.filter(verb="charge-taken-back").count() == 1


def test_what_cost_something_and_is_not_in_the_log_a_day_later_is_found(
    orders: Orders, worker: Worker, credential: Credential, studio: Workspace
) -> None:
    call = worker.finish(running(orders, worker))
    days_ago = timezone.now() - timedelta(days=2)
    Submission.objects.update(finished_at=days_ago)
    Credential.objects.update(read_whole_at=days_ago + timedelta(hours=1))
    assert not never_charged(studio.pk).exists()
    Credential.objects.update(read_whole_at=timezone.now())
    assert list(never_charged(studio.pk)) == [call]
    read(Credential.objects.get())
    assert not never_charged(studio.pk).exists()


def successes(kind: TaskKind, step: Step) -> list[dict[str, Any]]:
    """Answers of success, as they were written from the contract."""
    folder = Path(__file__).parents[2] / "kinds" / "examples" / kind.slug
    told = [json.loads(path.read_text()) for path in folder.glob("answer_success*.json")]
    return [one["result"] for one in told if one.get("step", kind.steps[0].slug) == step.slug]


@pytest.mark.sqlite
@pytest.mark.parametrize(("kind", "step"), LOGGED, ids=lambda one: one.slug)
def test_pages_and_answers_of_every_product_survive_without_a_brief(
    kind: TaskKind, step: Step, alice: Membership, credential: Credential
) -> None:
    charge = Charge.objects.create(
        workspace=alice.workspace,
        credential=credential,
        cost=5,
        charged_at=timezone.now(),
        remote_id="made-elsewhere",
        task_type=str(step.pricing.credit_log_type),
    )
    if step.wire.shares_task:
        assert (kind, step) not in adoptable_as(charge)
        return
    task = adopt_charge(charge=charge, kind=kind, step=step, actor=alice.user)
    call = task.submissions.get()
    assert call.deadline_at is not None
    for result in ({"status": "running"}, {"status": "init", "taskStatus": "init"}):
        list(step.outputs(result, call.asked))
        list(step.failed_parts(result, call.asked))
        if step.state is not None:
            step.state(result, call.asked)
    told = successes(kind, step)
    for result in told:
        list(step.failed_parts(result, call.asked))
    assert any(list(step.outputs(result, call.asked)) for result in told)
    client = browser_of(alice)
    for status in (Status.RUNNING, Status.SUCCEEDED, Status.FAILED):
        Submission.objects.filter(pk=call.pk).update(status=status, finished_at=timezone.now())
        task.touch()
        for url in (f"/tasks/{task.pk}/", "/tasks/", f"/tasks/new/{kind.slug}/?from={task.pk}"):
            assert client.get(url).status_code == 200
    page = client.get(f"/tasks/{task.pk}/").content.decode()
    assert "submission-retry" not in page
    assert "/again/" not in page
