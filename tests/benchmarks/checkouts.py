"""Scratch portals of this checkout and of another one, each in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks.cpu_time import Server
from tests.benchmarks.sizes import Size
from tests.benchmarks.visitor import Page, Visitor

HERE = Path(__file__).resolve().parent.parent.parent
_BENCHMARKS = Path("tests", "benchmarks")
# Seconds in which a portal ends once its input has.
_GRACE = 60


@dataclass(frozen=True)
class Served:
    """A portal at one size: its server, who is signed in there, its pages, and what is weighed of
    long files.
    """

    server: Server
    visitor: Visitor
    bare: Page
    pages: list[Page]
    transfers: list[Page]


class Portal:
    """A process that fills and serves a scratch portal."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def served(self, size: Size) -> Served:
        """Filled to that size; what served it before has ended."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{json.dumps(asdict(size))}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the portal ended; its messages stand above"
        told: dict[str, Any] = json.loads(line)
        server = Server(**told["server"])
        pages, transfers = ([Page(**page) for page in told[name]] for name in ("pages", "transfers"))
        return Served(server, Visitor(server.port, told["cookie"]), Page(**told["bare"]), pages, transfers)


@contextmanager
def portals(folders: Sequence[Path], database: str) -> Iterator[list[Portal]]:
    """One of each checkout; ended afterwards, and with this process, since their input ends with it."""
    with ExitStack() as stack:
        yield [stack.enter_context(_portal(folder, database)) for folder in folders]


@contextmanager
def _portal(folder: Path, database: str) -> Iterator[Portal]:
    command = [sys.executable, "-m", "tests.benchmarks.portal", "--db", database]
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield Portal(process)
    finally:
        assert process.stdin
        process.stdin.close()
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait()


@contextmanager
def with_these_benchmarks(checkout: Path) -> Iterator[Path]:
    """A copy of what another checkout holds, with this one's benchmarks in the place of its own: so both are
    filled with the same rows and asked for the same pages.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=checkout, check=True, capture_output=True, text=True
    )
    with TemporaryDirectory(prefix="portal-bench-checkout-") as name:
        copy = Path(name)
        for path in filter(None, listed.stdout.split("\0")):
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(checkout / path, copy / path)
        shutil.rmtree(copy / _BENCHMARKS)
        shutil.copytree(HERE / _BENCHMARKS, copy / _BENCHMARKS)
        yield copy


def commit_of(checkout: Path) -> str:
    """Its short name, with a sign when files were changed since."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10", "--exclude=*"]
    return subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout.strip()
