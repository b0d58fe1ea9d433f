"""`manage.py deploy` makes an installation ready; it and `run` refuse settings by name, and show no value."""

from __future__ import annotations

import base64
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.ports import free_port
from tests.test_settings import ROOT, environment

KEY = base64.urlsafe_b64encode(bytes(32)).decode()
PRODUCTION = {"PORTAL_URL": "https://portal.example.com"}


def manage(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    own = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(folder, **{**own, **variables}),
        capture_output=True,
        text=True,
        timeout=120,
    )


# Each with a word of its value that must not be told.
WRONG = [
    ({"VAULT_KEYS": f"{KEY},older-key-S3CRET"}, "VAULT_KEYS"),
    ({"DATABASE_URL": "postgres://portal:S3CRET/x@127.0.0.1/portal"}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgres//S3CRET"}, "DATABASE_URL"),
    ({"DATABASE_URL": "sqlite:////S3CRET/there/is/no/such/folder.sqlite3"}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgres://portal:S3CRET@127.0.0.1:9/portal"}, "DATABASE_URL"),
    ({"EMAIL_URL": "smtp+tls://portal:S3CRET@mail.example.com:port"}, "EMAIL_URL"),
    ({"EMAIL_URL": "S3CRET"}, "EMAIL_URL"),
    ({"PORTAL_URL": "https://büro-S3CRET.example.com"}, "PORTAL_URL"),
    ({"PORTAL_URL": "https://[fe80::1%S3CRET]"}, "PORTAL_URL"),
    ({"PORTAL_URL": "https://[::1"}, "PORTAL_URL"),
    ({"PORTAL_URL": "http://S3CRET.example.com"}, "PORTAL_URL"),
    ({"PORT": "S3CRET"}, "PORT"),
    ({"WORKERS": "S3CRET"}, "WORKERS"),
    ({"LOG_LEVEL": "S3CRET"}, "LOG_LEVEL"),
    ({"ALLOW_SANDBOX": "S3CRET"}, "ALLOW_SANDBOX"),
    ({"TOPVIEW_URL": "http://S3CRET.example.com"}, "TOPVIEW_URL"),
]


# What is found when the settings are read, by a check, and when the database is first used.
WRONG_FOR_RUN = [WRONG[0], WRONG[4], WRONG[10]]


@pytest.mark.parametrize(
    ("command", "variables", "name"),
    [*(("deploy", *wrong) for wrong in WRONG), *(("run", *wrong) for wrong in WRONG_FOR_RUN)],
    ids=lambda value: str(value)[:60],
)
def test_a_setting_that_cannot_be_used_is_refused_by_name(
    tmp_path: Path, command: str, variables: dict[str, str], name: str
) -> None:
    done = manage(tmp_path, command, **{**PRODUCTION, **variables})
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert name in done.stderr
    assert "Traceback" not in said
    assert "S3CRET" not in said and "s3cret" not in said


@pytest.mark.parametrize(("command", "name"), [("deploy", "vault.key"), ("run", "session.key")])
def test_a_damaged_key_file_is_named(tmp_path: Path, command: str, name: str) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / name).touch()
    done = manage(tmp_path, command)
    assert done.returncode != 0
    assert f"keys/{name} in TOPVIEW_PORTAL_VAR is damaged" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_not_the_portals_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "media").touch()
    done = manage(tmp_path, "deploy")
    assert done.returncode != 0
    assert "TOPVIEW_PORTAL_VAR must be a folder that this user may read and write" in done.stderr
    assert "Traceback" not in done.stderr


class Installation(NamedTuple):
    """An installation that was made by one `deploy`, and what that said."""

    var: Path
    done: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """From nothing, which takes long: all tables, all styles and scripts."""
    folder = tmp_path_factory.mktemp("made")
    return Installation(folder, manage(folder, "deploy", **PRODUCTION))


@pytest.fixture
def installed(made: Installation, tmp_path: Path) -> Path:
    """A copy of it, of the test's own."""
    return shutil.copytree(made.var, tmp_path / "var")


def tables_of(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / "db.sqlite3")) as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master")}


def test_one_command_makes_an_installation_ready_and_can_be_repeated(
    made: Installation, installed: Path
) -> None:
    assert made.done.returncode == 0, made.done.stderr
    assert "is up to date" in made.done.stdout
    assert made.done.stderr == ""
    assert {"tasks_task", "portal_cache"} <= tables_of(installed)
    manifest = installed / "static" / "staticfiles.json"
    collected = manifest.stat().st_mtime_ns
    # What a page that is open somewhere loads stays.
    old = installed / "static" / "js" / "portal.0123456789ab.js"
    old.touch()
    again = manage(installed, "deploy", **PRODUCTION)
    assert again.returncode == 0, again.stderr
    assert old.exists()
    assert manifest.stat().st_mtime_ns == collected
    assert manage(installed, "migrate", "--check", **PRODUCTION).returncode == 0


def test_what_is_worth_a_look_is_said_and_stops_nothing(installed: Path) -> None:
    done = manage(installed, "deploy", **PRODUCTION, ALLOW_SANDBOX="yes")
    assert done.returncode == 0
    assert "tasks.W002" in done.stderr


def test_a_test_mail_is_sent_when_asked_for(installed: Path) -> None:
    done = manage(installed, "deploy", "--mail", "ada@example.com", EMAIL_URL="consolemail://")
    assert done.returncode == 0, done.stderr
    assert "To: ada@example.com" in done.stdout
    assert "Mail from the portal arrives." in done.stdout


def test_a_test_mail_that_cannot_leave_is_told_with_the_setting(installed: Path) -> None:
    with closing(sqlite3.connect(installed / "db.sqlite3")) as database:
        database.execute("DROP TABLE portal_cache")
    url = f"smtp://portal:S3CRET@127.0.0.1:{free_port()}"
    done = manage(installed, "deploy", "--mail", "ada@example.com", EMAIL_URL=url)
    assert done.returncode == 1
    assert "No mail could be sent with EMAIL_URL" in done.stderr
    assert "S3CRET" not in done.stderr and "Traceback" not in done.stderr
    assert "portal_cache" in tables_of(installed), "all else is up to date"
