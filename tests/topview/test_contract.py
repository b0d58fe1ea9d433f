"""What the client sends and reads agrees with the contract, which was not written from the client."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tasks.contract import Operation, load
from tasks.topview.client import TopViewClient
from tests.topview.server import Request, Step, says

CONTRACT = load()
NOW = datetime.datetime.now(datetime.UTC)

#: A call of the client, the operation it must be, and the documented answer that is sent to it.
CALLS: dict[str, tuple[Callable[[TopViewClient], Any], Any]] = {
    "getUploadCredential": (
        lambda client: client.upload_ticket("png"),
        {
            "fileId": "7c1f0e4b93ad42d8b5e6a0c2d14f9e83",
            "format": "png",
            "uploadUrl": "https://store.example/x",
        },
    ),
    "checkUpload": (lambda client: client.uploaded("7c1f0e4b"), True),
    "queryVoices": (
        lambda client: list(
            client.voices(language="en", gender="male", age="Old", style="UGC", isCustom=False)
        ),
        CONTRACT.catalog("voices"),
    ),
    "queryAiAvatars": (lambda client: list(client.avatars(custom=True)), CONTRACT.catalog("ai_avatars")),
    "listEthnicities": (
        lambda client: list(client.ethnicities("video_avatar")),
        CONTRACT.catalog("ethnicities_video_avatar"),
    ),
    "listCaptions": (lambda client: list(client.captions()), CONTRACT.catalog("captions")),
    "listAnyShootCategories": (
        lambda client: list(client.anyshoot_categories()),
        CONTRACT.catalog("anyshoot_template_categories"),
    ),
    "listAnyShootTemplates": (
        lambda client: list(client.anyshoot_templates(category_ids="1,2", style="Pro")),
        CONTRACT.catalog("anyshoot_templates"),
    ),
    "listProductAvatarCategories": (
        lambda client: list(client.product_avatar_categories()),
        CONTRACT.catalog("product_avatar_categories"),
    ),
    "queryPublicProductAvatars": (
        lambda client: list(client.product_avatars(gender="female", sortingType="Newest", categoryIds="1")),
        CONTRACT.catalog("public_product_avatars"),
    ),
    "listPhotoAvatars": (
        lambda client: list(client.photo_avatars(custom=False, categories="c1")),
        {"total": 1, "pageNo": 1, "pageSize": 50, "data": [{"avatarId": "a", "imageS3Path": None}]},
    ),
    "listPhotoAvatarCategories": (
        lambda client: list(client.photo_avatar_categories()),
        {"total": 0, "pageNo": 1, "pageSize": 50, "data": []},
    ),
    "createPhotoAvatar": (lambda client: client.keep_photo_avatar("f1"), "a1"),
    "deletePhotoAvatar": (lambda client: client.delete_photo_avatar("a1"), None),
    "deleteVoiceClone": (lambda client: client.delete_voice("v1"), None),
    "checkNoticeUrl": (lambda client: client.check_notice("https://portal.example/n"), None),
    "getCredit": (lambda client: client.credit(), {"uid": "u", "remainCredit": 3.5, "expiredTime": None}),
    "getSpace": (
        lambda client: client.space(),
        {
            "uid": "u",
            "usedDiskSpace": {"size": 1024, "unit": "byte"},
            "maxDiskSpace": {"size": 2048, "unit": "byte"},
        },
    ),
    "listCreditLogs": (
        lambda client: list(client.credit_logs(start=NOW, end=NOW, task_type="video_avatar")),
        {"total": 1, "pageNo": 1, "pageSize": 50, "data": [{"taskId": "t", "costCredit": 0.5}]},
    ),
    "queryVideoAvatarTask": (
        lambda client: client.query("/v1/video_avatar/task/query", "t1"),
        {"taskId": "t1", "status": "running", "errorMsg": None, "outputVideoUrl": None},
    ),
    "queryProductAvatarReplace": (
        lambda client: client.query("/v1/product_avatar/task/image_replace/result", "t1"),
        {"taskId": "t1", "taskStatus": "failed", "errorMsg": "no face", "productReplaceResult": None},
    ),
}


def violations(request: Request, operation: Operation) -> Iterator[str]:
    """What in a request is not as its operation says."""
    known = {parameter.name: parameter for parameter in operation.parameters}
    yield from (f"{name} is not a parameter" for name in request.query if name not in known)
    yield from (
        f"{name} is missing" for name, one in known.items() if one.required and name not in request.query
    )
    for name, text in request.query.items():
        schema = known[name].schema if name in known else {}
        typed = json.loads(text) if schema.get("type") in ("integer", "boolean") else text
        yield from (error.message for error in Draft202012Validator(schema).iter_errors(typed))
    if operation.request is not None:
        yield from (
            error.message for error in Draft202012Validator(operation.request).iter_errors(request.json())
        )


def answers(operation: Operation, result: Any) -> Step:
    """A documented answer, checked to be one."""
    envelope = {"code": "200", "message": "Success", "result": result}
    assert not list(Draft202012Validator(operation.answer).iter_errors(envelope)), (
        "a sample must be valid itself"
    )
    return says(result)


@pytest.mark.parametrize("operation_id", CALLS)
def test_a_call_is_what_the_contract_says_and_its_answer_is_understood(server, client, operation_id):
    call, result = CALLS[operation_id]
    operation = CONTRACT.operations[operation_id]
    server.script = [answers(operation, result)]
    got = call(client)
    request = server.requests[0]
    assert (request.method, request.path) == (operation.method, operation.path)
    assert list(violations(request, operation)) == []
    if isinstance(result, dict) and "data" in result:
        assert len(got) == len(result["data"])
    if isinstance(result, list):
        assert got == result


def test_every_read_of_the_core_has_a_call_or_is_a_query_of_a_kind():
    reads = {one.id for one in CONTRACT.operations.values() if one.core and one.method == "GET"}
    queries = {
        one.id
        for one in CONTRACT.operations.values()
        if [parameter.name for parameter in one.parameters if parameter.required] == ["taskId"]
    }
    assert reads - queries <= set(CALLS)
