"""When films show their frames: real films, whose stamps lie as their containers count."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from tasks.media.frame_timing import MOST_TOLD, FrameTiming, frame_timing
from tests.media.samples import make_audio, make_picture
from tests.media.test_examine import inspect

RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(24_000, 1001), Fraction(30_000, 1001)]
MILLISECONDS = Fraction(1, 1000)


def make_film(path: Path, moments: list[Fraction], *, fine: Fraction = Fraction(1, 120_000)) -> Path:
    """H.264 with B-frames (VP9 in WebM) that shows a picture at each moment, in seconds."""
    codec, options = ("libvpx-vp9", {"deadline": "realtime"}) if path.suffix == ".webm" else ("libx264", {})
    with av.open(str(path), "w") as container:
        sight = container.add_stream(codec, rate=Fraction(1) / fine, options=options)
        assert isinstance(sight, av.VideoStream)
        sight.width, sight.height, sight.pix_fmt = 64, 48, "yuv420p"
        sight.codec_context.time_base = fine
        for number, moment in enumerate(moments):
            picture = Image.new("RGB", (64, 48), (number * 5 % 250, 90, 60))
            frame: av.VideoFrame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = round(moment / fine), fine
            mux(container, sight.encode(frame))
        mux(container, sight.encode(None))
    return path


def mux(container: av.container.OutputContainer, packets: list[Any]) -> None:
    for packet in packets:
        # The last one shows for a while, too: an MP4 whose last frame has no length does not show it.
        packet.duration = packet.duration or 1000
        container.mux(packet)


def evenly(rate: Fraction, frames: int) -> list[Fraction]:
    return [number / rate for number in range(frames)]


def timing_of(path: Path) -> FrameTiming:
    timing = inspect(path).timing
    assert timing is not None
    return timing


@pytest.mark.parametrize(
    ("rate", "ending"),
    [*((rate, "mp4") for rate in RATES), *((RATES[3], ending) for ending in ("mov", "mkv", "webm"))],
)
def test_the_rate_is_a_fraction_and_the_frames_are_counted(
    tmp_path: Path, rate: Fraction, ending: str
) -> None:
    timing = timing_of(make_film(tmp_path / f"film.{ending}", evenly(rate, 90)))
    assert Fraction(timing.rate_numerator, timing.rate_denominator) == rate
    assert (timing.frames, timing.is_variable, timing.frame_times) == (90, False, None)
    assert timing.first_frame_at == pytest.approx(0, abs=0.002)


def test_a_rate_that_nothing_usual_has_is_told_as_it_is(tmp_path: Path) -> None:
    timing = timing_of(make_film(tmp_path / "film.mp4", evenly(Fraction(37, 3), 40)))
    assert (timing.rate_numerator, timing.rate_denominator, timing.is_variable) == (37, 3, False)


def test_a_film_of_varying_rate_tells_the_moment_of_each_frame(tmp_path: Path) -> None:
    moments = [Fraction(number, 30) + (Fraction(1, 5) if number > 20 else 0) for number in range(40)]
    timing = timing_of(make_film(tmp_path / "film.mp4", moments))
    assert (timing.frames, timing.is_variable) == (40, True)
    assert timing.frame_times == pytest.approx([float(moment) * 1e6 for moment in moments], abs=20)
    assert timing.rate_numerator / timing.rate_denominator == pytest.approx(39 / (39 / 30 + 0.2), rel=0.001)


def test_what_shows_no_film_has_no_timing(tmp_path: Path) -> None:
    assert inspect(make_picture(tmp_path / "one.png")).timing is None
    assert inspect(make_audio(tmp_path / "tone.m4a")).timing is None


def test_a_rate_that_the_container_tells_is_not_believed_where_its_frames_drift() -> None:
    stamps = [round(number * 1000 / 24) for number in range(2000)]
    timing = frame_timing(stamps, MILLISECONDS, start=Fraction(0), told=[Fraction(25), None])
    assert timing == FrameTiming(2000, 24, 1)


def test_frames_count_from_the_beginning_of_the_film_though_its_sound_comes_first() -> None:
    timing = frame_timing([140, 100, 180], MILLISECONDS, start=Fraction(1, 50), told=[])
    assert timing == FrameTiming(3, 25, 1, first_frame_at=0.08)


def test_a_long_film_of_varying_rate_tells_its_mean_alone() -> None:
    stamps = [
        number * 40 + (number % 7) * 3 * (number % 2) + number // 50 * 100 for number in range(MOST_TOLD + 1)
    ]
    timing = frame_timing(stamps, MILLISECONDS, start=Fraction(0), told=[])
    assert timing is not None
    assert (timing.is_variable, timing.frame_times) == (True, None)


@pytest.mark.parametrize(
    ("stamps", "expected"), [([], None), ([5], FrameTiming(1, 1, 1, first_frame_at=0.005))]
)
def test_films_of_one_frame_or_none_have_a_timing_or_none(
    stamps: list[int], expected: FrameTiming | None
) -> None:
    assert frame_timing(stamps, MILLISECONDS, start=Fraction(0), told=[]) == expected


def test_two_frames_of_one_moment_are_of_no_rate() -> None:
    timing = frame_timing([0, 0, 40, 80], MILLISECONDS, start=Fraction(0), told=[])
    assert timing is not None and timing.is_variable
