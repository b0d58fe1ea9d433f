"""The report of what TopView charged and nobody here knows of, and the choice between candidates."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.models import (
    Candidate,
    Charge,
    Credential,
    CredentialState,
    EvidenceKind,
    Membership,
    Status,
    Submission,
    Workspace,
)
from tasks.views.frame.status_cache import forget
from tests.people import browser_of
from tests.views.rows import make_account, make_task

pytestmark = pytest.mark.django_db
PAGE = "/settings/reconciliation/"


@pytest.fixture
def account(studio: Workspace) -> Credential:
    """An account that has been here for long."""
    return make_account(studio, created_at=timezone.now() - timedelta(days=50))


def make_charge(account: Credential, remote_id: str = "seen-elsewhere", **facts: Any) -> Charge:
    """A charge of which nobody knows."""
    columns = {
        "cost": Decimal(5),
        "charged_at": timezone.now() - timedelta(hours=1),
        "task_type": "video_avatar",
    }
    forget(account.workspace_id)
    return Charge.objects.create(
        workspace=account.workspace, credential=account, remote_id=remote_id, **{**columns, **facts}
    )


def show(member: Membership, url: str = PAGE) -> str:
    return browser_of(member).get(url).content.decode()


def test_without_findings_the_page_says_that_all_is_well(alice: Membership, account: Credential) -> None:
    assert "Every charge has its task" in show(alice)
    assert "Every task has its charge" in show(alice, f"{PAGE}?sort=uncharged")
    assert "Nothing is set aside" in show(alice, f"{PAGE}?sort=aside")


def test_admins_are_told_above_every_page_and_others_are_not(
    alice: Membership, mark: Membership, account: Credential
) -> None:
    make_charge(account)

    assert "TopView charged for 1 task that was not made here." in show(alice, "/tasks/")
    assert "that was not made here" not in show(mark, "/tasks/")


@pytest.mark.postgres
def test_a_finding_shows_what_it_cost_and_what_can_be_done(alice: Membership, account: Credential) -> None:
    charge = make_charge(account)
    page = show(alice)

    assert "5 credits" in page
    assert "seen-elsewhere" in page
    assert reverse("charge-adopt", args=[charge.pk]) in page
    assert reverse("charge-set-aside", args=[charge.pk]) in page


def test_a_charge_of_no_product_of_ours_can_only_be_set_aside(alice: Membership, account: Credential) -> None:
    charge = make_charge(account, task_type="something_new")

    assert reverse("charge-adopt", args=[charge.pk]) not in show(alice)
    assert "It cannot be adopted" in show(alice, reverse("charge-adopt", args=[charge.pk]))


@pytest.mark.postgres
def test_adopting_leads_to_the_new_task(alice: Membership, account: Credential) -> None:
    charge = make_charge(account)
    form = show(alice, reverse("charge-adopt", args=[charge.pk]))
    assert "What was it?" in form
    answer: Any = browser_of(alice).post(
        reverse("charge-adopt", args=[charge.pk]), {"step": "video-avatar/video"}
    )

    call = Submission.objects.get()
    assert (answer.status_code, answer.url) == (303, f"/tasks/{call.task_id}/")
    assert (call.status, call.remote_id) == (Status.RUNNING, "seen-elsewhere")
    assert "Every charge has its task" in show(alice)


def test_a_reason_is_asked_for_where_it_is_missing(alice: Membership, account: Credential) -> None:
    charge = make_charge(account)
    answer = browser_of(alice).post(reverse("charge-set-aside", args=[charge.pk]), {"reason": ""})

    assert answer.status_code == 422
    assert "Say why, for your colleagues." in answer.content.decode()
    browser_of(alice).post(reverse("charge-set-aside", args=[charge.pk]), {"reason": "For a fair."})
    assert "For a fair." in show(alice, f"{PAGE}?sort=aside")
    browser_of(alice).post(reverse("charge-restore", args=[charge.pk]))
    assert "seen-elsewhere" in show(alice)


@pytest.mark.postgres
def test_findings_are_filtered_by_credential_and_come_in_pages(
    alice: Membership, account: Credential, studio: Workspace
) -> None:
    other = make_account(studio, name="Second", created_at=account.created_at)
    make_charge(other, "of-the-second")
    for number in range(51):
        make_charge(account, f"row-{number:02}", charged_at=timezone.now() - timedelta(minutes=10 + number))

    assert "of-the-second" in show(alice, f"{PAGE}?account={other.pk}")
    assert "row-00" not in show(alice, f"{PAGE}?account={other.pk}")
    first = show(alice, f"{PAGE}?account={account.pk}")
    assert "row-00" in first
    assert "row-50" not in first
    assert "before=" in first


def test_the_file_for_a_spreadsheet_holds_no_formula(alice: Membership, account: Credential) -> None:
    make_charge(account, "=cmd|calc")
    answer: Any = browser_of(alice).get(f"{PAGE}findings.csv")

    text = b"".join(answer.streaming_content).decode()
    assert "'=cmd|calc" in text
    assert len(text.strip().splitlines()) == 2


@pytest.mark.postgres
def test_what_was_not_charged_is_listed_with_its_task(
    alice: Membership, mark: Membership, account: Credential
) -> None:
    days_ago = timezone.now() - timedelta(days=3)
    make_task(mark, title="A free cup", status=Status.SUCCEEDED, finished_at=days_ago, cost=Decimal(3))
    Credential.objects.update(read_whole_at=timezone.now())

    page = show(alice, f"{PAGE}?sort=uncharged")
    assert "A free cup" in page
    assert "3 credits" in page


def make_lost(mark: Membership, **facts: Any) -> Submission:
    until = timezone.now() + timedelta(hours=2)
    return make_task(mark, status=Status.UNKNOWN, **{"settle_until": until, **facts}).submissions.get()


def make_candidate(call: Submission, remote_id: str, **facts: str) -> Candidate:
    told = {"at": "2026-11-26T10:00:00+00:00", "cost": "5", "word": "running", "line": "A cup turns."}
    return Candidate.objects.create(
        workspace=call.workspace,
        submission=call,
        evidence=EvidenceKind.BOARD,
        remote_id=remote_id,
        facts={**told, **facts},
    )


def test_the_page_says_which_evidence_can_come_and_until_when(mark: Membership, settings: Any) -> None:
    settings.NOTICE_URL = "https://portal.example"
    page = show(mark, f"/tasks/{make_lost(mark, board_id='b1').task_id}/")

    assert "The portal keeps looking until" in page
    for words in (
        "a message from TopView",
        "a charge in the credit log",
        "its row on the portal&#x27;s board",
    ):
        assert words in page
    assert "When exactly one thing fits, it goes on by itself." in page


def test_after_a_restoring_the_page_says_that_a_person_decides(mark: Membership) -> None:
    page = show(mark, f"/tasks/{make_lost(mark, quarantined_at=timezone.now()).task_id}/")

    assert "Since a backup was restored, a person says whether" in page
    assert "goes on by itself" not in page


def test_after_its_time_the_page_says_plainly_that_nothing_came(mark: Membership) -> None:
    call = make_lost(mark, settle_until=timezone.now())
    unread = show(mark, f"/tasks/{call.task_id}/")
    assert "have not been read since then" in unread and "No evidence had come by" not in unread
    Credential.objects.update(read_whole_at=timezone.now())
    page = show(mark, f"/tasks/{call.task_id}/")

    assert "No evidence had come by" in page
    assert "The portal keeps looking" not in page
    assert "It never arrived" in page


def test_where_the_account_is_disabled_the_page_says_that_nobody_can_look(mark: Membership) -> None:
    call = make_lost(mark)
    Credential.objects.update(state=CredentialState.DISABLED)
    page = show(mark, f"/tasks/{call.task_id}/")

    assert "cannot look for it, since the account is disabled" in page
    assert "The portal keeps looking" not in page


def test_a_page_that_waits_for_evidence_looks_as_often_as_one_of_a_running_call(mark: Membership) -> None:
    running = make_task(mark, status=Status.RUNNING)
    waiting = show(mark, f"/tasks/{make_lost(mark).task_id}/")
    given_up = show(mark, f"/tasks/{make_lost(mark, settle_until=timezone.now()).task_id}/")

    assert pause_of(waiting) == pause_of(show(mark, f"/tasks/{running.pk}/"))
    assert pause_of(given_up) > pause_of(waiting)


def pause_of(page: str) -> float:
    """Seconds between two looks of the page."""
    found = re.search(r'hx-trigger="every ([0-9.]+)s"', page)
    assert found
    return float(found[1])


@pytest.mark.postgres
def test_what_it_may_be_stands_side_by_side_for_those_who_may_choose(
    mark: Membership, rita: Membership
) -> None:
    call = make_lost(mark)
    one = make_candidate(call, "first-one")
    make_candidate(call, "second-one", line="It turns right.", at="2026-11-26T10:00:07+00:00")
    page = show(mark, f"/tasks/{call.task_id}/")

    for words in ("first-one", "second-one", "A cup turns.", "5 credits", "None of these", "running"):
        assert words in page
    assert ":00:00" in page and ":00:07" in page, "equal orders are told apart by seconds"
    assert page.count("This is it") == 2
    assert "This is it" not in show(rita, f"/tasks/{call.task_id}/")
    assert "second-one" in show(rita, f"/tasks/{call.task_id}/")

    browser_of(mark).post(reverse("submission-choose", args=[call.pk, one.pk]))
    assert call.claims.get().remote_id == "first-one"
    browser_of(mark).post(reverse("submission-none", args=[call.pk]))
    assert "This is it" not in show(mark, f"/tasks/{call.task_id}/")


def test_a_candidate_of_another_call_cannot_be_chosen(mark: Membership) -> None:
    call, other = make_lost(mark), make_lost(mark)
    theirs = make_candidate(other, "theirs")

    answer = browser_of(mark).post(reverse("submission-choose", args=[call.pk, theirs.pk]))
    assert answer.status_code == 404
