"""Each operation answers in the shape that the contract describes; drift shows here first."""

import pytest
from jsonschema import Draft202012Validator

from tasks.contract import load
from tasks.sandbox.service import is_served
from tests.sandbox.examples import BY_CONTRACT, Example, Ids, image_to_video, product_avatar
from tests.sandbox.examples import SUBMITS as OWN
from tests.sandbox_fixture import SandboxDriver

CONTRACT = load()
SUBMITS = OWN | BY_CONTRACT
READS = {
    "listProductAvatarCategories": "",
    "queryPublicProductAvatars": "?pageSize=3&gender=female",
    "listAnyShootCategories": "",
    "listAnyShootTemplates": "?style=UGC&pageNo=2&pageSize=5",
    "getUploadCredential": "?format=png",
    "queryVoices": "?language=en",
    "listEthnicities": "?scene=video_avatar",
    "queryAiAvatars": "?sortType=asc",
    "listCaptions": "",
    "getCredit": "",
    "listCreditLogs": "?taskType=video_avatar",
    "getSpace": "",
    "listPhotoAvatars": "?isCustom=false",
    "listPhotoAvatarCategories": "",
    "listM2vTasks": "",
    "listBoards": "",
}
# Operations with a test of their own below, since they need something that exists.
OTHERS = {
    "exportM2v",
    "listM2vScripts",
    "updateM2vScript",
    "submitProductAvatarVideo",
    "queryProductAvatarVideo",
    "submitProductAvatarVideoV2",
    "queryProductAvatarVideoV2",
    "checkUpload",
    "checkNoticeUrl",
    "createPhotoAvatar",
    "deletePhotoAvatar",
    "deleteVoiceClone",
    "deleteM2vTasks",
    "createBoard",
    "getBoard",
    "updateBoard",
    "deleteBoard",
    "listBoardTasks",
    "getBoardTask",
    # The steps of two chains, in test_by_contract.py.
    "submitImageTranslateGenerate",
    "submitSegmentAnything",
    "querySegmentAnything",
    "submitVideoTracking",
    "queryVideoTracking",
    "submitVideoCharacterSwap",
    "queryVideoCharacterSwap",
}
QUERIES = {operation.id for example in SUBMITS.values() if (operation := CONTRACT.at("GET", example.query))}


def check(operation_id: str, status: int, envelope: object) -> None:
    assert status == 200
    Draft202012Validator(CONTRACT.operations[operation_id].answer).validate(envelope)


def test_every_core_operation_is_served_and_tried_here():
    tried = set(READS) | set(SUBMITS) | QUERIES | OTHERS
    assert {o.id for o in CONTRACT.operations.values() if o.core} <= tried
    assert {o.id for o in CONTRACT.operations.values() if is_served(o)} == tried


@pytest.mark.parametrize("operation_id", READS)
def test_a_read_answers_in_its_documented_shape(operation_id: str, sandbox: SandboxDriver):
    operation = CONTRACT.operations[operation_id]
    status, envelope = sandbox.call("GET", operation.path + READS[operation_id])
    check(operation_id, status, envelope)
    assert envelope["code"] == "200"


@pytest.mark.parametrize("operation_id", SUBMITS)
def test_a_task_answers_in_its_documented_shape_at_every_stage(
    operation_id: str, sandbox: SandboxDriver, ids: Ids
):
    example = SUBMITS[operation_id]
    query = CONTRACT.at("GET", example.query)
    assert query is not None
    sandbox.speed(60)
    status, envelope = sandbox.call("POST", example.submit, example.body(ids))
    check(operation_id, status, envelope)
    number = envelope["result"]["taskId"]

    status, envelope = sandbox.call("GET", f"{example.query}?taskId={number}")
    check(query.id, status, envelope)
    assert not [value for value in envelope["result"].values() if "http" in str(value) and "?" in str(value)]

    sandbox.finish(number)
    result = sandbox.wait(example.query, number)
    check(query.id, *sandbox.call("GET", f"{example.query}?taskId={number}"))
    assert result.get("status", result.get("taskStatus")) == "success"
    assert "/sandbox/results/" in str(result) or operation_id == "submitImageTranslate"
    assert sandbox.violations() == []


@pytest.mark.parametrize("operation_id", SUBMITS)
def test_a_failed_task_answers_in_its_documented_shape(operation_id: str, sandbox: SandboxDriver, ids: Ids):
    example = SUBMITS[operation_id]
    query = CONTRACT.at("GET", example.query)
    assert query is not None
    sandbox.fault("task-fail")
    number = sandbox.result("POST", example.submit, example.body(ids))["taskId"]
    result = sandbox.wait(example.query, number)
    check(query.id, *sandbox.call("GET", f"{example.query}?taskId={number}"))
    assert result.get("status", result.get("taskStatus")) == "fail"
    assert result["errorMsg"]
    assert sandbox.result("GET", "/user/credit/detail")["remainCredit"] == 1000


def make(sandbox: SandboxDriver, example: Example, body: object) -> dict[str, object]:
    number = sandbox.result("POST", example.submit, body)["taskId"]
    result: dict[str, object] = sandbox.wait(example.query, number)
    return result


def test_product_avatar_v1_goes_on_from_a_chosen_picture(sandbox: SandboxDriver, ids: Ids):
    rows = make(sandbox, SUBMITS["submitProductAvatarReplace"], product_avatar(ids))["productReplaceResult"]
    assert isinstance(rows, list) and len(rows) == 2
    path = "/v1/product_avatar/task/image2Video"
    body = {"productReplaceResultKey": rows[1]["key"], "mode": "lite", "image2VideoPrompt": "Turn slowly"}
    status, envelope = sandbox.call("POST", f"{path}/submit", body)
    check("submitProductAvatarVideo", status, envelope)
    sandbox.wait(f"{path}/result", envelope["result"]["taskId"])
    status, envelope = sandbox.call("GET", f"{path}/result?taskId={envelope['result']['taskId']}")
    check("queryProductAvatarVideo", status, envelope)
    assert envelope["result"]["finishedVideoUrl"]


def test_product_avatar_v2_goes_on_from_a_v3_picture(sandbox: SandboxDriver, ids: Ids):
    example = SUBMITS["submitProductAvatarReplaceV3"]
    rows = make(sandbox, example, example.body(ids))["replaceProductResult"]
    assert isinstance(rows, list)
    body = {
        "replaceProductTaskImageId": rows[0]["imageId"],
        "mode": "avatar4",
        "scriptMode": "text",
        "ttsText": "Look at this mug.",
        "voiceId": ids.voice,
    }
    path = "/v2/product_avatar/task/image2Video"
    status, envelope = sandbox.call("POST", f"{path}/submit", body)
    check("submitProductAvatarVideoV2", status, envelope)
    number = envelope["result"]["taskId"]
    sandbox.wait(f"{path}/query", number)
    check("queryProductAvatarVideoV2", *sandbox.call("GET", f"{path}/query?taskId={number}"))


def test_a_picture_that_is_no_replace_result_is_not_found(sandbox: SandboxDriver, ids: Ids):
    body = {"productReplaceResultKey": ids.image, "mode": "lite"}
    _status, envelope = sandbox.call("POST", "/v1/product_avatar/task/image2Video/submit", body)
    assert envelope["code"] == "4004"


def test_a_cut_out_can_be_used_as_the_next_input(sandbox: SandboxDriver, ids: Ids):
    example = SUBMITS["submitRemoveBackground"]
    cut_out = make(sandbox, example, example.body(ids))["bgRemovedImageFileId"]
    body = {"avatarId": ids.model, "productImageWithoutBackgroundFileId": cut_out}
    assert make(sandbox, SUBMITS["submitProductAvatarReplaceV2"], body)["status"] == "success"


def test_scraped_files_can_be_used_as_inputs(sandbox: SandboxDriver, ids: Ids):
    example = SUBMITS["submitScraperTask"]
    result = make(sandbox, example, example.body(ids))
    assert result["productName"] == "Red clay mug"
    images = result["productImages"]
    assert isinstance(images, list)
    body = image_to_video(ids) | {"imageFileId": images[0]["fileId"]}
    assert make(sandbox, SUBMITS["submitCommonImage2Video"], body)["status"] == "success"


def test_an_upload_is_checked_before_and_after(sandbox: SandboxDriver, ids: Ids):
    ticket = sandbox.result("GET", "/v1/upload/credential?format=png")
    status, envelope = sandbox.call("GET", f"/v1/upload/check?fileId={ticket['fileId']}")
    check("checkUpload", status, envelope)
    assert envelope["result"] is False
    assert sandbox.result("GET", f"/v1/upload/check?fileId={ids.image}") is True


def test_an_address_beyond_the_contract_is_not_found(sandbox: SandboxDriver):
    assert sandbox.call("GET", "/v1/no/such/thing")[0] == 404
    assert sandbox.call("GET", "/v1/m2v/task/submit")[0] == 405


def test_an_own_photo_avatar_is_made_listed_used_and_deleted(sandbox: SandboxDriver, ids: Ids):
    status, envelope = sandbox.call(
        "POST", "/v1/photo_avatar/template/create", {"templateImageFileId": ids.image}
    )
    check("createPhotoAvatar", status, envelope)
    number = envelope["result"]
    listed = sandbox.result("GET", "/v1/photo_avatar/template/list?isCustom=true")["data"]
    assert [row["avatarId"] for row in listed] == [number]
    body = {"avatarSourceFrom": 2, "aiAvatarId": number, "audioSourceFrom": 1, "ttsText": "Hi"}
    used = SUBMITS["submitVideoAvatarTask"]
    assert make(sandbox, used, body | {"voiceoverId": ids.voice})["status"] == "success"
    path = f"/v1/photo_avatar/template/delete?aiAvatarId={number}"
    check("deletePhotoAvatar", *sandbox.call("DELETE", path))
    assert sandbox.call("DELETE", path)[1]["code"] == "4004"


def test_a_cloned_voice_is_listed_used_and_deleted(sandbox: SandboxDriver, ids: Ids):
    example = SUBMITS["submitVoiceClone"]
    voice = make(sandbox, example, example.body(ids))["voice"]
    assert isinstance(voice, dict)
    listed = sandbox.result("GET", "/v1/voice/query?isCustom=true")["data"]
    assert [(row["voiceId"], row["voiceName"]) for row in listed] == [(voice["voiceId"], "Own voice")]
    spoken = SUBMITS["submitText2Voice"]
    assert make(sandbox, spoken, {"voiceText": "Hi", "voiceId": voice["voiceId"]})["status"] == "success"
    path = f"/v1/voice/clone/delete?voiceId={voice['voiceId']}"
    check("deleteVoiceClone", *sandbox.call("DELETE", path))
    assert sandbox.result("GET", "/v1/voice/query?isCustom=true")["data"] == []


def test_a_deleted_marketing_task_is_gone(sandbox: SandboxDriver, ids: Ids):
    example = SUBMITS["submitM2vTask"]
    number = make(sandbox, example, example.body(ids))["taskId"]
    assert sandbox.result("GET", "/v1/m2v/task/list")["data"][0]["taskId"] == number
    check("deleteM2vTasks", *sandbox.call("DELETE", "/v1/m2v/task/delete", {"taskIds": [number]}))
    assert sandbox.result("GET", "/v1/m2v/task/list")["data"] == []
    assert sandbox.call("GET", f"/v1/m2v/task/query?taskId={number}")[1]["code"] == "4004"


def test_a_task_is_filed_under_its_board(sandbox: SandboxDriver, ids: Ids):
    status, envelope = sandbox.call("POST", "/boards/create", {"name": "Spring"})
    check("createBoard", status, envelope)
    board = envelope["result"]["boardId"]
    check("updateBoard", *sandbox.call("PUT", "/boards/update", {"boardId": board, "name": "Summer"}))
    example = SUBMITS["submitText2Voice"]
    body = example.body(ids) | {"boardId": board}
    accepted = sandbox.result("POST", example.submit, body)
    assert accepted["boardId"] == board
    assert make(sandbox, example, body)["boardId"] == board
    sandbox.wait(example.query, accepted["taskId"])
    path = f"/boards/tasks/list?boardId={board}"
    status, envelope = sandbox.call("GET", f"{path}&mediaType=audio&toolCategory=voice")
    check("listBoardTasks", status, envelope)
    assert [row["taskId"] for row in envelope["result"]["list"]][-1] == accepted["taskId"]
    assert sandbox.result("GET", f"{path}&mediaType=video")["total"] == 0
    number = accepted["boardTaskIds"][0]
    check("getBoardTask", *sandbox.call("GET", f"/boards/tasks/detail?taskId={number}"))
    status, envelope = sandbox.call("GET", f"/boards/detail?boardId={board}")
    check("getBoard", status, envelope)
    assert (envelope["result"]["name"], envelope["result"]["taskCount"]) == ("Summer", 2)
    check("deleteBoard", *sandbox.call("DELETE", f"/boards/delete?boardId={board}"))
    assert sandbox.call("POST", example.submit, body)[1]["code"] == "4004"
