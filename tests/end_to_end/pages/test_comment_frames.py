"""Each comment leads to its frame, at every rate; the number of the frame is read from the picture itself."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tasks.models import Comment, Version
from tests.end_to_end.pages.test_player import FRAMES, MOMENTS, make_version, open_version
from tests.end_to_end.stage import Stage, Team
from tests.media.counted_films import make_counted_film
from tests.views.rows import worker_is_alive

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

COMMENTS = 40

# Clicks on each comment, and answers the frame that it names, the one that is told, and the one that is seen.
_WALK = """
async () => {
  const stage = document.querySelector("[data-stage]");
  const video = stage.querySelector("video");
  const seen = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const drawing = canvas.getContext("2d");
    drawing.drawImage(video, 0, 0);
    const pixel = (bit) => drawing.getImageData((canvas.width / 8) * (bit + 0.5), canvas.height / 2, 1, 1);
    const light = (bit) => pixel(bit).data[0] > 127;
    return [...Array(8).keys()].reduce((number, bit) => 2 * number + (light(bit) ? 1 : 0), 0);
  };
  const told = [];
  const all = [...document.querySelectorAll(".thread__list > .comment")];
  for (const place of ORDER) {
    const wanted = Number(all[place].querySelector(".review__words").textContent);
    const arrived = new Promise((done) => {
      const giveUp = setTimeout(done, 5_000);
      stage.addEventListener("stage:frame", function look({ detail }) {
        if (detail.frame !== wanted || detail.isPlaying) return;
        stage.removeEventListener("stage:frame", look);
        clearTimeout(giveUp);
        done();
      });
    });
    all[place].querySelector(".review__words").click();
    await arrived;
    told.push([wanted, Number(stage.dataset.frame), seen()]);
  }
  return told;
}
"""


@pytest.fixture
def team(stage: Stage) -> Team:
    worker_is_alive()
    return stage.make_team()


def say_at(version: Version, frames: list[int]) -> None:
    """Comments that say the number of the frame on which they stand."""
    Comment.objects.bulk_create(
        Comment(
            pk=uuid4(),
            workspace=version.workspace,
            version=version,
            author=version.sender,
            body=str(frame),
            frame_in=frame,
        )
        for frame in frames
    )


@pytest.mark.parametrize("rate", MOMENTS)
def test_each_comment_leads_to_its_frame(
    stage: Stage, team: Team, context: BrowserContext, page: Page, tmp_path: Path, rate: str
) -> None:
    version = make_version(team, make_counted_film(tmp_path / "film.mp4", MOMENTS[rate]))
    chance = random.Random(rate)
    say_at(version, chance.sample(range(FRAMES), COMMENTS))
    open_version(stage, context, page, team, version)
    order = chance.sample(range(COMMENTS), COMMENTS)
    told = page.evaluate(_WALK.replace("ORDER", str(order)))
    assert [one for one in told if len(set(one)) > 1] == []
    assert len(told) == COMMENTS
