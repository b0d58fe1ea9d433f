"""Pytest plugin that measures the processor time of each test file, with all processes it started.

Where PORTAL_TEST_CPU names a file, each process of the run adds lines to it: user and system seconds, a tab,
and the test file, "start" (until the first test), "end" (after the last) or "handing out" (by xdist).
`python -m tests.cpu FILE` adds them up. What orphans use after the death of their parent is not seen.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

_TICKS = os.sysconf("SC_CLK_TCK")
# Behind the name in /proc/<pid>/stat: the parent, and user and system ticks of its own and of dead children.
_PARENT, _TIMES = 1, slice(11, 15)


def pytest_configure(config: pytest.Config) -> None:
    """Measure when asked to."""
    if file := os.environ.get("PORTAL_TEST_CPU"):
        config.pluginmanager.register(_Meter(Path(file)))


class _Meter:
    def __init__(self, report: Path) -> None:
        self.report = report
        self.written = 0.0
        self.has_started = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
        if not self.has_started:
            self._write("start")
            self.has_started = True
        result = yield
        if nextitem is None or nextitem.path != item.path:
            self._write(item.nodeid.partition("::")[0])
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        if self.has_started:
            self._write("end")
        else:
            times = os.times()  # it has handed out the tests, and its children have written theirs
            self._add(times.user + times.system, "handing out")

    def _write(self, what: str) -> None:
        used = _used()
        # Less than before where Chromium has ended: it does not tell what its own children took.
        self._add(max(used - self.written, 0), what)
        self.written = used

    def _add(self, seconds: float, what: str) -> None:
        with self.report.open("a") as report:
            report.write(f"{seconds:.2f}\t{what}\n")


def _used() -> float:
    """Seconds of this process, of all below it, and of those that it has waited for."""
    times = os.times()
    return sum(times[:4]) + _used_below(os.getpid())


def _used_below(top: int) -> float:
    stats = _stats()
    below, found = {top}, {top}
    while below:
        below = {pid for pid, fields in stats.items() if int(fields[_PARENT]) in below} - found
        found |= below
    ticks = [sum(map(int, stats[pid][_TIMES])) for pid in found - {top}]
    return sum(ticks) / _TICKS


def _stats() -> dict[int, list[str]]:
    """What /proc/<pid>/stat says after the name, of every process."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(stat.parent.name)] = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
    return found


def main() -> None:
    """Print the report that the first argument names, the dearest file first."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for line in Path(sys.argv[1]).read_text().splitlines():
        used, _tab, what = line.partition("\t")
        seconds[what] += float(used)
    for what in sorted(seconds, key=seconds.__getitem__, reverse=True):
        print(f"{seconds[what]:8.1f} s  {what}")
    print(f"{sum(seconds.values()) / 60:8.1f} min together")


if __name__ == "__main__":
    main()
