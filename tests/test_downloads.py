"""Downloads as people make them: cut and resumed, many at a time, through the real server and browser."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from gunicorn.workers.gthread import DEFAULT_WORKER_DATA_TIMEOUT  # type: ignore[import-untyped]  # no types

from tasks import concurrency
from tasks.models import Membership, Upload
from tasks.views.http import serving
from tasks.views.http.ranges import Part
from tests.browser import Watch
from tests.cutting import cutting_proxy
from tests.object_store import BUCKET, KEY, SECRET, moto_store, storages_at
from tests.parts import Parts
from tests.people import browser_of, make_member, make_workspace
from tests.test_files import make_blob, make_upload, read_answer, start_server

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Longer than what a player gets at once, before and after the cut.
FILM = random.Random(8).randbytes(9 * 1024 * 1024 + 13)
CUT = 3 * 1024 * 1024


def film_of(member: Membership, folder: Path) -> Upload:
    return make_upload(member, make_blob(member, folder, FILM))


def cookie_of(client: Client) -> str:
    return f"sessionid={client.cookies['sessionid'].value}"


@pytest.fixture
def member(transactional_db: None) -> Membership:
    return make_member(make_workspace())


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[Parts]:
    """The web server with the settings of production."""
    parts = Parts(tmp_path / "parts")
    start_server(parts)
    yield parts
    parts.end()


@pytest.fixture
def web_with_store(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Parts]:
    """The same, with its files in an object store."""
    parts = Parts(tmp_path / "parts")
    with moto_store() as endpoint:
        settings.STORAGES = {**settings.STORAGES, "default": storages_at(endpoint)}
        storages._storages = {}  # type: ignore[attr-defined]  # else the old one is kept
        where = {"S3_BUCKET": BUCKET, "S3_ENDPOINT": endpoint}
        start_server(parts, **where, S3_ACCESS_KEY=KEY, S3_SECRET_KEY=SECRET)
        yield parts
        parts.end()


# --- Resumed ---------------------------------------------------------------------------------------------


def curl(url: str, cookie: str, into: Path) -> list[str]:
    return ["curl", "--silent", "--show-error", "-C", "-", "--cookie", cookie, "-o", str(into), url]


def wget(url: str, cookie: str, into: Path) -> list[str]:
    one = ["wget", "-c", "--tries=1", "--no-verbose", "--no-proxy"]
    return [*one, f"--header=Cookie: {cookie}", "-O", str(into), url]


def run_tool(command: list[str]) -> int:
    """Its exit code. Where the tool is missing the test is skipped, but never where CI runs it."""
    if not shutil.which(command[0]):
        if os.environ.get("CI"):
            pytest.fail(f"no {command[0]} found: this test may not be skipped in CI", pytrace=False)
        pytest.skip(f"no {command[0]} found")
    done = subprocess.run(
        command, check=False, capture_output=True, timeout=60, env={**os.environ, "no_proxy": "*"}
    )
    return done.returncode


def resume_through_a_cut(
    web: Parts, member: Membership, tmp_path: Path, tool: Callable[[str, str, Path], list[str]]
) -> None:
    address = reverse("upload-file", args=[film_of(member, tmp_path).pk]) + "?download=1"
    cookie, into = cookie_of(browser_of(member)), tmp_path / "film.mp4"
    with cutting_proxy(web.web_port, after=CUT) as proxy:
        command = tool(f"http://127.0.0.1:{proxy.port}{address}", cookie, into)
        assert run_tool(command) != 0, "the cut is noticed"
        assert 0 < into.stat().st_size < len(FILM)
        assert run_tool(command) == 0
    assert hashlib.sha256(into.read_bytes()).digest() == hashlib.sha256(FILM).digest()


@pytest.mark.parametrize("tool", [curl, wget])
def test_a_cut_download_is_resumed_to_its_end(
    web: Parts, member: Membership, tmp_path: Path, tool: Callable[[str, str, Path], list[str]]
) -> None:
    resume_through_a_cut(web, member, tmp_path, tool)


def test_a_cut_download_from_an_object_store_is_resumed_to_its_end(
    web_with_store: Parts, member: Membership, tmp_path: Path
) -> None:
    resume_through_a_cut(web_with_store, member, tmp_path, curl)


@pytest.mark.browser
def test_a_browser_resumes_a_download_that_was_cut(
    web: Parts, member: Membership, tmp_path: Path, page: Page, watch: Watch
) -> None:
    address = reverse("upload-file", args=[film_of(member, tmp_path).pk])
    session = browser_of(member).cookies["sessionid"].value
    with cutting_proxy(web.web_port, after=CUT) as proxy:
        here = f"http://localhost:{proxy.port}"
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": here}])
        watch.allowed.append("favicon.ico")
        page.goto(f"{here}{reverse('health-live')}")
        page.evaluate(
            "url => { const a = Object.assign(document.createElement('a'), { href: url, download: '' });"
            "document.body.append(a); a.setAttribute('id', 'film'); a.textContent = 'Film'; }",
            f"{address}?download=1",
        )
        with page.expect_download() as caught:
            page.click("#film")
        kept = Path(caught.value.path())
        assert proxy.cuts_left <= 0, "the connection was cut"
    assert hashlib.sha256(kept.read_bytes()).digest() == hashlib.sha256(FILM).digest()


# --- How many at a time ----------------------------------------------------------------------------------


@pytest.fixture
def address(member: Membership, tmp_path: Path) -> str:
    return reverse("upload-file", args=[film_of(member, tmp_path).pk])


def test_a_person_has_four_downloads_at_a_time(member: Membership, address: str) -> None:
    browser = browser_of(member)
    under_way = [browser.get(address, {"download": "1"}) for _ in range(concurrency.DOWNLOADS_EACH)]
    assert {one.status_code for one in under_way} == {200}
    refused = browser.get(address, {"download": "1"}, headers={"accept": "text/html"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert "You have 4 downloads under way" in refused.content.decode()
    assert '<meta http-equiv="refresh" content="30">' in refused.content.decode()
    # Neither what plays nor a part as small as a page counts, nor does another person's.
    for asked in ({"sec-fetch-dest": "video"}, {"sec-fetch-dest": "image"}, {"range": "bytes=0-999"}):
        shown = browser.get(address, headers=asked)
        assert shown.status_code in (200, 206)
        shown.close()
    under_way.pop().close()
    under_way.append(browser.get(address, {"download": "1"}))
    assert under_way[-1].status_code == 200
    for one in under_way:
        one.close()


def test_half_of_the_threads_may_send_downloads_and_four_nothing_of_a_file(
    member: Membership, address: str, settings: Any, tmp_path: Path
) -> None:
    settings.WEB_THREADS = 10
    people = [browser_of(make_member(member.workspace)) for _ in range(3)]
    sent = [people[number % 3].get(address) for number in range(5)]
    assert {one.status_code for one in sent} == {200}
    assert people[2].get(address).status_code == 503
    player = {"sec-fetch-dest": "video"}
    sent.append(people[2].get(address, headers=player))
    assert sent[-1].status_code == 200
    refused = people[2].get(address, headers=player)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert people[2].get(address, headers={"range": "bytes=0-99", **player}).status_code == 206
    for one in sent:
        one.close()
    again = people[2].get(address)
    assert again.status_code == 200
    again.close()


def test_an_answer_that_never_reached_the_server_gives_its_slots_back(settings: Any, tmp_path: Path) -> None:
    settings.WEB_THREADS = 8
    with (tmp_path / "film").open("wb+") as file:
        for _ in range(20):
            release = concurrency.downloads.take()
            assert release is not None
            taken = ExitStack()
            taken.callback(release)
            serving.Slice(file, Part(0, 1), None, stall=1, slots=taken)


def test_the_downloads_of_a_person_are_counted_over_both_processes(
    web: Parts, member: Membership, address: str
) -> None:
    cookie = cookie_of(browser_of(member))
    stalled = [ask(web.web_port, address, cookie) for _ in range(concurrency.DOWNLOADS_EACH)]
    try:
        assert {one.recv(12) for one in stalled} == {b"HTTP/1.1 200"}
        for _ in range(6):
            with ask(web.web_port, address, cookie) as another:
                assert read_answer(another)[0] == 503
    finally:
        for one in stalled:
            one.close()


def ask(port: int, address: str, cookie: str, *lines: str) -> socket.socket:
    """Ask for a file as a download and read nothing of it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", port))
    head = [f"GET {address} HTTP/1.1", f"Host: localhost:{port}", f"Cookie: {cookie}", *lines, "", ""]
    connection.sendall("\r\n".join(head).encode())
    return connection


@pytest.mark.parametrize(("asker", "lets_go"), [("video", True), ("", False)])
def test_a_download_waits_longer_for_its_reader_than_a_player(
    member: Membership, address: str, monkeypatch: pytest.MonkeyPatch, asker: str, lets_go: bool
) -> None:
    assert (serving.STALL_SECONDS, serving.DOWNLOAD_STALL_SECONDS) == (20, 120)
    monkeypatch.setattr(serving, "STALL_SECONDS", 0.1)
    monkeypatch.setattr(serving, "DOWNLOAD_STALL_SECONDS", 5)
    near, far = socket.socketpair()
    with near, far:
        headers, server = {"sec-fetch-dest": asker}, cast(Any, {"gunicorn.socket": near})
        answer = browser_of(member).get(address, headers=headers, **server)
        begun = time.monotonic()
        with pytest.raises((ConnectionResetError, TimeoutError)):
            for chunk in answer.streaming_content:  # type: ignore[attr-defined]  # the client wraps it
                near.sendall(chunk)
        # A tenth of a second takes a busy machine longer, but never as long as a download is waited for.
        assert (time.monotonic() - begun < 4.9) is lets_go


# --- Files that come in ----------------------------------------------------------------------------------


@pytest.fixture
def small_web(transactional_db: None, tmp_path: Path) -> Iterator[Parts]:
    """A web server with few threads: eight in each of two processes, of which four may take files."""
    parts = Parts(tmp_path / "parts")
    start_server(parts, WEB_THREADS="8")
    yield parts
    parts.end()


def half_an_upload(port: int, cookie: str) -> socket.socket:
    """The head of a large upload and the first bytes of its body, and then nothing.

    The portal reads the body only where the cookie has a token to compare with what stands in it.
    """
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    head = [
        f"POST {reverse('upload-new')} HTTP/1.1",
        f"Host: localhost:{port}",
        f"Cookie: {cookie}",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Length: 1000000",
        "",
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n half',
    ]
    connection.sendall("\r\n".join(head).encode())
    return connection


def status_of(port: int, address: str) -> int:
    with ask(port, address, "") as connection:
        connection.settimeout(20)
        return read_answer(connection)[0]


def test_uploads_that_stop_coming_leave_threads_to_everybody_and_are_let_go(
    small_web: Parts, member: Membership
) -> None:
    port, token = small_web.web_port, "t" * 32
    cookie = f"{cookie_of(browser_of(member))}; csrftoken={token}"
    half_sent = [half_an_upload(port, cookie) for _ in range(24)]
    try:
        time.sleep(2)
        for address in [reverse("health-live"), reverse("account_login"), reverse("health-ready")] * 5:
            assert status_of(port, address) == 200
        statuses = [read_answer(one)[0] for one in half_sent]
        # Those that had a slot are told that nothing came; the others, at once, to come back.
        assert statuses.count(503) >= 24 - 8 and set(statuses) <= {503, 408, 403, 400}
    finally:
        for one in half_sent:
            one.close()


def test_an_upload_that_is_refused_unread_keeps_its_thread_no_longer_than_its_answer(
    small_web: Parts, member: Membership
) -> None:
    cookie = cookie_of(browser_of(member))

    def refuse_four() -> None:
        with ExitStack() as stack:
            unread = [stack.enter_context(half_an_upload(small_web.web_port, cookie)) for _ in range(4)]
            assert [read_answer(one)[0] for one in unread] == [403] * 4
            assert [one.recv(1) for one in unread] == [b""] * 4, "the rest is not waited for"

    # A process that has just begun takes seconds for its first answer, which is not what is measured.
    refuse_four()
    begun = time.monotonic()
    refuse_four()
    assert time.monotonic() - begun < DEFAULT_WORKER_DATA_TIMEOUT


@pytest.mark.parametrize(
    "sent", ["GARBAGE\r\n\r\n", "GET /health/live/ HTTP/1.1\r\nConnection: close\r\n\r\n"]
)
def test_those_who_do_not_hang_up_keep_nobody_waiting(small_web: Parts, sent: str) -> None:
    def call() -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", small_web.web_port), timeout=30)
        connection.sendall(sent.encode())
        return connection

    assert status_of(small_web.web_port, reverse("health-live")) == 200
    silent = [call() for _ in range(60)]
    try:
        begun = time.monotonic()
        for _ in range(8):
            assert status_of(small_web.web_port, reverse("health-live")) == 200
        assert time.monotonic() - begun < 25
    finally:
        for one in silent:
            one.close()
