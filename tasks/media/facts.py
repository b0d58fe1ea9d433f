"""What examining a file tells, and how it can end badly.

MediaError
  Undecodable      no picture, film or sound comes out of it
  TooManyPixels    decoding it would take more memory than allowed
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Role = Literal["video", "image", "audio", "text"]


@dataclass(frozen=True)
class MediaFacts:
    """Facts measured by decoding (but for texts), not read from a name. Sides are as shown, rotated."""

    role: Role
    format: str
    """A name of `FORMATS`: "mp4", "png", ..."""
    media_type: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    video_codec: str = ""
    audio_codec: str = ""

    @property
    def has_audio(self) -> bool:
        """Whether there is sound."""
        return bool(self.audio_codec)

    def as_json(self) -> dict[str, Any]:
        """The facts as the child process prints them."""
        return asdict(self)


class MediaError(Exception):
    """A file that cannot be used. `str()` is for the log and names no file."""


class Undecodable(MediaError):
    """The bytes do not hold what they claim: damaged, cut off, or something else under a wrong name."""


class TooManyPixels(MediaError):
    """The header claims more pixels than may be decoded; nothing has been decoded."""

    def __init__(self, width: int, height: int, allowed: int) -> None:
        super().__init__(f"{width} x {height} pixels, at most {allowed} in all are decoded")
        self.width = width
        self.height = height
        self.allowed = allowed
