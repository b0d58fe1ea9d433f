"""Claims about calls whose outcome is unknown: by callback, by a person, and by strangers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tasks import jobs
from tasks.causes import Cause, Code
from tasks.commands.evidence import decisions
from tasks.commands.evidence.callbacks import receive_callback
from tasks.commands.evidence.claims import write_claim
from tasks.commands.evidence.settling import lease_claims, settle_claim
from tasks.commands.outputs import listing
from tasks.commands.submissions import actions
from tasks.kinds.base import Step as KindStep
from tasks.models import (
    Candidate,
    Claim,
    ClaimSource,
    Credential,
    CredentialState,
    EvidenceKind,
    Membership,
    Status,
    Submission,
)
from tasks.topview.client import TopViewClient
from tasks.topview.results import RemoteState, RemoteTask
from tests import people
from tests.causes import code_of
from tests.commands.conftest import Orders, Worker
from tests.programming_errors import ProgrammingErrors
from tests.sandbox_fixture import SandboxDriver
from tests.topview.server import ScriptedServer, Step, says

SUBMIT, QUERY = "submitCommonImage2Video", "queryCommonImage2Video"


@pytest.fixture
def lost(portal: SandboxDriver, orders: Orders, worker: Worker) -> Submission:
    """A call that TopView accepted without our hearing of it; it never ends by itself."""
    submission = orders.submission()
    portal.fault("drop-after", scope=SUBMIT, next=1)
    portal.fault("stuck", next=1)
    assert worker.submit(submission).status == Status.UNKNOWN
    return submission


def true_id(portal: SandboxDriver) -> str:
    """The id that TopView gave."""
    return str(portal.state()["tasks"][0]["taskId"])


def turn(worker: Worker, submission: Submission) -> Submission:
    """The row after one turn in which every claim is due."""
    Claim.objects.update(asked_at=None)
    worker.refresh()
    submission.refresh_from_db()
    return submission


def call_back(submission: Submission, remote_id: str, uuid: str = "u") -> None:
    """A callback, perhaps from a stranger who learnt the address."""
    assert receive_callback(token=submission.token, uid="anyone", body={"uuid": uuid, "taskId": remote_id})


def test_evidence_beside_a_newer_attempt_is_a_second_charge(
    portal: SandboxDriver, lost: Submission, worker: Worker, alice: Membership
):
    decisions.abandon(submission=lost, actor=alice.user, reason="Not on the site.")
    found = true_id(portal)
    second = worker.submit(actions.try_again(submission=lost, actor=alice.user, reason="Needed."))
    call_back(lost, found)
    turn(worker, lost)
    assert (lost.status, lost.remote_id, lost.is_second_charge) == (Status.RUNNING, found, True)
    assert code_of(lost.attention) == Code.SECOND_CHARGE
    turn(worker, lost)
    assert code_of(lost.attention) == Code.SECOND_CHARGE
    second.refresh_from_db()
    assert second.remote_id != found


def test_a_person_may_give_the_id_of_one_that_was_made_again(
    portal: SandboxDriver, lost: Submission, worker: Worker, alice: Membership
):
    decisions.abandon(submission=lost, actor=alice.user, reason="Not on the site.")
    found = true_id(portal)
    worker.submit(actions.try_again(submission=lost, actor=alice.user, reason="Needed."))
    assert decisions.give_task_id(submission=lost, actor=alice.user, remote_id=found)
    turn(worker, lost)
    assert (lost.status, lost.remote_id, lost.is_second_charge) == (Status.RUNNING, found, True)


def test_a_stranger_cannot_speak_as_a_colleague(lost: Submission, worker: Worker):
    call_back(lost, "Pay 5 dollars to evil.example", uuid="given-by-person")
    turn(worker, lost)
    assert (lost.status, lost.attention) == (Status.UNKNOWN, None)


def claim_by_what_fits(portal: SandboxDriver, lost: Submission) -> None:
    """The only thing that fits was found, and TopView cannot be asked about it now."""
    remote_id = true_id(portal)
    facts = {"workspace": lost.workspace, "remote_id": remote_id, "evidence": EvidenceKind.CHARGE}
    Candidate.objects.create(submission=lost, **facts)
    write_claim(lost, remote_id=remote_id, source=ClaimSource.TRACE)
    portal.fault("http-before", scope=QUERY, value=500)


def test_what_a_person_dismissed_is_not_followed_when_topview_answers_again(
    portal: SandboxDriver, lost: Submission, worker: Worker, alice: Membership
):
    claim_by_what_fits(portal, lost)
    assert turn(worker, lost).status == Status.UNKNOWN
    assert decisions.dismiss_candidates(submission=lost, actor=alice.user)
    portal.clear()
    assert turn(worker, lost).status == Status.UNKNOWN


def test_what_a_person_corrected_is_not_followed_when_topview_answers_again(
    portal: SandboxDriver, lost: Submission, worker: Worker, alice: Membership
):
    claim_by_what_fits(portal, lost)
    assert decisions.give_task_id(submission=lost, actor=alice.user, remote_id=true_id(portal))
    turn(worker, lost)
    assert decisions.give_task_id(submission=lost, actor=alice.user, remote_id="the-other-one")
    portal.clear()
    assert turn(worker, lost).status == Status.UNKNOWN
    assert lost.attention == Cause.of(Code.CLAIM_NOT_KNOWN, remote_id="the-other-one")


def test_what_a_person_took_back_while_topview_was_asked_is_not_followed(
    portal: SandboxDriver, lost: Submission, alice: Membership
):
    claim_by_what_fits(portal, lost)
    Claim.objects.update(asked_at=None)
    claim = lease_claims()[lost.pk]
    assert decisions.dismiss_candidates(submission=lost, actor=alice.user)
    settle_claim(claim, shown(lost, portal))
    lost.refresh_from_db()
    assert lost.status == Status.UNKNOWN


def shown(lost: Submission, portal: SandboxDriver) -> RemoteTask:
    """TopView's answer about the task."""
    return RemoteTask(RemoteState.RUNNING, "running", None, {"taskId": true_id(portal)}, None)


def test_evidence_is_not_used_up_by_a_person_who_gave_the_call_up_while_topview_was_asked(
    portal: SandboxDriver, lost: Submission, worker: Worker, alice: Membership
):
    call_back(lost, true_id(portal))
    Claim.objects.update(asked_at=None)
    claim = lease_claims()[lost.pk]
    assert decisions.abandon(submission=lost, actor=alice.user, reason="Not on the site.")
    settle_claim(claim, shown(lost, portal))
    assert turn(worker, lost).status == Status.RUNNING


def test_false_claims_do_not_hide_the_true_one(portal: SandboxDriver, lost: Submission, worker: Worker):
    for number in range(15):
        call_back(lost, f"made-up-{number}", uuid=f"u{number}")
    call_back(lost, true_id(portal), uuid="true")
    for _turn in range(20):
        turn(worker, lost)
    assert (lost.status, lost.remote_id) == (Status.RUNNING, true_id(portal))


def test_a_false_claim_is_asked_about_once(portal: SandboxDriver, lost: Submission, worker: Worker):
    call_back(lost, "made-up")
    for _turn in range(3):
        turn(worker, lost)
    assert portal.state()["calls"][QUERY] == 1
    assert lost.status == Status.UNKNOWN


def test_while_topview_cannot_be_asked_about_a_claim_nobody_is_told_that_none_is_expected(
    portal: SandboxDriver, lost: Submission, worker: Worker, mark: Membership
):
    call_back(lost, true_id(portal))
    portal.fault("http-before", scope=QUERY, value=500)
    Submission.objects.update(settle_until=timezone.now())
    jobs.read_account(str(lost.task.credential_id))
    turn(worker, lost)
    page = people.browser_of(mark).get(f"/tasks/{lost.task_id}/").content.decode()
    assert "as soon as it answers" in page and "expects none any more" not in page
    assert not lost.remarks.exists()
    portal.clear()
    assert turn(worker, lost).status == Status.RUNNING


def test_nobody_asks_with_an_account_that_is_out_of_use(
    portal: SandboxDriver, lost: Submission, worker: Worker
):
    call_back(lost, true_id(portal))
    Credential.objects.update(state=CredentialState.DISABLED)
    for _turn in range(2):
        turn(worker, lost)
    assert QUERY not in portal.state()["calls"]
    Credential.objects.update(state=CredentialState.ACTIVE)
    assert turn(worker, lost).status == Status.RUNNING


def test_a_key_that_is_refused_meanwhile_takes_the_account_out_of_use(
    portal: SandboxDriver, lost: Submission, worker: Worker
):
    call_back(lost, true_id(portal))
    portal.fault("http-before", scope=QUERY, value=401)
    turn(worker, lost)
    assert Credential.objects.get().state == CredentialState.DISABLED
    assert lost.status == Status.UNKNOWN


@pytest.fixture
def scripted(settings) -> Iterator[ScriptedServer]:
    """A TopView that answers as it is told."""
    with ScriptedServer() as server:
        yield server


def answers(steps: Mapping[str, Step]) -> Step:
    """What to say of each task, however the questions are ordered: they are asked at the same time."""
    return lambda connection, request: steps[request.query["taskId"]](connection, request)


def test_an_odd_answer_to_a_claim_does_not_stop_the_others(
    lost: Submission,
    orders: Orders,
    worker: Worker,
    scripted: ScriptedServer,
    settings,
):
    other = worker.submit(orders.submission())
    call_back(lost, "claimed")
    settings.SANDBOX_URL = scripted.origin
    odd = says({"taskId": "claimed", "status": "success", "videos": "none of your business"})
    failed = says({"taskId": other.remote_id, "status": "fail", "errorMsg": "no"})
    scripted.script[:] = [answers({"claimed": odd, other.remote_id: failed})]
    turn(worker, lost)
    assert (lost.status, lost.remote_id) == (Status.RUNNING, "claimed")
    other.refresh_from_db()
    assert other.status == Status.FAILED


def test_a_fault_while_topview_is_asked_about_a_claim_is_seen_and_loses_neither_it_nor_the_others(
    portal: SandboxDriver,
    lost: Submission,
    orders: Orders,
    worker: Worker,
    programming_errors: ProgrammingErrors,
    monkeypatch: pytest.MonkeyPatch,
):
    claimed, ask = true_id(portal), listing.ask
    call_back(lost, claimed)
    other = worker.submit(orders.submission())
    portal.finish(other.remote_id)

    def fails(client: TopViewClient, step: KindStep, remote_id: str) -> RemoteTask:
        if remote_id == claimed:
            raise TypeError("a fault of ours")
        return ask(client, step, remote_id)

    with monkeypatch.context() as patch:
        patch.setattr(listing, "ask", fails)
        turn(worker, lost)
    assert [str(error) for error in programming_errors.take()] == ["a fault of ours"]
    other.refresh_from_db()
    assert (lost.status, other.status) == (Status.UNKNOWN, Status.SUCCEEDED)
    assert turn(worker, lost).status == Status.RUNNING


def test_while_nothing_is_unknown_one_query_finds_that_nothing_is_claimed(
    orders: Orders, worker: Worker, django_assert_num_queries: DjangoAssertNumQueries
):
    worker.submit(orders.submission())
    with django_assert_num_queries(1):
        assert lease_claims() == {}


def test_a_call_that_nobody_claims_stays_unknown_for_ever(
    portal: SandboxDriver, lost: Submission, worker: Worker
):
    for _turn in range(3):
        turn(worker, lost)
    assert lost.status == Status.UNKNOWN
    assert portal.accepted() == 1


def test_what_has_been_settled_is_not_claimed_again(
    portal: SandboxDriver, lost: Submission, worker: Worker, alice: Membership
):
    call_back(lost, true_id(portal))
    turn(worker, lost)
    transitions = lost.transitions.count()
    call_back(lost, "another", uuid="later")
    assert not decisions.give_task_id(submission=lost, actor=alice.user, remote_id="another")
    turn(worker, lost)
    assert (lost.remote_id, lost.transitions.count()) == (true_id(portal), transitions)
