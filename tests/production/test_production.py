"""docs/production.md is followed command by command, and holds: files, passwords, TLS, limits, headers."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.media.samples import make_picture
from tests.parts import wait_until
from tests.production.client import Visitor
from tests.production.files import by_shell, by_systemd, shell_blocks
from tests.production.machine import HOST, Machine

pytestmark = [pytest.mark.proof, pytest.mark.nginx]


def test_a_shell_and_systemd_read_the_same_settings(machine: Machine) -> None:
    file = machine.folder / "topview-portal.env"
    assert by_shell(file) == by_systemd(file)
    assert by_systemd(file)["MAIL_FROM"] == "Topview Portal <portal@example.com>"


def test_the_settings_are_readable_by_the_portals_user_alone(machine: Machine) -> None:
    file = machine.folder / "topview-portal.env"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.owner() == machine.user


def test_the_update_command_has_nothing_to_complain_about_and_can_be_repeated(machine: Machine) -> None:
    (block,) = [block for block in shell_blocks() if "manage.py deploy" in block]
    said = machine.follow(block)
    assert "is up to date" in said
    assert "WARNING" not in said.upper()


def test_the_database_asks_for_the_password_of_the_settings(machine: Machine) -> None:
    import psycopg

    url = by_systemd(machine.folder / "topview-portal.env")["DATABASE_URL"]
    psycopg.connect(url).close()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace(":change-me@", ":guessed@"))


def test_watchdogs_are_answered_by_plain_http_and_by_the_address(machine: Machine) -> None:
    address = f"http://127.0.0.1:{machine.web}/health/"
    wait_until(
        lambda: requests.get(address, timeout=10).json().get("jobs") == "ok",
        seconds=90,
        what=lambda: machine.log("topview-worker.service"),
    )
    for path in ("", "live/", "ready/"):
        for host in (f"127.0.0.1:{machine.web}", "10.20.30.40", HOST):
            asked = requests.get(address + path, headers={"Host": host}, allow_redirects=False, timeout=10)
            assert asked.status_code == 200, asked.text


def test_plain_http_leads_to_https(machine: Machine) -> None:
    asked = requests.get(
        f"http://127.0.0.1:{machine.http}/library/", headers={"Host": HOST}, allow_redirects=False, timeout=10
    )
    assert (asked.status_code, asked.headers["Location"]) == (301, f"https://{HOST}/library/")


def test_a_page_has_its_styles_and_its_cookies_are_for_https(visitor: Visitor) -> None:
    page = visitor.open("/accounts/login/")
    assert page.status_code == 200
    assert "max-age=" in page.headers["Strict-Transport-Security"]
    assert all("Secure" in cookie for cookie in page.raw.headers.getlist("Set-Cookie"))
    styles = re.search(r'href="(/static/css/portal\.[0-9a-f]{12}\.css)"', page.text)
    assert styles
    answer = visitor.get(styles[1])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, 'text/css; charset="utf-8"')
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.fixture(scope="session")
def picture(ada: Visitor, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes]:
    """The address of a file that Ada has brought, and its bytes."""
    data = make_picture(tmp_path_factory.mktemp("picture") / "portrait.png", (640, 480)).read_bytes()
    ada.open("/library/")
    answer = ada.post(
        "/library/add/", files={"file": ("portrait.png", data)}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 201, answer.text
    address = f"/uploads/{answer.json()['id']}/file/"
    wait_until(lambda: ada.get(address).status_code == 200, seconds=90, what="the worker to examine it")
    return address, data


def test_nginx_sends_a_file_that_the_portal_has_allowed_with_the_portals_headers(
    ada: Visitor, visitor: Visitor, picture: tuple[str, bytes]
) -> None:
    address, data = picture
    answer = ada.get(address)
    assert (answer.status_code, answer.content) == (200, data)
    assert answer.headers["Server"].startswith("nginx")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    assert answer.headers["Content-Type"] == "image/png"
    assert "private" in answer.headers["Cache-Control"]
    assert "portrait.png" in answer.headers["Content-Disposition"]
    assert visitor.get(address).status_code in (302, 303)


def test_a_part_and_a_known_file_are_answered_as_such(ada: Visitor, picture: tuple[str, bytes]) -> None:
    address, data = picture
    whole = ada.get(address)
    rest = ada.get(address, headers={"Range": "bytes=100-", "If-Range": whole.headers["ETag"]})
    assert (rest.status_code, rest.content) == (206, data[100:])
    assert rest.headers["X-Content-Type-Options"] == "nosniff"
    known = ada.get(address, headers={"If-None-Match": whole.headers["ETag"]})
    assert known.status_code == 304


def test_nobody_reaches_the_files_past_the_portal(ada: Visitor, machine: Machine) -> None:
    media = machine.folder / "var" / "media"
    kept = next(path for path in media.rglob("*") if path.is_file())
    assert ada.get(f"/protected/{kept.relative_to(media)}").status_code == 404


def test_nginx_reads_the_files_and_nothing_else_of_the_portal(
    machine: Machine, picture: tuple[str, bytes]
) -> None:
    var = machine.folder / "var"
    kept = next(path for path in (var / "media").rglob("*") if path.is_file())
    assert can_read("www-data", kept)
    assert not can_read("nobody", kept)
    for closed in (var / "keys" / "vault.key", machine.folder / "topview-portal.env"):
        assert closed.exists()
        assert not can_read("www-data", closed)


def can_read(user: str, path: Path) -> bool:
    as_user = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]
    if user == "nobody":
        as_user = ["setpriv", "--reuid", user, "--regid", "nogroup", "--clear-groups"]
    return subprocess.run([*as_user, "cat", path], check=False, capture_output=True).returncode == 0


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(machine: Machine, certificate: Path) -> None:
    with tls_connection(machine, certificate) as connection:
        connection.sendall(
            f"POST /library/add/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 600000000\r\n\r\n".encode()
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def tls_connection(machine: Machine, certificate: Path) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(certificate))
    plain = socket.create_connection(("127.0.0.1", machine.https), timeout=10)
    return context.wrap_socket(plain, server_hostname="127.0.0.1")


@pytest.fixture
def attack(machine: Machine, certificate: Path) -> Iterator[list[ssl.SSLSocket]]:
    """60 requests of which half is sent, in the head or in the body, and 300 connections that say nothing."""
    head = f"POST /accounts/login/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 100000\r\n"
    with ExitStack() as stack:
        half_sent = []
        for number in range(60):
            connection = stack.enter_context(tls_connection(machine, certificate))
            connection.sendall((head + ("X-Half: " if number % 2 else "\r\nlogin=")).encode())
            half_sent.append(connection)
        for _number in range(300):
            stack.enter_context(socket.create_connection(("127.0.0.1", machine.https), timeout=10))
        yield half_sent


def test_half_sent_requests_and_silent_connections_harm_nobody(
    attack: list[ssl.SSLSocket], visitor: Visitor, ada: Visitor
) -> None:
    for path, person in (("/accounts/login/", visitor), ("/library/", ada)) * 3:
        began = time.monotonic()
        assert person.get(path).status_code == 200
        assert time.monotonic() - began < 5
    # Those who say nothing more are let go.
    attack[1].settimeout(20)
    assert attack[1].recv(1000) == b"" or b" 408 " in attack[1].recv(1000)
