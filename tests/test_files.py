"""Serving kept files: validators, headers, who may see them, and readers that stall."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from tasks.commands.library.blobs import keep_file
from tasks.models import Blob, CatalogEntry, Credential, Membership, Output, Submission, Task, Upload
from tasks.views.http import serving
from tasks.views.http.ranges import OPEN_END_BYTES, Part
from tests.parts import Parts, wait_until
from tests.people import browser_of, make_member, make_workspace

SIZE = 3 * 1024 * 1024 + 77
CONTENT = bytes(number * 7 % 251 for number in range(SIZE))
TAG = '"' + hashlib.sha256(CONTENT).hexdigest() + '"'


def make_blob(
    member: Membership, folder: Path, content: bytes = CONTENT, media_type: str = "video/mp4"
) -> Blob:
    path = folder / uuid4().hex
    path.write_bytes(content)
    return keep_file(workspace=member.workspace, source=path, media_type=media_type)


def make_upload(member: Membership, blob: Blob, **facts: Any) -> Upload:
    given = {"name": "Spring film.mp4", "role": "video", "format": "mp4", **facts}
    return Upload.objects.create(workspace=member.workspace, owner=member.user, blob=blob, **given)


def make_output(member: Membership, blob: Blob | None, title: str, **facts: Any) -> Output:
    credential = Credential.objects.create(
        workspace=member.workspace,
        name="Main",
        service="sandbox",
        uid=uuid4().hex,
        encrypted_key=b"",
        last_four="0000",
    )
    task = Task.objects.create(
        workspace=member.workspace, owner=member.user, credential=credential, kind="any", title=title
    )
    submission = Submission.objects.create(workspace=member.workspace, task=task, step="make")
    return Output.objects.create(
        workspace=member.workspace,
        task=task,
        submission=submission,
        role="video",
        identity="0",
        blob=blob,
        format="mp4",
        **facts,
    )


@pytest.fixture
def member(db: None) -> Membership:
    return make_member(make_workspace())


@pytest.fixture
def address(member: Membership, tmp_path: Path) -> str:
    """The address of an uploaded film."""
    return reverse("upload-file", args=[make_upload(member, make_blob(member, tmp_path)).pk])


@pytest.fixture
def browser(member: Membership) -> Client:
    return browser_of(member)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


# --- Answers ---------------------------------------------------------------------------------------------


def test_without_a_range_the_whole_file_streams(browser: Client, address: str) -> None:
    answer = browser.get(address)
    assert (answer.status_code, answer.streaming) == (200, True)
    assert body(answer) == CONTENT
    assert answer.headers["Content-Length"] == str(SIZE)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"] == TAG


@pytest.mark.parametrize(("first", "last"), [(0, 0), (100, 4095), (SIZE - 10, SIZE - 1), (17, SIZE - 3)])
def test_a_part_is_exactly_that_part(browser: Client, address: str, first: int, last: int) -> None:
    answer = browser.get(address, headers={"range": f"bytes={first}-{last}"})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["Content-Length"] == str(last - first + 1)
    assert body(answer) == CONTENT[first : last + 1]


@pytest.mark.parametrize("player", ["video", "audio"])
def test_a_player_that_follows_open_ends_gets_the_whole_film(
    browser: Client, address: str, player: str
) -> None:
    seen = b""
    while len(seen) < SIZE:
        asked = {"range": f"bytes={len(seen)}-", "sec-fetch-dest": player}
        answer = browser.get(address, headers=asked)
        assert answer.status_code == 206
        piece = body(answer)
        assert 0 < len(piece) <= OPEN_END_BYTES
        assert answer.headers["Content-Range"] == f"bytes {len(seen)}-{len(seen) + len(piece) - 1}/{SIZE}"
        seen += piece
    assert seen == CONTENT


@pytest.mark.parametrize(
    ("query", "asker"),
    [({}, ""), ({}, "document"), ({}, "empty"), ({}, "image"), ({"download": "1"}, "video")],
)
def test_everybody_but_a_player_gets_all_of_an_open_end(
    browser: Client, address: str, query: dict[str, str], asker: str
) -> None:
    answer = browser.get(address, query, headers={"range": "bytes=5-", "sec-fetch-dest": asker})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes 5-{SIZE - 1}/{SIZE}"
    assert body(answer) == CONTENT[5:]


def test_a_range_behind_the_end_is_answered_with_the_size(browser: Client, address: str) -> None:
    answer = browser.get(address, headers={"range": f"bytes={SIZE}-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


def test_head_tells_the_same_without_bytes(browser: Client, address: str) -> None:
    answer = browser.head(address, headers={"range": "bytes=0-5"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(SIZE)
    assert answer.headers["ETag"] == TAG


@pytest.mark.parametrize("header", [TAG, f"W/{TAG}", f'"other", {TAG}', "*"])
def test_a_browser_that_has_it_gets_304(browser: Client, address: str, header: str) -> None:
    answer = browser.get(address, headers={"if-none-match": header})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == TAG


def test_a_browser_that_has_something_else_gets_the_bytes(browser: Client, address: str) -> None:
    answer = browser.get(address, headers={"if-none-match": '"other"'})
    assert answer.status_code == 200
    answer.close()


@pytest.mark.parametrize(
    ("validator", "status"),
    [(TAG, 206), ('"other"', 200), (f"W/{TAG}", 200), ("Sun, 22 Nov 2026 10:00:00 GMT", 200)],
)
def test_a_download_is_resumed_only_on_the_same_bytes(
    browser: Client, address: str, validator: str, status: int
) -> None:
    answer = browser.get(address, headers={"range": "bytes=5-9", "if-range": validator})
    assert answer.status_code == status
    assert len(body(answer)) == (5 if status == 206 else SIZE)


def test_a_film_is_shown_inline_and_can_run_nothing(browser: Client, address: str) -> None:
    answer = browser.get(address)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Disposition"] == 'inline; filename="Spring film.mp4"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy and "script-src" not in policy
    assert answer.headers["Cache-Control"].startswith("private")
    answer.close()


def test_a_download_is_offered_as_a_file(browser: Client, address: str) -> None:
    answer = browser.get(address, {"download": "1"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Spring film.mp4"'
    answer.close()


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/pdf", "text/plain"])
def test_what_is_no_known_medium_is_never_shown(
    browser: Client, member: Membership, tmp_path: Path, media_type: str
) -> None:
    blob = make_blob(member, tmp_path, b"<script>alert(1)</script>", media_type)
    answer = browser.get(reverse("upload-file", args=[make_upload(member, blob, name="a.html").pk]))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    answer.close()


def test_a_name_in_another_script_travels_as_rfc_5987_says(
    browser: Client, member: Membership, tmp_path: Path
) -> None:
    upload = make_upload(member, make_blob(member, tmp_path, b"x"), name='春 "quoted".mp4')
    answer = browser.get(reverse("upload-file", args=[upload.pk]))
    offered = answer.headers["Content-Disposition"]
    # No quote as such, for which browsers write %22 or an underscore.
    assert offered == "inline; filename=\"'quoted'.mp4\"; filename*=utf-8''%E6%98%A5%20%27quoted%27.mp4"
    answer.close()


def test_an_empty_file_is_an_empty_answer(browser: Client, member: Membership, tmp_path: Path) -> None:
    upload = make_upload(member, make_blob(member, tmp_path, b""))
    answer = browser.get(reverse("upload-file", args=[upload.pk]))
    assert (answer.status_code, body(answer)) == (200, b"")


def test_bytes_that_are_gone_are_not_found(browser: Client, member: Membership, tmp_path: Path) -> None:
    blob = make_blob(member, tmp_path, b"gone")
    default_storage.delete(str(blob.file.name))
    assert browser.get(reverse("upload-file", args=[make_upload(member, blob).pk])).status_code == 404


def test_the_front_server_sends_the_bytes_where_it_is_told_to(
    browser: Client, address: str, settings: Any
) -> None:
    settings.X_ACCEL_PREFIX = "/protected/"
    answer = browser.get(address, headers={"range": "bytes=0-9"})
    blob = Blob.objects.get()
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["X-Accel-Redirect"] == f"/protected/{blob.file.name}"
    assert answer.headers["Content-Type"] == "video/mp4"


# --- Which bytes, and for whom ---------------------------------------------------------------------------


def test_an_output_is_named_after_its_task(browser: Client, member: Membership, tmp_path: Path) -> None:
    blob = make_blob(member, tmp_path, b"film")
    first = make_output(member, blob, "Spring sale: -20%!")
    second = make_output(member, blob, "春季 促销", position=1)
    names = [
        browser.get(reverse("output-file", args=[one.pk]), {"download": "1"}).headers["Content-Disposition"]
        for one in (first, second)
    ]
    assert names[0] == 'attachment; filename="spring-sale-20.mp4"'
    assert (
        names[1]
        == "attachment; filename=\"file.mp4\"; filename*=utf-8''%E6%98%A5%E5%AD%A3-%E4%BF%83%E9%94%80-2.mp4"
    )


def test_an_output_that_is_not_saved_is_not_found(browser: Client, member: Membership) -> None:
    output = make_output(member, None, "Soon")
    assert browser.get(reverse("output-file", args=[output.pk])).status_code == 404
    assert browser.get(reverse("output-poster", args=[output.pk, "0" * 12])).status_code == 404


def test_a_poster_is_shown_again_only_after_the_portal_was_asked(
    browser: Client, member: Membership, tmp_path: Path
) -> None:
    poster = make_blob(member, tmp_path, b"poster", "image/webp")
    upload = make_upload(member, make_blob(member, tmp_path, b"film"), poster=poster)
    answer = browser.get(reverse("upload-poster", args=[upload.pk, poster.sha256[:12]]))
    assert body(answer) == b"poster"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    known = {"if-none-match": answer.headers["ETag"]}
    assert browser.get(answer.request["PATH_INFO"], headers=known).status_code == 304
    assert browser.get(reverse("upload-poster", args=[upload.pk, "0" * 12])).status_code == 404


def make_entry(member: Membership, tmp_path: Path) -> CatalogEntry:
    credential = Credential.objects.create(
        workspace=member.workspace,
        name="Main",
        service="sandbox",
        uid="u",
        encrypted_key=b"",
        last_four="0000",
    )
    return CatalogEntry.objects.create(
        workspace=member.workspace,
        credential=credential,
        catalog="avatars",
        remote_id="a1",
        name="Ann",
        picture=make_blob(member, tmp_path, b"picture", "image/webp"),
        sample=make_blob(member, tmp_path, b"sample", "audio/mpeg"),
        clip=make_blob(member, tmp_path, b"clip", "video/mp4"),
    )


@pytest.mark.parametrize("medium", ["picture", "sample", "clip"])
def test_catalog_media_are_served_by_us(
    browser: Client, member: Membership, tmp_path: Path, medium: str
) -> None:
    entry = make_entry(member, tmp_path)
    blob: Blob = getattr(entry, medium)
    answer = browser.get(reverse(f"catalog-{medium}", args=[entry.pk, blob.sha256[:12]]))
    assert body(answer) == medium.encode()
    assert answer.headers["Content-Type"] == blob.media_type


def every_address(member: Membership, tmp_path: Path) -> Iterator[str]:
    film, poster = make_blob(member, tmp_path, b"film"), make_blob(member, tmp_path, b"poster", "image/webp")
    upload, output = make_upload(member, film, poster=poster), make_output(member, film, "T", poster=poster)
    entry, digest = make_entry(member, tmp_path), poster.sha256[:12]
    yield reverse("upload-file", args=[upload.pk])
    yield reverse("upload-poster", args=[upload.pk, digest])
    yield reverse("output-file", args=[output.pk])
    yield reverse("output-poster", args=[output.pk, digest])
    for medium in ("picture", "sample", "clip"):
        yield reverse(f"catalog-{medium}", args=[entry.pk, getattr(entry, medium).sha256[:12]])


def test_nobody_sees_another_workspaces_files(member: Membership, tmp_path: Path) -> None:
    stranger = browser_of(make_member(make_workspace("Other")))
    nobody = Client()
    for address in every_address(member, tmp_path):
        assert browser_of(member).get(address).status_code == 200
        assert stranger.get(address).status_code == 404
        assert nobody.get(address).status_code == 302
        assert browser_of(member).post(address).status_code == 405


# --- Over real sockets -----------------------------------------------------------------------------------


def test_a_reader_that_takes_nothing_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "film"
    path.write_bytes(bytes(20 * 1024 * 1024))
    near, far = socket.socketpair()
    with near, far, path.open("rb") as file:
        body = serving.Slice(file, Part(0, 20 * 1024 * 1024), near, stall=0.3)
        with pytest.raises((ConnectionResetError, TimeoutError)):
            for chunk in body:
                near.sendall(chunk)
        body.close()
        assert file.closed


def test_a_file_of_this_machine_is_left_to_the_kernel_to_send(browser: Client, address: str) -> None:
    """A web server with `sendfile` begins where the file stands, and ends with the Content-Length."""
    answer = browser.get(address, headers={"Range": "bytes=7-30"})
    file = answer.file_to_stream  # type: ignore[attr-defined]  # as Django's FileResponse says it
    assert os.lseek(file.fileno(), 0, os.SEEK_CUR) == 7
    sent = (int(answer["Content-Length"]), file.read(100), file.read(100))
    assert sent == (24, CONTENT[7:31], b"")
    answer.close()


def test_a_file_shorter_than_its_row_breaks_the_connection(tmp_path: Path) -> None:
    """A short answer under a longer Content-Length would leave the browser waiting."""
    path = tmp_path / "film"
    path.write_bytes(b"short")
    with path.open("rb") as file, pytest.raises(ConnectionResetError):
        list(serving.Slice(file, Part(0, 100), None, stall=1))


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[Parts]:
    """The web server with the settings of production."""
    parts = Parts(tmp_path / "parts")
    start_server(parts)
    yield parts
    parts.end()


def start_server(parts: Parts, **variables: str) -> None:
    """Start the web server as production does and wait for it."""
    bind = ("--bind", f"127.0.0.1:{parts.web_port}")
    parts.start_program("web", "-m", "gunicorn", "-c", "python:topview_portal.server", *bind, **variables)
    wait_until(lambda: is_open(parts.web_port), what="the web server")


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def raw_get(port: int, address: str, cookie: str, range_: str, *, buffer: int | None = None) -> socket.socket:
    """Send a GET as a player does and read nothing; a small `buffer` makes the server feel it soon."""
    connection = socket.socket()
    if buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", port))
    lines = [
        f"GET {address} HTTP/1.1",
        f"Host: localhost:{port}",
        f"Cookie: {cookie}",
        f"Range: {range_}",
        "Sec-Fetch-Dest: video",
        "",
        "",
    ]
    connection.sendall("\r\n".join(lines).encode())
    return connection


def read_answer(connection: socket.socket) -> tuple[int, bytes]:
    with connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        length = 0
        while (line := stream.readline()) not in (b"\r\n", b""):
            if found := re.fullmatch(rb"content-length: (\d+)\r\n", line, re.IGNORECASE):
                length = int(found[1])
        return status, stream.read(length)


@pytest.mark.proof
def test_twenty_stalled_players_stop_nobody(web: Parts, tmp_path: Path) -> None:
    member = make_member(make_workspace())
    browser = browser_of(member)
    address = reverse("upload-file", args=[make_upload(member, make_blob(member, tmp_path)).pk])
    cookie = f"sessionid={browser.cookies['sessionid'].value}"
    stalled = [raw_get(web.web_port, address, cookie, "bytes=0-", buffer=4096) for _ in range(20)]
    try:
        time.sleep(0.5)
        for first in (0, 1_000_000):
            with raw_get(web.web_port, address, cookie, f"bytes={first}-{first + 9}") as quick:
                assert read_answer(quick) == (206, CONTENT[first : first + 10])
        # Each on a connection of its own, so that both processes of the server are met.
        for page in [reverse("health-ready"), reverse("task-list")] * 8:
            with raw_get(web.web_port, page, cookie, "bytes=0-") as quick:
                assert read_answer(quick)[0] == 200
        # One of them wakes up and finds all that it was promised.
        assert read_answer(stalled[7]) == (206, CONTENT[:OPEN_END_BYTES])
    finally:
        for connection in stalled:
            connection.close()


def test_a_whole_file_arrives_through_the_real_server(web: Parts, tmp_path: Path) -> None:
    member = make_member(make_workspace())
    address = reverse("upload-file", args=[make_upload(member, make_blob(member, tmp_path)).pk])
    cookie = f"sessionid={browser_of(member).cookies['sessionid'].value}"
    request = urllib.request.Request(
        f"http://localhost:{web.web_port}{address}?download=1", headers={"Cookie": cookie}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert hashlib.sha256(answer.read()).hexdigest() == TAG.strip('"')
        assert answer.headers["ETag"] == TAG
