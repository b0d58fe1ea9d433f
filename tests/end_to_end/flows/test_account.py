"""The accounts' pages with real parts: a charge appears beside its task, TopView reaches our address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.models import Charge, Status, Submission
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.person import PATIENCE
from tests.end_to_end.sharing import OnStage
from tests.end_to_end.stage import Stage, Team
from tests.parts import wait_until
from tests.people import order
from tests.views.rows import COUNTING, make_account, make_task, worker_is_alive

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser


class StageWithAddress(Stage):
    """The sandbox may call back to its web server."""

    def environment(self, **more: str) -> dict[str, str]:
        return super().environment(NOTICE_URL=self.web_url, **more)


@pytest.fixture(scope="module")
def stage(
    tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path, on_stage: OnStage, static_files: None
) -> Iterator[Stage]:
    """One of its own, since the parts of the others have no address."""
    stage = StageWithAddress(tmp_path_factory.mktemp("address"), migrated_sqlite)
    with on_stage(stage):
        try:
            stage.start_web()
            yield stage
        finally:
            stage.end()


@pytest.fixture
def open_as(stage: Stage, context: BrowserContext, page: Page) -> Callable[..., Page]:
    """Open a path as a member."""

    def open_as(member: Any, path: str) -> Page:
        stage.sign_in(context, member)
        page.goto(f"{stage.web_url}{path}")
        return page

    return open_as


def test_a_charge_is_seen_beside_its_task_and_the_address_is_reached(
    stage: Stage, open_as: Callable[..., Page], tmp_path: Path
) -> None:
    team, credential = stage.ready_team()
    task = order(COUNTING, team.mark, credential, tmp_path)
    wait_until(lambda: Submission.objects.filter(task=task, status=Status.SUCCEEDED), what="the film")
    wait_until(lambda: Submission.objects.filter(task=task, callbacks__isnull=False), what="the callback")

    page = open_as(team.alice, reverse("account"))
    page.get_by_role("link", name="Credit log").click()
    page.get_by_role("button", name="Refresh").click()
    charge = page.get_by_role("row", name=task.title)
    expect(charge).to_contain_text("credit", timeout=PATIENCE)
    expect(page.get_by_text("The log is being read")).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_role("progressbar", name="Disk space at TopView")).to_be_visible()
    assert_well_made(page, "credit log")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert task.title in Path(download.value.path()).read_text("utf-8-sig")
    charge.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(task.title)

    page = open_as(team.alice, reverse("callbacks"))
    page.get_by_role("button", name="Check my address").click()
    expect(page.get_by_text("Reached", exact=True)).to_be_visible(timeout=PATIENCE)
    assert_well_made(page, "callbacks")
    assert stage.sandbox.violations() == []


def test_the_pages_of_accounts_in_their_other_states(stage: Stage, open_as: Callable[..., Page]) -> None:
    worker_is_alive()
    team = stage.make_team()
    assert_well_made(open_as(team.alice, reverse("account")), "no account")
    fill(team)
    for member in (team.alice, team.mark):
        assert_well_made(open_as(member, reverse("account")), "accounts")
    credential = team.workspace.credentials.get()
    page = open_as(team.alice, reverse("account-log", args=[credential.pk]))
    assert_well_made(page, "credit log with every sort of row")
    page.get_by_role("radio", name="Not made here").check(force=True)
    expect(page.get_by_role("row", name="made-elsewhere")).to_have_count(1)
    expect(page.get_by_role("link", name="A turning cup")).to_have_count(0)
    assert_well_made(open_as(team.alice, reverse("credential-edit", args=[credential.pk])), "change")


def fill(team: Team) -> None:
    """An account with a charge of ours, one of others, one without a time, and a full disk."""
    problem = "TopView could not use the address. (noticeUrl failed the check: no answer)"
    facts = {"balance": "12.5", "space_used": 10**9, "space_most": 10**9, "callback_problem": problem}
    credential = make_account(team.workspace, name="Agency", **facts)
    task = make_task(team.mark, title="A turning cup")
    rows: list[dict[str, Any]] = [
        {"charged_at": task.created_at, "submission": task.submissions.get(), "task_type": "m2v"},
        {"charged_at": task.created_at, "remote_id": "made-elsewhere", "task_type": "voice_clone"},
        {"charged_at": None, "remote_id": "timeless"},
    ]
    for row in rows:
        Charge.objects.create(workspace=team.workspace, credential=credential, cost="5", **row)
