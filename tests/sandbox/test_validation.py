"""Requests that the contract forbids are refused with TopView's code, before anything is accepted."""

from typing import Any

import pytest

from tests.sandbox.examples import (
    SUBMITS,
    Ids,
    anyshoot,
    image_to_video,
    marketing,
    photo_avatar,
    product_avatar,
    public_avatar,
    uploaded_photo,
)
from tests.sandbox_fixture import SandboxDriver

NOBODY = "0" * 32
GONE = object()

VIDEO_AVATAR, I2V, M2V = "submitVideoAvatarTask", "submitCommonImage2Video", "submitM2vTask"
PHOTO, REPLACE, ANYSHOOT = "submitPhotoAvatar", "submitProductAvatarReplace", "submitAnyShootTask"

NEXT, MODELS = "submitProductAvatarReplaceV3", "submitImage2VideoV2"
SQUARE = [[0.2, 0.2], [0.6, 0.2], [0.6, 0.6], [0.2, 0.6]]
END = {"endFrameFileId": NOBODY}


def manual(ids: Ids) -> dict[str, Any]:
    """A place for the product, marked by hand."""
    whole = {"generateImageMode": "manual", "version": "v4", "location": SQUARE}
    return {"templateImageFileId": ids.image, "productImageFileId": ids.image, **whole}


def by_model(ids: Ids) -> dict[str, Any]:
    """A picture moved by a model of that name."""
    return {"model": "Kling V3", "firstFrameFileId": ids.image, "duration": 5}


REFUSED: list[tuple[str, str, Any, dict[str, Any], str]] = [
    ("a person source is missing", VIDEO_AVATAR, public_avatar, {"avatarSourceFrom": GONE}, "4003"),
    ("a required value is null", VIDEO_AVATAR, public_avatar, {"avatarSourceFrom": None}, "4003"),
    ("a person source is unknown", VIDEO_AVATAR, public_avatar, {"avatarSourceFrom": 7}, "4000"),
    ("person 0 has no video", VIDEO_AVATAR, public_avatar, {"avatarSourceFrom": 0}, "4003"),
    ("person 1 has no avatar", VIDEO_AVATAR, public_avatar, {"aiAvatarId": GONE}, "4003"),
    ("person 3 has no picture", VIDEO_AVATAR, uploaded_photo, {"imageFileId": GONE}, "4003"),
    ("voice 0 has no audio", VIDEO_AVATAR, uploaded_photo, {"audioFileId": GONE}, "4003"),
    ("voice 1 has no text", VIDEO_AVATAR, public_avatar, {"ttsText": GONE}, "4003"),
    ("the text is blank", VIDEO_AVATAR, public_avatar, {"ttsText": "  "}, "4003"),
    (
        "a photo speaks without a voice",
        VIDEO_AVATAR,
        uploaded_photo,
        {"audioSourceFrom": 1, "ttsText": "Hi", "voiceoverId": GONE},
        "4003",
    ),
    ("the text is a number", VIDEO_AVATAR, public_avatar, {"ttsText": 5}, "4001"),
    ("the speed is too high", VIDEO_AVATAR, public_avatar, {"voiceSpeed": 1.3}, "4000"),
    ("the avatar is unknown", VIDEO_AVATAR, public_avatar, {"aiAvatarId": NOBODY}, "4004"),
    ("an own person has no avatar", VIDEO_AVATAR, uploaded_photo, {"avatarSourceFrom": 2}, "4003"),
    (
        "a public avatar is called own",
        VIDEO_AVATAR,
        public_avatar,
        {"avatarSourceFrom": 2, "voiceoverId": Ids.voice},
        "4004",
    ),
    ("the voice is unknown", VIDEO_AVATAR, public_avatar, {"voiceoverId": NOBODY}, "4004"),
    ("the caption is unknown", VIDEO_AVATAR, public_avatar, {"captionId": NOBODY}, "4004"),
    ("the picture is unknown", VIDEO_AVATAR, uploaded_photo, {"imageFileId": NOBODY}, "4004"),
    ("the callback is no address", VIDEO_AVATAR, public_avatar, {"noticeUrl": "ftp://x/y"}, "4000"),
    ("the duration is between", I2V, image_to_video, {"duration": 7}, "4000"),
    ("the duration is a word", I2V, image_to_video, {"duration": "five"}, "4001"),
    ("the duration is text with a fraction", I2V, image_to_video, {"duration": "5.0"}, "4001"),
    ("the duration as text is between", I2V, image_to_video, {"duration": "7"}, "4000"),
    ("the mode is missing", I2V, image_to_video, {"mode": GONE}, "4003"),
    ("five outputs are asked", I2V, image_to_video, {"generatingCount": 5}, "4000"),
    ("no output is asked", I2V, image_to_video, {"generatingCount": 0}, "4000"),
    ("there is no material", M2V, marketing, {"fileIds": GONE}, "4003"),
    ("the material is empty", M2V, marketing, {"fileIds": []}, "4003"),
    ("the product has no name", M2V, marketing, {"productName": GONE}, "4003"),
    ("the product has no description", M2V, marketing, {"productDescription": GONE}, "4003"),
    ("the style prompt is missing", M2V, marketing, {"diyStyle": "diyScriptPrompt"}, "4003"),
    ("preview is a capital word", M2V, marketing, {"preview": "True"}, "4001"),
    ("preview is a word", M2V, marketing, {"preview": "yes"}, "4001"),
    ("the aspect is unknown", M2V, marketing, {"aspectRatio": "2:1"}, "4000"),
    ("an English voice speaks Thai", M2V, marketing, {"language": "th"}, "4000"),
    ("the photo is missing", PHOTO, photo_avatar, {"templateImageFileId": GONE}, "4003"),
    ("the words are missing", PHOTO, photo_avatar, {"ttsText": GONE}, "4003"),
    ("the audio is missing", PHOTO, photo_avatar, {"scriptMode": "audio"}, "4003"),
    ("a setting is out of range", PHOTO, photo_avatar, {"voiceSettings": {"volume": 201}}, "4000"),
    ("the model is missing", REPLACE, product_avatar, {"avatarId": GONE}, "4003"),
    ("the prompt is missing", REPLACE, product_avatar, {"imageEditPrompt": GONE}, "4003"),
    ("the size is a number", REPLACE, product_avatar, {"productSize": 2}, "4001"),
    ("the template is missing", ANYSHOOT, anyshoot, {"templateImageFileId": GONE}, "4003"),
    ("the mask is missing", ANYSHOOT, anyshoot, {"templateMaskFileId": GONE}, "4003"),
    ("the place has two points", NEXT, manual, {"location": [[0.1, 0.1], [0.6, 0.6]]}, "4000"),
    ("the place has five points", NEXT, manual, {"location": [*SQUARE, [0.1, 0.3]]}, "4000"),
    (
        "a point of the place has three numbers",
        NEXT,
        manual,
        {"location": [*SQUARE[:3], [0.1, 0.5, 1]]},
        "4000",
    ),
    ("a point of the place is text", NEXT, manual, {"location": [*SQUARE[:3], ["0.1", 0.5]]}, "4001"),
    ("the place is text", NEXT, manual, {"location": "10.5,20.0 30.5,40.0"}, "4001"),
    ("a place by hand has no points", NEXT, manual, {"location": GONE}, "4003"),
    ("the place is in pixels", NEXT, manual, {"location": [[10, 20], [90, 20], [90, 60], [10, 60]]}, "4000"),
    (
        "the place lies beside the picture",
        NEXT,
        manual,
        {"location": [[1.1, y] for y in (0, 0, 1, 1)]},
        "4000",
    ),
    ("the model lacks a resolution", MODELS, by_model, {"resolution": 480}, "4000"),
    ("the model lacks a length", MODELS, by_model, {"duration": 2}, "4000"),
    ("the model is unknown", MODELS, by_model, {"model": "Kling V99"}, "4000"),
    ("a model lacks sound", MODELS, by_model, {"model": "Kling 2.5 Turbo Std", "sound": "on"}, "4000"),
    ("a model takes no end frame", MODELS, by_model, {"model": "Sora 2", "duration": 4, **END}, "4000"),
    ("a model of references has a frame", MODELS, by_model, {"model": "Kling V3 Reference Video"}, "4000"),
    (
        "a shape is not the model's",
        MODELS,
        by_model,
        {"model": "Sora 2", "duration": 4, "aspectRatio": "1:1"},
        "4000",
    ),
    ("an end frame has no first one", MODELS, by_model, {"firstFrameFileId": GONE, **END}, "4003"),
    (
        "the template is unknown",
        ANYSHOOT,
        anyshoot,
        {"templateImageFileId": GONE, "templateId": NOBODY},
        "4004",
    ),
]


@pytest.mark.parametrize(
    ("operation", "body", "change", "code"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_it_is_refused_when(
    operation: str, body: Any, change: dict[str, Any], code: str, sandbox: SandboxDriver, ids: Ids
):
    sent = {key: value for key, value in (body(ids) | change).items() if value is not GONE}
    status, envelope = sandbox.call("POST", SUBMITS[operation].submit, sent)
    assert (status, envelope["code"], envelope["result"]) == (200, code, None)
    assert sandbox.accepted() == 0


def test_a_refusal_says_what_the_model_supports(sandbox: SandboxDriver, ids: Ids):
    body = by_model(ids) | {"resolution": 480}
    assert sandbox.call("POST", SUBMITS[MODELS].submit, body)[1]["message"] == (
        "kling-v3 supports resolutions: 720, 1080."
    )


def test_a_refusal_says_how_many_points_a_place_has(sandbox: SandboxDriver, ids: Ids):
    body = manual(ids) | {"location": SQUARE[:2]}
    assert "4 are needed, not 2" in sandbox.call("POST", SUBMITS[NEXT].submit, body)[1]["message"]


@pytest.mark.parametrize("place", [SQUARE, [[-0.5, 0.2], [0.1, 0.2], [0.1, 1.7], [-0.5, 1.7]]])
def test_a_place_may_reach_beyond_the_picture(place: Any, sandbox: SandboxDriver, ids: Ids):
    sandbox.result("POST", SUBMITS[NEXT].submit, manual(ids) | {"location": place})
    assert sandbox.violations() == []


@pytest.mark.parametrize(
    ("operation", "body", "change"),
    [
        (I2V, image_to_video, {"duration": "5", "generatingCount": "2"}),
        (M2V, marketing, {"preview": "true", "isDiyScript": "false", "videoLengthType": "2"}),
        (VIDEO_AVATAR, public_avatar, {"voiceSpeed": "0.9", "isSave2CustomAiAvatar": "false"}),
        (PHOTO, photo_avatar, {"offPeak": "true", "voiceSettings": {"volume": "100"}}),
        (NEXT, manual, {"productSize": "3"}),
        (ANYSHOOT, anyshoot, {"generatingCount": "2"}),
    ],
)
def test_marked_text_is_taken_for_what_it_stands_for(
    operation: str, body: Any, change: dict[str, Any], sandbox: SandboxDriver, ids: Ids
):
    sandbox.speed(60)
    number = sandbox.result("POST", SUBMITS[operation].submit, body(ids) | change)["taskId"]
    assert sandbox.sandbox is not None and sandbox.sandbox.state is not None
    task = sandbox.sandbox.state.task_store.task(number)
    assert task is not None
    found = {key: task.body[key] for key in change}
    assert not any(
        isinstance(value, str) for value in [*found.values(), *found.get("voiceSettings", {}).values()]
    )
    assert sandbox.violations() == []


def test_the_word_false_makes_no_preview(sandbox: SandboxDriver, ids: Ids):
    sandbox.result("POST", SUBMITS[M2V].submit, marketing(ids) | {"preview": "false"})
    assert sandbox.state()["accepted"]["operations"] == {M2V: 1}
    (task,) = sandbox.state()["tasks"]
    assert len(task["jobs"]) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"avatarSourceFrom": "1", "audioSourceFrom": "1", "modeType": "1"},
        {"captionId": None, "voiceoverId": None, "noticeUrl": None},
        {"voiceSpeed": 0.8, "isSave2CustomAiAvatar": False},
    ],
    ids=["enums are text", "optional values are null", "limits are reached"],
)
def test_it_is_accepted_when(change: dict[str, Any], sandbox: SandboxDriver, ids: Ids):
    sandbox.result("POST", SUBMITS[VIDEO_AVATAR].submit, public_avatar(ids) | change)
    assert sandbox.accepted(VIDEO_AVATAR) == 1
    assert sandbox.violations() == []


def test_a_link_makes_files_and_names_needless(sandbox: SandboxDriver):
    body = {"productLink": "https://shop.example/mug", "fileIds": [NOBODY], "preview": True}
    sandbox.result("POST", SUBMITS[M2V].submit, body)


@pytest.mark.parametrize(
    ("body", "code"), [(b"", "4001"), (b"{", "4001"), (b"[]", "4001"), (b'"text"', "4001")]
)
def test_a_body_that_is_no_object_is_refused(body: bytes, code: str, sandbox: SandboxDriver):
    _status, envelope = sandbox.call("POST", SUBMITS[I2V].submit, body)
    assert envelope["code"] == code


def test_a_file_of_the_wrong_sort_is_refused(sandbox: SandboxDriver, ids: Ids):
    body = image_to_video(ids) | {"imageFileId": ids.audio}
    assert sandbox.call("POST", SUBMITS[I2V].submit, body)[1]["code"] == "4000"


def test_a_file_that_never_arrived_is_not_found(sandbox: SandboxDriver, ids: Ids):
    ticket = sandbox.result("GET", "/v1/upload/credential?format=png")
    body = image_to_video(ids) | {"imageFileId": ticket["fileId"]}
    assert sandbox.call("POST", SUBMITS[I2V].submit, body)[1]["code"] == "4004"


def test_files_and_tasks_of_another_account_are_not_found(sandbox: SandboxDriver, ids: Ids):
    number = sandbox.result("POST", SUBMITS[I2V].submit, image_to_video(ids))["taskId"]
    sandbox.account("Stranger0000000000AB", "sk-stranger", 1000)
    stranger = {"Topview-Uid": "Stranger0000000000AB", "Authorization": "Bearer sk-stranger"}
    path = SUBMITS[I2V]
    assert sandbox.call("POST", path.submit, image_to_video(ids), **stranger)[1]["code"] == "4004"
    assert sandbox.call("GET", f"{path.query}?taskId={number}", **stranger)[1]["code"] == "4004"
    assert sandbox.call("GET", f"/v1/upload/check?fileId={ids.image}", **stranger)[1]["code"] == "4004"


def test_a_task_is_not_found_by_another_family(sandbox: SandboxDriver, ids: Ids):
    number = sandbox.result("POST", SUBMITS[I2V].submit, image_to_video(ids))["taskId"]
    assert sandbox.call("GET", f"/v1/video_avatar/task/query?taskId={number}")[1]["code"] == "4004"


@pytest.mark.parametrize(
    "headers",
    [
        {"Topview-Uid": ""},
        {"Topview-Uid": "Nobody00000000000000"},
        {"Authorization": ""},
        {"Authorization": "Bearer sk-wrong"},
        {"Authorization": SandboxDriver.key},
        {"Topview-Uid": SandboxDriver.empty_uid},
    ],
    ids=["no uid", "unknown uid", "no key", "wrong key", "no Bearer", "uid and key of two accounts"],
)
def test_wrong_credentials_are_refused_in_both_layers(headers: dict[str, str], sandbox: SandboxDriver):
    status, envelope = sandbox.call("GET", "/user/credit/detail", **headers)
    assert (status, envelope["code"]) == (401, "401")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/voice/query?gender=other", "4000"),
        ("/v1/voice/query?pageNo=x", "4000"),
        ("/v1/voice/query?pageNo=0", "4000"),
        ("/v1/voice/query?isCustom=maybe", "4000"),
        ("/v1/ethnicity/list", "4003"),
        ("/v1/ethnicity/list?scene=other", "4000"),
        ("/v1/upload/credential?format=exe", "4000"),
        ("/v1/video_avatar/task/query", "4003"),
        ("/user/credit/logs?startTime=yesterday", "4000"),
    ],
)
def test_a_wrong_query_is_refused(path: str, code: str, sandbox: SandboxDriver):
    assert sandbox.call("GET", path)[1]["code"] == code


def test_unknown_keys_are_accepted_and_counted_by_name(sandbox: SandboxDriver, ids: Ids):
    body = photo_avatar(ids) | {"ttstext": "Hi", "voiceSettings": {"loudness": 3}}
    for _time in range(2):
        sandbox.result("POST", SUBMITS[PHOTO].submit, body)
    sandbox.result("GET", "/v1/voice/query?pageNum=2")
    found = {(row["operation"], row["what"]): row["count"] for row in sandbox.violations()}
    assert found == {
        (PHOTO, "ttstext"): 2,
        (PHOTO, "voiceSettings.loudness"): 2,
        ("queryVoices", "?pageNum"): 1,
    }


def test_a_submit_that_costs_more_than_is_left_is_refused(sandbox: SandboxDriver, ids: Ids):
    sandbox.account(sandbox.uid, sandbox.key, "3")
    sandbox.speed(60)
    body = image_to_video(ids)
    sandbox.result("POST", SUBMITS[I2V].submit, body)
    assert sandbox.call("POST", SUBMITS[I2V].submit, body)[1]["code"] == "4100"
    one = body | {"generatingCount": 1}
    for _time in range(2):
        sandbox.result("POST", SUBMITS[I2V].submit, one)
    assert sandbox.call("POST", SUBMITS[I2V].submit, one)[1]["code"] == "4100"


def test_an_empty_account_can_still_ask_for_what_is_free(sandbox: SandboxDriver):
    headers = {"Topview-Uid": sandbox.empty_uid, "Authorization": f"Bearer {sandbox.empty_key}"}
    body: dict[str, object] = {"productLink": "https://shop.example/mug"}
    assert sandbox.call("POST", SUBMITS["submitScraperTask"].submit, body, **headers)[1]["code"] == "200"
    body = {"productLink": "https://shop.example/mug", "preview": False}
    assert sandbox.call("POST", SUBMITS[M2V].submit, body, **headers)[1]["code"] == "4100"
