"""Real processes of the portal on the test's own database: worker, sandbox and web, to start and to kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections

from tests.ports import free_port
from tests.sandbox_fixture import SandboxDriver

ROOT = Path(__file__).resolve().parent.parent
# A worker's clusters, and whom each guards at least: two that carry messages, and who works.
CLUSTERS, GUARDED = 2, 3
# Short enough for a test, long enough for a busy machine.
HURRY = {
    "TAKEOVER_SECONDS": "4",
    "TOPVIEW_SUBMIT_SECONDS": "4",
    "TOPVIEW_READ_SECONDS": "4",
    "STUCK_SECONDS": "10",
    "REFRESH_SECONDS": "1",
    "REFRESH_RATE": "50",
    "LOG_LEVEL": "WARNING",
}


def wait_until(
    holds: Callable[[], object], *, seconds: float = 60, what: str | Callable[[], str] = "it"
) -> None:
    """Wait for something that comes true by itself; bounded."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what if isinstance(what, str) else what()}"
        time.sleep(0.1)


def database_url() -> str:
    """The address of the database this test runs on."""
    row = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{row['NAME']}"
    return f"postgres://{row['USER']}:{row['PASSWORD']}@{row['HOST']}:{row['PORT']}/{row['NAME']}"


class Parts:
    """Starts parts of the portal and ends them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sandbox_port, self.web_port = free_port(), free_port()
        self._web_ports = {"web": self.web_port}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def sandbox_url(self) -> str:
        """Where the sandbox listens."""
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def store(self) -> Path:
        """Where the sandbox keeps what it has accepted and made."""
        return self.folder / "sandbox-store"

    @property
    def web_url(self) -> str:
        """Where the portal listens."""
        return self.url_of("web")

    def url_of(self, web: str) -> str:
        """Where the web server of that name listens."""
        return f"http://localhost:{self._web_ports[web]}"

    @property
    def sandbox(self) -> SandboxDriver:
        """The running sandbox and its switches."""
        return SandboxDriver(self.sandbox_url)

    def environment(self, **more: str) -> dict[str, str]:
        """What a part needs to know to work on the test's rows and files."""
        own = {
            "DATABASE_URL": database_url(),
            "TOPVIEW_PORTAL_VAR": str(settings.VAR),
            "SANDBOX_URL": self.sandbox_url,
            "PORT": str(self.web_port),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": str(ROOT),
        }
        return {**os.environ, **own, **HURRY, **more}

    def start(self, name: str, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start `manage.py` with the arguments, in a session of its own, under a name."""
        return self.start_program(name, str(ROOT / "manage.py"), *arguments, **variables)

    def start_program(self, name: str, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
        """The same for any Python program; its output goes to a file of the test's folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment(**variables),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.processes[name]

    def start_sandbox(self, *options: str, seconds: float = 1.0, waits: bool = True) -> None:
        """Start the sandbox on its port with its store, without Django, which takes time, and wait for it."""
        store = str(self.store)
        port = str(self.sandbox_port)
        where = ("--port", port, "--store", store)
        how = ("--seconds", str(seconds), "--render", "off", *options)
        self.start_program("sandbox", "-m", "tasks.sandbox", *where, *how)
        if waits:
            self.wait_for("sandbox")

    def start_worker(self, name: str = "worker", **variables: str) -> None:
        """Start a worker with its supervisor; several under several names are as many nodes."""
        self.start(name, "worker", **variables)

    def start_web(self, name: str = "web", *, waits: bool = True) -> None:
        """Start a web server and wait for it; several under several names are as many nodes."""
        port = self._web_ports.setdefault(name, free_port())
        self.start_program(
            name,
            *("-m", "gunicorn", "topview_portal.wsgi", "--bind", f"127.0.0.1:{port}"),
            *("--workers", "1", "--worker-class", "gthread", "--threads", "16"),
        )
        if waits:
            self.wait_for(name)

    def wait_for(self, name: str) -> None:
        """Wait until a part answers, or until a worker's clusters have all their processes."""
        wait_until(lambda: self._is_up(name), what=f"{name} to be up")

    def _is_up(self, name: str) -> bool:
        if name == "sandbox":
            return answers(self.sandbox_url)
        if name in self._web_ports:
            return answers(f"{self.url_of(name)}/accounts/login/")
        clusters = children().get(self.processes[name].pid, [])
        return len(clusters) == CLUSTERS and all(len(descendants(pid)) >= GUARDED for pid in clusters)

    def kill(self, name: str) -> None:
        """kill -9 for one process; what it started must notice by itself."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def kill_node(self, name: str) -> None:
        """kill -9 for one process; returns when all that it started has ended too."""
        below = descendants(self.processes[name].pid)
        self.kill(name)
        wait_until(lambda: not any(is_alive(pid) for pid in below), what=f"the end of all below {name}")

    def freeze(self, name: str) -> list[int]:
        """Stop a process and all below it in the middle of whatever they do; `thaw` lets them go on."""
        # From the top: nobody may start another while the rest is stopped.
        frozen: list[int] = []
        while fresh := [pid for pid in self._tree(name) if pid not in frozen]:
            for pid in fresh:
                _signal(pid, signal.SIGSTOP)
            frozen += fresh
        return frozen

    def thaw(self, frozen: list[int]) -> None:
        """Let them go on as if nothing had happened."""
        for pid in frozen:
            _signal(pid, signal.SIGCONT)

    def _tree(self, name: str) -> list[int]:
        pid = self.processes[name].pid
        return [pid, *descendants(pid)]

    def end(self) -> None:
        """End everything that still runs."""
        for name in list(self.processes):
            process = self.processes.pop(name)
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(timeout=30)
                except subprocess.TimeoutExpired:
                    process.kill()
            process.wait()
            end_group(process.pid)
        connections.close_all()

    def log(self, name: str) -> str:
        """What a part has written."""
        return (self.folder / f"{name}.log").read_text(errors="replace")


def end_group(pid: int) -> None:
    """kill -9 for whatever is left of a process group."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def answers(url: str) -> bool:
    """Whether a server answers at all."""
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def children() -> dict[int, list[int]]:
    """The processes right below each that has any."""
    found: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    return found


def descendants(pid: int) -> list[int]:
    """All living processes below one."""
    below_each = children()
    found, waiting = [], [pid]
    while waiting:
        below = below_each.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] != "Z"


@pytest.fixture
def parts(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Parts]:
    """Nothing started yet; everything ended afterwards, before the rows are flushed."""
    parts = Parts(tmp_path / "parts")
    settings.SANDBOX_URL = parts.sandbox_url
    yield parts
    parts.end()
