"""CPU time for each answer. Other programs make a processor slower for moments, so every page is compared
with bare views asked right before and right after it, many times, in short turns.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from time import monotonic

from tests.benchmarks.server import Server
from tests.benchmarks.visitor import Page, Visitor

ROUNDS, FEWEST_ROUNDS = 25, 9
# Seconds by the clock after which the fewest rounds must do.
_PATIENCE = 75.0
# CPU seconds that one turn of a page should take.
_TURN = 0.03
_WARM_UP, _LEAST, _MOST = 24, 6, 60


@dataclass
class Cost:
    """What one page cost: CPU milliseconds an answer, and that in bare views, one figure a round."""

    page: Page
    milliseconds: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Bare views that one answer costs, the median of the rounds."""
        return median(self.ratios)

    @property
    def cpu(self) -> float:
        """CPU milliseconds an answer, the median of the rounds."""
        return median(self.milliseconds)


class Scale:
    """Weighs pages by a server's CPU time."""

    def __init__(self, server: Server, visitor: Visitor, bare: Page) -> None:
        self._server, self._visitor, self._bare = server, visitor, bare
        self._times: dict[str, int] = {}

    def weigh(self, pages: Sequence[Page]) -> dict[str, Cost]:
        """The cost of each page by name, the bare view first."""
        for page in (self._bare, *pages):
            self._warm_up(page)
        costs = {page.name: Cost(page) for page in (self._bare, *pages)}
        order = random.Random(1)
        until = monotonic() + _PATIENCE
        for number in range(ROUNDS):
            if number >= FEWEST_ROUNDS and monotonic() > until:
                break
            self._visitor.reconnect()
            self._round(order.sample(pages, len(pages)), costs)
        return costs

    def _round(self, pages: Sequence[Page], costs: dict[str, Cost]) -> None:
        before = self._spend(self._bare)
        for page in pages:
            spent, after = self._spend(page), self._spend(self._bare)
            _note(costs[page.name], spent, (before + after) / 2)
            _note(costs[self._bare.name], after, (before + after) / 2)
            before = after

    def _warm_up(self, page: Page) -> None:
        """Have every process load its templates and connections, and see how often to ask in one turn."""
        self._visitor.reconnect()
        self._visitor.ask(page, _WARM_UP)
        self._times[page.name] = _LEAST
        self._times[page.name] = max(_LEAST, min(_MOST, round(_TURN / self._spend(page))))

    def _spend(self, page: Page) -> float:
        """CPU seconds of the server for one answer."""
        times = self._times[page.name]
        before = self._server.cpu_seconds()
        self._visitor.ask(page, times)
        return (self._server.cpu_seconds() - before) / times


def _note(cost: Cost, spent: float, bare: float) -> None:
    cost.milliseconds.append(spent * 1000)
    cost.ratios.append(spent / bare)
