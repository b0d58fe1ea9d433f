"""Uploads are examined by the worker: states, turns, what is rejected or converted, what a form waits for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.commands.library.examinations import examine_next, next_in_turn
from tasks.commands.library.uploads import require_ready, store_upload
from tasks.commands.refusals import NotPossible
from tasks.forms.library.rejections import rejection_words
from tasks.forms.library.uploads import check_path
from tasks.models import Blob, Membership, Upload, UploadState
from tests.examining import examined
from tests.media.samples import make_audio, make_picture, make_video
from tests.media.test_examine import huge_png
from tests.parts import database_url, descendants, is_alive, wait_until
from tests.people import browser_of, make_member, make_workspace

CASES = Path(__file__).parent / "media" / "cases"


@pytest.fixture
def member(db: None) -> Membership:
    return make_member(make_workspace())


def bring(member: Membership, path: Path, name: str = "") -> Upload:
    """Bring a file in as a view would."""
    brought = check_path(path, name or path.name)
    try:
        return store_upload(workspace=member.workspace, owner=member.user, brought=brought)
    finally:
        brought.discard()


@pytest.mark.postgres
def test_a_good_file_becomes_ready_with_its_facts_and_its_poster(tmp_path: Path, member: Membership) -> None:
    upload = examined(bring(member, make_video(tmp_path / "Clip.mp4")))
    assert (upload.state, upload.role, upload.format) == (UploadState.READY, "video", "mp4")
    assert (upload.width, upload.height) == (160, 120)
    assert upload.poster is not None and upload.poster.media_type == "image/webp"


def test_an_mp4_without_a_picture_turns_out_to_be_a_recording(tmp_path: Path, member: Membership) -> None:
    upload = bring(member, CASES / "alac.m4a", "talk.mp4")
    upload = examined(upload)
    assert (upload.role, upload.format, upload.blob.media_type) == ("audio", "m4a", "audio/mp4")


def test_a_damaged_film_is_rejected_with_a_code_and_told_in_words(tmp_path: Path, member: Membership) -> None:
    whole = make_video(tmp_path / "film.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) * 3 // 4])
    upload = examined(bring(member, tmp_path / "cut.mp4"))
    assert (upload.state, upload.cause) == (UploadState.REJECTED, "cut-off")
    page = browser_of(member).get(reverse("library")).content.decode()
    assert "it was cut off while it was copied" in page
    told = browser_of(member).get(reverse("upload-state", args=[upload.pk])).json()
    assert (told["state"], told["preview"]) == ("rejected", "")
    assert "cut off" in told["words"]


def test_a_header_that_claims_a_giant_picture_is_rejected(tmp_path: Path, member: Membership) -> None:
    upload = examined(bring(member, huge_png(tmp_path / "bomb.png", 60_000, 60_000)))
    assert upload.cause == "pixels"
    assert "60,000" in rejection_words(upload)


def test_a_recording_over_the_limit_is_rejected_with_its_length(
    tmp_path: Path, member: Membership, settings: Any
) -> None:
    settings.UPLOAD_MAX_SECONDS = 24
    upload = examined(bring(member, make_audio(tmp_path / "talk.wav", 25)))
    assert upload.cause == "seconds"
    assert "25.0" in rejection_words(upload) and "24" in rejection_words(upload)


@pytest.mark.postgres
def test_what_was_rejected_is_examined_once_more_when_it_is_brought_again(
    tmp_path: Path, member: Membership, settings: Any
) -> None:
    path = make_audio(tmp_path / "talk.wav", 25)
    settings.UPLOAD_MAX_SECONDS = 24
    first = examined(bring(member, path))
    settings.UPLOAD_MAX_SECONDS = 900
    again = bring(member, path)
    assert again.pk == first.pk
    assert examined(again).state == UploadState.READY


# --- Turns and workers that die ---------------------------------------------------------------------------


def many(member: Membership, count: int) -> list[Upload]:
    blob = Blob.objects.create(workspace=member.workspace, sha256=uuid4().hex, size=1, media_type="image/png")
    facts = {"workspace": member.workspace, "owner": member.user, "blob": blob, "role": "image"}
    return [
        Upload.objects.create(name=f"{one}.png", format="png", state=UploadState.STORED, **facts)
        for one in range(count)
    ]


def taken(upload_id: Any) -> Upload:
    """As a worker takes it."""
    now = timezone.now()
    Upload.objects.filter(pk=upload_id).update(
        state=UploadState.EXAMINING, taken_at=now, lease_until=now + timedelta(seconds=60), lease_holder="it"
    )
    return Upload.objects.get(pk=upload_id)


@pytest.mark.postgres
def test_who_brings_one_file_does_not_wait_behind_fifty_of_somebody_else(
    member: Membership, settings: Any
) -> None:
    settings.EXAMINATIONS = 1
    other = make_member(member.workspace)
    many(member, 50)
    many(other, 1)
    order = []
    for _turn in range(3):
        upload = taken(next_in_turn(timezone.now()))
        order.append(upload.owner)
        Upload.objects.filter(pk=upload.pk).update(state=UploadState.READY)
    assert order == [member.user, other.user, member.user]


@pytest.mark.postgres
def test_one_person_has_at_most_two_examined_at_a_time(member: Membership, settings: Any) -> None:
    settings.EXAMINATIONS = 10
    many(member, 5)
    for _turn in range(2):
        taken(next_in_turn(timezone.now()))
    assert next_in_turn(timezone.now()) is None
    other = many(make_member(member.workspace), 1)[0]
    assert next_in_turn(timezone.now()) == other.pk


@pytest.mark.postgres
def test_films_that_are_converted_leave_a_place_to_others(member: Membership, settings: Any) -> None:
    settings.EXAMINATIONS = 2
    films = many(member, 3)
    Upload.objects.filter(pk__in=[film.pk for film in films]).update(format="avi")
    taken(next_in_turn(timezone.now()))
    assert next_in_turn(timezone.now()) is None
    other = many(make_member(member.workspace), 1)[0]
    assert next_in_turn(timezone.now()) == other.pk


@pytest.mark.postgres
def test_no_more_are_examined_at_a_time_than_the_setting_says(member: Membership, settings: Any) -> None:
    settings.EXAMINATIONS = 1
    many(member, 2)
    taken(next_in_turn(timezone.now()))
    assert next_in_turn(timezone.now()) is None


@pytest.mark.postgres
def test_what_a_dead_worker_was_at_is_examined_again(tmp_path: Path, member: Membership) -> None:
    upload = taken(bring(member, make_picture(tmp_path / "a.png")).pk)
    assert not examine_next()
    Upload.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert examined(upload).state == UploadState.READY


@pytest.mark.postgres
def test_a_worker_that_was_taken_over_changes_nothing_any_more(tmp_path: Path, member: Membership) -> None:
    from tasks.commands.library import examinations

    upload = bring(member, make_picture(tmp_path / "a.png"))
    late = examinations._claim("late")
    assert late is not None
    Upload.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert examined(upload).state == UploadState.READY
    examinations._reject(late, "late", examinations._Rejected("damaged"))
    assert Upload.objects.get().state == UploadState.READY


@pytest.mark.postgres
def test_a_file_over_which_workers_die_again_and_again_is_given_up(
    tmp_path: Path, member: Membership
) -> None:
    upload = bring(member, make_picture(tmp_path / "a.png"))
    Upload.objects.update(tries=4)
    upload = examined(upload)
    assert (upload.state, upload.cause) == (UploadState.REJECTED, "gave-up")


@pytest.mark.postgres
def test_storage_that_fails_costs_only_time(tmp_path: Path, member: Membership, settings: Any) -> None:
    upload = bring(member, make_picture(tmp_path / "a.png"))
    usual, settings.FILE_UPLOAD_TEMP_DIR = settings.FILE_UPLOAD_TEMP_DIR, tmp_path / "nowhere"
    assert examine_next()
    upload.refresh_from_db()
    assert (upload.state, upload.tries) == (UploadState.STORED, 0)
    assert not examine_next()
    settings.FILE_UPLOAD_TEMP_DIR = usual
    Upload.objects.update(next_at=timezone.now())
    assert examined(upload).state == UploadState.READY


def test_a_file_that_our_storage_has_lost_is_rejected_with_that_reason(
    tmp_path: Path, member: Membership
) -> None:
    upload = bring(member, make_picture(tmp_path / "a.png"))
    upload.blob.file.storage.delete(str(upload.blob.file.name))
    assert examined(upload).cause == "missing"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_a_conversion_leaves_no_child_and_no_harm(
    member: Membership, settings: Any
) -> None:
    upload = bring(member, CASES / "old.avi")
    code = (
        "import django, os; django.setup();"
        "from django.conf import settings; settings.MEDIA_ROOT = os.environ['THE_MEDIA'];"
        "from tasks.commands.library.examinations import examine_next; examine_next()"
    )
    own = {
        "DATABASE_URL": database_url(),
        "TOPVIEW_PORTAL_VAR": str(settings.VAR),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "THE_MEDIA": str(settings.MEDIA_ROOT),
    }
    worker = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **own}, start_new_session=True)
    until = time.monotonic() + 60
    while not (at_work := stopped_over_a_child(worker.pid)):
        assert time.monotonic() < until, "no child was seen at work"
        time.sleep(0.02)
    worker.kill()
    worker.wait()
    wait_until(lambda: not any(is_alive(pid) for pid in at_work), what="the end of the child")
    assert Upload.objects.get().state == UploadState.EXAMINING
    Upload.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert examined(upload).state == UploadState.READY


def stopped_over_a_child(pid: int) -> list[int]:
    """The children that work for a process, which is stopped then; else it goes on."""
    os.kill(pid, signal.SIGSTOP)
    found = [child for child in descendants(pid) if is_alive(child)]
    if not found:
        os.kill(pid, signal.SIGCONT)
    return found


# --- Converted on arrival ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "came", "made", "words"),
    [
        ("IMG_0042.HEIC", "heic", "jpg", "Converted from HEIC to JPEG; the original is kept."),
        ("heic_named.jpg", "heic", "jpg", "Converted from HEIC to JPEG; the original is kept."),
        ("avif_named.jpg", "avif", "jpg", "Converted from AVIF to JPEG; the original is kept."),
        ("anim.gif", "gif", "png", "Converted from GIF to PNG; the original is kept."),
        ("old.avi", "avi", "mp4", "Converted from AVI to MP4; the original is kept."),
        ("phone.3gp", "3gp", "mp4", "Converted from 3GP to MP4; the original is kept."),
        ("PTT-20240501-WA0001.opus", "ogg", "mp3", "Converted from OGG to MP3; the original is kept."),
        ("adts.aac", "aac", "m4a", "Converted from AAC to M4A; the original is kept."),
    ],
)
def test_what_no_field_takes_is_converted_when_it_comes_and_the_original_is_kept(
    member: Membership, name: str, came: str, made: str, words: str
) -> None:
    upload = examined(bring(member, CASES / name))
    assert (upload.state, upload.original_format, upload.format) == (UploadState.READY, came, made)
    assert upload.original is not None
    browser = browser_of(member)
    page = browser.get(reverse("library-item", args=[upload.pk])).content.decode()
    assert words in page
    address = reverse("upload-file", args=[upload.pk])
    original = browser.get(address, {"original": "1"})
    assert b"".join(original.streaming_content) == (CASES / name).read_bytes()  # type: ignore[attr-defined]
    assert name in original.headers["Content-Disposition"]
    used = browser.get(address, {"download": "1"})
    assert used.headers["Content-Disposition"].endswith(f'.{made}"')


@pytest.mark.postgres
def test_a_converted_file_brought_again_is_the_same_upload(member: Membership) -> None:
    first = examined(bring(member, CASES / "IMG_0042.HEIC"))
    assert bring(member, CASES / "IMG_0042.HEIC").pk == first.pk
    assert Upload.objects.get().state == UploadState.READY


def test_a_file_that_cannot_be_converted_is_rejected(tmp_path: Path, member: Membership) -> None:
    content = (CASES / "IMG_0042.HEIC").read_bytes()
    (tmp_path / "cut.heic").write_bytes(content[: len(content) // 2])
    assert examined(bring(member, tmp_path / "cut.heic")).cause == "damaged"


# --- Forms ------------------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_the_order_command_takes_no_file_that_is_not_ready(tmp_path: Path, member: Membership) -> None:
    upload = bring(member, make_picture(tmp_path / "a.png"))
    with pytest.raises(NotPossible, match="not ready"):
        require_ready(member.workspace_id, [upload.pk])
    assert examined(upload) in require_ready(member.workspace_id, [upload.pk])
