"""`python -m tests.benchmarks.refreshing`: what following many tasks costs beside bare GETs, and how soon an
end is seen. docs/performance.md explains the figures. Bounded, on loopback only.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import django

from tests.benchmarks.scratch import scratch

# Each is measured by a process of its own, since settings are read once.
WAYS = {
    "ratio": {"REFRESH_RATE": "0", "REFRESH_SECONDS": "60"},
    "without a limit": {"REFRESH_RATE": "0"},
    "at the default rate": {},
    "with callbacks": {"REFRESH_RATE": "0"},
}
# Seconds after which one of them gives up.
LONGEST = 10 * 60


def main() -> None:
    """Run all, or the one that is named, and leave nothing behind however it ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.refreshing", description=__doc__)
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--tasks", type=int, default=10_000, help="running tasks for the ratio")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--running", type=int, default=1_000, help="running tasks for the delays")
    parser.add_argument("--way", choices=WAYS)
    options = parser.parse_args()
    if not options.way:
        for way in WAYS:
            subprocess.run([sys.executable, "-m", "tests.benchmarks.refreshing", *sys.argv[1:], "--way", way])
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(LONGEST)
    for name in ("REFRESH_RATE", "REFRESH_SECONDS", "NOTICE_URL"):
        os.environ.pop(name, None)
    os.environ.update(WAYS[options.way])
    with scratch(options.db) as folder:
        sys.stdout.write(f"{_measure(folder, options)}\n")


def _measure(folder: Path, options: argparse.Namespace) -> str:
    django.setup()
    # Only now are there settings for what these import.
    from tasks.commands.operations.static_files import collect_static
    from tasks.management.preparation import prepare_database
    from tests.benchmarks.delays import measure_delays
    from tests.benchmarks.ratio import measure_ratio

    prepare_database()
    collect_static(lambda _line: None)
    with (folder / "log").open("w") as log:
        # A line for each call, as the worker writes them.
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(log)
        if options.way == "ratio":
            return measure_ratio(folder, options.tasks, options.rounds)
        return measure_delays(folder, options.running, options.way)


if __name__ == "__main__":
    main()
