"""Whether a video on a page really plays: frames, sound, seeking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator

# Plays a moment, draws the frame, then looks near the end. Answers what was seen.
_WATCH = """
async (video) => {
  const soon = (holds) => new Promise((done, fail) => {
    const started = performance.now();
    (function look() {
      if (holds()) done();
      else if (performance.now() - started > 20_000) fail(new Error(`in vain: ${holds}`));
      else setTimeout(look, 40);
    })();
  });
  const frame = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [64, 64];
    const drawing = canvas.getContext("2d");
    drawing.drawImage(video, 0, 0, 64, 64);
    const light = [...drawing.getImageData(0, 0, 64, 64).data].filter((_value, place) => place % 4 === 1);
    return { least: Math.min(...light), most: Math.max(...light) };
  };
  await video.play();
  await soon(() => video.currentTime > 0.4 && video.webkitAudioDecodedByteCount > 0);
  const seen = {
    readyState: video.readyState, width: video.videoWidth, height: video.videoHeight,
    duration: video.duration, moved: video.currentTime, sound: video.webkitAudioDecodedByteCount,
    muted: video.muted, start: frame(),
  };
  video.pause();
  const late = Math.max(0, video.duration - 0.3);
  const arrived = new Promise((done) => video.addEventListener("seeked", done, { once: true }));
  video.currentTime = late;
  await Promise.race([arrived, soon(() => false)]);
  return { ...seen, late, reached: video.currentTime, end: frame() };
}
"""


@dataclass(frozen=True)
class Viewing:
    """What was seen of a video; times in seconds, `contrast` is from 0 (one colour) to 255."""

    seconds: float
    width: int
    height: int
    contrast: int


def watch_film(video: Locator) -> Viewing:
    """Play the video with its sound and seek near its end. Fails when anything of that does not work."""
    seen = video.evaluate(_WATCH)
    assert seen["readyState"] >= 2
    assert seen["moved"] > 0
    assert seen["sound"] > 0 and not seen["muted"]
    assert abs(seen["reached"] - seen["late"]) < 0.2, "seeking did not work"
    contrast = min(seen[place]["most"] - seen[place]["least"] for place in ("start", "end"))
    return Viewing(seen["duration"], seen["width"], seen["height"], contrast)
