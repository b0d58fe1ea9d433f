"""A call whose answer was lost is found again by what TopView shows of it, and is never sent twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db.models import F
from django.utils import timezone
from django_q.models import OrmQ

from tasks import jobs
from tasks.commands.evidence import boards, decisions, search
from tasks.commands.evidence.boards import NAME, BoardRows, choose_board, read_board
from tasks.commands.evidence.lost_calls import may_have_been_sent
from tasks.commands.operations.quarantine import quarantine_everything
from tasks.commands.runtime.queue import READ_ACCOUNT
from tasks.kinds import KINDS
from tasks.models import Candidate, Charge, Claim, Credential, Lease, Membership, Status, Submission
from tests import people
from tests.commands.conftest import Orders, Worker
from tests.media.samples import make_picture
from tests.sandbox_fixture import SandboxDriver

SUBMIT, QUERY = "submitCommonImage2Video", "queryCommonImage2Video"
MODELS = "image-to-video-models"
BY_BOARD = "submitImage2VideoV2"


@pytest.fixture
def board(credential: Credential) -> str:
    """The portal's board of the account."""
    choose_board(credential=credential)
    credential.refresh_from_db()
    return credential.board_id


class Losses:
    """Loses answers of calls that TopView has accepted."""

    def __init__(self, portal: SandboxDriver, orders: Orders, worker: Worker, folder: Path) -> None:
        self.portal, self.orders, self.worker, self.folder = portal, orders, worker, folder
        portal.speed(3600)

    def call(self, slug: str = "image-to-video", **values: object) -> Submission:
        """A lost call; TopView works on it and comes to an end with it when it is told to."""
        kind = KINDS[slug]
        task = people.order(kind, self.orders.member, self.orders.credential, self.folder, values)
        self.portal.fault("drop-after", scope="submits", next=1)
        call = self.worker.submit(people.only_submission(task))
        assert call.status == Status.UNKNOWN
        return call

    def true_ids(self) -> list[str]:
        """What TopView has accepted, the newest first."""
        return [str(task["taskId"]) for task in self.portal.state()["tasks"]]

    def charge(self, remote_id: str) -> None:
        """Let TopView finish it, and write the charge down."""
        self.portal.finish(remote_id)
        self.portal.wait("/v1/common_task/image2video/result", remote_id)

    def look(self, *calls: Submission) -> None:
        """Read the account, and take one turn of the refresh."""
        jobs.read_account(str(self.orders.credential.pk))
        Claim.objects.update(asked_at=None)
        self.worker.refresh()
        for call in calls:
            call.refresh_from_db()


@pytest.fixture
def losses(portal: SandboxDriver, orders: Orders, worker: Worker, tmp_path: Path) -> Losses:
    portal.speed(600)
    return Losses(portal, orders, worker, tmp_path)


def test_the_only_charge_that_fits_is_followed_and_its_films_are_saved(
    losses: Losses, worker: Worker, portal: SandboxDriver
) -> None:
    call = losses.call()
    (remote_id,) = losses.true_ids()
    losses.charge(remote_id)
    losses.look(call)
    assert (call.remote_id, call.status) == (remote_id, Status.SUCCEEDED)
    assert call.transitions.filter(cause="evidence", actor=None).count() == 1
    assert worker.save(call.outputs.get()).state == "saved"
    losses.look(call)
    assert Charge.objects.get().submission == call
    assert not Candidate.objects.exists()
    assert portal.accepted(SUBMIT) == 1


def test_after_a_restoring_what_fits_is_offered_and_followed_by_nobody(losses: Losses) -> None:
    """What was made since the backup is followed by no row any more, so that a stranger's film may fit."""
    call = losses.call()
    (remote_id,) = losses.true_ids()
    losses.charge(remote_id)

    quarantine_everything()
    losses.look(call)

    assert (call.status, call.remote_id) == (Status.UNKNOWN, "")
    assert [found.remote_id for found in Candidate.objects.filter(submission=call)] == [remote_id]


def test_a_call_from_before_the_backup_is_not_looked_for_among_later_tasks(
    losses: Losses, board: str
) -> None:
    call = losses.call(MODELS)
    Submission.objects.filter(pk=call.pk).update(
        created_at=F("created_at") - timedelta(days=1),
        intent_at=F("intent_at") - timedelta(hours=20),
    )

    quarantine_everything()
    losses.look(call)

    assert call.status == Status.UNKNOWN
    assert not Candidate.objects.filter(submission=call).exists()


def test_a_charge_that_fits_two_calls_is_offered_for_both_and_followed_for_none(
    losses: Losses, mark: Membership, portal: SandboxDriver
) -> None:
    one, other = losses.call(), losses.call()
    newest, oldest = losses.true_ids()
    losses.charge(oldest)
    losses.look(one, other)
    assert (one.status, other.status) == (Status.UNKNOWN, Status.UNKNOWN)
    assert [may_have_been_sent(call)[0].remote_id for call in (one, other)] == [oldest, oldest]

    assert decisions.choose_candidate(candidate=may_have_been_sent(one)[0], actor=mark.user)
    losses.look(one, other)
    assert (one.remote_id, one.status, other.status) == (oldest, Status.SUCCEEDED, Status.UNKNOWN)
    assert one.transitions.get(cause="given-by-person").actor == mark.user
    assert may_have_been_sent(other) == []

    losses.charge(newest)
    losses.look(other)
    assert (other.remote_id, other.status) == (newest, Status.SUCCEEDED)
    assert portal.accepted(SUBMIT) == 2


def test_two_charges_that_fit_one_call_are_left_to_a_person(
    losses: Losses, mark: Membership, portal: SandboxDriver, tmp_path: Path
) -> None:
    call = losses.call()
    foreign = made_elsewhere(portal, tmp_path)
    (mine,) = set(losses.true_ids()) - {foreign}
    for remote_id in (mine, foreign):
        losses.charge(remote_id)
    losses.look(call)
    assert call.status == Status.UNKNOWN
    assert {one.remote_id for one in may_have_been_sent(call)} == {mine, foreign}

    assert decisions.dismiss_candidates(submission=call, actor=mark.user)
    losses.look(call)
    assert (call.status, may_have_been_sent(call)) == (Status.UNKNOWN, [])


def made_elsewhere(portal: SandboxDriver, folder: Path) -> str:
    """A task that somebody makes at TopView without the portal."""
    picture = make_picture(folder / "foreign.png", (64, 64))
    body = {
        "imageFileId": portal.upload(picture.read_bytes(), "png"),
        "image2videoPrompt": "Elsewhere.",
        "mode": "lite",
        "duration": 5,
        "generatingCount": 1,
    }
    return str(portal.result("POST", "/v1/common_task/image2video/submit", body)["taskId"])


def test_a_charge_from_before_the_call_is_not_its(
    losses: Losses, portal: SandboxDriver, tmp_path: Path
) -> None:
    foreign = made_elsewhere(portal, tmp_path)
    losses.charge(foreign)
    call = losses.call()
    Submission.objects.filter(pk=call.pk).update(intent_at=timezone.now() + timedelta(minutes=5))
    losses.look(call)
    assert Charge.objects.get().remote_id == foreign
    assert (call.status, may_have_been_sent(call)) == (Status.UNKNOWN, [])


def test_what_a_call_under_way_may_be_charged_for_is_not_taken_from_it(losses: Losses) -> None:
    call = losses.call()
    (remote_id,) = losses.true_ids()
    under_way = losses.orders.submission()
    Submission.objects.filter(pk=under_way.pk).update(
        status=Status.SUBMITTING,
        intent_at=timezone.now(),
        lease_until=timezone.now() + timedelta(minutes=5),
    )
    losses.charge(remote_id)
    losses.look(call)
    assert (call.status, len(may_have_been_sent(call))) == (Status.UNKNOWN, 1)


def test_a_claim_that_topview_does_not_know_is_no_candidate_any_more(
    losses: Losses, portal: SandboxDriver
) -> None:
    call = losses.call()
    losses.charge(losses.true_ids()[0])
    portal.fault("code", scope=QUERY, next=1, value="4004")
    losses.look(call)
    assert (call.status, may_have_been_sent(call)) == (Status.UNKNOWN, [])


def test_the_board_tells_calls_of_one_type_apart_by_what_they_asked_for(
    losses: Losses, board: str, portal: SandboxDriver
) -> None:
    calls = [losses.call(MODELS, prompt=prompt) for prompt in ("It turns left.", "It turns right.")]
    assert [call.board_id for call in calls] == [board, board]
    newest, oldest = losses.true_ids()
    losses.look(*calls)
    assert [(call.status, call.remote_id) for call in calls] == [
        (Status.RUNNING, oldest),
        (Status.RUNNING, newest),
    ]
    assert portal.accepted(BY_BOARD) == 2
    assert portal.violations() == []


def test_equal_calls_on_one_board_are_left_to_a_person(losses: Losses, board: str, tmp_path: Path) -> None:
    picture = str(people.make_upload(losses.orders.member, tmp_path).pk)
    calls = [losses.call(MODELS, first=picture), losses.call(MODELS, first=picture)]
    losses.look(*calls)
    assert {call.status for call in calls} == {Status.UNKNOWN}
    for call in calls:
        shown = may_have_been_sent(call)
        assert {one.remote_id for one in shown} == set(losses.true_ids())
        assert all(one.facts["line"] and one.facts["at"] and one.facts["word"] for one in shown)


def test_while_the_board_cannot_be_read_nothing_is_concluded(
    losses: Losses, board: str, portal: SandboxDriver
) -> None:
    call = losses.call(MODELS)
    portal.fault("http-before", scope="listBoardTasks", value=500)
    losses.look(call)
    assert (call.status, may_have_been_sent(call)) == (Status.UNKNOWN, [])
    portal.clear("http-before")
    losses.look(call)
    assert call.status == Status.RUNNING


def test_while_the_log_cannot_be_read_nobody_is_told_that_none_is_expected(
    losses: Losses, mark: Membership, portal: SandboxDriver, impatient: None
) -> None:
    call = losses.call()
    losses.charge(losses.true_ids()[0])
    portal.fault("http-before", scope="listCreditLogs", value=500)
    Submission.objects.filter(pk=call.pk).update(settle_until=timezone.now())
    losses.look(call)
    page = page_of(call, mark)
    assert "have not been read since then" in page
    assert "expects none any more" not in page and "say that it never arrived" not in page
    assert not call.remarks.exists()

    portal.clear("http-before")
    losses.look(call)
    assert (call.status, call.remote_id) == (Status.SUCCEEDED, losses.true_ids()[0])


def page_of(call: Submission, member: Membership) -> str:
    """What a colleague reads about it."""
    return people.browser_of(member).get(f"/tasks/{call.task_id}/").content.decode()


@pytest.mark.parametrize("unread", ["listCreditLogs", "listBoardTasks"])
def test_nothing_is_concluded_from_one_list_while_the_other_cannot_be_read(
    unread: str, losses: Losses, board: str, mark: Membership, portal: SandboxDriver, impatient: None
) -> None:
    call = losses.call(MODELS)
    portal.finish(losses.true_ids()[0])
    portal.fault("http-before", scope=unread, value=500)
    losses.look(call)
    assert (call.status, may_have_been_sent(call)) == (Status.UNKNOWN, [])
    assert Credential.objects.get().read_whole_at is None
    portal.clear("http-before")
    losses.look(call)
    assert call.remote_id == losses.true_ids()[0]


def test_a_call_that_stood_further_back_on_its_board_than_was_read_is_not_said_to_be_missing(
    losses: Losses, board: str, mark: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = {"first": str(people.make_upload(losses.orders.member, losses.folder).pk)}
    old, new = losses.call(MODELS, **picture), losses.call(MODELS, **picture)
    hour = timedelta(hours=1)
    Submission.objects.filter(pk=old.pk).update(intent_at=old.created_at - hour, settle_until=timezone.now())
    monkeypatch.setattr(boards, "_MOST_ROWS", 1)
    losses.look(old, new)
    assert (old.status, may_have_been_sent(old)) == (Status.UNKNOWN, [])
    assert "have not been read since then" in page_of(old, mark)


def test_a_call_that_is_sent_while_the_board_is_read_is_not_taken_for_another(
    losses: Losses, board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its task is there before the portal knows whose it is; one that never arrived asked for the same."""
    orders = losses.orders
    picture = {"first": str(people.make_upload(orders.member, losses.folder).pk)}
    never, late = (
        people.only_submission(
            people.order(KINDS[MODELS], orders.member, orders.credential, losses.folder, picture)
        )
        for _call in range(2)
    )
    losses.portal.fault("drop-before", scope="submits", next=1)
    assert losses.worker.submit(never).status == Status.UNKNOWN

    def read_while_it_is_sent(account: Credential, board_id: str, *, since: datetime) -> BoardRows | None:
        losses.portal.fault("drop-after", scope="submits", next=1)
        losses.worker.submit(late)
        return read_board(account, board_id, since=since)

    monkeypatch.setattr(boards, "read_board", read_while_it_is_sent)
    losses.look(never, late)

    assert {never.status, late.status} == {Status.UNKNOWN}
    assert Candidate.objects.filter(submission__in=(never, late)).count() == 2


def test_a_charge_that_stands_on_no_board_is_offered_to_a_call_that_named_one(
    losses: Losses, board: str, portal: SandboxDriver
) -> None:
    call = losses.call(MODELS)
    (remote_id,) = losses.true_ids()
    portal.finish(remote_id)
    # Of a colleague's, on TopView's own site: it is on another board than the call named.
    another = portal.result("POST", "/boards/create", {"name": "Another"})["boardId"]
    Submission.objects.filter(pk=call.pk).update(board_id=another)
    Credential.objects.update(board_id=another)

    losses.look(call)

    assert call.status == Status.UNKNOWN
    assert Candidate.objects.get(submission=call).remote_id == remote_id


def test_an_account_has_one_board_for_the_portal(board: str, portal: SandboxDriver) -> None:
    Credential.objects.update(board_id="")
    choose_board(credential=Credential.objects.get())
    assert Credential.objects.get().board_id == board
    assert [row["name"] for row in portal.result("GET", "/boards/list")["list"]].count(NAME) == 1


def test_without_a_board_a_call_is_sent_without(
    losses: Losses, credential: Credential, portal: SandboxDriver, worker: Worker, tmp_path: Path
) -> None:
    portal.fault("http-before", scope="listBoards", value=500)
    choose_board(credential=credential)
    task = people.order(KINDS[MODELS], losses.orders.member, credential, tmp_path)
    call = worker.submit(people.only_submission(task))
    assert (call.status, call.board_id) == (Status.RUNNING, "")


def test_a_board_that_was_deleted_at_topview_keeps_no_call_from_being_sent(
    losses: Losses, board: str, portal: SandboxDriver, worker: Worker, tmp_path: Path
) -> None:
    portal.result("DELETE", f"/boards/delete?boardId={board}")
    task = people.order(KINDS[MODELS], losses.orders.member, losses.orders.credential, tmp_path)
    call = worker.submit(people.only_submission(task))
    assert call.status == Status.QUEUED
    assert (worker.submit_now(call).status, call.board_id) == (Status.RUNNING, "")
    assert portal.accepted(BY_BOARD) == 1


def test_a_call_on_hold_shows_what_it_may_be_and_goes_nowhere_by_itself(
    losses: Losses, board: str, portal: SandboxDriver
) -> None:
    call = losses.call(MODELS)
    Submission.objects.filter(pk=call.pk).update(
        status=Status.QUEUED, intent_at=None, board_id="", quarantined_at=timezone.now()
    )
    losses.look(call)
    assert (call.status, call.remote_id) == (Status.QUEUED, "")
    assert [one.remote_id for one in may_have_been_sent(call)] == losses.true_ids()


def test_looks_are_asked_for_soon_then_less_and_less_often(losses: Losses) -> None:
    call, now = losses.call(), timezone.now()
    assert asked_at(now) == 1
    assert asked_at(now + timedelta(seconds=29)) == 0
    assert Lease.objects.get(name__startswith="search:").until <= timezone.now() + timedelta(seconds=31)
    Lease.objects.all().delete()
    hours_ago = now - timedelta(hours=1)
    Submission.objects.filter(pk=call.pk).update(intent_at=hours_ago)
    assert asked_at(now) == 1
    assert Lease.objects.get(name__startswith="search:").until > now + timedelta(minutes=9)


def asked_at(now: datetime) -> int:
    """How many looks are asked for at that time."""
    OrmQ.objects.all().delete()
    search.ask_for_searches(now)
    return sum(message.func() == READ_ACCOUNT for message in OrmQ.objects.all())


def test_when_its_time_is_over_that_is_noted_once(losses: Losses) -> None:
    call = losses.call()
    assert call.settle_until is not None
    assert call.settle_until > timezone.now() + timedelta(hours=1)
    revision = call.task.revision
    Submission.objects.filter(pk=call.pk).update(settle_until=timezone.now())
    losses.worker.refresh()
    assert not call.remarks.exists(), "nobody has looked since"
    losses.look(call)
    for _turn in range(3):
        losses.worker.refresh()
    assert call.remarks.count() == 1
    call.task.refresh_from_db()
    assert call.task.revision == revision + 1
    Lease.objects.all().delete()
    assert asked_at(timezone.now()) == 0


def test_a_worker_that_died_leaves_a_time_until_which_evidence_may_come(losses: Losses) -> None:
    call = losses.orders.submission()
    Submission.objects.filter(pk=call.pk).update(
        status=Status.SUBMITTING, intent_at=timezone.now(), lease_until=timezone.now() - timedelta(minutes=1)
    )
    losses.worker.refresh()
    call.refresh_from_db()
    assert call.status == Status.UNKNOWN
    assert call.settle_until is not None
