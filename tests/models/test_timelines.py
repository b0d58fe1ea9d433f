"""Places in time, as people type and read them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tasks.models import FilmTiming, Timeline

RATES = [*map(Fraction, (24, 25, 30, 60)), Fraction(24_000, 1001), Fraction(30_000, 1001)]


def film(rate: Fraction, frames: int = 900, **facts: object) -> Timeline:
    timing = FilmTiming(
        frames=frames, rate_numerator=rate.numerator, rate_denominator=rate.denominator, **facts
    )
    return Timeline(frames - 1, timing)


@pytest.mark.parametrize("first", [0.0, 0.0213])
@pytest.mark.parametrize("rate", RATES, ids=str)
def test_what_is_shown_for_a_frame_is_read_back_as_that_frame(rate: Fraction, first: float) -> None:
    timeline = film(rate, first_frame_at=first)
    assert [timeline.place(timeline.words(frame)) for frame in range(900)] == list(range(900))


def test_so_it_is_where_the_rate_varies() -> None:
    times = [0, 40_000, 66_000, 120_000, 500_000, 540_000]
    timeline = film(Fraction(10), frames=6, is_variable=True, frame_times=times)
    assert [timeline.place(timeline.words(frame)) for frame in range(6)] == list(range(6))
    assert [timeline.place(text) for text in ("0.05", "0.3", "0:00.53")] == [1, 3, 4]


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("0", 0),
        ("75", 75),
        ("3.12", 74),
        ("3,12", 74),
        ("00:03.12", 74),
        ("0:03", 72),
        ("01:02:23", 1511),
        ("1:00:00:00", 86_400),
    ],
)
def test_a_number_is_a_frame_and_everything_else_a_time(text: str, frame: int) -> None:
    assert film(Fraction(24)).place(text) == frame


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [("1:00:01", 360_100), ("3", 300), ("3.12", 312), ("0:03.12", 312), ("1:02", 6200), ("0:00.019", 1)],
)
def test_of_a_sound_a_number_is_seconds(text: str, hundredths: int) -> None:
    assert Timeline(10_000).place(text) == hundredths


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1:", ":1", "1:2:3:4:5", "1e3", "²", "0x10", "1..2", "9" * 19]
)
def test_other_text_is_no_place(text: str) -> None:
    for timeline in (film(Fraction(24)), Timeline(100)):
        with pytest.raises(ValueError):
            timeline.place(text)


@pytest.mark.parametrize("text", ["0:00:24", "0:60:00"])
def test_a_timecode_of_no_such_frame_or_second_is_no_place(text: str) -> None:
    with pytest.raises(ValueError):
        film(Fraction(24)).place(text)


def test_frames_are_shown_as_the_player_shows_them() -> None:
    timeline = film(Fraction(30_000, 1001))
    assert [timeline.words(frame) for frame in (0, 29, 30, 1_830)] == [
        "00:00:00",
        "00:00:29",
        "00:01:00",
        "01:01:00",
    ]


def test_times_of_a_sound_are_shown_to_the_hundredth() -> None:
    assert [Timeline(99_999).words(place) for place in (0, 312, 6_000, 75_905)] == [
        "0:00.00",
        "0:03.12",
        "1:00.00",
        "12:39.05",
    ]
