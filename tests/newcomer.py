"""`manage.py run` as a newcomer starts it, in a folder and on ports of its own."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.parts import ROOT, wait_until
from tests.ports import free_port
from tests.sandbox_fixture import SandboxDriver


def fresh_database() -> str:
    """An empty database on the server that this run of the tests uses; nothing where that is SQLite."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        return ""
    import psycopg.sql

    name = f"run_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    return f"{server.rpartition('/')[0]}/{name}"


class Portal:
    """A running `manage.py run`, as a process group of its own."""

    def __init__(self, var: Path) -> None:
        self.port, self.sandbox_port = free_port(), free_port()
        self.var = var
        names = {"DATABASE_URL": fresh_database(), "TOPVIEW_PORTAL_VAR": str(var)}
        ports = {"PORT": str(self.port), "SANDBOX_PORT": str(self.sandbox_port)}
        self.environment = {**os.environ, **names, **ports}
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.lines: list[str] = []

    def start(self) -> None:
        """Start, and return when it has said that it is ready."""
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        wait_until(lambda: "is ready" in self.output() or self.process.poll() is not None, seconds=150)
        assert "is ready" in self.output(), self.output()

    def end(self) -> None:
        """Wait for the end of the process and of its output."""
        self.process.wait(timeout=120)
        self.reader.join(timeout=60)

    def output(self) -> str:
        """Everything said so far."""
        return "".join(self.lines)

    @property
    def address(self) -> str:
        """The address it prints."""
        return f"http://localhost:{self.port}"

    @property
    def sandbox(self) -> SandboxDriver:
        """Its TopView, and the switches of that."""
        return SandboxDriver(f"http://127.0.0.1:{self.sandbox_port}")

    def rows(self, query: str, *values: object) -> list[Any]:
        """What a query finds in its SQLite file."""
        with closing(sqlite3.connect(f"file:{self.var / 'db.sqlite3'}?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchall()

    def leave_media(self, *, but: tuple[str, ...] = ()) -> None:
        """Let the worker take the media of all catalogs but these for tried.

        Drawing and decoding hundreds of them would keep the machine busy for minutes.
        """
        kept = ", ".join("?" for _catalog in but)
        query = f"UPDATE tasks_catalogentry SET media_attempts = 100 WHERE catalog NOT IN ({kept})"
        with closing(sqlite3.connect(self.var / "db.sqlite3", timeout=60)) as database, database:
            database.execute(query, but)

    def processes(self) -> dict[int, str]:
        """Every living process, wherever it descended to, that works on this portal's folder."""
        mark = f"TOPVIEW_PORTAL_VAR={self.var}\0".encode()
        return {pid: command for pid, command, environment in all_processes() if mark in environment}

    def _read(self) -> None:
        assert self.process.stdout
        self.lines.extend(iter(self.process.stdout.readline, ""))


def all_processes() -> Iterator[tuple[int, str, bytes]]:
    """Pid, command line and environment of each process that may be looked at."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if environment:
            yield int(folder.name), command, environment


@contextmanager
def running_portal(var: Path, *, migrated: Path | None = None, **variables: str) -> Iterator[Portal]:
    """A portal that has started, from a copy of `migrated` if given; everything of it is gone afterwards."""
    if migrated:
        var.mkdir(mode=0o700)
        shutil.copy(migrated, var / "db.sqlite3")
    portal = Portal(var)
    portal.environment |= variables
    portal.start()
    try:
        yield portal
    finally:
        for pid in portal.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        portal.end()


def wait_for_sample(portal: Portal, voice: str) -> None:
    """Wait until a voice of the sandbox can be heard; the worker fetches the samples by and by."""
    query = "SELECT count(sample_id) FROM tasks_catalogentry WHERE catalog = 'voices' AND name = ?"
    wait_until(lambda: portal.rows(query, voice) == [(1,)], seconds=120, what=f"the sample of {voice}")
