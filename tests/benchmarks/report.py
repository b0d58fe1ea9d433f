"""The tables, and what they say about the aims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.benchmarks.interval import Interval, Verdict
from tests.benchmarks.measuring import Costs

# The costs of every page by the name of the size, the smallest first.
BySize = Mapping[str, Costs]


@dataclass(frozen=True)
class Judgement:
    """What was measured of one page for one aim."""

    figure: str
    found: Interval
    most: float

    @property
    def verdict(self) -> Verdict:
        return self.found.verdict(self.most)


def table(measured: BySize) -> str:
    """Markdown: of each page what an answer costs in bare views at every size, its growth, and its aims."""
    growth = ["growth"] if len(measured) > 1 else []
    head = ["CPU for one answer, in bare views", *measured, *growth, "aim", ""]
    rows = [
        [name, *_cells(measured, name), _aims(measured, name), _verdict(judgements(measured, name))]
        for name in _names(measured)
    ]
    return markdown(head, rows)


def comparison(before: BySize, after: BySize) -> str:
    """Markdown: the pages of two portals, measured in the same rounds; the last of each size in CPU time."""
    head = ["CPU for one answer, in bare views"]
    for size in after:
        head += [f"{size}: before", "after", "after / before"]
    rows = []
    for name in _names(after):
        row = [name]
        for size, costs in after.items():
            old, new = before[size][name], costs[name]
            row += [f"{old.ratio.middle:.2f}", f"{new.ratio.middle:.2f}", str(new.beside(old))]
        rows.append(row)
    return markdown(head, rows)


def judgements(measured: BySize, name: str) -> list[Judgement]:
    """One for each aim of a page at each size."""
    return list(_judge(measured, name))


def misses(measured: BySize) -> list[str]:
    """One line for each aim that was missed."""
    return [
        f"{name}, {one.figure}: {one.found}, aim {one.most:g}"
        for name in _names(measured)
        for one in judgements(measured, name)
        if one.verdict == Verdict.MISSED
    ]


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """A table whose columns but the first are figures."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _names(measured: BySize) -> list[str]:
    return list(next(iter(measured.values())))


def _cells(measured: BySize, name: str) -> Iterator[str]:
    """Of the bare view itself how long it takes."""
    costs = [by_name[name] for by_name in measured.values()]
    is_bare = name == _names(measured)[0]
    for cost in costs:
        yield f"{cost.cpu:.2f} ms" if is_bare else str(cost.ratio)
    if len(costs) > 1:
        yield "" if is_bare else str(costs[-1].ratio / costs[0].ratio)


def _aims(measured: BySize, name: str) -> str:
    page = next(iter(measured.values()))[name].page
    words = [f"≤ {page.aim:g}"] if page.aim else []
    words += [f"≤ {page.beside[1]:g} × {page.beside[0]}"] if page.beside else []
    words += [f"growth ≤ {page.growth:g}"] if page.growth else []
    return ", ".join(words)


def _judge(measured: BySize, name: str) -> Iterator[Judgement]:
    for size, costs in measured.items():
        cost, page = costs[name], costs[name].page
        if page.aim:
            yield Judgement(size, cost.ratio, page.aim)
        if page.beside:
            other, most = page.beside
            yield Judgement(f"{size}, beside {other}", cost.beside(costs[other]), most)
    first, *larger = [by_name[name] for by_name in measured.values()]
    if first.page.growth and larger:
        yield Judgement("growth", larger[-1].ratio / first.ratio, first.page.growth)


def _verdict(found: list[Judgement]) -> str:
    """The worst of them."""
    verdicts = {one.verdict for one in found}
    return next((verdict for verdict in reversed(Verdict) if verdict in verdicts), "")
