"""A restored backup sends nothing by itself: what could be paid twice waits for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from tasks import jobs
from tasks.causes import Code
from tasks.commands.catalogs.photo_avatars import ORDERS
from tasks.commands.evidence.boards import choose_board
from tasks.commands.evidence.following import follow
from tasks.commands.evidence.lost_calls import traces_of
from tasks.commands.ledger.adoption import set_charge_aside
from tasks.commands.operations import quarantine
from tasks.commands.refresh.leasing import Nudges
from tasks.commands.submissions import actions
from tasks.commands.submissions.next_steps import start_automatic_steps
from tasks.kinds import KINDS
from tasks.kinds import step as step_of
from tasks.models import (
    AuditEvent,
    CatalogEntry,
    Charge,
    ClaimSource,
    Credential,
    Membership,
    Output,
    OutputState,
    Status,
    Submission,
)
from tests import people
from tests.causes import code_of
from tests.commands.conftest import Orders, Worker, running
from tests.sandbox_fixture import SandboxDriver

pytestmark = pytest.mark.django_db


def log_type(call: Submission) -> str:
    """What TopView's log calls such a call."""
    return str(step_of(call.task.kind, call.step).pricing.credit_log_type)


def charge(call: Submission, **facts: object) -> Charge:
    """A charge like that of the call, of which the portal knows no task."""
    return Charge.objects.create(
        workspace=call.workspace,
        credential=call.task.credential,
        **{
            "charged_at": timezone.now(),
            "cost": 3,
            "remote_id": "lost-and-paid",
            "task_type": log_type(call),
            **facts,
        },
    )


def held(orders: Orders) -> Submission:
    """A queued call after a restoring."""
    call = orders.submission()
    quarantine.quarantine_everything()
    call.refresh_from_db()
    return call


def test_what_is_queued_is_neither_claimed_nor_nudged(
    orders: Orders, worker: Worker, portal: SandboxDriver
) -> None:
    call = held(orders)
    OrmQ.objects.all().delete()

    worker.submit_now(call)
    Nudges().send(timezone.now() + timedelta(hours=1))

    assert (call.status, portal.accepted(), OrmQ.objects.count()) == (Status.QUEUED, 0, 0)
    assert call.quarantined_at is not None
    assert code_of(call.reason) == Code.ON_HOLD_AFTER_RESTORE


def test_what_was_being_prepared_is_queued_and_held(
    orders: Orders, worker: Worker, portal: SandboxDriver
) -> None:
    call = orders.submission()
    call.advance(
        Status.PREPARING,
        cause="claimed",
        lease_holder="gone",
        lease_until=timezone.now() + timedelta(hours=1),
    )

    assert quarantine.quarantine_everything() == 1

    worker.submit_now(call)
    assert (call.status, call.lease_until, portal.accepted()) == (Status.QUEUED, None, 0)


def test_what_was_on_its_way_has_an_unknown_outcome(orders: Orders) -> None:
    call = orders.submission()
    call.advance(Status.PREPARING, cause="claimed")
    call.advance(Status.SUBMITTING, cause="intent", lease_until=timezone.now() + timedelta(hours=1))

    assert quarantine.quarantine_everything() == 0

    call.refresh_from_db()
    assert call.status == Status.UNKNOWN
    assert code_of(call.reason) == Code.IN_FLIGHT_AT_BACKUP


def test_what_topview_works_on_is_followed_and_saved(orders: Orders, worker: Worker) -> None:
    call = running(orders, worker)
    Submission.objects.filter(pk=call.pk).update(next_at=timezone.now() + timedelta(days=1))
    quarantine.quarantine_everything()

    worker.finish(call)
    outputs = [worker.save(output) for output in call.outputs.all()]

    assert call.status == Status.SUCCEEDED
    assert {output.state for output in outputs} == {OutputState.SAVED}


def test_a_save_that_was_under_way_begins_again_at_once(orders: Orders, worker: Worker) -> None:
    call = worker.finish(running(orders, worker))
    later = timezone.now() + timedelta(hours=1)
    call.outputs.update(state=OutputState.SAVING, lease_holder="gone", lease_until=later)

    quarantine.quarantine_everything()

    assert {worker.save(output).state for output in Output.objects.all()} == {OutputState.SAVED}


def test_a_released_call_is_sent_once(
    orders: Orders, worker: Worker, portal: SandboxDriver, alice: Membership
) -> None:
    call = held(orders)

    assert quarantine.release(submission=call, actor=alice.user)
    assert not quarantine.release(submission=call, actor=alice.user)

    assert worker.submit(call).status == Status.RUNNING
    assert portal.accepted() == 1
    event = AuditEvent.objects.get(verb="call-released")
    assert (event.actor, event.subject_id) == (alice.user, str(call.task_id))
    line = call.remarks.get(cause="released")
    assert line.actor == alice.user


def test_a_held_call_can_be_cancelled(orders: Orders, alice: Membership) -> None:
    call = held(orders)

    assert actions.cancel(submission=call, actor=alice.user)
    assert not quarantine.release(submission=call, actor=alice.user)
    assert not Submission.objects.quarantined().exists()


def look(credential: Credential) -> None:
    """Read the account and look for its calls, as the worker does."""
    jobs.read_account(str(credential.pk))


def test_all_without_a_trace_are_released_and_none_before_they_were_looked_for(
    orders: Orders, alice: Membership, credential: Credential, portal: SandboxDriver
) -> None:
    choose_board(credential=credential)
    calls = [held(orders), held(orders), held_on_board(orders)]
    portal.fault("http-before", scope="listBoardTasks", value=500)
    look(credential)

    assert quarantine.release_untraced(workspace_id=alice.workspace_id, actor=alice.user) == 0
    portal.clear("http-before")
    look(credential)
    # One on the board would stand there at once; the others stand in the log when they have ended.
    assert quarantine.release_untraced(workspace_id=alice.workspace_id, actor=alice.user) == 1
    for call in Submission.objects.quarantined():
        people.let_traces_appear(call)
    look(credential)
    assert quarantine.release_untraced(workspace_id=alice.workspace_id, actor=alice.user) == 2

    assert not Submission.objects.quarantined().filter(pk__in=[call.pk for call in calls]).exists()


def held_on_board(orders: Orders) -> Submission:
    """A queued call of a product whose calls stand on the portal's board, after a restoring."""
    kind = KINDS["image-to-video-models"]
    call = people.only_submission(people.order(kind, orders.member, orders.credential, orders.folder))
    quarantine.quarantine_everything()
    call.refresh_from_db()
    return call


def test_a_task_on_the_board_keeps_a_call_on_hold_though_nothing_was_charged_yet(
    orders: Orders, worker: Worker, portal: SandboxDriver, alice: Membership, credential: Credential
) -> None:
    """The lost time is played: the order is sent, then only the backup's row is known."""
    portal.speed(3600)
    choose_board(credential=credential)
    credential.refresh_from_db()
    call = held_on_board(orders)
    assert quarantine.release(submission=call, actor=alice.user)
    remote_id = worker.submit(call).remote_id
    facts = {"status": Status.QUEUED, "remote_id": "", "board_id": "", "intent_at": None, "accepted_at": None}
    Submission.objects.filter(pk=call.pk).update(**facts, quarantined_at=timezone.now())
    look(credential)

    call = Submission.objects.get(pk=call.pk)
    assert [found.remote_id for found in traces_of([call])[0].found] == [remote_id]
    assert quarantine.release_untraced(workspace_id=alice.workspace_id, actor=alice.user) == 0
    page = people.browser_of(alice).get("/settings/on-hold/").content.decode()
    assert "May have been paid" in page and remote_id in page


def test_a_call_of_which_topview_would_show_nothing_is_not_released_with_the_others(
    orders: Orders, alice: Membership, credential: Credential
) -> None:
    kind = KINDS["image-to-video-models"]
    pricing = replace(kind.steps[0].pricing, credit_log_type=None)
    step = replace(kind.steps[0], pricing=pricing)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KINDS, kind.slug, replace(kind, steps=(step,)))
        call = held_on_board(orders)
        look(credential)

        assert quarantine.release_untraced(workspace_id=alice.workspace_id, actor=alice.user) == 0
        page = people.browser_of(alice).get("/settings/on-hold/").content.decode()
    assert "Leaves no trace" in page and call.task.title in page


def test_a_charge_that_belongs_to_nobody_keeps_a_call_on_hold_until_it_is_set_aside(
    orders: Orders, alice: Membership, credential: Credential
) -> None:
    call = held(orders)
    found = charge(call)
    look(credential)

    assert [one.charge for one in traces_of([call])[0].found] == [found]
    assert quarantine.release_untraced(workspace_id=alice.workspace_id, actor=alice.user) == 0
    set_charge_aside(charge=found, actor=alice.user, reason="Made by hand.")
    people.let_traces_appear(call)
    look(credential)
    assert quarantine.release_untraced(workspace_id=alice.workspace_id, actor=alice.user) == 1


@pytest.mark.parametrize(
    "facts",
    [{"task_type": "something else"}, {"charged_at": timezone.now() - timedelta(days=3)}],
)
def test_other_charges_are_no_trace(orders: Orders, credential: Credential, facts: dict[str, object]) -> None:
    call = held(orders)
    charge(call, **facts)
    look(credential)

    assert traces_of([call])[0].found == []


def test_a_call_that_was_sent_is_found_by_its_task_id_and_never_sent(
    orders: Orders, worker: Worker, portal: SandboxDriver, alice: Membership
) -> None:
    """The lost time is played: a copy of the order is sent, then only the backup's row is known."""
    portal.speed(600)
    sent = running(orders, worker)
    remote_id = sent.remote_id
    Submission.objects.filter(pk=sent.pk).update(remote_id="")
    sent.claims.all().delete()
    call = held(orders)

    assert quarantine.say_sent(submission=call, actor=alice.user, remote_id=remote_id)
    worker.refresh()

    call.refresh_from_db()
    assert (call.status, call.remote_id, portal.accepted()) == (Status.RUNNING, remote_id, 1)
    transitions = call.transitions.exclude(cause__in=("created", quarantine.RESTORED))
    assert [transition.to_status for transition in transitions] == [
        "preparing",
        "submitting",
        "unknown",
        "running",
    ]


def test_a_call_that_was_sent_without_a_known_id_is_looked_for(orders: Orders, alice: Membership) -> None:
    call = held(orders)

    assert quarantine.say_sent(submission=call, actor=alice.user)
    assert not quarantine.say_sent(submission=call, actor=alice.user)

    call.refresh_from_db()
    assert call.status == Status.UNKNOWN
    assert call.intent_at == call.created_at


def test_a_portrait_that_was_asked_for_is_looked_for_by_people(credential: Credential) -> None:
    order = CatalogEntry.objects.create(
        workspace=credential.workspace, credential=credential, catalog=ORDERS, remote_id="x", facts={}
    )

    quarantine.quarantine_everything()

    order.refresh_from_db()
    assert order.facts["problem"]["code"] == Code.PORTRAIT_UNCERTAIN


@pytest.mark.parametrize("status", [Status.RUNNING, Status.ABANDONED])
def test_a_step_that_follows_by_itself_is_held_too(
    mark: Membership, credential: Credential, tmp_path: Path, status: Status
) -> None:
    """It may have been sent between the backup and its restoring, just as what was queued."""
    kind = next(kind for kind in KINDS.values() if any(step.follow_up.is_automatic for step in kind.steps))
    step = next(step for step in kind.steps if step.follow_up.is_automatic)
    task = people.order(kind, mark, people.ready_catalogs(credential), tmp_path)
    done = people.only_submission(task)
    Submission.objects.filter(pk=done.pk).update(step=step.follow_up.works_on[0], status=status)
    quarantine.quarantine_everything()
    done.refresh_from_db()
    if status is Status.ABANDONED:
        now = timezone.now()
        assert follow(done, remote_id="found", source=ClaimSource.TRACE, cause="evidence", accepted_at=now)
    Output.objects.create(
        workspace=task.workspace, task=task, submission=done, role="image", identity="first", facts={"any": 1}
    )

    start_automatic_steps(done)

    follower = task.submissions.get(step=step.slug)
    assert follower.quarantined_at is not None
    assert code_of(follower.reason) == Code.ON_HOLD_AFTER_RESTORE
