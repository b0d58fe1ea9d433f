"""Looks at and listens to a finished file at a few moments, without keeping all of it."""

import array
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self, TypeAlias

import av
from PIL import Image, ImageChops

RATE = 22_050
# Hertz; voices and feelings differ in how they share these out.
PITCHES = (90, 120, 160, 200, 250, 320, 420, 560, 750, 1000, 1400, 2000, 2800, 4000)
# Of a film's length: a moment after its beginning, its middle, and shortly before its end.
MOMENTS = (0.1, 0.5, 0.97)

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom as shares of a picture."""


@dataclass(frozen=True)
class Film:
    """A film or a sound: its size in pixels, its length in seconds, frames at MOMENTS, and its samples."""

    size: tuple[int, int]
    seconds: float
    frames: tuple[Image.Image, ...]
    samples: "array.array[int]"

    @classmethod
    def of(cls, content: bytes) -> Self:
        """All frames and the first sound of a film, picture or recording."""
        with av.open(io.BytesIO(content), "r") as container:
            frames = tuple(_frames(container)) if container.streams.video else ()
        with av.open(io.BytesIO(content), "r") as container:
            samples = _samples(container)
        size = frames[0].size if frames else (0, 0)
        return cls(size, len(samples) / RATE, frames, samples)

    @property
    def loudness(self) -> float:
        """The root mean square of the samples, from 0 to 32,767."""
        part = self.samples[::5]
        return math.sqrt(sum(level * level for level in part) / max(1, len(part)))

    @cached_property
    def spectrum(self) -> tuple[float, ...]:
        """The shares of a few pitches in the first three seconds, by windows of 30 ms."""
        step = int(0.03 * RATE)
        windows = [self.samples[at : at + step] for at in range(0, min(len(self.samples), 3 * RATE), step)]
        powers = [sum(math.sqrt(_power(part, pitch)) for part in windows) for pitch in PITCHES]
        return tuple(power / (sum(powers) or 1) for power in powers)

    @cached_property
    def envelope(self) -> tuple[float, ...]:
        """How the loudness of the first eight seconds is spread over steps of 50 ms."""
        step = int(0.05 * RATE)
        parts = [self.samples[at : at + step] for at in range(0, 8 * RATE, step)]
        sums = [sum(map(abs, part)) for part in parts]
        return tuple(one / (sum(sums) or 1) for one in sums)

    def tone(self, pitch: float, start: float = 0.5, seconds: float = 1.0) -> float:
        """How strong a frequency is beside all that is heard, from 0 to 1 (Goertzel's algorithm)."""
        part = self.samples[int(start * RATE) : int((start + seconds) * RATE)]
        whole = sum(level * level for level in part)
        return 2 * _power(part, pitch) / len(part) / whole if whole else 0.0


def _power(part: "array.array[int]", pitch: float) -> float:
    turn = 2 * math.cos(2 * math.pi * pitch / RATE)
    before = last = 0.0
    for level in part:
        before, last = last, level + turn * last - before
    return before * before + last * last - turn * before * last


Seen: TypeAlias = Film | Image.Image


def _frames(container: av.container.InputContainer) -> Iterator[Image.Image]:
    stream = container.streams.video[0]
    wanted = [int(moment * (stream.frames - 1)) for moment in MOMENTS]
    for number, frame in enumerate(container.decode(stream)):
        if number in wanted:
            # PyAV's own stub leaves to_image without types.
            yield frame.to_image()  # type: ignore[no-untyped-call]


def _samples(container: av.container.InputContainer) -> "array.array[int]":
    found = array.array("h")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    for decoded in container.decode(audio=0):
        for frame in resampler.resample(decoded):
            found.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
    return found


def part_of(picture: Image.Image, box: Box) -> Image.Image:
    """What lies inside a box, in RGB."""
    width, height = picture.size
    left, top, right, bottom = box
    pixels = (round(left * width), round(top * height), round(right * width), round(bottom * height))
    return picture.convert("RGB").crop(pixels)


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures of one size in any colour, 0 to 255."""
    bands = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).split()
    means = [
        sum(level * count for level, count in enumerate(band.histogram())) / (band.width * band.height)
        for band in bands
    ]
    return max(means)


def mean(picture: Image.Image, box: Box = (0, 0, 1, 1)) -> tuple[int, int, int]:
    """The average colour of a part, given as shares of the sides: left, top, right, bottom."""
    red, green, blue = part_of(picture, box).resize((1, 1), Image.Resampling.BOX).tobytes()
    return red, green, blue


def is_like(color: tuple[int, int, int], other: tuple[int, int, int], slack: int = 45) -> bool:
    """Whether two colours are close to each other."""
    return all(abs(one - two) <= slack for one, two in zip(color, other, strict=True))


def points_like(picture: Image.Image, color: tuple[int, int, int]) -> list[tuple[float, float]]:
    """Where the picture has about this colour, as shares of it."""
    small = picture.convert("RGB").reduce(8)
    data = list(zip(*[iter(small.tobytes())] * 3, strict=True))
    found = [(at % small.width, at // small.width) for at, one in enumerate(data) if is_like(one, color)]
    return [((x + 0.5) / small.width, (y + 0.5) / small.height) for x, y in found]
