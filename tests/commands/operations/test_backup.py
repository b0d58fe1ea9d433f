"""A backup fits itself, says when it does not, and comes back without sending anything twice."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django_q.models import OrmQ

from tasks import jobs
from tasks.commands.evidence.lost_calls import traces_of
from tasks.commands.library.blobs import open_blob
from tasks.commands.operations import quarantine
from tasks.commands.operations.backup import make
from tasks.commands.operations.backup.manifest import NAME, read_manifest
from tasks.models import (
    AuditEvent,
    Blob,
    Heartbeat,
    Lease,
    Membership,
    Output,
    OutputState,
    Status,
    Submission,
    Task,
    Workspace,
)
from tests.commands.backups import back_up, in_backup, place, restore
from tests.commands.conftest import Orders, Worker, running
from tests.object_store import bucket_of, moto_store, storages_at
from tests.parts import wait_until
from tests.people import browser_of, let_traces_appear, make_blob, make_member
from tests.sandbox_fixture import SandboxDriver
from topview_portal import lockfile

__all__ = ["place"]

pytestmark = pytest.mark.django_db(transaction=True)


def lose_everything() -> None:
    """The machine is gone: an empty database, an empty folder."""
    call_command("flush", interactive=False, verbosity=0)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    make_member(Workspace.objects.create(name="Another life"))


def content(blob: Blob | None) -> bytes:
    assert blob is not None
    with open_blob(blob) as file:
        return file.read()


def test_a_restored_portal_finishes_what_ran_and_holds_what_waited(
    orders: Orders, worker: Worker, portal: SandboxDriver, place: Path
) -> None:
    done = worker.finish(running(orders, worker))
    saved = worker.save(done.outputs.get())
    before = content(saved.blob)
    at_work, waiting, leaving = running(orders, worker), orders.submission(), orders.submission()
    leaving.advance(Status.PREPARING, cause="claimed")
    leaving.advance(Status.SUBMITTING, cause="intent")
    back_up(place)
    worker.submit(waiting)  # sent, and paid, after the backup
    accepted = portal.accepted()
    lose_everything()

    restore(place, "--replace")
    for call in Submission.objects.all():
        worker.submit_now(call)
    worker.refresh()

    found = {call.pk: call for call in Submission.objects.all()}
    assert portal.accepted() == accepted
    assert (found[waiting.pk].status, found[waiting.pk].quarantined_at is None) == (Status.QUEUED, False)
    assert found[leaving.pk].status == Status.UNKNOWN
    assert content(Output.objects.get(pk=saved.pk).blob) == before
    worker.finish(found[at_work.pk])
    assert worker.save(found[at_work.pk].outputs.get()).state == OutputState.SAVED


def test_what_was_paid_after_the_backup_is_found_in_the_log_and_followed_to_its_files(
    orders: Orders, worker: Worker, portal: SandboxDriver, alice: Membership, place: Path
) -> None:
    lost, never_sent = orders.submission(), orders.submission()
    back_up(place)
    worker.finish(worker.submit(lost))
    lose_everything()
    restore(place, "--replace")
    lost, never_sent = (Submission.objects.get(pk=call.pk) for call in (lost, never_sent))

    jobs.read_account(str(lost.task.credential_id))
    trace = traces_of([lost])[0].found[0]
    assert quarantine.say_sent(submission=lost, actor=alice.user, remote_id=trace.remote_id)
    worker.refresh()
    lost.refresh_from_db()
    worker.finish(lost)
    let_traces_appear(never_sent)
    jobs.read_account(str(lost.task.credential_id))
    assert quarantine.release_untraced(workspace_id=alice.workspace_id, actor=alice.user) == 1
    worker.finish(worker.submit(never_sent))

    assert portal.accepted() == 2
    for call in (lost, never_sent):
        assert {worker.save(output).state for output in call.outputs.all()} == {OutputState.SAVED}


def test_every_row_and_file_comes_back_and_new_ones_find_room(
    orders: Orders, worker: Worker, place: Path
) -> None:
    worker.finish(running(orders, worker))
    counts = row_counts()
    files = {blob.file.name: content(blob) for blob in Blob.objects.all()}
    back_up(place)
    lose_everything()

    said = restore(place, "--replace")

    assert row_counts() == counts
    assert {blob.file.name: content(blob) for blob in Blob.objects.all()} == files
    assert f"{len(files)} brought back" in said
    newest = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    assert AuditEvent.objects.create(verb="uploaded").pk > newest


def row_counts() -> dict[str, int]:
    models = (Workspace, Membership, Task, Submission, Blob, Output, AuditEvent)
    return {model.__name__: model._default_manager.count() for model in models}


def test_a_backup_makes_a_portal_of_a_database_without_tables(
    orders: Orders, worker: Worker, place: Path
) -> None:
    worker.finish(running(orders, worker))
    counts = row_counts()
    back_up(place)
    with connection.cursor() as cursor:
        tables = [connection.ops.quote_name(name) for name in connection.introspection.table_names(cursor)]
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TABLE {', '.join(tables)} CASCADE")
    if connection.vendor == "sqlite":
        connection.close()
        Path(connection.settings_dict["NAME"]).unlink()

    restore(place)

    assert row_counts() == counts


@pytest.mark.sqlite
def test_files_of_an_object_store_go_out_of_it_and_into_another(
    studio: Workspace, place: Path, settings: Any
) -> None:
    with moto_store() as endpoint:
        settings.STORAGES = {**settings.STORAGES, "default": storages_at(endpoint)}
        blob = make_blob(studio, b"precious", "image/png")
        back_up(place)
        bucket_of(endpoint).objects.all().delete()

        assert "1 brought back" in restore(place, "--replace")
        assert "1 were here" in restore(place, "--replace")

        assert content(Blob.objects.get(pk=blob.pk)) == b"precious"
        assert in_backup(place, blob).read_bytes() == b"precious"


def test_what_other_processes_left_behind_is_forgotten(alice: Membership, place: Path) -> None:
    browser_of(alice)
    Heartbeat.objects.create(name="worker", at="2026-01-01T00:00Z")
    Lease.take("refresh", "somebody", seconds=3600)
    OrmQ.objects.create(key="portal", payload="-")
    back_up(place)

    restore(place, "--replace")

    assert not any(model._default_manager.exists() for model in (Session, Heartbeat, Lease))
    assert not OrmQ.objects.filter(payload="-").exists()


def test_people_stay_signed_in_where_that_is_asked_for(alice: Membership, place: Path) -> None:
    browser_of(alice)
    back_up(place)

    restore(place, "--replace", "--keep-sessions")

    assert Session.objects.count() == 1


@pytest.mark.sqlite
def test_only_its_owner_may_read_it_and_no_key_is_in_it(orders: Orders, place: Path) -> None:
    orders.submission()

    said = back_up(place)

    assert {path.stat().st_mode & 0o077 for path in place.rglob("*") if path.name != make.LOCK} == {0}
    everything = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    assert settings.TOPVIEW_PORTAL_VAULT_KEYS[0].encode() not in everything
    assert settings.SECRET_KEY.encode() not in everything
    assert read_manifest(place).keys[0] in said


def test_the_keys_are_in_it_only_where_that_is_asked_for(orders: Orders, place: Path) -> None:
    orders.submission()
    back_up(place, "--with-keys")
    file = next(place.rglob(make.KEYS))
    assert settings.TOPVIEW_PORTAL_VAULT_KEYS[0] in file.read_text()

    back_up(place)

    assert not list(place.rglob(make.KEYS))


@pytest.mark.sqlite
def test_the_next_backup_uses_files_again_that_are_there(studio: Workspace, place: Path) -> None:
    kept, spoilt = make_blob(studio, b"kept", "image/png"), make_blob(studio, b"spoilt", "image/png")
    back_up(place)
    inode = in_backup(place, kept).stat().st_ino
    in_backup(place, spoilt).write_bytes(b"SPOILT")
    make_blob(studio, b"new", "image/png")

    said = back_up(place)

    assert "3, of which 2 are new" in said
    assert in_backup(place, kept).stat().st_ino == inode
    assert len(list(place.glob("database-*"))) == 1
    assert "is whole" in back_up(place, "--verify")


@pytest.mark.sqlite
def test_an_interrupted_backup_is_none_and_does_no_harm_to_an_earlier_one(
    studio: Workspace, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_facts: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(make, "write_manifest", interrupt)
        with pytest.raises(KeyboardInterrupt):
            back_up(place)
    with pytest.raises(CommandError, match="no finished backup"):
        back_up(place, "--verify")
    back_up(place)
    make_blob(studio, b"new", "image/png")
    with monkeypatch.context() as broken:
        broken.setattr(make, "write_manifest", interrupt)
        with pytest.raises(KeyboardInterrupt):
            back_up(place)

    back_up(place, "--verify")
    assert "1 are new" not in back_up(place)
    back_up(place, "--verify")


def test_a_damaged_backup_names_the_file_and_nothing_is_touched(studio: Workspace, place: Path) -> None:
    blob = make_blob(studio, b"precious", "image/png")
    back_up(place)
    in_backup(place, blob).write_bytes(b"PRECIOUS")
    Workspace.objects.create(name="Made since")

    with pytest.raises(CommandError, match=blob.sha256):
        back_up(place, "--verify")
    with pytest.raises(CommandError, match=blob.sha256):
        restore(place, "--replace")

    assert Workspace.objects.filter(name="Made since").exists()


@pytest.mark.sqlite
def test_every_damaged_file_is_named(studio: Workspace, place: Path) -> None:
    blobs = [make_blob(studio, f"picture {number}".encode(), "image/png") for number in range(25)]
    back_up(place)
    for blob in blobs:
        in_backup(place, blob).unlink()

    with pytest.raises(CommandError) as verified:
        back_up(place, "--verify")
    with pytest.raises(CommandError) as refused:
        restore(place, "--replace")

    for told in (str(verified.value), str(refused.value)):
        assert [blob.sha256 for blob in blobs if blob.sha256 not in told] == []
        assert "--without-damaged" in told


def test_the_rest_of_a_damaged_backup_comes_back_where_that_is_asked_for(
    orders: Orders, worker: Worker, place: Path
) -> None:
    output = worker.save(worker.finish(running(orders, worker)).outputs.get())
    film = output.blob
    assert film is not None
    kept = make_blob(output.workspace, b"kept", "image/png")
    back_up(place)
    in_backup(place, film).write_bytes(b"rotten")
    lose_everything()

    said = restore(place, "--replace", "--without-damaged")

    assert content(Blob.objects.get(pk=kept.pk)) == b"kept"
    assert film.sha256 in said
    (report,) = settings.VAR.glob("restore-*.txt")
    written = report.read_text()
    assert film.sha256 in written
    assert output.task.title in written
    assert kept.sha256 not in written
    assert report.stat().st_mode & 0o077 == 0
    report.unlink()
    # TopView still has the film: the worker saves it anew.
    again = worker.save(Output.objects.get(pk=output.pk))
    assert again.state == OutputState.SAVED
    assert again.blob is not None
    assert again.blob.sha256 == film.sha256
    assert len(content(again.blob)) == film.size


def test_a_damaged_database_is_refused_whatever_is_asked_for(studio: Workspace, place: Path) -> None:
    back_up(place)
    (place / read_manifest(place).database[0].name).write_bytes(b"rotten")

    with pytest.raises(CommandError, match="part of its database"):
        restore(place, "--replace", "--without-damaged")

    assert Workspace.objects.filter(pk=studio.pk).exists()


def test_a_file_that_the_portal_lacks_is_named_and_the_rest_is_kept(studio: Workspace, place: Path) -> None:
    lost, kept = make_blob(studio, b"lost", "image/png"), make_blob(studio, b"kept", "image/png")
    name = str(lost.file.name)
    storages["default"].delete(name)

    with pytest.raises(CommandError, match=name):
        back_up(place)

    back_up(place, "--verify")
    assert name in restore(place, "--replace")
    assert content(Blob.objects.get(pk=kept.pk)) == b"kept"


def test_a_disk_that_is_too_small_is_told_before_anything_is_copied(
    db: None, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage._replace(free=1000))

    with pytest.raises(CommandError, match="too small"):
        back_up(place)

    assert not list(place.glob("database-*"))


def test_two_backups_into_one_folder_wait_for_each_other(db: None, place: Path) -> None:
    back_up(place)

    with lockfile.lock_folder(place, make.LOCK), pytest.raises(CommandError, match="under way"):
        back_up(place)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 99}, "format 99"),
        ({"vendor": "another"}, "of a another database"),
        ({"migrations": [["tasks", "9999_from_the_future"]]}, "newer portal"),
        ({"keys": ["0123456789ab"]}, "0123456789ab"),
        ({"media": [{"name": "../outside", "size": 1, "sha256": ""}]}, "cannot be read"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused_with_the_reason(
    studio: Workspace, place: Path, change: dict[str, Any], words: str
) -> None:
    back_up(place)
    manifest = json.loads((place / NAME).read_text())
    (place / NAME).write_text(json.dumps({**manifest, **change}))

    with pytest.raises(CommandError, match=words):
        restore(place, "--replace")

    assert Workspace.objects.filter(pk=studio.pk).exists()


@pytest.mark.sqlite
def test_a_backup_whose_key_is_lost_comes_back_where_that_is_asked_for(
    orders: Orders, place: Path, settings: Any
) -> None:
    orders.submission()
    back_up(place)
    settings.TOPVIEW_PORTAL_VAULT_KEYS = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="]

    with pytest.raises(CommandError, match="--without-keys"):
        restore(place, "--replace")
    restore(place, "--replace", "--without-keys")

    assert Submission.objects.quarantined().count() == 1


def test_a_portal_that_is_there_is_not_lost_unasked(studio: Workspace, place: Path) -> None:
    back_up(place)

    with pytest.raises(CommandError, match="--replace"):
        restore(place)

    assert Workspace.objects.filter(pk=studio.pk).exists()


def test_nothing_is_restored_under_a_living_worker(studio: Workspace, place: Path) -> None:
    back_up(place)
    Heartbeat.beat("worker")

    with pytest.raises(CommandError, match="Still alive a moment ago: worker"):
        restore(place, "--replace")


def test_nothing_is_restored_while_another_process_uses_the_database(studio: Workspace, place: Path) -> None:
    back_up(place)

    with closing(another_connection()), pytest.raises(CommandError, match="in use"):
        restore(place, "--replace")

    assert Workspace.objects.filter(pk=studio.pk).exists()


def another_connection() -> Any:
    """As another process has it open."""
    if connection.vendor == "sqlite":
        other = sqlite3.connect(connection.settings_dict["NAME"])
        other.execute("SELECT count(*) FROM tasks_workspace").fetchone()
        return other
    own = connection.copy()
    own.ensure_connection()
    return own


def test_nothing_is_restored_into_a_folder_that_make_run_uses(studio: Workspace, place: Path) -> None:
    back_up(place)

    with lockfile.lock_folder(settings.VAR), pytest.raises(CommandError, match="running"):
        restore(place, "--replace")


def test_a_failure_on_the_way_leaves_the_database_as_it_was(
    studio: Workspace, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(place)
    Workspace.objects.create(name="Made since")

    def fail() -> int:
        raise OSError("no space left")

    monkeypatch.setattr("tasks.commands.operations.backup.restore.quarantine_everything", fail)
    with pytest.raises(CommandError, match="no space left"):
        restore(place, "--replace")

    assert Workspace.objects.filter(name="Made since").exists()
    assert not list(Path(settings.VAR).glob("*restoring*"))


@contextmanager
def somebody_writes(studio: Workspace) -> Iterator[None]:
    """Two rows at a time, again and again."""
    stopped = threading.Event()

    def write() -> None:
        while not stopped.wait(0.001):
            with transaction.atomic():
                AuditEvent.objects.create(workspace=studio, verb="first")
                AuditEvent.objects.create(workspace=studio, verb="second")
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(AuditEvent.objects.exists, what="the first rows")
        yield
    finally:
        stopped.set()
        writer.join()


def test_a_backup_of_a_busy_portal_holds_no_half_transaction(studio: Workspace, place: Path) -> None:
    with somebody_writes(studio):
        for _turn in range(3):
            back_up(place)

    restore(place, "--replace")

    first, second = (AuditEvent.objects.filter(verb=verb).count() for verb in ("first", "second"))
    assert 0 < first == second
