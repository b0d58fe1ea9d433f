"""Old temporary files and old failures go, fresh ones stay."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_q.models import Failure, Schedule, Task

from tasks import jobs
from tasks.commands.refresh.pace import say_pace
from tasks.commands.sweep import FAILURES_KEPT, OLD, sweep_temporary_files
from tasks.models import Pace, Status
from tasks.worker.supervisor import ensure_schedules
from tests import people
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
    say_pace(timezone.now())
    assert task.submissions.get().pace == Pace.OVERDUE


@pytest.mark.django_db
def test_the_sweep_is_done_daily():
    ensure_schedules()
    schedule = Schedule.objects.get(func="tasks.jobs.sweep")
    assert (schedule.minutes, schedule.repeats) == (24 * 60, -1)
