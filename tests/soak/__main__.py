"""`python -m tests.soak`: order under faults and kills, wait until all is quiet, and judge.

Real processes on a scratch SQLite database, on 127.0.0.1 only, bounded in time. Leaves with 1 on a breach.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from types import FrameType

import django

from tests.benchmarks.scratch import scratch

SEED = 20261126
# Seconds after which what does not change is stuck: longer than any pause between two tries.
PATIENCE = 330
# How many times as long as was asked for all of it may take.
LONGEST = 4


def main() -> None:
    """Run, and leave nothing behind however it ends."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="for how long is ordered and broken")
    parser.add_argument("--tasks", type=int, default=2000, help="how many tasks are ordered meanwhile")
    parser.add_argument("--seed", type=int, default=SEED, help="what the choices are drawn from")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(int(options.minutes * 60 * LONGEST) + 5 * PATIENCE)
    with scratch("sqlite", settings="tests.settings") as folder:
        os.environ["LOG_LEVEL"] = "WARNING"
        django.setup()
        # Only now are there settings for what this imports.
        from tests.soak.running import run

        holds = run(
            folder, minutes=options.minutes, tasks=options.tasks, seed=options.seed, patience=PATIENCE
        )
    sys.exit(0 if holds else 1)


def _give_up(number: int, frame: FrameType | None) -> None:
    raise SystemExit("The soak took too long and was stopped.")


if __name__ == "__main__":
    main()
