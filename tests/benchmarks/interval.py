"""Medians with the interval in which they lie, and what such an interval says about an aim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb, exp, hypot, log
from statistics import median

# How often the true median should lie in its interval.
CONFIDENCE = 0.95


class Verdict(StrEnum):
    """About an aim, which is the most that is allowed; the worst is the last."""

    MET = "met"
    UNDECIDED = "not decided"
    MISSED = "missed"


@dataclass(frozen=True)
class Interval:
    """A figure, and between what it lies at a confidence of `CONFIDENCE`."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} [{self.low:.2f}, {self.high:.2f}]"

    def __truediv__(self, other: Interval) -> Interval:
        """The quotient of two that were measured apart, by the distances to their ends (MOVER of logarithms):
        hardly ever are both at their ends at once.
        """
        middle = self.middle / other.middle
        down = hypot(log(self.middle / self.low), log(other.high / other.middle))
        up = hypot(log(self.high / self.middle), log(other.middle / other.low))
        return Interval(middle, middle * exp(-down), middle * exp(up))

    def verdict(self, most: float) -> Verdict:
        """Missed only where the whole interval lies above the aim, met only where none of it does."""
        if self.low > most:
            return Verdict.MISSED
        return Verdict.MET if self.high <= most else Verdict.UNDECIDED


def of_median(figures: Sequence[float]) -> Interval:
    """By order statistics, whatever the figures' distribution: between the k-th from below and from above.

    With fewer than six figures no two hold the median that surely: then it is all of them.
    """
    ordered = sorted(figures)
    cut = _cut(len(ordered))
    return Interval(median(ordered), ordered[cut], ordered[-1 - cut])


def _cut(count: int) -> int:
    """How many figures may be left out at either end: so many lie below the median with a chance of at most
    half of what the confidence leaves.
    """
    cut, chance = 0, 2.0**-count
    while chance + comb(count, cut + 1) * 2.0**-count <= (1 - CONFIDENCE) / 2:
        cut += 1
        chance += comb(count, cut) * 2.0**-count
    return cut
