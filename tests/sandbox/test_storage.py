"""The object store: signed uploads, signed downloads, and XML when something is wrong."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tasks.sandbox.sandbox import Sandbox
from tests.sandbox.examples import SUBMITS, Ids, image_to_video
from tests.sandbox.sketch import Sketch
from tests.sandbox_fixture import SandboxDriver

PATHS = SUBMITS["submitCommonImage2Video"]


def ticket(sandbox: SandboxDriver) -> Any:
    return sandbox.result("GET", "/v1/upload/credential?format=png")


def put(url: str, content: Any, **headers: str) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 0, timeout=10)
    try:
        connection.request(
            "PUT",
            f"{parts.path}?{parts.query}",
            content,
            {k.replace("_", "-"): v for k, v in headers.items()},
        )
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def get(url: str, **headers: str) -> tuple[int, bytes, Any]:
    request = urllib.request.Request(url, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


@pytest.fixture
def result_url(sandbox: SandboxDriver, ids: Ids) -> str:
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]
    return str(sandbox.wait(PATHS.query, number)["videos"][0]["originVideo"]["filePath"])


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[SandboxDriver]:
    """A sandbox whose addresses are dead at once."""
    with Sandbox(
        tmp_path / "hasty", renderer=Sketch(), upload_link=-1, result_link=-1, max_upload=10
    ) as running:
        yield SandboxDriver(running.base_url)


def test_an_upload_is_stored_whatever_type_it_claims(sandbox: SandboxDriver):
    for headers in ({}, {"Content_Type": "image/png"}, {"Content_Type": "application/octet-stream"}):
        one = ticket(sandbox)
        assert put(one["uploadUrl"], b"x" * 700_000, **headers) == (200, b"")
        assert sandbox.result("GET", f"/v1/upload/check?fileId={one['fileId']}") is True


def test_a_chunked_upload_is_refused(sandbox: SandboxDriver):
    status, body = put(ticket(sandbox)["uploadUrl"], iter([b"x" * 10, b"y" * 10]))
    assert status == 411
    assert b"<Code>MissingContentLength</Code>" in body


def test_an_upload_with_topview_headers_is_refused_and_counted(sandbox: SandboxDriver):
    status, body = put(ticket(sandbox)["uploadUrl"], b"x", Topview_Uid="me", Authorization="Bearer sk")
    assert status == 400
    assert b"<Error>" in body
    found = {(row["operation"], row["what"]) for row in sandbox.violations()}
    assert found == {("uploadObject", "header topview-uid"), ("uploadObject", "header authorization")}


@pytest.mark.parametrize("old", ["X-Amz-Signature=", "X-Amz-Expires=", "X-Amz-Date="])
def test_an_upload_address_that_was_changed_is_refused(old: str, sandbox: SandboxDriver):
    status, body = put(ticket(sandbox)["uploadUrl"].replace(old, f"{old}1"), b"x")
    assert (status, b"SignatureDoesNotMatch" in body) == (403, True)


def test_an_upload_address_dies(hasty: SandboxDriver):
    status, body = put(ticket(hasty)["uploadUrl"], b"x")
    assert (status, b"AccessDenied" in body) == (403, True)


def test_an_upload_that_is_too_large_is_refused(tmp_path: Path):
    with Sandbox(tmp_path / "small", renderer=Sketch(), max_upload=10) as running:
        sandbox = SandboxDriver(running.base_url)
        status, body = put(ticket(sandbox)["uploadUrl"], b"x" * 11)
        assert (status, b"EntityTooLarge" in body) == (400, True)


def test_an_upload_that_ends_early_is_not_there(sandbox: SandboxDriver):
    one = ticket(sandbox)
    parts = urlsplit(one["uploadUrl"])
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 0)
    connection.putrequest("PUT", f"{parts.path}?{parts.query}")
    connection.putheader("Content-Length", "100")
    connection.endheaders(b"only this")
    connection.close()
    assert sandbox.result("GET", f"/v1/upload/check?fileId={one['fileId']}") is False


def test_a_result_tells_its_length_type_and_tag(result_url: str):
    status, body, headers = get(result_url)
    assert status == 200
    assert int(headers["Content-Length"]) == len(body)
    assert headers["Content-Type"] == "video/mp4"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["ETag"]


@pytest.mark.parametrize(
    ("asked", "start", "end"), [("bytes=0-9", 0, 10), ("bytes=100-", 100, None), ("bytes=-7", -7, None)]
)
def test_a_range_of_a_result_is_served(asked: str, start: int, end: int | None, result_url: str):
    _status, whole, _headers = get(result_url)
    status, part, headers = get(result_url, Range=asked)
    assert (status, part) == (206, whole[start:end])
    assert headers["Content-Range"].endswith(f"/{len(whole)}")


def test_a_range_of_another_version_gives_the_whole(result_url: str):
    assert get(result_url, Range="bytes=0-9", If_Range='"another"')[0] == 200


def test_a_range_beyond_the_end_is_refused(result_url: str):
    status, _body, headers = get(result_url, Range="bytes=9999999-")
    assert status == 416
    assert headers["Content-Range"].startswith("bytes */")


def test_the_cdn_address_differs_and_serves_the_same(sandbox: SandboxDriver, result_url: str):
    number = sandbox.state()["tasks"][0]["taskId"]
    result = sandbox.result("GET", f"{PATHS.query}?taskId={number}&needCloudFrontUrl=true")
    cdn = result["videos"][0]["originVideo"]["filePath"]
    assert "X-Amz-Signature" in result_url and "X-Amz-Signature" not in cdn
    assert "Key-Pair-Id" in cdn
    assert get(cdn)[1] == get(result_url)[1]
    assert get(cdn.replace("Expires=", "Expires=9"))[0] == 403


def test_a_result_without_its_signature_is_refused(result_url: str):
    status, body, _headers = get(result_url.split("?")[0])
    assert (status, b"SignatureDoesNotMatch" in body) == (403, True)


def test_a_download_with_topview_headers_is_refused_and_counted(sandbox: SandboxDriver, result_url: str):
    status, body, _headers = get(result_url, Authorization=f"Bearer {sandbox.key}")
    assert (status, b"<Error>" in body) == (400, True)
    assert [(row["operation"], row["what"]) for row in sandbox.violations()] == [
        ("downloadObject", "header authorization")
    ]


def test_result_addresses_die(hasty: SandboxDriver):
    body = {"productLink": "https://shop.example/mug"}
    number = hasty.result("POST", "/v1/scraper/task/submit", body)["taskId"]
    rows = hasty.wait("/v1/scraper/task/query", number)["productImages"]
    assert get(rows[0]["fileUrl"])[0] == 403


def test_catalog_media_is_served_without_a_signature(sandbox: SandboxDriver):
    voice = sandbox.result("GET", "/v1/voice/query?pageSize=1")["data"][0]
    status, body, headers = get(voice["demoAudioUrl"])
    assert (status, headers["Content-Type"]) == (200, "audio/mpeg")
    assert get(voice["demoAudioUrl"])[1] == body
    assert get(f"{sandbox.base_url}/sandbox/media/voices/nobody.mp3")[0] == 404
    assert get(f"{sandbox.base_url}/sandbox/media/../sandbox.sqlite3")[0] == 404
