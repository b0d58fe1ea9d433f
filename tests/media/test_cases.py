"""Files that people really bring: each is taken with the facts that a browser shows."""

from __future__ import annotations

import io
import struct
import wave
import zlib
from pathlib import Path

import av
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tasks.forms.library.rejections import rejection_words
from tasks.forms.library.uploads import UploadForm
from tasks.media import Cause, MediaFacts, Undecodable, examine, hidden_content
from tasks.models import Upload
from tests.media.samples import make_audio, make_picture, make_video

CASES = Path(__file__).parent / "cases"

# name: role, format, sides, seconds
EXPECTED: dict[str, tuple[str, str, tuple[int, int] | None, float | None]] = {
    "output_sound_longer.mp4": ("video", "mp4", (720, 960), 15.1),
    "audio_longer_than_video.mp4": ("video", "mp4", (320, 180), 12),
    "audio_2s_longer.mp4": ("video", "mp4", (320, 180), 6),
    "elevenlabs_stream_7fffffff.wav": ("audio", "wav", None, 14),
    "header_ffffffff.wav": ("audio", "wav", None, 14),
    "piped_ffmpeg.wav": ("audio", "wav", None, 14),
    "odd_data_no_pad.wav": ("audio", "wav", None, 13.75),
    "adpcm.wav": ("audio", "wav", None, 14.03),
    "mp3_leading_zeros.mp3": ("audio", "mp3", None, 14),
    "mp4_id3v1_tail.mp4": ("video", "mp4", (320, 180), 4),
    "png_ztxt_2mb.png": ("image", "png", (300, 400), None),
    "png_icc_1p5mb.png": ("image", "png", (300, 400), None),
    "missing_eoi.jpg": ("image", "jpg", (600, 800), None),
    "xmp_with_svg_word.jpg": ("image", "jpg", (600, 800), None),
    "editlist_trim.mp4": ("video", "mp4", (320, 180), 3.24),
    "anamorphic_sar43.mp4": ("video", "mp4", (320, 180), 2),
    "xmp_orientation6.jpg": ("image", "jpg", (600, 800), None),
    "exif_orientation_6.jpg": ("image", "jpg", (600, 800), None),
    "selfie_mirrored.mp4": ("video", "mp4", (320, 180), 2),
    "icc_swapped.jpg": ("image", "jpg", (600, 800), None),
    "hevc.mov": ("video", "mov", (320, 180), 2),
    "alac.m4a": ("audio", "m4a", None, 14),
    "old.avi": ("video", "avi", (320, 180), 4.05),
    "IMG_0042.HEIC": ("image", "heic", (600, 800), None),
    "heic_named.jpg": ("image", "heic", (600, 800), None),
    "avif_named.jpg": ("image", "avif", (600, 800), None),
    "anim.gif": ("image", "gif", (300, 400), None),
    "handbrake.m4v": ("video", "mp4", (320, 180), 4),
    "phone.3gp": ("video", "3gp", (320, 180), 4),
    "PTT-20240501-WA0001.opus": ("audio", "ogg", None, 14),
    "adts.aac": ("audio", "aac", None, 14.02),
}
NOT_EVERYWHERE = {
    "hevc.mov",
    "alac.m4a",
    "old.avi",
    "phone.3gp",
    "adpcm.wav",
    "IMG_0042.HEIC",
    "heic_named.jpg",
}
TAKEN_AS_THEY_ARE = [
    name
    for name in EXPECTED
    if name.rpartition(".")[2] in ("mp4", "mov", "avi", "wav", "mp3", "m4a", "png", "jpg")
    and name not in ("heic_named.jpg", "avif_named.jpg")
]


def facts_of(path: Path, folder: Path) -> MediaFacts:
    return examine(path, into=folder / "poster.webp").facts


def test_every_file_of_the_folder_has_its_outcome() -> None:
    assert {path.name for path in CASES.iterdir()} - {"README.md"} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_is_measured_as_a_browser_shows_it(name: str, tmp_path: Path) -> None:
    role, format_name, sides, seconds = EXPECTED[name]
    examined = examine(CASES / name, into=tmp_path / "poster.webp")
    facts = examined.facts
    assert (facts.role, facts.format) == (role, format_name)
    assert ((facts.width, facts.height) if sides else None) == sides
    assert facts.seconds == (None if seconds is None else pytest.approx(seconds, abs=0.05))
    assert facts.plays == (name not in NOT_EVERYWHERE)
    assert facts.is_mirrored == (name == "selfie_mirrored.mp4")
    assert (examined.poster is None) == (role == "audio")


@pytest.mark.parametrize("name", TAKEN_AS_THEY_ARE)
def test_a_good_file_is_taken_by_the_upload(name: str) -> None:
    form = UploadForm({}, {"file": SimpleUploadedFile(name, (CASES / name).read_bytes())})
    assert form.is_valid(), form.errors
    form.brought.discard()


# --- Of the same kind --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0xFFFFFFFF - 44, 0x7FFFFFFF, 0x7FFFFFFF - 36, 0x7FFFF000])
def test_a_recording_whose_writer_could_not_go_back_is_as_long_as_its_samples(
    size: int, tmp_path: Path
) -> None:
    path = make_audio(tmp_path / "streamed.wav", 2)
    whole = bytearray(path.read_bytes())
    at = whole.index(b"data") + 4
    struct.pack_into("<I", whole, at, size)
    struct.pack_into("<I", whole, 4, min(size + 36, 0xFFFFFFFF))
    path.write_bytes(whole)
    assert facts_of(path, tmp_path).seconds == pytest.approx(2, abs=0.05)


def test_a_recording_with_a_note_behind_its_samples_may_lack_the_end_of_the_note(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "noted.wav", 1)
    path.write_bytes(path.read_bytes() + b"LIST" + struct.pack("<I", 400) + b"INFO")
    assert facts_of(path, tmp_path).seconds == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    "tail", [b"\0" * 37, b"TAG" + b"\0" * 125, b"APETAGEX" + b"\0" * 24, b"\r\n", b"\xff" * 600]
)
def test_bytes_behind_a_film_do_not_matter(tail: bytes, tmp_path: Path) -> None:
    for faststart in (True, False):
        path = make_video(tmp_path / "tail.mp4", 1, faststart=faststart)
        path.write_bytes(path.read_bytes() + tail)
        assert facts_of(path, tmp_path).seconds == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("ending", ["jpg", "png", "gif"])
def test_a_picture_without_its_end_marker_is_taken(ending: str, tmp_path: Path) -> None:
    missing = {"jpg": 2, "png": 12, "gif": 1}[ending]
    path = make_picture(tmp_path / f"endless.{ending}")
    path.write_bytes(path.read_bytes()[:-missing])
    assert facts_of(path, tmp_path).width == 320


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_photo_that_lacks_more_than_its_end_is_refused_as_damaged(part: float, tmp_path: Path) -> None:
    whole = (CASES / "missing_eoi.jpg").read_bytes()
    path = tmp_path / "cut.jpg"
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(Undecodable) as caught:
        facts_of(path, tmp_path)
    assert caught.value.cause == Cause.DAMAGED


def test_a_picture_shorter_than_its_sound_is_told_apart_from_a_film_that_was_cut(tmp_path: Path) -> None:
    path = make_video(tmp_path / "cut.mp4", 4)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(Undecodable) as caught:
        facts_of(path, tmp_path)
    assert caught.value.cause == Cause.CUT_OFF


@pytest.mark.parametrize("name", ["mkv", "webm", "ogg", "flac", "aiff"])
def test_what_other_programs_write_is_known(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"other.{name}"
    if name in ("mkv", "webm"):
        _film(path, "libx264" if name == "mkv" else "libvpx")
    else:
        codec = {"ogg": "flac", "flac": "flac", "aiff": "pcm_s16be"}[name]
        _sound(path, codec)
    facts = facts_of(path, tmp_path)
    assert facts.format == name
    assert facts.seconds == pytest.approx(1, abs=0.1)


def _film(path: Path, codec: str) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=12)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for _number in range(12):
            frame: av.VideoFrame = av.VideoFrame.from_image(Image.new("RGB", (160, 120), "green"))  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _sound(path: Path, codec: str) -> None:
    with av.open(str(make_audio(path.with_suffix(".wav"), 1))) as source, av.open(str(path), "w") as into:
        stream = into.add_stream(codec, rate=44_100)
        assert isinstance(stream, av.AudioStream)
        for frame in source.decode(audio=0):
            into.mux(stream.encode(frame))
        into.mux(stream.encode(None))


def test_a_scan_is_known_and_upright(tmp_path: Path) -> None:
    path = tmp_path / "scan.tiff"
    exif = Image.Exif()
    exif[274] = 6
    Image.new("RGB", (120, 80), "red").save(path, exif=exif)
    facts = facts_of(path, tmp_path)
    assert (facts.format, facts.width, facts.height, facts.plays) == ("tiff", 80, 120, False)


def test_a_profile_of_grey_or_of_print_changes_no_size_and_breaks_nothing(tmp_path: Path) -> None:
    swapped = Image.open(CASES / "icc_swapped.jpg").info["icc_profile"]
    for mode in ("L", "LA", "P", "RGBA", "CMYK", "I;16", "1"):
        path = tmp_path / ("odd.jpg" if mode == "CMYK" else "odd.png")
        Image.new(mode, (64, 48)).save(path, icc_profile=swapped)
        assert facts_of(path, tmp_path).width == 64
    make_picture(tmp_path / "broken.png").write_bytes(
        _with_profile((tmp_path / "broken.png").read_bytes(), b"no profile at all")
    )
    assert facts_of(tmp_path / "broken.png", tmp_path).width == 320


def _with_profile(png: bytes, profile: bytes) -> bytes:
    data = b"icc\0\0" + zlib.compress(profile)
    chunk = struct.pack(">I", len(data)) + b"iCCP" + data + struct.pack(">I", zlib.crc32(b"iCCP" + data))
    return png[:33] + chunk + png[33:]


@pytest.mark.parametrize("ending", ["jpg", "webp", "png"])
def test_markup_in_the_notes_of_a_picture_is_no_page(ending: str, tmp_path: Path) -> None:
    note = b"<x:xmpmeta><svg xmlns='http://www.w3.org/2000/svg'/><html><script></x:xmpmeta>"
    path = make_picture(tmp_path / f"plain.{ending}")
    with Image.open(path) as picture:
        picture.load()
        if ending == "png":
            from PIL.PngImagePlugin import PngInfo

            info = PngInfo()
            info.add_itxt("XML:com.adobe.xmp", note.decode())
            picture.save(path, pnginfo=info)
        else:
            picture.save(path, xmp=note)
    assert note in path.read_bytes()
    assert hidden_content(path) == ""


def test_a_page_behind_a_recording_is_still_found(tmp_path: Path) -> None:
    page = b"<html><script>alert(1)</script>"
    for path in (
        make_audio(tmp_path / "a.wav", 0.2),
        make_video(tmp_path / "b.mp4", 0.5),
        make_picture(tmp_path / "c.jpg"),
    ):
        path.write_bytes(path.read_bytes() + page)
        assert hidden_content(path) == "HTML"


@pytest.mark.parametrize(
    ("content", "cause", "advice"),
    [
        ("cut", Cause.CUT_OFF, "Copy it again"),
        ("noise", Cause.DAMAGED, "damaged"),
        ("empty", Cause.EMPTY, "neither"),
    ],
)
def test_a_refusal_names_the_check_and_what_to_do(
    content: str, cause: Cause, advice: str, tmp_path: Path
) -> None:
    path = make_video(tmp_path / "film.mp4", 2)
    whole = path.read_bytes()
    if content == "cut":
        path.write_bytes(whole[: len(whole) * 2 // 3])
    elif content == "noise":
        path.write_bytes(whole[:32] + bytes(range(256)) * 40)
    else:
        _without_streams(path)
    with pytest.raises(Undecodable) as caught:
        facts_of(path, tmp_path)
    assert caught.value.cause == cause
    assert advice in rejection_words(Upload(cause=cause))


def _without_streams(path: Path) -> None:
    moov = struct.pack(">I", 8) + b"moov"
    path.write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + moov)


def test_samples_that_only_python_wrote_are_taken(tmp_path: Path) -> None:
    made = io.BytesIO()
    with wave.open(made, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(1)
        recording.setframerate(8000)
        recording.writeframes(b"\x80" * 8001)
    path = tmp_path / "python.wav"
    path.write_bytes(made.getvalue())
    assert facts_of(path, tmp_path).seconds == pytest.approx(1, abs=0.05)
