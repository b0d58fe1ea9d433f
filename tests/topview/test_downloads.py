"""The guarded download: where it goes, what it takes, and how it ends."""

from __future__ import annotations

import hashlib
import io
import os
import socket
from collections.abc import Callable
from typing import Any

import pytest

from tasks.topview import errors
from tasks.topview.addresses import AddressRule, origin_of
from tasks.topview.downloads import DownloadRules, download
from tests.topview.server import hangs_up, http, raw, resets

DATA = os.urandom(700_000)
VIDEO = {"Content-Type": "video/mp4"}


def rules(server=None, **changes) -> DownloadRules:
    """Rules that allow exactly this server's origin."""
    address_rule = AddressRule(origin_of(server.origin)) if server else AddressRule()
    return DownloadRules(**{"max_bytes": 1_000_000, "addresses": address_rule, **changes})


def fetch(server, into=None, path: str = "/results/1.mp4?Signature=x", **changes):
    return download(server.origin + path, into or io.BytesIO(), rules=rules(server, **changes))


def test_the_bytes_are_written_hashed_and_counted(server):
    server.script = [http(200, DATA, {"Content-Type": "Video/MP4; codecs=avc1"})]
    into = io.BytesIO()
    got = fetch(server, into)
    assert into.getvalue() == DATA
    assert (got.sha256, got.size) == (hashlib.sha256(DATA).hexdigest(), len(DATA))
    assert got.media_type == "video/mp4"
    (request,) = server.requests
    assert request.target == "/results/1.mp4?Signature=x"
    assert "authorization" not in request.headers
    assert "topview-uid" not in request.headers


def test_a_chunked_file_is_taken_whole(server):
    server.script = [raw(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
                         b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")]  # fmt: skip
    into = io.BytesIO()
    assert fetch(server, into).size == 11
    assert into.getvalue() == b"hello world"


@pytest.mark.parametrize(
    "step",
    [
        raw(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 1000\r\n\r\n" + b"x" * 999),
        raw(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
        raw(
            b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
        ),
        http(200, b"", VIDEO),
    ],
    ids=["by length", "inside a chunk", "before the last chunk", "empty"],
)
def test_a_truncated_download_is_refused(server, step):
    server.script = [step]
    with pytest.raises(errors.Truncated):
        fetch(server)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_dead_link_is_expired(server, status):
    server.script = [http(status, b"<Error/>")]
    with pytest.raises(errors.Expired) as caught:
        fetch(server)
    assert caught.value.http_status == status
    assert "Signature" not in str(caught.value)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (http(503), errors.Busy),
        (http(500), errors.RemoteFault),
        (http(206, DATA, VIDEO), errors.RemoteFault),
        (hangs_up, errors.Interrupted),
        (resets, errors.Interrupted),
    ],
)
def test_passing_troubles_are_told_apart(server, step, expected):
    server.script = [step]
    with pytest.raises(errors.TopViewError) as caught:
        fetch(server)
    assert type(caught.value) is expected


def test_a_redirect_is_refused(server):
    server.script = [http(302, headers={"Location": "http://127.0.0.1:1/"}), http(200, DATA, VIDEO)]
    with pytest.raises(errors.NotAllowed):
        fetch(server)
    assert len(server.requests) == 1


def test_an_announced_size_over_the_limit_is_refused_before_writing(server):
    server.script = [http(200, DATA, VIDEO)]
    into = io.BytesIO()
    with pytest.raises(errors.TooLarge):
        fetch(server, into, max_bytes=len(DATA) - 1)
    assert into.getvalue() == b""


def test_a_size_that_was_not_announced_is_limited_too(server):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nConnection: close\r\n\r\n"
    server.script = [raw(head + DATA)]
    into = io.BytesIO()
    with pytest.raises(errors.TooLarge):
        fetch(server, into, max_bytes=400_000)
    assert len(into.getvalue()) <= 400_000


def test_the_limit_itself_is_allowed(server):
    server.script = [http(200, DATA, VIDEO)]
    assert fetch(server, max_bytes=len(DATA)).size == len(DATA)


def test_a_dripping_file_ends_at_the_time_limit(server):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 9000\r\n\r\n"
    server.script = [server.drips(head + b"x" * 9000, pause=0.01)]
    with pytest.raises(errors.Interrupted):
        fetch(server, seconds=1.5)


def test_a_silent_server_is_left_after_the_read_timeout(server):
    server.script = [server.stalls]
    with pytest.raises(errors.Interrupted):
        fetch(server, read_timeout=0.3)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/html"},
        {"Content-Type": "image/svg+xml"},
        {"Content-Type": ""},
        {"Content-Type": "video/mp4", "Content-Encoding": "gzip"},
    ],
)
def test_what_is_no_media_is_refused(server, headers):
    server.script = [http(200, DATA, headers)]
    with pytest.raises(errors.WrongMedia):
        fetch(server)


def test_a_failing_disk_is_not_taken_for_the_network(server):
    class FullDisk(io.BytesIO):
        def write(self, _data) -> int:
            raise OSError(28, "No space left on device")

    server.script = [http(200, DATA, VIDEO)]
    with pytest.raises(OSError, match="No space") as caught:
        fetch(server, FullDisk())
    assert not isinstance(caught.value, errors.TopViewError)


# Where it may go

REFUSED_URLS = [
    "http://example.com/x.mp4",
    "ftp://example.com/x.mp4",
    "file:///etc/passwd",
    "//example.com/x.mp4",
    "/results/x.mp4",
    "",
    "https://",
    "https://user:word@example.com/x.mp4",
    "https://127.0.0.1/x.mp4",
    "https://10.0.0.8/x.mp4",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/x.mp4",
    "https://[::ffff:127.0.0.1]/x.mp4",
    "https://[64:ff9b::7f00:1]/x.mp4",
    "https://[fe80::1%25eth0]/x.mp4",
    "https://0.0.0.0/x.mp4",
]


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_an_address_that_looks_wrong_is_refused_without_a_look_up(url):
    def resolver(_host: str, _port: int) -> list[str]:
        raise AssertionError("nothing should be looked up")

    with pytest.raises(errors.NotAllowed):
        download(url, io.BytesIO(), rules=rules(addresses=AddressRule(resolver=resolver)))


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["192.168.1.5"],
        ["172.16.0.1"],
        ["100.64.0.1"],
        ["fd00::1"],
        ["::"],
        ["2002:7f00:1::"],
        ["224.0.0.1"],
        ["93.184.215.14", "127.0.0.1"],
    ],
)
def test_a_name_that_leads_inside_is_refused(found):
    rule = AddressRule(resolver=lambda _host, _port: list(found))
    with pytest.raises(errors.NotAllowed):
        download("https://media.example/x.mp4", io.BytesIO(), rules=rules(addresses=rule))


@pytest.mark.parametrize("odd", ["2130706433", "0x7f000001", "127.1", "localhost"])
def test_odd_spellings_of_the_loopback_address_are_caught_when_looked_up(odd):
    with pytest.raises((errors.NotAllowed, errors.NotSent)):
        download(f"https://{odd}/x.mp4", io.BytesIO(), rules=rules())


def test_only_the_exact_origin_of_the_sandbox_is_excepted(server):
    port = server.port
    for url in (
        f"http://localhost:{port}/x",
        f"http://127.0.0.1:{port + 1}/x",
        f"https://127.0.0.1:{port}/x",
    ):
        with pytest.raises(errors.NotAllowed):
            download(url, io.BytesIO(), rules=rules(server))
    assert server.accepted == 0


def test_the_judged_address_is_the_one_that_is_visited(tls_server, certificate, monkeypatch):
    """A name is looked up once: the second answer of a rebinding server is never asked for."""
    answers = [["127.0.0.1"], ["127.0.0.2"]]
    rule = AddressRule(("https", "media.example", tls_server.port), lambda _host, _port: answers.pop(0))
    monkeypatch.setattr(socket, "getaddrinfo", only_literal(socket.getaddrinfo))
    tls_server.script = [http(200, DATA, VIDEO)]
    url = f"https://media.example:{tls_server.port}/x.mp4"
    got = download(url, io.BytesIO(), rules=rules(addresses=rule, ca_bundle=str(certificate)))
    assert got.size == len(DATA)
    assert len(answers) == 1
    # The certificate was checked for the name, and the name was what the server was asked for.
    assert tls_server.requests[0].headers["host"] == f"media.example:{tls_server.port}"


def only_literal(real: Callable[..., Any]) -> Callable[..., Any]:
    """A look-up that knows no names, so that every name must have been resolved by the rule."""

    def getaddrinfo(host: str, *arguments: Any, **options: Any) -> Any:
        assert host == "127.0.0.1"
        return real(host, *arguments, **options)

    return getaddrinfo


def test_the_next_address_is_tried_when_the_first_does_not_answer(server):
    origin = origin_of(server.origin)
    rule = AddressRule(origin, lambda _host, _port: ["127.0.0.9", "127.0.0.1"])
    server.script = [http(200, DATA, VIDEO)]
    assert fetch(server, addresses=rule).size == len(DATA)


def test_a_certificate_nobody_vouches_for_is_refused(tls_server):
    tls_server.script = [http(200, DATA, VIDEO)]
    with pytest.raises(errors.Untrusted):
        fetch(tls_server)
    assert tls_server.requests == []


def test_a_name_without_an_address_cannot_be_fetched():
    def resolver(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    def nothing(_host: str, _port: int) -> list[str]:
        return []

    for rule in (AddressRule(resolver=resolver), AddressRule(resolver=nothing)):
        with pytest.raises(errors.NotSent):
            download("https://media.example/x", io.BytesIO(), rules=rules(addresses=rule))


def test_a_proxy_is_asked_for_the_name_and_literal_inside_addresses_are_still_refused(server):
    server.script = [http(403)]
    proxies = {"https": server.origin}
    with pytest.raises(errors.NotSent):
        download("https://media.example/x.mp4", io.BytesIO(), rules=rules(proxies=proxies))
    assert server.requests[0].target == "media.example:443"
    with pytest.raises(errors.NotAllowed):
        download("https://10.0.0.8/x.mp4", io.BytesIO(), rules=rules(proxies=proxies))
    assert len(server.requests) == 1
