"""What a task costs, when, and what the log says about it."""

import pytest

from tasks.contract import load
from tasks.sandbox.prices import price
from tests.sandbox.examples import SUBMITS, Ids, anyshoot, image_to_video, marketing, photo_avatar
from tests.sandbox_fixture import SandboxDriver


def left(sandbox: SandboxDriver) -> float:
    return float(sandbox.result("GET", "/user/credit/detail")["remainCredit"])


@pytest.mark.parametrize(
    ("operation", "change", "cost", "word"),
    [
        ("submitCommonImage2Video", {"mode": "best", "generatingCount": 3}, 23.25, "common_task_image2video"),
        (
            "submitImage2VideoV2",
            {"model": "Veo 3.1", "duration": 8, "resolution": 2160, "sound": "on", "generatingCount": 4},
            105.6,
            "common_task_image2video",
        ),
        ("submitImage2VideoV2", {"model": "Fast", "resolution": 720}, 5, "common_task_image2video"),
        ("submitAnyShootTask", {}, 2, "product_anyfit"),
        ("submitProductAvatarReplaceV3", {}, 0.5, "pa2_replace_product_image"),
        # The sketched talk lasts 3 s.
        ("submitPhotoAvatar", {"mode": "avatar2"}, 1.2, "photo_avatar4"),
        ("submitPhotoAvatar", {"offPeak": True}, 0.15, "photo_avatar4"),
        ("submitVoiceClone", {}, 1, "voice_clone"),
        ("submitText2Voice", {}, 0.1, "voice_text2voice"),
        ("submitM2vTask", {"preview": False}, 5, "m2v"),
    ],
)
def test_a_success_is_charged_and_logged(
    operation: str, change: dict[str, object], cost: float, word: str, sandbox: SandboxDriver, ids: Ids
):
    example = SUBMITS[operation]
    sandbox.speed(60)
    number = sandbox.result("POST", example.submit, example.body(ids) | change)["taskId"]
    assert left(sandbox) == 1000
    sandbox.finish(number)
    result = sandbox.wait(example.query, number)
    assert result.get("costCredit", cost) == pytest.approx(cost)
    assert left(sandbox) == pytest.approx(1000 - cost)
    (row,) = sandbox.result("GET", "/user/credit/logs")["data"]
    assert (row["taskId"], row["taskType"], row["costCredit"]) == (number, word, cost)
    assert (row["apiKey"], row["uid"]) == (sandbox.key, sandbox.uid)


@pytest.mark.parametrize("operation", ["submitScraperTask", "submitRemoveBackground", "submitM2vTask"])
def test_what_is_free_leaves_no_trace_in_the_log(operation: str, sandbox: SandboxDriver, ids: Ids):
    example = SUBMITS[operation]
    sandbox.wait(example.query, sandbox.result("POST", example.submit, example.body(ids))["taskId"])
    assert left(sandbox) == 1000
    assert sandbox.result("GET", "/user/credit/logs")["data"] == []


def test_amounts_stay_exact(sandbox: SandboxDriver, ids: Ids):
    example = SUBMITS["submitPhotoAvatar"]
    numbers = [sandbox.result("POST", example.submit, photo_avatar(ids))["taskId"] for _time in range(3)]
    for number in numbers:
        sandbox.wait(example.query, number)
    assert left(sandbox) == 999.1


def test_the_log_is_filtered_by_type_and_time(sandbox: SandboxDriver, ids: Ids):
    for operation, body in (("submitAnyShootTask", anyshoot), ("submitCommonImage2Video", image_to_video)):
        example = SUBMITS[operation]
        sandbox.wait(example.query, sandbox.result("POST", example.submit, body(ids))["taskId"])
    logs = "/user/credit/logs"
    assert sandbox.result("GET", logs)["total"] == 2
    assert sandbox.result("GET", f"{logs}?taskType=product_anyfit")["total"] == 1
    assert sandbox.result("GET", f"{logs}?endTime=2020-01-01%2000:00:00")["total"] == 0
    assert sandbox.result("GET", f"{logs}?startTime=2020-01-01%2000:00:00")["total"] == 2
    assert sandbox.result("GET", f"{logs}?startTime=2999-01-01%2000:00:00")["total"] == 0


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("marketing_export", "/v1/m2v/export"),
        ("voice_clone", "/v1/voice/clone/task/submit"),
        ("text_to_voice", "/v1/voice/text2voice/task/submit"),
        ("anyshoot_picture", "/v1/product_anyShoot/task/submit"),
        ("product_avatar_replace_v3_task", "/v3/product_avatar/task/image_replace/submit"),
    ],
)
def test_a_documented_price_is_the_one_in_the_contract(name: str, path: str):
    words = load().document["paths"][path]["post"]["x-credits"]
    assert str(price(name)) in words.split()


def test_used_space_is_what_was_stored(sandbox: SandboxDriver):
    sandbox.upload(b"x" * 1234, "png")
    assert sandbox.result("GET", "/user/space")["usedDiskSpace"] == {"size": 1234, "unit": "byte"}


def test_a_preview_that_is_exported_costs_one_export(sandbox: SandboxDriver, ids: Ids):
    example = SUBMITS["submitM2vTask"]
    number = sandbox.result("POST", example.submit, marketing(ids))["taskId"]
    sandbox.wait(example.query, number)
    sandbox.result("POST", "/v1/m2v/export", {"taskId": number, "scriptId": 2})
    sandbox.wait(example.query, number)
    assert left(sandbox) == 995
