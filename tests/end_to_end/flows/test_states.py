"""What goes wrong is seen: words, and a next step that works. With real parts and the sandbox's faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.models import Credential, Membership, Task, User
from tests.end_to_end.film import watch_film
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.person import (
    PATIENCE,
    TASK_PAGE,
    drop_file,
    field,
    holds,
    reload_until,
    take_notes,
    wait_for_state,
)
from tests.end_to_end.stage import Stage, Team
from tests.parts import ROOT
from tests.people import make_credential, order, ready_catalogs
from tests.sandbox_fixture import SandboxDriver
from tests.views.rows import COUNTING, PICKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page, Route

pytestmark = pytest.mark.browser

PORTRAIT = ROOT / "tasks" / "kinds" / "demo" / "portrait.png"
OPERATION = COUNTING.steps[0].wire.operation


class Visit:
    """A browser in which somebody of the stage is signed in."""

    def __init__(self, stage: Stage, context: BrowserContext, page: Page) -> None:
        self.stage, self.context, self.page = stage, context, page

    def open(self, member: Membership, path: str) -> Page:
        """Open a path as a member."""
        self.stage.sign_in(self.context, member)
        self.page.goto(f"{self.stage.web_url}{path}")
        return self.page

    def open_task(self, member: Membership, task: Task) -> Page:
        """Open a task's page as a member."""
        return self.open(member, reverse("task-page", args=[task.pk]))


@pytest.fixture
def visit(stage: Stage, context: BrowserContext, page: Page) -> Visit:
    take_notes(page)
    return Visit(stage, context, page)


@pytest.fixture(scope="module")
def at_work(stage: Stage) -> tuple[Team, Credential]:
    """A team that can make films."""
    return stage.ready_team()


@pytest.fixture
def make_film(
    stage: Stage, at_work: tuple[Team, Credential], tmp_path: Path
) -> Iterator[Callable[..., Task]]:
    """Order films as the marketer. Faults that the test sets are gone after it."""
    team, credential = at_work

    def make_film(**values: Any) -> Task:
        return order(COUNTING, team.mark, credential, tmp_path, {"prompt": "The cup turns.", **values})

    yield make_film
    stage.sandbox.clear()


def trouble(page: Page, title: str) -> Locator:
    """The box that says what is the matter."""
    box = page.locator(".task-alert").filter(has=page.get_by_role("heading", name=title))
    expect(box).to_be_visible(timeout=PATIENCE)
    return box


def agree(page: Page, action: str) -> None:
    """Say yes to the page's question."""
    page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()


def test_without_a_worker_what_is_created_waits_and_then_goes_on_by_itself(
    stage: Stage, visit: Visit, tmp_path: Path
) -> None:
    stage.end_worker()
    stage.need_sandbox()
    team = stage.make_team()
    task = order(COUNTING, team.mark, make_credential(team.workspace), tmp_path)
    # Machines are the matter of owners.
    User.objects.filter(pk=team.alice.user_id).update(is_staff=True)
    page = visit.open(team.alice, reverse("task-list"))
    expect(page.get_by_text("No worker is running")).to_be_visible()
    page.get_by_role("link", name="See the status").click()
    expect(page.get_by_text("No worker runs")).to_be_visible()
    page = visit.open_task(team.mark, task)
    expect(page.get_by_text("What you create waits safely")).to_be_visible()
    wait_for_state(page, "Queued")
    assert_well_made(page, "no worker")
    stage.need_worker()
    wait_for_state(page, "Finished")


def test_without_a_credential_people_learn_whom_to_ask_and_an_admin_adds_it(
    stage: Stage, visit: Visit
) -> None:
    stage.need_sandbox()
    stage.need_worker()
    team = stage.make_team()
    form = reverse("task-new", args=[COUNTING.slug])
    page = visit.open(team.mark, form)
    expect(page.get_by_text("Ask an admin of this workspace").first).to_be_visible()
    expect(page.get_by_role("button", name="Create video")).to_have_count(0)

    page = visit.open(team.alice, reverse("task-list"))
    page.get_by_role("link", name="Add a credential").first.click()
    add_credential(page, SandboxDriver.uid, SandboxDriver.key)
    expect(page.get_by_text("Active", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(SandboxDriver.key)).to_have_count(0)
    page = visit.open(team.mark, form)
    expect(page.get_by_role("button", name="Create video")).to_be_visible(timeout=PATIENCE)


def add_credential(page: Page, uid: str, key: str) -> None:
    page.get_by_label("Name", exact=True).fill("Our account")
    page.get_by_label("Service").select_option(label="Sandbox")
    page.get_by_label("Account id").fill(uid)
    page.get_by_label("Key", exact=True).fill(key)
    page.get_by_role("button", name="Add and check").click()


def test_a_wrong_key_is_found_at_once_and_can_be_replaced(stage: Stage, visit: Visit) -> None:
    stage.need_sandbox()
    stage.need_worker()
    team = stage.make_team()
    page = visit.open(team.alice, reverse("credential-add"))
    add_credential(page, SandboxDriver.uid, "sk-this-is-not-the-key")
    expect(page.get_by_text("Disabled", exact=True)).to_be_visible(timeout=PATIENCE)
    assert_well_made(page, "wrong key")
    marks = visit.open(team.mark, reverse("task-list"))
    reload_until(marks, marks.get_by_text("is disabled"))

    page = visit.open(team.alice, reverse("credential-list"))
    page.get_by_role("link", name="Replace key").click()
    page.get_by_label("Key").fill(SandboxDriver.key)
    page.get_by_role("main").get_by_role("button").last.click()
    expect(page.get_by_text("Active", exact=True)).to_be_visible(timeout=PATIENCE)


def test_an_account_without_credits_says_so_and_pauses(stage: Stage, visit: Visit, tmp_path: Path) -> None:
    stage.need_sandbox()
    stage.need_worker()
    team = stage.make_team()
    poor = make_credential(team.workspace, uid=SandboxDriver.empty_uid, key=SandboxDriver.empty_key)
    page = visit.open_task(team.mark, order(COUNTING, team.mark, poor, tmp_path))
    expect(page.locator(".task-alert").get_by_text(re.compile("credit"))).to_be_visible(timeout=PATIENCE)
    assert stage.sandbox.accepted() == 0 or not stage.sandbox.violations()
    assert_well_made(page, "out of credits")
    # Each process of the web server keeps the state of a workspace's credentials for some seconds.
    page = visit.open(team.alice, reverse("task-list"))
    reload_until(page, page.get_by_text("is paused"))
    visit.page.get_by_role("link", name="Credentials").first.click()
    expect(visit.page.get_by_text("Paused", exact=True)).to_be_visible()


def test_a_file_that_is_not_what_its_name_says_is_refused_in_words(
    stage: Stage, visit: Visit, tmp_path: Path
) -> None:
    stage.need_sandbox()
    team = stage.make_team()
    ready_catalogs(make_credential(team.workspace))
    visit.open(team.mark, reverse("task-new", args=[PICKING.slug]))
    page = visit.page
    page.get_by_role("radio", name="My photo").check()
    html = tmp_path / "portrait.png"
    html.write_text("<!doctype html><html><body><script>alert(1)</script></body></html>")
    drop_file(page, "Photo", html, "image/png")
    row = field(page, "Photo").locator(".upload--failed")
    expect(row).to_be_visible()
    expect(row.get_by_text("This is HTML by its content, which cannot be used.")).to_be_visible()
    # Sent again it would be the same.
    expect(row.get_by_role("button", name="Try again")).to_be_hidden()
    assert_well_made(page, "upload refused")
    row.get_by_role("button", name="take off this list").click()
    expect(row).to_have_count(0)
    expect(field(page, "Photo").get_by_text("Choose files")).to_be_visible()


def test_a_form_sent_before_its_file_has_arrived_is_kept_and_says_so(stage: Stage, visit: Visit) -> None:
    stage.need_sandbox()
    stage.need_worker()
    team = stage.make_team()
    make_credential(team.workspace)
    page = visit.open(team.mark, reverse("task-new", args=[COUNTING.slug]))
    held: list[Route] = []
    page.route("**/library/add/", lambda route: held.append(route))
    with page.expect_request("**/library/add/"):
        drop_file(page, "Picture", PORTRAIT, "image/png")
    expect(field(page, "Picture").locator(".upload")).to_be_visible()
    page.get_by_role("button", name="Create video").click()
    expect(page.get_by_text("A file is still on its way")).to_be_visible()
    held[0].continue_()
    expect(holds(page, "Picture")).to_have_text("portrait.png")
    page.get_by_role("button", name="Create video").click()
    page.wait_for_url(TASK_PAGE)
    # Or its paid call would meet the fault of another test.
    stage.need_worker()
    wait_for_state(page, "Finished")


def test_a_failed_task_says_why_and_can_be_tried_again(
    stage: Stage, visit: Visit, make_film: Callable[..., Task]
) -> None:
    stage.sandbox.fault("task-fail", scope=OPERATION, next=1)
    task = make_film()
    page = visit.open_task(task_owner(task), task)
    wait_for_state(page, "Failed")
    box = trouble(page, "TopView could not make it")
    assert len(box.inner_text().splitlines()) > 1, "no reason"
    assert_well_made(page, "failed")
    box.get_by_label("Reason for retrying").fill("TopView had a bad minute.")
    box.get_by_role("button", name="Try again").click()
    agree(page, "Try again")
    wait_for_state(page, "Finished")


def task_owner(task: Task) -> Membership:
    """The one who ordered it."""
    return Membership.objects.get(user=task.owner, workspace=task.workspace)


def test_an_outcome_that_nobody_knows_is_settled_with_the_id_found_at_topview(
    stage: Stage, visit: Visit, make_film: Callable[..., Task]
) -> None:
    known = {row["taskId"] for row in stage.sandbox.state()["tasks"]}
    stage.sandbox.fault("drop-after", scope=OPERATION, next=1)
    # Not finished, it is not charged: else the portal finds it by itself while the test looks at the page.
    stage.sandbox.fault("slow", scope=OPERATION, next=1, value=3600)
    task = make_film()
    page = visit.open_task(task_owner(task), task)
    box = trouble(page, "We couldn't confirm that TopView received this")
    assert_well_made(page, "unknown")
    [remote_id] = {row["taskId"] for row in stage.sandbox.state()["tasks"]} - known
    box.get_by_label("Task id at TopView").fill(remote_id)
    box.get_by_role("button", name="Follow this task").click()
    stage.sandbox.finish(remote_id)
    wait_for_state(page, "Finished")
    expect(page.locator(".result video")).to_be_visible(timeout=PATIENCE)
    assert task.submissions.count() == 1


def test_an_outcome_that_nobody_knows_is_settled_by_saying_that_it_never_arrived(
    stage: Stage, visit: Visit, make_film: Callable[..., Task]
) -> None:
    stage.sandbox.fault("drop-before", scope=OPERATION, next=1)
    task = make_film()
    page = visit.open_task(task_owner(task), task)
    box = trouble(page, "We couldn't confirm that TopView received this")
    box.get_by_text("More options").click()
    box.get_by_label("How do you know?").fill("TopView's own list is empty.")
    box.get_by_role("button", name="It never arrived").click()
    agree(page, "It never arrived")
    box = trouble(page, "Given up")
    expect(box.get_by_text("TopView's own list is empty.")).to_be_visible()
    box.get_by_label("Reason for retrying").fill("It never arrived at TopView")
    box.get_by_role("button", name="Try again").click()
    agree(page, "Try again")
    wait_for_state(page, "Finished")


def test_a_task_that_partly_failed_shows_what_there_is_and_offers_the_rest(
    stage: Stage, visit: Visit, make_film: Callable[..., Task]
) -> None:
    stage.sandbox.fault("partial", scope=OPERATION, next=1, value=1)
    task = make_film(count="3")
    page = visit.open_task(task_owner(task), task)
    box = trouble(page, "1 of 3 could not be made")
    expect(page.locator(".result video")).to_have_count(2, timeout=PATIENCE)
    watch_film(page.locator(".result video").last)
    box.get_by_role("link", name="Make the missing ones").click()
    expect(page.get_by_label("What should happen")).to_have_value("The cup turns.")
    expect(page.get_by_label("Variations")).to_have_value("1")
