"""`manage.py run` as a newcomer meets it: the real parts, on free ports, in a folder of their own."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.newcomer import Portal, running_portal
from tests.parts import ROOT, wait_until
from tests.ports import free_port


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Shared by the tests below, which stand in this order: its start is the dear part."""
    with running_portal(tmp_path_factory.mktemp("run") / "var") as portal:
        portal.leave_media()
        yield portal


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


def test_nothing_it_keeps_is_open_to_other_users_of_the_machine(portal: Portal) -> None:
    kept = [portal.var, *portal.var.rglob("*")]
    names = {path.name for path in kept}
    assert {"db.sqlite3", "db.sqlite3-wal", "run.log", "run.lock"} <= names
    assert [path for path in kept if is_open(path)] == []
    # Nobody else passes through it, whatever the files in it say.
    assert portal.var.stat().st_mode & 0o777 == 0o700


def is_open(path: Path) -> bool:
    """Whether everybody may do anything with it; False for what is gone meanwhile."""
    try:
        return bool(path.lstat().st_mode & 0o007) and not path.is_symlink()
    except FileNotFoundError:
        return False


def test_the_sandbox_keeps_its_store_in_the_folder_of_the_portal(portal: Portal) -> None:
    assert (portal.var / "sandbox").is_dir()


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
