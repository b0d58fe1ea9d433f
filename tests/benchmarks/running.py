"""One run: scratch portals grow, and are served and measured at every size."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.checkouts import HERE, Served, commit_of, portals, with_these_benchmarks
from tests.benchmarks.measuring import Costs, Effort, Scale, weigh
from tests.benchmarks.painting import appearance, layout_shift
from tests.benchmarks.report import comparison, misses, table
from tests.benchmarks.sizes import FORM, LIST, Size

# As the tests name them, and as people do.
DATABASES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


@dataclass(frozen=True)
class Plan:
    """What is measured, and how thoroughly; `before` is another checkout to compare with."""

    databases: Sequence[str]
    sizes: Sequence[Size]
    effort: Effort
    before: Path | None
    browser: bool


def run(plan: Plan) -> Iterator[str]:
    """The report in Markdown, part by part; when it is stopped, with what was measured so far."""
    with ExitStack() as stack:
        checkouts = [HERE]
        if plan.before:
            checkouts.append(stack.enter_context(with_these_benchmarks(plan.before)))
        yield _circumstances(plan)
        for database in plan.databases:
            measured: list[dict[str, Costs]] = [{} for _ in checkouts]
            try:
                _measure(plan, checkouts, database, measured)
            except KeyboardInterrupt:
                _say("Stopped; here is what was measured.")
                yield from _tables(database, measured)
                return
            yield from _tables(database, measured)


def _circumstances(plan: Plan) -> str:
    what = f"Commit {commit_of(HERE)}"
    if plan.before:
        what += f" beside {commit_of(plan.before)}, in the same rounds"
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    sizes = "".join(f"\n- {size}" for size in plan.sizes)
    return f"{what}; {os.cpu_count()} cores, load averages at the beginning {load}.\n{sizes}"


def _measure(
    plan: Plan, checkouts: Sequence[Path], database: str, measured: Sequence[dict[str, Costs]]
) -> None:
    with portals(checkouts, database) as portals_of_checkouts:
        for size in plan.sizes:
            started = time.monotonic()
            served = [portal.served(size) for portal in portals_of_checkouts]
            _say(f"{database}, {size}; filled in {time.monotonic() - started:.0f} s; measuring ...")
            scales = [Scale(one.server, one.visitor, one.bare, one.pages) for one in served]
            weigh(scales, plan.effort)
            for costs, scale in zip(measured, scales, strict=True):
                costs[size.name] = scale.costs
            if plan.browser:
                _say_appearance(served[0])


def _tables(database: str, measured: Sequence[dict[str, Costs]]) -> Iterator[str]:
    """Of one database, if any size was measured of all checkouts."""
    if not measured[-1]:
        return
    yield f"## {DATABASES[database]}"
    yield table(measured[0])
    yield "\n".join(f"- Missed: {line}" for line in misses(measured[0])) or "No aim is missed."
    for before in measured[1:]:
        yield comparison(before, measured[0])


def _say_appearance(served: Served) -> None:
    """Of the list and the forms in Chromium."""
    here = f"http://localhost:{served.server.port}"
    for page in served.pages:
        if page.name == LIST and (found := appearance(here + page.url, served.visitor.cookie)):
            first, largest = round(found.first_byte), round(found.largest_paint)
            _say(f"The list in Chromium: first byte after {first} ms, largest paint after {largest} ms.")
        if page.name.startswith(FORM):
            shift = layout_shift(here + page.url, served.visitor.cookie)
            _say(f"{page.name} on a first visit: layout shift {shift:.3f} (aim: under 0.02).")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
