"""`manage.py reset` deletes only what it was told to, and only when nobody uses it."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.management.commands.reset import holds_more
from topview_portal.lockfile import lock_folder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def var(tmp_path: Path) -> Path:
    folder = tmp_path / "var"
    (folder / "media" / "7a").mkdir(parents=True)
    (folder / "media" / "7a" / "clip.mp4").write_bytes(b"clip")
    (folder / "db.sqlite3").write_bytes(b"rows")
    return folder


def reset(var: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "reset"],
        cwd=ROOT,
        env={**os.environ, "TOPVIEW_PORTAL_VAR": str(var), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def answer(var: Path, text: bytes) -> None:
    """Run reset on a terminal where somebody types `text`."""
    ours, theirs = pty.openpty()
    os.write(ours, text + b"\n")
    environment = {**os.environ, "TOPVIEW_PORTAL_VAR": str(var)}
    subprocess.run(
        [sys.executable, "manage.py", "reset"],
        cwd=ROOT,
        env=environment,
        stdin=theirs,
        capture_output=True,
        timeout=60,
    )
    os.close(ours)
    os.close(theirs)


def test_without_a_terminal_nothing_is_deleted(var: Path) -> None:
    done = reset(var)
    assert done.returncode == 1
    assert "RESET=yes" in done.stderr
    assert (var / "db.sqlite3").exists()


def test_the_environment_can_say_yes(var: Path) -> None:
    done = reset(var, RESET="yes")
    assert done.returncode == 0, done.stderr
    assert list(var.iterdir()) == []


def test_a_yes_on_the_terminal_deletes(var: Path) -> None:
    answer(var, b"y")
    assert list(var.iterdir()) == []


@pytest.mark.parametrize("text", [b"", b"n", b"yesterday"])
def test_any_other_answer_deletes_nothing(var: Path, text: bytes) -> None:
    answer(var, text)
    assert (var / "media" / "7a" / "clip.mp4").exists()


def test_a_running_portal_is_not_reset(var: Path) -> None:
    with lock_folder(var):
        done = reset(var, RESET="yes")
    assert done.returncode == 1
    assert "Stop it first" in done.stderr
    assert (var / "db.sqlite3").exists()


@pytest.mark.parametrize("folder", [ROOT, ROOT.parent, Path("/"), Path.home()])
def test_the_project_and_what_lies_around_it_are_never_emptied(folder: Path) -> None:
    assert holds_more(folder)


def test_a_folder_inside_the_project_may_be_emptied() -> None:
    assert not holds_more(ROOT / "var")
