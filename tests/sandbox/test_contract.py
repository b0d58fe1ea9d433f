"""The contract's loader."""

import pytest
from jsonschema import Draft202012Validator

from tasks.contract import load

CATALOGS = {
    "voices": "queryVoices",
    "ai_avatars": "queryAiAvatars",
    "ethnicities_video_avatar": "listEthnicities",
    "ethnicities_product_avatar": "listEthnicities",
    "captions": "listCaptions",
    "product_avatar_categories": "listProductAvatarCategories",
    "public_product_avatars": "queryPublicProductAvatars",
    "anyshoot_template_categories": "listAnyShootCategories",
    "anyshoot_templates": "listAnyShootTemplates",
}


@pytest.mark.parametrize(("name", "operation"), CATALOGS.items())
def test_a_sample_catalog_is_a_valid_answer_of_its_operation(name: str, operation: str):
    envelope = {"code": "200", "message": "Success", "result": load().catalog(name)}
    Draft202012Validator(load().operations[operation].answer).validate(envelope)
    assert load().rows(name)


def test_every_schema_is_one_a_validator_takes():
    for operation in load().operations.values():
        for schema in (operation.request, operation.answer):
            if schema is not None:
                Draft202012Validator.check_schema(schema)


def test_operations_are_found_by_their_address():
    operation = load().at("get", "/v1/product_avatar/task/image2Video/result")
    assert operation is not None
    assert (operation.id, operation.core) == ("queryProductAvatarVideo", True)
    assert [(p.name, p.required) for p in operation.parameters] == [
        ("taskId", True),
        ("needCloudFrontUrl", False),
    ]
    assert load().at("POST", operation.path) is None
    assert load().methods_at("/v1/m2v/task/delete") == ["DELETE"]


def test_the_calls_that_create_work_are_known():
    working = {o.id for o in load().operations.values() if o.creates_work}
    assert {"submitM2vTask", "exportM2v", "updateM2vScript", "submitText2Voice"} <= working
    assert not {"createPhotoAvatar", "checkNoticeUrl", "queryM2vTask", "createBoard"} & working


def test_codes_and_callback_words_are_read():
    assert {"200", "401", "4003", "4100", "6001"} <= set(load().error_codes)
    words = load().operations["submitM2vTask"].biz_types
    assert words == ("M2V_PREVIEW", "M2V_EXPORT", "M2V_SCRIPT")


def test_it_is_read_once():
    assert load() is load()
