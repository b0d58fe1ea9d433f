"""Pages that renew themselves, and leave alone what a person is doing. The browser's clock is wound on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.causes import Cause, Code
from tasks.models import OutputState, Status, Submission, Task
from tests.browser import Watch
from tests.end_to_end.stage import Stage, Team
from tests.media.samples import make_video
from tests.people import make_blob
from tests.views.rows import make_account, make_output, make_task, worker_is_alive

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Response

pytestmark = pytest.mark.browser

# Longer than any pause between two polls.
_LONG = 40_000

# Counts what changes in a part of the page, apart from running clocks and the mark of a request under way.
_OBSERVE = """
(part) => {
  window.changes = 0;
  new MutationObserver((seen) => {
    const isClock = (node) => (node.closest ? node : node.parentElement).closest("time");
    const counts = ({ target, attributeName }) => attributeName !== "class" && !isClock(target);
    window.changes += seen.filter(counts).length;
  }).observe(part, { subtree: true, childList: true, characterData: true, attributes: true });
}
"""


@pytest.fixture
def team(stage: Stage, context: BrowserContext, page: Page) -> Team:
    """Mark is signed in, a worker seems to be alive, and time passes when the test says so."""
    worker_is_alive()
    team = stage.make_team()
    make_account(team.workspace)
    stage.sign_in(context, team.mark)
    page.clock.install()
    return team


def open_list(stage: Stage, page: Page) -> None:
    page.goto(f"{stage.web_url}{reverse('task-list')}")


def open_task(stage: Stage, page: Page, task: Task) -> None:
    page.goto(f"{stage.web_url}{reverse('task-page', args=[task.pk])}")


def poll(page: Page, part: str = "/live/") -> Response:
    """Let the time of a poll come; what the portal answered."""
    with page.expect_response(lambda response: part in response.url) as answer:
        page.clock.fast_forward(_LONG)
    answer.value.finished()
    return answer.value


def move_on(task: Task, status: Status, **facts: Any) -> None:
    """What the worker does when TopView has answered."""
    Submission.objects.filter(task=task).update(status=status, **facts)
    task.touch()


def hide(page: Page, *, hidden: bool) -> None:
    """Send the tab behind another one, or bring it back."""
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_an_unchanged_list_is_answered_with_nothing_and_stays_untouched(
    stage: Stage, team: Team, page: Page
) -> None:
    make_task(team.mark, status=Status.RUNNING)
    open_list(stage, page)
    page.locator("#task-rows").evaluate(_OBSERVE)
    for _turn in range(3):
        assert poll(page, "/rows/").status == 204
    assert page.evaluate("() => window.changes") == 0


def test_a_colleagues_task_appears_in_an_open_list(stage: Stage, team: Team, page: Page) -> None:
    make_task(team.mark, title="The first one")
    open_list(stage, page)
    page.locator(".task").evaluate("(row) => { window.row = row; }")
    make_task(team.alice, title="From a colleague")
    assert poll(page, "/rows/").status == 200
    expect(page.get_by_role("link", name="From a colleague")).to_be_visible()
    assert page.evaluate("() => window.row.isConnected"), "the row that was there was drawn anew"


def test_a_playing_video_plays_on_while_the_page_around_it_changes(
    stage: Stage, team: Team, page: Page, tmp_path: Path
) -> None:
    film = make_video(tmp_path / "film.mp4", seconds=30)
    task = make_task(team.mark, status=Status.RUNNING)
    make_output(task, blob=make_blob(team.workspace, film.read_bytes(), "video/mp4"), seconds=30.0)
    other = make_output(task, position=1, state=OutputState.SAVING)
    open_task(stage, page, task)
    video = page.locator("video")
    video.evaluate("(video) => { window.video = video; return video.play(); }")
    page.wait_for_function("() => window.video.currentTime > 0.3")
    before = page.evaluate("() => window.video.currentTime")

    type(other).objects.filter(pk=other.pk).update(
        state=OutputState.LOST, error=Cause.earlier("The link had died.")
    )
    move_on(task, Status.SUCCEEDED)
    assert poll(page).status == 200
    expect(page.get_by_text("The link had died.")).to_be_visible()
    assert page.evaluate("() => window.video.isConnected && !window.video.paused")
    page.wait_for_function("(before) => window.video.currentTime > before", arg=before)


def test_a_hidden_tab_asks_nothing_and_catches_up_when_it_is_seen(
    stage: Stage, team: Team, page: Page
) -> None:
    task = make_task(team.mark, status=Status.RUNNING)
    open_task(stage, page, task)
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    hide(page, hidden=True)
    page.clock.fast_forward(_LONG)
    page.clock.run_for(_LONG)
    assert asked == []
    move_on(task, Status.FAILED)
    hide(page, hidden=False)
    expect(page.locator("#task-state .pill")).to_have_text("Failed")


def test_a_finished_task_is_not_asked_about(stage: Stage, team: Team, page: Page) -> None:
    task = make_task(team.mark)
    make_output(task)
    open_task(stage, page, task)
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(_LONG * 3)
    assert asked == []


def test_what_somebody_writes_stays_while_the_page_changes(stage: Stage, team: Team, page: Page) -> None:
    task = make_task(team.mark, status=Status.UNKNOWN)
    open_task(stage, page, task)
    page.get_by_text("More options").click()
    page.get_by_label("How do you know?").fill("I looked")
    move_on(task, Status.UNKNOWN, attention=Cause.of(Code.CLAIM_NOT_KNOWN, remote_id="7"))
    assert poll(page).status == 200
    expect(page.get_by_text("TopView does not know a task 7")).to_be_visible()
    expect(page.get_by_label("How do you know?")).to_have_value("I looked")
    expect(page.get_by_label("How do you know?")).to_be_focused()


def test_the_focus_is_not_lost_with_the_button_that_goes_away(stage: Stage, team: Team, page: Page) -> None:
    task = make_task(team.mark, status=Status.RUNNING)
    open_task(stage, page, task)
    page.get_by_role("button", name="Stop watching").focus()
    move_on(task, Status.SUCCEEDED)
    poll(page)
    expect(page.locator("#task-state .pill")).to_have_text("Finished")
    expect(page.locator("main:focus, main :focus")).to_have_count(1)


def test_an_ended_session_leads_to_the_sign_in_page_and_back(
    stage: Stage, team: Team, page: Page, context: BrowserContext, watch: Watch
) -> None:
    watch.allowed.append("status of 401")
    open_list(stage, page)
    context.clear_cookies()
    poll(page, "/rows/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert f"next={reverse('task-list')}" in page.url
