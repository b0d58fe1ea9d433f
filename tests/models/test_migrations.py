"""Migrations keep data: rows of every table come through to the newest state and back, on both databases."""

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
# What has another name now, or none: tables and columns by their first names.
TABLES = {
    "answer": "apilogentry",
    "catalogshelf": "catalogstate",
    "move": "transition",
    "notice": "callback",
    "oddanswer": "unexpectedanswer",
}
COLUMNS = {
    ("catalogentry", "shelf"): "catalog",
    ("catalogshelf", "shelf"): "catalog",
    ("favourite", "shelf"): "catalog",
    ("answer", "answer_to"): "operation",
    ("submission", "held_at"): "quarantined_at",
    ("submission", "pace"): "lateness",
    ("task", "version"): "revision",
    ("submission", "notice_uuid"): "callback_uuid",
    ("credential", "notice_checked_at"): "callback_checked_at",
    ("credential", "notice_problem"): "callback_problem",
}
GONE = {("notice", "look_at"), ("notice", "seen_at")}
# Columns that held sentences, which causes quote now.
SENTENCES = {
    ("submission", "reason"),
    ("submission", "attention"),
    ("credential", "state_reason"),
    ("credential", "notice_problem"),
    ("catalogshelf", "error"),
    ("output", "error"),
}


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

    kept = as_today(old_portal)
    assert filler.read(migrate_to(), kept) == kept
    assert filler.read(migrate_to(FIRST), old_portal) == old_portal


def test_a_backup_of_the_first_version_is_restored_into_the_newest(
    old_portal: filler.Rows, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    for row in old_portal["blob"]:
        write_blob(Path(settings.MEDIA_ROOT), row)
    # The rows are no portal's: nothing of them could be put on hold.
    monkeypatch.setattr("tasks.commands.operations.backup.restore.quarantine_everything", lambda: 0)
    stored = filler.read(migrate_to(FIRST), old_portal)
    call_command("backup", str(tmp_path / "backup"), verbosity=0)
    apps = migrate_to()
    apps.get_model("tasks", "Transition").objects.all().delete()

    call_command("restore", str(tmp_path / "backup"), "--replace", "--without-keys", verbosity=0)

    kept = as_today(stored)
    found = filler.read(migrate_to(), kept)
    for forgotten in ("heartbeat", "lease"):
        assert found.pop(forgotten) == []
        kept.pop(forgotten)
    assert found == kept


def as_today(rows: filler.Rows) -> filler.Rows:
    """Rows of the first version as they are today: names, causes, and without the columns that are gone."""
    return {
        TABLES.get(table, table): [
            {
                COLUMNS.get((table, name), name): quoted(value) if (table, name) in SENTENCES else value
                for name, value in row.items()
                if (table, name) not in GONE
            }
            for row in found
        ]
        for table, found in rows.items()
    }


def quoted(text: str) -> dict[str, Any] | None:
    """A sentence of an earlier version as it is stored now."""
    return {"code": "earlier", "facts": {"text": text}} if text else None


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


@pytest.fixture
def before_claims(old_portal: filler.Rows) -> Any:
    """The models as they were when claims stood among the callbacks. All calls are of one account."""
    apps = migrate_to("0016_refused_at")
    models: Any = apps.get_app_config("tasks")
    models.get_model("Credential").objects.update(service="sandbox", uid="the-account")
    models.get_model("Notice").objects.all().delete()
    models.get_model("Submission").objects.update(source=None, attention="", remote_id="")
    return models


def test_of_calls_that_follow_one_task_the_earliest_keeps_it_and_the_others_are_second_claims(
    before_claims: Any,
) -> None:
    calls = before_claims.get_model("Submission").objects
    later, first, alone = calls.order_by("pk")
    now = timezone.now()
    calls.filter(pk=first.pk).update(remote_id="the-one", accepted_at=now - timedelta(hours=2))
    calls.filter(pk=later.pk).update(remote_id="the-one", accepted_at=now, status="succeeded")
    calls.filter(pk=alone.pk).update(remote_id="another")
    outputs, charges = (before_claims.get_model(name).objects for name in ("Output", "Charge"))
    outputs.update(submission=later)
    charges.update(submission=later)

    apps: Any = migrate_to()
    claims = apps.get_model("tasks", "Claim").objects.values_list("submission", "remote_id", "outcome")
    assert set(claims) == {
        (first.pk, "the-one", "followed"),
        (later.pk, "the-one", "second"),
        (alone.pk, "another", "followed"),
    }
    rows = {row.pk: row for row in apps.get_model("tasks", "Submission").objects.all()}
    told = rows[later.pk].attention["facts"]["text"]
    assert "A second claim" in told and "the-one" in told
    assert "another workspace of this portal" in told
    assert rows[first.pk].attention is rows[alone.pk].attention is None
    assert (rows[later.pk].status, rows[later.pk].remote_id) == ("succeeded", "the-one")
    assert rows[later.pk].outputs.count() == rows[later.pk].charges.count() == filler.ROWS


def test_steps_that_work_on_one_task_follow_it_together(before_claims: Any) -> None:
    calls = before_claims.get_model("Submission").objects
    preview, export, again = calls.order_by("pk")
    for row, step, age in ((preview, "preview", 3), (export, "export", 2), (again, "export", 1)):
        at = timezone.now() - timedelta(hours=age)
        calls.filter(pk=row.pk).update(
            task=preview.task_id, step=step, item=str(age), remote_id="shared", accepted_at=at
        )

    claims: Any = migrate_to().get_model("tasks", "Claim").objects
    root = claims.get(submission=preview.pk)
    assert (root.outcome, root.joins) == ("followed", None)
    for row in (export, again):
        claim = claims.get(submission=row.pk)
        assert (claim.outcome, claim.joins_id) == ("followed", root.pk)


def test_claims_leave_the_callbacks_and_come_back_among_them(before_claims: Any) -> None:
    call = before_claims.get_model("Submission").objects.order_by("pk").first()
    person = before_claims.get_model("User").objects.order_by("pk").first()
    notices = before_claims.get_model("Notice").objects
    at = timezone.now() - timedelta(minutes=5)
    facts = {"workspace_id": call.workspace_id, "submission": call, "received_at": at, "look_at": at}
    notices.create(**facts, uuid="given-by-person", remote_id="given", body={"actor": person.pk})
    notices.create(**facts, uuid="found-trace", remote_id="found", seen_at=at)
    notices.create(**facts, uuid="own-task", remote_id="own")
    notices.create(**facts, uuid="n-1", remote_id="told", body={"status": "success"})
    before = list(notices.order_by("remote_id").values())

    apps: Any = migrate_to()
    claims = apps.get_model("tasks", "Claim").objects.order_by("remote_id")
    assert list(claims.values_list("remote_id", "source", "outcome", "actor")) == [
        ("found", "trace", "dropped", None),
        ("given", "person", "", person.pk),
        ("own", "own-task", "", None),
        ("told", "callback", "", None),
    ]
    assert list(apps.get_model("tasks", "Callback").objects.values_list("uuid", flat=True)) == ["n-1"]

    apps = migrate_to("0016_refused_at")
    back = apps.get_model("tasks", "Notice").objects.order_by("remote_id")
    assert [{**row, "id": None} for row in back.values()] == [{**row, "id": None} for row in before]


def test_a_call_whose_files_are_awaited_says_so_and_has_not_finished(old_portal: filler.Rows) -> None:
    calls: Any = migrate_to("0024_quarantine").get_model("tasks", "Submission").objects
    waiting, ended, watched = calls.order_by("pk").values_list("pk", flat=True)
    at = timezone.now() - timedelta(minutes=3)
    calls.filter(pk=waiting).update(status="running", finished_at=at)
    calls.filter(pk=ended).update(status="succeeded", finished_at=at)
    calls.filter(pk=watched).update(status="stopped", finished_at=None, answer_digest="")

    rows: Any = migrate_to().get_model("tasks", "Submission").objects
    found = {row[0]: row[1:] for row in rows.values_list("pk", "files_awaited_since", "finished_at")}
    assert found == {waiting: (at, None), ended: (None, at), watched: (None, None)}
    rows.filter(pk=watched).update(answer_digest="same", answer_stale_since=at)

    back: Any = migrate_to("0024_quarantine").get_model("tasks", "Submission").objects
    assert back.get(pk=waiting).finished_at == back.get(pk=ended).finished_at == at
    assert back.get(pk=watched).answer_digest == ""
