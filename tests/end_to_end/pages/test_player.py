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
    from playwright.sync_api import BrowserContext, Page

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

# Does one thing after the other (a key is pressed, or a frame asked for); answers of each [asked, told, seen].
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
    if (key) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
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
        if key:
            at = min(FRAMES - 1, max(0, at + (1 if key == "." else -1)))
        else:
            at = chance.randrange(FRAMES)
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
