"""Old temporary files and old failures go, fresh ones stay."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_q.models import Failure, Schedule, Task

from tasks import jobs
from tasks.commands.sweep import FAILURES_KEPT, OLD, sweep_temporary_files
from tasks.worker.supervisor import ensure_schedules


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
def test_the_sweep_is_done_daily():
    ensure_schedules()
    schedule = Schedule.objects.get(func="tasks.jobs.sweep")
    assert (schedule.minutes, schedule.repeats) == (24 * 60, -1)
