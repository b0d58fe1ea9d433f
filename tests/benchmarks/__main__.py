"""`python -m tests.benchmarks`: fill scratch portals, serve them, and print what their pages cost.

Bounded, on loopback only. docs/performance.md explains the tables.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from tests.benchmarks.document import put
from tests.benchmarks.measuring import Effort
from tests.benchmarks.running import DATABASES, Plan, run
from tests.benchmarks.sizes import LARGE, LARGEST, SMALL

WHOLE, SHORT = Effort(rounds=25, fewest=9, patience=240), Effort(rounds=9, fewest=6, patience=90)
# Minutes after which the run gives up; a quiet machine needs a third of them.
LONGEST = 60


def main() -> None:
    """Run, and leave nothing behind however it ends."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--db", choices=DATABASES, nargs="+", default=list(DATABASES))
    parser.add_argument("--short", action="store_true", help="two sizes and fewer rounds")
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="compare with another checkout")
    parser.add_argument("--write", action="store_true", help="also put the report into docs/performance.md")
    parser.add_argument("--browser", action="store_true", help="also look at the list and forms in Chromium")
    parser.add_argument("--minutes", type=int, default=LONGEST, help="give up after so long")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.default_int_handler)
    signal.alarm(options.minutes * 60)
    sizes, effort = ((SMALL, LARGE), SHORT) if options.short else ((SMALL, LARGE, LARGEST), WHOLE)
    parts = []
    for part in run(Plan(options.db, sizes, effort, options.against, options.browser)):
        sys.stdout.write(f"{part}\n\n")
        sys.stdout.flush()
        parts.append(part)
    if options.write:
        put("\n\n".join(parts))


if __name__ == "__main__":
    main()
