"""`python -m tests.benchmarks`: fill a scratch portal, serve it, and print what its pages cost.

Minutes long, bounded, on loopback only. `--db postgres` takes the PostgreSQL of the tests.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from tests.benchmarks.scratch import scratch

if TYPE_CHECKING:
    from tests.benchmarks.filling import Portal
    from tests.benchmarks.measuring import Cost

SIZES = (1_000, 100_000, 1_000_000)
# Seconds after which the run gives up; a quiet machine needs a third of them.
LONGEST = 15 * 60


def main() -> None:
    """Run, and leave nothing behind however it ends."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="TASKS")
    parser.add_argument("--seconds", type=int, default=LONGEST, help="give up after so long")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(options.seconds)
    with scratch(options.db) as folder:
        _run(folder, sorted(options.sizes))


def _give_up(number: int, frame: FrameType | None) -> None:
    raise SystemExit("The benchmarks took too long and were stopped; --seconds gives them more time.")


def _run(folder: Path, sizes: list[int]) -> None:
    import django

    django.setup()
    from tasks.management.preparation import collect_static, prepare_database
    from tests.benchmarks.filling import Portal
    from tests.benchmarks.report import misses, table

    prepare_database()
    collect_static(_say)
    portal, costs = Portal(), {}
    for size in sizes:
        started = time.monotonic()
        portal.grow(size)
        _say(f"{size:,} tasks, filled in {time.monotonic() - started:.0f} s; measuring ...")
        costs[size] = _measure(portal, folder)
    sys.stdout.write(f"\n{table(costs)}\n\n")
    sys.stdout.write("".join(f"Missed: {line}\n" for line in misses(costs)) or "Every aim is reached.\n")


def _measure(portal: Portal, folder: Path) -> dict[str, Cost]:
    from tests.benchmarks.measuring import Scale
    from tests.benchmarks.pages import bare_page, pages
    from tests.benchmarks.server import serving
    from tests.benchmarks.visitor import Visitor
    from tests.people import PASSWORD

    with serving(folder) as server:
        visitor = Visitor(server.port, portal.studio.owners[0].user.email, PASSWORD)
        costs = Scale(server, visitor, bare_page()).weigh(pages(portal, visitor))
        _say_appearance(f"http://localhost:{server.port}/tasks/", visitor.cookie)
        return costs


def _say_appearance(address: str, cookie: str) -> None:
    from tests.benchmarks.painting import appearance

    if found := appearance(address, cookie):
        times = (
            f"first byte after {found.first_byte:.0f} ms, largest paint after {found.largest_paint:.0f} ms"
        )
        _say(f"The list in Chromium: {times}.")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
