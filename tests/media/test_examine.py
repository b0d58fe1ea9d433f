"""Examining real and broken files through the child process."""

import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tasks.media import TooManyPixels, Undecodable, examine
from tasks.media.facts import MediaFacts
from tests.media.samples import make_audio, make_picture, make_video


def inspect(path: Path, **options: Any) -> MediaFacts:
    """What `examine` finds, for tests that do not look at the poster."""
    return examine(path, into=path.with_name("poster.webp"), **options).facts


def huge_png(path: Path, width: int, height: int) -> Path:
    """A PNG whose header claims the size and whose data is a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    return path


def cut(path: Path, part: float) -> Path:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    return path


def test_a_video_is_measured_and_gets_a_poster(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", 2, (640, 360))
    examined = examine(path, into=tmp_path / "poster.webp")
    facts = examined.facts
    assert (facts.role, facts.format, facts.media_type) == ("video", "mp4", "video/mp4")
    assert (facts.width, facts.height, facts.has_audio) == (640, 360, True)
    assert (facts.video_codec, facts.audio_codec) == ("h264", "aac")
    assert facts.seconds == pytest.approx(2, abs=0.1)
    assert examined.poster is not None
    with Image.open(examined.poster) as poster:
        assert (poster.format, poster.size) == ("WEBP", (480, 270))


def test_a_video_without_sound_says_so(tmp_path: Path) -> None:
    assert not inspect(make_video(tmp_path / "silent.mp4", audio=False)).has_audio


@pytest.mark.parametrize("ending", ["mov", "avi"])
def test_other_containers_are_measured(tmp_path: Path, ending: str) -> None:
    facts = inspect(make_video(tmp_path / f"clip.{ending}"))
    assert (facts.role, facts.format, facts.width) == ("video", ending, 160)
    assert facts.seconds == pytest.approx(2, abs=0.15)


@pytest.mark.parametrize("ending", ["mp3", "wav", "m4a"])
def test_a_recording_is_measured_and_has_no_poster(tmp_path: Path, ending: str) -> None:
    examined = examine(make_audio(tmp_path / f"tone.{ending}", 3), into=tmp_path / "poster.webp")
    assert (examined.facts.role, examined.facts.format) == ("audio", ending)
    assert examined.facts.seconds == pytest.approx(3, abs=0.1)
    assert examined.poster is None


def test_the_poster_is_not_taken_from_the_black_beginning(tmp_path: Path) -> None:
    path = make_video(tmp_path / "slow.mp4", 6, black_seconds=4)
    poster = examine(path, into=tmp_path / "poster.webp").poster
    assert poster is not None
    with Image.open(poster) as picture:
        assert max(high for _low, high in picture.convert("RGB").getextrema()) > 100  # type: ignore[misc]


def test_an_all_black_video_still_gets_a_poster(tmp_path: Path) -> None:
    path = make_video(tmp_path / "night.mp4", 1, black_seconds=1)
    assert examine(path, into=tmp_path / "poster.webp").poster is not None


def test_a_picture_lying_on_its_side_is_shown_upright(tmp_path: Path) -> None:
    path = make_picture(tmp_path / "phone.jpg", (1200, 800), orientation=6)
    examined = examine(path, into=tmp_path / "poster.webp")
    assert (examined.facts.width, examined.facts.height) == (800, 1200)
    assert examined.poster is not None
    with Image.open(examined.poster) as poster:
        assert poster.size == (480, 720)
        # The blue quarter was at the top left; turned a quarter to the right it is at the top right.
        red, _green, blue = poster.convert("RGB").getpixel((460, 20))  # type: ignore[misc]
        assert blue > red


def test_a_phones_film_is_shown_upright(tmp_path: Path) -> None:
    path = make_video(tmp_path / "phone.mp4")
    level = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    quarter_to_the_right = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 120 << 16, 0, 0x40000000)
    whole = path.read_bytes()
    track = whole.index(b"tkhd")
    at = whole.index(level, track)
    path.write_bytes(whole[:at] + quarter_to_the_right + whole[at + len(level) :])
    examined = examine(path, into=tmp_path / "poster.webp")
    assert (examined.facts.width, examined.facts.height) == (120, 160)
    assert examined.poster is not None
    with Image.open(examined.poster) as poster:
        assert poster.size == (120, 160)
        # The yellow square moves along the top; turned, it moves along the right side.
        red = poster.convert("RGB").getchannel("R").point(lambda value: 255 if value > 150 else 0)
        left, top, right, bottom = red.getbbox() or (0, 0, 0, 0)
        assert (left > 60, right > 100) == (True, True)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA"])
def test_pictures_of_every_depth_get_a_poster(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "depth.png"
    Image.new(mode, (64, 64)).save(path)
    assert examine(path, into=tmp_path / "poster.webp").poster is not None


def test_a_grey_of_sixteen_bits_stays_grey(tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    Image.new("I;16", (64, 64), 0x8000).save(path)
    poster = examine(path, into=tmp_path / "poster.webp").poster
    assert poster is not None
    with Image.open(poster) as picture:
        assert picture.convert("L").getextrema() == pytest.approx((128, 128), abs=4)


def test_a_picture_of_print_colours_gets_a_poster(tmp_path: Path) -> None:
    path = tmp_path / "print.jpg"
    Image.new("CMYK", (64, 64)).save(path)
    assert examine(path, into=tmp_path / "poster.webp").poster is not None


def test_a_poster_holds_no_facts_about_where_the_picture_was_taken(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    exif = Image.Exif()
    exif[271] = "Camera maker"
    Image.new("RGB", (600, 600), "green").save(path, exif=exif)
    poster = examine(path, into=tmp_path / "poster.webp").poster
    assert poster is not None
    assert b"Camera maker" not in poster.read_bytes()


def test_transparency_survives_in_the_poster(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(path)
    poster = examine(path, into=tmp_path / "poster.webp").poster
    assert poster is not None
    with Image.open(poster) as picture:
        assert picture.mode == "RGBA"


@pytest.mark.parametrize("part", [0.3, 0.7, 0.9, 0.99])
@pytest.mark.parametrize("ending", ["mp4", "mov", "avi"])
def test_a_truncated_video_is_refused(tmp_path: Path, ending: str, part: float) -> None:
    with pytest.raises(Undecodable):
        inspect(cut(make_video(tmp_path / f"cut.{ending}"), part))


def test_a_truncated_video_whose_index_comes_last_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Undecodable):
        inspect(cut(make_video(tmp_path / "cut.mp4", faststart=False), 0.9))


@pytest.mark.parametrize("ending", ["wav", "m4a"])
def test_a_truncated_recording_is_refused(tmp_path: Path, ending: str) -> None:
    with pytest.raises(Undecodable):
        inspect(cut(make_audio(tmp_path / f"cut.{ending}"), 0.8))


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "webp"])
def test_a_truncated_picture_is_refused(tmp_path: Path, ending: str) -> None:
    with pytest.raises(Undecodable):
        inspect(cut(make_picture(tmp_path / f"cut.{ending}"), 0.6))


def test_a_video_whose_middle_was_overwritten_with_its_length_kept_is_refused(tmp_path: Path) -> None:
    path = make_video(tmp_path / "holes.mp4", audio=False)
    whole = bytearray(path.read_bytes())
    start = whole.index(b"mdat") + 4
    whole[start:] = b"\0" * (len(whole) - start)
    path.write_bytes(whole)
    with pytest.raises(Undecodable):
        inspect(path)


def test_a_picture_that_claims_too_many_pixels_is_refused_before_decoding(tmp_path: Path) -> None:
    with pytest.raises(TooManyPixels) as caught:
        inspect(huge_png(tmp_path / "bomb.png", 60_000, 60_000))
    assert (caught.value.width, caught.value.height) == (60_000, 60_000)


def test_the_limit_on_pixels_is_the_callers(tmp_path: Path) -> None:
    path = make_picture(tmp_path / "small.png", (100, 100))
    assert inspect(path, max_pixels=10_000).width == 100
    with pytest.raises(TooManyPixels):
        inspect(path, max_pixels=9_999)


def test_a_playlist_named_as_a_film_is_never_opened(tmp_path: Path) -> None:
    """FFmpeg would fetch what a playlist names, from disk or from the inner network."""
    path = tmp_path / "evil.mp4"
    path.write_bytes(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n")
    with pytest.raises(Undecodable):
        inspect(path)


def test_a_file_of_another_role_than_expected_is_refused(tmp_path: Path) -> None:
    path = make_picture(tmp_path / "plain.png")
    assert inspect(path, role_hint="image").role == "image"
    with pytest.raises(Undecodable):
        inspect(path, role_hint="video")


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBPVP8 ", b"ID3\4"]
)
def test_a_signature_without_content_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty"
    path.write_bytes(content)
    with pytest.raises(Undecodable):
        inspect(path)


def test_noise_behind_a_signature_ends_as_undecodable(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 400
    for start in (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0AVI "):
        path = tmp_path / "noise"
        path.write_bytes(start + noise)
        with pytest.raises(Undecodable):
            inspect(path)


def test_the_child_knows_no_secret_of_the_portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes the decoder over must not find the vault's keys in its environment."""
    seen = tmp_path / "environment"
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\nenv > {seen}\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(fake))
    monkeypatch.setenv("VAULT_KEYS", "very-secret")
    with pytest.raises(Undecodable):
        inspect(make_picture(tmp_path / "plain.png"))
    assert "PATH=" in seen.read_text()
    assert "very-secret" not in seen.read_text()


def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "pid"
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\necho $$ > {mark}\nexec sleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(fake))
    monkeypatch.setattr("tasks.media.examiner.WALL_SECONDS", 1)
    with pytest.raises(Undecodable):
        inspect(make_picture(tmp_path / "plain.png"))
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)
