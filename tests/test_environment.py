"""`scripts/environment` makes the virtual environment that a lock file names, and says what is missing."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TypeAlias

import pytest

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
Made: TypeAlias = tuple[Path, subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the scripts and a lock file that names no library."""
    return make_project(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Such a folder whose broken environment was made anew, which takes long, and what that said."""
    project = make_project(tmp_path_factory.mktemp("made"))
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").symlink_to("/nonexistent/python")
    return project, run(project)


def make_project(folder: Path) -> Path:
    shutil.copytree(SCRIPTS, folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "requirements.lock").write_text("# nothing\n")
    return folder


def run(project: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["scripts/environment", "requirements.lock"],
        cwd=project,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHON": sys.executable, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


def stand_in(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def without_venv(project: Path, *, user: str) -> str:
    """A PATH on which python3 has no venv module until apt-get is called, for the user with this id."""
    folder = project / "bin"
    lacking = f'case "$*" in *ensurepip*) [ -e "{folder}/installed" ] || exit 1;; esac'
    stand_in(folder, "python3", f'{lacking}\nexec "{sys.executable}" "$@"')
    stand_in(folder, "apt-get", f'echo "$@" >> "{folder}/installed"')
    stand_in(folder, "id", f"echo {user}")
    return f"{folder}:{os.environ['PATH']}"


def test_an_environment_is_made_once_and_again_when_the_lock_changes(made: Made) -> None:
    project, first = made
    assert first.returncode == 0, first.stderr
    assert "Making .venv" in first.stderr
    assert run(project).stderr == ""
    (project / "requirements.lock").write_text("# still nothing\n")
    assert "Installing the libraries" in run(project).stderr


def test_a_broken_environment_is_made_anew(made: Made) -> None:
    project, first = made
    assert first.returncode == 0
    assert (project / ".venv" / "bin" / "pip").exists()


def test_a_library_is_installed_only_with_the_hash_of_the_lock(made: Made, tmp_path: Path) -> None:
    project = shutil.copytree(made[0], tmp_path / "project", symlinks=True)
    wheel = make_wheel(project / "wheels")
    local = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheel.parent)}
    (project / "requirements.lock").write_text(f"tiny==1.0 --hash=sha256:{'0' * 64}\n")
    done = run(project, **local)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (project / "requirements.lock").write_text(f"tiny==1.0 --hash=sha256:{digest}\n")
    assert run(project, **local).returncode == 0


def make_wheel(folder: Path) -> Path:
    """A package without code."""
    folder.mkdir()
    path = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr(
            "tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    return path


def test_an_unsuitable_interpreter_is_said_plainly(project: Path) -> None:
    done = run(project, PYTHON="/nonexistent/python")
    assert done.returncode == 1
    assert "PYTHON=/nonexistent/python is not a Python of 3.11 or newer" in done.stderr


def test_root_gets_a_missing_venv_module_installed_and_an_environment_with_it(project: Path) -> None:
    done = run(project, PATH=without_venv(project, user="0"), PYTHON="")
    assert done.returncode == 0, done.stderr
    assert (project / ".venv" / "bin" / "pip").exists()
    assert "python3-venv" in (project / "bin" / "installed").read_text()


def test_others_are_told_the_one_command(project: Path) -> None:
    done = run(project, PATH=without_venv(project, user="1000"), PYTHON="")
    assert done.returncode == 1
    assert "sudo apt-get install python3-venv" in done.stderr
    assert not (project / "bin" / "installed").exists()
