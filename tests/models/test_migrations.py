"""Migrations with data: rows of every table come through to the newest state and back, on both databases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps.registry import Apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.models import filler

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = "0001_initial"


def migrate_to(*names: str) -> Apps:
    """Bring the app to a migration, or to the newest; the models as they are there."""
    executor = MigrationExecutor(connection)
    newest = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "tasks"]
    target = [("tasks", name) for name in names] or newest
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.fixture
def old_portal() -> Iterator[filler.Rows]:
    """A database of the first version with rows in every table. The newest version stands afterwards."""
    apps = migrate_to(FIRST)
    try:
        filler.fill(apps)
        yield filler.read(apps)
    finally:
        migrate_to()


def test_every_row_comes_through_to_the_newest_version_and_back(old_portal: filler.Rows) -> None:
    assert all(len(rows) == filler.ROWS for rows in old_portal.values())
    assert len(old_portal) > 20

    assert filler.read(migrate_to(), old_portal) == old_portal
    assert filler.read(migrate_to(FIRST), old_portal) == old_portal


def test_a_backup_of_the_first_version_is_restored_into_the_newest(
    old_portal: filler.Rows, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    for row in old_portal["blob"]:
        write_blob(Path(settings.MEDIA_ROOT), row)
    # The rows are no portal's: nothing of them could be put on hold.
    monkeypatch.setattr("tasks.commands.backup.restore.hold_everything", lambda: 0)
    stored = filler.read(migrate_to(FIRST), old_portal)
    call_command("backup", str(tmp_path / "backup"), verbosity=0)
    apps = migrate_to()
    apps.get_model("tasks", "Move").objects.all().delete()

    call_command("restore", str(tmp_path / "backup"), "--replace", "--without-keys", verbosity=0)

    found = filler.read(migrate_to(), old_portal)
    for forgotten in ("heartbeat", "lease"):
        assert found.pop(forgotten) == []
        stored.pop(forgotten)
    assert found == stored


def write_blob(media: Path, row: dict[str, Any]) -> None:
    """Bytes for a row, and their hash in it."""
    path = media / row["file"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(row["file"].encode())
    digest = hashlib.sha256(row["file"].encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tasks_blob SET sha256 = %s, size = %s WHERE file = %s",
            [digest, len(row["file"].encode()), row["file"]],
        )


def test_an_account_counts_as_read_only_as_far_as_its_log_was(old_portal: filler.Rows) -> None:
    apps = migrate_to("0007_looked_at")
    accounts: Any = apps.get_model("tasks", "Credential").objects
    looked_at = timezone.now()
    early = looked_at - timedelta(days=2)
    read, half, never = accounts.order_by("pk").values_list("pk", flat=True)
    accounts.filter(pk=read).update(looked_at=looked_at, charges_read_at=looked_at)
    accounts.filter(pk=half).update(looked_at=looked_at, charges_read_at=early)
    accounts.filter(pk=never).update(looked_at=looked_at, charges_read_at=None)

    rows = migrate_to().get_model("tasks", "Credential").objects.values_list("pk", "read_whole_at")
    assert dict(rows) == {read: looked_at, half: early, never: None}
