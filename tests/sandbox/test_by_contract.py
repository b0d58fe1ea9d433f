"""Operations that no module of the sandbox knows are served by their schemas."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tasks.contract import load
from tasks.sandbox.service import is_served
from tests.sandbox.examples import BY_CONTRACT, Ids
from tests.sandbox.sketch import Sketch
from tests.sandbox.test_every_operation import check, make
from tests.sandbox_fixture import SandboxDriver

CONTRACT = load()
NOT_SERVED = ("batchDeleteBoardTasks", "submitBatchDownload", "queryBatchDownload")


def made(sandbox: SandboxDriver, name: str, body: Any) -> Any:
    """The result of an operation, with its task id, once it has ended well."""
    found = make(sandbox, BY_CONTRACT[name], body)
    assert found["status"] == "success", found
    return found


def test_all_but_the_bulk_calls_of_boards_are_served():
    unserved = [operation.id for operation in CONTRACT.operations.values() if not is_served(operation)]
    assert unserved == list(NOT_SERVED)


@pytest.mark.parametrize("name", NOT_SERVED)
def test_what_is_not_served_is_refused_and_never_left_open(name: str, sandbox: SandboxDriver):
    operation = CONTRACT.operations[name]
    for body in (None, b"no JSON", {}, {"boardId": "1", "taskIds": ["1"]}):
        status, envelope = sandbox.call(operation.method, operation.path, body)
        assert (status, envelope["code"], envelope.get("result")) == (200, "4004", None)
        assert name in envelope["message"]


@pytest.mark.parametrize("name", BY_CONTRACT)
def test_a_body_without_anything_is_refused_by_the_contract(name: str, sandbox: SandboxDriver):
    status, envelope = sandbox.call("POST", BY_CONTRACT[name].submit, {})
    assert (status, envelope["code"]) == (200, "4003")
    assert sandbox.accepted() == 0


def test_films_have_the_count_length_ratio_and_size_that_were_asked_for(
    sandbox: SandboxDriver, ids: Ids, sandbox_renderer: Sketch
):
    body = {
        "model": "Kling V3",
        "prompt": "A mug in the rain",
        "duration": 10,
        "aspectRatio": "9:16",
        "resolution": 1080,
        "generatingCount": 3,
        "sound": "on",
    }
    videos = made(sandbox, "submitText2Video", body)["videos"]
    assert len(videos) == 3 and all("/sandbox/results/" in video["filePath"] for video in videos)
    (job,) = sandbox_renderer.jobs
    assert (job.product, job.seconds, job.aspect, job.height) == ("animation", 10, "9:16", 1080)
    assert (job.count, job.sounds) == (3, True)
    made(sandbox, "submitText2Video", body | {"sound": "off", "duration": 5, "generatingCount": 1})
    assert (sandbox_renderer.jobs[1].sounds, sandbox_renderer.jobs[1].seconds) == (False, 5)


def test_pictures_have_the_count_ratio_and_size_that_were_asked_for(
    sandbox: SandboxDriver, ids: Ids, sandbox_renderer: Sketch
):
    body = {
        "model": "Nano Banana 2",
        "prompt": "A mug",
        "aspectRatio": "9:16",
        "resolution": "2K",
        "generateCount": 2,
    }
    assert len(made(sandbox, "submitText2Image", body)["images"]) == 2
    (job,) = sandbox_renderer.jobs
    assert (job.product, job.aspect, job.height, job.count) == ("still", "9:16", 2048, 2)
    assert "A mug" in job.label


def test_what_a_named_model_cannot_make_is_refused(sandbox: SandboxDriver, ids: Ids):
    path, body = BY_CONTRACT["submitText2Video"].submit, BY_CONTRACT["submitText2Video"].body(ids)
    for wrong in ({"model": "Nobody's"}, {"duration": 99}, {"aspectRatio": "7:5"}):
        assert sandbox.call("POST", path, body | wrong)[1]["code"] == "4000"
    images = BY_CONTRACT["submitText2Image"]
    wrong_image = images.body(ids) | {"model": "Imagen 4", "aspectRatio": "7:5"}
    assert sandbox.call("POST", images.submit, wrong_image)[1]["code"] == "4000"
    pair = {"productImageFileId": ids.image, "templateImageFileId": ids.image}
    path = BY_CONTRACT["submitAnyShootProductModelV3"].submit
    for count in ("99", "²", "0", "9" * 5000):
        assert sandbox.call("POST", path, pair | {"generatingCount": count})[1]["code"] == "4000"
    assert sandbox.accepted() == 0


@pytest.mark.parametrize("name", ["submitVideoProcess", "submitStoryboard", "submitImageEdit"])
def test_a_key_that_the_contract_does_not_know_changes_nothing_whatever_stands_in_it(
    name: str, sandbox: SandboxDriver, ids: Ids, sandbox_renderer: Sketch
):
    body, unknown = BY_CONTRACT[name].body(ids), {"languages": 5, "ttsText": 5, "aTaskId": {}, "voiceId": [1]}
    made(sandbox, name, body)
    made(sandbox, name, body | unknown)
    jobs = [replace(job, into=Path(), seed=0) for job in sandbox_renderer.jobs]
    assert jobs[0] == jobs[1]


def test_files_are_judged_by_the_role_in_their_names(sandbox: SandboxDriver, ids: Ids):
    for name, body in (
        ("submitVideoObjectRemove", {"mode": "auto", "videoFileId": ids.image}),
        ("submitInstantVoiceClone", {"model": "Index TTS", "text": "Hi", "referenceAudioFileId": ids.image}),
    ):
        assert sandbox.call("POST", BY_CONTRACT[name].submit, body)[1]["code"] == "4000"
    unknown = {"inputModelFileId": "nobody", "inputTemplateFileId": ids.image}
    assert sandbox.call("POST", BY_CONTRACT["submitCharacterSwap"].submit, unknown)[1]["code"] == "4004"


def test_the_charge_is_the_rate_of_the_model_and_is_told_and_logged(sandbox: SandboxDriver, ids: Ids):
    body = {"model": "Nano Banana 2", "prompt": "A mug", "resolution": "2K", "generateCount": 2}
    assert made(sandbox, "submitText2Image", body)["costCredit"] == pytest.approx(1.2)
    assert sandbox.result("GET", "/user/credit/detail")["remainCredit"] == pytest.approx(998.8)
    (row,) = sandbox.result("GET", "/user/credit/logs")["data"]
    assert (row["costCredit"], row["taskType"]) == (pytest.approx(1.2), "common_task_text2image")


def test_some_files_may_fail_and_are_not_charged(sandbox: SandboxDriver, ids: Ids):
    sandbox.fault("partial", value=1)
    result = made(sandbox, "submitText2Image", BY_CONTRACT["submitText2Image"].body(ids))
    assert [row["status"] for row in result["images"]] == ["success", "success", "fail"]
    assert result["images"][2]["filePath"] is None and result["images"][2]["errorMsg"]
    assert result["costCredit"] == pytest.approx(0.6)


def test_a_row_that_cannot_say_that_it_failed_is_left_out(sandbox: SandboxDriver, ids: Ids):
    sandbox.fault("partial", value=1)
    name = "submitAnyShootProductModelV3"
    assert len(made(sandbox, name, BY_CONTRACT[name].body(ids))["anyfitImages"]) == 1


@pytest.mark.parametrize("name", BY_CONTRACT)
def test_every_call_is_charged_called_back_as_documented_and_found_on_its_board(
    name: str, sandbox: SandboxDriver, ids: Ids
):
    operation, example = CONTRACT.operations[name], BY_CONTRACT[name]
    board = sandbox.result("POST", "/boards/create", {"name": "Spring"})["boardId"]
    body = example.body(ids) | {"noticeUrl": "http://127.0.0.1:9/hooks"}
    if operation.board_media in ("image", "video", "audio"):
        body["boardId"] = board
    accepted = sandbox.result("POST", example.submit, body)
    assert sandbox.wait(example.query, accepted["taskId"]).get("boardId") == body.get("boardId")

    left = sandbox.result("GET", "/user/credit/detail")["remainCredit"]
    charges = sandbox.result("GET", "/user/credit/logs")["data"]
    assert sum(charge["costCredit"] for charge in charges) == pytest.approx(1000 - left) and left < 1000
    (callback,) = sandbox.state()["callbacks"]
    payload = callback["payload"]
    Draft202012Validator(CONTRACT.schema("NoticeCallback")).validate(payload)
    assert payload["bizType"] in (operation.biz_types or (payload["bizType"],))
    assert (payload["uuid"], payload["taskId"]) == (accepted["noticeUuid"], accepted["taskId"])
    if "boardId" in body:
        rows = sandbox.result("GET", f"/boards/tasks/list?boardId={board}&mediaType={operation.board_media}")
        assert [row["taskId"] for row in rows["list"]] == [accepted["taskId"]]
    assert sandbox.violations() == []


def test_music_is_found_by_its_category_and_tells_its_styles(sandbox: SandboxDriver, ids: Ids):
    board = sandbox.result("POST", "/boards/create", {"name": "Spring"})["boardId"]
    example = BY_CONTRACT["submitAiMusic"]
    number = sandbox.result("POST", example.submit, example.body(ids) | {"boardId": board})["taskId"]
    assert sandbox.wait(example.query, number)["styles"] == "calm"
    rows = sandbox.result("GET", f"/boards/tasks/list?boardId={board}&mediaType=audio&toolCategory=music")
    assert [row["taskId"] for row in rows["list"]] == [number]


def test_sounds_are_spoken_or_played(sandbox: SandboxDriver, ids: Ids, sandbox_renderer: Sketch):
    spoken = made(sandbox, "submitInstantVoiceClone", BY_CONTRACT["submitInstantVoiceClone"].body(ids))[
        "outputAudio"
    ]
    assert (spoken["format"], spoken["duration"]) == ("mp3", 3.0)
    (played,) = made(sandbox, "submitAiMusic", BY_CONTRACT["submitAiMusic"].body(ids))["outputs"]
    assert [job.product for job in sandbox_renderer.jobs] == ["speech", "music"]
    assert played["fileId"] and "/sandbox/results/" in played["url"]


def test_a_film_keeps_the_length_of_the_one_it_is_made_from(
    sandbox: SandboxDriver, ids: Ids, sandbox_renderer: Sketch
):
    body = BY_CONTRACT["submitVideoObjectRemove"].body(ids)
    result = made(sandbox, "submitVideoObjectRemove", body)
    assert (result["outputWidth"], result["outputHeight"], result["outputDuration"]) == (720, 1280, 3000)
    # Charged by the length that it turned out to have.
    assert result["costCredit"] == pytest.approx(0.9)
    assert result["outputCoverUrl"] is None and result["outputVideoFileId"]


def test_each_picture_is_translated_into_each_language(sandbox: SandboxDriver, ids: Ids):
    name = "submitImageTranslateBatch"
    result = made(sandbox, name, BY_CONTRACT[name].body(ids))
    assert [row["language"] for row in result["details"]] == ["German", "French"] * 2
    assert result["costCredit"] == 8


def test_a_task_goes_on_from_an_earlier_one(sandbox: SandboxDriver, ids: Ids):
    found = sandbox.result(
        "POST",
        BY_CONTRACT["submitImageTranslate"].submit,
        {
            "fileId": ids.image,
            "languages": ["German"],
        },
    )
    path = "/v1/image_generate"
    sandbox.wait(BY_CONTRACT["submitImageTranslate"].query, found["taskId"])
    number = sandbox.result("POST", f"{path}/single/task/submit", {"taskId": found["taskId"]})["taskId"]
    status, envelope = (
        sandbox.wait(f"{path}/task/query", number),
        sandbox.call("GET", f"{path}/task/query?taskId={number}"),
    )
    check("queryImageTranslateGenerate", *envelope)
    assert [row["language"] for row in status["details"]] == ["German"]
    assert sandbox.call("POST", f"{path}/single/task/submit", {"taskId": "nobody"})[1]["code"] == "4004"


def test_a_person_in_a_film_is_swapped_in_four_steps(sandbox: SandboxDriver, ids: Ids):
    first = made(sandbox, "submitVideoProcess", BY_CONTRACT["submitVideoProcess"].body(ids))
    assert (first["resizedSize"], first["fps"], first["frames"]) == ([720, 1280], 30, 90)
    mask = {"index": "0", "modifyPoints": [[10, 10]]}
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("segment_anything", {"videoProcessTaskId": first["taskId"], "inputInfo": mask}),
        ("video_tracking", {"videoProcessTaskId": first["taskId"], "inputInfos": [mask]}),
    )
    told = {}
    for step, body in steps:
        number = sandbox.result("POST", f"/v1/{step}/task/submit", body)["taskId"]
        told[step] = sandbox.wait(f"/v1/{step}/task/query", number)
        query = CONTRACT.at("GET", f"/v1/{step}/task/query")
        assert query is not None
        check(query.id, *sandbox.call("GET", f"{query.path}?taskId={number}"))
    assert told["segment_anything"]["mask"].startswith("iVBOR")
    assert len({told["video_tracking"][key] for key in told["video_tracking"] if key.endswith("Path")}) == 3
    body = {"modelImageFileId": ids.image, "videoMaskDrawingTaskId": told["video_tracking"]["taskId"]}
    number = sandbox.result("POST", "/v1/video_character_swap/task/submit", body)["taskId"]
    result = sandbox.wait("/v1/video_character_swap/task/query", number)
    assert result["outputVideoUrl"] and result["costCredit"] == pytest.approx(0.9)


def test_a_task_waits_for_the_one_it_goes_on_from(sandbox: SandboxDriver, ids: Ids):
    sandbox.speed(60)
    first = sandbox.result(
        "POST", BY_CONTRACT["submitVideoProcess"].submit, BY_CONTRACT["submitVideoProcess"].body(ids)
    )["taskId"]
    body = {"videoProcessTaskId": first, "inputInfos": [{"index": "0", "modifyPoints": [[1, 1]]}]}
    assert sandbox.call("POST", "/v1/video_tracking/task/submit", body)[1]["code"] == "4007"
