"""Runs tests on SQLite with a real browser and, beside it, on PostgreSQL; each ends whatever the other says.

Use: python scripts/passes.py FORM [what to give pytest]; the form is test, proof, or short for fewer proofs.
What PostgreSQL's pass says comes after the other's. The last lines say what could not be tested here, how
each pass ended, and what processor time both took.
"""

import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

MARKS = {"test": "not proof", "proof": "proof", "short": "proof and not long"}
# pytest's code where there is nothing to run, as when only tests without a database were asked for.
_NOTHING = 5


class Pass:
    """One pytest, at work since it was made; it writes to `output`."""

    def __init__(self, name: str, folder: Path, arguments: list[str], output: IO[str] | None = None) -> None:
        self.name, self._summary = name, folder / name
        self.process = subprocess.Popen(
            [".venv/bin/python", "-m", "pytest", *arguments],
            env={**os.environ, "PORTAL_TEST_SUMMARY": str(self._summary)},
            stdout=output,
            stderr=output,
        )

    def fails(self) -> bool:
        """Wait for the end: whether it is a bad one."""
        return self.process.wait() not in (0, _NOTHING)

    def end(self) -> str:
        """How it went, in a line."""
        if self.process.returncode == _NOTHING:
            return f"{self.name}: nothing to run"
        counted = self._summary.read_text().strip() if self._summary.exists() else ""
        return f"{self.name}: {counted or f'did not come to an end (code {self.process.returncode})'}"


def on_postgres(form: str, arguments: list[str]) -> list[str]:
    """What to give pytest for PostgreSQL: every proof comes with all that the test run leaves to SQLite."""
    if form == "proof":
        return ["--portal-db=postgres", "--whole", "-m", "not browser", *arguments]
    # One process does, since this is the smaller part.
    return ["--portal-db=postgres", "-m", f"{MARKS[form]} and not browser", *arguments, "-n", "0"]


def run(form: str, arguments: list[str], folder: Path) -> list[Pass]:
    """Both passes, at their ends."""
    with (folder / "output").open("w+") as output:
        passes = [
            Pass("SQLite", folder, ["-m", MARKS[form], *arguments]),
            Pass("PostgreSQL", folder, on_postgres(form, arguments), output),
        ]
        # Whoever is interrupted at a terminal is so with the passes, which tidy up.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda number, frame: [one.process.terminate() for one in passes])
        for one in passes:
            one.process.wait()
        output.seek(0)
        print(f"\nOn PostgreSQL:\n{output.read()}")
    return passes


def processor_minutes() -> float:
    """What this process and all it has waited for took, user and system."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used) / 60


def printed(script: str) -> str:
    """What a script beside this one prints."""
    return subprocess.run([f"scripts/{script}"], stdout=subprocess.PIPE, text=True).stdout.strip()


def main() -> None:
    """Install what is missing as far as that is possible, run, and leave with 1 where a pass failed."""
    form, *arguments = sys.argv[1:]
    os.environ["CHROMIUM"] = printed("chromium")
    nginx, missing_tools = printed("nginx"), printed("download-tools")
    with tempfile.TemporaryDirectory() as folder:
        passes = run(form, arguments, Path(folder))
        ends = [one.end() for one in passes]
    if not os.environ["CHROMIUM"]:
        print("Browser tests were skipped: no Chromium found (apt-get install chromium).")
    if not nginx and form != "test":
        print("The production documents were not run: that needs root and nginx (apt-get install nginx).")
    if missing_tools and form == "test":
        print(f"Resumed downloads were not tested with all programs: install {missing_tools}")
    print(*ends, f"Processor time: {processor_minutes():.1f} minutes", sep="\n")
    sys.exit(any(one.fails() for one in passes))


if __name__ == "__main__":
    main()
