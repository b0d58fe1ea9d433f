"""What was answered is still true after a restart."""

import http.client
import time
import urllib.request
from pathlib import Path

import pytest

from tasks.sandbox.sandbox import Sandbox, StoreInUse
from tests.sandbox.examples import SUBMITS, Ids, image_to_video
from tests.sandbox.sketch import Sketch, png
from tests.sandbox_fixture import SandboxDriver

PATHS = SUBMITS["submitCommonImage2Video"]


def begun(store: Path, seconds: float = 0.2) -> tuple[Sandbox, SandboxDriver]:
    running = Sandbox(store, seconds=seconds, renderer=Sketch()).start()
    return running, SandboxDriver(running.base_url, running)


def files(sandbox: SandboxDriver) -> Ids:
    image = sandbox.upload(png(), "png")
    return Ids(image=image, video=image, audio=image)


def test_a_running_task_goes_on_by_time(tmp_path: Path):
    running, sandbox = begun(tmp_path, seconds=1.2)
    number = sandbox.result("POST", PATHS.submit, image_to_video(files(sandbox)))["taskId"]
    running.stop()
    time.sleep(1.2)
    running, sandbox = begun(tmp_path, seconds=60)
    with running:
        assert sandbox.wait(PATHS.query, number)["status"] == "success"
        assert sandbox.result("GET", "/user/credit/detail")["remainCredit"] == 998


def test_files_credits_counters_faults_and_addresses_stay(tmp_path: Path):
    running, sandbox = begun(tmp_path)
    ids = files(sandbox)
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]
    url = sandbox.wait(PATHS.query, number)["videos"][0]["originVideo"]["filePath"]
    sandbox.fault("latency", scope="queryVoices", next=3, value=0.1)
    sandbox.call("GET", "/v1/voice/query?pageNum=1")
    before = sandbox.state()
    old = running.base_url
    running.stop()
    running, sandbox = begun(tmp_path)
    with running:
        after = sandbox.state()
        assert [row["next"] for row in after["faults"]] == [2]
        for name in ("accounts", "tasks", "faults", "accepted", "violations"):
            assert after[name] == before[name]
        assert sandbox.result("GET", f"/v1/upload/check?fileId={ids.image}") is True
        with urllib.request.urlopen(url.replace(old, running.base_url)) as response:
            assert response.status == 200


def test_a_stopped_sandbox_answers_no_kept_connection(tmp_path: Path):
    running, _sandbox = begun(tmp_path)
    host, port = running.base_url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    connection.request("GET", "/v1/caption/list")
    connection.getresponse().read()
    running.stop()
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        connection.request("GET", "/v1/caption/list")
        connection.getresponse()


def test_two_sandboxes_never_share_a_store(tmp_path: Path):
    running, _sandbox = begun(tmp_path)
    with running, pytest.raises(StoreInUse):
        Sandbox(tmp_path, renderer=Sketch()).start()
    begun(tmp_path)[0].stop()


def test_a_reset_forgets_everything_but_the_first_accounts(tmp_path: Path):
    running, sandbox = begun(tmp_path)
    with running:
        ids = files(sandbox)
        sandbox.wait(PATHS.query, sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"])
        sandbox.account("Another0000000000000", "sk-another", 5)
        sandbox.fault("stuck")
        sandbox.reset()
        state = sandbox.state()
        assert (state["tasks"], state["faults"], state["accepted"]["total"]) == ([], [], 0)
        assert {row["uid"]: row["credit"] for row in state["accounts"]} == {
            sandbox.uid: 1000,
            sandbox.empty_uid: 0,
        }
        assert sandbox.call("GET", f"/v1/upload/check?fileId={ids.image}")[1]["code"] == "4004"
