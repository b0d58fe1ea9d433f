"""Places in time, as comments count them: frames of a film, hundredths of a second of a sound."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from tasks.models.film_timings import FilmTiming
from tasks.models.pieces import Version

_HUNDREDTHS = 100
_MICROSECONDS = 1_000_000
# "3.12", "0:03.12", "1:00:03"; whatever is longer is no film.
_TIME = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6}(?:[.,]\d{1,6})?)")
# Minutes, seconds, frames, as the stage shows them.
_TIMECODE = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2}):(\d{1,3})")
_NUMBER = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class Timeline:
    """The places that a comment can have, from 0 to `last`; hundredths of a second without `timing`.

    The stage of a page counts in the same way (`static/js/frame-clock.js`).
    """

    last: int
    timing: FilmTiming | None = None

    @property
    def counts_frames(self) -> bool:
        return self.timing is not None

    def place(self, text: str) -> int:
        """The place that somebody typed: a frame's number, a timecode, or a time. ValueError for neither.

        It may lie beyond the end.
        """
        if self.timing is not None and _NUMBER.fullmatch(text):
            return int(text)
        found = _TIMECODE.fullmatch(text) if self._frames_a_second else None
        if found:
            return self._of_timecode(*(int(part or 0) for part in found.groups()))
        found = _TIME.fullmatch(text)
        if found is None:
            raise ValueError(text)
        hours, minutes, seconds = (Fraction(part.replace(",", ".")) if part else 0 for part in found.groups())
        return self._at(Fraction(hours * 3600 + minutes * 60 + seconds))

    def words(self, place: int) -> str:
        """When it begins, as `place` reads it back: "00:03:02", or "0:03.120" where the rate varies."""
        if each := self._frames_a_second:
            minutes, seconds = divmod(place // each, 60)
            return f"{minutes:02}:{seconds:02}:{place % each:02}"
        digits = 3 if self.timing else 2
        parts = ceil(self._begin(place) * 10**digits)
        minutes, rest = divmod(parts, 60 * 10**digits)
        return f"{minutes}:{rest // 10**digits:02}.{rest % 10**digits:0{digits}}"

    @property
    def _frames_a_second(self) -> int:
        """0 where frames are no fixed part of a second."""
        return 0 if self.timing is None or self.timing.frame_times else round(self.timing.rate)

    def _of_timecode(self, hours: int, minutes: int, seconds: int, frame: int) -> int:
        if seconds >= 60 or frame >= self._frames_a_second:
            raise ValueError(frame)
        return (hours * 3600 + minutes * 60 + seconds) * self._frames_a_second + frame

    def _at(self, seconds: Fraction) -> int:
        timing = self.timing
        if timing is None:
            return floor(seconds * _HUNDREDTHS)
        if timing.frame_times and seconds <= Fraction(timing.frame_times[-1], _MICROSECONDS):
            return max(0, bisect_right(timing.frame_times, seconds * _MICROSECONDS) - 1)
        return max(0, floor((seconds - Fraction(timing.first_frame_at)) * timing.rate))

    def _begin(self, place: int) -> Fraction:
        timing = self.timing
        if timing is None:
            return Fraction(place, _HUNDREDTHS)
        if timing.frame_times and place < len(timing.frame_times):
            return Fraction(timing.frame_times[place], _MICROSECONDS)
        return Fraction(timing.first_frame_at) + place / timing.rate


def timeline_of(version: Version) -> Timeline | None:
    """The places in time of what was sent; None for pictures, and for films of which they are not known."""
    role = version.output.role
    if role == "video":
        timing = getattr(version.blob, "timing", None)
        if timing is None or not timing.frames or (timing.is_variable and not timing.frame_times):
            return None
        return Timeline(timing.frames - 1, timing)
    if role == "audio" and version.output.seconds:
        return Timeline(floor(version.output.seconds * _HUNDREDTHS))
    return None
