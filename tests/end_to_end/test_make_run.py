"""`manage.py run` as a newcomer meets it: the real parts, on free ports, in a folder of their own."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# In one xdist worker, in this order: the start of the portal is the dear part, so the tests share it.
pytestmark = pytest.mark.xdist_group("make-run")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


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


def wait_until(holds: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


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


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    portal = Portal(tmp_path_factory.mktemp("run") / "var")
    portal.start()
    yield portal
    for pid in portal.processes():
        os.kill(pid, signal.SIGKILL)
    portal.end()


def test_the_portal_says_where_it_is_and_who_may_sign_in(portal: Portal) -> None:
    said = portal.output()
    assert f"http://localhost:{portal.port}" in said
    assert f"http://127.0.0.1:{portal.sandbox_port}" in said
    for person in ("marketer", "reviewer", "admin"):
        assert f"{person}@example.com" in said


def test_the_printed_address_shows_the_sign_in_page(portal: Portal) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{portal.port}/", timeout=20) as answer:
        assert answer.status == 200
        assert 'type="password"' in answer.read().decode()


def test_generated_keys_are_readable_by_their_owner_alone(portal: Portal) -> None:
    keys = list((portal.var / "keys").iterdir())
    assert keys
    assert {key.stat().st_mode & 0o777 for key in keys} == {0o600}


def test_a_second_run_on_the_same_folder_is_refused(portal: Portal) -> None:
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    second = subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=ROOT,
        env={**portal.environment, **ports},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode == 1
    assert "already runs" in second.stderr


def test_a_killed_web_server_comes_back(portal: Portal) -> None:
    killed = {pid for pid, command in portal.processes().items() if "gunicorn" in command}
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: "web | was ended by SIGKILL" in portal.output())
    wait_until(lambda: shows_a_page(portal))
    assert not killed & set(portal.processes())


def shows_a_page(portal: Portal) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{portal.port}/health/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_signal_to_the_group_leaves_nothing_running(portal: Portal) -> None:
    os.killpg(portal.process.pid, signal.SIGTERM)
    portal.end()
    assert portal.process.returncode == 0, portal.output()
    assert portal.processes() == {}


def test_a_killed_runner_leaves_nothing_running(portal: Portal) -> None:
    portal.lines.clear()
    portal.start()
    portal.process.kill()
    wait_until(lambda: not portal.processes(), seconds=120)
