"""Previews of films that not every browser plays: made in the background, once for equal bytes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from tasks import jobs
from tasks.commands.library.previews import ask_overdue_previews, ask_preview, make_previews
from tasks.media import Cause, MediaFacts, examine
from tasks.models import Blob, Membership, Output, Preview, PreviewState, Upload, Workspace
from tests.commands.conftest import Worker
from tests.commands.copies import finished, left_over, output
from tests.examining import examined
from tests.media.test_cases import CASES
from tests.people import browser_of, make_blob
from tests.topview.server import ScriptedServer, http

pytestmark = pytest.mark.sqlite

__all__ = ["finished", "output"]

UNPLAYED = MediaFacts("video", "mov", "video/quicktime", video_codec="hevc", plays=False)


@pytest.fixture
def elsewhere(settings) -> Iterator[ScriptedServer]:
    """A file store that answers as the test wants."""
    with ScriptedServer() as server:
        settings.SANDBOX_URL = server.origin
        yield server


def bring(member: Membership, path: Path) -> Upload:
    """Upload a file and let the worker examine it."""
    sent = SimpleUploadedFile(path.name, path.read_bytes())
    browser_of(member).post(reverse("upload-new"), {"file": sent})
    return examined(Upload.objects.get(name=path.name))


def stored(workspace: Workspace, name: str) -> Blob:
    return make_blob(workspace, (CASES / name).read_bytes(), "video/quicktime")


def test_a_result_that_browsers_cannot_play_gets_a_preview(
    output: Output, worker: Worker, elsewhere: ScriptedServer, mark: Membership, settings, tmp_path: Path
):
    elsewhere.script[:] = [http(200, (CASES / "hevc.mov").read_bytes(), {"Content-Type": "video/quicktime"})]
    Output.objects.filter(pk=output.pk).update(source_url=f"{elsewhere.origin}/film.mov")
    worker.save(output)
    preview = Preview.objects.get(source=output.blob)
    browser, address = browser_of(mark), reverse("task-page", args=[output.task_id])
    before = browser.get(address).content.decode()
    assert "preview is being made" in before
    assert "<video" not in before
    assert "?download=1" in before
    revision = output.task.revision
    jobs.make_preview(str(preview.pk))
    preview.refresh_from_db()
    output.task.refresh_from_db()
    assert (preview.state, output.task.revision > revision) == (PreviewState.READY, True)
    after = browser.get(address).content.decode()
    source = reverse("output-file", args=[output.pk])
    small = reverse("preview-file", args=[preview.pk])
    assert f'<source src="{source}"><source src="{small}">' in after
    answer = browser.get(small)
    (tmp_path / "preview").write_bytes(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    facts = examine(tmp_path / "preview", into=tmp_path / "poster.webp").facts
    assert (facts.video_codec, facts.width, facts.height, facts.plays) == ("h264", 320, 180, True)
    assert left_over(settings) == []


@pytest.mark.parametrize(
    ("name", "sides"),
    [
        ("hevc.mov", (320, 180)),
        ("old.avi", (320, 180)),
        ("phone.3gp", (320, 180)),
        ("alac.m4a", None),
        ("adpcm.wav", None),
        ("selfie_mirrored.mp4", (320, 180)),
        ("anamorphic_sar43.mp4", (320, 180)),
    ],
)
def test_a_preview_plays_everywhere_and_has_the_sides_of_the_film(
    name: str, sides: tuple[int, int] | None, portal: object, studio: Workspace, tmp_path: Path
):
    before = examine(CASES / name, into=tmp_path / "poster.webp").facts
    preview = Preview.objects.create(workspace=studio, source=stored(studio, name), format=before.format)
    make_previews()
    preview.refresh_from_db()
    assert preview.blob is not None
    facts = examine(Path(preview.blob.file.path), into=tmp_path / "poster.webp").facts
    assert ((facts.width, facts.height) if sides else None) == sides
    assert (facts.plays, facts.is_mirrored) == (True, False)
    assert facts.seconds == pytest.approx(before.seconds, abs=0.2)


def test_equal_bytes_have_one_preview_and_what_plays_has_none(portal: object, studio: Workspace):
    blob = stored(studio, "hevc.mov")
    for _time in range(3):
        ask_preview(blob=blob, facts=UNPLAYED)
    ask_preview(blob=stored(studio, "editlist_trim.mp4"), facts=MediaFacts("video", "mp4", "video/mp4"))
    ask_preview(blob=stored(studio, "IMG_0042.HEIC"), facts=MediaFacts("image", "heic", "", plays=False))
    assert [one.source for one in Preview.objects.all()] == [blob]


def test_what_cannot_be_decoded_ends_without_a_preview_and_says_so(portal: object, studio: Workspace):
    blob = make_blob(studio, b"no film at all", "video/quicktime")
    ask_preview(blob=blob, facts=UNPLAYED)
    make_previews()
    assert Preview.objects.get().state == PreviewState.FAILED


def test_one_is_made_at_a_time_and_one_whose_maker_died_is_made_after_all(portal: object, studio: Workspace):
    for name in ("hevc.mov", "old.avi"):
        ask_preview(blob=stored(studio, name), facts=UNPLAYED)
    first = Preview.objects.order_by("created_at")[:1].get()
    Preview.objects.filter(pk=first.pk).update(
        state=PreviewState.MAKING, lease_holder="gone", lease_until=timezone.now() + timedelta(minutes=5)
    )
    make_previews()
    assert not Preview.objects.filter(state=PreviewState.READY).exists()
    Preview.objects.filter(pk=first.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    make_previews()
    first.refresh_from_db()
    assert (first.state, first.tries) == (PreviewState.READY, 1)


def test_a_file_that_kills_its_makers_is_given_up(portal: object, studio: Workspace):
    ask_preview(blob=stored(studio, "hevc.mov"), facts=UNPLAYED)
    Preview.objects.update(
        state=PreviewState.MAKING, tries=3, lease_until=timezone.now() - timedelta(seconds=1)
    )
    make_previews()
    assert Preview.objects.get().state == PreviewState.FAILED


def test_a_full_disk_costs_only_time(portal: object, studio: Workspace, settings):
    ask_preview(blob=stored(studio, "hevc.mov"), facts=UNPLAYED)
    usual, settings.FILE_UPLOAD_TEMP_DIR = settings.FILE_UPLOAD_TEMP_DIR, "/nowhere"
    make_previews()
    preview = Preview.objects.get()
    assert (preview.state, preview.next_at > timezone.now()) == (PreviewState.WAITING, True)
    settings.FILE_UPLOAD_TEMP_DIR = usual
    Preview.objects.update(next_at=timezone.now())
    ask_overdue_previews()
    make_previews()
    preview.refresh_from_db()
    assert preview.state == PreviewState.READY


def test_a_doubted_result_has_no_preview(
    portal: object, output: Output, worker: Worker, elsewhere: ScriptedServer
):
    elsewhere.script[:] = [http(200, bytes(range(256)), {"Content-Type": "video/mp4"})]
    Output.objects.filter(pk=output.pk).update(source_url=f"{elsewhere.origin}/film.mp4")
    assert worker.save(output).unchecked_cause == Cause.UNKNOWN
    assert not Preview.objects.exists()


def test_a_file_that_somebody_brings_gets_one_too(portal: object, mark: Membership):
    upload = bring(mark, CASES / "hevc.mov")
    preview = Preview.objects.get(source=upload.blob)
    address = reverse("library-item", args=[upload.pk])
    page = browser_of(mark).get(address).content.decode()
    assert "preview is being made" in page
    assert "<video" not in page
    make_previews()
    page = browser_of(mark).get(address).content.decode()
    assert reverse("preview-file", args=[preview.pk]) in page


def test_a_picture_is_shown_as_a_picture(portal: object, mark: Membership):
    upload = bring(mark, CASES / "xmp_with_svg_word.jpg")
    page = browser_of(mark).get(reverse("library-item", args=[upload.pk])).content.decode()
    assert f'<img src="{reverse("upload-file", args=[upload.pk])}"' in page
    assert "<audio" not in page
