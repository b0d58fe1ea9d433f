"""At which moments a film shows its frames, told from the time stamps of its packets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

# How far, in frames, a time stamp may lie beside its place for the rate to hold: from half a frame on, the
# middle of one frame shows its neighbour.
_TOLERANCE = Fraction(1, 4)
# How far a rate may lie beside a usual one and still be meant as that: containers count in milliseconds.
_NEAR = Fraction(1, 1000)
_USUAL = [Fraction(rate) for rate in (12, 15, 24, 25, 30, 48, 50, 60, 120)]
_USUAL += [rate * Fraction(1000, 1001) for rate in _USUAL]
# Frames of a film of varying rate whose moments are told one by one: eleven minutes of thirty a second.
MOST_TOLD = 20_000
_MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class FrameTiming:
    """Frame `n`, from 0, is shown from `first_frame_at + n / rate` seconds on, unless the rate varies.

    Then the rate is the mean, and `frame_times` has the beginning of each frame in microseconds, or is None
    where there are more than `MOST_TOLD`. All times count from the film's beginning, which may be that of its
    sound.
    """

    frames: int
    rate_numerator: int
    rate_denominator: int
    is_variable: bool = False
    first_frame_at: float = 0.0
    frame_times: list[int] | None = None


def frame_timing(
    stamps: Sequence[int], time_base: Fraction, *, start: Fraction, told: Iterable[Fraction | None]
) -> FrameTiming | None:
    """The timing of frames with these time stamps, in any order, for a film that begins at `start` seconds.

    `told` are rates that the container speaks of, which are believed as far as the stamps bear them out.
    None where there is no frame.
    """
    times = [stamp * time_base - start for stamp in sorted(stamps)]
    if not times:
        return None
    first, length = float(times[0]), times[-1] - times[0]
    if length <= 0:
        return FrameTiming(len(times), 1, 1, is_variable=len(times) > 1, first_frame_at=first)
    mean, said = (len(times) - 1) / length, [rate for rate in told if rate]
    near = [rate for rate in _USUAL if abs(rate - mean) <= rate * _NEAR]
    near.sort(key=lambda rate: (rate not in said, abs(rate - mean)))
    for rate in (*near, *said, mean):
        if _holds(rate, times):
            return FrameTiming(len(times), rate.numerator, rate.denominator, first_frame_at=first)
    mean = mean.limit_denominator(1001)
    each = [round(time * _MICROSECONDS) for time in times] if len(times) <= MOST_TOLD else None
    return FrameTiming(
        len(times),
        mean.numerator,
        mean.denominator,
        is_variable=True,
        first_frame_at=first,
        frame_times=each,
    )


def _holds(rate: Fraction, times: Sequence[Fraction]) -> bool:
    """Whether each frame is where the rate says; two at one moment are no frames of one rate."""
    places = ((time - times[0]) * rate - number for number, time in enumerate(times))
    return all(abs(place) <= _TOLERANCE for place in places) and all(a < b for a, b in pairwise(times))
