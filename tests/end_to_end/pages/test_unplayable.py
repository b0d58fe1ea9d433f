"""Films that this browser cannot play: never a dead player, but a poster, a sentence and a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.models import Output, Preview, PreviewState
from tests.browser import Watch
from tests.end_to_end.stage import Stage, Team
from tests.media.test_cases import CASES
from tests.people import make_blob
from tests.views.rows import make_output, make_task, worker_is_alive

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def team(stage: Stage) -> Team:
    worker_is_alive()
    return stage.make_team()


def film(team: Team, name: str = "hevc.mov") -> Output:
    """A result of these bytes on the page of its task."""
    output = make_output(make_task(team.mark), seconds=2)
    blob = make_blob(team.workspace, (CASES / name).read_bytes(), "video/quicktime")
    Output.objects.filter(pk=output.pk).update(blob=blob, format="mov")
    output.refresh_from_db()
    return output


def preview_of(output: Output, **facts: Any) -> Preview:
    assert output.blob is not None
    workspace = output.workspace
    return Preview.objects.create(
        workspace=workspace, source=output.blob, format="mov", codec="hevc", **facts
    )


def open_task(stage: Stage, context: BrowserContext, page: Page, team: Team, output: Output) -> None:
    stage.sign_in(context, team.mark)
    page.goto(stage.web_url + reverse("task-page", args=[output.task_id]))


def test_until_the_preview_is_there_the_poster_and_the_download_stand_alone(
    stage: Stage, team: Team, context: BrowserContext, page: Page
) -> None:
    output = film(team)
    preview = preview_of(output)
    open_task(stage, context, page, team, output)
    expect(page.get_by_text("A small preview is being made")).to_be_visible()
    expect(page.locator("video")).to_have_count(0)
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    # As the worker ends it: the page shows it by itself.
    small = make_blob(team.workspace, (CASES / "handbrake.m4v").read_bytes(), "video/mp4")
    Preview.objects.filter(pk=preview.pk).update(state=PreviewState.READY, blob=small)
    output.task.touch()
    expect(page.locator("video")).to_have_count(1)


def test_this_browser_goes_on_to_the_preview_of_what_another_may_play(
    stage: Stage, team: Team, context: BrowserContext, page: Page
) -> None:
    output = film(team)
    small = make_blob(team.workspace, (CASES / "handbrake.m4v").read_bytes(), "video/mp4")
    preview = preview_of(output, blob=small, state=PreviewState.READY)
    open_task(stage, context, page, team, output)
    player = page.locator("video")
    player.evaluate("video => { video.muted = true; return video.play(); }")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
    assert player.evaluate("video => video.currentSrc").endswith(reverse("preview-file", args=[preview.pk]))
    assert player.evaluate("video => video.videoWidth") == 320
    expect(page.get_by_text("a small preview of its beginning")).to_be_visible()
    expect(page.get_by_text("This browser cannot play it")).to_be_hidden()


def test_what_turns_out_to_be_unplayable_leaves_its_poster_and_a_sentence(
    stage: Stage, team: Team, context: BrowserContext, page: Page, watch: Watch
) -> None:
    output = film(team)
    open_task(stage, context, page, team, output)
    expect(page.get_by_text("This browser cannot play it")).to_be_hidden()
    page.locator("video").evaluate("video => { video.preload = 'auto'; video.load(); }")
    expect(page.get_by_text("This browser cannot play it")).to_be_visible()
    assert page.locator("video").get_attribute("controls") is None
