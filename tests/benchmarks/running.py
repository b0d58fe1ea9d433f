"""One run: a scratch portal grows, and is served and measured at every size."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from django.urls import reverse

from tasks.commands.operations.static_files import collect_static
from tasks.kinds import KINDS
from tasks.management.preparation import prepare_database
from tests.benchmarks.filling import Portal
from tests.benchmarks.measuring import Cost, Scale
from tests.benchmarks.pages import bare_page, pages
from tests.benchmarks.painting import appearance, layout_shift
from tests.benchmarks.report import Costs, misses, table
from tests.benchmarks.server import Server, serving
from tests.benchmarks.visitor import Visitor
from tests.people import PASSWORD


def run(folder: Path, sizes: Sequence[int], *, browser: bool) -> None:
    """Print the table; of what was measured so far, when the run is stopped before its end."""
    prepare_database()
    collect_static(_say)
    portal = Portal()
    costs: dict[int, dict[str, Cost]] = {}
    try:
        for size in sizes:
            started = time.monotonic()
            portal.grow(size)
            _say(f"{size:,} tasks, filled in {time.monotonic() - started:.0f} s; measuring ...")
            costs[size] = _measure(portal, folder, browser=browser)
    finally:
        if costs:
            _print(costs)


def _measure(portal: Portal, folder: Path, *, browser: bool) -> dict[str, Cost]:
    with serving(folder) as server:
        visitor = Visitor(server.port, portal.studio.owners[0].user.email, PASSWORD)
        costs = Scale(server, visitor, bare_page()).weigh(pages(portal, visitor))
        if browser:
            _say_appearance(server, visitor)
        return costs


def _say_appearance(server: Server, visitor: Visitor) -> None:
    here = f"http://localhost:{server.port}"
    found = appearance(f"{here}{reverse('task-list')}", visitor.cookie)
    if found is None:
        _say("No Chromium was found.")
        return
    first, largest = round(found.first_byte), round(found.largest_paint)
    _say(f"The list in Chromium: first byte after {first} ms, largest paint after {largest} ms.")
    for kind in KINDS.values():
        shift = layout_shift(f"{here}{reverse('task-new', args=[kind.slug])}", visitor.cookie)
        _say(f"The form of {kind.label} on a first visit: layout shift {shift:.3f} (aim: under 0.02).")


def _print(costs: Costs) -> None:
    sys.stdout.write(f"\n{table(costs)}\n\n")
    sys.stdout.write("".join(f"Missed: {line}\n" for line in misses(costs)) or "Every aim is reached.\n")
    sys.stdout.flush()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
