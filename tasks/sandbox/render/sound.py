"""Sound as 16-bit samples: decoding, lengths, loudness, MP3."""

import array
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import cycle
from operator import add
from pathlib import Path
from typing import Self

import av
from av.error import FFmpegError

from tasks.sandbox.render.jobs import RenderError

RATE = 44_100
CHUNK = 1_024
FULL_SCALE = 32_767


@dataclass(frozen=True)
class Sound:
    """Mono sound at 44.1 kHz."""

    samples: "array.array[int]"

    @classmethod
    def silence(cls, seconds: float) -> Self:
        """Nothing to hear, for so long."""
        return cls(array.array("h", bytes(2 * int(seconds * RATE))))

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / RATE

    def lasting(self, seconds: float) -> "Sound":
        """Cut, or filled up with silence, to so many seconds."""
        wanted = int(seconds * RATE)
        missing = max(0, wanted - len(self.samples))
        return Sound(self.samples[:wanted] + array.array("h", bytes(2 * missing)))

    def followed_by(self, other: "Sound") -> "Sound":
        """One after the other."""
        return Sound(self.samples + other.samples)

    def at_speed(self, speed: float) -> "Sound":
        """Played faster or slower, and so higher or lower."""
        wanted = int(len(self.samples) / speed)
        return Sound(array.array("h", (self.samples[int(at * speed)] for at in range(wanted))))

    def over(self, ground: "Sound", loudness: float) -> "Sound":
        """With another sound below it, again and again, at a share of that one's loudness."""
        softer = array.array("h", (int(level * loudness) for level in ground.samples))
        mixed = list(map(add, self.samples, cycle(softer)))
        # One by one takes more than twice as long, and is seldom needed.
        if max(map(abs, mixed), default=0) > FULL_SCALE:
            mixed = [max(-FULL_SCALE, min(FULL_SCALE, level)) for level in mixed]
        return Sound(array.array("h", mixed))

    def levels(self, per_second: int) -> list[float]:
        """Loudness from 0 to 1 in so many steps a second, relative to the loudest step."""
        step = RATE // per_second
        peaks = [
            max(map(abs, self.samples[start : start + step : 8]), default=0)
            for start in range(0, len(self.samples), step)
        ]
        # A floor keeps the hiss of a nearly silent file from looking like speech.
        loudest = max(max(peaks, default=0), 1_000)
        return [peak / loudest for peak in peaks]

    def frames(self) -> Iterator[av.AudioFrame]:
        """The samples as frames of 1,024 with their times, for an encoder."""
        for start in range(0, len(self.samples), CHUNK):
            yield _frame(self.samples[start : start + CHUNK], start, RATE)


def decode(path: Path, *, most_seconds: float) -> Sound:
    """Read the first audio track of any file, at most so many seconds. Raises RenderError without one."""
    try:
        with av.open(path) as container:
            if not container.streams.audio:
                raise RenderError("The file has no sound.")
            return _decode_track(container, most_seconds)
    except (FFmpegError, OSError) as error:
        raise RenderError("The sound can't be decoded.") from error


@cache
def chord(seed: int) -> Sound:
    """Two seconds of a soft chord that can be repeated without a gap."""
    lowest = (110, 124, 131, 147, 165)[seed % 5]
    # Whole numbers of waves in two seconds.
    steps = [2 * math.pi * round(lowest * 2 * ratio) / (2 * RATE) for ratio in (1, 1.25, 1.5)]
    waves = (sum(math.sin(step * at) for step in steps) for at in range(2 * RATE))
    return Sound(array.array("h", (int(9_000 * wave) for wave in waves)))


def has_sound(path: Path) -> bool:
    """Whether the file has an audio track. Raises RenderError when it is no media file."""
    try:
        with av.open(path) as container:
            return bool(container.streams.audio)
    except (FFmpegError, OSError) as error:
        raise RenderError("The file can't be read as media.") from error


def resampled(samples: "array.array[int]", rate: int) -> Sound:
    """Bring mono samples of another rate to 44.1 kHz."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    out = array.array("h")
    for frame in [*resampler.resample(_frame(samples, 0, rate)), *resampler.resample(None)]:
        out.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
    return Sound(out)


def write_mp3(sound: Sound, path: Path) -> None:
    """Write an MP3 file of 96 kbit/s."""
    with av.open(path, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE, layout="mono")
        stream.bit_rate = 96_000
        for frame in sound.frames():
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _decode_track(container: av.container.InputContainer, most_seconds: float) -> Sound:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    out = array.array("h")
    most = int(most_seconds * RATE)
    for decoded in container.decode(audio=0):
        for frame in resampler.resample(decoded):
            out.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
        if len(out) >= most:
            break
    if not out:
        raise RenderError("The sound is empty.")
    return Sound(out[:most])


def _frame(samples: "array.array[int]", start: int, rate: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples))
    # A plane is a little longer than its samples, and is only taken whole.
    frame.planes[0].update(samples.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate = rate
    frame.pts = start
    frame.time_base = Fraction(1, rate)
    return frame
