"""Packages through the real server: cut ten times and resumed, and with a file that vanishes."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.urls import reverse

from tasks.models import Membership, Package, Version
from tests.cutting import cutting_proxy
from tests.delivering import approved_version, bytes_of, package_of
from tests.object_store import BUCKET, KEY, SECRET, moto_store, storages_at
from tests.parts import Parts, descendants
from tests.people import browser_of, make_blob, make_mark, make_rita, make_workspace
from tests.reviewing import make_version
from tests.test_downloads import cookie_of, curl, run_tool
from tests.test_files import start_server

# Together a little more than ten times what goes through before a cut.
FILM = 700_000
CUT = 350_000


@pytest.fixture
def rita(transactional_db: None) -> Membership:
    return make_rita(make_workspace())


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[Parts]:
    """The web server with the settings of production."""
    parts = Parts(tmp_path / "parts")
    start_server(parts)
    yield parts
    parts.end()


def films_of(rita: Membership, count: int = 6) -> list[Version]:
    mark, dice = make_mark(rita.workspace), random.Random(4)
    return [
        approved_version(
            mark,
            rita,
            title=f"口红 {number}",
            blob=make_blob(rita.workspace, dice.randbytes(FILM + number), "video/mp4"),
        )
        for number in range(count)
    ]


def address(package: Package) -> str:
    return reverse("package-file", args=[package.pk, package.name])


def fetch_in_pieces(web: Parts, rita: Membership, package: Package, into: Path) -> int:
    """How often curl was cut before it had all."""
    cookie, cuts = cookie_of(browser_of(rita)), 0
    while True:
        with cutting_proxy(web.web_port, after=CUT) as proxy:
            command = curl(f"http://127.0.0.1:{proxy.port}{address(package)}", cookie, into)
            if run_tool(command) == 0:
                return cuts
        cuts += 1
        assert cuts < 40, "it goes on"


def test_a_package_that_is_cut_ten_times_and_resumed_is_the_same_as_in_one_run(
    web: Parts, rita: Membership, tmp_path: Path
) -> None:
    package, into = package_of(rita, *films_of(rita)), tmp_path / "cut.zip"
    assert fetch_in_pieces(web, rita, package, into) >= 10
    assert into.read_bytes() == bytes_of(package)
    subprocess.run(["unzip", "-q", "-d", str(tmp_path / "out"), str(into)], check=True, timeout=60)
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=tmp_path / "out", check=True, timeout=60)


def test_a_package_from_an_object_store_is_resumed_too(
    transactional_db: None, tmp_path: Path, settings: Any
) -> None:
    parts = Parts(tmp_path / "parts")
    with moto_store() as endpoint:
        settings.STORAGES = {**settings.STORAGES, "default": storages_at(endpoint)}
        storages._storages = {}  # type: ignore[attr-defined]  # else the old one is kept
        where = {"S3_BUCKET": BUCKET, "S3_ENDPOINT": endpoint}
        start_server(parts, **where, S3_ACCESS_KEY=KEY, S3_SECRET_KEY=SECRET)
        try:
            rita = make_rita(make_workspace())
            package, into = package_of(rita, *films_of(rita, 2)), tmp_path / "cut.zip"
            assert fetch_in_pieces(parts, rita, package, into) >= 2
            with zipfile.ZipFile(into) as archive:
                assert archive.testzip() is None
        finally:
            parts.end()


def test_a_file_that_vanishes_midway_closes_the_connection(
    web: Parts, rita: Membership, tmp_path: Path
) -> None:
    films = films_of(rita, 3)
    package = package_of(rita, *films)
    # As they stand in the archive: by title.
    Path(films[-1].blob.file.path).unlink()
    into = tmp_path / "broken.zip"
    command = curl(f"http://127.0.0.1:{web.web_port}{address(package)}", cookie_of(browser_of(rita)), into)
    assert run_tool(command) != 0, "curl knows that it is not whole"
    assert 2 * FILM < into.stat().st_size < package.size
    assert not zipfile.is_zipfile(into)


def test_the_parts_of_a_download_come_over_one_connection(web: Parts, rita: Membership) -> None:
    package = package_of(rita, *films_of(rita, 1))
    whole, cookie = bytes_of(package), cookie_of(browser_of(rita))
    with socket.create_connection(("127.0.0.1", web.web_port), timeout=20) as connection:
        file = connection.makefile("rb")
        for start, stop in ((0, 99), (FILM, FILM + 50), (package.size - 30, package.size - 1)):
            lines = [f"GET {address(package)} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookie}"]
            request = "\r\n".join([*lines, f"Range: bytes={start}-{stop}", "", ""])
            connection.sendall(request.encode())
            assert b" 206 " in file.readline()
            while file.readline().strip():
                pass
            assert file.read(stop - start + 1) == whole[start : stop + 1]


def test_a_package_of_1_gb_takes_hardly_any_memory(web: Parts, rita: Membership, tmp_path: Path) -> None:
    mark, film = make_mark(rita.workspace), make_blob(rita.workspace, b"film", "video/mp4")
    # Of nothing but a hole, which takes no room here either.
    os.truncate(film.file.path, 50 * 1024 * 1024)
    film.size = 50 * 1024 * 1024
    film.save()
    package = package_of(rita, *(make_version(mark, blob=film) for _ in range(20)), only_approved=False)
    cookie = cookie_of(browser_of(rita))
    url = f"http://127.0.0.1:{web.web_port}{address(package)}"
    fetch = ["curl", "--silent", "--cookie", cookie, "-w", "%{size_download}", "-o", "/dev/null"]
    subprocess.run([*fetch, "-r", "0-99", url], check=True, capture_output=True, timeout=60)
    before = memory_of(web)
    done = subprocess.run([*fetch, url], check=True, capture_output=True, text=True, timeout=120)
    assert int(done.stdout) == package.size > 1_000_000_000
    assert memory_of(web) - before < 64 * 1024


def memory_of(web: Parts) -> int:
    """What the server's processes have had at most, together, in KiB."""
    peaks = (Path(f"/proc/{pid}/status").read_text() for pid in descendants(web.processes["web"].pid))
    return sum(
        int(line.split()[1]) for text in peaks for line in text.splitlines() if line.startswith("VmHWM")
    )
