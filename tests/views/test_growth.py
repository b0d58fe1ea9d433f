"""What every page's frame and the reconciliation cost the database stays the same as data grows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tasks.models import (
    Charge,
    Credential,
    Membership,
    Output,
    OutputState,
    Status,
    Submission,
    Task,
    Upload,
)
from tasks.views.frame import status_cache
from tests.database_work import database_work, learn_sizes
from tests.people import browser_of
from tests.views.keeping import forget_all
from tests.views.rows import COUNTING, fill_catalog, make_account, make_file, make_task, worker_is_alive

pytestmark = pytest.mark.postgres

PAGES = ("profile", "task-list", "portal-status", "account", "reconciliation")
UNCLAIMED = 150
FEW, MANY = 300, 3_000
# What deeper indexes and a fuller list add.
MARGIN = 50 if connection.vendor == "sqlite" else 600
STEP = COUNTING.steps[0].slug


@pytest.fixture
def account(mark: Membership) -> Credential:
    """An account with charges of which nobody here knows, and a call of unknown outcome."""
    worker_is_alive()
    account = make_task(mark, status=Status.UNKNOWN, intent_at=timezone.now()).credential
    Credential.objects.filter(pk=account.pk).update(created_at=timezone.now() - timedelta(days=80))
    account.refresh_from_db()
    Charge.objects.bulk_create(_charge(account, number, f"theirs-{number}") for number in range(UNCLAIMED))
    return account


def _charge(account: Credential, number: int, remote_id: str, call: Submission | None = None) -> Charge:
    return Charge(
        workspace=account.workspace,
        credential=account,
        charged_at=timezone.now() - timedelta(hours=1, seconds=number),
        cost=Decimal("1.5"),
        remote_id=remote_id,
        task_type="common_task_image2video",
        submission=call,
    )


def grow(member: Membership, account: Credential, size: int) -> None:
    """Leave what `size` more tasks leave behind: some on hold, some given up, most of them paid and saved."""
    at = timezone.now() - timedelta(days=40)
    tasks = Task.objects.bulk_create(
        Task(
            workspace=member.workspace,
            owner=member.user,
            credential=account,
            kind=COUNTING.slug,
            title="A turning cup",
            brief_digest=uuid4().hex,
            created_at=at - timedelta(seconds=number),
            status=Status.SUCCEEDED,
        )
        for number in range(size)
    )
    calls = Submission.objects.bulk_create(_call(task, number) for number, task in enumerate(tasks))
    Charge.objects.bulk_create(
        _charge(account, 100_000 + number, call.remote_id, call)
        for number, call in enumerate(calls)
        if call.status == Status.SUCCEEDED
    )
    saved = [call for call in calls if call.status == Status.SUCCEEDED]
    Output.objects.bulk_create(
        Output(
            workspace_id=call.workspace_id,
            task_id=call.task_id,
            submission=call,
            role="video",
            identity="0",
            state=OutputState.SAVED,
        )
        for call in saved
    )
    learn_sizes()


def _call(task: Task, number: int) -> Submission:
    status = (*[Status.SUCCEEDED] * 3, Status.QUEUED, Status.ABANDONED, Status.UNKNOWN)[number % 6]
    at = task.created_at
    facts = {"accepted_at": at, "finished_at": at + timedelta(minutes=1), "cost": Decimal("1.5")}
    return Submission(
        workspace_id=task.workspace_id,
        task=task,
        step=STEP,
        status=status,
        remote_id=uuid4().hex,
        created_at=at,
        next_at=timezone.now() + timedelta(days=1),
        **(facts if status == Status.SUCCEEDED else {}),
    )


def work_of(act: Callable[[], object]) -> int:
    """What an act costs the database, with nothing kept in memory."""
    status_cache.condition_of.cache_clear()
    status_cache.admin_condition_of.cache_clear()
    with database_work() as work:
        act()
    return work.units


def test_no_page_costs_the_database_more_when_everything_has_grown_tenfold(
    mark: Membership, alice: Membership, account: Credential
) -> None:
    client = browser_of(alice)

    def show(page: str) -> None:
        assert client.get(reverse(page)).status_code == 200

    def work() -> dict[str, int]:
        return {page: work_of(partial(show, page)) for page in PAGES}

    grow(mark, account, FEW)
    for page in PAGES:
        show(page)
    few = work()
    grow(mark, account, MANY - FEW)
    dearer = {page: (few[page], now) for page, now in work().items() if now > few[page] * 1.3 + MARGIN}
    assert dearer == {}


@pytest.mark.parametrize("name", ["catalog-page", "catalog-picker"])
def test_a_search_in_a_catalog_costs_the_database_no_more_when_the_catalog_is_ten_times_as_long(
    mark: Membership, name: str
) -> None:
    worker_is_alive()
    client = browser_of(mark)

    def work_with(length: int) -> int:
        account = make_account(mark.workspace)
        voices = [(f"Calm {number}", {"gender": ("male", "female")[number % 2]}) for number in range(length)]
        fill_catalog(account, "voices", voices)
        learn_sizes()
        url = f"{reverse(name, args=['voices'])}?q=calm&gender=female&favourites=first&account={account.pk}"

        def show() -> None:
            assert "Calm 7" in client.get(url).content.decode()

        show()  # and keep in memory what is in it
        return work_of(show)

    assert work_with(MANY) <= work_with(FEW) * 1.3 + MARGIN


def test_a_library_whose_files_are_used_ever_more_often_costs_the_database_no_more(
    mark: Membership, account: Credential
) -> None:
    client, upload = browser_of(mark), make_file(mark)
    links = Task.uploads.through

    def work_with(uses: int) -> int:
        known = links.objects.filter(upload=upload).count()
        grow(mark, account, uses - known)
        unused = Task.objects.exclude(uploads=upload).values_list("pk", flat=True)
        links.objects.bulk_create(links(task_id=task, upload_id=upload.pk) for task in unused)
        learn_sizes()
        client.get(reverse("library"))
        return work_of(lambda: client.get(reverse("library")))

    few = work_with(FEW)
    assert work_with(MANY) <= few * 1.3 + MARGIN
    assert "used more than 99 times" in client.get(reverse("library")).content.decode()


def test_what_only_admins_are_told_is_read_for_them_alone(
    mark: Membership, alice: Membership, account: Credential
) -> None:
    def charges_read_by(member: Membership) -> int:
        status_cache.condition_of.cache_clear()
        status_cache.admin_condition_of.cache_clear()
        with CaptureQueriesContext(connection) as seen:
            assert browser_of(member).get(reverse("profile")).status_code == 200
        return sum("tasks_charge" in query["sql"] for query in seen.captured_queries)

    assert charges_read_by(alice) == 1
    assert charges_read_by(mark) == 0


QUICK = ("library", "task-list", "task-formats", "product-list", "catalog-list", "credential-list", *PAGES)


def test_no_page_asks_the_database_more_often_when_everything_has_grown(
    mark: Membership, alice: Membership, account: Credential
) -> None:
    client = browser_of(alice)

    def asked() -> dict[str, int]:
        counts = {}
        for page in QUICK:
            client.get(reverse(page))  # and keep what only time makes fall
            forget_all()
            with CaptureQueriesContext(connection) as seen:
                assert client.get(reverse(page)).status_code == 200
            counts[page] = len(seen)
        return counts

    grow_library(mark, 10)
    grow(mark, account, 10)
    few = asked()
    grow_library(mark, 990)
    grow(mark, account, 990)
    assert asked() == few


def test_the_library_costs_the_database_no_more_when_it_holds_many_times_as_many(mark: Membership) -> None:
    client = browser_of(mark)

    def show() -> None:
        assert "cup.png" in client.get(reverse("library")).content.decode()

    grow_library(mark, 60)
    show()
    few = work_of(show)
    grow_library(mark, 940)
    show()
    assert work_of(show) <= few * 1.3 + MARGIN


def grow_library(member: Membership, size: int) -> None:
    """So many files more, each used by a task."""
    task, first = make_task(member), make_file(member)
    columns = {
        "workspace": member.workspace,
        "blob": first.blob,
        "poster": first.poster,
        "owner": member.user,
    }
    at = timezone.now() - timedelta(days=50)
    files = Upload.objects.bulk_create(
        Upload(
            **columns, name="cup.png", role="image", format="png", created_at=at - timedelta(seconds=number)
        )
        for number in range(size)
    )
    links = Task.uploads.through
    links.objects.bulk_create(links(task=task, upload=file) for file in files)
    learn_sizes()
