"""The account page and the credit log."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from tasks.models import Charge, Credential, Membership, Status, Submission
from tasks.spreadsheets import safe_cell
from tests.people import browser_of
from tests.views.rows import COUNTING, make_account, make_task

ACCOUNT = reverse("account")
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def credential(alice: Membership) -> Credential:
    return make_account(alice.workspace, name="Agency", balance=Decimal("12.5"), balance_at=timezone.now())


def log(credential: Credential, query: str = "") -> str:
    return reverse("account-log", args=[credential.pk]) + query


def show(member: Membership, url: str) -> str:
    answer = browser_of(member).get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def charge(credential: Credential, cost: str = "5", **facts: Any) -> Charge:
    """One row of the log, a moment ago."""
    columns = {"charged_at": timezone.now(), "task_type": "m2v", "remote_id": "remote-1", **facts}
    return Charge.objects.create(
        workspace=credential.workspace, credential=credential, cost=Decimal(cost), **columns
    )


def call(member: Membership, title: str, **facts: Any) -> Submission:
    return make_task(member, title=title, status=Status.SUCCEEDED, **facts).submissions.get()


def test_those_who_spend_see_the_balance_and_admins_the_rest(
    alice: Membership, mark: Membership, credential: Credential
) -> None:
    Credential.objects.update(space_used=500_000_000, space_most=2_000_000_000)
    for member in (alice, mark):
        assert "12.5 credits" in show(member, ACCOUNT)
    full, spender = show(alice, ACCOUNT), show(mark, ACCOUNT)
    for words in (log(credential), credential.uid, "Disk space", 'max="2000000000" value="500000000"'):
        assert words in full
        assert words not in spender


def test_what_was_never_asked_is_shown_as_unknown(alice: Membership) -> None:
    make_account(alice.workspace)
    page = show(alice, ACCOUNT)
    assert "not asked yet" in page
    assert "<progress" not in page


def test_without_a_credential_the_page_says_so(alice: Membership, mark: Membership) -> None:
    assert reverse("credential-add") in show(alice, ACCOUNT)
    assert "No account yet" in show(mark, ACCOUNT)
    assert reverse("credential-add") not in show(mark, ACCOUNT).split("No account yet")[1]


@pytest.mark.postgres
def test_our_task_stands_beside_its_charge(
    alice: Membership, mark: Membership, credential: Credential
) -> None:
    submission = call(mark, "A turning cup")
    charge(credential, submission=submission)
    charge(credential, "2", remote_id="made-elsewhere")
    page = show(alice, log(credential))
    assert f'href="{reverse("task-page", args=[submission.task_id])}">A turning cup</a>' in page
    assert str(COUNTING.label) in page
    assert "made-elsewhere" in page
    assert page.count("<td") == 8
    assert 'class="pill">Not made here' in page


def test_a_charge_without_a_cost_in_its_task_is_shown_and_nothing_is_written(
    alice: Membership, mark: Membership, credential: Credential
) -> None:
    submission = call(mark, "An export", cost=None)
    charge(credential, "5", submission=submission)
    assert "5 credits" in show(alice, log(credential))
    submission.refresh_from_db()
    assert submission.cost is None


def test_a_task_of_a_product_that_is_gone_is_shown_by_its_own_words(
    alice: Membership, mark: Membership, credential: Credential
) -> None:
    submission = call(mark, "An old thing")
    submission.task.kind = "no-longer-offered"
    submission.task.save()
    charge(credential, submission=submission)
    assert "no-longer-offered" in show(alice, log(credential))


@pytest.mark.postgres
def test_the_log_is_filtered_by_type_and_by_where_it_was_made(
    alice: Membership, mark: Membership, credential: Credential
) -> None:
    charge(credential, submission=call(mark, "Made by us"), task_type="m2v")
    charge(credential, remote_id="stranger-1", task_type="m2v")
    charge(credential, remote_id="stranger-2", task_type="voice_clone")
    found = {
        query: [words for words in ("Made by us", "stranger-1", "stranger-2") if words in page]
        for query in ("", "?whose=ours", "?whose=others", "?type=voice_clone", "?whose=ours&type=voice_clone")
        if (page := show(alice, log(credential, query)))
    }
    assert found == {
        "": ["Made by us", "stranger-1", "stranger-2"],
        "?whose=ours": ["Made by us"],
        "?whose=others": ["stranger-1", "stranger-2"],
        "?type=voice_clone": ["stranger-2"],
        "?whose=ours&type=voice_clone": [],
    }
    assert "No charge fits" in show(alice, log(credential, "?whose=ours&type=voice_clone"))


@pytest.mark.postgres
@pytest.mark.parametrize("query", ["?whose=nobody", "?type=%00", "?before=x&after=y", "?asked=tomorrow"])
def test_what_cannot_be_read_in_an_address_filters_nothing(
    query: str, alice: Membership, credential: Credential
) -> None:
    charge(credential)
    assert "remote-1" in show(alice, log(credential, query))


@pytest.mark.postgres
def test_months_are_summed_in_the_persons_time_zone_and_as_filtered(
    alice: Membership, credential: Credential
) -> None:
    alice.user.time_zone = "Asia/Shanghai"
    alice.user.save()
    begins = timezone.now().replace(day=1, hour=12, minute=0)
    charge(credential, "0.1", charged_at=begins)
    charge(credential, "0.2", charged_at=begins, remote_id="remote-2")
    # The evening before in UTC is the first of the month already in Shanghai.
    charge(credential, "5", charged_at=begins.replace(hour=0) - timedelta(hours=2), task_type="voice_clone")
    charge(credential, "7", charged_at=begins - timedelta(days=3), remote_id="remote-3")
    charge(credential, "100", charged_at=begins - timedelta(days=800))
    months = re.findall(r"<dd>([\d.]+ credits)</dd>", show(alice, log(credential)))
    assert months == ["5.3 credits", "7 credits"]
    assert re.findall(r"<dd>([\d.]+ credits)</dd>", show(alice, log(credential, "?type=voice_clone"))) == [
        "5 credits"
    ]


@pytest.mark.postgres
def test_the_log_is_paged_without_losing_or_repeating_a_charge(
    alice: Membership, credential: Credential
) -> None:
    # Many of the same second: the number settles their order.
    for number in range(120):
        charge(credential, charged_at=NOON, remote_id=f"remote-{number:03}", number=number)
    seen: list[str] = []
    url, pages = log(credential), 0
    while url:
        page = show(alice, url)
        seen += re.findall(r"remote-\d{3}", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        url, pages = (older[1].replace("&amp;", "&") if older else ""), pages + 1
    assert seen == [f"remote-{number:03}" for number in reversed(range(120))]
    assert pages == 3
    newer = re.search(r'rel="prev" href="([^"]+)"', page)
    assert newer
    assert "remote-060" in show(alice, newer[1].replace("&amp;", "&"))


@pytest.mark.postgres
def test_a_page_of_the_log_costs_few_queries_however_many_tasks_it_names(
    alice: Membership, mark: Membership, credential: Credential, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        charge(credential, submission=call(mark, f"Task {number}"), number=number)
    client = browser_of(alice)
    client.get(log(credential))
    with django_assert_max_num_queries(12) as queries:
        client.get(log(credential))
    assert isinstance(queries, CaptureQueriesContext)


@pytest.mark.postgres
def test_charges_without_a_time_stand_apart(alice: Membership, credential: Credential) -> None:
    charge(credential, charged_at=None, remote_id="timeless")
    page = show(alice, log(credential))
    assert "Without a time" in page
    assert "timeless" in page


def test_reading_now_asks_the_worker_and_the_page_waits_for_it(
    alice: Membership, credential: Credential
) -> None:
    client = browser_of(alice)
    answer = client.post(reverse("account-refresh", args=[credential.pk]), follow=True)
    assert [message.func() for message in OrmQ.objects.all()] == ["tasks.jobs.read_account"]
    page = answer.content.decode()
    assert "The log is being read" in page
    found = re.search(r'id="charge-log" hx-get="([^"]+)"', page)
    assert found
    poll = found[1].replace("&amp;", "&")
    assert client.get(poll).status_code == 204
    charge(credential, remote_id="fresh")
    Credential.objects.update(charges_read_at=timezone.now() + timedelta(seconds=1))
    answer = client.get(poll)
    assert "fresh" in answer.content.decode()
    assert "hx-get" not in answer.content.decode()


def test_a_reading_that_does_not_come_is_not_waited_for_for_ever(
    alice: Membership, credential: Credential
) -> None:
    long_ago = int((timezone.now() - timedelta(minutes=5)).timestamp())
    assert "being read" not in show(alice, log(credential, f"?asked={long_ago}"))


def test_a_log_that_is_not_read_any_more_says_so(alice: Membership, credential: Credential) -> None:
    Credential.objects.update(charges_read_at=timezone.now())
    assert "has not worked for a while" not in show(alice, log(credential))
    Credential.objects.update(charges_read_at=timezone.now() - timedelta(hours=2))
    assert "has not worked for a while" in show(alice, log(credential))


def spreadsheet(member: Membership, credential: Credential, query: str = "") -> list[list[str]]:
    answer = browser_of(member).get(reverse("account-csv", args=[credential.pk]) + query)
    assert answer.streaming
    assert "attachment" in answer["Content-Disposition"]
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.postgres
def test_the_log_can_be_taken_along_as_a_spreadsheet(
    alice: Membership, mark: Membership, credential: Credential
) -> None:
    charge(credential, "0.10", charged_at=NOON, submission=call(mark, "Cup, “red”\nand more"))
    charge(
        credential, "-5", charged_at=NOON - timedelta(days=1), remote_id="elsewhere", task_type="voice_clone"
    )
    head, ours, others = spreadsheet(alice, credential)
    assert head[:2] == ["Time (UTC)", "Credits"]
    assert ours[:6] == ["2026-03-10 12:00:00", "0.1", "m2v", "remote-1", "yes", "Cup, “red”\nand more"]
    assert others == ["2026-03-09 12:00:00", "-5", "voice_clone", "elsewhere", "no", "", "", ""]
    assert len(spreadsheet(alice, credential, "?type=voice_clone")) == 2


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"])
def test_no_cell_of_words_is_a_formula(
    text: str, alice: Membership, mark: Membership, credential: Credential
) -> None:
    charge(credential, submission=call(mark, text), remote_id=text, task_type=text[:80])
    (_head, row) = spreadsheet(alice, credential)
    for cell in (row[2], row[3], row[5]):
        assert cell == f"'{text}"
    assert safe_cell("plain") == "plain"


def test_charges_of_another_workspace_are_never_shown(
    alice: Membership, stefan: Membership, credential: Credential
) -> None:
    theirs = make_account(stefan.workspace, uid=credential.uid)
    charge(theirs, remote_id="secret-of-theirs")
    assert "secret-of-theirs" not in show(alice, log(credential))
    assert browser_of(alice).get(log(theirs)).status_code == 404
