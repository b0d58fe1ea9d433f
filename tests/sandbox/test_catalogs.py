"""The catalogs: pages and filters."""

from urllib.parse import quote

import pytest

from tasks.contract import load
from tests.sandbox.examples import SUBMITS, Ids, uploaded_photo
from tests.sandbox_fixture import SandboxDriver

VOICES = load().rows("voices")
AVATARS = load().rows("ai_avatars")
MODELS = load().rows("public_product_avatars")
TEMPLATES = load().rows("anyshoot_templates")


def test_pages_together_hold_every_row_once(sandbox: SandboxDriver):
    found = []
    for number in (1, 2, 3):
        page = sandbox.result("GET", f"/v1/voice/query?pageNo={number}&pageSize=20")
        assert (page["total"], page["pageNo"], page["pageSize"]) == (len(VOICES), number, 20)
        found += [row["voiceId"] for row in page["data"]]
    assert found == [row["voiceId"] for row in VOICES]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("language", "es"),
        ("gender", "male"),
        ("age", "Middle Age"),
        ("style", "UGC"),
        ("accent", "British"),
    ],
)
def test_voices_are_filtered(key: str, value: str, sandbox: SandboxDriver):
    page = sandbox.result("GET", f"/v1/voice/query?pageSize=100&{key}={quote(value)}")
    wanted = [row["voiceId"] for row in VOICES if row[key] == value]
    assert wanted
    assert [row["voiceId"] for row in page["data"]] == wanted


def test_avatars_are_filtered_by_gender_and_several_ethnicities(sandbox: SandboxDriver):
    ids = [row["ethnicityId"] for row in load().rows("ethnicities_video_avatar")[:2]]
    path = f"/v1/aiavatar/query?pageSize=100&gender=female&ethnicityIdList={ids[0]},{ids[1]}"
    wanted = [
        row["aiavatarId"]
        for row in AVATARS
        if row["gender"] == "female" and any(e["ethnicityId"] in ids for e in row["ethnicities"])
    ]
    assert wanted
    assert [row["aiavatarId"] for row in sandbox.result("GET", path)["data"]] == wanted


def test_product_avatars_are_filtered_and_sorted(sandbox: SandboxDriver):
    category = MODELS[0]["avatarCategoryList"][0]["categoryId"]
    path = f"/v1/product_avatar/public_avatar/query?pageSize=100&categoryIds={category}"
    wanted = [
        row["avatarId"]
        for row in MODELS
        if category in [one["categoryId"] for one in row["avatarCategoryList"]]
    ]
    assert [row["avatarId"] for row in sandbox.result("GET", path)["data"]] == wanted
    newest = sandbox.result("GET", f"{path}&sortingType=Newest")["data"]
    assert [row["avatarId"] for row in newest] == wanted[::-1]


def test_templates_are_filtered_by_style(sandbox: SandboxDriver):
    page = sandbox.result("GET", "/v1/product_anyShoot/template/list?pageSize=100&style=Pro")
    assert page["total"] == sum(row["style"] == "Pro" for row in TEMPLATES)


def test_media_addresses_lead_back_to_where_the_caller_asked(sandbox: SandboxDriver):
    row = sandbox.result("GET", "/v1/caption/list")[0]
    assert row["thumbnail"].startswith(f"{sandbox.base_url}/sandbox/media/captions/")
    _status, envelope = sandbox.call("GET", "/v1/caption/list", Host="portal.test:1234")
    assert envelope["result"][0]["thumbnail"].startswith("http://portal.test:1234/sandbox/")


def test_an_uploaded_person_is_kept_as_own_avatar_when_the_task_succeeds(sandbox: SandboxDriver, ids: Ids):
    example = SUBMITS["submitVideoAvatarTask"]
    own = "/v1/aiavatar/query?isCustom=true"
    body = uploaded_photo(ids) | {"isSave2CustomAiAvatar": True}
    sandbox.fault("task-fail", next=1)
    sandbox.wait(example.query, sandbox.result("POST", example.submit, body)["taskId"])
    assert sandbox.result("GET", own)["total"] == 0
    sandbox.wait(example.query, sandbox.result("POST", example.submit, body)["taskId"])
    (row,) = sandbox.result("GET", own)["data"]
    assert row["aiavatarId"] not in [one["aiavatarId"] for one in AVATARS]
    speak = {
        "avatarSourceFrom": 2,
        "aiAvatarId": row["aiavatarId"],
        "audioSourceFrom": 1,
        "ttsText": "Hello",
        "voiceoverId": ids.voice,
    }
    number = sandbox.result("POST", example.submit, speak)["taskId"]
    assert sandbox.wait(example.query, number)["status"] == "success"
