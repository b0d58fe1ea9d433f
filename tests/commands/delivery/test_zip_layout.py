"""Archives made in parts, judged by programs that read them whole."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tasks.commands.delivery.zip_layout import Entry, FilePart, ZipLayout

AT = datetime(2026, 3, 5, 14, 7, 42, tzinfo=UTC)
NAMES = ["manifest.json", "口红广告-v2-zh-9x16.mp4", "إعلان-v1.mp4", "🎬-v3.mp4", "naïve é.txt"]
GIB = 1024**3


def filled(contents: dict[str, bytes]) -> ZipLayout:
    return ZipLayout([Entry(name, len(data), zlib.crc32(data)) for name, data in contents.items()], AT)


def made(layout: ZipLayout, files: list[bytes], start: int, stop: int) -> bytes:
    parts = layout.parts(start, stop)
    return b"".join(
        files[part.index][part.start : part.stop] if isinstance(part, FilePart) else part for part in parts
    )


def test_every_part_is_equal_to_that_of_the_whole() -> None:
    dice = random.Random(11)
    contents = {name: dice.randbytes(dice.randrange(3_000)) for name in NAMES} | {"empty": b""}
    layout, files = filled(contents), list(contents.values())
    whole = made(layout, files, 0, layout.size)
    assert len(whole) == layout.size
    for _round in range(400):
        start, stop = sorted(dice.choices(range(layout.size + 1), k=2))
        assert made(layout, files, start, stop) == whole[start:stop]
    for start in range(layout.size):
        assert made(layout, files, start, start + 1) == whole[start : start + 1]


@given(
    some.dictionaries(some.text(min_size=1, max_size=20).filter(str.isprintable), some.binary(), max_size=8)
)
def test_an_archive_holds_what_was_put_in(contents: dict[str, bytes]) -> None:
    contents = {name.replace("/", "-"): data for name, data in contents.items()}
    layout = filled(contents)
    with zipfile.ZipFile(io.BytesIO(made(layout, list(contents.values()), 0, layout.size))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == contents
        assert all(one.date_time == (2026, 3, 5, 14, 7, 42) for one in archive.infolist())
        assert all(one.extract_version == 20 and not one.extra for one in archive.infolist())


def test_unzip_finds_an_archive_whole_and_its_names_as_they_are(tmp_path: Path) -> None:
    contents = {name: os.urandom(700) for name in NAMES}
    layout = filled(contents)
    path = tmp_path / "delivery.zip"
    path.write_bytes(made(layout, list(contents.values()), 0, layout.size))
    unzip(path, "-t")
    unzip(path, "-q", "-d", str(tmp_path / "out"))
    assert {one.name: one.read_bytes() for one in (tmp_path / "out").iterdir()} == contents


def unzip(path: Path, *options: str) -> str:
    if not shutil.which("unzip"):
        if os.environ.get("CI"):
            pytest.fail("no unzip found: this test may not be skipped in CI", pytrace=False)
        pytest.skip("no unzip found")
    command = ["unzip", *options[:1], str(path), *options[1:]]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def sparse(path: Path, entries: list[Entry], small: dict[str, bytes]) -> ZipLayout:
    """Written so that only what is not of large files takes room: those are holes."""
    layout = ZipLayout(entries, AT)
    with path.open("wb") as file:
        for part in layout.parts(0, layout.size):
            if isinstance(part, bytes):
                file.write(part)
            elif data := small.get(entries[part.index].name):
                file.write(data[part.start : part.stop])
            else:
                file.seek(part.stop - part.start, os.SEEK_CUR)
    assert path.stat().st_size == layout.size
    return layout


def test_what_stands_behind_a_film_of_more_than_4_gib_is_found(tmp_path: Path) -> None:
    last = b"what comes after"
    # The CRC of the film is not asked for: reading so many zeros takes long.
    entries = [Entry("电影.mp4", 4 * GIB + 17, 0), Entry("after.txt", len(last), zlib.crc32(last))]
    path = tmp_path / "large.zip"
    sparse(path, entries, {"after.txt": last})
    with zipfile.ZipFile(path) as archive:
        assert [(one.filename, one.file_size) for one in archive.infolist()] == [
            (one.name, one.size) for one in entries
        ]
        assert archive.read("after.txt") == last
        film, after = archive.infolist()
        assert (film.extract_version, after.extract_version) == (45, 45)
    assert unzip(path, "-p", "after.txt") == last.decode()


@pytest.mark.parametrize(("size", "is_large"), [(0xFFFF_FFFE, False), (0xFFFF_FFFF, True)])
def test_a_large_number_needs_zip64_and_the_one_before_it_does_not(
    size: int, *, is_large: bool, tmp_path: Path
) -> None:
    path = tmp_path / "edge.zip"
    sparse(path, [Entry("film.mp4", size, 0)], {})
    with zipfile.ZipFile(path) as archive:
        (film,) = archive.infolist()
        assert film.file_size == size
        assert bool(film.extra) is is_large
    # The directory begins behind the film in both, which the end of the archive can say only so.
    with path.open("rb") as file:
        file.seek(-200, os.SEEK_END)
        assert b"PK\x06\x06" in file.read()


def test_an_archive_of_many_thousand_files_says_how_many() -> None:
    names = [f"{number:05}.txt" for number in range(65_536)]
    layout = ZipLayout([Entry(name, 0, 0) for name in names], AT)
    whole = made(layout, [b""] * len(names), 0, layout.size)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.namelist() == names


def test_a_part_near_the_end_asks_for_nothing_before_it() -> None:
    entries = [Entry(f"{number}.mp4", 5 * GIB, number) for number in range(300)]
    layout = ZipLayout(entries, AT)
    asked = [part for part in layout.parts(layout.size - 400_000, layout.size) if isinstance(part, FilePart)]
    assert [part.index for part in asked] == [299]
    assert sum(part.stop - part.start for part in asked) < 400_000
