"""Uploads: a ticket, raw bytes with a length and without our headers, a look whether they arrived."""

from __future__ import annotations

import io
import os
import socket
import threading
import time

import pytest

from tasks.topview import errors
from tasks.topview.results import UploadTicket
from tests.topview.server import hangs_up, http, says

DATA = os.urandom(300_000)


def ticket(server, query: str = "X-Amz-Signature=abc%2Fdef") -> UploadTicket:
    return UploadTicket("f1", f"{server.origin}/bucket/f1.png?{query}", "png")


def test_a_ticket_names_the_file_and_where_to_put_it(server, client):
    server.script = [
        says({"fileId": "f1", "fileName": "f1.png", "uploadUrl": "https://store.example/f1?sig=x"})
    ]
    got = client.upload_ticket("png")
    assert (got.file_id, got.upload_url, got.file_format) == ("f1", "https://store.example/f1?sig=x", "png")
    assert (server.requests[0].path, server.requests[0].query) == ("/v1/upload/credential", {"format": "png"})
    assert "sig" not in repr(got)


@pytest.mark.parametrize("result", [{}, {"fileId": "f1"}, {"uploadUrl": "https://x"}, None])
def test_half_a_ticket_is_unreadable(server, client, result):
    server.script = [says(result)]
    with pytest.raises(errors.Unreadable):
        client.upload_ticket("png")


@pytest.mark.parametrize(
    ("result", "there"), [(True, True), ("true", True), (False, False), (None, False), (1, False)]
)
def test_a_file_is_there_when_topview_says_so(server, client, result, there):
    server.script = [says(result)]
    assert client.uploaded("f1") is there
    assert server.requests[0].query == {"fileId": "f1"}


def test_the_bytes_go_raw_with_a_length_and_without_our_headers(server, client):
    server.script = [http(200)]
    client.upload(ticket(server), io.BytesIO(DATA), len(DATA))
    (request,) = server.requests
    assert request.method == "PUT"
    assert request.target == "/bucket/f1.png?X-Amz-Signature=abc%2Fdef"
    assert request.body == DATA
    assert request.headers["content-length"] == str(len(DATA))
    for name in ("transfer-encoding", "topview-uid", "authorization", "cookie"):
        assert name not in request.headers


def test_progress_grows_and_ends_with_the_size(server, client):
    server.script = [http(204)]
    seen: list[int] = []
    client.upload(ticket(server), io.BytesIO(DATA), len(DATA), on_progress=seen.append)
    assert seen == sorted(set(seen))
    assert len(seen) > 5
    assert seen[-1] == len(DATA)


def test_a_failed_upload_never_reports_the_whole(server, client):
    server.script = [http(500)]
    seen: list[int] = []
    with pytest.raises(errors.RemoteFault):
        client.upload(ticket(server), io.BytesIO(DATA), len(DATA), on_progress=seen.append)
    assert len(DATA) not in seen


def test_no_more_than_the_stated_size_is_sent(server, client):
    server.script = [http(200)]
    file = io.BytesIO(DATA)
    client.upload(ticket(server), file, 1000)
    assert server.requests[0].body == DATA[:1000]
    assert file.tell() == 1000


def test_a_file_shorter_than_stated_is_our_own_fault(server, client):
    server.script = [http(200)]
    with pytest.raises(ValueError, match="ended after 300000"):
        client.upload(ticket(server), io.BytesIO(DATA), len(DATA) + 1)


def test_an_empty_file_is_refused_before_anything_is_sent(server, client):
    with pytest.raises(ValueError, match="empty"):
        client.upload(ticket(server), io.BytesIO(), 0)
    assert server.accepted == 0


XML = b"<?xml version='1.0'?><Error><Code>%s</Code><Message>private words</Message></Error>"


@pytest.mark.parametrize(
    ("status", "word", "expected"),
    [
        (400, b"EntityTooLarge", errors.UploadRefused),
        (411, b"MissingContentLength", errors.UploadRefused),
        (403, b"AccessDenied", errors.TicketExpired),
        (429, b"SlowDown", errors.Busy),
        (503, b"SlowDown", errors.Busy),
        (500, b"InternalError", errors.RemoteFault),
        (307, b"TemporaryRedirect", errors.RemoteFault),
    ],
)
def test_of_the_stores_errors_only_the_word_is_read(server, client, status, word, expected):
    server.script = [http(status, XML % word, {"Location": "https://elsewhere.example/"})]
    with pytest.raises(errors.TopViewError) as caught:
        client.upload(ticket(server), io.BytesIO(DATA), len(DATA))
    assert type(caught.value) is expected
    assert (caught.value.code, caught.value.http_status) == (word.decode(), status)
    assert "private" not in str(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<Code>not a word</Code>", b"<!DOCTYPE x [<!ENTITY", b"<Code>" + b"x" * 90_000]
)
def test_an_error_without_a_word_has_none(server, client, body):
    server.script = [http(400, body)]
    with pytest.raises(errors.UploadRefused) as caught:
        client.upload(ticket(server), io.BytesIO(DATA), len(DATA))
    assert caught.value.code is None


def test_a_broken_upload_is_interrupted_and_not_repeated(server, client):
    server.script = [hangs_up, http(200)]
    with pytest.raises(errors.Interrupted):
        client.upload(ticket(server), io.BytesIO(DATA), len(DATA))
    assert len(server.requests) == 1


def test_a_store_that_stops_reading_ends_the_upload(client_of, server):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        origin = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        client = client_of(server, base_url=origin, read_timeout=0.4)
        big = 64 * 1024 * 1024
        with pytest.raises(errors.Interrupted):
            client.upload(UploadTicket("f1", f"{origin}/f1", "png"), io.BytesIO(bytes(big)), big)


def test_a_store_that_pauses_longer_than_a_connect_may_last_is_waited_for(client_of, server):
    size = 64 * 1024 * 1024

    def read_after_a_pause(listener: socket.socket) -> None:
        connection, _address = listener.accept()
        with connection, connection.makefile("rb") as lines:
            time.sleep(1)
            while lines.readline().strip():
                pass
            lines.read(size)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as slow:
        threading.Thread(target=read_after_a_pause, args=(slow,), daemon=True).start()
        origin = f"http://127.0.0.1:{slow.getsockname()[1]}"
        client = client_of(server, base_url=origin, connect_timeout=0.3)
        client.upload(UploadTicket("f1", f"{origin}/f1", "png"), io.BytesIO(bytes(size)), size)


@pytest.mark.parametrize(
    "address",
    [
        "http://store.example/f1",
        "http://127.0.0.1:1/f1",
        "https://127.0.0.1/f1",
        "https://169.254.169.254/latest/meta-data",
        "https://user:word@store.example/f1",
        "file:///etc/passwd",
        "no address",
    ],
)
def test_a_ticket_that_leads_astray_is_not_followed(server, client, address):
    with pytest.raises(errors.NotAllowed):
        client.upload(UploadTicket("f1", address, "png"), io.BytesIO(DATA), len(DATA))
    assert server.accepted == 0


def test_plain_http_to_the_sandbox_needs_leave_for_files_too(server, client_of):
    client = client_of(server, allow_plain_http=False)
    with pytest.raises(errors.NotAllowed):
        client.upload(ticket(server), io.BytesIO(DATA), len(DATA))
    assert server.accepted == 0
