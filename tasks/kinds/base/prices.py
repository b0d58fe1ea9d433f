"""What a kind is told about published prices, and what it makes of them. The caller fills the table in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from tasks.kinds.base.types import Brief


@dataclass(frozen=True)
class Rate:
    """A published price of one unit (a second, a picture, a task): in credits, who says so, and when."""

    credits: Decimal
    source: str  # as the table names it
    date: date
    is_doubtful: bool = False  # old, contradicted, or of something that may be withdrawn
    off_peak: Decimal | None = None  # where the product can be had for less at other hours


@dataclass(frozen=True)
class Cost:
    """What one call costs by published rates; from least to most where something is left to TopView."""

    least: Decimal
    most: Decimal
    rates: tuple[Rate, ...]


class Prices(Protocol):
    """The published rates. A kind never puts the rate of one model in the place of another's."""

    def video(self, model: str, *, resolution: int | None, sound: bool) -> Sequence[Rate]:
        """By second, of a model as TopView names it. Several when the resolution is left to TopView."""

    def product(self, operation: str, variant: str = "") -> Rate | None:
        """By the unit of the operation; `variant` is the mode or engine where the rate depends on it."""


def cost_of(rates: Iterable[Rate | None], units: Decimal | int = 1) -> Cost | None:
    """So many units at these rates, of which one will apply; None where none is published."""
    known = tuple(rate for rate in rates if rate is not None)
    if not known:
        return None
    amounts = [rate.credits * units for rate in known]
    return Cost(min(amounts), max(amounts), known)


def each_costs(operation: str, *, count_field: str = "") -> Callable[[Brief, Prices], Cost | None]:
    """A step's cost where every call costs the operation's published rate, or so many as a field says."""

    def cost(brief: Brief, prices: Prices) -> Cost | None:
        return cost_of([prices.product(operation)], int(brief[count_field]) if count_field else 1)

    return cost
