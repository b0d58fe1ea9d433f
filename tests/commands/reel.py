"""A renderer for tests that save results: real films, encoded once and copied, each number another length.

Pictures are drawn anew, each number another height.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tasks.sandbox.render import Rendered, RenderJob
from tests.media.samples import make_audio, make_picture, make_video

WIDTH, HEIGHT = 160, 120


class Reel:
    """Makes films of 160 × 120 pixels, and pictures of about that size."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def render(self, job: RenderJob) -> list[Rendered]:
        make = {"picture": _picture, "still": _picture, "cutout": _picture}
        make |= dict.fromkeys(("speech", "voice-sample", "music"), _sound)
        return [make.get(job.product, self._film)(job, number) for number in range(job.count)]

    def catalog_media(self, kind: str, entry: dict[str, Any], name: str, into: Path) -> Path:
        path = into / name
        if path.suffix in (".png", ".jpg", ".webp"):
            return make_picture(path, (WIDTH, HEIGHT))
        if path.suffix == ".mp4":
            return Path(shutil.copyfile(self._original(0), path))
        return make_audio(path, 0.3)

    def close(self) -> None:
        pass

    def _film(self, job: RenderJob, number: int) -> Rendered:
        path = Path(shutil.copyfile(self._original(number), job.into / f"{number}.mp4"))
        return Rendered(path, "video", WIDTH, HEIGHT, _seconds(number), "video/mp4")

    def _original(self, number: int) -> Path:
        path = self.folder / f"{number}.mp4"
        return path if path.exists() else make_video(path, _seconds(number), (WIDTH, HEIGHT))


def _picture(job: RenderJob, number: int) -> Rendered:
    height = HEIGHT + number
    path = make_picture(job.into / f"{number}.png", (WIDTH, height))
    return Rendered(path, "image", WIDTH, height, None, "image/png")


def _sound(job: RenderJob, number: int) -> Rendered:
    path = make_audio(job.into / f"{number}.mp3", _seconds(number))
    return Rendered(path, "audio", None, None, _seconds(number), "audio/mpeg")


def _seconds(number: int) -> float:
    return 0.5 + number * 0.25
