"""The web server as `manage.py run` starts it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.management.commands.run import web_part
from tests.benchmarks.cpu_time import Server
from tests.parts import descendants, wait_until
from tests.ports import free_port
from topview_portal.parent_death import bound_to_parent
from topview_portal.processes import ROOT
from topview_portal.server import workers

# Seconds in which it starts, on however busy a machine.
_PATIENCE = 300


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server that answers, on a free port of loopback; stopped afterwards, and with this process."""
    port = free_port()
    part = web_part(port)
    with (folder / "web.log").open("ab") as log:
        process = subprocess.Popen(bound_to_parent(list(part.command)), cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_until(
            lambda: process.poll() is not None or part.answers(), seconds=_PATIENCE, what="the web server"
        )
        assert process.poll() is None, (folder / "web.log").read_text()
        wait_until(lambda: len(descendants(process.pid)) == workers, seconds=_PATIENCE, what="its processes")
        yield Server(port, tuple(descendants(process.pid)), _database_pid(folder))
    finally:
        process.terminate()
        try:
            process.wait(timeout=part.grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _database_pid(folder: Path) -> int | None:
    """Of the PostgreSQL that `scratch` has started there."""
    noted = folder / "postgres" / "data" / "postmaster.pid"
    return int(noted.read_text().split()[0]) if noted.exists() else None
