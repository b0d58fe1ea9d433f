"""Two films of unlike frame rates in step, read from their pictures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from tasks.commands.library.measuring import keep_measured
from tasks.models import Output, Piece, Version
from tests.end_to_end.stage import Stage, Team
from tests.media.counted_films import SIDES, make_counted_film
from tests.media.test_examine import inspect
from tests.people import make_blob
from tests.reviewing import send
from tests.views.rows import make_output, make_task, worker_is_alive

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

RATES = (Fraction(24), Fraction(60))
_SEEN = """
() => [...document.querySelectorAll("[data-compare] video")].map((video) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const drawing = canvas.getContext("2d");
  drawing.drawImage(video, 0, 0);
  let number = 0;
  for (let bit = 0; bit < 8; bit++) {
    const [light] = drawing.getImageData((canvas.width / 8) * (bit + 0.5), canvas.height / 2, 1, 1).data;
    number = 2 * number + (light > 127 ? 1 : 0);
  }
  return number;
})
"""
_COUNT_SEEKS = """
() => {
  window.seeks = 0;
  const count = () => { window.seeks += 1; };
  for (const video of document.querySelectorAll("video")) video.addEventListener("seeking", count);
}
"""


@pytest.fixture
def piece(stage: Stage, context: BrowserContext, tmp_path: Path) -> Piece:
    """Two versions, of 24 and of 60 frames a second, two seconds long; Rita is signed in."""
    worker_is_alive()
    team = stage.make_team()
    first = _version(team, tmp_path, RATES[0], 48)
    _version(team, tmp_path, RATES[1], 120, first.piece)
    stage.sign_in(context, team.rita)
    return first.piece


def _version(team: Team, folder: Path, rate: Fraction, frames: int, piece: Piece | None = None) -> Version:
    film = make_counted_film(folder / f"{frames}.mp4", [number / rate for number in range(frames)])
    blob = make_blob(team.workspace, film.read_bytes(), "video/mp4")
    keep_measured(blob=blob, path=film, facts=inspect(film))
    output = make_output(make_task(team.mark), width=SIDES[0], height=SIDES[1], seconds=2)
    Output.objects.filter(pk=output.pk).update(blob=blob)
    output.refresh_from_db()
    return send(output, team.mark, piece=piece)


def wait_for_both(page: Page, condition: str) -> None:
    films = "[...document.querySelectorAll('[data-compare] video')]"
    page.wait_for_function(f"() => {films}.every((one) => {condition})")


def show(stage: Stage, page: Page, piece: Piece, query: str) -> None:
    page.goto(f"{stage.web_url}{reverse('piece-compare', args=[piece.pk])}?{query}")
    wait_for_both(page, "one.readyState >= 2 && !one.seeking")


def wait_until_seen(page: Page, wanted: list[int]) -> None:
    for _ in range(50):
        if page.evaluate(_SEEN) == wanted:
            return
        page.wait_for_timeout(50)
    assert page.evaluate(_SEEN) == wanted


def at_same_moment(frame: int) -> list[int]:
    """The frame of the first film, and the one of the second that stands in its middle."""
    moment = (frame + Fraction(1, 2)) / RATES[0]
    return [frame, int(moment * RATES[1])]


def test_paused_both_show_the_same_moment_and_nothing_seeks_on(
    stage: Stage, page: Page, piece: Piece
) -> None:
    show(stage, page, piece, "f=20")
    wait_until_seen(page, at_same_moment(20))
    page.get_by_role("button", name="One frame on").click()
    wait_until_seen(page, at_same_moment(21))
    page.get_by_role("button", name="One frame back").click()
    wait_until_seen(page, at_same_moment(20))
    page.evaluate(_COUNT_SEEKS)
    page.wait_for_timeout(600)
    assert page.evaluate("() => window.seeks") == 0


def test_both_play_together_and_stop_at_the_same_moment(stage: Stage, page: Page, piece: Piece) -> None:
    show(stage, page, piece, "f=0")
    toggle = page.get_by_role("button", name="Play both")
    toggle.click()
    wait_for_both(page, "one.currentTime > 0.5")
    toggle.click()
    wait_for_both(page, "one.paused && !one.seeking")
    frame = int(page.locator("[data-compare]").get_attribute("data-frame") or 0)
    wait_until_seen(page, at_same_moment(frame))


def test_one_is_heard_and_a_wipe_shows_a_part_of_each(stage: Stage, page: Page, piece: Piece) -> None:
    show(stage, page, piece, "mode=wipe")
    muted = "() => [...document.querySelectorAll('video')].map((one) => one.muted)"
    assert page.evaluate(muted) == [False, True]
    page.get_by_role("radio", name="Version 2").check()
    assert page.evaluate(muted) == [True, False]
    page.get_by_role("slider", name="Where the second version begins").fill("30")
    clip = "() => getComputedStyle(document.querySelector('[data-side=b] .compare__picture')).clipPath"
    assert page.evaluate(clip) == "inset(0px 0px 0px 30%)"
    page.goto(page.url.replace("wipe", "swap"))
    second = page.locator("[data-side=b]")
    assert not second.is_visible()
    page.get_by_role("button", name="Show the other one").click()
    assert second.is_visible() and not page.locator("[data-side=a]").is_visible()
