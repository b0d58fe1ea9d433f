"""A portal that began on SQLite moves to PostgreSQL by a backup: every row of every table, and every file."""

from __future__ import annotations

import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as portal_settings
from django.db import connection, connections

from tasks.commands.library.blobs import open_stored
from tasks.commands.operations.backup.files import measure
from tasks.commands.operations.backup.manifest import Entry, read_manifest, write_manifest
from tasks.models import Credential, Membership, Task
from tests.commands.backups import place
from tests.models import filler
from tests.parts import database_url
from tests.people import browser_of, make_member, make_workspace

__all__ = ["place"]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="moves to PostgreSQL"),
]
# In a process of its own, whose database is a SQLite file: fill it, back it up, and keep what was read of it.
_FILL_AND_BACK_UP = """
import pickle, sys
import django
django.setup()
from pathlib import Path
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from tests.models import filler
from tests.models.test_migrations import write_blob
filler.fill(apps)
rows = filler.read(apps)
for row in rows["blob"]:
    write_blob(Path(settings.MEDIA_ROOT), row)
rows = filler.read(apps)
call_command("backup", sys.argv[1], verbosity=0)
Path(sys.argv[2]).write_bytes(pickle.dumps(rows))
"""
# The rows are no portal's: nothing of them could be put on hold.
_RESTORE = """
import sys
import django
django.setup()
from django.core.management import CommandError, call_command
from tasks.commands.operations.backup import restore
restore.quarantine_everything = lambda: 0
try:
    call_command("restore", sys.argv[1], "--replace")
except CommandError as error:
    sys.exit(str(error))
"""


def run(script: str, *arguments: Path, **variables: str) -> str:
    """Run it in a process with these variables; what it says when it fails."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **variables}
    environment["PYTHONPATH"] = str(portal_settings.BASE_DIR)
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=portal_settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120
    )
    return done.stderr if done.returncode else ""


@pytest.fixture(scope="module")
def old_portal(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    """A folder with the backup of a portal on SQLite, and with what was read of its rows."""
    folder = tmp_path_factory.mktemp("old-portal")
    (folder / "var").mkdir()
    shutil.copy(migrated_sqlite, folder / "var" / "db.sqlite3")
    places = (folder / "backup", folder / "rows.pickle")
    assert run(_FILL_AND_BACK_UP, *places, DATABASE_URL="", TOPVIEW_PORTAL_VAR=str(folder / "var")) == ""
    return folder


@pytest.fixture
def rows_on_sqlite(old_portal: Path, place: Path) -> filler.Rows:
    """What it held; its backup is at `place`."""
    shutil.copytree(old_portal / "backup", place)
    found: filler.Rows = pickle.loads((old_portal / "rows.pickle").read_bytes())
    return found


@pytest.fixture
def new_portal(tmp_path: Path, settings: Any) -> Callable[[Path], str]:
    """Restores a backup into this test's PostgreSQL, and says why where it refuses. Files go elsewhere."""
    var = tmp_path / "new"
    settings.MEDIA_ROOT = str(var / "media")

    def restore(place: Path) -> str:
        url = database_url()
        connections.close_all()
        return run(_RESTORE, place, DATABASE_URL=url, TOPVIEW_PORTAL_VAR=str(var))

    return restore


def test_every_row_and_every_file_of_sqlite_arrives_on_postgresql(
    rows_on_sqlite: filler.Rows, new_portal: Callable[[Path], str], place: Path
) -> None:
    assert all(len(rows) == filler.ROWS for rows in rows_on_sqlite.values())
    make_member(make_workspace("It was here before"))

    assert new_portal(place) == ""

    # What was true of processes of the old portal is forgotten, as after every restoring.
    forgotten: filler.Rows = {"heartbeat": [], "lease": [], "circuit": [], "guestsession": []}
    assert filler.read(apps) == {**rows_on_sqlite, **forgotten}
    for entry in read_manifest(place).media:
        with open_stored(entry.name.removeprefix("media/")) as file:
            assert len(file.read()) == entry.size


def test_new_rows_find_numbers_of_their_own_after_the_move(
    rows_on_sqlite: filler.Rows, new_portal: Callable[[Path], str], place: Path
) -> None:
    assert new_portal(place) == ""

    member = make_member(make_workspace("New here"))

    assert browser_of(member).get("/tasks/").status_code == 200
    assert Membership.objects.count() == filler.ROWS + 1


def test_a_sqlite_backup_of_another_version_is_refused_and_nothing_is_touched(
    rows_on_sqlite: filler.Rows, new_portal: Callable[[Path], str], place: Path
) -> None:
    manifest = read_manifest(place)
    manifest.migrations.pop()
    write_manifest(place, manifest)
    member = make_member(make_workspace("It was here before"))

    assert "Update that portal" in new_portal(place)

    assert list(Membership.objects.all()) == [member]


def test_what_does_not_fit_postgresql_is_named_and_nothing_is_touched(
    rows_on_sqlite: filler.Rows, new_portal: Callable[[Path], str], place: Path
) -> None:
    member = make_member(make_workspace("It was here before"))
    lengthen_a_title(place)

    assert Task._meta.db_table in new_portal(place)

    assert list(Membership.objects.all()) == [member]
    assert not Credential.objects.exists()


def lengthen_a_title(place: Path) -> None:
    """SQLite keeps texts of any length, whatever the column says."""
    manifest = read_manifest(place)
    (entry,) = manifest.database
    with sqlite3.connect(place / entry.name) as database:
        database.execute("UPDATE tasks_task SET title = ?", ["x" * 5000])
    database.close()
    manifest.database[:] = [Entry(entry.name, *measure(place / entry.name))]
    write_manifest(place, manifest)
