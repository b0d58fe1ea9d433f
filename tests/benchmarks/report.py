"""The table, and what misses its aim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.benchmarks.measuring import Cost
from tests.benchmarks.visitor import Page

# A flat page may cost this much more at the largest size than at the smallest.
FLAT = 1.2

Costs = Mapping[int, Mapping[str, Cost]]


def table(costs: Costs) -> str:
    """A Markdown table: for each page its ratio to the bare view at every size, and growth between them."""
    sizes, first = list(costs), next(iter(costs.values()))
    head = ["CPU for one answer, in bare views", *(f"{size:,} tasks" for size in sizes), "growth", "aim"]
    rows = [head, ["---", *("---:" for _ in head[1:])]]
    rows += [[name, *_cells(costs, name), _aim(cost.page)] for name, cost in first.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def misses(costs: Costs) -> list[str]:
    """One line for each aim that was not reached."""
    return [line for name in next(iter(costs.values())) for line in _misses(costs, name)]


def _cells(costs: Costs, name: str) -> Iterator[str]:
    for by_name in costs.values():
        cost = by_name[name]
        yield f"{cost.ratio:.2f} ({cost.cpu:.2f} ms)"
    yield f"{_growth(costs, name):.2f}"


def _growth(costs: Costs, name: str) -> float:
    """How much more the page costs at the largest size than at the smallest, in bare views."""
    ratios = [by_name[name].ratio for by_name in costs.values()]
    return ratios[-1] / ratios[0]


def _aim(page: Page) -> str:
    words = [f"≤ {page.aim:g}"] if page.aim else []
    return ", ".join([*words, f"growth ≤ {FLAT:g}"] if page.flat else words)


def _misses(costs: Costs, name: str) -> Iterator[str]:
    page = next(iter(costs.values()))[name].page
    for size, by_name in costs.items():
        if page.aim and by_name[name].ratio > page.aim:
            yield f"{name}: {by_name[name].ratio:.2f} at {size:,} tasks, aim {page.aim:g}"
    if page.flat and _growth(costs, name) > FLAT:
        yield f"{name}: grows by {_growth(costs, name):.2f}, aim {FLAT:g}"
