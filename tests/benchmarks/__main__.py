"""`python -m tests.benchmarks`: fill a scratch portal, serve it, and print what its pages cost.

Minutes long, bounded, on loopback only. `--db postgres` takes the PostgreSQL of the tests.
"""

from __future__ import annotations

import argparse
import signal
from types import FrameType

import django

from tests.benchmarks.scratch import scratch

SIZES = (1_000, 100_000, 1_000_000)
# Seconds after which the run gives up; a quiet machine needs a third of them.
LONGEST = 15 * 60


def main() -> None:
    """Run, and leave nothing behind however it ends."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="TASKS")
    parser.add_argument("--browser", action="store_true", help="also time the list in Chromium")
    parser.add_argument("--seconds", type=int, default=LONGEST, help="give up after so long")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(options.seconds)
    with scratch(options.db) as folder:
        django.setup()
        # Only now are there settings for what this imports.
        from tests.benchmarks.running import run

        run(folder, sorted(options.sizes), browser=options.browser)


def _give_up(number: int, frame: FrameType | None) -> None:
    raise SystemExit("The benchmarks took too long and were stopped; --seconds gives them more time.")


if __name__ == "__main__":
    main()
