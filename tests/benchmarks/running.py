"""One run: scratch portals grow, and are served and measured at every size."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.checkouts import HERE, Served, commit_of, portals, with_these_benchmarks
from tests.benchmarks.measuring import Costs, Effort, Scale, weigh
from tests.benchmarks.painting import appearance, layout_shift
from tests.benchmarks.report import comparison, misses, table
from tests.benchmarks.sizes import FORM, LIST, Size
from tests.benchmarks.visitor import Page

# As the tests name them, and as people do.
DATABASES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
# A long file takes as much as hundreds of pages.
FILES = Effort(rounds=9, fewest=6, patience=120)


@dataclass(frozen=True)
class Plan:
    """What is measured, and how thoroughly; `before` is another checkout to compare with."""

    databases: Sequence[str]
    sizes: Sequence[Size]
    effort: Effort
    before: Path | None
    browser: bool


@dataclass
class Measured:
    """What one checkout's portal cost, by the size's name."""

    pages: dict[str, Costs] = field(default_factory=dict)
    files: dict[str, Costs] = field(default_factory=dict)


def run(plan: Plan) -> Iterator[str]:
    """The report in Markdown, part by part; when it is stopped, with what was measured so far."""
    with ExitStack() as stack:
        checkouts = [HERE]
        if plan.before:
            checkouts.append(stack.enter_context(with_these_benchmarks(plan.before)))
        yield _circumstances(plan)
        for database in plan.databases:
            measured = [Measured() for _ in checkouts]
            try:
                _measure(plan, checkouts, database, measured)
            except KeyboardInterrupt:
                _say("Stopped; here is what was measured.")
                yield from _report(database, measured)
                return
            yield from _report(database, measured)


def _circumstances(plan: Plan) -> str:
    what = f"Commit {commit_of(HERE)}"
    if plan.before:
        what += f" beside {commit_of(plan.before)}, in the same rounds"
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    sizes = "".join(f"\n- {size}" for size in plan.sizes)
    return f"{what}; {os.cpu_count()} cores, load averages at the beginning {load}.\n{sizes}"


def _measure(plan: Plan, checkouts: Sequence[Path], database: str, measured: Sequence[Measured]) -> None:
    """Long files at the first size only, since they are as long at every one."""
    with portals(checkouts, database) as portals_of_checkouts:
        for size in plan.sizes:
            started = time.monotonic()
            served = [portal.served(size) for portal in portals_of_checkouts]
            _say(f"{database}, {size}; filled in {time.monotonic() - started:.0f} s; measuring ...")
            costs = _weigh([(one, one.pages) for one in served], plan.effort)
            for one, found in zip(measured, costs, strict=True):
                one.pages[size.name] = found
            if plan.browser:
                _say_appearance(served[0])
            if size == plan.sizes[0]:
                costs = _weigh([(one, one.transfers) for one in served], FILES)
                for one, found in zip(measured, costs, strict=True):
                    one.files[size.name] = found


def _weigh(served: Sequence[tuple[Served, list[Page]]], effort: Effort) -> list[Costs]:
    scales = [Scale(one.server, one.visitor, one.bare, pages) for one, pages in served]
    weigh(scales, effort)
    return [scale.costs for scale in scales]


def _report(database: str, measured: Sequence[Measured]) -> Iterator[str]:
    """Of one database, as far as all checkouts were measured."""
    yield f"## {DATABASES[database]}"
    for tables in ([one.pages for one in measured], [one.files for one in measured]):
        if not tables[-1]:
            return
        yield table(tables[0])
        yield "\n".join(f"- Missed: {line}" for line in misses(tables[0])) or "No aim is missed."
        for before in tables[1:]:
            yield comparison(before, tables[0])


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
