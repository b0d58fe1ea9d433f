"""A submit is sent once, on its own connection, and its failure says what it means for the money."""

from __future__ import annotations

import socket
import time

import pytest

from tasks.secret import Secret
from tasks.topview import errors
from tasks.topview.client import Endpoint, TopViewClient
from tasks.topview.outcomes import AfterSubmit, outcome_of
from tests.topview.conftest import KEY, UID
from tests.topview.server import hangs_up, http, raw, refuses, resets, says

PATH = "/v1/video_avatar/task/submit"
TASK_ID = "0f3c9a1be27d4c58a6610de97b20f4c3"
TAKEN = {"taskId": TASK_ID, "status": "success", "errorMsg": None, "noticeUuid": "n-1"}


def test_an_accepted_task_gives_its_ids(server, client):
    server.script = [says(TAKEN)]
    accepted = client.submit(PATH, {"ttsText": "Grüße 你好", "modeType": 1})
    assert accepted.task_id == TASK_ID
    assert accepted.callback_uuid == "n-1"
    assert accepted.raw == TAKEN
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", PATH)
    assert request.json() == {"ttsText": "Grüße 你好", "modeType": 1}


def test_both_headers_and_a_content_length_are_sent(server, client):
    server.script = [says(TAKEN)]
    client.submit(PATH, {})
    headers = server.requests[0].headers
    assert headers["topview-uid"] == UID
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == "2"
    assert "transfer-encoding" not in headers


def test_each_submit_has_a_connection_of_its_own_that_is_closed(server, client):
    server.script = [says(TAKEN)]
    client.submit(PATH, {})
    client.submit(PATH, {})
    assert [request.connection for request in server.requests] == [1, 2]
    assert all(request.headers["connection"] == "close" for request in server.requests)


def test_the_number_200_counts_as_success(server, client):
    server.script = [says(TAKEN, code=200)]
    assert client.submit(PATH, {}).task_id == TASK_ID


def test_an_id_that_comes_as_a_number_is_kept_as_text(server, client):
    server.script = [says({"taskId": 4711, "status": "init"})]
    accepted = client.submit(PATH, {})
    assert (accepted.task_id, accepted.callback_uuid) == ("4711", None)


UNCERTAIN = [
    pytest.param(hangs_up, errors.Interrupted, id="closed without an answer"),
    pytest.param(resets, errors.Interrupted, id="reset"),
    pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"), errors.Interrupted, id="cut short"),
    pytest.param(raw(b"HTTP/1.1 20"), errors.Interrupted, id="cut in its first line"),
    pytest.param(raw(b"I am no web server\r\n\r\n"), errors.Interrupted, id="not HTTP"),
    pytest.param(http(200, b"<html>hello</html>"), errors.Unreadable, id="not JSON"),
    pytest.param(http(200, b""), errors.Unreadable, id="empty"),
    pytest.param(http(200, b"[1]"), errors.Unreadable, id="no envelope"),
    pytest.param(http(200, b'{"message": "Success"}'), errors.Unreadable, id="no code"),
    pytest.param(http(200, b'{"code": true, "result": {"taskId": "x"}}'), errors.Unreadable, id="code true"),
    pytest.param(
        http(200, b'{"code":"200","result":' + b"[" * 100_000), errors.Unreadable, id="nested for ever"
    ),
    pytest.param(http(200, b'{"code":"200","result":{"taskId":NaN}}'), errors.Unreadable, id="NaN"),
    pytest.param(http(200, b'\xff\xfe{"code":"200"}'), errors.Unreadable, id="not UTF-8"),
    pytest.param(says(None), errors.Unreadable, id="success without a result"),
    pytest.param(says([]), errors.Unreadable, id="success with a list"),
    pytest.param(says({"status": "success"}), errors.Unreadable, id="success without an id"),
    pytest.param(says({"taskId": " ", "status": "success"}), errors.Unreadable, id="empty id"),
    pytest.param(says({"taskId": {"id": 1}}), errors.Unreadable, id="id of another type"),
    *(
        pytest.param(http(status, b"oops"), errors.RemoteFault, id=f"HTTP {status}")
        for status in (300, 302, 307, 402, 408, 409, 418, 500, 502, 503, 504)
    ),
    *(
        pytest.param(refuses(code), errors.RemoteFault, id=f"code {code}")
        for code in ("5000", "5001", "5004", "5005", "9999", "0", "OK")
    ),
    pytest.param(refuses("4100", status=500), errors.RemoteFault, id="HTTP 500 outweighs a refusing code"),
]


@pytest.mark.parametrize(("step", "expected"), UNCERTAIN)
def test_whatever_leaves_the_outcome_open_is_unknown_and_sent_once(server, client, step, expected):
    server.script = [step, says(TAKEN)]
    with pytest.raises(errors.TopViewError) as caught:
        client.submit(PATH, {})
    assert type(caught.value) is expected
    assert outcome_of(caught.value).after is AfterSubmit.UNKNOWN
    time.sleep(0.05)
    assert len(server.requests) == 1


CERTAIN = [
    (http(400), errors.BadInput, AfterSubmit.REFUSED),
    (http(401), errors.Unauthorised, AfterSubmit.REFUSED),
    (http(403), errors.Declined, AfterSubmit.REFUSED),
    (http(404), errors.NotFound, AfterSubmit.REFUSED),
    (http(413), errors.BadInput, AfterSubmit.REFUSED),
    (http(422), errors.BadInput, AfterSubmit.REFUSED),
    (http(429), errors.Busy, AfterSubmit.REPEAT),
    (refuses("401"), errors.Unauthorised, AfterSubmit.REFUSED),
    (refuses("4000"), errors.BadInput, AfterSubmit.REFUSED),
    (refuses(4000), errors.BadInput, AfterSubmit.REFUSED),
    (refuses("4004"), errors.NotFound, AfterSubmit.REFUSED),
    (refuses("4006"), errors.Declined, AfterSubmit.REFUSED),
    (refuses("4007"), errors.Busy, AfterSubmit.REPEAT),
    (refuses("4100"), errors.NoCredit, AfterSubmit.REFUSED),
    (refuses("4100", status=400), errors.NoCredit, AfterSubmit.REFUSED),
    (refuses("5000", status=400), errors.BadInput, AfterSubmit.REFUSED),
    (refuses("5003"), errors.Busy, AfterSubmit.REPEAT),
    (refuses("6001"), errors.Blocked, AfterSubmit.REFUSED),
]


@pytest.mark.parametrize(("step", "expected", "after"), CERTAIN)
def test_a_clear_no_is_certain_and_not_repeated_by_the_client(server, client, step, expected, after):
    server.script = [step, says(TAKEN)]
    with pytest.raises(errors.TopViewError) as caught:
        client.submit(PATH, {})
    assert type(caught.value) is expected
    assert outcome_of(caught.value).after is after
    assert len(server.requests) == 1


def test_the_facts_of_a_refusal_are_kept(server, client):
    server.script = [refuses("4000", "resolution not supported", Retry_After="7")]
    with pytest.raises(errors.BadInput) as caught:
        client.submit(PATH, {})
    error = caught.value
    assert (error.code, error.http_status, error.retry_after) == ("4000", 200, 7.0)
    assert error.remote_message == "resolution not supported"
    assert "resolution" not in str(error)


def test_a_redirect_is_not_followed(server, client):
    server.script = [http(307, headers={"Location": f"{server.origin}/elsewhere"}), says(TAKEN)]
    with pytest.raises(errors.RemoteFault):
        client.submit(PATH, {})
    assert [request.path for request in server.requests] == [PATH]


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_dripping_answer_ends_at_the_total_deadline(server, client_of, part):
    start = (
        b"HTTP/1.1 200 OK\r\nX: " if part == "head" else b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"
    )
    server.script = [server.drips(start + b"a" * 9000)]
    client = client_of(server, submit_deadline=1.5)
    began = time.monotonic()
    with pytest.raises(errors.Interrupted):
        client.submit(PATH, {})
    # 9,000 bytes at 20 ms each would last three minutes.
    assert time.monotonic() - began < 30
    assert len(server.requests) == 1


def test_a_flood_of_interim_answers_ends_at_the_total_deadline(server, client_of):
    server.script = [server.drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 400)]
    with pytest.raises(errors.Interrupted):
        client_of(server, submit_deadline=1.0).submit(PATH, {})


def test_a_silent_server_is_left_after_the_read_timeout(server, client_of):
    server.script = [server.stalls]
    with pytest.raises(errors.Interrupted):
        client_of(server, read_timeout=0.3).submit(PATH, {})
    assert len(server.requests) == 1


def not_sent(caught) -> bool:
    return isinstance(caught.value, errors.NotSent) and outcome_of(caught.value).after is AfterSubmit.REPEAT


def test_a_refused_connection_means_nothing_was_sent(server, client_of):
    with socket.socket() as placeholder:
        placeholder.bind(("127.0.0.1", 0))
        closed = placeholder.getsockname()[1]
        with pytest.raises(errors.TopViewError) as caught:
            client_of(server, base_url=f"http://127.0.0.1:{closed}").submit(PATH, {})
    assert not_sent(caught)


def test_a_name_without_an_address_means_nothing_was_sent(server, client_of, monkeypatch):
    def fail(*_arguments, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    client = client_of(server, base_url="https://api.example")
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(errors.TopViewError) as caught:
        client.submit(PATH, {})
    assert not_sent(caught)


def test_a_host_that_does_not_answer_the_connect_means_nothing_was_sent(client_of, server):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        client = client_of(server, base_url=f"http://127.0.0.1:{full.getsockname()[1]}", connect_timeout=0.3)
        with pytest.raises(errors.TopViewError) as caught:
            client.submit(PATH, {})
        for one in waiting:
            one.close()
    assert not_sent(caught)


def test_a_server_that_speaks_no_tls_was_sent_nothing(server, client_of):
    server.script = [says(TAKEN)]
    with pytest.raises(errors.TopViewError) as caught:
        client_of(server, base_url=f"https://127.0.0.1:{server.port}").submit(PATH, {})
    assert not_sent(caught)
    assert server.requests == []


def test_a_tls_handshake_that_never_ends_means_nothing_was_sent(server, client_of):
    server.mute = True
    client = client_of(server, base_url=f"https://127.0.0.1:{server.port}", connect_timeout=0.4)
    with pytest.raises(errors.TopViewError) as caught:
        client.submit(PATH, {})
    assert not_sent(caught)


@pytest.mark.parametrize("step", [http(403), http(502), hangs_up, resets])
def test_a_proxy_that_opens_no_tunnel_was_sent_nothing(server, client_of, step):
    server.script = [step]
    client = client_of(server, base_url="https://api.example", proxies={"https": server.origin})
    with pytest.raises(errors.TopViewError) as caught:
        client.submit(PATH, {"secret": "script"})
    assert not_sent(caught)
    assert [request.method for request in server.requests] == ["CONNECT"]
    assert "authorization" not in server.requests[0].headers


def test_a_server_that_drops_the_connection_after_tls_may_have_been_sent_it(
    tls_server, client_of, certificate
):
    tls_server.script = [hangs_up]
    with pytest.raises(errors.Interrupted):
        client_of(tls_server, ca_bundle=str(certificate)).submit(PATH, {})
    assert len(tls_server.requests) == 1


def test_plain_http_is_refused_without_leave(server, client_of):
    with pytest.raises(errors.NotSent):
        client_of(server, allow_plain_http=False).submit(PATH, {})
    assert server.accepted == 0


def test_a_deadline_that_has_passed_before_sending_means_nothing_was_sent(server, client_of):
    server.script = [says(TAKEN)]
    with pytest.raises(errors.TopViewError) as caught:
        client_of(server, submit_deadline=0.0).submit(PATH, {})
    assert not_sent(caught)
    assert server.requests == []


@pytest.mark.parametrize(
    ("uid", "key"), [("uid\r\nX: y", KEY), (UID, "sk-ключ"), (UID, "sk with space"), ("", KEY)]
)
def test_credentials_that_no_header_can_carry_are_refused_before_sending(server, uid, key):
    client = TopViewClient(uid=uid, key=Secret(key), endpoint=Endpoint(server.origin, allow_plain_http=True))
    with pytest.raises(errors.Unauthorised):
        client.submit(PATH, {})
    assert server.accepted == 0


def test_a_body_that_is_no_json_is_our_own_fault_and_never_sent(server, client):
    with pytest.raises(ValueError, match="JSON"):
        client.submit(PATH, {"speed": float("nan")})
    assert server.accepted == 0


def test_a_path_cannot_lead_to_another_host(server, client):
    with pytest.raises(ValueError, match="slash"):
        client.submit("@elsewhere.example/", {})
    assert server.accepted == 0


def test_the_environment_gives_neither_proxy_nor_certificates(
    tls_server, client_of, certificate, monkeypatch
):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    monkeypatch.setenv("CURL_CA_BUNDLE", "/nowhere.pem")
    tls_server.script = [says(TAKEN)]
    assert client_of(tls_server, ca_bundle=str(certificate)).submit(PATH, {}).task_id == TASK_ID


def test_a_password_file_of_the_user_does_not_replace_the_key(server, client, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.script = [says(TAKEN)]
    client.submit(PATH, {})
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_certificate_nobody_vouches_for_is_refused_even_when_the_environment_vouches(
    tls_server, client_of, certificate, monkeypatch
):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls_server.script = [says(TAKEN)]
    with pytest.raises(errors.Untrusted) as caught:
        client_of(tls_server).submit(PATH, {})
    assert not_sent(caught)
    assert tls_server.requests == []


def test_verification_cannot_be_turned_off(tls_server, client_of):
    for off in (False, 0):
        with pytest.raises(ValueError, match="cannot be turned off"):
            client_of(tls_server, ca_bundle=off)
    tls_server.script = [says(TAKEN)]
    with pytest.raises(errors.Untrusted):
        client_of(tls_server, ca_bundle="").submit(PATH, {})


def test_a_certificate_for_another_host_is_refused(tls_server, client_of, certificate):
    tls_server.script = [says(TAKEN)]
    address = f"https://localhost:{tls_server.port}"
    with pytest.raises(errors.Untrusted):
        client_of(tls_server, base_url=address, ca_bundle=str(certificate)).submit(PATH, {})
