"""What leaves the portal, judged by the bytes that the sandbox received: upright, and telling no place."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import av
import pytest
from django.utils import timezone
from PIL import ExifTags, Image

from tasks import kinds
from tasks.causes import Cause, Code
from tasks.commands.accounts.clients import client_for
from tasks.commands.library.remote_files import send_file
from tasks.models import Credential, Membership, RemoteFile, Rendition, Status, Submission, Upload
from tests import people
from tests.commands.conftest import Orders, Worker
from tests.commands.outputs.test_odd_outputs import examiner_is
from tests.examining import examined
from tests.media.samples import make_picture
from tests.sandbox_fixture import SandboxDriver
from tests.test_examinations import bring

pytestmark = pytest.mark.sqlite

CASES = Path(__file__).parents[2] / "media" / "cases"
VOICE_CLONE = kinds.KINDS["voice-clone"]


def send(credential: Credential, upload: Upload, format: str = "") -> None:
    with client_for(credential) as client:
        send_file(
            upload=upload,
            format=format or upload.format,
            credential=credential,
            client=client,
            alive=lambda: None,
        )


def received(portal: SandboxDriver) -> Path:
    """The one file that the sandbox has."""
    assert portal.sandbox is not None and portal.sandbox.state is not None
    return portal.sandbox.state.files.get(RemoteFile.objects.get().file_id).path


def photo(path: Path, *, orientation: int = 6, place: bool = True, format: str = "JPEG") -> Path:
    """A red left half and a blue right half, lying on its side, with the place where it was taken."""
    picture = Image.new("RGB", (320, 240), (220, 30, 30))
    picture.paste((30, 30, 220), (160, 0, 320, 240))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "A phone"
    if place:
        exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
    picture.save(path, format, exif=exif, quality=95)
    return path


@pytest.mark.parametrize(("ending", "format"), [("jpg", "JPEG"), ("png", "PNG")])
def test_a_photo_is_sent_upright_and_without_its_place(
    portal: SandboxDriver, mark: Membership, credential: Credential, tmp_path: Path, ending: str, format: str
) -> None:
    upload = examined(bring(mark, photo(tmp_path / f"shot.{ending}", format=format)))
    assert (upload.width, upload.height) == (240, 320)
    send(credential, upload)
    content = received(portal).read_bytes()
    with Image.open(io.BytesIO(content)) as sent:
        assert (sent.format, sent.size) == (format, (240, 320))
        assert dict(sent.getexif()) == {}
        pixels = sent.convert("RGB")
    # Turned clockwise: what was left is on top.
    above: Any = pixels.getpixel((120, 10))
    below: Any = pixels.getpixel((120, 310))
    assert above[0] > 150 and below[2] > 150
    assert b"GPS" not in content and b"A phone" not in content
    with upload.blob.file.open("rb") as kept:
        assert kept.read() == (tmp_path / f"shot.{ending}").read_bytes()


def test_a_photo_that_only_tells_its_place_keeps_its_pixels(
    portal: SandboxDriver, mark: Membership, credential: Credential, tmp_path: Path
) -> None:
    path = photo(tmp_path / "shot.jpg", orientation=1)
    send(credential, examined(bring(mark, path)))
    with Image.open(received(portal)) as sent, Image.open(path) as original:
        assert dict(sent.getexif()) == {}
        far = [abs(a - b) for a, b in zip(sent.tobytes(), original.tobytes(), strict=True)]
    assert sum(far) / len(far) < 0.5


@pytest.mark.parametrize("name", ["exif_orientation_6.jpg", "xmp_orientation6.jpg"])
def test_what_is_sent_has_the_sides_that_the_form_has_judged(
    portal: SandboxDriver, mark: Membership, credential: Credential, name: str
) -> None:
    upload = examined(bring(mark, CASES / name))
    send(credential, upload)
    with Image.open(received(portal)) as sent:
        assert sent.size == (upload.width, upload.height)
        assert dict(sent.getexif()) == {} and not {"xmp", "XML:com.adobe.xmp"} & sent.info.keys()


def test_a_picture_that_tells_nothing_is_sent_as_it_is(
    portal: SandboxDriver, mark: Membership, credential: Credential, tmp_path: Path
) -> None:
    path = make_picture(tmp_path / "plain.png")
    send(credential, examined(bring(mark, path)))
    assert received(portal).read_bytes() == path.read_bytes()
    assert Rendition.objects.get().blob is None


def film_with_place(path: Path) -> Path:
    """The packets of a film, with the place where it was taken."""
    with av.open(str(CASES / "handbrake.m4v")) as source, av.open(str(path), "w", format="mp4") as out:
        out.metadata["location"] = "+52.5200+013.4050/"
        out.metadata["title"] = "A walk"
        lines = {one.index: out.add_stream_from_template(one) for one in source.streams if one.type != "data"}
        for packet in source.demux([source.streams[index] for index in lines]):
            if packet.dts is not None:
                packet.stream = lines[packet.stream.index]
                out.mux(packet)
    return path


def hashes(path: Path) -> list[tuple[int, bytes]]:
    with av.open(str(path)) as film:
        return [(packet.stream.index, bytes(packet)) for packet in film.demux() if packet.dts is not None]


def test_a_film_loses_its_place_and_nothing_else(
    portal: SandboxDriver, mark: Membership, credential: Credential, tmp_path: Path
) -> None:
    path = film_with_place(tmp_path / "walk.mp4")
    assert b"loci" in path.read_bytes()
    upload = examined(bring(mark, path))
    send(credential, upload)
    sent = received(portal)
    assert not any(mark in sent.read_bytes() for mark in (b"loci", b"\xa9xyz", b"+52.5200"))
    assert sorted(hashes(sent)) == sorted(hashes(path))
    with upload.blob.file.open("rb") as kept:
        assert b"loci" in kept.read()


def first_frame(path: Path) -> Image.Image:
    with av.open(str(path)) as film:
        frame = next(film.decode(video=0))
        assert frame.rotation == 0 or path.parent == CASES
        picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
        return picture


def test_a_mirrored_film_is_sent_as_it_is_shown(
    portal: SandboxDriver, mark: Membership, credential: Credential, tmp_path: Path
) -> None:
    upload = examined(bring(mark, CASES / "selfie_mirrored.mp4"))
    assert upload.poster is not None
    send(credential, upload)
    sent = received(portal)
    shown = first_frame(sent)
    assert shown.size == (upload.width, upload.height)
    with upload.poster.file.open("rb") as file, Image.open(file) as poster:
        wanted = poster.convert("L").resize((16, 16))
    as_it_lay = _distance(first_frame(CASES / "selfie_mirrored.mp4"), wanted)
    assert _distance(shown, wanted) < as_it_lay / 3


def _distance(picture: Image.Image, wanted: Image.Image) -> float:
    """Mean difference of brightness on a small grid."""
    small = picture.convert("L").resize((16, 16))
    pairs = zip(small.tobytes(), wanted.tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / 256


def test_a_heic_is_sent_as_the_jpeg_that_was_made_of_it(
    portal: SandboxDriver, mark: Membership, credential: Credential
) -> None:
    upload = examined(bring(mark, CASES / "IMG_0042.HEIC"))
    send(credential, upload)
    with Image.open(received(portal)) as sent:
        assert (sent.format, sent.size) == ("JPEG", (upload.width, upload.height))
        assert dict(sent.getexif()) == {}


def test_a_recording_goes_as_mp3_to_a_product_that_takes_no_m4a(
    portal: SandboxDriver, mark: Membership, credential: Credential, tmp_path: Path, worker: Worker
) -> None:
    upload = examined(bring(mark, CASES / "alac.m4a"))
    people.ready_catalogs(credential)
    task = people.order(VOICE_CLONE, mark, credential, tmp_path, {"sample": str(upload.pk)})
    call = worker.submit(task.submissions.get())
    assert call.status == Status.RUNNING, call.reason
    remote = RemoteFile.objects.select_related("rendition").get()
    assert remote.format == "mp3" and remote.rendition is not None and remote.converted == 100
    with av.open(str(received(portal))) as sent:
        assert sent.format.name == "mp3" and abs((sent.duration or 0) / 1e6 - 14) < 0.2
    assert portal.violations() == []


def test_what_was_converted_once_is_not_converted_again(
    portal: SandboxDriver, mark: Membership, credential: Credential
) -> None:
    upload = examined(bring(mark, CASES / "alac.m4a"))
    send(credential, upload, "mp3")
    made = Rendition.objects.get()
    RemoteFile.objects.all().delete()
    send(credential, upload, "mp3")
    assert Rendition.objects.get() == made


def test_a_file_that_cannot_be_made_into_what_a_product_takes_fails_before_anything_is_paid(
    portal: SandboxDriver, mark: Membership, credential: Credential, tmp_path: Path, worker: Worker
) -> None:
    upload = examined(bring(mark, CASES / "alac.m4a"))
    people.ready_catalogs(credential)
    task = people.order(VOICE_CLONE, mark, credential, tmp_path, {"sample": str(upload.pk)})
    # What is stored is no recording any more, though it is as long.
    place = Path(upload.blob.file.path)
    place.write_bytes(bytes(place.stat().st_size))
    call = worker.submit(task.submissions.get())
    assert (call.status, portal.accepted()) == (Status.FAILED, 0)
    assert call.reason == Cause.of(Code.FILE_NOT_CONVERTIBLE, name="alac.m4a", format="MP3")


def test_no_upload_goes_out_before_it_was_examined(
    portal: SandboxDriver, orders: Orders, worker: Worker
) -> None:
    call = orders.submission()
    Upload.objects.update(state="rejected")
    call = worker.submit(call)
    assert (call.status, portal.accepted()) == (Status.FAILED, 0)
    assert not RemoteFile.objects.exists()


def test_a_converter_that_somebody_ends_fails_no_order(
    orders: Orders, worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = orders.submission()
    Rendition.objects.all().delete()  # that the picture can go as it is, is still to be found out
    with monkeypatch.context() as killed:
        examiner_is("kill -KILL $$", tmp_path, killed)
        assert worker.submit(row).status == Status.QUEUED
    assert Rendition.objects.exclude(state="failed").exists()
    Submission.objects.update(next_at=timezone.now())
    assert worker.submit(row).status == Status.RUNNING
