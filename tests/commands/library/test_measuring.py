"""What delivery and review ask of stored files, measured where they come in or later in the background."""

from __future__ import annotations

import zlib
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.utils import timezone
from django_q.models import OrmQ

from tasks.commands.library import measuring
from tasks.commands.library.blobs import keep_file
from tasks.commands.library.examinations import examine_uploads
from tasks.commands.runtime import shutdown
from tasks.models import Blob, FilmTiming, Lease, Membership, Upload
from tests.media.samples import FRAMES_A_SECOND, make_picture, make_video
from tests.people import browser_of

pytestmark = pytest.mark.django_db(transaction=True)


def forget_measures() -> None:
    """As a version before kept them."""
    FilmTiming.objects.all().delete()
    Blob.objects.update(crc32=None)


def keep(member: Membership, path: Path, media_type: str) -> Blob:
    return keep_file(workspace=member.workspace, source=path, media_type=media_type)


def test_a_film_that_was_kept_before_is_measured_in_the_background(alice: Membership, tmp_path: Path) -> None:
    film, picture = make_video(tmp_path / "film.mp4", 2), make_picture(tmp_path / "cup.png")
    blobs = [keep(alice, film, "video/mp4"), keep(alice, picture, "image/png")]
    forget_measures()
    measuring.measure_files()
    for blob, path in zip(blobs, (film, picture), strict=True):
        blob.refresh_from_db()
        assert blob.crc32 == zlib.crc32(path.read_bytes())
    timing = FilmTiming.objects.get()
    assert (timing.blob, timing.frames) == (blobs[0], 2 * FRAMES_A_SECOND)
    assert timing.rate == FRAMES_A_SECOND
    assert not timing.is_variable
    assert not Lease.objects.exists()


def test_a_film_that_nobody_can_decode_is_looked_at_once(alice: Membership, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(make_video(tmp_path / "film.mp4").read_bytes()[:4000])
    blob = keep(alice, broken, "video/mp4")
    forget_measures()
    measuring.measure_files()
    blob.refresh_from_db()
    assert blob.crc32 is not None
    assert (blob.timing.frames, blob.timing.rate) == (None, Fraction(0))


def test_a_file_that_is_not_there_holds_up_no_other_and_is_tried_again_a_day_later(
    alice: Membership, tmp_path: Path
) -> None:
    lost = keep(alice, make_picture(tmp_path / "lost.png"), "image/png")
    there = keep(alice, make_picture(tmp_path / "there.png", (64, 48)), "image/png")
    forget_measures()
    Blob.objects.filter(pk=lost.pk).update(measure_at=timezone.now() - timedelta(hours=1))
    name = str(lost.file.name)
    content = storages["default"].open(name).read()
    storages["default"].delete(name)
    measuring.measure_files()
    assert list(Blob.objects.unmeasured()) == [lost]
    there.refresh_from_db()
    assert there.crc32 is not None

    Path(storages["default"].path(name)).write_bytes(content)
    measuring.measure_files()
    assert Blob.objects.unmeasured().exists()
    Blob.objects.update(measure_at=timezone.now())
    measuring.measure_files()
    assert not Blob.objects.unmeasured().exists()


def test_two_workers_do_not_measure_at_the_same_time(alice: Membership, tmp_path: Path) -> None:
    keep(alice, make_picture(tmp_path / "cup.png"), "image/png")
    forget_measures()
    Lease.take("measure-files", "another", seconds=60)
    measuring.measure_files()
    assert Blob.objects.unmeasured().count() == 1


def test_an_upload_is_measured_when_it_is_examined(alice: Membership, tmp_path: Path) -> None:
    blob = keep(alice, make_video(tmp_path / "film.mp4"), "video/mp4")
    upload = Upload.objects.create(
        workspace=alice.workspace, owner=alice.user, blob=blob, name="film.mp4", role="video", state="stored"
    )
    forget_measures()
    examine_uploads()
    upload.refresh_from_db()
    assert upload.blob.crc32 == zlib.crc32(upload.blob.file.open().read())
    assert upload.blob.timing.frames


def test_an_owner_sees_how_many_files_are_still_to_be_measured(alice: Membership, tmp_path: Path) -> None:
    words = "Files still to be measured"
    keep(alice, make_picture(tmp_path / "cup.png"), "image/png")
    type(alice.user).objects.update(is_staff=True)
    assert words not in browser_of(alice).get("/settings/status/").content.decode()
    forget_measures()
    page = browser_of(alice).get("/settings/status/").content.decode()
    assert f"<dt>{words}</dt><dd>1</dd>" in page
    type(alice.user).objects.update(is_staff=False)
    assert words not in browser_of(alice).get("/settings/status/").content.decode()


def test_a_worker_that_should_stop_begins_no_other_file_and_leaves_word(
    alice: Membership, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(alice, make_picture(tmp_path / "cup.png"), "image/png")
    forget_measures()
    monkeypatch.setattr(shutdown, "is_asked", lambda: True)
    measuring.measure_files()
    assert Blob.objects.unmeasured().count() == 1
    assert [message.func() for message in OrmQ.objects.all()] == ["tasks.jobs.measure_files"]
