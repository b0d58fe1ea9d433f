"""What examining a file tells, and how it can end badly.

MediaError
  Undecodable      no picture, film or sound comes out of it
  TooManyPixels    decoding it would take more memory than allowed
  NotNow           nothing is known of the file; tried again, it may go well
    Occupied       too much is being examined at the moment
    Interrupted    the child was ended from outside
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from tasks.media.frame_timing import FrameTiming

Role = Literal["video", "image", "audio", "text"]


@dataclass(frozen=True)
class MediaFacts:
    """Facts measured by decoding (but for texts), not read from a name.

    Sides and length are those a browser shows: upright, with square pixels, as the edit list says.
    """

    role: Role
    format: str
    """A name of `FORMATS`: "mp4", "png", ..."""
    media_type: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    video_codec: str = ""
    audio_codec: str = ""
    is_mirrored: bool = False
    """Whether a film's own header turns it over, which no remux can bake in."""
    plays: bool = True
    """Whether the usual browsers play or show it as it is."""
    timing: FrameTiming | None = None
    """When a film shows its frames."""

    @property
    def has_audio(self) -> bool:
        """Whether there is sound."""
        return bool(self.audio_codec)

    def as_json(self) -> dict[str, Any]:
        """The facts as the child process prints them."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> MediaFacts:
        """The facts that a child process printed. Raises KeyError or TypeError where they are none."""
        timing = told["timing"]
        return cls(**{**told, "timing": None if timing is None else FrameTiming(**timing)})


class MediaError(Exception):
    """A file that cannot be used. `str()` is for the log and names no file."""


class Cause(StrEnum):
    """Which check a file failed. Stored and sent as these words, told to people by the page."""

    UNKNOWN = "unknown"  # no signature that we know
    EMPTY = "empty"  # neither picture nor sound
    CUT_OFF = "cut-off"  # the file ends before its own headers say it does
    SHORT = "short"  # a stream ends before its own header says it does
    NO_DECODER = "no-decoder"  # whole, as far as anyone can tell, in a codec that we cannot read
    DAMAGED = "damaged"  # the decoder stumbles
    TOO_SLOW = "too-slow"  # not done within the time allowed
    CRASHED = "crashed"  # the decoder ended without an answer
    OTHER_ROLE = "other-role"  # a picture where a film was expected, and the like
    TOO_MANY_PIXELS = "pixels"


class Undecodable(MediaError):
    """The bytes do not hold what they claim: damaged, cut off, or something else under a wrong name."""

    def __init__(self, cause: Cause, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail}" if detail else str(cause))
        self.cause = cause
        self.detail = detail

    @classmethod
    def damaged(cls, error: Exception, path: Path) -> Undecodable:
        """What a decoder's own error means; its words are kept without the name of the file."""
        return cls(Cause.DAMAGED, f"{type(error).__name__}: {error}".replace(str(path), "file")[:300])


class TooManyPixels(MediaError):
    """The header claims more pixels than may be decoded; nothing has been decoded."""

    cause = Cause.TOO_MANY_PIXELS

    def __init__(self, width: int, height: int, allowed: int) -> None:
        super().__init__(f"{width} x {height} pixels, at most {allowed} in all are decoded")
        self.width = width
        self.height = height
        self.allowed = allowed


class NotNow(MediaError):
    """Says nothing about the file: tried again, it may go well."""


class Interrupted(NotNow):
    """The child was ended from outside: the worker stops, or the machine ran out of memory."""


class Occupied(NotNow):
    """No turn came within the time that is waited for one; later there may be room."""
