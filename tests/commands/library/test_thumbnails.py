"""Thumbnails of posters: made with them, later for those of older versions, and served by the same doors."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from tasks import jobs
from tasks.commands.operations.backup.left_out import fetch_again
from tasks.commands.operations.sweep import sweep
from tasks.models import Blob, Membership, Output, Thumbnail, Upload, pictures_without_thumbnail
from tests.commands.conftest import Worker
from tests.commands.copies import finished, output
from tests.examining import examined
from tests.media.samples import make_picture
from tests.people import browser_of, make_blob, make_member, make_workspace
from tests.views.rows import make_file, make_task
from tests.views.rows import make_output as make_saved

__all__ = ["finished", "output"]


def webp(width: int, height: int) -> bytes:
    """A poster of this size; each size has bytes of its own."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, "WEBP")
    return file.getvalue()


@pytest.fixture
def old_file(mark: Membership) -> Upload:
    """A file whose poster an older version of the portal made."""
    return make_file(mark, poster=make_blob(mark.workspace, webp(480, 270), "image/webp"))


def address_of(upload: Upload) -> str:
    assert upload.poster is not None
    return reverse("upload-poster", args=[upload.pk, upload.poster.sha256[:12]])


def small_size(browser: Client, address: str) -> tuple[int, int]:
    """The sides of what is sent where the thumbnail is asked for."""
    answer = browser.get(address, {"width": "192"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    with Image.open(io.BytesIO(b"".join(answer.streaming_content))) as picture:  # type: ignore[attr-defined]
        return picture.size


def test_a_new_file_has_a_thumbnail_from_its_first_moment(mark: Membership, tmp_path: Path) -> None:
    brought = make_picture(tmp_path / "cup.png", (800, 600))
    sent = SimpleUploadedFile("cup.png", brought.read_bytes())
    browser_of(mark).post(reverse("upload-new"), {"file": sent})
    upload = examined(Upload.objects.get(name="cup.png"))
    assert small_size(browser_of(mark), address_of(upload)) == (192, 144)
    made = Thumbnail.objects.get(picture=poster_of(upload)).blob
    assert made is not None and made.size < poster_of(upload).size
    assert pictures_without_thumbnail(10) == []


def test_of_a_saved_output_none_is_left_to_be_made(output: Output, worker: Worker) -> None:
    assert worker.save(output).poster is not None
    assert pictures_without_thumbnail(10) == []


def test_rows_and_tiles_ask_for_the_thumbnail(mark: Membership, old_file: Upload) -> None:
    browser = browser_of(mark)
    shown = make_saved(make_task(mark))
    assert f"/outputs/{shown.pk}/poster/" in (page := browser.get(reverse("task-list")).content.decode())
    assert ".webp?width=192" in page and ".webp 480w" not in page
    tiles = browser.get(reverse("library")).content.decode()
    address = address_of(old_file)
    assert f'srcset="{address}?width=192 192w, {address} 480w"' in tiles


def test_posters_of_older_versions_get_theirs_in_the_background(mark: Membership, old_file: Upload) -> None:
    browser = browser_of(mark)
    assert small_size(browser, address_of(old_file)) == (480, 270)
    sweep()
    run_all()
    assert small_size(browser, address_of(old_file)) == (192, 108)
    assert browser.get(address_of(old_file)).headers["ETag"] == f'"{poster_of(old_file).sha256}"'


def poster_of(upload: Upload) -> Blob:
    assert upload.poster is not None
    return upload.poster


def run_all() -> None:
    """Turn after turn, as the queue would call them."""
    for _turn in range(5):
        jobs.make_thumbnails()


def test_what_is_small_or_unreadable_is_tried_once_and_shown_as_it_is(mark: Membership) -> None:
    small = make_file(mark, poster=make_blob(mark.workspace, webp(120, 160), "image/webp"))
    unreadable = make_file(mark, poster=make_blob(mark.workspace, b"no picture", "image/webp"))
    run_all()
    assert pictures_without_thumbnail(10) == []
    assert not Thumbnail.objects.exclude(blob=None).exists()
    browser = browser_of(mark)
    assert small_size(browser, address_of(small)) == (120, 160)
    assert browser.get(address_of(unreadable), {"width": "192"}).status_code == 200


def test_many_are_made_in_turns_by_one_worker_at_a_time(
    mark: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.commands.library.thumbnails._SOME", 2)
    for number in range(5):
        make_file(mark, poster=make_blob(mark.workspace, webp(300 + number, 200), "image/webp"))
    left = []
    for _turn in range(3):
        jobs.make_thumbnails()
        left.append(len(pictures_without_thumbnail(10)))
    assert left == [3, 1, 0]


def test_a_thumbnail_that_a_backup_lacks_is_made_again(mark: Membership, old_file: Upload) -> None:
    run_all()
    thumbnail: Any = Thumbnail.objects.get(picture=old_file.poster)
    name = thumbnail.blob.file.name
    thumbnail.blob.file.storage.delete(name)
    fetch_again([name])
    browser = browser_of(mark)
    assert small_size(browser, address_of(old_file)) == (480, 270)
    run_all()
    assert small_size(browser, address_of(old_file)) == (192, 108)


def test_a_thumbnail_is_kept_from_strangers_as_its_poster_is(old_file: Upload) -> None:
    run_all()
    stranger = browser_of(make_member(make_workspace("Other")))
    assert stranger.get(address_of(old_file), {"width": "192"}).status_code == 404
    assert Client().get(address_of(old_file), {"width": "192"}).status_code == 302
