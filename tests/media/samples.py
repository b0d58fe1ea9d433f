"""Makes small real media files for tests."""

from __future__ import annotations

import math
from array import array
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

RATE = 44_100
FRAMES_A_SECOND = 12


def make_picture(
    path: Path, size: tuple[int, int] = (320, 240), *, format: str | None = None, orientation: int = 1
) -> Path:
    """A picture of two colours in the format of the name's ending; `orientation` is the EXIF value."""
    picture = Image.new("RGB", size, (200, 60, 40))
    picture.paste((30, 80, 200), (0, 0, size[0] // 2, size[1] // 2))
    exif = Image.Exif()
    if orientation != 1:
        exif[274] = orientation
    if path.suffix == ".bmp":
        picture.save(path, format)
    else:
        picture.save(path, format, exif=exif)
    return path


def make_video(
    path: Path,
    seconds: float = 2,
    size: tuple[int, int] = (160, 120),
    *,
    audio: bool = True,
    black_seconds: float = 0,
    faststart: bool = True,
) -> Path:
    """H.264 (with AAC) in the container of the name's ending; the first `black_seconds` are black."""
    options = {"movflags": "faststart"} if faststart and path.suffix in (".mp4", ".mov") else {}
    with av.open(str(path), "w", options=options) as container:
        codec = "mpeg4" if path.suffix == ".avi" else "libx264"
        sight = container.add_stream(codec, rate=FRAMES_A_SECOND, options={"preset": "ultrafast"})
        assert isinstance(sight, av.VideoStream)
        sight.width, sight.height = size
        sight.pix_fmt = "yuv420p"
        sound = _add_sound(container, "mp3" if path.suffix == ".avi" else "aac") if audio else None
        for number in range(round(seconds * FRAMES_A_SECOND)):
            dark = number < black_seconds * FRAMES_A_SECOND
            picture = _frame_picture(size, number, dark=dark)
            frame: av.VideoFrame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            container.mux(sight.encode(frame))
        container.mux(sight.encode(None))
        if sound is not None:
            _write_sound(container, sound, seconds)
    return path


def make_audio(path: Path, seconds: float = 2) -> Path:
    """A tone in the format of the name's ending: wav, mp3 or m4a."""
    codec = {".wav": "pcm_s16le", ".mp3": "mp3", ".m4a": "aac"}[path.suffix]
    with av.open(str(path), "w", format="ipod" if path.suffix == ".m4a" else None) as container:
        _write_sound(container, _add_sound(container, codec), seconds)
    return path


def _frame_picture(size: tuple[int, int], number: int, *, dark: bool) -> Image.Image:
    if dark:
        return Image.new("RGB", size)
    picture = Image.new("RGB", size, (40, 160, 90))
    across = number * 7 % max(1, size[0] - 20)
    picture.paste((250, 220, 40), (across, 10, across + 20, 30))
    return picture


def _add_sound(container: av.container.OutputContainer, codec: str) -> av.AudioStream:
    stream = container.add_stream(codec, rate=RATE)
    assert isinstance(stream, av.AudioStream)
    stream.layout = "mono"
    return stream


def _write_sound(container: av.container.OutputContainer, stream: av.AudioStream, seconds: float) -> None:
    size, total = 1024, round(seconds * RATE)
    resampler = av.AudioResampler(
        format=stream.format, layout="mono", rate=RATE, frame_size=stream.frame_size or 0
    )
    for start in range(0, total, size):
        count = min(size, total - start)
        wave = array("h", (round(9000 * math.sin(0.06 * (start + i))) for i in range(count)))
        frame = av.AudioFrame(format="s16", layout="mono", samples=count)
        frame.planes[0].update(wave.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        for ready in resampler.resample(frame):
            container.mux(stream.encode(ready))
    for ready in resampler.resample(None):
        container.mux(stream.encode(ready))
    container.mux(stream.encode(None))
