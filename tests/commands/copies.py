"""What tests of saving share: a finished call, its film, and what a good or a failed copy looks like."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image

from tasks.models import Blob, Output, OutputState, Submission
from tests.commands.conftest import Orders, Worker
from tests.commands.reel import HEIGHT, WIDTH
from tests.sandbox_fixture import SandboxDriver

QUERY_PATH = "/v1/common_task/image2video/result"


@pytest.fixture
def finished(orders: Orders, worker: Worker) -> Submission:
    """A submission that has succeeded with one film."""
    return worker.finish(worker.submit(orders.submission()))


@pytest.fixture
def output(finished: Submission) -> Output:
    """That film, not saved yet."""
    return finished.outputs.get()


def stored_files(settings) -> list[Path]:
    """Everything in the storage, hidden files too."""
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def left_over(settings) -> list[str]:
    """Temporary folders of saving that were not removed."""
    return [path.name for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("output-*")]


def original(portal: SandboxDriver, submission: Submission) -> bytes:
    """The film as the sandbox made it."""
    assert portal.sandbox is not None and portal.sandbox.state is not None
    (job,) = portal.sandbox.state.task_store.task(submission.remote_id).jobs  # type: ignore[union-attr]
    return portal.sandbox.state.files.get(job.outputs[0].file_id).path.read_bytes()


def assert_saved(output: Output, content: bytes) -> None:
    """The whole promise: bytes, hash, facts, poster."""
    assert (output.state, output.error, output.source_url) == (OutputState.SAVED, None, "")
    assert output.blob is not None and output.poster is not None
    with output.blob.file.open("rb") as file:
        stored = file.read()
    assert stored == content
    assert output.blob.sha256 == hashlib.sha256(content).hexdigest()
    assert (output.blob.size, output.blob.media_type) == (len(content), "video/mp4")
    assert (output.width, output.height, output.format) == (WIDTH, HEIGHT, "mp4")
    assert output.seconds == pytest.approx(0.5, abs=0.2)
    assert output.saved_at is not None and output.lease_until is None
    with output.poster.file.open("rb") as file:
        poster = Image.open(io.BytesIO(file.read()))
    assert poster.format == "WEBP" and poster.width <= 480


def make_due(output: Output) -> None:
    """Let its pause be over."""
    Output.objects.filter(pk=output.pk).update(next_at=timezone.now() - timedelta(seconds=1))


def assert_waiting(output: Output, settings) -> None:
    """It will be tried again, says why, and nothing of it is in the storage."""
    assert (output.state, output.blob, output.poster) == (OutputState.WAITING, None, None)
    assert output.error
    assert output.next_at > timezone.now()
    assert output.lease_until is None
    assert output.source_url
    used = {blob.file.path for blob in Blob.objects.all()}
    assert {str(path) for path in stored_files(settings)} == used
    assert left_over(settings) == []


def after_its_week(*, hours_left: float = 0) -> None:
    """Let TopView's time with the file be over, or nearly."""
    Output.objects.update(created_at=timezone.now() - timedelta(days=7, hours=-hours_left, seconds=1))
