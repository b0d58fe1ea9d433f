"""What a stage shows besides its film: captions, transcript, small pictures, markers; enlarged pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.commands.library.measuring import keep_measured
from tasks.kinds import KINDS
from tasks.models import Output, OutputState, Version
from tests.end_to_end.looks import assert_well_made
from tests.end_to_end.pages.test_player import MOMENTS
from tests.end_to_end.stage import Stage, Team
from tests.media.counted_films import SIDES, make_counted_film
from tests.media.samples import make_picture
from tests.media.test_examine import inspect
from tests.people import make_blob
from tests.reviewing import send
from tests.views.rows import make_output, make_strip, make_task, worker_is_alive

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

BRIEF = {"schema": 1, "speech": "text", "script": "Good morning. Three things are new."}


@pytest.fixture
def team(stage: Stage) -> Team:
    worker_is_alive()
    return stage.make_team()


def film_of(team: Team, folder: Path) -> Output:
    """A measured result with a script and a strip."""
    film = make_counted_film(folder / "film.mp4", MOMENTS["24"])
    blob = make_blob(team.workspace, film.read_bytes(), "video/mp4")
    keep_measured(blob=blob, path=film, facts=inspect(film))
    make_strip(blob)
    task = make_task(team.mark, kind=KINDS["video-avatar"], brief=BRIEF)
    output = make_output(task, width=SIDES[0], height=SIDES[1], seconds=2.5)
    Output.objects.filter(pk=output.pk).update(blob=blob)
    output.refresh_from_db()
    return output


def open_version(stage: Stage, context: BrowserContext, page: Page, team: Team, version: Version) -> None:
    stage.sign_in(context, team.rita)
    page.goto(stage.web_url + reverse("review-page", args=[version.pk]))


def test_sentences_seek_and_are_marked_captions_show_and_the_bar_previews(
    stage: Stage, team: Team, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    version = send(film_of(team, tmp_path), team.mark)
    open_version(stage, context, page, team, version)
    place = page.locator("[data-stage]")
    expect(place).to_have_attribute("data-frame", "0")
    second = page.get_by_role("button", name="Three things are new.")
    second.click()
    # 13 of 34 signs come before it: 0.956 seconds of 2.5.
    expect(place).to_have_attribute("data-frame", "23")
    expect(second).to_have_attribute("aria-current", "true")
    page.keyboard.press("t")
    page.wait_for_function(
        "() => document.querySelector('[data-stage] video').textTracks[0].activeCues?.length === 1"
    )
    shown = "() => document.querySelector('[data-stage] video').textTracks[0].activeCues[0].text"
    assert page.evaluate(shown) == "Three things are new."
    page.locator("[data-track]").hover()
    expect(page.locator("[data-peek-time]")).to_be_visible()
    assert "/strip/" in page.locator("[data-strip]").evaluate("(one) => one.style.backgroundImage")
    page.mouse.move(0, 0)
    assert_well_made(page, "a film under review")


def test_markers_on_the_page_are_drawn_on_the_bar_and_seek(
    stage: Stage, team: Team, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    version = send(film_of(team, tmp_path), team.mark)
    open_version(stage, context, page, team, version)
    place = page.locator("[data-stage]")
    expect(place).to_have_attribute("data-frame", "0")
    page.evaluate(
        """() => {
          const link = document.createElement("a");
          Object.assign(link, { href: "#", textContent: "Look here" });
          Object.assign(link.dataset, { markerFrame: "12", markerOut: "20" });
          document.querySelector("main").append(link);
          document.dispatchEvent(new CustomEvent("htmx:afterSettle"));
        }"""
    )
    page.get_by_title("Look here").click()
    expect(place).to_have_attribute("data-frame", "12")
    page.get_by_role("button", name="One frame on").click()
    page.get_by_role("link", name="Look here").click()
    expect(place).to_have_attribute("data-frame", "12")


def test_a_picture_is_enlarged_by_buttons_and_keys_and_moved(
    stage: Stage, team: Team, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    picture = make_picture(tmp_path / "cup.png", (800, 600)).read_bytes()
    output = make_output(
        make_task(team.mark), role="image", format="png", width=800, height=600, seconds=None
    )
    Output.objects.filter(pk=output.pk).update(blob=make_blob(team.workspace, picture, "image/png"))
    output.refresh_from_db()
    open_version(stage, context, page, team, send(output, team.mark))
    shown, left = (
        page.get_by_role("group", name="Picture", exact=True),
        "(one) => one.getBoundingClientRect().left",
    )
    whole = shown.bounding_box()
    assert whole is not None and whole["width"] / whole["height"] == pytest.approx(4 / 3, rel=0.01)
    page.get_by_role("button", name="Larger").click()
    expect(page.get_by_text("150 %")).to_be_visible()
    inner = page.locator("[data-stage-picture]")
    before = inner.evaluate(left)
    shown.focus()
    page.keyboard.press("ArrowLeft")
    assert inner.evaluate(left) == pytest.approx(before + 60, abs=1)
    page.keyboard.press("0")
    assert inner.evaluate(left) == pytest.approx(whole["x"], abs=1)
    assert shown.bounding_box() == whole
    assert_well_made(page, "a picture under review")


def test_a_film_that_plays_goes_on_while_the_page_of_its_task_changes(
    stage: Stage, team: Team, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    output = film_of(team, tmp_path)
    # Another result is on its way, so the page goes on asking.
    make_output(output.task, state=OutputState.WAITING, position=1)
    stage.sign_in(context, team.mark)
    page.goto(stage.web_url + reverse("task-page", args=[output.task_id]))
    player = page.get_by_role("group", name="Player")
    player.get_by_role("button", name="One frame on").click()
    expect(page.locator("[data-stage]")).to_have_attribute("data-frame", "1")
    page.keyboard.press("r")
    page.keyboard.press("k")
    expect(player.get_by_role("button", name="Pause")).to_be_visible()
    Output.objects.filter(task=output.task, position=1).delete()
    output.task.touch()
    expect(page.locator(".result")).to_have_count(1)
    assert not page.locator("[data-stage] video").evaluate("(one) => one.paused")
    expect(player.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("heading", name="Details").click()
    expect(page.get_by_role("heading", name="Activity")).to_be_visible()
