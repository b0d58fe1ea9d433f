"""What a file is, from its first and last bytes."""

from pathlib import Path

import pytest

from tasks.kinds.base.limits import UPLOAD_LIMITS
from tasks.media import FORMATS, describe, hidden_content, sniff
from tasks.media.conversion import ON_ARRIVAL
from tests.media.samples import make_audio, make_picture, make_video

MADE = {"image": make_picture, "video": make_video, "audio": make_audio}


@pytest.mark.parametrize(
    ("ending", "role"),
    [
        *[(ending, "image") for ending in ("png", "jpg", "bmp", "webp", "gif", "avif", "tiff")],
        *[(ending, "video") for ending in ("mp4", "mov", "avi")],
        *[(ending, "audio") for ending in ("mp3", "wav", "m4a")],
    ],
)
def test_a_real_file_is_known_by_its_bytes(tmp_path: Path, ending: str, role: str) -> None:
    path = MADE[role](tmp_path / f"sample.{ending}")  # type: ignore[operator]
    known = sniff(path.read_bytes()[:4096])
    assert known is not None
    assert (known.name, known.role) == (ending, role)
    assert hidden_content(path) == ""


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x18ftypavc1\0\0\0\0mp42isom", "mp4"),
        (b"\0\0\0\x18ftypdash\0\0\0\0iso6", "mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\2\0qt  ", "mov"),
        (b"\0\0\0\x08wide\0\0\x10\0mdat", "mov"),
        (b"\xff\xf3\x40\xc4\0\x0f\0\0", "mp3"),
        (b"\xff\xfb\x90\x64\0\x0f\0\0", "mp3"),
        (b"\xff\xf1\x50\x40\x16\xff\xfc\xde", "aac"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "avif"),
        (b"\0\0\0\x1cftyp3gp4\0\0\2\0", "3gp"),
        (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\1B\x82\x84webm", "webm"),
        (b"\x1a\x45\xdf\xa3\xa3B\x86\x81\1B\x82\x88matroska", "mkv"),
        (b"OggS\0\2", "ogg"),
        (b"fLaC\0\0", "flac"),
        (b"FORM\0\0\1\0AIFFCOMM", "aiff"),
        (b"II*\0\x08\0\0\0", "tiff"),
    ],
)
def test_first_bytes_of_other_writers_are_known(head: bytes, name: str) -> None:
    known = sniff(head)
    assert known is not None
    assert known.name == name


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"<!DOCTYPE html><html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"#EXTM3U\n#EXT-X-VERSION:3\n",
        b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
        b"BMW drives fast, and this is only a sentence",
        b"RIFF\0\0\0\0CDDA",
        b"\xff\xff\xff\xff",
        b"MZ\x90\0",
    ],
)
def test_what_is_no_accepted_format_is_not_known(head: bytes) -> None:
    assert sniff(head) is None


@pytest.mark.parametrize(
    ("head", "word"),
    [(b"<!DOCTYPE html><html>", "HTML"), (b"%PDF-1.7\n", "PDF"), (b"\1\2\3\4 nothing", "")],
)
def test_unknown_content_is_named_when_somebody_knows_it(head: bytes, word: str) -> None:
    assert describe(head) == word


@pytest.mark.parametrize(
    ("extra", "word"),
    [
        (b"<script>alert(1)</script>", "HTML"),
        (b"<!DocType HTML><p>", "HTML"),
        (b"PK\x05\x06" + b"\0" * 18, "ZIP"),
        (b"PK\x05\x06" + b"\0" * 16 + b"\x05\0hello", "ZIP"),
        (b"PK\x05\x06" + b"\0" * 16 + b"\x05\0hello, and more", ""),
    ],
)
def test_a_second_nature_behind_a_picture_is_found(tmp_path: Path, extra: bytes, word: str) -> None:
    path = make_picture(tmp_path / "two.png")
    path.write_bytes(path.read_bytes() + extra)
    assert hidden_content(path) == word


def test_what_no_field_takes_is_converted_on_arrival_to_what_one_does() -> None:
    taken = {name for limits in UPLOAD_LIMITS.values() for name in limits.formats}
    assert set(FORMATS) - taken == set(ON_ARRIVAL)
    assert set(ON_ARRIVAL.values()) <= taken
