"""Marketing video: previews, scripts, exports, all on one task."""

from typing import Any

from jsonschema import Draft202012Validator

from tasks.contract import load
from tests.sandbox.examples import SUBMITS, Ids, marketing
from tests.sandbox.sketch import Sketch
from tests.sandbox_fixture import SandboxDriver

EXAMPLE = SUBMITS["submitM2vTask"]


def previewed(sandbox: SandboxDriver, ids: Ids, **change: Any) -> str:
    number = str(sandbox.result("POST", EXAMPLE.submit, marketing(ids) | change)["taskId"])
    sandbox.wait(EXAMPLE.query, number)
    return number


def query(sandbox: SandboxDriver, number: str) -> Any:
    return sandbox.result("GET", f"{EXAMPLE.query}?taskId={number}")


def check(operation: str, answer: tuple[int, Any]) -> Any:
    Draft202012Validator(load().operations[operation].answer).validate(answer[1])
    return answer[1]["result"]


def test_previews_come_one_for_each_script(sandbox: SandboxDriver, ids: Ids):
    sandbox.speed(60)
    number = sandbox.result("POST", EXAMPLE.submit, marketing(ids))["taskId"]
    first = query(sandbox, number)
    assert (first["status"], first["previewVideos"], first["exportVideos"]) == ("init", None, None)
    sandbox.finish(number)
    result = sandbox.wait(EXAMPLE.query, number)
    assert [row["scriptId"] for row in result["previewVideos"]] == [0, 1, 2]
    assert all(row["videoUrl"] and row["videoDuration"] == 3000 for row in result["previewVideos"])
    assert result["exportVideos"] is None
    assert len(result["scriptContentList"]) == 3


def test_a_script_is_exported_on_the_same_task(sandbox: SandboxDriver, ids: Ids):
    number = previewed(sandbox, ids)
    sandbox.speed(60)
    result = check("exportM2v", sandbox.call("POST", "/v1/m2v/export", {"taskId": number, "scriptId": 1}))
    assert result["taskId"] == number
    running = query(sandbox, number)
    assert running["status"] in ("init", "running")
    assert [row["videoUrl"] for row in running["exportVideos"] or []] in ([], [None])
    sandbox.finish(number)
    done = sandbox.wait(EXAMPLE.query, number)
    assert [(row["scriptId"], row["status"]) for row in done["exportVideos"]] == [(1, "success")]
    assert len(done["previewVideos"]) == 3


def test_new_words_give_a_new_preview(sandbox: SandboxDriver, ids: Ids):
    number = previewed(sandbox, ids)
    before = query(sandbox, number)["previewVideos"]
    scripts = check("listM2vScripts", sandbox.call("GET", f"/v1/m2v/script/list?taskId={number}"))
    segments = scripts[0]["scriptContents"]
    assert all(isinstance(segment["segId"], str) for segment in segments)
    body = {"taskId": number, "scriptContents": [{"segId": segments[0]["segId"], "segText": "Tea time."}]}
    check("updateM2vScript", sandbox.call("POST", "/v1/m2v/script/update", body))
    after = sandbox.wait(EXAMPLE.query, number)["previewVideos"]
    assert after[0]["videoEtag"] != before[0]["videoEtag"]
    assert after[1]["videoEtag"] == before[1]["videoEtag"]
    words = sandbox.result("GET", f"/v1/m2v/script/list?taskId={number}")[0]["scriptContents"]
    assert [one["segText"] for one in words] == ["Tea time.", *(one["segText"] for one in segments[1:])]


def test_the_new_words_are_what_is_rendered(sandbox: SandboxDriver, ids: Ids, sandbox_renderer: Sketch):
    number = previewed(sandbox, ids)
    body = {"taskId": number, "scriptId": 2, "scriptContents": [{"segId": 1, "segText": "Tea time."}]}
    sandbox.result("POST", "/v1/m2v/script/update", body)
    sandbox.result("POST", "/v1/m2v/export", {"taskId": number, "scriptId": 1})
    sandbox.wait(EXAMPLE.query, number)
    job = sandbox_renderer.jobs[-2]
    assert job.text.startswith("Tea time.")
    assert (job.aspect, job.captions, len(job.pictures)) == ("1:1", True, 1)


def test_without_preview_the_export_comes_straight(sandbox: SandboxDriver, ids: Ids):
    number = previewed(sandbox, ids, preview=False)
    result = query(sandbox, number)
    assert result["previewVideos"] is None
    assert [row["status"] for row in result["exportVideos"]] == ["success"]


def test_an_export_needs_its_preview(sandbox: SandboxDriver, ids: Ids):
    sandbox.speed(60)
    number = sandbox.result("POST", EXAMPLE.submit, marketing(ids))["taskId"]
    assert sandbox.call("POST", "/v1/m2v/export", {"taskId": number})[1]["code"] == "4007"


def test_unknown_scripts_segments_and_tasks_are_not_found(sandbox: SandboxDriver, ids: Ids):
    number = previewed(sandbox, ids)
    for path, body in (
        ("/v1/m2v/export", {"taskId": number, "scriptId": 9}),
        ("/v1/m2v/export", {"taskId": "0" * 32}),
        ("/v1/m2v/script/update", {"taskId": number, "scriptContents": [{"segId": 99, "segText": "x"}]}),
    ):
        assert sandbox.call("POST", path, body)[1]["code"] == "4004"


def test_an_own_script_is_used_word_for_word(sandbox: SandboxDriver, ids: Ids):
    number = previewed(
        sandbox, ids, isDiyScript=True, diyScriptDescription="Red clay. Warm tea.", productDescription=None
    )
    scripts = query(sandbox, number)["scriptContentList"]
    assert [one["segText"] for one in scripts[0]["scriptContents"]] == ["Red clay", "Warm tea"]
