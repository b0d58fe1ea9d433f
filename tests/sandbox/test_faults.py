"""Each switch does what it says, where it says, as often as it says."""

import http.client
import json
import time
import urllib.error
import urllib.request
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from tasks.sandbox.faults import KINDS
from tests.sandbox.examples import SUBMITS, Ids, image_to_video
from tests.sandbox_fixture import SandboxDriver

OPERATION = "submitCommonImage2Video"
PATHS = SUBMITS[OPERATION]


def submit(sandbox: SandboxDriver, ids: Ids) -> tuple[int, Any]:
    """The status and the raw body; status 0 when the connection ended without an answer."""
    parts = urlsplit(sandbox.base_url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 0, timeout=10)
    headers = {"Topview-Uid": sandbox.uid, "Authorization": f"Bearer {sandbox.key}"}
    try:
        connection.request("POST", PATHS.submit, json.dumps(image_to_video(ids)), headers)
        response = connection.getresponse()
        return response.status, response.read()
    except (http.client.HTTPException, ConnectionError):
        return 0, b""
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("name", "value", "status", "part", "accepted"),
    [
        ("http-before", None, 503, b"503", 0),
        ("http-before", 301, 301, b"", 0),
        ("http-before", 429, 429, b"", 0),
        ("http-after", None, 502, b"502", 1),
        ("http-after", 500, 500, b"500", 1),
        ("drop-before", None, 0, b"", 0),
        ("drop-after", None, 0, b"", 1),
        ("unreadable", None, 200, b"<html>", 1),
        ("wrong-shape", None, 200, b"unexpected", 1),
        ("code", 4007, 200, b'"4007"', 0),
        ("code", 4100, 200, b'"4100"', 0),
        ("code", 5003, 200, b'"5003"', 0),
        ("code", 6001, 200, b'"6001"', 0),
        ("code", 401, 200, b'"401"', 0),
    ],
)
def test_a_call_goes_wrong_once(
    name: str, value: Any, status: int, part: bytes, accepted: int, sandbox: SandboxDriver, ids: Ids
):
    sandbox.fault(name, scope=OPERATION, next=1, value=value)
    found, body = submit(sandbox, ids)
    assert found == status
    assert part in body
    assert sandbox.accepted() == accepted
    assert sandbox.state()["faults"] == []
    assert submit(sandbox, ids)[0] == 200
    assert sandbox.accepted() == accepted + 1


def test_latency_delays_the_answer_and_changes_nothing(sandbox: SandboxDriver, ids: Ids):
    sandbox.fault("latency", scope="submits", next=1, value=0.4)
    begun = time.monotonic()
    assert submit(sandbox, ids)[0] == 200
    assert time.monotonic() - begun >= 0.4


@pytest.mark.parametrize(("name", "word"), [("task-fail", "fail"), ("task-failed", "failed")])
def test_a_task_fails_and_costs_nothing(name: str, word: str, sandbox: SandboxDriver, ids: Ids):
    sandbox.fault(name, scope="submits", next=1)
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]
    result = sandbox.wait(PATHS.query, number)
    assert (result["status"], result["videos"], result["costCredit"]) == (word, None, None)
    assert sandbox.result("GET", "/user/credit/logs")["total"] == 0


@pytest.mark.parametrize(("value", "failed", "cost"), [(None, 2, 1.0), (1, 1, 1.5), (3, 3, 0.5)])
def test_some_outputs_fail_and_only_the_others_are_paid(
    value: Any, failed: int, cost: float, sandbox: SandboxDriver, ids: Ids
):
    sandbox.fault("partial", next=1, value=value)
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]
    result = sandbox.wait(PATHS.query, number)
    words = [row["status"] for row in result["videos"]]
    assert result["status"] == "success"
    assert words == ["success"] * (4 - failed) + ["fail"] * failed
    assert [("originVideo" in row) for row in result["videos"]] == [word == "success" for word in words]
    assert result["costCredit"] == cost


@pytest.mark.parametrize(
    ("operation", "rows"),
    [
        ("submitProductAvatarReplace", "productReplaceResult"),
        ("submitProductAvatarReplaceV3", "replaceProductResult"),
    ],
)
def test_a_face_is_missing_for_as_long_as_the_pictures_are_asked_for(
    operation: str, rows: str, sandbox: SandboxDriver, ids: Ids
):
    sandbox.fault("faceless", next=1)
    sandbox.result("POST", PATHS.submit, image_to_video(ids))
    paths = SUBMITS[operation]
    for expected in ([True, False], [True, True]):
        task_id = sandbox.result("POST", paths.submit, paths.body(ids))["taskId"]
        for _time in range(2):
            found = sandbox.wait(paths.query, task_id)[rows]
            assert [row["faceExistence"] for row in found] == expected


def test_a_stuck_task_runs_until_the_fault_is_cleared(sandbox: SandboxDriver, ids: Ids):
    sandbox.fault("stuck", scope=OPERATION)
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]
    time.sleep(0.5)
    assert sandbox.result("GET", f"{PATHS.query}?taskId={number}")["status"] == "running"
    sandbox.clear("stuck")
    assert sandbox.wait(PATHS.query, number)["status"] == "success"


def test_a_fault_can_be_set_on_a_task_that_runs(sandbox: SandboxDriver, ids: Ids):
    sandbox.speed(60)
    doomed, other = (
        sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"] for _number in range(2)
    )
    sandbox.fault("task-failed", scope=doomed)
    for number in (doomed, other):
        sandbox.finish(number)
    assert sandbox.wait(PATHS.query, doomed)["status"] == "failed"
    assert sandbox.wait(PATHS.query, other)["status"] == "success"


def test_a_query_of_one_task_alone_goes_wrong(sandbox: SandboxDriver, ids: Ids):
    one, other = (sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"] for _number in range(2))
    sandbox.fault("code", scope=one, value=5003)
    assert sandbox.call("GET", f"{PATHS.query}?taskId={one}")[1]["code"] == "5003"
    assert sandbox.call("GET", f"{PATHS.query}?taskId={other}")[1]["code"] == "200"


def test_a_slow_task_takes_its_own_time(sandbox: SandboxDriver, ids: Ids):
    sandbox.fault("slow", next=1, value=60)
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]
    time.sleep(0.4)
    assert sandbox.result("GET", f"{PATHS.query}?taskId={number}")["status"] in ("init", "running")
    sandbox.finish(number)
    assert sandbox.wait(PATHS.query, number)["status"] == "success"


def first_url(result: Any) -> str:
    return str(result["videos"][0]["originVideo"]["filePath"])


@pytest.mark.parametrize("cdn", ["false", "true"])
def test_a_dead_link_is_replaced_by_the_next_query(cdn: str, sandbox: SandboxDriver, ids: Ids):
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]
    sandbox.wait(PATHS.query, number)
    sandbox.fault("expired-link", scope=number, next=1)
    query = f"{PATHS.query}?taskId={number}&needCloudFrontUrl={cdn}"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(first_url(sandbox.result("GET", query)))
    assert refused.value.code == 403
    assert b"<Code>AccessDenied</Code>" in refused.value.read()
    with urllib.request.urlopen(first_url(sandbox.result("GET", query))) as response:
        assert len(response.read()) == int(response.headers["Content-Length"])


def test_a_download_stops_early_though_its_length_was_told(sandbox: SandboxDriver, ids: Ids):
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]
    url = first_url(sandbox.wait(PATHS.query, number))
    sandbox.fault("truncated-download", scope=number, next=1, value=0.25)
    with urllib.request.urlopen(url) as response, pytest.raises(http.client.IncompleteRead) as cut:
        response.read()
    whole = len(urllib.request.urlopen(url).read())
    assert len(cut.value.partial) == whole // 4


def test_the_upload_check_says_false(sandbox: SandboxDriver, ids: Ids):
    sandbox.fault("upload-unchecked", next=1)
    path = f"/v1/upload/check?fileId={ids.image}"
    assert [sandbox.result("GET", path), sandbox.result("GET", path)] == [False, True]


def test_the_store_refuses_an_upload(sandbox: SandboxDriver):
    sandbox.fault("upload-refused", next=1)
    with pytest.raises(urllib.error.HTTPError) as refused:
        sandbox.upload(b"x" * 300_000, "png")
    assert refused.value.code == 403
    assert sandbox.upload(b"x", "png")


@pytest.mark.parametrize(
    ("name", "value", "is_stored"),
    [
        ("http-before", 500, False),
        ("drop-before", None, False),
        ("http-after", 500, True),
        ("drop-after", None, True),
    ],
)
def test_the_store_breaks_before_or_after_it_took_the_bytes(
    name: str, value: Any, is_stored: bool, sandbox: SandboxDriver
):
    sandbox.fault(name, scope="uploadObject", next=1, value=value)
    ticket = sandbox.result("GET", "/v1/upload/credential?format=png")
    request = urllib.request.Request(ticket["uploadUrl"], b"x" * 300_000, method="PUT")
    with pytest.raises(OSError):
        urllib.request.urlopen(request, timeout=10)
    assert sandbox.result("GET", f"/v1/upload/check?fileId={ticket['fileId']}") is is_stored


@pytest.mark.parametrize(
    ("name", "part"), [("http-before", b"503"), ("unreadable", b"<html>"), ("wrong-shape", b"unexpected")]
)
def test_a_download_is_answered_with_something_else(name: str, part: bytes, sandbox: SandboxDriver, ids: Ids):
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]
    url = sandbox.wait(PATHS.query, number)["videos"][0]["originVideo"]["filePath"]
    sandbox.fault(name, scope="downloadObject", next=1)
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 0, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    assert part in connection.getresponse().read()
    connection.close()
    with urllib.request.urlopen(url) as response:
        assert response.status == 200


def test_more_calls_than_the_limit_are_told_to_wait(sandbox: SandboxDriver, monkeypatch: pytest.MonkeyPatch):
    passed = [0.0]
    monkeypatch.setattr("tasks.sandbox.service.time", SimpleNamespace(monotonic=lambda: passed[0]))
    sandbox.fault("rate-limit", value=2)
    statuses = [sandbox.call("GET", "/v1/caption/list")[0] for _number in range(3)]
    assert statuses == [200, 200, 429]
    passed[0] = 1.05
    assert sandbox.call("GET", "/v1/caption/list")[0] == 200


def test_a_second_unfinished_task_of_the_same_operation_is_refused(sandbox: SandboxDriver, ids: Ids):
    sandbox.fault("one-at-a-time")
    sandbox.speed(60)
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]
    assert sandbox.call("POST", PATHS.submit, image_to_video(ids))[1]["code"] == "4007"
    sandbox.finish(number)
    sandbox.wait(PATHS.query, number)
    assert sandbox.call("POST", PATHS.submit, image_to_video(ids))[1]["code"] == "200"


@pytest.mark.parametrize(
    "wrong",
    [
        {"fault": "no-such"},
        {"fault": "latency", "value": "long"},
        {"fault": "code", "next": 0},
        {"fault": "code", "next": "x"},
        {"fault": "callback-forged", "value": "everything"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, Any], sandbox: SandboxDriver):
    with pytest.raises(urllib.error.HTTPError) as refused:
        sandbox.admin("POST", "faults", wrong)
    assert refused.value.code == 400
    assert sandbox.state()["faults"] == []


def test_faults_can_be_cleared_by_name_and_all_at_once(sandbox: SandboxDriver):
    for name in KINDS:
        sandbox.fault(name, scope="submitScraperTask")
    sandbox.clear("latency")
    assert len(sandbox.state()["faults"]) == len(KINDS) - 1
    sandbox.clear()
    assert sandbox.state()["faults"] == []
