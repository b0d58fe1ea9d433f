"""Copies of what TopView made: whole and checked, or not at all, whatever goes wrong on the way."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.utils import timezone

from tasks import jobs
from tasks.causes import Code
from tasks.models import Output, OutputState, Status, Submission
from tests.causes import code_of
from tests.commands.conftest import Orders, Worker
from tests.commands.copies import (
    QUERY_PATH,
    assert_saved,
    assert_waiting,
    finished,
    left_over,
    make_due,
    original,
    output,
    stored_files,
)
from tests.sandbox_fixture import SandboxDriver
from tests.threads import all_at_once
from tests.topview.server import ScriptedServer, Step, hangs_up, http, raw

__all__ = ["finished", "output"]

pytestmark = pytest.mark.sqlite


@pytest.mark.postgres
def test_a_film_is_copied_checked_and_shown(
    portal: SandboxDriver, output: Output, finished: Submission, worker: Worker, settings
):
    revision = finished.task.revision
    worker.save(output)
    assert_saved(output, original(portal, finished))
    finished.task.refresh_from_db()
    assert finished.task.revision > revision
    assert left_over(settings) == []


def test_saving_twice_fetches_once(portal: SandboxDriver, output: Output, worker: Worker):
    worker.save(output)
    saved_at = output.saved_at
    for _time in range(3):
        worker.save(output)
    assert output.saved_at == saved_at
    assert portal.state()["calls"]["downloadObject"] == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_who_save_the_same_film_fetch_it_once(
    portal: SandboxDriver, output: Output, finished: Submission
):
    all_at_once([lambda: jobs.save_output(str(output.pk))] * 8)
    output.refresh_from_db()
    assert_saved(output, original(portal, finished))
    assert portal.state()["calls"]["downloadObject"] == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_equal_films_saved_at_once_are_stored_once(portal: SandboxDriver, orders: Orders, worker: Worker):
    films = [worker.finish(worker.submit(orders.submission())).outputs.get() for _number in range(3)]
    all_at_once([partial(jobs.save_output, str(film.pk)) for film in films])
    saved = list(Output.objects.filter(state=OutputState.SAVED))
    assert len(saved) == 3
    assert len({one.blob_id for one in saved}) == len({one.poster_id for one in saved}) == 1


def test_a_link_of_the_other_kind_works_too(
    portal: SandboxDriver, output: Output, finished: Submission, worker: Worker
):
    answer = portal.result("GET", f"{QUERY_PATH}?taskId={finished.remote_id}&needCloudFrontUrl=true")
    address = answer["videos"][0]["originVideo"]["filePath"]
    assert "/cdn/" in address and "Key-Pair-Id" in address
    Output.objects.update(source_url=address)
    assert_saved(worker.save(output), original(portal, finished))


@pytest.mark.parametrize("cdn", ["false", "true"])
def test_a_link_that_has_died_is_replaced_by_a_fresh_one(
    cdn: str, portal: SandboxDriver, output: Output, finished: Submission, worker: Worker
):
    portal.fault("expired-link", scope=finished.remote_id, next=1)
    query = f"{QUERY_PATH}?taskId={finished.remote_id}&needCloudFrontUrl={cdn}"
    dead = portal.result("GET", query)["videos"][0]["originVideo"]["filePath"]
    Output.objects.update(source_url=dead)
    assert_saved(worker.save(output), original(portal, finished))
    assert portal.state()["calls"]["downloadObject"] == 2


def test_an_address_whose_signature_has_run_out_is_not_even_tried(
    portal: SandboxDriver, output: Output, finished: Submission, worker: Worker
):
    assert output.source_expires_at is not None
    assert output.source_expires_at < timezone.now() + timedelta(hours=25)
    Output.objects.update(source_expires_at=timezone.now() - timedelta(seconds=1))
    assert_saved(worker.save(output), original(portal, finished))
    assert portal.state()["calls"]["downloadObject"] == 1


def test_when_even_the_fresh_link_is_dead_it_is_tried_later(
    portal: SandboxDriver, output: Output, finished: Submission, worker: Worker, settings
):
    portal.fault("expired-link", scope=finished.remote_id, next=2)
    dead = portal.result("GET", f"{QUERY_PATH}?taskId={finished.remote_id}")["videos"][0]["originVideo"]
    Output.objects.update(source_url=dead["filePath"])
    assert_waiting(worker.save(output), settings)
    make_due(output)
    assert_saved(worker.save(output), original(portal, finished))


@pytest.mark.parametrize("share", [0.01, 0.5, 0.999])
def test_a_download_that_stops_early_is_not_kept_and_later_it_is_whole(
    share: float, portal: SandboxDriver, output: Output, finished: Submission, worker: Worker, settings
):
    portal.fault("truncated-download", scope=finished.remote_id, next=1, value=share)
    assert_waiting(worker.save(output), settings)
    assert code_of(output.error) == Code.FILE_TRUNCATED
    make_due(output)
    assert_saved(worker.save(output), original(portal, finished))
    assert output.tries == 2


@pytest.fixture
def elsewhere(settings) -> Iterator[ScriptedServer]:
    """Another server in the place of the sandbox, from which files come as the test wants them."""
    with ScriptedServer() as server:
        settings.SANDBOX_URL = server.origin
        yield server


def comes(output: Output, server: ScriptedServer, *steps: Step) -> None:
    """Let the film's address lead to these answers."""
    server.script[:] = list(steps)
    Output.objects.filter(pk=output.pk).update(source_url=f"{server.origin}/film.mp4")


MP4 = {"Content-Type": "video/mp4"}


def as_file(content: bytes, media_type: str = "video/mp4") -> Step:
    """A file with its length."""
    return http(200, content, {"Content-Type": media_type})


@pytest.mark.parametrize(
    "answer",
    [
        http(200, b"", MP4),
        http(200, b"<html>Sign in to the hotel's network</html>", {"Content-Type": "text/html"}),
        as_file(b"<html>not a film at all</html>"),
        as_file(b"Service is busy, try again"),
        as_file(b'{"error": "no"}', "application/octet-stream"),
        http(200, b"<svg xmlns='http://www.w3.org/2000/svg'/>", {"Content-Type": "image/svg+xml"}),
        http(500, b"no"),
        http(503, b"busy", {"Retry-After": "1"}),
        http(302, b"", {"Location": "http://169.254.169.254/latest/"}),
        hangs_up,
        raw(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 9000000\r\n\r\nhalf"),
    ],
    ids=[
        "empty",
        "a page",
        "a page as film",
        "words as film",
        "json",
        "svg",
        "500",
        "503",
        "redirect",
        "gone",
        "cut",
    ],
)
def test_what_is_no_film_is_not_kept(
    answer: Step, output: Output, worker: Worker, elsewhere: ScriptedServer, settings
):
    comes(output, elsewhere, answer)
    assert_waiting(worker.save(output), settings)


def test_a_film_larger_than_allowed_is_not_kept(output: Output, worker: Worker, settings):
    settings.OUTPUT_MAX_BYTES = 1000
    assert_waiting(worker.save(output), settings)


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://127.0.0.1/film.mp4",
        "https://10.0.0.1/film.mp4",
        "file:///etc/passwd",
        "ftp://example.com/film.mp4",
        "https://[::1]/film.mp4",
        "nonsense",
        "http://example.com/film.mp4",
    ],
)
def test_an_address_that_may_not_be_visited_is_not(address: str, output: Output, worker: Worker, settings):
    Output.objects.update(source_url=address)
    assert_waiting(worker.save(output), settings)


class TestOurOwnDisk:
    """It is full, or somebody has changed something about it."""

    def test_a_storage_that_cannot_be_written_costs_only_time(
        self, portal: SandboxDriver, output: Output, finished: Submission, worker: Worker, settings
    ):
        folder = Path(settings.MEDIA_ROOT) / str(output.workspace_id)
        uploads = folder.rename(folder.with_name("put-aside"))
        folder.write_text("a file where a folder should be")
        worker.save(output)
        assert (output.state, output.blob) == (OutputState.WAITING, None)
        assert code_of(output.error) == Code.FILE_NOT_WRITTEN
        assert left_over(settings) == []
        folder.unlink()
        uploads.rename(folder)
        assert not [path for path in stored_files(settings) if path.name.endswith(".part")]
        make_due(output)
        assert_saved(worker.save(output), original(portal, finished))

    def test_a_missing_temporary_folder_costs_only_time(
        self, portal: SandboxDriver, output: Output, finished: Submission, worker: Worker, settings
    ):
        usual = settings.FILE_UPLOAD_TEMP_DIR
        settings.FILE_UPLOAD_TEMP_DIR = str(Path(usual) / "missing")
        worker.save(output)
        assert (output.state, code_of(output.error)) == (OutputState.WAITING, Code.FILE_NOT_WRITTEN)
        settings.FILE_UPLOAD_TEMP_DIR = usual
        make_due(output)
        assert_saved(worker.save(output), original(portal, finished))

    def test_a_full_disk_costs_only_time(
        self,
        portal: SandboxDriver,
        output: Output,
        finished: Submission,
        worker: Worker,
        settings,
        small_disk: Path,
    ):
        usual = settings.FILE_UPLOAD_TEMP_DIR
        settings.FILE_UPLOAD_TEMP_DIR = str(small_disk)
        worker.save(output)
        assert (output.state, output.blob) == (OutputState.WAITING, None)
        assert code_of(output.error) == Code.DISK_FULL
        assert left_over(settings) == []
        settings.FILE_UPLOAD_TEMP_DIR = usual
        make_due(output)
        assert_saved(worker.save(output), original(portal, finished))

    def test_a_file_that_lies_there_from_before_is_replaced_when_it_is_not_whole(
        self, portal: SandboxDriver, output: Output, finished: Submission, worker: Worker, settings
    ):
        digest = hashlib.sha256(original(portal, finished)).hexdigest()
        place = Path(settings.MEDIA_ROOT) / str(output.workspace_id) / digest[:2] / digest
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"half of it")
        assert_saved(worker.save(output), original(portal, finished))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 kB; only root can make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.postgres
class TestLeases:
    """The one who saves may die."""

    def saving(self, output: Output, *, seconds: float) -> None:
        """As a worker left it."""
        lease = timezone.now() + timedelta(seconds=seconds)
        Output.objects.update(state=OutputState.SAVING, lease_holder="gone", lease_until=lease)

    def test_it_is_taken_over_when_the_lease_is_over(
        self, portal: SandboxDriver, output: Output, finished: Submission, worker: Worker
    ):
        self.saving(output, seconds=-1)
        assert_saved(worker.save(output), original(portal, finished))

    def test_until_then_it_is_left_alone(self, portal: SandboxDriver, output: Output, worker: Worker):
        self.saving(output, seconds=60)
        worker.save(output)
        assert (output.state, output.lease_holder) == (OutputState.SAVING, "gone")
        assert "downloadObject" not in portal.state()["calls"]

    def test_its_time_must_have_come(self, portal: SandboxDriver, output: Output, worker: Worker):
        Output.objects.update(next_at=timezone.now() + timedelta(seconds=60))
        worker.save(output)
        assert output.state == OutputState.WAITING
        assert "downloadObject" not in portal.state()["calls"]


def test_every_film_of_several_is_saved_on_its_own(portal: SandboxDriver, orders: Orders, worker: Worker):
    submission = worker.finish(worker.submit(orders.submission(count="3")))
    first, second, third = submission.outputs.all()
    portal.fault("truncated-download", scope=submission.remote_id, next=1)
    states = [worker.save(one).state for one in (first, second, third)]
    assert states == ["waiting", "saved", "saved"]
    assert second.blob != third.blob
    assert submission.status == Status.SUCCEEDED
