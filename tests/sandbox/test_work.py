"""Tasks in time, renders that go wrong, and what the counters say."""

import hashlib
import json
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest

from tasks.sandbox.render import Rendered, RenderJob
from tasks.sandbox.rendering import Tiny
from tasks.sandbox.sandbox import Sandbox
from tests.sandbox.examples import SUBMITS, Ids, image_to_video, public_avatar
from tests.sandbox.sketch import Sketch, png
from tests.sandbox_fixture import SandboxDriver

PATHS = SUBMITS["submitCommonImage2Video"]


def test_a_task_goes_from_init_over_running_to_success(
    sandbox: SandboxDriver, ids: Ids, monkeypatch: pytest.MonkeyPatch
):
    passed, real = [0.0], time.time
    clock = SimpleNamespace(time=lambda: real() + passed[0])
    monkeypatch.setattr("tasks.sandbox.clock.time", clock)
    sandbox.speed(3600)
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]

    def word() -> str:
        return str(sandbox.result("GET", f"{PATHS.query}?taskId={number}")["status"])

    assert word() == "init"
    passed[0] = 1800
    assert word() == "running"
    passed[0] = 3600
    assert sandbox.wait(PATHS.query, number)["status"] == "success"


def test_a_result_that_is_not_rendered_yet_keeps_its_task_running(
    sandbox: SandboxDriver, ids: Ids, sandbox_renderer: Sketch
):
    gate = threading.Event()
    sketch = sandbox_renderer.render

    def held(job: RenderJob) -> list[Rendered]:
        gate.wait(60)
        return sketch(job)

    sandbox_renderer.render = held  # type: ignore[method-assign]
    sandbox.speed(0)
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]
    assert sandbox.result("GET", f"{PATHS.query}?taskId={number}")["status"] == "running"
    gate.set()
    assert sandbox.wait(PATHS.query, number)["status"] == "success"


def test_an_input_that_cannot_be_rendered_fails_its_task(
    sandbox: SandboxDriver, ids: Ids, sandbox_renderer: Sketch
):
    sandbox_renderer.broken = True
    result = sandbox.wait(PATHS.query, sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"])
    assert (result["status"], result["errorMsg"]) == ("fail", "The picture can't be read.")
    assert sandbox.result("GET", "/user/credit/detail")["remainCredit"] == 1000


def test_the_renderer_is_given_the_actual_inputs(sandbox: SandboxDriver, ids: Ids, sandbox_renderer: Sketch):
    example = SUBMITS["submitVideoAvatarTask"]
    body = public_avatar(ids) | {"voiceoverId": ids.voice, "voiceSpeed": 1.1, "captionId": ids.caption}
    sandbox.wait(example.query, sandbox.result("POST", example.submit, body)["taskId"])
    (job,) = sandbox_renderer.jobs
    assert (job.product, job.text, job.language, job.voice_gender) == (
        "talking",
        body["ttsText"],
        "en-us",
        "female",
    )
    assert (job.speed, job.captions, job.caption_style) == (1.1, True, ids.caption)
    assert [path.name for path in job.pictures] == [f"{ids.avatar}.png"]


def test_speed_can_be_set_for_one_operation(sandbox: SandboxDriver, ids: Ids):
    sandbox.speed(60, "submitScraperTask")
    slow = sandbox.result("POST", "/v1/scraper/task/submit", {"productLink": "https://shop.example/mug"})
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]
    assert sandbox.wait(PATHS.query, number)["status"] == "success"
    query = f"/v1/scraper/task/query?taskId={slow['taskId']}"
    assert sandbox.result("GET", query)["status"] == "init"


def test_accepted_submits_are_counted_by_operation_and_body(sandbox: SandboxDriver, ids: Ids):
    body = image_to_video(ids)
    for one in (body, body | {"noticeUrl": "http://127.0.0.1:1/a"}, body | {"duration": 10}):
        sandbox.result("POST", PATHS.submit, one)
    sandbox.call("POST", PATHS.submit, body | {"duration": 11})
    assert (sandbox.accepted(), sandbox.accepted("submitCommonImage2Video")) == (3, 3)
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    counts = {row["digest"]: row["count"] for row in sandbox.state()["accepted"]["bodies"]}
    assert counts[digest] == 2
    assert sorted(counts.values()) == [1, 2]


def test_plain_calls_are_counted(sandbox: SandboxDriver):
    for _time in range(3):
        sandbox.call("GET", "/v1/caption/list")
    assert sandbox.state()["calls"] == {"listCaptions": 3}


def test_many_calls_at_once_are_all_accepted_once(sandbox: SandboxDriver, ids: Ids):
    body = image_to_video(ids) | {"generatingCount": 1}
    numbers: list[str] = []

    def call() -> None:
        for _time in range(5):
            numbers.append(sandbox.result("POST", PATHS.submit, body)["taskId"])

    threads = [threading.Thread(target=call) for _number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(numbers)) == 60
    for number in numbers:
        assert sandbox.wait(PATHS.query, number)["status"] == "success"
    assert sandbox.accepted() == 60
    assert sandbox.result("GET", "/user/credit/detail")["remainCredit"] == 970


def test_the_page_shows_what_is_there_and_escapes_it(sandbox: SandboxDriver, ids: Ids):
    sandbox.account("<b>bold</b>", "sk-secret-key-1234", 7)
    sandbox.fault("stuck", scope="submits")
    number = sandbox.result("POST", PATHS.submit, image_to_video(ids))["taskId"]
    with urllib.request.urlopen(sandbox.base_url) as response:
        page = response.read().decode()
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert number in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page and "<b>bold" not in page
    assert "sk-secret-key" not in page and "••••1234" in page
    assert "<script" not in page and "style=" not in page
    with urllib.request.urlopen(f"{sandbox.base_url}/sandbox/page.css") as response:
        assert response.headers["Content-Type"].startswith("text/css")


def test_the_page_sets_and_clears_faults_by_forms(sandbox: SandboxDriver):
    def post(path: str, body: bytes, **headers: str) -> int:
        request = urllib.request.Request(f"{sandbox.base_url}{path}", body, headers)
        try:
            with urllib.request.urlopen(request) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    assert post("/sandbox/faults", b"fault=latency&scope=&next=2&value=") == 200
    (fault,) = sandbox.state()["faults"]
    assert (fault["fault"], fault["scope"], fault["next"], fault["value"]) == ("latency", "global", 2, "3")
    assert post("/sandbox/faults/clear", f"id={fault['id']}".encode(), Origin="https://evil.example") == 403
    assert post("/sandbox/faults/clear", f"id={fault['id']}".encode()) == 200
    assert sandbox.state()["faults"] == []


def test_the_switches_answer_to_loopback_names_only(sandbox: SandboxDriver):
    status, _body = sandbox.call("GET", "/sandbox/state", Host="sandbox.example")
    assert status == 403


def test_load_tests_get_copies_of_one_small_result(tmp_path: Path):
    sketch = Sketch()
    tiny = Tiny(sketch, tmp_path / "tiny")
    with Sandbox(tmp_path / "store", renderer=tiny, seconds=0) as running:
        sandbox = SandboxDriver(running.base_url)
        body = {
            "imageFileId": sandbox.upload(png(), "png"),
            "duration": 5,
            "mode": "lite",
            "generatingCount": 4,
        }
        for _time in range(5):
            number = sandbox.result("POST", PATHS.submit, body)["taskId"]
            assert len(sandbox.wait(PATHS.query, number)["videos"]) == 4
    assert len(sketch.jobs) == 1
    assert sketch.closed


def test_load_tests_get_one_picture_for_each_catalog(tmp_path: Path):
    tiny = Tiny(Sketch(), tmp_path / "tiny")
    made = [tiny.catalog_media(kind, {}, name, tmp_path) for kind, name in _CATALOG_FILES]
    assert [path.name for path in made] == [name for _kind, name in _CATALOG_FILES]
    first, second, other = (path.read_bytes() for path in made)
    assert first == second == b"voices one.mp3"
    assert other == b"avatars one.mp4"


_CATALOG_FILES = (("voices", "one.mp3"), ("voices", "two.mp3"), ("avatars", "one.mp4"))
