"""Paid results that the examiner cannot check: whole bytes are kept, only foreign ones are fetched again."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from tasks.causes import Code
from tasks.commands.library.use_output import use_output
from tasks.commands.refusals import NotPossible
from tasks.media import Cause, examiner
from tasks.models import Membership, Output, OutputState, Remark, Submission
from tasks.sandbox.faults import ODD_CONTENTS
from tests.causes import code_of
from tests.commands.conftest import Worker
from tests.commands.copies import (
    assert_saved,
    assert_waiting,
    finished,
    left_over,
    make_due,
    original,
    output,
)
from tests.media.samples import make_picture, make_video
from tests.media.test_cases import CASES
from tests.people import browser_of
from tests.sandbox_fixture import SandboxDriver
from tests.topview.server import ScriptedServer, Step, http, raw

pytestmark = pytest.mark.sqlite

__all__ = ["finished", "output"]


@pytest.fixture
def elsewhere(settings) -> Iterator[ScriptedServer]:
    """A file store that answers as the test wants."""
    with ScriptedServer() as server:
        settings.SANDBOX_URL = server.origin
        yield server


def comes(output: Output, server: ScriptedServer, step: Step, name: str = "film.mp4") -> None:
    server.script[:] = [step]
    Output.objects.filter(pk=output.pk).update(source_url=f"{server.origin}/{name}?Signature=x")


def as_file(content: bytes, media_type: str = "video/mp4") -> Step:
    return http(200, content, {"Content-Type": media_type})


def assert_kept(output: Output, content: bytes, unchecked_cause: Cause) -> None:
    """Every byte is here under its hash, and the cause beside it."""
    assert (output.state, output.unchecked_cause, output.error) == (OutputState.SAVED, unchecked_cause, None)
    assert output.blob is not None
    with output.blob.file.open("rb") as file:
        assert file.read() == content
    assert output.blob.sha256 == hashlib.sha256(content).hexdigest()
    assert Remark.objects.filter(submission=output.submission, cause="not-checked").exists()


def test_a_film_whose_sound_is_longer_than_its_picture_is_saved_at_once(
    output: Output, worker: Worker, elsewhere: ScriptedServer
):
    content = (CASES / "output_sound_longer.mp4").read_bytes()
    comes(output, elsewhere, as_file(content))
    worker.save(output)
    assert (output.state, output.unchecked_cause, output.tries) == (OutputState.SAVED, "", 1)
    assert output.seconds == pytest.approx(15.1, abs=0.05)
    assert (output.width, output.height) == (720, 960)
    assert output.poster is not None


@pytest.mark.parametrize(("what", "unchecked_cause"), [("noise", Cause.DAMAGED), ("mpeg-ts", Cause.UNKNOWN)])
def test_whole_bytes_that_nobody_can_play_are_kept_and_told(
    what: str,
    unchecked_cause: Cause,
    portal: SandboxDriver,
    output: Output,
    finished: Submission,
    mark: Membership,
    worker: Worker,
    settings,
):
    """Over real sockets, from the sandbox's file store to the page and the download."""
    portal.fault("odd-download", scope=finished.remote_id, next=1, value=what)
    revision = finished.task.revision
    worker.save(output)
    content = ODD_CONTENTS[what][1]
    assert_kept(output, content, unchecked_cause)
    assert output.poster is None
    assert left_over(settings) == []
    finished.task.refresh_from_db()
    assert finished.task.revision > revision

    browser = browser_of(mark)
    page = browser.get(reverse("task-page", args=[finished.task_id])).content.decode()
    assert "Could not be checked" in page
    assert f"{reverse('output-file', args=[output.pk])}?download=1" in page
    assert "<video" not in page
    assert reverse("output-use", args=[output.pk]) not in page
    answer = browser.get(reverse("output-file", args=[output.pk]), {"download": "1"})
    assert b"".join(answer.streaming_content) == content  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
    assert ".mp4" in answer["Content-Disposition"]


@pytest.mark.parametrize("what", ["page", "json", "xml", "words"])
def test_an_answer_in_words_is_fetched_again(
    what: str, portal: SandboxDriver, output: Output, finished: Submission, worker: Worker, settings
):
    portal.fault("odd-download", scope=finished.remote_id, next=1, value=what)
    assert_waiting(worker.save(output), settings)
    assert code_of(output.error) == Code.WORDS_INSTEAD_OF_FILE
    make_due(output)
    assert_saved(worker.save(output), original(portal, finished))
    assert output.unchecked_cause == ""


def test_a_picture_in_the_place_of_a_film_is_kept_with_its_poster(
    output: Output, worker: Worker, elsewhere: ScriptedServer, tmp_path: Path
):
    content = make_picture(tmp_path / "a.png").read_bytes()
    comes(output, elsewhere, as_file(content, "application/octet-stream"))
    assert_kept(worker.save(output), content, Cause.OTHER_ROLE)
    assert (output.format, output.poster is None) == ("png", False)


def test_a_film_that_topview_itself_has_cut_off_is_kept(
    output: Output, worker: Worker, elsewhere: ScriptedServer, tmp_path: Path
):
    whole = make_video(tmp_path / "film.mp4", 2).read_bytes()
    content = whole[: len(whole) * 2 // 3]
    comes(output, elsewhere, as_file(content))
    assert_kept(worker.save(output), content, Cause.CUT_OFF)


def test_what_may_have_been_cut_off_on_its_way_is_fetched_again(
    output: Output, worker: Worker, elsewhere: ScriptedServer, settings, tmp_path: Path
):
    """Without a length, a server that died looks like one that is done."""
    whole = make_video(tmp_path / "film.mp4", 2).read_bytes()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nConnection: close\r\n\r\n"
    comes(output, elsewhere, raw(head + whole[: len(whole) * 2 // 3]))
    assert_waiting(worker.save(output), settings)
    comes(output, elsewhere, raw(head + whole))
    make_due(output)
    worker.save(output)
    assert (output.state, output.unchecked_cause) == (OutputState.SAVED, "")


@pytest.mark.parametrize(
    "media_type", ["text/html", "application/xml", "video/mp2t", "application/x-www-form-urlencoded"]
)
def test_a_good_film_under_a_wrong_media_type_is_saved(
    media_type: str, output: Output, worker: Worker, elsewhere: ScriptedServer, tmp_path: Path
):
    content = make_video(tmp_path / "film.mp4", 0.5, (160, 120), audio=False).read_bytes()
    comes(output, elsewhere, as_file(content, media_type))
    assert_saved(worker.save(output), content)


@pytest.mark.parametrize(
    ("script", "unchecked_cause"),
    [
        ("exec sleep 60", Cause.TOO_SLOW),
        ("kill -SEGV $$", Cause.CRASHED),
        ("echo not an answer", Cause.CRASHED),
    ],
)
def test_an_examiner_that_hangs_or_dies_costs_no_file(
    script: str,
    unchecked_cause: Cause,
    portal: SandboxDriver,
    output: Output,
    finished: Submission,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    examiner_is(script, tmp_path, monkeypatch)
    assert_kept(worker.save(output), original(portal, finished), unchecked_cause)
    assert (output.format, output.blob and output.blob.media_type) == ("mp4", "video/mp4")


def test_an_examiner_that_somebody_ends_says_nothing_of_the_file_and_is_asked_again(
    portal: SandboxDriver,
    output: Output,
    finished: Submission,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    with monkeypatch.context() as killed:
        examiner_is("kill -KILL $$", tmp_path, killed)
        assert worker.save(output).state == OutputState.WAITING
    Output.objects.update(next_at=timezone.now())
    assert_saved(worker.save(output), original(portal, finished))


def test_an_examiner_that_somebody_ends_each_time_costs_no_file(
    portal: SandboxDriver,
    output: Output,
    finished: Submission,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    examiner_is("kill -KILL $$", tmp_path, monkeypatch)
    for _try in range(2):
        assert worker.save(output).state == OutputState.WAITING
        Output.objects.update(next_at=timezone.now())
    assert_kept(worker.save(output), original(portal, finished), Cause.CRASHED)


def test_an_examiner_that_cannot_be_started_costs_no_file(
    portal: SandboxDriver,
    output: Output,
    finished: Submission,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    monkeypatch.setattr("sys.executable", str(tmp_path / "missing"))
    assert_kept(worker.save(output), original(portal, finished), Cause.CRASHED)


def examiner_is(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = folder / "python"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(fake))
    monkeypatch.setattr("tasks.media.examiner.WALL_SECONDS", 1)


def test_what_could_not_be_checked_is_no_material(
    portal: SandboxDriver, output: Output, finished: Submission, mark: Membership, worker: Worker
):
    portal.fault("odd-download", scope=finished.remote_id, next=1)
    worker.save(output)
    with pytest.raises(NotPossible, match="could not be checked"):
        use_output(output=output, membership=mark)


def test_a_file_of_an_unknown_kind_is_named_by_its_address(
    output: Output, worker: Worker, elsewhere: ScriptedServer
):
    comes(output, elsewhere, as_file(bytes(range(256)), "video/mp4"), "final.mxf")
    worker.save(output)
    assert (output.format, output.unchecked_cause) == ("mxf", Cause.UNKNOWN)


def test_only_what_is_saved_can_be_doubted(output: Output):
    with pytest.raises(IntegrityError), transaction.atomic():
        Output.objects.filter(pk=output.pk).update(unchecked_cause="damaged")


def test_a_portal_that_is_busy_checking_fetches_it_again(
    portal: SandboxDriver,
    output: Output,
    finished: Submission,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    settings,
):
    with monkeypatch.context() as busy:
        busy.setattr("tasks.media.examiner._TURNS", threading.BoundedSemaphore(1))
        busy.setattr("tasks.media.examiner.TURN_SECONDS", 0.1)
        examiner._TURNS.acquire()
        assert_waiting(worker.save(output), settings)
    assert code_of(output.error) == Code.EXAMINER_BUSY
    make_due(output)
    assert_saved(worker.save(output), original(portal, finished))
