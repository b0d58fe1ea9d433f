"""Callbacks, against a real receiver."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tasks.contract import load
from tests.sandbox.examples import SUBMITS, Ids, image_to_video, marketing
from tests.sandbox_fixture import SandboxDriver

PATHS = SUBMITS["submitCommonImage2Video"]


class Receiver:
    """Keeps every callback as (uid, payload), and acknowledges unless it was told otherwise."""

    def __init__(self) -> None:
        self.got: list[tuple[str, Any]] = []
        self.got_at: list[float] = []
        self.refusals = 0
        self.garble = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802
                payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                uid = self.headers["Topview-Uid"]
                outer.got_at.append(time.time())
                outer.got.append((uid, payload))
                self.send_response(500 if outer.refusals else 200)
                outer.refusals -= bool(outer.refusals)
                self.end_headers()
                result = {"uuid": payload["uuid"], "topviewUid": uid, "result": "success"}
                body = {"code": "200", "message": "Success", "result": result}
                self.wfile.write(b"thanks" if outer.garble else json.dumps(body).encode())

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/notice/token-1?x=1"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def wait(self, count: int, *, seconds: float = 60) -> list[Any]:
        """The payloads, once there are so many."""
        deadline = time.monotonic() + seconds
        while len(self.got) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return [payload for _uid, payload in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.server.shutdown()
    running.server.server_close()


def submit(sandbox: SandboxDriver, ids: Ids, receiver: Receiver) -> Any:
    return sandbox.result("POST", PATHS.submit, image_to_video(ids) | {"noticeUrl": receiver.url})


def test_a_finished_task_is_posted_in_the_documented_form(
    sandbox: SandboxDriver, ids: Ids, receiver: Receiver
):
    accepted = submit(sandbox, ids, receiver)
    (payload,) = receiver.wait(1)
    Draft202012Validator(load().schema("NoticeCallback")).validate(payload)
    assert payload["uuid"] == accepted["noticeUuid"]
    assert (payload["bizType"], payload["status"]) == ("COMMON_TASK_IMAGE2VIDEO", "success")
    assert len(payload["result"]["videos"]) == 4
    assert receiver.got[0][0] == sandbox.uid


def test_the_result_can_be_a_json_string(sandbox: SandboxDriver, ids: Ids, receiver: Receiver):
    sandbox.fault("callback-text")
    submit(sandbox, ids, receiver)
    (payload,) = receiver.wait(1)
    assert json.loads(payload["result"])["status"] == "success"


def test_a_failed_task_is_posted_as_fail(sandbox: SandboxDriver, ids: Ids, receiver: Receiver):
    sandbox.fault("task-failed")
    submit(sandbox, ids, receiver)
    (payload,) = receiver.wait(1)
    assert payload["status"] == "fail"
    assert payload["errorMsg"]


def test_without_an_address_nothing_is_posted(sandbox: SandboxDriver, ids: Ids):
    accepted = sandbox.result("POST", PATHS.submit, image_to_video(ids))
    sandbox.wait(PATHS.query, accepted["taskId"])
    assert accepted["noticeUuid"] is None
    assert sandbox.state()["callbacks"] == []


def test_a_marketing_video_calls_back_once_for_each_call(
    sandbox: SandboxDriver, ids: Ids, receiver: Receiver
):
    example = SUBMITS["submitM2vTask"]
    notice = {"noticeUrl": receiver.url}
    number = sandbox.result("POST", example.submit, marketing(ids) | notice)["taskId"]
    (preview,) = receiver.wait(1)
    assert len(preview["result"]["previewVideos"]) == 3
    sandbox.result("POST", "/v1/m2v/export", {"taskId": number, **notice})
    assert [one["bizType"] for one in receiver.wait(2)] == ["M2V_PREVIEW", "M2V_EXPORT"]


def settled(sandbox: SandboxDriver, count: int = 1) -> list[Any]:
    """The callbacks, once none waits."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        notices: list[Any] = sandbox.state()["callbacks"]
        if len(notices) >= count and all(one["state"] != "waiting" for one in notices):
            return notices
        time.sleep(0.02)
    raise AssertionError(f"still waiting: {sandbox.state()['callbacks']}")


@pytest.mark.parametrize(("refusals", "tries", "state"), [(2, 3, "acknowledged"), (9, 3, "given up")])
def test_a_refused_callback_is_tried_three_times_at_most(
    refusals: int, tries: int, state: str, sandbox: SandboxDriver, ids: Ids, receiver: Receiver
):
    receiver.refusals = refusals
    submit(sandbox, ids, receiver)
    (notice,) = settled(sandbox)
    assert (notice["tries"], notice["state"], len(receiver.got)) == (tries, state, tries)


def test_an_answer_that_is_no_acknowledgement_counts_as_none(
    sandbox: SandboxDriver, ids: Ids, receiver: Receiver
):
    receiver.garble = True
    submit(sandbox, ids, receiver)
    (notice,) = settled(sandbox)
    assert (notice["state"], notice["remark"]) == ("given up", "HTTP 200, not JSON")


def test_an_address_beyond_loopback_is_never_called(sandbox: SandboxDriver, ids: Ids):
    body = image_to_video(ids) | {"noticeUrl": "http://192.0.2.7/notice"}
    sandbox.result("POST", PATHS.submit, body)
    (notice,) = settled(sandbox)
    assert (notice["state"], "loopback" in notice["remark"]) == ("given up", True)


def test_the_address_check_demands_the_acknowledgement(sandbox: SandboxDriver, receiver: Receiver):
    check = ("POST", "/notice/notice_url/check", {"noticeUrl": receiver.url})
    assert sandbox.call(*check)[1]["code"] == "200"
    assert len(receiver.got) == 1
    receiver.garble = True
    assert sandbox.call(*check)[1]["code"] == "4000"
    assert sandbox.call("POST", check[1], {"noticeUrl": "http://127.0.0.1:1/"})[1]["code"] == "4000"


def test_a_callback_can_be_missing(sandbox: SandboxDriver, ids: Ids, receiver: Receiver):
    sandbox.fault("callback-missing", next=1)
    sandbox.wait(PATHS.query, submit(sandbox, ids, receiver)["taskId"])
    second = submit(sandbox, ids, receiver)
    assert [one["taskId"] for one in receiver.wait(1)] == [second["taskId"]]


def test_a_callback_can_come_twice(sandbox: SandboxDriver, ids: Ids, receiver: Receiver):
    sandbox.fault("callback-duplicated", next=1)
    accepted = submit(sandbox, ids, receiver)
    assert [one["uuid"] for one in receiver.wait(2)] == [accepted["noticeUuid"]] * 2


def test_a_callback_can_come_after_the_one_that_follows(sandbox: SandboxDriver, ids: Ids, receiver: Receiver):
    sandbox.fault("callback-reordered", next=1)
    first = submit(sandbox, ids, receiver)["taskId"]
    sandbox.wait(PATHS.query, first)
    second = submit(sandbox, ids, receiver)["taskId"]
    assert [one["taskId"] for one in receiver.wait(2)] == [second, first]


def test_a_callback_can_come_late(sandbox: SandboxDriver, ids: Ids, receiver: Receiver):
    sandbox.speed(0)
    sandbox.fault("callback-late", next=1, value=0.5)
    begun = time.time()
    submit(sandbox, ids, receiver)
    assert len(receiver.wait(1)) == 1
    assert receiver.got_at[0] - begun >= 0.5


@pytest.mark.parametrize("what", ["status", "uuid", "task", "uid"])
def test_a_forged_callback_comes_first_and_lies(
    what: str, sandbox: SandboxDriver, ids: Ids, receiver: Receiver
):
    sandbox.speed(0.5)
    sandbox.fault("callback-forged", next=1, value=what)
    accepted = submit(sandbox, ids, receiver)
    forged, true = receiver.wait(2)
    expected = {"uuid": accepted["noticeUuid"], "taskId": accepted["taskId"], "status": "success"}
    assert {key: true[key] for key in expected} == expected
    lies = {key for key in expected if forged[key] != expected[key]}
    assert lies == {"status": {"status"}, "uuid": {"uuid"}, "task": {"taskId"}, "uid": set()}[what]
    assert (receiver.got[0][0] == sandbox.uid) == (what != "uid")
