"""A task at TopView has one follower, by whichever door its id came, in all workspaces of the account."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from tasks import jobs
from tasks.causes import Cause, Code
from tasks.commands.evidence import decisions
from tasks.commands.evidence.callbacks import receive_callback
from tasks.commands.evidence.following import Taken, take
from tasks.commands.evidence.settling import lease_claims, settle_claim
from tasks.commands.ledger.adoption import adopt_charge, adoptable_as
from tasks.commands.operations.quarantine import quarantine_everything
from tasks.commands.refusals import NotPossible
from tasks.commands.submissions import actions
from tasks.models import (
    Candidate,
    Charge,
    Claim,
    ClaimOutcome,
    ClaimSource,
    EvidenceKind,
    Membership,
    Status,
    Submission,
    Task,
)
from tasks.topview.results import RemoteState, RemoteTask
from tests import people
from tests.commands.conftest import Orders, Worker, running
from tests.sandbox_fixture import SandboxDriver
from tests.threads import all_at_once, beside
from tests.topview.server import ScriptedServer, says

SUBMIT = "submitCommonImage2Video"
ELSEWHERE = "another workspace of this portal"


@pytest.fixture
def neighbour(portal: SandboxDriver, db: None) -> Membership:
    """An admin of another workspace, which uses the same account."""
    return people.make_stranger()


@pytest.fixture
def next_door(neighbour: Membership, tmp_path: Path) -> Orders:
    """Orders of that workspace."""
    return Orders(neighbour, people.make_credential(neighbour.workspace), tmp_path)


@pytest.fixture
def followed(orders: Orders, worker: Worker) -> Submission:
    """A call at work, whose task is this workspace's."""
    call = running(orders, worker)
    Task.objects.filter(pk=call.task_id).update(title="The cup of this workspace")
    return call


def lost(orders: Orders, worker: Worker) -> Submission:
    """A call that never arrived; nobody here knows that."""
    worker.portal.fault("drop-before", scope=SUBMIT, next=1)
    call = worker.submit(orders.submission())
    assert call.status == Status.UNKNOWN
    return call


def turn(worker: Worker, call: Submission) -> Submission:
    Claim.objects.update(asked_at=None)
    worker.refresh()
    call.refresh_from_db()
    return call


def page_of(call: Submission, member: Membership) -> str:
    return people.browser_of(member).get(f"/tasks/{call.task_id}/").content.decode()


def give(call: Submission, member: Membership, remote_id: str) -> Any:
    """Send the id by the form of the task's page."""
    url = reverse("submission-adopt", args=[call.pk])
    return people.browser_of(member).post(url, {"remote_id": remote_id})


def charge(orders: Orders, remote_id: str) -> Charge:
    """A charge for it in the log, as one workspace has read it."""
    return Charge.objects.create(
        workspace=orders.credential.workspace,
        credential=orders.credential,
        charged_at=timezone.now() - timedelta(minutes=10),
        cost=3,
        remote_id=remote_id,
        task_type="common_task_image2video",
    )


def adopt(found: Charge, member: Membership) -> Task:
    kind, step = next(one for one in adoptable_as(found) if one[0].slug == "image-to-video")
    return adopt_charge(charge=found, kind=kind, step=step, actor=member.user)


class TestWhoIsTold:
    """A person names a task that a call follows already."""

    def test_of_another_workspace_nothing_is_told_but_that_it_is_one(
        self, followed: Submission, next_door: Orders, neighbour: Membership, worker: Worker
    ):
        call = lost(next_door, worker)
        answer = give(call, neighbour, followed.remote_id)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert ELSEWHERE in page and f'value="{followed.remote_id}"' in page
        assert "The cup of this workspace" not in page and str(followed.task_id) not in page
        assert turn(worker, call).status == Status.UNKNOWN

    def test_of_the_own_workspace_its_name_and_the_way_to_it(
        self, followed: Submission, orders: Orders, mark: Membership, worker: Worker
    ):
        page = give(lost(orders, worker), mark, followed.remote_id).content.decode()
        assert "“The cup of this workspace”" in page
        assert f'<a href="/tasks/{followed.task_id}/">' in page

    def test_a_call_on_hold_is_told_the_same(
        self, followed: Submission, next_door: Orders, neighbour: Membership
    ):
        call = next_door.submission()
        quarantine_everything()
        url = reverse("quarantine-sent", args=[call.pk])
        answer = people.browser_of(neighbour).post(url, {"remote_id": followed.remote_id})
        assert answer.status_code == 422 and ELSEWHERE in answer.content.decode()
        call.refresh_from_db()
        assert call.status == Status.QUEUED

    def test_what_was_offered_and_is_followed_by_now_is_not_chosen(
        self, followed: Submission, next_door: Orders, neighbour: Membership, worker: Worker
    ):
        call = lost(next_door, worker)
        found = Candidate.objects.create(
            workspace=call.workspace,
            submission=call,
            remote_id=followed.remote_id,
            evidence=EvidenceKind.CHARGE,
        )
        url = reverse("submission-choose", args=[call.pk, found.pk])
        page = people.browser_of(neighbour).post(url, follow=True).content.decode()
        assert ELSEWHERE in page
        assert turn(worker, call).status == Status.UNKNOWN

    def test_a_charge_of_it_is_not_adopted(
        self, followed: Submission, next_door: Orders, neighbour: Membership
    ):
        found = charge(next_door, followed.remote_id)
        url = reverse("charge-adopt", args=[found.pk])
        answer = people.browser_of(neighbour).post(url, {"step": "image-to-video/video"}, follow=True)
        assert ELSEWHERE in answer.content.decode()
        with pytest.raises(NotPossible, match=ELSEWHERE):
            adopt(found, neighbour)
        assert not Task.objects.filter(workspace=neighbour.workspace).exists()


class TestOtherDoors:
    """What names a task without a person."""

    def test_a_callback(self, followed: Submission, next_door: Orders, worker: Worker):
        call = lost(next_door, worker)
        body = {"uuid": "u", "taskId": followed.remote_id}
        assert receive_callback(token=call.token, uid=SandboxDriver.uid, body=body)
        assert turn(worker, call).status == Status.UNKNOWN
        assert not Claim.objects.open().exists()

    def test_what_was_taken_for_the_only_thing_that_fits(
        self, followed: Submission, next_door: Orders, worker: Worker
    ):
        call = lost(next_door, worker)
        Claim.objects.create(
            workspace=call.workspace,
            submission=call,
            service=next_door.credential.service,
            uid=next_door.credential.uid,
            remote_id=followed.remote_id,
            source=ClaimSource.TRACE,
        )
        assert turn(worker, call).status == Status.UNKNOWN

    def test_the_answer_to_a_submit_is_a_second_claim_that_needs_a_person(
        self, followed: Submission, next_door: Orders, neighbour: Membership, settings: Any
    ):
        call = next_door.submission()
        told = says({"taskId": followed.remote_id, "status": "running"})
        with answering(told) as server:
            settings.SANDBOX_URL = server.origin
            jobs.submit(str(call.pk))
            jobs.submit(str(call.pk))
            assert sum(request.method == "POST" for request in server.requests) == 1
        call.refresh_from_db()
        assert (call.status, call.remote_id) == (Status.UNKNOWN, "")
        assert call.reason == Cause.of(Code.SECOND_CLAIM, remote_id=followed.remote_id, follower="")
        claim = call.claims.get(source=ClaimSource.ANSWER)
        assert (claim.outcome, claim.remote_id) == (ClaimOutcome.SECOND, followed.remote_id)
        assert ELSEWHERE in page_of(call, neighbour)

    def test_after_a_second_claim_the_true_task_is_followed_when_a_person_names_it(
        self,
        followed: Submission,
        next_door: Orders,
        neighbour: Membership,
        worker: Worker,
        portal: SandboxDriver,
        settings: Any,
    ):
        call = next_door.submission()
        with answering(says({"taskId": followed.remote_id, "status": "running"})) as server:
            settings.SANDBOX_URL = server.origin
            jobs.submit(str(call.pk))
        settings.SANDBOX_URL = portal.base_url
        other = worker.submit(next_door.submission())
        Submission.objects.filter(pk=other.pk).update(status=Status.REFUSED, remote_id="")
        other.claims.all().delete()
        true_id = portal.state()["tasks"][0]["taskId"]
        assert give(Submission.objects.get(pk=call.pk), neighbour, true_id).status_code == 303
        turn(worker, call)
        assert (call.status, call.remote_id, call.attention) == (Status.RUNNING, true_id, None)
        assert not call.claims.filter(outcome=ClaimOutcome.SECOND).exists()

    def test_once_it_is_followed_it_is_offered_in_no_workspace(
        self, orders: Orders, next_door: Orders, worker: Worker, portal: SandboxDriver, mark: Membership
    ):
        portal.speed(3600)
        portal.fault("drop-after", scope=SUBMIT, next=1)
        mine = worker.submit(orders.submission())
        remote_id = portal.state()["tasks"][0]["taskId"]
        theirs = lost(next_door, worker)
        Candidate.objects.create(
            workspace=theirs.workspace, submission=theirs, remote_id=remote_id, evidence=EvidenceKind.CHARGE
        )
        assert give(mine, mark, remote_id).status_code == 303
        assert turn(worker, mine).remote_id == remote_id
        assert not theirs.candidates.exists()


@contextmanager
def answering(step: Any) -> Iterator[ScriptedServer]:
    """A TopView that takes files without asking, and answers a submit so."""
    with ScriptedServer() as server:
        ticket = {"fileId": "file-1", "uploadUrl": f"{server.origin}/store", "format": "png"}
        answers = {"/v1/upload/credential": says(ticket), "/v1/upload/check": says(True), "/store": says({})}
        server.script[:] = [lambda connection, request: answers.get(request.path, step)(connection, request)]
        yield server


class TestSharing:
    """Calls that work on an earlier call's task at TopView."""

    def test_the_database_takes_one_follower_and_those_that_join_it(
        self, followed: Submission, next_door: Orders
    ):
        first = followed.claims.get(outcome=ClaimOutcome.FOLLOWED)
        call = next_door.submission()
        facts = {
            "workspace": call.workspace,
            "submission": call,
            "service": first.service,
            "uid": first.uid,
            "remote_id": first.remote_id,
            "source": ClaimSource.ANSWER,
            "settled_at": timezone.now(),
            "outcome": ClaimOutcome.FOLLOWED,
        }
        with pytest.raises(IntegrityError), transaction.atomic():
            Claim.objects.create(**facts)
        Claim.objects.create(**facts, joins=first)

    def test_another_task_does_not_join(self, followed: Submission, next_door: Orders):
        with pytest.raises(Taken), transaction.atomic():
            take(next_door.submission(), remote_id=followed.remote_id, source=ClaimSource.ANSWER)

    def test_another_attempt_at_the_same_step_does_not_join(
        self, followed: Submission, orders: Orders, mark: Membership
    ):
        Submission.objects.filter(pk=followed.pk).update(status=Status.FAILED)
        followed.refresh_from_db()
        again = actions.try_again(submission=followed, actor=mark.user, reason="Once more.")
        with pytest.raises(Taken), transaction.atomic():
            take(again, remote_id=followed.remote_id, source=ClaimSource.ANSWER)


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    """Two workspaces, or a person and the worker, at once."""

    def test_of_two_that_adopt_a_charge_one_wins(
        self, orders: Orders, next_door: Orders, alice: Membership, neighbour: Membership
    ):
        ends: list[object] = []

        def try_to(found: Charge, member: Membership) -> None:
            try:
                ends.append(adopt(found, member))
            except NotPossible as refused:
                ends.append(str(refused))

        mine, theirs = charge(orders, "made-elsewhere"), charge(next_door, "made-elsewhere")
        all_at_once([lambda: try_to(mine, alice), lambda: try_to(theirs, neighbour)])
        assert len(ends) == 2 and Task.objects.count() == Submission.objects.count() == 1
        assert Claim.objects.filter(outcome=ClaimOutcome.FOLLOWED).count() == 1

    def test_of_two_calls_for_which_it_is_claimed_one_follows_it(
        self, orders: Orders, next_door: Orders, mark: Membership, neighbour: Membership, worker: Worker
    ):
        calls = [lost(orders, worker), lost(next_door, worker)]
        for call, member in zip(calls, (mark, neighbour), strict=True):
            assert decisions.give_task_id(submission=call, actor=member.user, remote_id="the-one")
        claims = lease_claims()
        all_at_once([partial(settle_claim, claims[call.pk], shown("the-one")) for call in calls])
        for call in calls:
            call.refresh_from_db()
        assert sorted(call.status for call in calls) == [Status.RUNNING, Status.UNKNOWN]
        (loser,) = [call for call in calls if call.status == Status.UNKNOWN]
        assert loser.attention == Cause.of(Code.CLAIM_TAKEN, remote_id="the-one", follower="")

    @pytest.mark.parametrize("source", [ClaimSource.TRACE, ClaimSource.PERSON])
    def test_what_a_person_takes_back_while_the_answer_is_written_is_followed_or_not_but_not_both(
        self, source: ClaimSource, orders: Orders, mark: Membership, worker: Worker
    ):
        call = lost(orders, worker)
        claim = claimed(call, source, mark)
        taken_back: list[bool] = []

        def take_back() -> None:
            seen = Submission.objects.get(pk=call.pk)
            if source == ClaimSource.TRACE:
                taken_back.append(decisions.dismiss_candidates(submission=seen, actor=mark.user))
            else:
                taken_back.append(decisions.give_task_id(submission=seen, actor=mark.user, remote_id="other"))

        with right_after_the_look(take_back):
            settle_claim(claim, shown(claim.remote_id))
        call.refresh_from_db()
        assert taken_back == [call.status == Status.UNKNOWN]


def claimed(call: Submission, source: ClaimSource, member: Membership) -> Claim:
    """A claim that TopView is just asked about."""
    if source == ClaimSource.PERSON:
        assert decisions.give_task_id(submission=call, actor=member.user, remote_id="the-one")
    else:
        facts = {"workspace": call.workspace, "submission": call, "remote_id": "the-one"}
        Candidate.objects.create(**facts, evidence=EvidenceKind.CHARGE)
        account = call.task.credential
        Claim.objects.create(**facts, service=account.service, uid=account.uid, source=source)
    return lease_claims()[call.pk]


def shown(remote_id: str) -> RemoteTask:
    """TopView's answer about a task at work."""
    return RemoteTask(RemoteState.RUNNING, "running", None, {"taskId": remote_id}, None)


@contextmanager
def right_after_the_look(act: Callable[[], None]) -> Iterator[None]:
    """Somebody else acts, over another connection, once it was read whether the claim still stands."""
    others: list[threading.Thread] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        is_look = sql.startswith("SELECT") and "tasks_claim" in sql.split("WHERE")[0]
        if is_look and not others:
            others.append(beside(act))
            others[0].join(1.0)
        return result

    with connection.execute_wrapper(listen):
        yield
    others[0].join(60)
    assert not others[0].is_alive()
