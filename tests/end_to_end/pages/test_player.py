"""The player on the review page: each step and seek shows its frame, read from the picture itself."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.commands.library.measuring import keep_measured
from tasks.models import FilmTiming, Output, Version
from tests.end_to_end.stage import Stage, Team
from tests.media.counted_films import SIDES, make_counted_film
from tests.media.test_examine import inspect
from tests.people import make_blob
from tests.reviewing import send
from tests.views.rows import make_output, make_task, worker_is_alive

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

FRAMES = 60
_RATES = {
    "24": Fraction(24),
    "25": Fraction(25),
    "30": Fraction(30),
    "23.976": Fraction(24_000, 1001),
    "29.97": Fraction(30_000, 1001),
}
MOMENTS = {name: [number / rate for number in range(FRAMES)] for name, rate in _RATES.items()}
MOMENTS["varies"] = [Fraction(number, 30) + Fraction(number // 7, 11) for number in range(FRAMES)]

# Presses a key or asks for a frame, one after the other; answers of each what was asked, told and seen.
_DRIVE = """
async (moves) => {
  const stage = document.querySelector("[data-stage]");
  const video = stage.querySelector("video");
  const seen = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const drawing = canvas.getContext("2d");
    drawing.drawImage(video, 0, 0);
    const each = canvas.width / 8;
    let number = 0;
    for (let bit = 0; bit < 8; bit++) {
      const [light] = drawing.getImageData(each * (bit + 0.5), canvas.height / 2, 1, 1).data;
      number = 2 * number + (light > 127 ? 1 : 0);
    }
    return number;
  };
  const told = [];
  for (const [key, frame] of moves) {
    const arrived = new Promise((done) => {
      const giveUp = setTimeout(done, 5_000);
      const look = ({ detail }) => {
        if (detail.frame !== frame || detail.isPlaying) return;
        stage.removeEventListener("stage:frame", look);
        clearTimeout(giveUp);
        done();
      };
      stage.addEventListener("stage:frame", look);
    });
    if (key) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    else stage.dispatchEvent(new CustomEvent("stage:seek", { detail: { frame } }));
    await arrived;
    told.push([frame, Number(stage.dataset.frame), seen()]);
  }
  return told;
}
"""


@pytest.fixture
def team(stage: Stage) -> Team:
    worker_is_alive()
    return stage.make_team()


def make_version(team: Team, film: Path) -> Version:
    """The film sent for review, measured as the worker does it."""
    blob = make_blob(team.workspace, film.read_bytes(), "video/mp4")
    keep_measured(blob=blob, path=film, facts=inspect(film))
    output = make_output(make_task(team.mark), width=SIDES[0], height=SIDES[1], seconds=2)
    Output.objects.filter(pk=output.pk).update(blob=blob)
    output.refresh_from_db()
    return send(output, team.mark)


def open_version(
    stage: Stage, context: BrowserContext, page: Page, team: Team, version: Version, query: str = ""
) -> None:
    stage.sign_in(context, team.rita)
    page.goto(f"{stage.web_url}{reverse('review-page', args=[version.pk])}{query}")
    page.wait_for_function("() => document.querySelector('[data-stage] video').readyState >= 2")


def moves(seed: str) -> list[tuple[str, int]]:
    """45 of them: steps on and back, and seeks anywhere."""
    chance = random.Random(seed)
    at, made = 0, []
    for _ in range(45):
        key = chance.choice([".", ".", ",", ""])
        step = {".": 1, ",": -1}.get(key)
        at = chance.randrange(FRAMES) if step is None else min(FRAMES - 1, max(0, at + step))
        made.append((key, at))
    return made


@pytest.mark.parametrize("rate", MOMENTS)
def test_each_step_and_seek_shows_its_frame(
    stage: Stage, team: Team, context: BrowserContext, page: Page, tmp_path: Path, rate: str
) -> None:
    version = make_version(team, make_counted_film(tmp_path / "film.mp4", MOMENTS[rate]))
    assert FilmTiming.objects.get(blob=version.blob).is_variable == (rate == "varies")
    open_version(stage, context, page, team, version, "?f=37")
    page.wait_for_function("() => document.querySelector('[data-stage]').dataset.frame === '37'")
    told = page.evaluate(_DRIVE, [["", 0], *moves(rate)])
    assert [one for one in told if len(set(one)) > 1] == []
    assert len(told) == 46


def test_the_bar_and_the_keys_do_the_same(
    stage: Stage, team: Team, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    version = make_version(team, make_counted_film(tmp_path / "film.mp4", MOMENTS["25"]))
    open_version(stage, context, page, team, version)
    place = page.locator("[data-stage]")
    bar = page.get_by_role("group", name="Player")
    assert page.locator("[data-stage] video").get_attribute("controls") is None
    bar.get_by_role("button", name="One frame on").click()
    expect(place).to_have_attribute("data-frame", "1")
    page.keyboard.press(".")
    expect(place).to_have_attribute("data-frame", "2")
    expect(bar.get_by_text("00:00:02")).to_be_visible()
    more = bar.get_by_role("button", name="More controls")
    if more.is_visible():
        more.click()
    bar.get_by_role("button", name="Mark in").click()
    page.keyboard.press("ArrowRight")  # beyond the end: the last frame
    expect(place).to_have_attribute("data-frame", str(FRAMES - 1))
    page.keyboard.press("j")  # backwards, by itself
    expect(place).to_have_attribute("data-frame", "0")
    # A range is marked, and played over and over.
    page.evaluate(
        """() => document.querySelector("[data-stage]").dispatchEvent(
          new CustomEvent("stage:seek", { detail: { frame: 20, frameOut: 30 } }))"""
    )
    expect(place).to_have_attribute("data-frame", "20")
    page.keyboard.press("r")
    expect(bar.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "true")
    shown = page.evaluate(
        """async () => {
          const stage = document.querySelector("[data-stage]"), frames = new Set();
          const video = stage.querySelector("video");
          let turns = 0;
          stage.addEventListener("stage:frame", ({ detail }) => frames.add(detail.frame));
          video.addEventListener("seeked", () => { turns += 1; });
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true }));
          const until = performance.now() + 10_000;
          while (turns < 2 && performance.now() < until) await new Promise((done) => setTimeout(done, 50));
          video.pause();
          return [turns >= 2, Math.min(...frames), Math.max(...frames)];
        }"""
    )
    # A busy browser shows not every frame.
    assert shown[0] and 20 <= shown[1] <= shown[2] <= 32


def test_keys_stay_out_of_fields_and_can_be_switched_off(
    stage: Stage, team: Team, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    version = make_version(team, make_counted_film(tmp_path / "film.mp4", MOMENTS["25"]))
    open_version(stage, context, page, team, version, "?f=9")
    place = page.locator("[data-stage]")
    expect(place).to_have_attribute("data-frame", "9")
    page.get_by_label("Reason").press_sequentially("Again, please.")
    expect(page.get_by_label("Reason")).to_have_value("Again, please.")
    expect(place).to_have_attribute("data-frame", "9")
    page.get_by_label("Reason").blur()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    keys.get_by_label("Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press(".")
    page.reload()
    expect(place).to_have_attribute("data-frame", "9")
    page.keyboard.press(".")
    page.keyboard.press("?")
    page.get_by_role("group", name="Player").get_by_role("button", name="One frame on").click()
    expect(place).to_have_attribute("data-frame", "10")
    expect(keys).to_be_hidden()


def test_nothing_moves_when_the_film_comes(
    stage: Stage, team: Team, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    version = make_version(team, make_counted_film(tmp_path / "film.mp4", MOMENTS["25"]))
    page.add_init_script(
        """window.shifted = 0;
        const add = (list) => { for (const one of list.getEntries()) window.shifted += one.value; };
        new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });"""
    )
    open_version(stage, context, page, team, version)
    expect(page.locator("[data-stage]")).to_have_attribute("data-frame", "0")
    assert page.evaluate("() => window.shifted") == 0


def test_without_scripts_the_browsers_own_player_stands(
    stage: Stage, team: Team, browser: Browser, tmp_path: Path
) -> None:
    version = make_version(team, make_counted_film(tmp_path / "film.mp4", MOMENTS["25"]))
    context = browser.new_context(java_script_enabled=False)
    stage.sign_in(context, team.rita)
    page = context.new_page()
    page.goto(stage.web_url + reverse("review-page", args=[version.pk]))
    expect(page.locator("[data-stage] video")).to_have_attribute("controls", "")
    expect(page.get_by_role("group", name="Player")).to_be_hidden()
    context.close()


def test_a_film_that_is_not_measured_is_played_by_time(
    stage: Stage, team: Team, context: BrowserContext, page: Page, tmp_path: Path
) -> None:
    version = make_version(team, make_counted_film(tmp_path / "film.mp4", MOMENTS["24"]))
    FilmTiming.objects.filter(blob=version.blob).delete()
    open_version(stage, context, page, team, version)
    # 2.5 seconds in hundredths.
    page.wait_for_function("() => Number(document.querySelector('[data-seek]').max) > 240")
    page.keyboard.press(".")
    page.wait_for_function("() => document.querySelector('[data-stage] video').currentTime > 0.03")
    expect(page.get_by_role("group", name="Player").get_by_text("0:00.0")).to_be_visible()
