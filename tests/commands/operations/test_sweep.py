"""Old temporary files and old failures go, fresh ones stay."""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.models import Failure, Schedule, Task

from tasks import jobs
from tasks.commands.operations.sweep import FAILURES_KEPT, OLD, sweep_temporary_files
from tasks.commands.refresh.lateness import update_lateness
from tasks.models import Lateness, Status
from tasks.worker.supervisor import Supervisor, ensure_schedules
from tests import people
from tests.object_store import storages_at
from tests.views.rows import make_task


def aged(path: Path) -> Path:
    """The path, with the time stamp of something long forgotten."""
    before = time.time() - OLD.total_seconds() - 60
    os.utime(path, (before, before))
    return path


def test_what_a_killed_process_left_a_day_ago_is_removed(settings, tmp_path: Path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    (tmp_path / "output-old").mkdir()
    (tmp_path / "output-old" / "file").write_bytes(b"half a film")
    (tmp_path / "upload-old").write_bytes(b"half a picture")
    gone = [aged(tmp_path / "output-old"), aged(tmp_path / "upload-old")]
    sweep_temporary_files()
    assert [path.exists() for path in gone] == [False, False]


def test_what_is_being_written_stays(settings, tmp_path: Path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    (tmp_path / "output-new").mkdir()
    sweep_temporary_files()
    assert (tmp_path / "output-new").is_dir()


def test_every_sort_of_file_that_the_portal_and_django_leave_there_is_removed(settings, tmp_path: Path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    for name in ("upload-a", "output-b", "catalog-c"):
        (tmp_path / name).mkdir()
    with TemporaryUploadedFile("plain.png", "image/png", 1, None) as waiting:
        os.link(waiting.temporary_file_path(), kept := tmp_path / "kept")
        name = waiting.temporary_file_path()
    kept.rename(name)
    for path in tmp_path.iterdir():
        aged(path)
    sweep_temporary_files()
    assert list(tmp_path.iterdir()) == []


def test_what_others_keep_there_and_a_worker_s_own_folder_stay(settings, tmp_path: Path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    names = {"thesis.txt", "my.upload.txt", "portal-worker-x"}
    for name in names:
        (tmp_path / name).touch()
        aged(tmp_path / name)
    sweep_temporary_files()
    assert {path.name for path in tmp_path.iterdir()} == names


@pytest.fixture
def undeletable(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A file of this name cannot be deleted, as in a sticky folder; root, who may, runs tests too."""

    def refuse_for(refused: str) -> None:
        unlink = os.unlink

        def refuse(path: Any, **options: Any) -> None:
            if Path(path).name == refused:
                raise PermissionError(refused)
            unlink(path, **options)

        monkeypatch.setattr(os, "unlink", refuse)

    return refuse_for


@pytest.mark.parametrize("stuck", ["output-1", "output-1/file"])
def test_a_file_that_cannot_be_deleted_keeps_no_other_from_being_removed(
    stuck: str, settings, tmp_path: Path, undeletable: Callable[[str], None], caplog: pytest.LogCaptureFixture
):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    (tmp_path / stuck).parent.mkdir(exist_ok=True)
    for path in (tmp_path / stuck, tmp_path / "output-0", tmp_path / "output-2"):
        path.touch()
    for path in tmp_path.iterdir():
        aged(path)
    undeletable(Path(stuck).name)
    sweep_temporary_files()
    assert [path.name for path in tmp_path.iterdir()] == ["output-1"]
    (line,) = [record for record in caplog.records if record.message == "sweep.not-removed"]
    assert vars(line)["name_of_file"] == "output-1" and vars(line)["error_class"] == "PermissionError"


def part_of(media: Path, name: str) -> Path:
    """As a process left it that was killed while it copied a file into the storage."""
    part = media / "workspace" / "ab" / f".{name}.part"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(b"half a film")
    return part


@pytest.mark.django_db
def test_half_copies_in_the_storage_go_after_a_day_and_all_else_in_it_stays(
    settings, tmp_path: Path, undeletable: Callable[[str], None], caplog: pytest.LogCaptureFixture
):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "missing")
    settings.MEDIA_ROOT = str(tmp_path / "media")
    old = [aged(part_of(tmp_path / "media", name)) for name in ("old-1", "old-2", "stuck")]
    fresh = part_of(tmp_path / "media", "fresh")
    stored, foreign = fresh.with_name("abcd"), tmp_path / "media" / ".foreign.part"
    for path in (stored, foreign):
        path.touch()
        aged(path)
    undeletable(".stuck.part")
    jobs.sweep()
    left = [path for path in (*old, fresh, stored, foreign) if path.exists()]
    assert left == [old[2], fresh, stored, foreign]
    (line,) = [record for record in caplog.records if record.message == "sweep.not-removed"]
    assert vars(line)["name_of_file"] == ".stuck.part"


@pytest.mark.django_db
def test_no_half_copy_is_looked_for_in_an_object_store(
    settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.MEDIA_ROOT = str(tmp_path / "media")
    # The folder of before the object store, which is not the storage any more.
    part = aged(part_of(tmp_path / "media", "old"))
    settings.STORAGES = {**settings.STORAGES, "default": storages_at("http://127.0.0.1:1")}
    jobs.sweep()
    assert part.exists()
    assert "sweep.part-failed" not in caplog.text


def refuse_failures(execute: Any, sql: str, *facts: Any) -> Any:
    """A database that does not let the queue's records go."""
    if "django_q_task" in sql:
        raise OperationalError("disk I/O error")
    return execute(sql, *facts)


@pytest.mark.django_db(transaction=True)
def test_parts_that_fail_do_not_keep_the_others_from_their_work(
    settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "missing")
    before = timezone.now() - timedelta(hours=1)
    Session.objects.create(session_key="over", session_data="", expire_date=before)
    with connection.execute_wrapper(refuse_failures):
        jobs.sweep()
    assert not Session.objects.exists()
    failed = [vars(record)["part"] for record in caplog.records if record.message == "sweep.part-failed"]
    assert failed == ["sweep_temporary_files", "sweep_failures"]


class OneTurn(Supervisor):
    """A worker that is told to stop as soon as it has started."""

    has_started = False

    def turn(self) -> None:
        self.has_started = self.stop_asked = True


@pytest.mark.django_db
def test_a_worker_starts_though_nothing_can_be_swept(
    settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(signal, "signal", lambda *_facts: None)
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "missing")
    worker = OneTurn()
    worker.run()
    assert worker.has_started


def record_job(name: str, *, age: timedelta, success: bool = False) -> None:
    """What the queue writes about a job that has ended."""
    at = timezone.now() - age
    Task.objects.create(id=name, name=name, func="tasks.jobs.submit", started=at, stopped=at, success=success)


@pytest.mark.django_db
def test_failures_of_the_queue_are_kept_for_a_month(settings, tmp_path: Path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    record_job("long-ago", age=FAILURES_KEPT + timedelta(hours=1))
    record_job("lately", age=FAILURES_KEPT - timedelta(hours=1))
    jobs.sweep()
    assert [failure.name for failure in Failure.objects.all()] == ["lately"]


@pytest.mark.django_db
def test_sign_ins_that_have_run_out_are_forgotten(settings, tmp_path: Path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    now = timezone.now()
    Session.objects.create(session_key="over", session_data="", expire_date=now - timedelta(hours=1))
    Session.objects.create(session_key="open", session_data="", expire_date=now + timedelta(hours=1))
    jobs.sweep()
    assert [session.session_key for session in Session.objects.all()] == ["open"]


@pytest.mark.django_db
def test_a_call_that_an_older_version_sent_without_a_forecast_is_told_of_when_it_is_slow(
    settings, tmp_path: Path
):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    begun = timezone.now() - timedelta(days=3)
    member = people.make_mark(people.make_workspace())
    task = make_task(member, status=Status.RUNNING, accepted_at=begun, created_at=begun)
    jobs.sweep()
    update_lateness(timezone.now())
    assert task.submissions.get().lateness == Lateness.OVERDUE


@pytest.mark.django_db
def test_the_sweep_is_done_daily():
    ensure_schedules()
    schedule = Schedule.objects.get(func="tasks.jobs.sweep")
    assert (schedule.minutes, schedule.repeats) == (24 * 60, -1)
