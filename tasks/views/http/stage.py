"""What a page's stage shows: a stored film, sound or picture, with what its player must know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from tasks.models import Blob, FilmTiming
from tasks.views.http.playback import Playback


class Timing(TypedDict):
    """When a film shows its frames, as `static/js/frame-clock.js` takes it."""

    frames: int
    rate: tuple[int, int]
    first: float  # seconds
    isVariable: bool
    times: list[int] | None  # microseconds


@dataclass(frozen=True, slots=True)
class StageMedia:
    """One film, sound or picture. `key` tells it from others of the page, `digest` from other bytes."""

    key: str
    digest: str
    role: str
    url: str
    download_url: str
    poster_url: str
    width: int | None
    height: int | None
    seconds: float | None
    playback: Playback
    timing: Timing | None = None
    captions_url: str = ""
    watermark: str = ""  # what lies over the picture

    @property
    def id(self) -> str:
        """The stage's own id in the page: with other bytes it is another stage."""
        return f"stage-{self.key}-{self.digest[:12]}"

    @property
    def media_id(self) -> str:
        """By which the player stays the same while the rest of the page changes."""
        return f"{self.role}-{self.key}"

    @property
    def is_upright(self) -> bool:
        """Whether it stands beside what is said about it, where there is room."""
        return (self.height or 0) > (self.width or 0)


def timing_of(blob: Blob | None) -> Timing | None:
    """None for what shows no frames or is not measured yet. Reads the blob's timing."""
    timing: FilmTiming | None = getattr(blob, "timing", None)
    if timing is None or timing.frames is None:
        return None
    return Timing(
        frames=timing.frames,
        rate=(timing.rate_numerator, timing.rate_denominator),
        first=timing.first_frame_at,
        isVariable=timing.is_variable,
        times=timing.frame_times,
    )
