"""What was done to the portal in one run, for the report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.marketer import OrderBook


@dataclass
class Diary:
    """Filled while everything breaks; each part by one thread alone, but for the orders."""

    orders: OrderBook = field(default_factory=OrderBook)
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    went_on: Counter[str] = field(default_factory=Counter)
    #: What people did who saw that something needs them.
    helped: Counter[str] = field(default_factory=Counter)
    #: For how long it was ordered and broken.
    minutes: float = 0.0
