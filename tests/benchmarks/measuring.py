"""CPU time for each answer. Other programs make a processor slower for moments, so every page is compared
with bare views asked right before and right after it, many times, in short turns.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from time import monotonic

from tests.benchmarks.cpu_time import Server
from tests.benchmarks.interval import Interval, of_median
from tests.benchmarks.visitor import Page, Visitor

# CPU seconds that one turn of a page should take.
_TURN = 0.03
_WARM_UP, _LEAST, _MOST = 24, 6, 60
# A page that takes longer than this (CPU seconds) is asked for once in a turn, and less often to warm up.
_SLOW = 0.3


@dataclass(frozen=True)
class Effort:
    """How many rounds there are, and after how many seconds by the clock the fewest must do."""

    rounds: int
    fewest: int
    patience: float


@dataclass
class Cost:
    """What one page cost, one figure a round: CPU milliseconds an answer, and that in bare views."""

    page: Page
    milliseconds: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> Interval:
        """Bare views that one answer costs."""
        return of_median(self.ratios)

    @property
    def cpu(self) -> float:
        """CPU milliseconds an answer, the median of the rounds."""
        return median(self.milliseconds)

    def beside(self, other: Cost) -> Interval:
        """In answers of another page, or of the same page of another portal, of the same rounds."""
        pairs = zip(self.milliseconds, other.milliseconds, strict=True)
        return of_median([mine / theirs for mine, theirs in pairs])


# By the name of the page, the bare view first.
Costs = dict[str, Cost]


class Scale:
    """Weighs the pages of one server by the CPU time of its processes."""

    def __init__(self, server: Server, visitor: Visitor, bare: Page, pages: Sequence[Page]) -> None:
        self._server, self._visitor, self._bare = server, visitor, bare
        self._times: dict[str, int] = {}
        self.pages = {page.name: page for page in pages}
        self.costs: Costs = {page.name: Cost(page) for page in (bare, *pages)}
        self._before = 0.0

    def warm_up(self) -> None:
        """Have every process load its templates and connections, and see how often to ask in one turn."""
        for page in (self._bare, *self.pages.values()):
            self._visitor.reconnect()
            self._times[page.name] = 1
            if self._spend(page) < _SLOW:
                self._visitor.ask(page, _WARM_UP)
                self._times[page.name] = _LEAST
                self._times[page.name] = max(_LEAST, min(_MOST, round(_TURN / self._spend(page))))

    def begin(self) -> None:
        """A round: with new connections, since the server closes those that were silent for a while."""
        self._visitor.reconnect()
        self._before = self._spend(self._bare)

    def weigh(self, name: str) -> None:
        """Note what the page with this name costs now."""
        spent, after = self._spend(self.pages[name]), self._spend(self._bare)
        bare = (self._before + after) / 2
        for noted, seconds in ((name, spent), (self._bare.name, after)):
            self.costs[noted].milliseconds.append(seconds * 1000)
            self.costs[noted].ratios.append(seconds / bare)
        self._before = after

    def _spend(self, page: Page) -> float:
        """CPU seconds of the server for one answer."""
        times = self._times[page.name]
        before = self._server.cpu_seconds()
        self._visitor.ask(page, times)
        return (self._server.cpu_seconds() - before) / times


def weigh(scales: Sequence[Scale], effort: Effort) -> None:
    """Interleaved rounds: each page of all servers, one right after the other, in another order each time."""
    for scale in scales:
        scale.warm_up()
    names, order = list(scales[0].pages), random.Random(1)
    until = monotonic() + effort.patience * len(scales)
    for number in range(effort.rounds):
        if number >= effort.fewest and monotonic() > until:
            break
        for scale in scales:
            scale.begin()
        for name in order.sample(names, len(names)):
            for scale in scales:
                scale.weigh(name)
