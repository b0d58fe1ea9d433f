"""What an order will cost, as far as known: by published rates, else by past orders of the same shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID

from tasks.commands.ledger.published_prices import PUBLISHED
from tasks.kinds.base import Prices, Rate, Step, TaskKind, UnusableBrief
from tasks.models.estimates import past_costs, shape_of


@dataclass(frozen=True)
class Price:
    """From the least to the most that a call may cost, the likeliest between, and where it is from."""

    least: Decimal
    likely: Decimal
    most: Decimal
    rates: tuple[Rate, ...] = ()  # the published ones that went into it
    sample: int = 0  # how many past orders of the same shape went into it

    @property
    def is_doubtful(self) -> bool:
        return any(rate.is_doubtful for rate in self.rates)

    def times(self, count: int) -> Price:
        return Price(self.least * count, self.likely * count, self.most * count, self.rates, self.sample)


def price_of(
    *,
    workspace_id: UUID,
    kind: TaskKind,
    step: Step,
    asked: Mapping[str, Any] | None,
    count: int = 1,
    prices: Prices = PUBLISHED,
) -> Price | None:
    """The price of `count` calls of a step and of the steps that start by themselves after it.

    `asked` is what the step is told, as far as it is known: a half-filled form is fine. None when any part
    of it is not known; it is never put together from unlike orders.
    """
    steps = with_followers(kind, step, asked)
    found = [_one(workspace_id, kind, one, asked, prices) for one in steps]
    known = [price for price in found if price is not None]
    return _sum(known).times(count) if len(known) == len(steps) else None


def with_followers(kind: TaskKind, step: Step, asked: Mapping[str, Any] | None) -> list[Step]:
    """The step, and those that start by themselves after it."""
    following = kind.automatic_steps(asked or {}, step.slug)
    return [step, *(late for one in following for late in with_followers(kind, one, asked))]


def _one(
    workspace_id: UUID, kind: TaskKind, step: Step, asked: Mapping[str, Any] | None, prices: Prices
) -> Price | None:
    try:
        cost = step.price(asked or {}, prices)
    except UnusableBrief:
        # A form that is filled half leaves answers out which a kind may count on.
        cost = None
    if cost is not None:
        return Price(cost.least, cost.most, cost.most, cost.rates)
    shape = shape_of(kind, step, asked)
    amounts = [] if shape is None else past_costs(workspace_id, kind, step, shape)
    return Price(amounts[0], median(amounts), amounts[-1], sample=len(amounts)) if amounts else None


def _sum(prices: list[Price]) -> Price:
    samples = [price.sample for price in prices if price.sample]
    return Price(
        least=sum((price.least for price in prices), Decimal(0)),
        likely=sum((price.likely for price in prices), Decimal(0)),
        most=sum((price.most for price in prices), Decimal(0)),
        rates=tuple(dict.fromkeys(rate for price in prices for rate in price.rates)),
        sample=min(samples, default=0),
    )
